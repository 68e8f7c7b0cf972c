"""First rows of many parents, and of parents whose keys the server finds equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  parents: [Parent!]! @page(maximum: 3000) @listSize(assumedSize: 10)
  last: Child @orderBy(fields: ["at DESC"])
}
type Parent {
  parentId: ID!
  first: Child @orderBy(fields: ["at DESC"])
  children(first: Int): [Child!]! @orderBy(fields: ["at DESC"])
  friend: Child
    @relation(through: {table: "links", columns: ["here"], references: ["there"]})
    @orderBy(fields: ["at"])
  friends(first: Int): [Child!]!
    @relation(through: {table: "links", columns: ["here"], references: ["there"]})
    @orderBy(fields: ["at"])
}
type Child @table(name: "children") { childId: ID! @column(integer: true) at: Int }
"""
TABLES = """
CREATE TABLE parents (parent_id VARCHAR(20) PRIMARY KEY) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE children (child_id INT PRIMARY KEY, parent_id VARCHAR(20) NOT NULL, at INT NULL,
  KEY by_parent (parent_id, at, child_id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE TABLE links (here VARCHAR(20) NOT NULL, there INT NOT NULL, KEY by_here (here, there))
  CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci
"""
BOTH = "first { childId at } children(first: 1) { childId at } "
LINKED = "friend { childId at } friends(first: 1) { childId at }"


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "api.graphql").write_text(SDL)
    names = ["a", "A", "b", "none", *(f"parent-{number:04}" for number in range(1500))]
    children = [
        (number, names[number % 1200] if number > 9 else "ab"[number % 2], number % 7 or None)
        for number in range(3000)
    ]
    # Pairs stand in the link table twice.
    links = [(names[number % 700], number % 50) for number in range(2000)] * 2
    with fresh_database(mariadb) as url:
        run_script(
            url,
            *TABLES.split(";\n"),
            f"INSERT INTO parents VALUES {', '.join(f'({name!r})' for name in names)}",
            "INSERT INTO children VALUES "
            + ", ".join(f"({n}, {name!r}, {at or 'NULL'})" for n, name, at in children),
            f"INSERT INTO links VALUES {', '.join(map(str, links))}",
        )
        with open_api(url, folder) as opened:
            yield opened


def rows(api: Api, selection: str) -> list[dict[str, Any]]:
    body = api.run(f"{{ parents {{ parentId {selection} }} }}").body
    assert "errors" not in body, body
    found: list[dict[str, Any]] = body["data"]["parents"]
    return found


@pytest.mark.parametrize(
    ("selection", "one", "many", "with_rows"),
    [
        pytest.param(BOTH, "first", "children", 1200, id="of-a-relation"),
        pytest.param(LINKED, "friend", "friends", 700, id="through-a-link-table"),
    ],
)
def test_the_first_row_is_that_of_a_page_of_one(
    api: Api, selection: str, one: str, many: str, with_rows: int
) -> None:
    found = rows(api, selection)
    assert [each[one] for each in found] == [(each[many] or [None])[0] for each in found]
    assert sum(each[one] is not None for each in found) == with_rows
    by_name = {each["parentId"]: each[one] for each in found}
    assert by_name["a"] == by_name["A"] is not None


def test_a_parent_by_itself_has_the_same(api: Api) -> None:
    (last,) = api.run("{ last { at childId } }").body["data"].values()
    assert last == {"at": 6, "childId": "2995"}


def test_it_reads_one_row_of_each_parent(api: Api) -> None:
    answer = api.run("{ parents { first { childId } } }")
    parents, *firsts = answer.statements
    assert "parents" in parents.text
    found = sum(int(str(statement.parameters[-1])) for statement in firsts)
    assert found == len(answer.body["data"]["parents"])
