"""The check of the SDL against a live database: each promise broken once."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_graphql.check.report import Style, report
from aurora_graphql.check.run import closed_places
from handler.jobs.migrate import migrate
from handler.language.sdl import build_schema, load_schema
from handler.model.builder import build_model
from handler.model.model import Model
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.checked import ACCEPTED, MANY, checked, findings, not_accepted
from tests.domains.orders import PROJECT
from tests.integration.servers import MIGRATIONS, is_mysql, run_script

ROOT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "sdl"


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


def test_the_example_fits_its_tables(tables: DatabaseUrl) -> None:
    found = checked(example(), tables)
    assert not_accepted(found.findings) == []
    assert sorted(each.name for each in found.findings) == sorted(ACCEPTED)
    assert report(found, (), Style()).splitlines()[-1] == (
        "4 tables fit the SDL, 25 access paths are served by indexes; 7 notes"
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
    found = not_accepted(findings(example(), tables))
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
            '@orderBy(fields: ["productName", "productId"])',
            '@orderBy(fields: ["price"])',
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
    assert not_accepted(findings(example(), tables)) == []
    run_script(
        tables,
        f"ALTER TABLE orders ALTER INDEX orders_by_time {hidden}",
        "ALTER TABLE orders ADD UNIQUE KEY also_by_ref (order_ref)",
        f"ALTER TABLE orders ALTER INDEX also_by_ref {hidden}",
    )
    found = not_accepted(findings(example(), tables))
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
    assert not_accepted(findings(example(), tables)) == []


def test_columns_of_filter_inputs_are_told_where_no_index_finds_them(tables: DatabaseUrl) -> None:
    """Each once, at its field; what no index could find is looked for among the rest."""
    field = "  orderRef: String!\n"
    anywhere = changed(field, "  orderRef: String! @filterable(operators: [CONTAINS, NOT_EQUAL])\n")
    assert not_accepted(findings(anywhere, tables)) == []
    model = changed(field, "  orderRef: String! @filterable\n")
    prefix, found = sorted(not_accepted(findings(model, tables)), key=lambda each: each.name)
    assert prefix.name == "filter: OrderFilter(orderRef.startsWith)"
    assert found.name == "index: OrderFilter(orderRef)"
    text = (EXAMPLE / "orders.graphql").read_text()
    assert found.origin.location.line == text[: text.index(field)].count("\n") + 1
    run_script(tables, *found.remedies)
    assert not_accepted(findings(model, tables)) == [prefix]


def test_row_rules_need_their_index(tables: DatabaseUrl) -> None:
    """From a claim to rows, also beside the list's own order, and from the row that decides."""
    run_script(
        tables,
        "ALTER TABLE order_items DROP FOREIGN KEY order_items_order",
        "ALTER TABLE order_items DROP PRIMARY KEY, ADD UNIQUE KEY (order_item_id, order_id)",
        "ALTER TABLE orders DROP FOREIGN KEY orders_customer",
        "ALTER TABLE orders DROP KEY orders_by_customer",
    )
    text = "\n".join(map(str, not_accepted(findings(example(), tables))))
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
    remedies = {sql for each in not_accepted(findings(example(), tables)) for sql in each.remedies}
    assert remedies
    assert all(remedy.startswith("CREATE INDEX") for remedy in remedies)
    run_script(tables, *remedies)
    assert not_accepted(findings(example(), tables)) == []


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


def command(url: DatabaseUrl, sdl: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "aurora_graphql", "check", *words],
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
    assert (status, out) == (2, "")
    assert err.startswith('error: check.toml:1: "null: A.n" is accepted without a reason')


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
