"""The check of known operations: what clients ask together, as the server will run it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aurora_graphql.check.finding import Kind, Severity
from handler.jobs.migrate import migrate
from handler.scalars import COLUMNS
from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked_operations
from tests.domains.orders import PROJECT
from tests.integration.servers import MIGRATIONS, run_script

EXAMPLE = PROJECT / "sdl"
SDL = """
type Query @public {
  things(
    size: Int, colour: String, above: Int @filter(field: "size", operator: GREATER)
    order: ThingOrder, first: Int, after: String
  ): ThingConnection!
}
enum ThingOrder { SIZE @orderBy(fields: ["size"]) COLOUR @orderBy(fields: ["colour DESC"]) }
type Thing @public { thingId: ID! @column(integer: true) size: Int colour: String }
"""
TABLE = (
    "CREATE TABLE things (thing_id INT PRIMARY KEY AUTO_INCREMENT, size INT, colour VARCHAR(20)"
    " COLLATE utf8mb4_bin, KEY (size), KEY (colour))"
)
BOTH = """
query Both($size: Int!, $colour: String) {
  things(size: $size, colour: $colour, first: 10) { nodes { thingId } }
}
"""


@pytest.fixture
def things(database: DatabaseUrl, tmp_path: Path) -> DatabaseUrl:
    """A table of 12,000 rows, and the SDL in the test's folder."""
    digits = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(10))
    some = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(12))
    ten = f"(SELECT a.n FROM ({digits}) a)"
    rows = f"{ten} a, {ten} b, {ten} c, (SELECT n FROM ({some}) s) d"
    run_script(
        database,
        TABLE,
        f"INSERT INTO things (size, colour) SELECT a.n, CONCAT('c', b.n) FROM {rows}",
        "ANALYZE TABLE things",
    )
    (tmp_path / "operations").mkdir()
    (tmp_path / "a.graphql").write_text(SDL)
    return database


def told(url: DatabaseUrl, folder: Path, document: str, least_rows: int = 0) -> list[str]:
    (folder / "operations" / "one.graphql").write_text(document)
    found = checked_operations(folder, url, least_rows)
    return [f"{each.severity.value} {each.name}: {each.message}" for each in found]


def test_the_operations_of_the_example_have_their_indexes(database: DatabaseUrl) -> None:
    """Also for a caller who sees only rows of a claim."""
    asyncio.run(migrate(database, MIGRATIONS))
    assert checked_operations(EXAMPLE, database, MANY) == []


def test_arguments_that_are_asked_together_need_an_index_together(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    (tmp_path / "operations" / "one.graphql").write_text(BOTH)
    (found,) = checked_operations(tmp_path, things, MANY)
    assert (found.kind, found.about, found.origin.file) == (
        Kind.OPERATION,
        "Both Query.things(size, colour)",
        "operations/one.graphql",
    )
    assert found.message.startswith("no index (by size, colour ordered by thingId), reads about ")
    assert found.severity is Severity.NOTE
    assert found.remedies == (
        "CREATE INDEX `things_by_size_colour_thing_id` ON `things` (`size`, `colour`, `thing_id`);",
    )
    run_script(things, *found.remedies)
    assert checked_operations(tmp_path, things, MANY) == []


def test_orders_that_a_variable_chooses_are_each_looked_at(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    asked = """
    query Ordered($size: Int!, $order: ThingOrder, $after: String) {
      things(size: $size, order: $order, after: $after) { nodes { thingId } }
    }
    """
    (found,) = told(things, tmp_path, asked)
    assert found.startswith(
        "note operation: Ordered Query.things(size): no index (by size ordered by colour DESC), "
        "reads about "
    )


def test_a_count_that_reads_a_large_table_is_told(things: DatabaseUrl, tmp_path: Path) -> None:
    (found,) = told(things, tmp_path, "query Many { things { totalCount } }")
    assert found.startswith("warning plan: Many Query.things totalCount: the server's plan reads ")
    assert found.endswith("with typical values; aurora-graphql explain shows the whole plan")
    few = "query Few($size: Int!) { things(size: $size) { totalCount } }"
    assert told(things, tmp_path, few) == []


def test_pages_inside_a_list_are_looked_at_as_they_will_run(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    asked = """
    query Next($after: String, $order: ThingOrder! = SIZE) {
      things(first: 10, after: $after, order: $order) { nodes { size } }
    }
    """
    assert told(things, tmp_path, asked) == []
    run_script(things, "ALTER TABLE things DROP KEY size")
    assert any(each.startswith("warning operation: Next") for each in told(things, tmp_path, asked))


def test_the_first_page_of_a_large_table_reads_an_index_to_its_end(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    """To the end of the page: EXPLAIN of MariaDB says all rows of the table."""
    every = "query Every { things(order: SIZE) { nodes { colour } } }"
    assert told(things, tmp_path, every) == []


def test_values_that_nobody_knows_are_told_and_no_error(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    asked = "query Cursor($after: String!) { things(after: $after) { nodes { thingId } } }"
    assert told(things, tmp_path, asked) == []
    run_script(things, "DELETE FROM things")
    (found,) = told(things, tmp_path, asked)
    assert found.startswith(
        "note unproved: operation Cursor: the operation Cursor could not be looked at with typical"
        " values: the cursor is not one of this list"
    )


def test_a_variable_that_is_a_filter_inside_filters_has_an_end(
    things: DatabaseUrl, tmp_path: Path
) -> None:
    chosen = SDL.replace("size: Int, colour", "where: ThingFilter, colour")
    chosen = chosen.replace("size: Int colour: String }", "size: Int colour: String @filterable }")
    (tmp_path / "a.graphql").write_text(chosen)
    asked = """
    query Chosen($where: ThingFilter!, $colour: String) {
      things(where: $where, colour: $colour) { nodes { thingId } }
    }
    """
    assert told(things, tmp_path, asked) == []


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE shops",
        "DROP TABLE things",
        "DROP TABLE marks",
        "DROP TABLE shops_things",
        "ALTER TABLE shops DROP COLUMN name",
        "ALTER TABLE things DROP COLUMN colour",
        "ALTER TABLE things DROP COLUMN shop_id",
        "ALTER TABLE shops_things DROP COLUMN thing_id",
    ],
)
def test_operation_over_what_is_gone_is_told_and_no_error(
    database: DatabaseUrl, tmp_path: Path, change: str
) -> None:
    """What is gone is a finding of its own."""
    (tmp_path / "operations").mkdir()
    (tmp_path / "a.graphql").write_text("""
    type Query @public { shops(name: String, first: Int): [Shop!]! }
    type Shop @public {
      shopId: Int! name: String
      own(colour: String, first: Int): [Thing!]!
        @relation(columns: ["shop_id"], references: ["shop_id"])
      marks(first: Int): [Mark!]! @relation(columns: ["shop_id"], references: ["shop_id"])
      things(first: Int): [Thing!]! @relation(through: {table: "shops_things"})
    }
    type Mark @public { markId: Int! shopId: Int }
    type Thing @public { thingId: Int! shopId: Int colour: String }
    """)
    run_script(
        database,
        "CREATE TABLE shops (shop_id INT PRIMARY KEY, name VARCHAR(9))",
        "CREATE TABLE things (thing_id INT PRIMARY KEY, shop_id INT, colour VARCHAR(9))",
        "CREATE TABLE marks (mark_id INT PRIMARY KEY, shop_id INT)",
        "CREATE TABLE shops_things (shop_id INT, thing_id INT, KEY (shop_id), KEY (thing_id))",
        change,
    )
    asked = """
    query Gone($name: String, $colour: String) {
      shops(name: $name, first: 2) {
        own(colour: $colour, first: 2) { thingId }
        marks(first: 2) { markId }
        things(first: 2) { thingId }
      }
    }
    """
    found = told(database, tmp_path, asked)
    assert {each.split(":")[0] for each in found} <= {"note unproved", "note operation"}


KINDS = {
    "BigInt": "BIGINT",
    "Boolean": "TINYINT(1)",
    "Bytes": "VARBINARY(9)",
    "Date": "DATE",
    "DateTime": "DATETIME",
    "Decimal": "DECIMAL(9, 2)",
    "Float": "DOUBLE",
    "ID": "VARCHAR(9)",
    "Int": "INT",
    "JSON": "JSON",
    "String": "VARCHAR(9)",
    "Time": "TIME",
    "UUID": "BINARY(16)",
}


def test_an_argument_of_every_scalar_has_a_value_without_a_row(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    assert KINDS.keys() == COLUMNS.keys() - {"GeoJSON"}  # which nothing filters by
    names = {f"a{scalar.lower()}": scalar for scalar in KINDS}
    columns = ", ".join(f"{name} {KINDS[scalar]}" for name, scalar in names.items())
    run_script(database, f"CREATE TABLE kinds (kind_id INT PRIMARY KEY, {columns})")
    arguments = ", ".join(f"{name}: {scalar}!" for name, scalar in names.items())
    fields = " ".join(f"{name}: {scalar}" for name, scalar in names.items())
    (tmp_path / "a.graphql").write_text(
        f"type Query @public {{ kinds({arguments}): [Kind!]! }}"
        f" type Kind @public {{ kindId: Int! {fields} }}"
    )
    (tmp_path / "operations").mkdir()
    declared = ", ".join(f"${name}: {scalar}!" for name, scalar in names.items())
    given = ", ".join(f"{name}: ${name}" for name in names)
    found = told(database, tmp_path, f"query Q({declared}) {{ kinds({given}) {{ kindId }} }}")
    assert [each for each in found if "unproved" in each] == []
