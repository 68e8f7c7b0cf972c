"""The API's account on a real server answers everything as root does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.conftest import SDL
from tests.documents import Document
from tests.domains.filled import fill_blog, fill_films, fill_orders, fill_site, fill_staff
from tests.handler.test_golden import Case
from tests.integration.account import drop_account, put
from tests.integration.servers import fresh_database

GOLDEN = sorted((Path(__file__).parents[1] / "handler" / "golden").iterdir())


@pytest.fixture(scope="module")
def northwind_as_api(northwind_database: DatabaseUrl) -> Iterator[Api]:
    with open_api(asyncio.run(put(northwind_database, SDL)), SDL) as api:
        yield api
    drop_account(northwind_database)


@pytest.mark.parametrize("folder", [pytest.param(each, id=each.name) for each in GOLDEN])
def test_every_golden_case_is_answered(northwind_as_api: Api, folder: Path) -> None:
    case = Case(folder)
    answer = northwind_as_api.run(case.document, case.variables, principal=case.caller.principal)
    assert answer.body == json.loads((folder / "response.json").read_text())


@dataclass(frozen=True)
class Both:
    """One domain by both accounts, and documents for it."""

    root: Api
    limited: Api
    documents: st.SearchStrategy[Document]


@pytest.fixture(scope="module", params=[fill_orders, fill_staff, fill_films, fill_blog, fill_site])
def both(mariadb: MariaDb, request: pytest.FixtureRequest) -> Iterator[Both]:
    with fresh_database(mariadb) as url:
        filled = request.param(url)
        account = asyncio.run(put(url, filled.sdl))
        with open_api(url, filled.sdl) as root, open_api(account, filled.sdl) as limited:
            yield Both(root, limited, filled.documents)
        drop_account(url)


@settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_any_document_is_answered_as_to_root(both: Both, data: st.DataObject) -> None:
    document = data.draw(both.documents)
    expected = both.root.run(document.text, document.variables)
    assert both.limited.run(document.text, document.variables) == expected
