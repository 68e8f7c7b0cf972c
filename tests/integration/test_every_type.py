"""Every type of column: what its best field shows, what finds and sorts it, and which fields fit.

``tests/column_types.py`` has the types, with values at their edges. Columns of other kinds than
types follow: generated and invisible ones, zeros for dates, and names that need quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.dev.servers import MariaDb
from handler.scalars import COLUMNS, SCALARS, item_of, scalar_of
from handler.scalars.bytes import Bytes
from handler.scalars.geo_json import GeoJson
from handler.scalars.scalar import Scalar
from handler.sql.stored_type import WHOLE_NUMBERS
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.checked import checked, model_of
from tests.column_types import COLUMN_TYPES, MARIADB, MYSQL, OTHER_CONTENTS, ColumnType
from tests.integration.servers import fetch_rows, fresh_database, is_mysql, run_script

GEOMETRIES = GeoJson.fits
TOLD = (Kind.TYPE, Kind.RANGE, Kind.ENUM, Kind.MISSING, Kind.NULL)
LABELS = {"b": "B", "it's": "ITS", "": "NONE", "a b": "A_B"}


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        yield url


def skip_unless_known(found: ColumnType, url: DatabaseUrl) -> None:
    if found.server and found.server != (MYSQL if is_mysql(url) else MARIADB):
        pytest.skip(f"only {found.server} has it")


def scalar_named(field: str) -> Scalar:
    return SCALARS[field] if field in SCALARS else COLUMNS[field]


def make_table(url: DatabaseUrl, found: ColumnType) -> str:
    """A table with the values, whose ids count down, and a NULL. Returns the type it has now."""
    count = len(found.stored)
    rows = ", ".join(f"({count - at}, {text})" for at, text in enumerate(found.stored))
    run_script(
        url,
        "DROP TABLE IF EXISTS t",
        f"CREATE TABLE t (id INT PRIMARY KEY, c {found.sql} {found.settings or 'NULL'})",
        f"INSERT INTO t VALUES (99, NULL), {rows}",
    )
    told = fetch_rows(
        url,
        "SELECT column_type FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = 'c'",
    )
    return str(told[0][0]).lower()


def stored_texts(url: DatabaseUrl, data_type: str) -> list[str]:
    """The values as the texts that an enum names, and the labels of a SET."""
    if data_type in GEOMETRIES:
        return ["x"]
    read = "HEX(c)" if data_type in Bytes.fits else "CAST(c AS CHAR)"
    read = "c + 0" if data_type in WHOLE_NUMBERS else read
    texts = [str(row[0]) for row in fetch_rows(url, f"SELECT {read} FROM t WHERE c IS NOT NULL")]
    if data_type == "set":
        texts += [label for text in texts for label in text.split(",")]
    return list(dict.fromkeys(texts))


def enum_of(values: Sequence[str]) -> str:
    names = [LABELS.get(each, f"V{at}") for at, each in enumerate(values)]
    pairs = zip(names, map(json.dumps, values), strict=True)
    return "enum Kind { " + " ".join(f"{n} @value(column: {v})" for n, v in pairs) + " }"


def sdl_of(fields: Sequence[str], enum: str, *, is_number: bool) -> str:
    """A type with these fields over the column, and lists that find and sort by each."""
    lists, values = [], []
    for at, field in enumerate(fields):
        scalar = scalar_named(field)
        arguments = ["first: Int", "after: String"]
        if scalar.has_members:
            arguments.append(f'is: {item_of(field)} @filter(field: "v{at}", operator: HAS)')
        elif scalar.has_equality:
            arguments.append(f'is: {field} @filter(field: "v{at}")')
            if scalar.has_order:
                arguments.append(f'below: {field} @filter(field: "v{at}", operator: LESS)')
        order = f' @orderBy(fields: ["v{at}"])' if scalar.has_order else ""
        lists.append(f"by{at}({', '.join(arguments)}): RowConnection!{order}")
        integer = ", integer: true" if field == "ID" and is_number else ""
        values.append(f'v{at}: {field} @column(name: "c"{integer})')
    return (
        "type Query @public { all: [Row!]! " + " ".join(lists) + " }\n"
        'type Row @public @table(name: "t") { id: ID! @column(integer: true) '
        + " ".join(values)
        + " }\n"
        + enum
    )


def what_fails(api: Api, at: int, field: str) -> str:
    """What is wrong with a field over the column, in every use of it; empty if nothing is."""
    scalar, kind = scalar_named(field), item_of(field)
    document = f"{{ rows: by{at} {{ nodes {{ id value: v{at} }} }} }}"
    answer = api.run(document)
    if "errors" in answer.body:
        return f"is not read: {answer.body['errors'][0]['message']}"
    rows = {node["id"]: node["value"] for node in answer.data["rows"]["nodes"]}
    if field != "JSON" and [key for key, value in rows.items() if value is None] != ["99"]:
        return "shows null"
    if api.run_by_executor(document).text != answer.text:
        return "the executor shows something else"
    given = {repr(value): value for value in rows.values() if value is not None}
    if scalar.has_members:
        for label in {label for labels in given.values() for label in labels}:
            having = [key for key, labels in rows.items() if label in (labels or ())]
            if chosen(api, at, f"is: {kind}", label) != having:
                return f"{label!r} is not found"
    elif scalar.has_equality:
        for text, value in given.items():
            same = [key for key, each in rows.items() if repr(each) == text]
            if chosen(api, at, f"is: {kind}", value) != same:
                return f"{value!r} is not found"
            before = [key for key in list(rows)[: list(rows).index(same[0])] if key != "99"]
            if field == "Boolean":  # every number but 0 is true
                before = [key for key, each in rows.items() if each is False and value]
            if scalar.has_order and chosen(api, at, f"below: {kind}", value) != before:
                return f"what is below {value!r} is not found"
    if scalar.has_order and list(paged(api, at)) != list(rows):
        return "pages are not the list"
    return ""


def chosen(api: Api, at: int, argument: str, value: Any) -> list[str] | str:
    name, _, kind = argument.partition(": ")
    document = f"query ($v: {kind}) {{ rows: by{at}({name}: $v) {{ nodes {{ id }} }} }}"
    answer = api.run(document, {"v": value})
    if "errors" in answer.body:
        return str(answer.body["errors"][0]["message"])
    return [node["id"] for node in answer.data["rows"]["nodes"]]


def paged(api: Api, at: int) -> Iterator[str]:
    """The ids by pages of one row, no more than a few of them."""
    document = (
        f"query ($c: String) {{ rows: by{at}(first: 1, after: $c)"
        " { nodes { id } pageInfo { hasNextPage endCursor } } }"
    )
    place = None
    for _ in range(20):
        answer = api.run(document, {"c": place})
        if "errors" in answer.body:
            return
        page = answer.data["rows"]
        yield from (node["id"] for node in page["nodes"])
        place = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


def told(sdl: str, url: DatabaseUrl) -> Sequence[Finding]:
    return checked(model_of(sdl), url).findings


# ---------------------------------------------------------------------------------- best fields


@pytest.mark.parametrize("found", COLUMN_TYPES, ids=lambda each: each.sql)
def test_the_best_field_of_a_type_shows_finds_and_sorts_all_of_its_values(
    url: DatabaseUrl, tmp_path: Path, found: ColumnType
) -> None:
    skip_unless_known(found, url)
    column_type = make_table(url, found)
    is_json = found.sql == "JSON"  # which MariaDB calls longtext
    assert scalar_of("json" if is_json else column_type) is scalar_named(found.field)
    labels = [text for text in LABELS if found.sql.startswith("ENUM") or text]
    sdl = sdl_of([found.field], enum_of(labels), is_number=False)
    (tmp_path / "a.graphql").write_text(sdl)
    with open_api(url, tmp_path) as api:
        rows = api.run("{ by0 { nodes { id v0 } } }").data["by0"]["nodes"]
        values = {node["id"]: node["v0"] for node in rows}
        ids = [str(len(found.stored) - at) for at in range(len(found.stored))]
        assert [values[each] for each in ids] == list(found.shown)
        if scalar_named(found.field).has_order:
            assert list(values) == ["99", *ids]
        assert what_fails(api, 0, found.field) == ""
    assert [each.message for each in told(sdl, url) if each.kind in TOLD] == []


# ------------------------------------------------------------------------- all fields over all

FIELDS = (*SCALARS, "Kind", "[String!]", "[Kind!]")
SYNONYMS = ("BOOL", "INT(11)", "REAL", "NCHAR(9)", "NVARCHAR(50)", "LONG VARCHAR", "CHAR(4) BYTE")
# What would work with the values of these tests, or with all, and is not meant.
NOT_MEANT = {
    "String": "a number or bytes are no text",
    "ID": "a time, a fraction or bytes are no identifier",
    "Float": "MySQL finds the greatest number of 64 bits by a Float, MariaDB does not",
    "Decimal": "a float has no exact digits, and a YEAR is one of a few",
    "Boolean": "a DECIMAL or a YEAR is no truth",
    "Kind": "an enum names texts and whole numbers",
    "JSON": "a number is JSON, too, and has scalars of its own",
    "Bytes": "a geometry's bytes are the server's own",
    "[String!]": "one text is no list, though it has commas",
    "[Kind!]": "one label is no list",
}
# A DECIMAL of more than 15 digits is shown rounded, as its author says, and MySQL finds not all.
ROUNDED = ("NUMERIC(65,30)", "DECIMAL(20)")


@pytest.mark.parametrize(
    "found", [each for each in COLUMN_TYPES if each.sql not in SYNONYMS], ids=lambda each: each.sql
)
def test_the_check_takes_the_fields_that_work_and_no_other(
    url: DatabaseUrl, tmp_path: Path, found: ColumnType
) -> None:
    skip_unless_known(found, url)
    other = OTHER_CONTENTS.get(found.sql)
    left_out = [other.field] if other else ["Float"] if found.sql in ROUNDED else []
    fields = [field for field in FIELDS if field not in left_out]
    wrong = differences(url, tmp_path / "a", found, fields)
    if other is not None:
        wrong |= differences(url, tmp_path / "b", other, [other.field])
    assert wrong == {}


def differences(
    url: DatabaseUrl, folder: Path, found: ColumnType, fields: Sequence[str]
) -> dict[str, str]:
    """Where the check, the scalars and what an API does are not of one mind."""
    column_type = make_table(url, found)
    data_type = re.split(r"\W", column_type)[0]
    enum = enum_of(stored_texts(url, data_type))
    sdl = sdl_of(fields, enum, is_number=data_type in WHOLE_NUMBERS)
    folder.mkdir()
    (folder / "a.graphql").write_text(sdl)
    named = {each.about for each in told(sdl, url) if each.kind in TOLD}
    wrong = {}
    with open_api(url, folder) as api:
        for at, field in enumerate(fields):
            scalar = scalar_named(field)
            fits = scalar.takes(data_type, column_type)
            fits = fits and not scalar.passes(data_type, column_type)
            failure = what_fails(api, at, field)
            if fits == (f"Row.v{at}" in named):
                wrong[field] = f"fits: {fits}, told by the check: {not fits}"
            elif fits and failure:
                wrong[field] = failure
            elif not fits and not failure and field not in NOT_MEANT:
                wrong[field] = "works, and is refused"
    return wrong


# ------------------------------------------------------------- columns of other kinds than types

ODD_SDL = """
type Query @public {
  row(unitPrice: ID!): Row
  rows(
    virtual: Int, stored: Int @filter(operator: GREATER_OR_EQUAL), hidden: Int
    stamp: DateTime, percent: Int, first: Int, after: String, orderBy: RowOrder
  ): RowConnection!
}
enum RowOrder { VIRTUAL @orderBy(fields: ["virtual DESC"]) ORDER @orderBy(fields: ["order"]) }
type Row @public @table(name: "Größe $ `%s` 100%") @key(fields: "unitPrice") {
  unitPrice: ID! @column(name: "Unit Price", integer: true)
  virtual: Int @column(name: "virtual")
  stored: Int @column(name: "stored")
  hidden: Int @column(name: "hidden")
  stamp: DateTime @column(name: "stamp", zeroIsNull: true)
  order: Int! @column(name: "order")
  percent: Int @column(name: "100%s")
  dollar: Int @column(name: "$cost")
  wide: Int @column(name: "größe 日")
  tick: Int @column(name: "a`b")
  sum: Int @expression(sql: "{Unit Price} + {100%s} + {$cost} + {größe 日} + {order}")
  parent: Row @relation(columns: ["order"], references: ["Unit Price"])
  children(first: Int): RowConnection! @relation(columns: ["Unit Price"], references: ["order"])
}
"""


@pytest.fixture(scope="module")
def odd_url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        table = "`Größe $ ``%s`` 100%`"
        run_script(
            url,
            "SET SESSION sql_mode = ''",
            f"CREATE TABLE {table} (`Unit Price` INT PRIMARY KEY,"
            " `virtual` INT AS (`Unit Price` * 2) VIRTUAL,"
            " `stored` INT AS (`Unit Price` + 1) STORED,"
            " hidden INT INVISIBLE, stamp TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00',"
            " `order` INT NOT NULL, `100%s` INT, `$cost` INT, `größe 日` INT, `a``b` INT,"
            " KEY (`virtual`), KEY (`stored`), KEY (`order`))",
            f"INSERT INTO {table} (`Unit Price`, hidden, stamp, `order`, `100%s`, `$cost`,"
            " `größe 日`, `a``b`) VALUES (1, 7, '2026-01-02 03:04:05', 2, 10, 20, 30, 40)",
            f"INSERT INTO {table} (`Unit Price`, `order`) VALUES (2, 1), (3, 1)",
        )
        yield url


@pytest.fixture(scope="module")
def odd(odd_url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "a.graphql").write_text(ODD_SDL)
    with open_api(odd_url, folder) as api:
        yield api


def test_generated_hidden_and_oddly_named_columns_are_read(odd: Api) -> None:
    answer = odd.run(
        "{ row(unitPrice: 1) { unitPrice virtual stored hidden stamp order percent dollar wide tick"
        " sum parent { unitPrice stamp } children { nodes { unitPrice } totalCount } } }"
    )
    assert answer.data["row"] == {
        "unitPrice": "1", "virtual": 2, "stored": 2, "hidden": 7, "stamp": "2026-01-02T03:04:05Z",
        "order": 2, "percent": 10, "dollar": 20, "wide": 30, "tick": 40, "sum": 63,
        "parent": {"unitPrice": "2", "stamp": None},
        "children": {"nodes": [{"unitPrice": "2"}, {"unitPrice": "3"}], "totalCount": 2},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("virtual: 4", ["2"]),
        ("stored: 3", ["2", "3"]),
        ("hidden: 7", ["1"]),
        ("percent: 10", ["1"]),
        ('stamp: "2026-01-02T03:04:05Z"', ["1"]),
        ("orderBy: VIRTUAL", ["3", "2", "1"]),
        ("orderBy: ORDER", ["2", "3", "1"]),
    ],
)
def test_such_columns_find_sort_and_page(odd: Api, arguments: str, expected: list[str]) -> None:
    found = odd.run(f"{{ rows({arguments}) {{ nodes {{ unitPrice }} }} }}").data["rows"]["nodes"]
    assert [node["unitPrice"] for node in found] == expected
    ids: list[str] = []
    place = None
    while len(ids) < len(expected):
        page = odd.run(
            f"query ($c: String) {{ rows({arguments}, first: 1, after: $c)"
            " { nodes { unitPrice } pageInfo { endCursor } } }",
            {"c": place},
        ).data["rows"]
        ids += [node["unitPrice"] for node in page["nodes"]]
        place = page["pageInfo"]["endCursor"]
    assert ids == expected


def test_the_check_finds_such_columns(odd_url: DatabaseUrl) -> None:
    found = told(ODD_SDL, odd_url)
    assert [each.message for each in found if each.kind in (*TOLD, Kind.EXPRESSION)] == []


# ------------------------------------------------------------------------------------- vectors

VECTORS = """
type Query @public { rows(embedding: Bytes, first: Int): RowConnection! }
type Row @public { id: ID! @column(integer: true) embedding: Bytes
  numbers: JSON @expression(sql: "VECTOR_TO_STRING({embedding})") }
"""


def test_a_vector_is_shown_by_an_expression_and_refused_as_a_column(
    url: DatabaseUrl, tmp_path: Path
) -> None:
    if not is_mysql(url):
        pytest.skip("MariaDB has it from 11.7 on")
    run_script(
        url,
        "CREATE TABLE `rows` (id INT PRIMARY KEY, embedding VECTOR(3))",
        "INSERT INTO `rows` VALUES (1, STRING_TO_VECTOR('[1, 2.5, -3e-9]')), (2, NULL)",
    )
    (tmp_path / "a.graphql").write_text(VECTORS)
    with open_api(url, tmp_path) as api:
        found = api.run("{ rows { nodes { numbers } } }").data["rows"]["nodes"]
    assert found == [{"numbers": [1.0, 2.5, -3e-9]}, {"numbers": None}]
    assert [each.message for each in told(VECTORS, url) if each.kind in TOLD] == [
        "Row.embedding is a Bytes, but rows.embedding is vector(3), and a Bytes needs binary, blob,"
        " longblob, mediumblob, tinyblob, varbinary; make it an @expression with what you mean"
    ]
