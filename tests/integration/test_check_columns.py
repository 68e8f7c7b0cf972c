"""What the check says of columns: types, ranges, labels, dates, orders, filters, expressions."""

from __future__ import annotations

import pytest

from aurora_graphql.check.filters import has_whole_ranges
from aurora_graphql.check.finding import Kind, Severity
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked, findings
from tests.integration.servers import connect, fetch_rows, run_script


def is_mariadb(url: DatabaseUrl) -> bool:
    return "MariaDB" in str(fetch_rows(url, "SELECT VERSION()"))


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


def test_rows_that_hold_no_label_of_an_enum_are_named(database: DatabaseUrl) -> None:
    """As a server stores an unknown label that is not strict: place 0, sent as an empty text."""
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute(
            "CREATE TABLE cups (cup_id INT PRIMARY KEY, size ENUM('s', 'l') NOT NULL,"
            " lid ENUM('', 'flat'), glaze ENUM('matt'), foot ENUM('', 'high'), KEY (lid))"
        )
        cursor.execute(
            "INSERT INTO cups VALUES (1, 's', '', 'matt', ''), (2, 'xl', 'flat', 'gold', 'high'),"
            " (3, 'l', 'round', NULL, NULL)"
        )
    sdl = (
        "type Query { cup(cupId: Int!): Cup } enum Size { s l } enum Glaze { matt NONE"
        ' @value(column: "") } enum Lid { NONE @value(column: "") flat } enum Foot { NONE'
        ' @value(column: "") high } type Cup { cupId: Int! size: Size! lid: Lid glaze: Glaze'
        " foot: Foot }"
    )
    found = findings(build_model(build_schema({"a.graphql": sdl})), database)
    rows = "hold none of its labels, but an empty text in their place, as a server stores it that"
    mend = "Give these rows a label, or NULL"
    assert [(each.name, each.message) for each in found if "no label" in each.name] == [
        (
            "enum: Cup.size (no label)",
            f"Cup.size: rows of cups.size {rows} is not strict: each is an error in place of its"
            f" field. {mend}",
        ),
        (
            "enum: Cup.lid (no label)",
            f"Cup.lid: rows of cups.lid {rows} is not strict: answers take them for those with the"
            f" label '', and pages in this order repeat rows. {mend}",
        ),
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
