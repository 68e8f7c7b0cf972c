"""The check of the SDL against a live database: each promise broken once."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_graphql.check.filters import has_whole_ranges
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.report import Style, report
from aurora_graphql.check.run import closed_places
from handler.jobs.migrate import migrate
from handler.language.sdl import build_schema, load_schema
from handler.model.builder import build_model
from handler.model.model import Model
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.checked import MANY, checked
from tests.integration.servers import MIGRATIONS, connect, fetch_rows, is_mysql, run_script

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "sdl"


def example() -> Model:
    return build_model(load_schema(EXAMPLE))


def changed(old: str, new: str) -> Model:
    """The model of the example with one thing written otherwise."""
    text = (EXAMPLE / "orders.graphql").read_text()
    assert text.count(old) == 1
    return build_model(build_schema({"orders.graphql": text.replace(old, new)}))


@pytest.fixture
def tables(database: DatabaseUrl) -> DatabaseUrl:
    """A database with the example's tables, empty."""
    asyncio.run(migrate(database, MIGRATIONS))
    return database


def findings(model: Model, url: DatabaseUrl) -> list[Finding]:
    """What is wrong if the tables are large."""
    return checked(model, url, MANY).of(Severity.ERROR, Severity.WARNING)


def is_mariadb(url: DatabaseUrl) -> bool:
    return "MariaDB" in str(fetch_rows(url, "SELECT VERSION()"))


def test_the_example_fits_its_tables(tables: DatabaseUrl) -> None:
    found = checked(example(), tables)
    assert found.findings == ()
    assert report(found, (), Style()) == (
        "4 tables fit the SDL, 18 access paths are served by indexes"
    )


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(
            "SET foreign_key_checks = 0; DROP TABLE products",
            "type Product is read from table 'products', which does not exist",
            id="no-table",
        ),
        pytest.param(
            "ALTER TABLE products CHANGE product_name title VARCHAR(255) NOT NULL",
            "Product.productName is read from column 'product_name', which 'products' does not",
            id="no-column",
        ),
        pytest.param(
            "ALTER TABLE order_items DROP COLUMN discount",
            "OrderItem.discount is read from column 'discount'",
            id="no-column-of-an-expression",
        ),
        pytest.param(
            "ALTER TABLE products MODIFY product_name VARCHAR(255) NULL",
            "Product.productName must not be null, but products.product_name may be NULL",
            id="nullable",
        ),
        pytest.param(
            "ALTER TABLE order_items MODIFY quantity VARCHAR(10) NOT NULL",
            "OrderItem.quantity is a Int, but order_items.quantity is varchar(10)",
            id="type",
        ),
        pytest.param(
            "ALTER TABLE orders DROP FOREIGN KEY orders_customer;"
            "ALTER TABLE orders MODIFY customer_id VARCHAR(64) COLLATE utf8mb4_bin NULL",
            "Order.customer must not be null, but orders.customer_id may be NULL",
            id="nullable-relation",
        ),
        pytest.param(
            "ALTER TABLE orders DROP FOREIGN KEY orders_customer;"
            "ALTER TABLE orders MODIFY customer_id VARCHAR(64) COLLATE utf8mb4_unicode_ci NOT NULL",
            "Order.customer compares orders.customer_id",
            id="collations-differ",
        ),
        pytest.param(
            "ALTER TABLE order_items DROP PRIMARY KEY, ADD KEY (order_id, order_item_id)",
            "the key (order_id, order_item_id) of OrderItem is not unique in 'order_items'",
            id="key-not-unique",
        ),
        pytest.param(
            "ALTER TABLE orders DROP FOREIGN KEY orders_customer;"
            "ALTER TABLE orders DROP KEY orders_by_customer",
            "CREATE INDEX `orders_by_customer_id_ordered_at_order_id` ON `orders` "
            "(`customer_id`, `ordered_at`, `order_id`);",
            id="no-index-for-a-filter",
        ),
        pytest.param(
            "ALTER TABLE orders DROP FOREIGN KEY orders_customer;"
            "ALTER TABLE orders"
            " MODIFY customer_id VARCHAR(64) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL",
            "rows of Order are visible by orders.customer_id, which is varchar(64) latin1_bin; a "
            "claim is compared with CHAR or VARCHAR in utf8mb4, or with whole numbers",
            id="letters-of-claims-in-other-bytes",
        ),
        pytest.param(
            "ALTER TABLE products DROP KEY products_by_name",
            "error: index: Query.products: no index (ordered by productName, productId), reads "
            "about 10,000,000 rows",
            id="no-index-for-an-order",
        ),
    ],
)
def test_says_what_the_database_lacks(tables: DatabaseUrl, script: str, said: str) -> None:
    run_script(tables, *script.split(";"))
    found = findings(example(), tables)
    assert any(said in str(each) for each in found), [str(each) for each in found]
    assert all(str(each).startswith("orders.graphql:") for each in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            "orderItemId: ID! @column(integer: true)",
            "orderItemId: ID!",
            "OrderItem.orderItemId is an ID over int unsigned: write @column(integer: true)",
            id="id-over-integers",
        ),
        pytest.param(
            '): ProductConnection! @orderBy(fields: ["productName", "productId"])',
            '): ProductConnection! @orderBy(fields: ["price"])',
            "warning: sort: Query.products: the server sorts what it finds by namePrefix (a range)",
            id="range-and-order-differ",
        ),
        pytest.param(
            "orders(first: Int, after: String): OrderConnection!",
            "orders(first: Int, after: String): OrderConnection!"
            ' @relation(columns: ["customer_id"], references: ["buyer_id"])',
            "Customer.orders needs column 'buyer_id' of 'orders', which does not exist",
            id="no-column-of-a-relation",
        ),
    ],
)
def test_says_what_the_sdl_promises_too_much(
    tables: DatabaseUrl, old: str, new: str, said: str
) -> None:
    found = "\n".join(map(str, findings(changed(old, new), tables)))
    assert said in re.sub(r"\bint\(\d+\)", "int", found)  # MariaDB tells display widths, MySQL not


KINDS = """
type Query {
  as(
    tall: [ID!] @filter(field: "id"), text: String, hour: String, tag: Tag
    hours: String @filter(field: "hour", operator: PREFIX)
    start: String @filter(field: "text", operator: PREFIX)
    code: String @filter(operator: PREFIX)
    sum: Int @filter(field: "twice")
    by: By!
  ): [A!]!
  a(id: ID!): A
}
enum By { TAG @orderBy(fields: ["tag"]) LONG @orderBy(fields: ["long"]) }
enum Tag { RED @value(column: "Red") GREEN @value(column: "it's") BLUE @value(column: "blue") }
enum Level { LOW @value(column: "1") HIGH @value(column: "high") }
type A {
  id: ID! @column(integer: true)
  text: String code: String long: String hour: String data: JSON
  number: Int big: Int small: Int bits: Int
  tag: Tag tags: Tag labels: [Tag!] level: Level
  day: Date at: DateTime stamp: DateTime
  never: Date @column(name: "day", zeroIsNull: true)
  twice: Int @expression(sql: "{number} * 2")
  wrong: Int @expression(sql: "CROWD({number})")
  bs: [B!]! @relation(columns: ["id"], references: ["a_id"])
  sizes: Int @sum(of: "bs", field: "size")
  bigs: BigInt @sum(of: "bs", field: "size")
  hours(at: String @filter(field: "hour", operator: PREFIX)): Int @count(of: "bs")
}
type B { id: ID! @column(integer: true) size: Int hour: String }
"""
KINDS_TABLES = (
    "SET SESSION sql_mode = ''",
    "CREATE TABLE `as` (id INT PRIMARY KEY,"
    " text VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,"
    " code VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"
    " `long` VARCHAR(257) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, hour TIME, data JSON,"
    " number INT UNSIGNED, big BIGINT, small MEDIUMINT UNSIGNED, bits BIT(32),"
    " tag ENUM('Red', 'it''s', 'Yellow'), tags SET('Red', 'it''s'),"
    " labels SET('it''s', 'Yellow', 'Red'), level TINYINT,"
    " day DATE NOT NULL DEFAULT '0000-00-00', at DATETIME, stamp TIMESTAMP NULL, KEY (stamp))",
    "CREATE TABLE bs (id INT PRIMARY KEY, size INT, hour TIME, a_id INT, KEY (a_id, id))",
)


@pytest.fixture
def kinds(database: DatabaseUrl) -> DatabaseUrl:
    run_script(database, *KINDS_TABLES)
    return database


def said(url: DatabaseUrl, *kinds: Kind) -> list[str]:
    """The messages of these kinds, without their places."""
    found = findings(build_model(build_schema({"a.graphql": KINDS})), url)
    return [each.message for each in found if each.kind in kinds]


def test_numbers_that_an_int_cannot_hold_are_named(kinds: DatabaseUrl) -> None:
    told = [each.partition(":")[0] for each in said(kinds, Kind.RANGE)]
    unsigned = "int(10) unsigned" if is_mariadb(kinds) else "int unsigned"
    big = "bigint(20)" if is_mariadb(kinds) else "bigint"
    assert told == [
        f"A.number is an Int, but as.number is {unsigned}",
        f"A.big is an Int, but as.big is {big}",
        "A.bits is an Int, but as.bits is bit(32)",
        "A.sizes is an Int, but the sum of B.size over many rows may pass 2,147,483,647, which is "
        "an error; make it a BigInt",
    ]


def test_enums_that_differ_from_their_column_are_named_in_both_directions(
    kinds: DatabaseUrl,
) -> None:
    assert [each.partition(";")[0].partition(". ")[0] for each in said(kinds, Kind.ENUM)] == [
        "A.tag: Tag has no name for 'Yellow' of as.tag",
        "A.tag: Tag names 'blue', which as.tag cannot hold (enum('red','it''s','yellow'))",
        "A.labels: [Tag!] has no name for 'Yellow' of as.labels",
        "A.labels: [Tag!] names 'blue', which as.labels cannot hold (set('it''s','yellow','red'))",
        f"A.level: as.level is {'tinyint(4)' if is_mariadb(kinds) else 'tinyint'}, and Level names "
        "'high', which is compared as the number that it begins with, or as 0",
    ]


def test_a_type_that_does_not_fit_is_named_with_one_that_does(kinds: DatabaseUrl) -> None:
    assert [each for each in said(kinds, Kind.TYPE) if each.startswith("A.tags")] == [
        "A.tags is a Tag, but as.tags is set('red','it''s'), and a Tag needs bigint, char, enum, "
        "inet4, inet6, int, longtext, mediumint, mediumtext, smallint, text, tinyint, tinytext, "
        "uuid, varchar; make it a list of an enum or of String"
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param("", ["A.day"], id="default"),
        pytest.param("(1, '2020-01-01', NULL, NULL)", ["A.day"], id="none"),
        pytest.param("(1, '2020-01-01', '0000-00-00', NULL)", ["A.day", "A.at"], id="first-rows"),
        pytest.param("(1, '2020-01-01', '2020-00-03', NULL)", ["A.day", "A.at"], id="no-month"),
        pytest.param(
            ", ".join(
                f"({number}, '2020-01-01', NULL, {stamp})"
                for number, stamp in enumerate(["NULL", *["'2020-01-01'"] * 1100, "'0000-00-00'"])
            ),
            ["A.day", "A.stamp"],
            id="an-index-finds-it-behind-them",
        ),
    ],
)
def test_zero_dates_are_named_where_a_bounded_question_finds_them(
    kinds: DatabaseUrl, rows: str, told: list[str]
) -> None:
    if rows:
        insert = f"INSERT INTO `as` (id, day, at, stamp) VALUES {rows}"
        run_script(kinds, "SET SESSION sql_mode = ''", insert)
    assert [each.partition(" ")[0] for each in said(kinds, Kind.DATE)] == told


def test_what_is_not_proved_is_told(kinds: DatabaseUrl) -> None:
    found = checked(build_model(build_schema({"a.graphql": KINDS})), kinds, MANY)
    line = KINDS[: KINDS.index("type A")].count("\n") + 1
    assert [str(each) for each in found.of(Severity.NOTE)] == [
        f"a.graphql:{line}: note: unproved: dates of A: not all rows of at were looked at for "
        "0000-00-00",
    ]
    assert [str(each) for each in found.findings if each.kind is Kind.SORT] == [
        "a.graphql:3: warning: sort: Query.as: the server sorts what it finds by tall (several "
        "values); hours, start, code (a range)",
    ]


def test_arguments_that_choose_several_values_are_told_unless_they_lead_the_order(
    database: DatabaseUrl,
) -> None:
    script = "CREATE TABLE `as` (id INT PRIMARY KEY, at DATETIME, flag BOOL, KEY (at), KEY (flag))"
    run_script(database, script)
    sdl = """
type Query {
  plain(on: Date @filter(field: "at"), flag: Boolean, id: [ID!]): [A!]!
  byDay(on: Date @filter(field: "at")): [A!]! @orderBy(fields: ["at"])
  below(on: Date @filter(field: "at", operator: LESS)): [A!]! @orderBy(fields: ["at"])
}
type A { id: ID! @column(integer: true) at: Date flag: Boolean }
"""
    found = checked(build_model(build_schema({"a.graphql": sdl})), database)
    assert [str(each).partition(": ")[2] for each in found.findings] == [
        "note: sort: Query.plain: the server sorts what it finds by on (a day is a range of its "
        "column); flag (true is every number but 0)",
        "note: unproved: Query.plain by several arguments: not all that have an index have one "
        "together, such as by on, flag ordered by id; what clients ask is looked at as a known "
        "operation",
    ]


def test_expression_that_the_server_refuses_is_named(kinds: DatabaseUrl) -> None:
    (told,) = said(kinds, Kind.EXPRESSION)
    assert told == (
        "A.wrong: the server refuses the expression as a value of one row: "
        f"FUNCTION {kinds.database}.CROWD does not exist"
    )


def test_aggregate_of_ones_own_is_refused_by_the_server(kinds: DatabaseUrl) -> None:
    if not is_mariadb(kinds):
        pytest.skip("stored aggregates are MariaDB's")
    run_script(
        kinds,
        "CREATE AGGREGATE FUNCTION CROWD(x INT) RETURNS INT BEGIN DECLARE n INT DEFAULT 0;"
        " DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN n;"
        " LOOP FETCH GROUP NEXT ROW; SET n = n + 1; END LOOP; END",
    )
    (told,) = said(kinds, Kind.EXPRESSION)
    assert told.startswith("A.wrong: the server refuses the expression as a value of one row: ")


def test_orders_that_pages_cannot_rely_on_are_named(kinds: DatabaseUrl) -> None:
    assert [each.partition(":")[0] for each in said(kinds, Kind.ORDER)] == [
        "Query.as is ordered by as.long, whose varchar(257) may take 1,028 bytes, and the server "
        "compares 1,024 (max_sort_length) where it sorts rows itself",
    ]
    shorter = "ALTER TABLE `as` MODIFY `long` VARCHAR(256) CHARACTER SET utf8mb4"
    run_script(kinds, "SET SESSION sql_mode = ''", shorter)
    assert said(kinds, Kind.ORDER) == []


@pytest.mark.parametrize(
    ("collation", "characters", "is_named"),
    [
        pytest.param("utf8mb4_bin", 256, False, id="as-long-as-the-server-compares"),
        pytest.param("utf8mb4_bin", 1000, True, id="longer"),
        pytest.param("utf8mb4_unicode_520_ci", 1000, True, id="longer-of-another-collation"),
        pytest.param("utf8mb4_0900_as_cs", 1000, False, id="of-a-collation-that-compares-whole"),
    ],
)
def test_named_orders_are_those_that_the_server_confuses(
    kinds: DatabaseUrl, collation: str, characters: int, is_named: bool
) -> None:
    if "0900" in collation and is_mariadb(kinds):
        pytest.skip("a collation of MySQL")
    kind = f"VARCHAR({characters}) CHARACTER SET utf8mb4 COLLATE {collation}"
    longer = f"ALTER TABLE `as` MODIFY `long` {kind}"
    run_script(kinds, "SET SESSION sql_mode = ''", longer)
    texts = [(n, "😀" * (characters - 1) + chr(97 + n * 7 % 20)) for n in range(20)]
    with connect(kinds) as to, to.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO `as` (id, day, `long`) VALUES (%s, '2020-01-01', %s)", texts
        )
        cursor.execute("SELECT id FROM `as` ORDER BY `long`")
        found = [id_ for (id_,) in cursor.fetchall()]
    right = [id_ for id_, _ in sorted(texts, key=lambda row: row[1])]
    assert (found != right) is is_named
    assert any("as.long" in each for each in said(kinds, Kind.ORDER)) is is_named


def test_arguments_that_do_not_find_what_they_name_are_named(kinds: DatabaseUrl) -> None:
    beyond = (
        "where the server takes an index, the range ends before characters beyond U+FFFF, such as "
        "emoji, and rows are missed"
    )
    every = "its text is made of every row, and no index serves that"
    assert [
        each.rpartition("; ")[0].partition("; no ")[0] for each in said(kinds, Kind.FILTER)
    ] == [
        f"Query.as(hours:) finds by the beginning of as.hour, which is time: {every}",
        "Query.as(start:) finds by the beginning of as.text, which is varchar(50) "
        f"utf8mb4_unicode_ci: {beyond}",
        "Query.as(code:) finds by the beginning of as.code, which is varchar(50) utf8mb4_bin: "
        f"{beyond}",
        f"A.hours(at:) finds by the beginning of bs.hour, which is time: {every}",
    ]


def test_collation_that_is_advised_for_prefixes_mends_them(kinds: DatabaseUrl) -> None:
    """By the index, as without it; and every collation that is named misses one."""
    rows = [(f"Tofu{letter} smile",) for letter in "😀𝐀𠀀é\uffff"]
    with connect(kinds) as to, to.cursor() as cursor:
        for collation, is_whole in (
            ("utf8mb4_unicode_ci", False),
            ("utf8mb4_bin", False),
            ("utf8mb4_spanish_ci", False),
            ("utf8mb4_general_ci", True),
            ("utf8mb4_unicode_520_ci", True),
            ("utf8mb3_bin", True),
            *(
                []
                if is_mariadb(kinds)
                else [("utf8mb4_0900_ai_ci", True), ("utf8mb4_0900_bin", True)]
            ),
        ):
            charset = collation.partition("_")[0]
            cursor.execute("DROP TABLE IF EXISTS p")
            text = f"VARCHAR(50) CHARACTER SET {charset} COLLATE {collation}"
            cursor.execute(f"CREATE TABLE p (t {text}, KEY (t))")
            some = [row for row in rows if charset == "utf8mb4" or row[0].encode()[4] != 0xF0]
            cursor.executemany("INSERT INTO p VALUES (%s)", some)
            cursor.execute("SELECT COUNT(*) FROM p FORCE INDEX (t) WHERE t LIKE 'Tofu%'")
            assert (cursor.fetchall() == ((len(some),),)) is is_whole, collation
            assert has_whole_ranges(collation) is is_whole, collation


def test_computed_filters_have_no_index_and_no_remedy(kinds: DatabaseUrl) -> None:
    found = findings(build_model(build_schema({"a.graphql": KINDS})), kinds)
    told = [each for each in found if "twice" in each.message]
    assert [(each.name, each.message, each.remedies) for each in told] == [
        (
            "index: Query.as(twice)",
            "twice is computed by an expression, which no index serves; store it in a generated "
            "column with an index and read that, or take the argument away (by sum), reads about "
            "10,000,000 rows",
            (),
        )
    ]


def test_indexes_are_proved_for_tables_that_are_whole_beside_others(kinds: DatabaseUrl) -> None:
    run_script(
        kinds,
        "SET SESSION sql_mode = ''",
        "ALTER TABLE bs DROP KEY a_id",
        "ALTER TABLE `as` DROP COLUMN tag",
    )
    found = checked(build_model(build_schema({"a.graphql": KINDS})), kinds)
    names = {each.name for each in found.findings}
    assert {"index: A.bs", "missing: A.tag", "expression: A.wrong", "date: A.day"} <= names
    (told,) = [each for each in found.findings if each.name.startswith("unproved: indexes")]
    assert told.message == (
        "indexes for 4 access paths, such as Query.as ordered by tag: not all of their columns "
        "exist"
    )


def test_products_are_found_by_the_beginning_before_any_character(tables: DatabaseUrl) -> None:
    run_script(
        tables,
        "INSERT INTO products VALUES ('1', 'Tofu😀 smile', 1), ('2', 'tofu', 1), ('3', 'Tofv', 1),"
        " ('4', 'Töfu 𠀀', 1), ('5', 'Tof', 1)",
    )
    with open_api(tables, EXAMPLE) as api:
        for prefix in ("Tofu", "tof", "Tofu😀"):
            names = [
                each["productName"]
                for each in api.run(
                    f'{{ products(namePrefix: "{prefix}") {{ nodes {{ productName }} }} }}'
                ).data["products"]["nodes"]
            ]
            wanted = {"Tofu": ["tofu", "Töfu 𠀀", "Tofu😀 smile"], "Tofu😀": ["Tofu😀 smile"]}
            wanted["tof"] = ["Tof", *wanted["Tofu"], "Tofv"]
            assert sorted(names) == sorted(wanted[prefix]), prefix


def test_an_index_that_the_optimizer_must_not_use_is_none(tables: DatabaseUrl) -> None:
    hidden, shown = ("INVISIBLE", "VISIBLE") if is_mysql(tables) else ("IGNORED", "NOT IGNORED")
    assert findings(example(), tables) == []
    run_script(
        tables,
        f"ALTER TABLE orders ALTER INDEX orders_by_time {hidden}",
        "ALTER TABLE orders ADD UNIQUE KEY also_by_ref (order_ref)",
        f"ALTER TABLE orders ALTER INDEX also_by_ref {hidden}",
    )
    found = findings(example(), tables)
    assert found != []
    remedy = f"ALTER TABLE `orders` ALTER INDEX `orders_by_time` {shown};"
    assert {each.remedies for each in found} == {(remedy,)}
    assert all(
        each.message.startswith(
            "index 'orders_by_time' is there, but the optimizer must not use it"
        )
        for each in found
    )
    run_script(tables, remedy)
    assert findings(example(), tables) == []


def test_columns_of_filter_inputs_are_told_where_no_index_finds_them(tables: DatabaseUrl) -> None:
    """Each once, at its field; what no index could find is looked for among the rest."""
    field = "  name: String\n"
    anywhere = changed(field, "  name: String @filterable(operators: [CONTAINS, NOT_EQUAL])\n")
    assert findings(anywhere, tables) == []
    model = changed(field, "  name: String @filterable\n")
    prefix, found = sorted(findings(model, tables), key=lambda each: each.name)
    assert prefix.name == "filter: CustomerFilter(name.startsWith)"
    assert found.name == "index: CustomerFilter(name)"
    text = (EXAMPLE / "orders.graphql").read_text()
    assert found.origin.location.line == text[: text.index(field)].count("\n") + 1
    run_script(tables, *found.remedies)
    assert findings(model, tables) == [prefix]


def test_row_rules_need_their_index(tables: DatabaseUrl) -> None:
    """From a claim to rows, also beside the list's own order, and from the row that decides."""
    run_script(
        tables,
        "ALTER TABLE order_items DROP FOREIGN KEY order_items_order",
        "ALTER TABLE order_items DROP PRIMARY KEY, ADD UNIQUE KEY (order_item_id, order_id)",
        "ALTER TABLE orders DROP FOREIGN KEY orders_customer",
        "ALTER TABLE orders DROP KEY orders_by_customer",
    )
    text = "\n".join(map(str, findings(example(), tables)))
    assert "index: Query.orders for claim customer_id: no index (ordered by orderedAt DESC" in text
    assert "index: Order by claim customer_id: no index" in text
    assert "index: OrderItem through order: no index" in text


def test_the_remedies_mend_what_is_missing(tables: DatabaseUrl) -> None:
    run_script(
        tables,
        "ALTER TABLE order_items DROP FOREIGN KEY order_items_product",
        "ALTER TABLE order_items DROP KEY order_items_by_product",
        "ALTER TABLE products DROP KEY products_by_name",
        "ALTER TABLE orders DROP KEY orders_by_time",
    )
    remedies = {sql for each in findings(example(), tables) for sql in each.remedies}
    assert remedies
    assert all(remedy.startswith("CREATE INDEX") for remedy in remedies)
    run_script(tables, *remedies)
    assert findings(example(), tables) == []


def test_what_is_closed_for_want_of_a_rule_is_told_with_what_to_write() -> None:
    text = (EXAMPLE / "orders.graphql").read_text().replace("type Product @public", "type Product")
    schema = build_schema({"orders.graphql": text})
    (told,) = closed_places(schema, build_model(schema))
    line = text[: text.index("type Product ")].count("\n") + 1
    assert str(told) == (
        f"orders.graphql:{line}: note: closed: type Product: type Product is closed to everybody, "
        "because it has no rule; to open it write @public, @authenticated or "
        '@requiresScopes(scopes: [["..."]]) there'
    )
    example = load_schema(EXAMPLE)
    assert closed_places(example, build_model(example)) == []


@pytest.mark.parametrize(
    ("row", "severity"),
    [
        pytest.param(None, Severity.NOTE, id="no-row"),
        pytest.param(2**31 - 1, Severity.NOTE, id="largest"),
        pytest.param(2**31, Severity.ERROR, id="too-large"),
        pytest.param(-(2**31), Severity.NOTE, id="smallest"),
        pytest.param(-(2**31) - 1, Severity.ERROR, id="too-small"),
    ],
)
@pytest.mark.parametrize("index", ["", ", KEY (n)"])
def test_a_number_that_some_row_has_is_an_error_and_another_a_note(
    database: DatabaseUrl, row: int | None, severity: Severity, index: str
) -> None:
    run_script(database, f"CREATE TABLE `as` (id INT PRIMARY KEY, n BIGINT{index})")
    if row is not None:
        run_script(database, f"INSERT INTO `as` VALUES (1, {row}), (2, 0), (3, NULL)")
    sdl = "type Query { a(id: ID!): A } type A { id: ID! @column(integer: true) n: Int }"
    (found,) = checked(build_model(build_schema({"a.graphql": sdl})), database).findings
    assert (found.name, found.severity) == ("range: A.n", severity)


def command(url: DatabaseUrl, sdl: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "aurora_graphql.check", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url.text(), "SDL_DIR": str(sdl)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_command_is_a_gate_that_can_be_told_what_to_live_with(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    run_script(database, "CREATE TABLE `as` (id INT PRIMARY KEY, n INT NULL, m INT)")
    (tmp_path / "a.graphql").write_text(
        "type Query @public { as(m: Int): [A!]! } "
        "type A @public { id: ID! @column(integer: true) n: Int! m: Int }"
    )
    status, out, err = command(database, tmp_path)
    assert (status, err) == (0, "")
    assert "  warning null: A.n  a.graphql:1\n" in out
    assert out.endswith("\n1 warning, 1 note\n")
    assert command(database, tmp_path, "--fail-on", "warning")[0] == 1
    status, out, err = command(database, tmp_path, "--rows", "1e7")
    assert (status, err) == (1, "")
    assert "          CREATE INDEX `as_by_m_id` ON `as` (`m`, `id`);\n" in out
    accept = '[[accept]]\nfinding = "null: A.n"\nreason = "{}"\n'
    accepting = tmp_path / "check.toml"
    accepting.write_text(accept.format("The import fills it within a minute."))
    status, out, err = command(database, tmp_path, "--fail-on", "warning")
    assert (status, out.splitlines()[-1]) == (
        0,
        "1 table fits the SDL, 2 access paths are served by indexes; 1 note, 1 accepted",
    )
    run_script(database, "ALTER TABLE `as` MODIFY n INT NOT NULL")
    status, out, err = command(database, tmp_path, "--fail-on", "warning")
    assert status == 1
    assert '  warning accepted: "null: A.n"  check.toml:1\n' in out
    accepting.write_text(accept.format("because"))
    status, out, err = command(database, tmp_path)
    assert (status, out) == (1, "")
    assert err.startswith('check.toml:1: "null: A.n" is accepted without a reason')


@pytest.mark.parametrize(("broken", "status"), [(False, 0), (True, 1)])
def test_command_tells_by_its_exit_status(tables: DatabaseUrl, broken: bool, status: int) -> None:
    if broken:
        run_script(tables, "ALTER TABLE products DROP KEY products_by_name")
    found, out, err = command(tables, EXAMPLE, "--rows", "1e7")
    assert (found, err) == (status, "")
    assert ("CREATE INDEX" if broken else "are served by indexes") in out


def test_an_index_that_the_server_does_not_take_is_none_only_if_no_other_serves(
    database: DatabaseUrl,
) -> None:
    """MySQL sorts what it reads by the first one, though the key's end is part of it."""
    run_script(
        database,
        "CREATE TABLE tracks (list_id INT, track_id INT, PRIMARY KEY (list_id, track_id),"
        " KEY by_list (list_id), KEY by_track (track_id))",
        "INSERT INTO tracks VALUES (1, 1), (1, 2), (2, 1), (3, 4)",
    )
    sdl = (
        "type Query { tracks(first: Int, listId: Int): [Track!]! }"
        ' type Track @key(fields: "listId trackId") { listId: Int! trackId: Int! }'
    )
    found = checked(build_model(build_schema({"a.graphql": sdl})), database, MANY)
    assert [str(each) for each in found.findings] == []


def test_orders_by_types_that_sort_otherwise_than_their_text_are_served(
    database: DatabaseUrl,
) -> None:
    """Labels by their places, a FLOAT by all of its digits: cursors know; JSON has no order."""
    names = {
        "e": "ENUM('b', 'a')",
        "s": "SET('b', 'a')",
        "f": "FLOAT",
        "b": "BIT(40)",
        "y": "YEAR",
        "t": "TIME(3)",
        "j": "JSON",
    }
    columns = ", ".join(f"{name} {kind}" for name, kind in names.items())
    run_script(database, f"CREATE TABLE `as` (id INT PRIMARY KEY, {columns})")
    orders = " ".join(f'{name.upper()} @orderBy(fields: ["{name}"])' for name in names)
    sdl = (
        f"type Query {{ as(o: O): [A!]! }} enum O {{ {orders} }} "
        "type A { id: ID! @column(integer: true) e: String s: String f: Float b: BigInt y: Int"
        " t: Time j: String }"
    )
    found = checked(build_model(build_schema({"a.graphql": sdl})), database).findings
    assert [each.about for each in found if each.kind is Kind.ORDER] == ["Query.as(j)"]
