"""Lists in the order of relevance: page by page they are what one statement gives, also while rows
are written, because a page goes on behind a row and not behind a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.callers import token
from tests.checked import findings, model_of
from tests.integration.servers import fetch_rows, fresh_database, run_script

TABLES = (
    "CREATE TABLE shelves (shelf_id INT PRIMARY KEY)",
    "CREATE TABLE books (book_id INT PRIMARY KEY, shelf_id INT NOT NULL, title VARCHAR(100) NOT"
    " NULL, blurb TEXT, KEY books_shelf (shelf_id, book_id),"
    " FULLTEXT KEY books_words (title, blurb)) DEFAULT CHARSET utf8mb4",
    "INSERT INTO shelves VALUES (1), (2), (3)",
)
SDL = """
type Query {
  books(
    words: String @filter(operator: MATCH, fields: ["title", "blurb"])
    terms: String @filter(operator: MATCH, fields: ["title", "blurb"], mode: BOOLEAN)
    title: String
    order: BookOrder, first: Int, after: String, last: Int, before: String, offset: Int
  ): BookConnection! @page(maximum: 100, maximumOffset: 100)
  shelves: [Shelf!]!
}
enum BookOrder {
  BEST @orderBy(fields: ["relevance(words) DESC"])
  WORST @orderBy(fields: ["relevance(words)", "title DESC"])
  SHELF @orderBy(fields: ["shelfId", "relevance(terms) DESC", "title"])
  TITLE @orderBy(fields: ["title"])
}
type Book @public {
  bookId: ID! @column(integer: true)
  shelfId: Int!
  title: String!
  blurb: String @requiresScopes(scopes: [["blurbs"]])
}
type Shelf @table(name: "shelves") @public {
  shelfId: Int!
  books(
    words: String = "whale" @filter(operator: MATCH, fields: ["title", "blurb"])
    first: Int, after: String, offset: Int
  ): BookConnection! @orderBy(fields: ["relevance(words) DESC"]) @page(maximumOffset: 100)
    @relation(columns: ["shelf_id"], references: ["shelf_id"])
}
"""
WORDS = ("whale", "ocean", "whale ocean", "robot", "ocean war", "whale whale", "the end", "love")
READER = token("reader", "blurbs")
MATCH = "MATCH (title, blurb) AGAINST (%s IN NATURAL LANGUAGE MODE)"
ORDERS = {
    "BEST": "score DESC, book_id DESC",
    "WORST": "score, title DESC, book_id DESC",
    "SHELF": "shelf_id, score DESC, title, book_id",
}


def fill(url: DatabaseUrl) -> None:
    rows = []
    for at in range(48):
        blurb = f"'{WORDS[at * 3 % 7]}'" if at % 5 else "NULL"
        rows.append(f"({at}, {at % 3 + 1}, '{WORDS[at % 8]}', {blurb})")
    run_script(url, *TABLES, f"INSERT INTO books VALUES {', '.join(rows)}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("sdl")
    (found / "books.graphql").write_text(SDL)
    return found


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as found:
        fill(found)
        yield found


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, folder: Path) -> Iterator[Api]:
    with open_api(url, folder) as found:
        yield found


def ask(api: Api, document: str, **variables: Any) -> Any:
    return api.run(document, variables, principal=READER.principal).data


def expected(url: DatabaseUrl, order: str, text: str, more: str = "") -> list[str]:
    found = fetch_rows(
        url,
        f"SELECT book_id, {MATCH} AS score FROM books WHERE {MATCH} {more}"  # constants
        f" ORDER BY {ORDERS[order]}",
        text,
        text,
    )
    return [str(row[0]) for row in found]


PAGE = """query ($t: String, $o: BookOrder, $first: Int, $last: Int, $a: String, $b: String) {
  books(ARGUMENT: $t, order: $o, first: $first, last: $last, after: $a, before: $b) {
    totalCount nodes { bookId }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }"""


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_in_both_directions_are_the_whole(
    api: Api, url: DatabaseUrl, order: str, size: int
) -> None:
    """Also where a text that is searched for is a title: MySQL must not take that for equal."""
    whole = expected(url, order, "whale ocean")
    document = PAGE.replace("ARGUMENT", "terms" if order == "SHELF" else "words")

    def walk(size_of: str, begin: str, end: str, more: str) -> Iterator[list[str]]:
        cursor = None
        for _ in range(len(whole) + 1):
            given = {size_of: size, begin: cursor, "t": "whale ocean", "o": order}
            page = ask(api, document, **given)["books"]
            assert page["totalCount"] == len(whole)
            yield [each["bookId"] for each in page["nodes"]]
            assert page["pageInfo"]["hasPreviousPage" if begin == "a" else "hasNextPage"] is (
                cursor is not None
            )
            if not page["pageInfo"][more]:
                return
            cursor = page["pageInfo"][end]

    assert [n for page in walk("first", "a", "endCursor", "hasNextPage") for n in page] == whole
    back = list(walk("last", "b", "startCursor", "hasPreviousPage"))
    assert [n for page in reversed(back) for n in page] == whole


def test_a_page_goes_on_while_rows_are_written(database: DatabaseUrl, folder: Path) -> None:
    """Each write changes every row's relevance; a row that is gone counts by its cursor."""
    fill(database)
    with open_api(database, folder) as api:
        check_while_rows_are_written(api, database)


def check_while_rows_are_written(api: Api, url: DatabaseUrl) -> None:
    whole = expected(url, "BEST", "whale")
    document = PAGE.replace("ARGUMENT", "words")
    found: list[str] = []
    cursor = None
    for number in range(100, 100 + len(whole)):
        page = ask(api, document, t="whale", o="BEST", first=2, a=cursor)["books"]
        found += [each["bookId"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursor = page["pageInfo"]["endCursor"]
        run_script(url, f"INSERT INTO books VALUES ({number}, 1, 'nothing', 'of that')")
    assert found == whole
    page = ask(api, document, t="whale", o="BEST", first=2)["books"]
    run_script(url, f"DELETE FROM books WHERE book_id = {whole[1]}")
    after = ask(api, document, t="whale", o="BEST", first=2, a=page["pageInfo"]["endCursor"])
    assert after["books"]["nodes"][0]["bookId"] in whole[1:4]


def test_without_words_all_rows_are_as_relevant(api: Api) -> None:
    document = PAGE.replace("ARGUMENT", "words")
    first = ask(api, document, o="BEST", first=3)["books"]
    assert [each["bookId"] for each in first["nodes"]] == ["47", "46", "45"]
    cursor = first["pageInfo"]["endCursor"]
    then = ask(api, document, o="BEST", first=2, a=cursor)["books"]
    assert [each["bookId"] for each in then["nodes"]] == ["44", "43"]
    assert then["pageInfo"]["hasPreviousPage"] is True
    assert ask(api, document, t="+- the", o="BEST")["books"]["nodes"] == []


def test_each_parent_has_its_most_relevant_rows(api: Api, url: DatabaseUrl) -> None:
    document = """query ($w: String = "ocean war") { shelves { shelfId
      books(words: $w, first: 2, offset: 1) { nodes { bookId } pageInfo { endCursor } }
      usual: books(first: 3) { nodes { bookId } } } }"""
    for shelf in ask(api, document)["shelves"]:
        more = f"AND shelf_id = {shelf['shelfId']}"
        whole = expected(url, "BEST", "ocean war", more)
        assert [each["bookId"] for each in shelf["books"]["nodes"]] == whole[1:3]
        usual = expected(url, "BEST", "whale", more)
        assert [each["bookId"] for each in shelf["usual"]["nodes"]] == usual[:3]
        cursor = shelf["books"]["pageInfo"]["endCursor"]
        after = f"""{{ shelves {{ shelfId
          books(words: "ocean war", first: 9, after: "{cursor}") {{ nodes {{ bookId }} }} }} }}"""
        (mine,) = [s for s in ask(api, after)["shelves"] if s["shelfId"] == shelf["shelfId"]]
        assert [each["bookId"] for each in mine["books"]["nodes"]] == whole[3:12]


def test_a_title_that_is_searched_for_is_compared_all_the_same(api: Api) -> None:
    """MySQL takes title = 'ocean' for granted where it finds 'ocean' by an index of the title."""
    document = '{ books(words: "ocean", title: "ocean", first: 50) { nodes { title } } }'
    titles = [each["title"] for each in ask(api, document)["books"]["nodes"]]
    assert titles == ["ocean"] * 6


def test_an_order_by_relevance_tells_of_all_its_fields(api: Api) -> None:
    for document in (
        "{ books(order: BEST) { totalCount } }",
        "{ shelves { books { totalCount } } }",
    ):
        body = api.run(document, principal=token("somebody").principal).body
        assert {each["code"] for each in body["errors"]} == {"FORBIDDEN"}, document


def test_the_check_has_nothing_against_it(url: DatabaseUrl) -> None:
    told = [each.name for each in findings(model_of(SDL), url)]
    assert not [name for name in told if "relevance" in name or "words" in name], told
