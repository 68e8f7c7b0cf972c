"""Fixtures for tests on real rows: one MariaDB for the session, and the APIs over it.

What they need is imported by them, so that tests of pure stages do not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.conftest import mariadb

if TYPE_CHECKING:
    from handler.stores.url import DatabaseUrl
    from local.servers import MariaDb
    from tests.apis import Api

__all__ = ["mariadb"]

SDL = Path(__file__).parents[1] / "sdl"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--rewrite-golden`` writes the golden files anew instead of comparing them."""
    parser.addoption("--rewrite-golden", action="store_true", help="write the golden cases anew")


@pytest.fixture(scope="session")
def northwind_database(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    """The Northwind orders, loaded by the ingest. Tests only read it."""
    import asyncio

    from handler.ingest.run import ingest
    from handler.migrate import migrate
    from tests.integration.servers import MIGRATIONS, NORTHWIND, fresh_database

    with fresh_database(mariadb) as url:
        asyncio.run(migrate(url, MIGRATIONS))
        report = asyncio.run(ingest(url, NORTHWIND))
        assert report.rejected == 0
        yield url


@pytest.fixture(scope="session")
def northwind(northwind_database: DatabaseUrl) -> Iterator[Api]:
    """The example API over the Northwind orders."""
    from tests.apis import open_api

    with open_api(northwind_database, SDL) as api:
        yield api
