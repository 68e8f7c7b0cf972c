"""Long cursors and values, and names that could be ours: what is sent is what was told."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.compiler.cursor import encode_cursor, fingerprint
from handler.sql.statement import MAX_STATEMENT_BYTES
from tests.apis import Answer, Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query @public {
  shelves(first: Int, after: String): ShelfConnection!
  books(first: Int, after: String, last: Int, before: String): BookConnection!
    @orderBy(fields: ["title"])
}
type Shelf @public @table(name: "shelves") {
  shelfId: Int!
  books(title: String, first: Int, after: String): BookConnection!
    @relation(columns: ["shelf_id"], references: ["shelf_id"]) @orderBy(fields: ["title"])
  numbers(first: Int, after: String): NumberConnection!
    @relation(columns: ["shelf_id"], references: ["shelf_id"])
}
type Book @public { bookId: Int! title: String! }
type Number @public @key(fields: "n parent") { n: Int! parent: Int! page: Int }
type ShelfConnection { nodes: [Shelf!]! edges: [ShelfEdge!]! }
type ShelfEdge { node: Shelf! cursor: String! }
type BookConnection { nodes: [Book!]! edges: [BookEdge!]! pageInfo: PageInfo! totalCount: Int! }
type BookEdge { node: Book! cursor: String! }
type NumberConnection { nodes: [Number!]! edges: [NumberEdge!]! }
type NumberEdge { node: Number! cursor: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""  # noqa: E501
SHELVES = 150
LONGEST = ["🎉" * 767 + each for each in "abc"]  # what VARCHAR(768) holds


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder: Path = tmp_path_factory.mktemp("long")
    (folder / "test.graphql").write_text(SDL)
    books = [f"(NULL, {n}, 'Book {n}')" for n in range(1, SHELVES + 1)]
    books += [f"(NULL, 1, '{title}')" for title in LONGEST]
    numbers = [f"({n}, {p}, {n}, {s})" for s in range(1, SHELVES + 1) for n in (1, 2) for p in [s]]
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE shelves (shelf_id INT PRIMARY KEY)",
            "CREATE TABLE books (book_id INT PRIMARY KEY AUTO_INCREMENT, shelf_id INT NOT NULL,"
            " title VARCHAR(768) COLLATE utf8mb4_bin NOT NULL, KEY (shelf_id), KEY (title))"
            " CHARACTER SET utf8mb4",
            "CREATE TABLE numbers (n INT, parent INT, page INT, shelf_id INT,"
            " PRIMARY KEY (n, parent), KEY (shelf_id))",
            f"INSERT INTO shelves VALUES {', '.join(f'({n})' for n in range(1, SHELVES + 1))}",
            f"INSERT INTO books VALUES {', '.join(books)}",
            f"INSERT INTO numbers VALUES {', '.join(numbers)}",
        )
        with open_api(url, folder) as opened:
            yield opened


def forged(api: Api, field: str, document: str, batch: int, title: str) -> str:
    order = api.plan(document).batches[batch].order
    return encode_cursor(fingerprint(field, order), (title.encode(), b"1")).decode()


def sent_bytes(answer: Answer) -> list[int]:
    return [
        len(each.text.encode()) + sum(len(str(part).encode()) for part in each.parameters)
        for each in answer.statements
    ]


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
def test_every_cursor_that_is_given_is_taken_back(api: Api, *, backward: bool) -> None:
    window = "last: 1, before: $c" if backward else "first: 1, after: $c"
    document = f"""query ($c: String) {{ books({window}) {{ nodes {{ bookId }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(5):
        page = api.run(document, {"c": cursor}).data["books"]
        seen.append(page["nodes"][0]["bookId"])
        cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]
    assert len(set(seen)) == 5
    if backward:  # emojis sort last by their bytes
        assert cursor is not None
        assert len(base64.urlsafe_b64decode(cursor + "==")) < 200
        assert set(seen[:3]) == {SHELVES + 1, SHELVES + 2, SHELVES + 3}


NESTED = """query ($c: String, $t: String) { shelves(first: 150) { nodes {
  books(first: 1, after: $c, title: $t) { nodes { title } %s } } } }"""


@pytest.mark.parametrize("facts", ["", "pageInfo { hasPreviousPage hasNextPage } totalCount"])
@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"c": "a" * 2600}, id="cursor-of-letters"),
        pytest.param({"c": "'" * 2600}, id="cursor-of-quotes"),
        pytest.param({"c": "🎉" * 768}, id="cursor-of-emojis"),
        pytest.param({"t": "x" * 9_000}, id="filter"),
        pytest.param({"t": "\\" * 5_000}, id="filter-of-backslashes"),
        pytest.param({"c": "a" * 3_000, "t": "b" * 3_000}, id="both"),
    ],
)
def test_long_values_never_split_a_level(api: Api, facts: str, variables: dict[str, Any]) -> None:
    """A level is one statement, or refused in words; never a statement for each parent."""
    document = NESTED.replace("%s", facts)
    given = dict(variables)
    if "c" in given:
        given["c"] = forged(api, "Shelf.books", document, 1, given["c"])
    answer = api.run(document, given)
    errors = {(error["code"], tuple(error["path"][-1:])) for error in answer.body.get("errors", [])}
    assert errors <= {("LIMIT_EXCEEDED", ("books",)), ("LIMIT_EXCEEDED", ("shelves",))}
    rows = [each for each in answer.statements if "information_schema" not in each.text]
    assert len(rows) <= 2
    if not errors:
        assert max(sent_bytes(answer)) <= MAX_STATEMENT_BYTES
    else:
        told = answer.body["errors"][0]["message"]
        assert "shorter" in told, told


def test_aliases_of_long_values_are_as_many_statements_as_levels(api: Api) -> None:
    cursor = forged(api, "Shelf.books", NESTED.replace("%s", ""), 1, "a" * 2600)
    aliases = " ".join(
        f"a{n}: books(first: 1, after: {json.dumps(cursor)}) {{ nodes {{ title }} }}"
        for n in range(12)
    )
    answer = api.run(f"{{ shelves(first: 150) {{ nodes {{ {aliases} }} }} }}")
    rows = [each for each in answer.statements if "information_schema" not in each.text]
    assert len(rows) == 13


def test_key_columns_may_have_the_names_that_statements_of_ours_have(api: Api) -> None:
    """``n`` and ``parent``: more parents than pages fit into one statement are numbered."""
    document = """{ shelves(first: 150) { nodes {
      shelfId numbers(first: 1) { nodes { n parent page } } } } }"""
    shelves = api.run(document).data["shelves"]["nodes"]
    assert [shelf["numbers"]["nodes"] for shelf in shelves] == [
        [{"n": 1, "parent": number, "page": 1}] for number in range(1, SHELVES + 1)
    ]
