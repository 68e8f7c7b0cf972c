"""No request reaches a mistake of ours, with the real database and cache behind the App."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.language.limits import Limits
from handler.settings import AUTOMATIC, Settings
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.domains.database import insert_rows
from tests.domains.staff.rows import staff_rows
from tests.hostile import ask_many
from tests.integration.servers import fresh_database, run_script

STAFF = Path(__file__).parents[1] / "domains" / "staff"
REQUESTS, REQUESTS_AT_NIGHT = 400, 10_000
CODES = ("INTERNAL", "UPSTREAM_FAILED")  # a text that the server refuses is a mistake of ours, too


async def ask(url: DatabaseUrl, sdl: Path, seed: int, count: int, cache_url: str = "") -> list[str]:
    settings = Settings(
        database_url=url,
        sdl_dir=sdl,
        auth=False,
        introspection=True,
        cache_url=cache_url,
        persisted_queries=AUTOMATIC,
        limits=Limits(cost=10**5),
    )
    app = await App.start(settings)
    try:
        return await ask_many(app, sdl, seed, count, CODES)
    finally:
        await app.close()


@pytest.mark.parametrize("is_cached", [False, True], ids=["no-cache", "cache"])
def test_no_request_about_orders_reaches_a_mistake_of_ours(
    northwind_database: DatabaseUrl,
    cache_url: str,
    capsys: pytest.CaptureFixture[str],
    *,
    is_cached: bool,
) -> None:
    address = cache_url if is_cached else ""
    found = asyncio.run(ask(northwind_database, SDL, 1, REQUESTS, address))
    capsys.readouterr()  # whole requests are in it on purpose
    assert found == []


def test_no_request_about_staff_reaches_a_mistake_of_ours(
    mariadb: MariaDb, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh_database(mariadb) as url:
        run_script(url, *(STAFF / "tables.sql").read_text().split(";\n\n"))
        insert_rows(url, staff_rows())
        found = asyncio.run(ask(url, STAFF / "sdl", 1, REQUESTS))
    capsys.readouterr()
    assert found == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 5))
def test_no_request_of_very_many_about_orders_reaches_a_mistake_of_ours(
    northwind_database: DatabaseUrl,
    cache_url: str,
    seed: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = asyncio.run(ask(northwind_database, SDL, seed, REQUESTS_AT_NIGHT, cache_url))
    capsys.readouterr()
    assert found == []
