"""The check of the SDL against a live database: each promise broken once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from handler.check import Finding, check, closed_places
from handler.compiler.model import Model
from handler.compiler.model_builder import build_model
from handler.language.sdl import build_schema, load_schema
from handler.migrate import migrate
from handler.stores.database import MySqlDatabase
from handler.stores.deadline import Deadline
from handler.stores.url import DatabaseUrl
from tests.integration.servers import MIGRATIONS, run_script

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
    async def ask() -> list[Finding]:
        database = MySqlDatabase(url)
        try:
            return await check(model, database, Deadline.after(30))
        finally:
            await database.close()

    return asyncio.run(ask())


def test_the_example_fits_its_tables(tables: DatabaseUrl) -> None:
    assert findings(example(), tables) == []


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
            "Query.products ordered by productName, productId: no index",
            id="no-index-for-an-order",
        ),
        pytest.param(
            "ALTER TABLE products DROP KEY products_by_name,"
            " MODIFY product_name ENUM('a', 'b') NOT NULL, ADD KEY (product_name, product_id)",
            "products is ordered by products.product_name, whose type enum('a','b')",
            id="order-by-a-native-enum",
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
            "OrderItem.orderItemId is an ID over int(10) unsigned: write @column(integer: true)",
            id="id-over-integers",
        ),
        pytest.param(
            '): ProductConnection! @orderBy(fields: ["productName", "productId"])',
            '): ProductConnection! @orderBy(fields: ["price"])',
            "Query.products by namePrefix ordered by price, productId: "
            "no index can serve a range of product_name in that order",
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
    assert said in "\n".join(map(str, findings(changed(old, new), tables)))


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
    assert "Query.orders for claim customer_id ordered by orderedAt DESC" in text
    assert "rows of Order by claim customer_id: no index" in text
    assert "rows of OrderItem through order: no index" in text


def test_the_remedies_mend_what_is_missing(tables: DatabaseUrl) -> None:
    run_script(
        tables,
        "ALTER TABLE order_items DROP FOREIGN KEY order_items_product",
        "ALTER TABLE order_items DROP KEY order_items_by_product",
        "ALTER TABLE products DROP KEY products_by_name",
        "ALTER TABLE orders DROP KEY orders_by_time",
    )
    remedies = {each.remedy for each in findings(example(), tables)}
    assert remedies
    assert all(remedy.startswith("CREATE INDEX") for remedy in remedies)
    run_script(tables, *remedies)
    assert findings(example(), tables) == []


def test_what_is_closed_for_want_of_a_rule_is_told_with_what_to_write() -> None:
    text = (EXAMPLE / "orders.graphql").read_text().replace("type Product @public", "type Product")
    schema = build_schema({"orders.graphql": text})
    (told,) = closed_places(schema, build_model(schema))
    line = text[: text.index("type Product ")].count("\n")  # of its description
    assert str(told) == (
        f"orders.graphql:{line}: type Product is closed to everybody, because it has no rule; to"
        ' open it write @public, @authenticated or @requiresScopes(scopes: [["..."]]) there'
    )
    example = load_schema(EXAMPLE)
    assert closed_places(example, build_model(example)) == []


@pytest.mark.parametrize(("broken", "status"), [(False, 0), (True, 1)])
def test_command_tells_by_its_exit_status(tables: DatabaseUrl, broken: bool, status: int) -> None:
    if broken:
        run_script(tables, "ALTER TABLE products DROP KEY products_by_name")
    environ = {**os.environ, "DATABASE_URL": tables.text(), "SDL_DIR": str(EXAMPLE)}
    done = subprocess.run(
        [sys.executable, "-m", "handler.check"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert ("CREATE INDEX" if broken else "are served by indexes") in done.stdout
