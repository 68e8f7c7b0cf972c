"""SDL made for whole databases: it starts, and gives every row of every table as SQL does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.integration.foreign import DUMPS, generate, loaded
from tests.integration.paging import Paging
from tests.integration.servers import fresh_database

if TYPE_CHECKING:
    from aurora_graphql.dev.servers import DatabaseServer


@pytest.fixture(scope="module", params=["northwind", *DUMPS])
def database_url(request: pytest.FixtureRequest, mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    """The example's orders, and databases of others."""
    if request.param == "northwind":
        yield request.getfixturevalue("northwind_database")
        return
    with fresh_database(mariadb) as url, loaded(url, request.param) as found:
        yield found


@pytest.fixture(scope="module")
def paging(database_url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    folder = tmp_path_factory.mktemp("sdl")
    description = generate(database_url, folder)
    with open_api(database_url, folder) as api:
        found = Paging(api, database_url, description)
        yield found
        found.close()


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


def test_every_list_in_every_order_is_paged_through_both_ways(paging: Paging) -> None:
    for found in paging.types.values():
        for name, got, expected in paging.lists(found):
            equal(name, got, expected)


def test_every_relation_of_every_row_is_what_sql_joins(paging: Paging) -> None:
    for found in paging.types.values():
        for name, got, expected in paging.relations(found):
            equal(name, got, expected)
