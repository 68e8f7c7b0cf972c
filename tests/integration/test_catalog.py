"""What is read of a live database's catalogue, also by an account that may only SELECT."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from aurora_graphql.catalog import (
    ForeignKey,
    Index,
    IndexColumn,
    LiveColumn,
    LiveTable,
    read_catalog,
)
from handler.stores.deadline import Deadline
from handler.stores.mysql.column_types import ColumnTypes, read_types
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.integration.servers import connect, fetch_rows, is_mysql, run_script

READER = "catalogue_reader"


@pytest.fixture
def reader(database: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """An account that may only SELECT from the test's database."""
    run_script(
        database, f"CREATE USER {READER}", f"GRANT SELECT ON `{database.database}`.* TO {READER}"
    )
    yield replace(database, user=READER)
    run_script(database, f"DROP USER {READER}")


def read(url: DatabaseUrl) -> dict[str, LiveTable]:
    async def ask() -> dict[str, LiveTable]:
        database = MySqlDatabase(url)
        try:
            return await read_catalog(database, Deadline.after(30))
        finally:
            await database.close()

    return asyncio.run(ask())


def names(index: Index) -> tuple[str, ...]:
    return tuple(column.name for column in index.columns)


def test_account_that_may_only_select_sees_foreign_keys(reader: DatabaseUrl) -> None:
    run_script(
        replace(reader, user="root"),
        "CREATE TABLE places (hall INT, place INT, PRIMARY KEY (hall, place))",
        "CREATE TABLE tickets (ticket_id INT PRIMARY KEY, place INT, hall INT,"
        " CONSTRAINT seat FOREIGN KEY (hall, place) REFERENCES places (hall, place))",
    )
    tables = read(reader)
    assert tables["places"].foreign_keys == []
    assert tables["tickets"].foreign_keys == [
        ForeignKey("seat", ("hall", "place"), "places", ("hall", "place"))
    ]


def test_foreign_key_into_another_database_names_it(
    database: DatabaseUrl, northwind_database: DatabaseUrl
) -> None:
    other = northwind_database.database
    run_script(
        database,
        "CREATE TABLE notes (note_id INT PRIMARY KEY, product_id VARCHAR(64) COLLATE utf8mb4_bin,"
        f" CONSTRAINT far FOREIGN KEY (product_id) REFERENCES `{other}`.products (product_id))",
    )
    assert read(database)["notes"].foreign_keys == [
        ForeignKey("far", ("product_id",), "products", ("product_id",), other)
    ]


def test_part_of_a_text_has_no_name_in_an_index(database: DatabaseUrl) -> None:
    """So a unique index over the first letters is none over the column."""
    run_script(
        database,
        "CREATE TABLE words (word_id INT PRIMARY KEY, lang CHAR(2), word VARCHAR(99), about TEXT,"
        " UNIQUE KEY starts (lang, word(3)), KEY reversed (word(3), lang),"
        " FULLTEXT KEY about (about))",
    )
    found = {index.name: index for index in read(database)["words"].indexes}
    assert found == {
        "PRIMARY": Index("PRIMARY", (IndexColumn("word_id"),), is_unique=True),
        "starts": Index(
            "starts", (IndexColumn("lang"), IndexColumn("", prefix_of="word")), is_unique=True
        ),
        "reversed": Index("reversed", (IndexColumn("", prefix_of="word"), IndexColumn("lang"))),
    }


def test_expression_has_no_name_in_an_index(database: DatabaseUrl) -> None:
    if not is_mysql(database):
        pytest.skip("MariaDB has no index over an expression")
    run_script(
        database, "CREATE TABLE sums (a INT PRIMARY KEY, b INT, KEY both_of_them ((a + b), b))"
    )
    assert [names(index) for index in read(database)["sums"].indexes] == [("", "b"), ("a",)]


def test_columns_tell_comment_json_and_that_they_are_invisible(reader: DatabaseUrl) -> None:
    run_script(
        replace(reader, user="root"),
        "CREATE TABLE parts (part_id INT NOT NULL PRIMARY KEY COMMENT 'The number.',"
        " data JSON, text LONGTEXT, hidden INT INVISIBLE) COMMENT 'What is built in.'",
        "CREATE VIEW shown AS SELECT part_id FROM parts",
    )
    tables = read(reader)
    table, columns = tables["parts"], tables["parts"].columns
    assert (table.comment, table.engine, table.is_view) == ("What is built in.", "InnoDB", False)
    assert (tables["shown"].comment, tables["shown"].engine) == ("", "")
    assert tables["shown"].is_view
    assert columns["part_id"].comment == "The number."
    assert [name for name, column in columns.items() if column.is_json] == ["data"]
    assert [name for name, column in columns.items() if column.is_invisible] == ["hidden"]
    assert isinstance(columns["text"], LiveColumn)


def test_sizes_and_generated_columns_are_told(database: DatabaseUrl) -> None:
    run_script(
        database,
        "CREATE TABLE lengths (n INT NOT NULL PRIMARY KEY, made DATETIME DEFAULT CURRENT_TIMESTAMP,"
        " twice INT AS (n * 2) VIRTUAL, half INT AS (n / 2) STORED) ROW_FORMAT=COMPACT",
        "CREATE VIEW shown AS SELECT n FROM lengths",
        "INSERT INTO lengths (n) VALUES (1), (2), (3)",
        "ANALYZE TABLE lengths",
    )
    tables = read(database)
    table = tables["lengths"]
    assert (table.rows, table.data_bytes, table.row_format) == (3, 16384, "Compact")
    assert tables["shown"].rows is None
    made = [name for name, column in table.columns.items() if column.is_generated]
    assert made == ["twice", "half"]


def test_labels_are_what_their_rows_hold(database: DatabaseUrl) -> None:
    """The catalogue writes quotes twice, and a backslash before some others."""
    labels = ("a\\b", "it's", "two\nlines", "back\r", "'", "\\n", "nul\0", "tab\t", "", "a%b")
    with connect(database) as connection, connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(labels))
        cursor.execute(f"CREATE TABLE kinds (id INT PRIMARY KEY, kind ENUM({marks}))", labels)
    assert read(database)["kinds"].columns["kind"].values == labels


def test_catalogue_is_read_whole_whatever_a_server_has_as_its_limit(
    database: DatabaseUrl,
) -> None:
    columns = [f"c{at}" for at in range(9)]
    listed = ", ".join(f"{each} INT, KEY ({each})" for each in columns)
    run_script(database, f"CREATE TABLE wide (id INT PRIMARY KEY, {listed})")
    before = fetch_rows(database, "SELECT @@GLOBAL.sql_select_limit")[0][0]
    run_script(database, "SET GLOBAL sql_select_limit = 3")
    try:
        found = read(database)["wide"]
        types = asyncio.run(read_stored_types(database, ["wide"]))
    finally:
        run_script(database, f"SET GLOBAL sql_select_limit = {before}")
    assert list(found.columns) == ["id", *columns]
    assert sorted(names(index) for index in found.indexes) == [*((c,) for c in columns), ("id",)]
    assert sorted(name for _, name in types.columns) == [*columns, "id"]


async def read_stored_types(url: DatabaseUrl, tables: list[str]) -> ColumnTypes:
    database = MySqlDatabase(url)
    try:
        return await read_types(tables, database, Deadline.after(30))
    finally:
        await database.close()


def test_index_that_hashes_says_so(database: DatabaseUrl) -> None:
    run_script(
        database,
        "CREATE TABLE seats (id INT PRIMARY KEY, hall INT, place INT, KEY of_hall (hall),"
        " KEY by_place (place) USING BTREE) ENGINE = MEMORY",
    )
    found = {index.name: index.is_hash for index in read(database)["seats"].indexes}
    assert found == {"PRIMARY": True, "of_hall": True, "by_place": False}


def test_of_mariadb_sequences_are_no_tables_and_long_unique_texts_are_hashed(
    database: DatabaseUrl,
) -> None:
    if is_mysql(database):
        pytest.skip("MySQL has neither")
    run_script(
        database,
        "CREATE SEQUENCE numbers",
        "CREATE TABLE links (id INT PRIMARY KEY, url TEXT NOT NULL, UNIQUE KEY (url))",
    )
    tables = read(database)
    assert list(tables) == ["links"]
    found = {index.name: index.is_hash for index in tables["links"].indexes}
    assert found == {"PRIMARY": False, "url": True}
