"""Every statement that the check prints: it runs on the tables as they are, mends and harms not."""

from __future__ import annotations

import re

import pytest

from aurora_graphql.check.finding import Finding, Kind, Severity
from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked, model_of
from tests.integration.servers import connect, fetch_rows, is_mysql, run_script

SDL = """
type Query {
  pages(
    title: String, titleStart: String @filter(field: "title", operator: PREFIX)
    titles: [String!] @filter(field: "title")
    body: String, note: String, slug: String, code: Bytes, state: State, price: Decimal
    since: DateTime @filter(field: "writtenAt", operator: GREATER), twice: Int, authorId: Int
    length: Int, isOpen: Boolean @filter(field: "state", operator: IS_NULL)
    bodyHas: String @filter(field: "body", operator: CONTAINS)
    order: PageOrder, first: Int, after: String
  ): [Page!]!
  page(slug: String!): Page
  old(name: String, order: OldOrder): [Old!]! @orderBy(fields: ["name"])
  shown(title: String): [Shown!]!
}
enum PageOrder {
  BODY @orderBy(fields: ["body"])
  NEWEST @orderBy(fields: ["writtenAt DESC", "title"])
  PRICE @orderBy(fields: ["price DESC"])
  NOTE @orderBy(fields: ["note"])
  LENGTH @orderBy(fields: ["length", "price"])
}
enum OldOrder { LONG @orderBy(fields: ["long"]) }
enum State { DRAFT @value(column: "Draft") DONE @value(column: "Done") }
type Page @key(fields: "pageId") @key(fields: "slug") {
  pageId: ID! @column(integer: true)
  title: String! body: String note: String slug: String! code: Bytes state: State price: Decimal
  writtenAt: DateTime authorId: Int length: Int
  twice: Int @expression(sql: "{price} * 2")
  comments(stars: Int): [Comment!]! @relation(columns: ["page_id"], references: ["page_id"])
  stars: BigInt @sum(of: "comments", field: "stars")
}
type Comment { commentId: ID! @column(integer: true) stars: Int }
type Old { oldId: ID! @column(integer: true) name: String long: String }
type Shown @key(fields: "pageId") { pageId: ID! @column(integer: true) title: String }
"""
TEXT = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
TABLES = (
    "CREATE TABLE authors (author_id INT PRIMARY KEY)",
    "CREATE TABLE pages (page_id INT AUTO_INCREMENT PRIMARY KEY,"
    f" title VARCHAR(80) {TEXT} NOT NULL DEFAULT 'it''s, new' COMMENT 'What `it` is, (in) short',"
    f" body MEDIUMTEXT {TEXT}, note VARCHAR(1000) {TEXT} NULL, slug VARCHAR(60) {TEXT} NOT NULL,"
    " code BLOB, state ENUM('Draft', 'Done'), price DECIMAL(10, 2), written_at DATETIME,"
    " author_id INT, length INT AS (price * 3) VIRTUAL, FULLTEXT KEY pages_by_price_page_id (note),"
    " CONSTRAINT written_by FOREIGN KEY (author_id) REFERENCES authors (author_id))",
    "CREATE TABLE comments (comment_id INT PRIMARY KEY, page_id INT NOT NULL, stars INT)",
    f"CREATE TABLE olds (old_id INT PRIMARY KEY, name VARCHAR(300) {TEXT}, `long`"
    f" VARCHAR(191) {TEXT}) ROW_FORMAT=COMPACT",
    "CREATE VIEW showns AS SELECT page_id, title FROM pages",
    "INSERT INTO authors VALUES (1)",
    "INSERT INTO pages (title, body, note, slug, code, state, price, written_at, author_id) VALUES"
    " ('a', 'b', 'c', 'd', X'00FF', 'Draft', 2.5, '2020-01-01', 1), ('a', NULL, '', 'e', NULL,"
    " NULL, NULL, NULL, NULL)",
)


def told(url: DatabaseUrl, sdl: str = SDL) -> list[Finding]:
    return list(checked(model_of(sdl), url, MANY).findings)


def remedies(found: list[Finding]) -> list[str]:
    return list(dict.fromkeys(sql for each in found for sql in each.remedies))


@pytest.fixture
def pages(database: DatabaseUrl) -> DatabaseUrl:
    run_script(database, *TABLES)
    return database


def test_every_statement_runs_and_its_finding_is_gone(pages: DatabaseUrl) -> None:
    found = told(pages)
    run_script(pages, *remedies(found))
    again = told(pages)
    assert remedies(again) == []
    mended = {each.name for each in found if each.remedies}
    assert len(mended) >= 12
    assert mended & {each.name for each in again} == set()


def test_long_texts_are_indexed_by_their_beginning(pages: DatabaseUrl) -> None:
    by_name = {each.name: each for each in told(pages)}
    assert {
        name: by_name[f"index: Query.{name}"].remedies
        for name in ("pages(body)", "pages(note)", "pages(code)", "old(name)", "old")
        if f"index: Query.{name}" in by_name
    } == {
        # By the text, and not in its order, which no index can give.
        "pages(body)": ("CREATE INDEX `pages_by_body` ON `pages` (`body`(100));",),
        "pages(note)": ("CREATE INDEX `pages_by_note` ON `pages` (`note`(100));",),
        "pages(code)": ("CREATE INDEX `pages_by_code` ON `pages` (`code`(100));",),
        "old(name)": ("CREATE INDEX `olds_by_name` ON `olds` (`name`(100));",),
        "old": (),
    }
    assert "none can hold these columns in whole" in by_name["index: Query.old"].message


def test_an_index_gets_a_name_that_no_other_has(pages: DatabaseUrl) -> None:
    """The table has a full-text index of the name that an index by the price would get."""
    (price,) = [each for each in told(pages) if each.name == "index: Query.pages(price)"]
    assert price.remedies == (
        "CREATE INDEX `pages_by_price_page_id_2` ON `pages` (`price`, `page_id`);",
    )
    run_script(pages, *remedies(told(pages)))


def created(url: DatabaseUrl, table: str) -> list[str]:
    return str(fetch_rows(url, f"SHOW CREATE TABLE `{table}`")[0][1]).splitlines()


def test_a_collation_is_changed_and_nothing_else(pages: DatabaseUrl) -> None:
    before = created(pages, "pages")
    (found,) = [each for each in told(pages) if each.kind is Kind.FILTER]
    assert found.about == "Query.pages(titleStart)"
    (sql,) = found.remedies
    run_script(pages, sql)
    after = created(pages, "pages")
    assert list(map(without_collation, after)) == list(map(without_collation, before))
    changed = [line.split()[0] for line in after if "utf8mb4_unicode_520_ci" in line]
    assert changed == ["`title`"]
    assert fetch_rows(pages, "SELECT title FROM pages") == [("a",), ("a",)]


def without_collation(line: str) -> str:
    return re.sub(r" CHARACTER SET utf8mb4| COLLATE utf8mb4_unicode(_520)?_ci", "", line)


PREFIX = """
type Query {{ as(start: String @filter(field: "t", operator: PREFIX)): [A!]! }}
type A {{ id: ID! @column(integer: true) t: String }}
"""


@pytest.mark.parametrize(
    ("column", "more", "is_changed"),
    [
        pytest.param(f"VARCHAR(9) {TEXT} NOT NULL", "", True, id="not-null"),
        pytest.param(f"VARCHAR(9) {TEXT} NULL DEFAULT 'x)' COMMENT '\\',`b`'", "", True, id="all"),
        pytest.param(f"CHAR(9) {TEXT} INVISIBLE", "", True, id="invisible"),
        pytest.param(f"TEXT {TEXT}", "", True, id="text"),
        pytest.param(f"VARCHAR(9) {TEXT}", ", UNIQUE KEY (t)", False, id="unique"),
        pytest.param(f"VARCHAR(9) {TEXT}", ", UNIQUE KEY (t(3))", False, id="unique-beginning"),
        pytest.param(f"VARCHAR(9) {TEXT} AS (CONCAT(b, 'x')) STORED", "", False, id="generated"),
        pytest.param(
            f"VARCHAR(9) {TEXT}", ", g VARCHAR(20) AS (CONCAT(t, 'x')) STORED", False, id="base"
        ),
        pytest.param(f"VARCHAR(9) {TEXT}", ", CHECK (t <> 'no')", False, id="checked"),
        pytest.param(
            f"VARCHAR(9) {TEXT}", ", KEY (t), FOREIGN KEY (t) REFERENCES ps (p)", False, id="child"
        ),
    ],
)
def test_columns_that_something_depends_on_are_left_alone(
    database: DatabaseUrl, column: str, more: str, is_changed: bool
) -> None:
    run_script(
        database,
        f"CREATE TABLE ps (p VARCHAR(9) {TEXT} PRIMARY KEY)",
        f"CREATE TABLE `as` (id INT PRIMARY KEY, b VARCHAR(9) {TEXT}, t {column}{more})",
    )
    before = created(database, "as")
    (found,) = [
        each for each in told(database, PREFIX.format()) if each.name == "filter: Query.as(start)"
    ]
    assert bool(found.remedies) is is_changed, found
    run_script(database, *found.remedies)
    after = created(database, "as")
    assert any("unicode_520_ci" in line for line in after) is is_changed
    assert list(map(without_collation, after)) == list(map(without_collation, before))


def test_a_parent_of_a_foreign_key_is_left_alone(database: DatabaseUrl) -> None:
    also_without_unique = "SET SESSION restrict_fk_on_non_standard_key = OFF"
    run_script(
        database,
        *([also_without_unique] if is_mysql(database) else []),
        f"CREATE TABLE `as` (id INT PRIMARY KEY, t VARCHAR(9) {TEXT}, KEY (t))",
        f"CREATE TABLE bs (b VARCHAR(9) {TEXT}, KEY (b), FOREIGN KEY (b) REFERENCES `as` (t))",
    )
    (found,) = [each for each in told(database, PREFIX.format()) if each.kind is Kind.FILTER]
    assert found.remedies == ()


def test_views_get_no_sql(pages: DatabaseUrl) -> None:
    found = [each for each in told(pages) if each.table == "showns"]
    assert [each.name for each in found if each.kind is Kind.INDEX] == ["index: Query.shown(title)"]
    assert [each.remedies for each in found] == [()] * len(found)


def test_a_key_that_rows_break_gets_no_index(pages: DatabaseUrl) -> None:
    (found,) = [each for each in told(pages) if each.kind is Kind.KEY]
    assert (found.about, found.severity) == ("Page(slug)", Severity.ERROR)
    unique = "CREATE UNIQUE INDEX `pages_slug_unique` ON `pages` (`slug`);"
    assert found.remedies == (unique,)
    run_script(pages, "UPDATE pages SET slug = 'd'")
    (found,) = [each for each in told(pages) if each.kind is Kind.KEY]
    assert found.remedies == ()
    assert found.message.endswith("; two rows have the same: take one away")


def test_statements_name_what_their_names_need(database: DatabaseUrl) -> None:
    """Names with signs of percent, quotes, and words of SQL."""
    table, column = "100% `order`", "sel%ect`"
    quoted = [f"`{name.replace('`', '``')}`" for name in (table, column)]
    with connect(database) as to, to.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {quoted[0]} (id INT PRIMARY KEY, {quoted[1]} INT)")
    sdl = (
        "type Query { as(n: Int): [A!]! } "
        f'type A @table(name: "{table}") {{ id: ID! @column(integer: true) '
        f'n: Int @column(name: "{column}") }}'
    )
    statements = remedies(told(database, sdl))
    assert len(statements) == 1
    with connect(database) as to, to.cursor() as cursor:
        cursor.execute(statements[0])
    assert remedies(told(database, sdl)) == []
    assert re.search(r"100% ``order``", statements[0])


def test_an_order_by_a_unique_column_is_served_or_can_be(database: DatabaseUrl) -> None:
    """MariaDB sorts by the key behind it, though no two rows have the same value."""
    run_script(
        database,
        "CREATE TABLE `as` (id INT PRIMARY KEY, n INT NOT NULL, UNIQUE KEY (n))",
        "INSERT INTO `as` VALUES (1, 2), (2, 1), (3, 5)",
    )
    sdl = (
        'type Query { as: [A!]! @orderBy(fields: ["n"]) }'
        " type A { id: ID! @column(integer: true) n: Int! }"
    )
    statements = remedies(told(database, sdl))
    run_script(database, *statements)
    assert told(database, sdl) == []
    assert statements == (
        [] if is_mysql(database) else ["CREATE INDEX `as_by_n_id` ON `as` (`n`, `id`);"]
    )


def test_table_in_memory_gets_an_index_that_has_an_order(database: DatabaseUrl) -> None:
    """Without a word such a table hashes, also its key: that finds rows and sorts none."""
    run_script(
        database,
        "CREATE TABLE seats (id INT PRIMARY KEY, hall INT, KEY (hall)) ENGINE = MEMORY",
        "INSERT INTO seats VALUES (1, 2), (2, 1), (3, 2)",
    )
    sdl = (
        "type Query { seat(id: Int!): Seat seats(hall: Int, first: Int): SeatConnection! }"
        " type Seat { id: Int! hall: Int }"
    )
    statements = remedies(told(database, sdl))
    assert statements == [
        "CREATE INDEX `seats_by_id` USING BTREE ON `seats` (`id`);",
        "CREATE INDEX `seats_by_hall_id` USING BTREE ON `seats` (`hall`, `id`);",
    ]
    run_script(database, *statements)
    assert remedies(told(database, sdl)) == []
