"""SDL made for whole databases: it starts, and gives every row of every table as SQL does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aurora_graphql.check.finding import Severity
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.checked import MANY, checked
from tests.integration.foreign import DUMPS, generate, loaded
from tests.integration.odd_tables import make_blog, make_odd_tables
from tests.integration.paging import Paging
from tests.integration.servers import fresh_database

if TYPE_CHECKING:
    from aurora_graphql.dev.servers import DatabaseServer


OWN = {"odd": make_odd_tables, "blog": make_blog}


@pytest.fixture(scope="module", params=["northwind", *OWN, *DUMPS])
def database_url(request: pytest.FixtureRequest, mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    """The example's orders, and databases of others."""
    if request.param == "northwind":
        yield request.getfixturevalue("northwind_database")
        return
    if request.param in OWN:
        with fresh_database(mariadb) as url:
            OWN[request.param](url)
            yield url
        return
    with fresh_database(mariadb) as url, loaded(url, request.param) as found:
        yield found


@pytest.fixture(scope="module")
def paging(database_url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    folder = tmp_path_factory.mktemp("sdl")
    description = generate(database_url, folder)
    with open_api(database_url, folder) as api:
        found = Paging(api, database_url, description, folder)
        yield found
        found.close()


def findings(url: DatabaseUrl, folder: Path) -> list[str]:
    """What ``make check`` finds to mend."""

    found = checked(build_model(load_schema(folder)), url, MANY)
    return [str(each) for each in found.of(Severity.ERROR)]


def equal(name: str, got: list[Any], expected: list[Any]) -> None:
    """Without a comparison that a person cannot read: the first place where they differ."""
    assert len(got) == len(expected), name
    for at, (one, other) in enumerate(zip(got, expected, strict=True)):
        assert one == other, (name, at)


def test_every_row_of_every_table_is_what_sql_gives(paging: Paging) -> None:
    for found in paging.types.values():
        fast, slow, expected = paging.rows(found)
        equal(found.name, fast, expected)
        equal(f"{found.name} by the executor", slow, expected)


def test_check_finds_nothing_to_mend_however_large_the_tables_are(
    paging: Paging, database_url: DatabaseUrl
) -> None:
    """But for rows of views, and those of a relation to a table of another engine."""
    told = ("the view reads", *(f" {name}: " for name in paging.sorted))
    found = findings(database_url, paging.folder)
    assert [each for each in found if not any(words in each for words in told)] == []


def test_every_list_in_every_order_is_paged_through_both_ways(paging: Paging) -> None:
    for found in paging.types.values():
        for name, got, expected in paging.lists(found):
            equal(name, got, expected)


def test_every_argument_chooses_the_rows_that_sql_chooses(paging: Paging) -> None:
    for found in paging.types.values():
        for name, got, expected in paging.choices(found):
            equal(name, got, expected)


def test_every_relation_of_every_row_is_what_sql_joins(paging: Paging) -> None:
    for found in paging.types.values():
        for name, got, expected in paging.relations(found):
            equal(name, got, expected)
