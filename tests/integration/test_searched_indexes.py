"""Searches over a column that other indexes hold, too: there MySQL knows no number of a document,
and says of a row what it has said of the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  boxes(where: BoxFilter, first: Int): BoxConnection! @orderBy(fields: ["title"])
  shelves(where: ShelfFilter, first: Int): ShelfConnection! @orderBy(fields: ["shelfId"])
}
type Shelf @public @table(name: "shelves") {
  shelfId: Int!
  boxes(where: BoxFilter, first: Int): BoxConnection! @orderBy(fields: ["title"])
  all: [Box!]! @filterable @orderBy(fields: ["title"]) @listSize(assumedSize: 30)
}
type Box @public @table(name: "boxes") @key(fields: "shelfId boxId")
  @searchable(fields: ["title"]) {
  shelfId: Int! @filterable
  boxId: Int!
  title: String! @filterable
}
"""
TABLES = (
    "CREATE TABLE shelves (shelf_id INT PRIMARY KEY)",
    "CREATE TABLE boxes (shelf_id INT NOT NULL, box_id INT NOT NULL, title VARCHAR(50) NOT NULL,"
    " PRIMARY KEY (shelf_id, box_id), KEY by_title (title, shelf_id, box_id),"
    " KEY by_shelf (shelf_id, title, box_id), FULLTEXT KEY by_words (title),"
    " FOREIGN KEY (shelf_id) REFERENCES shelves (shelf_id)) CHARACTER SET utf8mb4",
)
TEA = {(0, 3), (0, 15), (1, 7), (2, 11)}  # shelf and box
ROWS = [
    (at % 3, at, f"green tea {at:02}" if (at % 3, at) in TEA else f"black coffee {at:02}")
    for at in range(1, 21)
]
NOT_TEA = {row[:2] for row in ROWS} - TEA
BOXES = "boxes(where: %s, first: 30) { totalCount nodes { shelfId boxId } }"
WHERE = {
    "found": ('{search: "tea"}', TEA),
    "not": ('{not: {search: "tea"}}', NOT_TEA),
    "or": ('{or: [{search: "tea"}, {shelfId: {eq: 2}}]}', TEA | {r[:2] for r in ROWS if r[0] == 2}),
    "beside-an-index": ('{search: "tea", shelfId: {eq: 0}}', {(0, 3), (0, 15)}),
    "beside-itself": (
        '{search: "tea", shelfId: {eq: 0}, title: {eq: "green tea 03"}}',
        {(0, 3)},
    ),
    "not-beside-an-index": (
        '{not: {search: "tea"}, shelfId: {eq: 0}}',
        {each for each in NOT_TEA if each[0] == 0},
    ),
    "neither": ('{not: {or: [{search: "tea"}, {search: "black"}]}}', set()),
}


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        values = ", ".join(f"({shelf}, {box}, '{title}')" for shelf, box, title in ROWS)
        run_script(url, *TABLES, "INSERT INTO shelves VALUES (0), (1), (2)")
        run_script(url, f"INSERT INTO boxes VALUES {values}")
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("boxes")
    (folder / "boxes.graphql").write_text(SDL)
    with open_api(url, folder) as found:
        yield found


@pytest.fixture(params=["first", "again"], autouse=True)
def seen(request: pytest.FixtureRequest, url: DatabaseUrl, api: Api) -> None:
    """What the connection has seen of the table: nothing, or a row that has the word."""
    run_script(url, "ANALYZE TABLE boxes", "FLUSH TABLES")
    if request.param == "again":
        asked = '{ boxes(where: {search: "tea"}) { nodes { boxId } } }'
        assert len(api.run(asked).data["boxes"]["nodes"]) == len(TEA)


def read(page: Any) -> set[tuple[int, int]]:
    found = [(each["shelfId"], each["boxId"]) for each in page["nodes"]]
    assert page["totalCount"] == len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("name", WHERE)
def test_rows_of_a_list_are_those_that_have_the_words(api: Api, name: str) -> None:
    where, expected = WHERE[name]
    assert read(api.run(f"{{ {BOXES % where} }}").data["boxes"]) == expected


@pytest.mark.parametrize("name", WHERE)
def test_rows_of_each_parent_are_those_that_have_the_words(api: Api, name: str) -> None:
    where, expected = WHERE[name]
    found = api.run(f"{{ shelves(first: 9) {{ nodes {{ {BOXES % where} }} }} }}").data["shelves"]
    pages = [read(each["boxes"]) for each in found["nodes"]]
    assert pages == [{box for box in expected if box[0] == shelf} for shelf in range(3)]


@pytest.mark.parametrize("name", WHERE)
@pytest.mark.parametrize("quantifier", ["some", "none", "every"])
def test_parents_are_those_of_rows_that_have_the_words(
    api: Api, name: str, quantifier: str
) -> None:
    where, expected = WHERE[name]
    asked = f"{{ shelves(where: {{all: {{{quantifier}: {where}}}}}) {{ nodes {{ shelfId }} }} }}"
    found = [each["shelfId"] for each in api.run(asked).data["shelves"]["nodes"]]
    of_shelf = {shelf: {row[:2] for row in ROWS if row[0] == shelf} for shelf in range(3)}
    wanted = {
        "some": [shelf for shelf, rows in of_shelf.items() if rows & expected],
        "none": [shelf for shelf, rows in of_shelf.items() if not rows & expected],
        "every": [shelf for shelf, rows in of_shelf.items() if rows <= expected],
    }
    assert found == wanted[quantifier]
