"""Commands over a database that somebody has already: nothing of it changes unasked."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from aurora_graphql.dev.servers import DatabaseServer
from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.dev.site import Site
from tests.integration.servers import MIGRATIONS, fetch_rows, run_script

SDL = """
type Query {
  author(authorId: ID!): Author @public
}
type Author @public {
  authorId: ID! @column(integer: true)
  name: String!
  books: [Book!]! @orderBy(fields: ["title"])
}
type Book @public {
  bookId: ID! @column(integer: true)
  title: String!
}
"""
TABLES = (
    "CREATE TABLE authors (author_id INT NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL)",
    "CREATE TABLE books (book_id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, author_id INT NOT NULL,"
    " title VARCHAR(100) COLLATE utf8mb4_bin NOT NULL, KEY books_by_author (author_id, title),"
    " CONSTRAINT books_author FOREIGN KEY (author_id) REFERENCES authors (author_id))",
    "INSERT INTO authors VALUES (1, 'Frisch'), (2, 'Bachmann')",
    "INSERT INTO books (author_id, title) VALUES (1, 'Stiller'), (2, 'Malina')",
)
# The names of the example's tables, and another shop in them.
NAMESAKES = (
    "CREATE TABLE customers (customer_id INT PRIMARY KEY, mail VARCHAR(99)) ENGINE = InnoDB",
    "CREATE TABLE orders (order_id INT PRIMARY KEY, customer_id INT)",
    "CREATE TABLE order_items (order_id INT, line INT)",  # no key
    "CREATE TABLE products (product_id INT PRIMARY KEY)",  # no row
    "INSERT INTO customers VALUES (1, 'a@shop.example')",
    "INSERT INTO orders VALUES (7, 1)",
    "INSERT INTO order_items VALUES (7, 1), (7, 2)",
)
BOOKS = "{ author(authorId: 1) { name books { title } } }"
ORDERS = "{ orders(first: 1) { nodes { orderId } } }"
LEFT_ALONE = "left alone, DATABASE_URL is yours; MIGRATIONS_DIR=... applies them"
COMMANDS = ("dev", "dev --lambda", "check", "explain")


@pytest.fixture(scope="module")
def reader(mariadb: DatabaseServer) -> Iterator[str]:
    """The name of an account that may read every table of every database, and nothing else."""
    root = mariadb.url("mysql")
    run_script(root, "CREATE USER reader_of_all", "GRANT SELECT ON *.* TO reader_of_all")
    yield "reader_of_all"
    run_script(root, "DROP USER reader_of_all")


def picture(url: DatabaseUrl) -> dict[str, list[tuple[object, ...]]]:
    """All that the catalogue says of a database, and the sum of every table."""
    schema = {
        "tables": "table_name, table_type, engine, create_time, auto_increment, table_collation",
        "columns": "*",
        "statistics": "table_name, index_name, seq_in_index, column_name, sub_part, non_unique",
        "table_constraints": "*",
        "key_column_usage": "*",
        "views": "*",
        "triggers": "*",
    }
    shown = {}
    for view, columns in schema.items():
        of = "trigger_schema" if view == "triggers" else "table_schema"
        statement = f"SELECT {columns} FROM information_schema.{view} WHERE {of} = %s"
        shown[view] = sorted(fetch_rows(url, statement, url.database), key=repr)
    for table in (str(row[0]) for row in shown["tables"]):
        shown[f"rows of {table}"] = fetch_rows(url, f"SELECT COUNT(*) FROM `{table}`")
        shown[f"sum of {table}"] = fetch_rows(url, f"CHECKSUM TABLE `{table}`")
    shown["schemata"] = fetch_rows(url, "SELECT * FROM information_schema.schemata ORDER BY 2")
    return shown


def _command(site: Site, name: str, document: str, url: DatabaseUrl) -> str:
    """Run one of the commands to its end; all that it said."""
    environ = {"DATABASE_URL": url.text(), "CACHE_URL": ""}
    if name.startswith("dev"):
        with site.running(command=name, **environ) as (process, address):
            body = json.dumps({"query": document}).encode()
            kind = {"content-type": "application/json"}
            asked = urllib.request.Request(address, body, kind)
            with urllib.request.urlopen(asked, timeout=60) as response:
                answer: str = response.read().decode()
            process.terminate()
            assert process.wait(30) == 0
        return site.told + answer
    words = ("explain", document) if name == "explain" else ("check",)
    status, out, err = site.call(*words, **environ)
    assert status in (0, 1), err
    return out + err


@pytest.mark.usefixtures("graphiql_files")
@pytest.mark.parametrize("account", ["administrator", "reader"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_to_a_database_of_ones_own(
    command: str, account: str, reader: str, database: DatabaseUrl, tmp_path: Path
) -> None:
    run_script(database, *TABLES)
    (tmp_path / "books.graphql").write_text(SDL)
    site = Site(tmp_path, SDL_DIR=str(tmp_path))
    url = database if account == "administrator" else replace(database, user=reader)
    before = picture(database)
    told = _command(site, command, BOOKS, url)
    assert picture(database) == before
    if command.startswith("dev"):
        assert f"migrations   {LEFT_ALONE}" in told
    assert "Traceback" not in told
    expected = {
        "check": "2 tables fit the SDL, 3 access paths are served by indexes",
        "explain": "statement 2: 1 row in ",
    }
    answer = '{"data":{"author":{"name":"Frisch","books":[{"title":"Stiller"}]}}}'
    assert expected.get(command, answer) in told


@pytest.mark.usefixtures("graphiql_files")
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_to_tables_that_have_the_names_of_the_example(
    command: str, database: DatabaseUrl, tmp_path: Path
) -> None:
    """By an account that might."""
    run_script(database, *NAMESAKES)
    before = picture(database)
    told = _command(Site(tmp_path), command, ORDERS, database)
    assert picture(database) == before
    if command.startswith("dev"):
        assert f"migrations   {LEFT_ALONE}" in told
    assert "Traceback" not in told


@pytest.mark.usefixtures("graphiql_files")
def test_reading_commands_apply_no_migration_even_if_they_are_named(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    before = picture(database)
    for command in ("check", "explain"):
        site = Site(tmp_path, MIGRATIONS_DIR=str(MIGRATIONS))
        _command(site, command, ORDERS, database)
        assert picture(database) == before


@pytest.mark.usefixtures("graphiql_files")
def test_a_run_applies_what_is_named_and_loads_the_example_only_into_its_own_empty_tables(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    site = Site(tmp_path, MIGRATIONS_DIR=str(MIGRATIONS))
    assert '"orderId":' in _command(site, "dev", ORDERS, database)
    before = picture(database)
    assert before["rows of order_items"] == [(2155,)]
    told = _command(site, "dev", ORDERS, database)
    assert picture(database) == before
    assert "data         left alone, customers has rows already" in told


@pytest.mark.usefixtures("graphiql_files")
def test_migrations_that_an_account_may_not_apply_are_a_sentence(
    reader: str, database: DatabaseUrl, tmp_path: Path
) -> None:
    before = picture(database)
    environ = {"DATABASE_URL": replace(database, user=reader).text(), "CACHE_URL": ""}
    status, out, err = Site(tmp_path, MIGRATIONS_DIR=str(MIGRATIONS)).call("dev", **environ)
    assert (status, out) == (2, "")
    told = re.sub(r"`\w+`\.`(\w+)`", r"'\1'", err.splitlines()[-1])  # MariaDB's way to name it
    assert told == (
        f"error: migrate: the records of migrations cannot be kept in {database.database}: 1142"
        f" TABLEACCESS_DENIED_ERROR: CREATE command denied to user '{reader}'@'localhost' for table"
        f" 'schema_migrations'; the account needs CREATE, SELECT, INSERT and UPDATE on"
        f" schema_migrations"
    )
    assert "Traceback" not in err
    assert picture(database) == before


def test_other_sdl_over_an_empty_private_database_is_refused_before_it_is_made(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path, SDL_DIR=str(tmp_path))
    status, out, err = site.call("check")
    assert (status, out) == (2, "")
    assert err.startswith(f"error: the SDL is in {tmp_path}, and nothing says where its tables are")
    assert not (site.folder / "mariadb").exists()
