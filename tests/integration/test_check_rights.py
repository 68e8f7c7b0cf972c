"""Check and explain by accounts that may not see all: nothing is called missing that is hidden."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from aurora_graphql.check.compare import Checked, check
from aurora_graphql.check.finding import Kind, Severity
from handler.jobs.api_user import read_columns
from handler.jobs.migrate import migrate
from handler.language.sdl import build_schema, load_schema
from handler.model.builder import build_model
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.checked import not_accepted
from tests.domains.orders import PROJECT
from tests.integration.servers import MIGRATIONS, fetch_rows, run_script

ROOT = Path(__file__).parents[2]
EXAMPLE = (PROJECT / "sdl" / "orders.graphql").read_text()
NAME = "sight"
DENIED = "; give the account SELECT on what the SDL names: migrate does for its api_user"
SHOW_VIEW = (
    "the database refused: 1345 VIEW_NO_EXPLAIN: {} can not be issued; lacking privileges for"
    " underlying table; to explain a view give SHOW VIEW on it and SELECT on what it reads"
)
SHOP = """
type Query { item(itemId: ID!): Item @public items(first: Int): [Item!]! @orderBy(fields: ["name"]) @public }
type Item @table(name: "shown_items") @public {
  itemId: ID! @column(integer: true)
  name: String!
  upper: String @expression(sql: "UPPER({name})")
}
"""  # noqa: E501


@pytest.fixture
def tables(database: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """The example's tables, and an account without a right."""
    asyncio.run(migrate(database, MIGRATIONS))
    run_script(database, f"CREATE USER {NAME}")
    yield database
    run_script(database, f"DROP USER {NAME}")


def grant(url: DatabaseUrl, *grants: str) -> DatabaseUrl:
    """Give the rights, and the address by which the account asks."""
    run_script(url, *(f"GRANT {each} TO {NAME}" for each in grants))
    return replace(url, user=NAME)


def checked(url: DatabaseUrl, sdl: str = EXAMPLE) -> Checked:
    """All that is found beside what the example accepts."""

    async def ask() -> Checked:
        database = MySqlDatabase(url)
        try:
            return await check(
                build_model(build_schema({"orders.graphql": sdl})),
                database,
                Deadline.after(30),
                least_rows=10_000_000,
            )
        finally:
            await database.close()

    found = asyncio.run(ask())
    return dataclasses.replace(found, findings=tuple(not_accepted(found.findings)))


def wrong(found: Checked) -> list[str]:
    return [each.message for each in found.of(Severity.ERROR, Severity.WARNING)]


def notes(found: Checked) -> list[str]:
    return [each.message for each in found.of(Severity.NOTE)]


def messages(found: Checked, kind: Kind) -> list[str]:
    return [each.message for each in found.findings if each.kind is kind]


def command(url: DatabaseUrl, *words: str, sdl: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "aurora_graphql", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url.text(), "SDL_DIR": str(sdl)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def of_every_table(*without: str) -> list[str]:
    """SELECT on what the SDL names and nothing else, as migrate gives it to the API's account."""
    columns = read_columns(build_model(load_schema(PROJECT / "sdl")))
    return [
        f"SELECT ({', '.join(sorted(names - set(without)))}) ON {table}"
        for table, names in columns.items()
    ]


def test_an_account_that_may_only_select_is_enough(tables: DatabaseUrl) -> None:
    reader = grant(tables, f"SELECT ON {tables.database}.*")
    assert checked(reader) == checked(tables)
    run_script(tables, "DROP TABLE order_items")
    assert checked(reader) == checked(tables)
    (told,) = messages(checked(reader), Kind.MISSING)
    assert "'order_items', which does not exist (there are: customers, orders, " in told


def test_rights_that_come_by_a_role_count(tables: DatabaseUrl) -> None:
    run_script(tables, "CREATE ROLE seeing", f"GRANT SELECT ON {tables.database}.* TO seeing")
    try:
        reader = grant(tables, "seeing")
        is_mariadb = "MariaDB" in str(fetch_rows(tables, "SELECT VERSION()"))
        for_whom = f"seeing {'FOR' if is_mariadb else 'TO'} {NAME}"
        run_script(tables, f"SET DEFAULT ROLE {for_whom}")
        assert checked(reader) == checked(tables)
    finally:
        run_script(tables, "DROP ROLE seeing")


def test_the_account_that_migrate_makes_sees_what_the_sdl_names(tables: DatabaseUrl) -> None:
    run_script(tables, "ALTER TABLE customers ADD COLUMN password_hash VARCHAR(64) NULL")
    found = checked(grant(tables, *of_every_table()))
    assert found.findings == ()


def test_a_table_without_a_right_is_not_called_missing(tables: DatabaseUrl) -> None:
    reader = grant(tables, *(f"SELECT ON {each}" for each in ("customers", "orders", "products")))
    (told,) = messages(checked(reader), Kind.MISSING)
    assert told == (
        "type OrderItem is read from table 'order_items', which does not exist, or on which"
        f" {NAME}@% has no right (there are: customers, orders, products); add a migration, or name"
        " another with @table(name: ...)"
    )


def test_a_column_without_a_right_is_not_called_missing(tables: DatabaseUrl) -> None:
    found = checked(grant(tables, *of_every_table("country")))
    assert wrong(found) == [
        "Customer.country is read from column 'country', which 'customers' does not have, or on"
        f" which {NAME}@% has no right; it has customer_id, name",
    ]
    assert notes(found) == [
        "indexes for 4 access paths, such as Query.customers ordered by country: not all of their"
        " columns exist and are shown"
    ]


def test_a_key_of_a_relation_without_a_right_is_not_called_missing(tables: DatabaseUrl) -> None:
    found = checked(grant(tables, *of_every_table("customer_id")))
    told = [each for each in messages(found, Kind.MISSING) if each.startswith("Order.customer ")]
    assert told == [
        f"Order.customer needs column 'customer_id' of '{table}', which does not exist, or on which"
        f" {NAME}@% has no right; say by which columns with @relation(columns: [...], references:"
        " [...])"
        for table in ("orders", "customers")
    ]
    left = [each for each in notes(found) if each.startswith("indexes for ")]
    assert left
    assert all(each.endswith(": not all of their columns exist and are shown") for each in left)


def test_an_index_may_be_hidden_by_a_column(tables: DatabaseUrl) -> None:
    run_script(
        tables,
        "ALTER TABLE products ADD COLUMN secret INT NULL",
        "ALTER TABLE products DROP KEY products_by_name,"
        " ADD KEY products_by_name (product_name, product_id, secret)",
    )
    assert checked(tables).findings == ()
    found = checked(grant(tables, *of_every_table()))
    shown = fetch_rows(
        replace(tables, user=NAME),
        "SELECT COUNT(*) FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND index_name = 'products_by_name'",
    )
    told = messages(found, Kind.INDEX)
    assert bool(told) == (shown == [(0,)])  # MySQL shows it
    for each in told:
        assert each.startswith(f"no index that {NAME}@% sees, which has no right on all columns")
    assert len(wrong(found)) == len(told)


def test_what_a_right_is_lacking_for_is_told_as_not_proved(tables: DatabaseUrl) -> None:
    whole = [f"SELECT ON {each}" for each in ("customers", "orders", "order_items")]
    found = checked(grant(tables, *whole, "INSERT ON products"))
    assert wrong(found) == []
    subjects = [told.partition(": the database refused: ")[0] for told in notes(found)]
    assert subjects == [
        "that words are found by Query.products(search)",
        "that words are found by ProductFilter(search)",
        "indexes for 6 access paths, such as Query.product",
    ]
    for told in notes(found):
        assert "the database refused: 1142 TABLEACCESS_DENIED_ERROR: SELECT command" in told
        assert told.endswith(DENIED)


def test_a_view_that_may_not_be_explained(tables: DatabaseUrl, tmp_path: Path) -> None:
    run_script(
        tables,
        "CREATE TABLE items (item_id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_bin)",
        "INSERT INTO items VALUES (1, 'rope')",
        "CREATE VIEW shown_items AS SELECT * FROM items",
    )
    (tmp_path / "shop.graphql").write_text(SHOP)
    reader = grant(tables, "SELECT ON shown_items")
    asked = "{ item(itemId: 1) { upper } }"
    status, out, err = command(reader, "explain", asked, sdl=tmp_path)
    assert (status, err) == (0, "")
    told = out.splitlines()
    assert told[-1].endswith(" bytes, 0 errors")
    (refused,) = [line for line in told if "EXPLAIN: " in line]
    names = ("EXPLAIN/SHOW", "ANALYZE/EXPLAIN/SHOW")  # of MySQL and MariaDB
    assert refused in [f"  EXPLAIN: {SHOW_VIEW.format(each)}" for each in names]
    found = checked(reader, SHOP)
    assert messages(found, Kind.EXPRESSION) == []
    assert wrong(found) == []
    (refused,) = [each for each in names if SHOW_VIEW.format(each) in " ".join(notes(found))]
    assert notes(found) == [
        "Item.name must not be null, but shown_items.name may be NULL (not all rows were looked"
        " at); take the ! away",
        "the key (item_id) of Item: it is taken as said: the rows of the view 'shown_items' are too"
        " many, or not shown, to prove that it is unique",
        f"that the server reads the expression of Item.upper: {SHOW_VIEW.format(refused)}",
        "indexes for 3 access paths, such as Query.item: " + SHOW_VIEW.format(refused),
    ]


def test_explain_says_what_the_database_refused(tables: DatabaseUrl) -> None:
    reader = grant(tables, "SELECT ON customers")
    asked = "{ customers(first: 1) { nodes { name } } orders(first: 1) { nodes { orderId } } }"
    status, out, err = command(reader, "explain", asked, sdl=PROJECT / "sdl")
    assert (status, err) == (0, "")
    (told,) = [line for line in out.splitlines() if "refused" in line]
    assert told.startswith("statement 2: the database refused: 1142 TABLEACCESS_DENIED_ERROR: SEL")
    assert f"{DENIED} in " in told
    assert out.endswith(" bytes, 1 errors\n")


@pytest.mark.parametrize("name", ["check", "explain"])
def test_an_account_without_any_right_is_told_so(tables: DatabaseUrl, name: str) -> None:
    reader = replace(tables, user=NAME)
    words = [name, "{ orders { nodes { orderId } } }"][: 2 if name == "explain" else 1]
    status, out, err = command(reader, *words, sdl=PROJECT / "sdl")
    assert "Traceback" not in err
    assert f"Access denied for user '{NAME}'@'%' to database '{tables.database}'" in out + err
    assert status == (2 if name == "check" else 0)
