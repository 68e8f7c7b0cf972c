"""Full text on a real server: what is found, by whom, and what is said where no index is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymysql.err import MySQLError

from aurora_graphql.catalog import read_catalog
from aurora_graphql.dev.servers import MariaDb
from aurora_graphql.project.decide import Known, decide
from aurora_graphql.project.printing import print_api
from handler.language.sdl import build_schema, load_schema
from handler.model.builder import build_model
from handler.model.model import Model
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.server_errors import describe
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.callers import ANONYMOUS, Caller, token
from tests.checked import findings
from tests.domains.orders.values import fold
from tests.integration.servers import fetch_rows, fresh_database, run_script
from tests.reference_search import TEXTS, finds

TABLES = (
    "CREATE TABLE shelves (shelf_id INT PRIMARY KEY, label VARCHAR(50) NOT NULL, owner VARCHAR(20),"
    " FULLTEXT KEY shelves_words (label))",
    "CREATE TABLE books (book_id INT PRIMARY KEY, shelf_id INT, title VARCHAR(100) NOT NULL,"
    " blurb TEXT, old_title VARCHAR(100) CHARACTER SET latin1, KEY books_shelf (shelf_id, book_id),"
    " FULLTEXT KEY books_words (title, blurb), FULLTEXT KEY books_old (old_title))"
    " DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci",
)
SDL = """
type Query {
  books(
    words: String @filter(operator: MATCH, fields: ["title", "blurb"])
    terms: String @filter(operator: MATCH, fields: ["blurb", "title"], mode: BOOLEAN)
    oldTitle: String @filter(operator: MATCH)
    where: BookFilter, first: Int, after: String
  ): BookConnection!
  shelves(where: ShelfFilter): [Shelf!]!
}
type Book @public @searchable(fields: ["title", "blurb"]) {
  bookId: ID! @column(integer: true)
  title: String!
  blurb: String @requiresScopes(scopes: [["blurbs"]])
  oldTitle: String
  shelf: Shelf @filterable @relation(columns: ["shelf_id"], references: ["shelf_id"])
}
type Shelf @table(name: "shelves") @public
  @searchable(fields: ["label"], name: "called", mode: BOOLEAN)
  @rowAccess(field: "owner", claim: "owner", unlessScopes: [["all"]]) {
  shelfId: ID! @column(integer: true)
  label: String!
  owner: String
  books(words: String @filter(operator: MATCH, fields: ["title", "blurb"]), first: Int): [Book!]!
    @filterable @relation(columns: ["shelf_id"], references: ["shelf_id"])
  bookCount(words: String): Int! @count(of: "books")
}
"""
WORDS = ("Tea", "pate", "Pâté", "queso", "mix", "x_y", "neil", "the", "of", "a", "que so", "大豆")
READER = token("reader", "blurbs", "all")


def rows() -> list[tuple[int, int | None, str, str | None]]:
    count = len(WORDS)
    return [
        (
            at,
            at % 4 or None,
            f"{WORDS[at % count]} {WORDS[at * 7 % count]}",
            None if at % 3 else f"{WORDS[at * 5 % count]}, {WORDS[at % count]}!",
        )
        for at in range(1, 41)
    ]


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as found:
        run_script(found, *TABLES)
        run_script(
            found,
            "INSERT INTO shelves VALUES (1, 'Low shelf', 'ada'), (2, 'High shelf', 'bo'),"
            " (3, 'Lost', NULL)",
        )
        for at, shelf, title, blurb in rows():
            texts = ", ".join("NULL" if t is None else f"'{t}'" for t in (title, blurb, title))
            run_script(
                found,
                f"INSERT INTO books VALUES ({at}, {shelf or 'NULL'},"  # constants
                f" {texts.rpartition(',')[0]}, IF({at} % 2, 'Tea', NULL))",
            )
        yield found


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "books.graphql").write_text(SDL)
    with open_api(url, folder) as found:
        yield found


def ask(api: Api, document: str, caller: Caller = READER, **variables: Any) -> Any:
    return api.run(document, variables, principal=caller.principal).body


def found_by(api: Api, argument: str, text: str) -> list[int]:
    document = (
        f"query ($t: String) {{ books({argument}: $t, first: 100) {{ nodes {{ bookId }} }} }}"
    )
    nodes = ask(api, document, t=text)["data"]["books"]["nodes"]
    return [int(each["bookId"]) for each in nodes]


def expected(text: str, *, is_boolean: bool) -> list[int]:
    return [
        at
        for at, _, title, blurb in rows()
        if finds([title, blurb], text, fold, is_boolean=is_boolean)
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_found_as_the_servers_document_it(api: Api, text: str) -> None:
    assert found_by(api, "words", text) == expected(text, is_boolean=False)
    assert found_by(api, "terms", text) == expected(text, is_boolean=True)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.text(max_size=30),
        st.lists(
            st.sampled_from([*"+-*@()~<>\"'\\% \x00", *WORDS, "zzz", "w" * 90, "🎉"]), max_size=12
        ).map("".join),
    )
)
def test_no_text_is_refused_by_the_server(api: Api, text: str) -> None:
    for argument in ("words", "terms", "oldTitle"):
        found_by(api, argument, text)


def test_long_texts_are_searched_or_refused_in_words(api: Api) -> None:
    document = "query ($t: String) { books(terms: $t) { totalCount } }"
    assert ask(api, document, t="zzz " * 99 + "queso")["data"]["books"]["totalCount"] > 0
    for text in ("x" * 10_000, "tea " * 2_500, "大" * 10_000):
        (error,) = ask(api, document, t=text)["errors"]
        assert error["code"] == "BAD_USER_INPUT"
        assert error["message"].endswith("and the limit is 100; search for less at once")
    inside = (
        "query ($t: String) { books(where: {or: [{search: $t}, {search: $t}]}) { totalCount } }"
    )
    (error,) = ask(api, inside, t="tea " * 60)["errors"]
    assert error["message"].startswith("argument 'where' makes more than 100 comparisons")


def test_relations_counts_and_filter_inputs_search(api: Api) -> None:
    document = """{ shelves {
      shelfId bookCount(words: "queso mix") books(words: "queso mix", first: 2) { bookId } } }"""
    wanted = expected("queso mix", is_boolean=False)
    by_shelf = {
        n: [at for at, shelf, *_ in rows() if shelf == n and at in wanted] for n in (1, 2, 3)
    }
    assert ask(api, document)["data"]["shelves"] == [
        {
            "shelfId": str(n),
            "bookCount": len(found),
            "books": [{"bookId": str(at)} for at in found[:2]],
        }
        for n, found in by_shelf.items()
    ]
    inside = """{
      books(where: {search: "queso", shelf: {called: "+sh* -low"}}, first: 100) { nodes { bookId } }
      shelves(where: {books: {none: {search: "queso"}}, not: {called: "lost"}}) { shelfId } }"""
    queso = expected("queso", is_boolean=False)
    data = ask(api, inside)["data"]
    high = [at for at, shelf, *_ in rows() if shelf == 2 and at in queso]
    assert [int(each["bookId"]) for each in data["books"]["nodes"]] == high
    lacking = [n for n in (1, 2) if not any(s == n and at in queso for at, s, *_ in rows())]
    assert [int(each["shelfId"]) for each in data["shelves"]] == lacking


def test_a_search_tells_of_all_its_fields(api: Api) -> None:
    """Whoever may not read the blurb learns nothing of its words."""
    for document in (
        '{ books(words: "tea") { totalCount } }',
        '{ books(where: {search: "tea"}) { totalCount } }',
    ):
        for caller in (ANONYMOUS, token("somebody", "all")):
            body = ask(api, document, caller)
            assert body["errors"][0]["code"] in ("UNAUTHENTICATED", "FORBIDDEN"), document
            assert body["data"] is None or body["data"] == {"books": None}
        assert ask(api, document)["data"]["books"]["totalCount"] > 0


def test_a_search_finds_no_rows_of_others(api: Api) -> None:
    document = """{ shelves(where: {called: "shelf"}) { shelfId }
      books(where: {shelf: {called: "shelf"}}, first: 1) {
        totalCount nodes { shelf { shelfId } } } }"""
    mine = sum(shelf == 1 for _, shelf, *_ in rows())
    assert ask(api, document, token("ada", "blurbs", owner="ada"))["data"] == {
        "shelves": [{"shelfId": "1"}],
        "books": {"totalCount": mine, "nodes": [{"shelf": {"shelfId": "1"}}]},
    }


def model(folder: Path) -> Model:
    return build_model(load_schema(folder))


def test_the_check_names_what_has_no_index(
    url: DatabaseUrl, tmp_path: Path, mariadb: MariaDb
) -> None:
    """Its remedy mends it, for arguments and members of filter inputs alike."""
    (tmp_path / "books.graphql").write_text(SDL)
    assert [each for each in findings(model(tmp_path), url) if "searches" in each.message] == []
    with fresh_database(mariadb) as other:
        without = TABLES[1].replace(", FULLTEXT KEY books_words (title, blurb)", "")
        run_script(other, TABLES[0], without)
        told = [each for each in findings(model(tmp_path), other) if "searches" in each.message]
        assert [(str(each.severity), each.name) for each in told] == [
            ("Severity.ERROR", f"filter: {name}")
            for name in (
                "Query.books(words)",
                "Query.books(terms)",
                "Shelf.books(words)",
                "Shelf.bookCount(words)",
                "BookFilter(search)",
            )
        ]
        assert told[0].message == (
            "Query.books(words) searches books (title, blurb), and no FULLTEXT index has exactly "
            "these columns"
        )
        remedies = dict.fromkeys(remedy for each in told for remedy in each.remedies)
        assert list(remedies) == [
            "CREATE FULLTEXT INDEX `books_title_blurb_words` ON `books` (`title`, `blurb`);",
            "CREATE FULLTEXT INDEX `books_blurb_title_words` ON `books` (`blurb`, `title`);",
        ]
        run_script(other, next(iter(remedies)))  # the order of the columns is of no matter
        assert [e for e in findings(model(tmp_path), other) if "searches" in e.message] == []


def test_without_an_index_the_error_is_masked_and_its_cause_told(
    mariadb: MariaDb, tmp_path: Path
) -> None:
    (tmp_path / "books.graphql").write_text(SDL)
    with fresh_database(mariadb) as other:
        without = TABLES[1].replace(", FULLTEXT KEY books_words (title, blurb)", "")
        run_script(other, TABLES[0], without)
        with open_api(other, tmp_path) as api:
            (error,) = ask(api, '{ books(words: "tea") { totalCount } }')["errors"]
            assert error["code"] == "UPSTREAM_FAILED"
            assert "FULLTEXT" not in error["message"]
        with pytest.raises(MySQLError) as refused:
            fetch_rows(other, "SELECT 1 FROM books WHERE MATCH (title, blurb) AGAINST ('tea')")
        assert describe(refused.value) == (
            "1191 FT_MATCHING_KEY_NOT_FOUND: Can't find FULLTEXT index matching the column list"
        )


def test_sdl_is_written_for_an_index_of_words(url: DatabaseUrl) -> None:
    async def read() -> Any:
        database = MySqlDatabase(url)
        try:
            return await read_catalog(database, Deadline.after(20))
        finally:
            await database.close()

    live = asyncio.run(read())
    written = print_api(decide(live, known=Known(filters=True)), "@public")
    build_model(build_schema(written))
    book, shelf = written["book.graphql"], written["shelve.graphql"]
    assert (
        'searchTitleAndBlurb: String @filter(operator: MATCH, fields: ["title", "blurb"])' in book
    )
    assert '@searchable(fields: ["title", "blurb"], name: "searchTitleAndBlurb")' in book
    assert 'searchOldTitle: String @filter(operator: MATCH, fields: ["oldTitle"])' in book
    assert '    search: String @filter(operator: MATCH, fields: ["label"])' in shelf
    assert '@searchable(fields: ["label"])' in shelf
    assert '  RELEVANCE @orderBy(fields: ["relevance(search) DESC"])' in shelf
    terms = '@orderBy(fields: ["relevance(searchTitleAndBlurb) DESC"])'
    assert f"  RELEVANCE_TITLE_AND_BLURB {terms}" in book
