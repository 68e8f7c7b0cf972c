"""Statements: their text and their parameters."""

from __future__ import annotations

import re

import pytest

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.compiler.sql import ParentKey, compile_facts, compile_rows
from handler.sql.names import quote
from handler.sql.statement import Statement
from tests.handler.compiler.plans import COMPOSITE_KEYS, PAGE_INFO, Compiler, statements

ORDERS = Compiler.orders()
COMPOSITE = Compiler.of(COMPOSITE_KEYS)


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        pytest.param("orders", "`orders`", id="plain"),
        pytest.param("a`b", "`a``b`", id="backtick"),
        pytest.param("50%s", "`50%%s`", id="percent-is-doubled-for-the-driver"),
        pytest.param("größe 大", "`größe 大`", id="unicode-and-blanks"),
    ],
)
def test_identifiers_are_quoted(identifier: str, expected: str) -> None:
    assert quote(identifier) == expected


def test_percent_signs_survive_the_driver() -> None:
    compiler = Compiler.of(
        'type Query { a(id: ID!): A } type A @table(name: "t%s") { id: ID!'
        ' x: Int @column(name: "100%") y: Int @expression(sql: "MOD({id}, 7) % {100d}") }'
    )
    (statement,) = statements(compiler, "{ a(id: 5) { x y } }")
    assert statement.text % tuple(map(repr, statement.parameters)) == (
        "SELECT t0.`100%`, (MOD(t0.`id`, 7) % t0.`100d`) FROM `t%s` t0 WHERE t0.`id` = '5' LIMIT 1"
    )


def test_one_row_by_its_key() -> None:
    found = statements(ORDERS, '{ order(orderId: "x") { orderRef customer { name } } }')
    assert found == [
        Statement(
            "SELECT t0.`order_ref`, t1.`customer_id`, t1.`name` FROM `orders` t0 "
            "LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id` "
            "WHERE t0.`order_id` = %s LIMIT %s",
            ("x", 1),
            batch=0,
        )
    ]


def test_filters_are_combined() -> None:
    found = statements(
        ORDERS,
        '{ orders(customerId: "c", from: "2020-01-01T02:00:00+02:00", to: "2021-01-01T00:00:00Z",'
        " first: 3) { nodes { orderId } } }",
    )
    assert found == [
        Statement(
            "SELECT t0.`order_id` FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id` "
            "FROM `orders` k WHERE k.`customer_id` = %s "
            "AND k.`ordered_at` >= %s AND k.`ordered_at` < %s "
            "ORDER BY k.`ordered_at` DESC, k.`order_id` DESC LIMIT %s)) page "
            "JOIN `orders` t0 ON t0.`order_id` = page.`order_id` "
            "ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC LIMIT %s",
            ("c", "2020-01-01 00:00:00.000000", "2021-01-01 00:00:00.000000", 4, 4),
            batch=0,
        )
    ]


def test_prefix_escapes_wildcards() -> None:
    (found,) = statements(ORDERS, r'{ products(namePrefix: "50%_|\\") { nodes { productId } } }')
    assert "WHERE k.`product_name` LIKE %s ESCAPE '|' ORDER BY" in found.text
    assert found.parameters == ("50|%|_||\\%", 51, 51)


def test_plain_list_of_several_parents_is_one_statement() -> None:
    found = statements(
        ORDERS,
        "{ orders { nodes { items { quantity } } } }",
        keys=[("a",), ("b",)],
        batch=1,
    )
    assert found == [
        Statement(
            "SELECT t0.`order_id`, t0.`quantity` FROM `order_items` t0 "
            "WHERE t0.`order_id` IN (%s, %s) ORDER BY t0.`order_id`, t0.`order_item_id` LIMIT %s",
            ("a", "b", 2001),
            batch=1,
        )
    ]


def test_page_of_several_parents_is_a_page_of_each() -> None:
    found = statements(
        ORDERS,
        "{ customers { nodes { orders(first: 2) { nodes { orderRef } } } } }",
        keys=[("a",), ("b",)],
        batch=1,
    )
    page = (
        "(SELECT k.`order_id` FROM `orders` k WHERE k.`customer_id` = %s "
        "ORDER BY k.`ordered_at` DESC, k.`order_id` DESC LIMIT %s)"
    )
    assert found == [
        Statement(
            f"SELECT t0.`customer_id`, t0.`order_ref` FROM ({page} UNION ALL {page}) page "
            "JOIN `orders` t0 ON t0.`order_id` = page.`order_id` "
            "ORDER BY t0.`customer_id`, t0.`ordered_at` DESC, t0.`order_id` DESC LIMIT %s",
            ("a", 3, "b", 3, 6),
            batch=1,
        )
    ]


def test_pages_of_many_parents_are_numbered() -> None:
    keys: list[ParentKey] = [(number,) for number in range(200)]
    (found,) = statements(
        ORDERS,
        "{ customers { nodes { orders(first: 2) { nodes { orderRef } } } } }",
        keys=keys,
        batch=1,
    )
    marks = ", ".join(["%s"] * 200)
    assert found == Statement(
        "SELECT t0.`customer_id`, t0.`order_ref` FROM (SELECT k.`order_id`, ROW_NUMBER() OVER "
        "(PARTITION BY k.`customer_id` ORDER BY k.`ordered_at` DESC, k.`order_id` DESC) AS n "
        f"FROM `orders` k WHERE k.`customer_id` IN ({marks})) page "
        "JOIN `orders` t0 ON t0.`order_id` = page.`order_id` WHERE page.n <= %s "
        "ORDER BY t0.`customer_id`, t0.`ordered_at` DESC, t0.`order_id` DESC LIMIT %s",
        (*range(200), 3, 600),
        batch=1,
    )


def test_pages_of_many_parents_by_several_columns_are_numbered() -> None:
    compiler = Compiler.of(
        'type Query { as: [A!]! } type A @key(fields: "x y") { x: ID! y: Int! bs(first: Int): [B!]!'
        ' @orderBy(fields: ["z"]) } type B @key(fields: "x y z") { x: ID! y: Int! z: Int! }'
    )
    keys: list[ParentKey] = [(f"k{number}", number) for number in range(200)]
    (found,) = statements(compiler, "{ as { bs(first: 2) { z } } }", keys=keys, batch=1)
    either = " OR ".join(["(k.`x` = %s AND k.`y` = %s)"] * 200)
    assert found == Statement(
        "SELECT t0.`x`, t0.`y`, t0.`z` FROM (SELECT k.`x`, k.`y`, k.`z`, ROW_NUMBER() OVER "
        "(PARTITION BY k.`x`, k.`y` ORDER BY k.`z`, k.`x`, k.`y`) AS n "
        f"FROM `bs` k WHERE ({either})) page "
        "JOIN `bs` t0 ON t0.`x` = page.`x` AND t0.`y` = page.`y` AND t0.`z` = page.`z` "
        "WHERE page.n <= %s ORDER BY t0.`x`, t0.`y`, t0.`z` LIMIT %s",
        (*(part for key in keys for part in key), 3, 600),
        batch=1,
    )


def test_page_of_one_parent_is_one_page() -> None:
    (found,) = statements(
        ORDERS,
        "{ customers { nodes { orders(first: 2) { nodes { orderRef } } } } }",
        keys=[("a",)],
        batch=1,
    )
    assert found == Statement(
        "SELECT t0.`customer_id`, t0.`order_ref` FROM ((SELECT k.`order_id` FROM `orders` k "
        "WHERE k.`customer_id` = %s "
        "ORDER BY k.`ordered_at` DESC, k.`order_id` DESC LIMIT %s)) page "
        "JOIN `orders` t0 ON t0.`order_id` = page.`order_id` "
        "ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC LIMIT %s",
        ("a", 3, 3),
        batch=1,
    )


@pytest.mark.parametrize(
    ("arguments", "shown", "is_whole"),
    [
        pytest.param('customerId: "a"', "orderId orderedAt", True, id="key-and-order"),
        pytest.param('customerId: "a"', "orderedAt", True, id="order"),
        pytest.param('customerId: "a"', "customerId", True, id="filter"),
        pytest.param('customerId: "a"', "orderRef", False, id="another-column"),
        pytest.param('customerId: "a"', "customer { name }", False, id="of-another-table"),
        pytest.param(
            "where: {orderedAt: {isNull: true}}", "customerId", False, id="not-of-this-filter"
        ),
        pytest.param('from: "2020-01-01T00:00:00Z"', "orderId", False, id="range"),
        pytest.param('customerId: "a", after: "CURSOR"', "orderId", False, id="behind-a-row"),
    ],
)
def test_a_page_that_is_found_whole_needs_no_keys(
    arguments: str, shown: str, *, is_whole: bool
) -> None:
    """Its columns are read where its rows are looked for, by whatever index serves that."""
    compiler = Compiler.orders()
    rows = compiler.model.roots["orders"].rows
    assert rows is not None
    key = (b"2020-01-01 00:00:00", b"x")
    cursor = encode_cursor(fingerprint("Query.orders", rows.order), key).decode()
    document = f"{{ orders({arguments.replace('CURSOR', cursor)}) {{ nodes {{ {shown} }} }} }}"
    (found,) = statements(compiler, document)
    assert ("page" not in found.text) is is_whole


def test_the_first_page_of_all_rows_is_found_by_its_keys() -> None:
    """Or the servers sort an index that has all that is shown, where a table is not much larger."""
    (found,) = statements(ORDERS, "{ orders(first: 2) { nodes { orderRef } } }")
    assert found == Statement(
        "SELECT t0.`order_ref` FROM ((SELECT k.`order_id` FROM `orders` k "
        "ORDER BY k.`ordered_at` DESC, k.`order_id` DESC LIMIT %s)) page "
        "JOIN `orders` t0 ON t0.`order_id` = page.`order_id` "
        "ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC LIMIT %s",
        (3, 3),
        batch=0,
    )


def test_the_first_page_by_the_key_is_read_where_the_table_begins() -> None:
    (found,) = statements(ORDERS, "{ customers(first: 2) { nodes { name } } }")
    assert found == Statement(
        "SELECT t0.`name` FROM `customers` t0 ORDER BY t0.`customer_id` LIMIT %s", (3,), batch=0
    )


JOURNAL = Compiler.of(
    """
type Query {
  whole(from: Int @filter(field: "n", operator: GREATER_OR_EQUAL), m: Int, where: Chosen): [A!]!
}
input Chosen { m: Int, above: Int @filter(field: "n", operator: GREATER) }
type A { id: Int! n: Int! m: Int! }
"""
)


@pytest.mark.parametrize(
    ("arguments", "by_keys"),
    [
        pytest.param("from: 1", True, id="a-range-may-begin-inside-the-order"),
        pytest.param("m: 1", False, id="what-equals-is-read-whole"),
        pytest.param("from: null, m: 1", False, id="a-null-is-no-range"),
        pytest.param("where: {above: 1}", True, id="a-range-in-a-filter-input"),
        pytest.param("where: {m: 1}", False, id="no-range-in-a-filter-input"),
    ],
)
def test_a_plain_list_is_found_by_keys_in_a_range(arguments: str, by_keys: bool) -> None:
    (found,) = statements(JOURNAL, f"{{ whole({arguments}) {{ id }} }}")
    assert (" FROM ((SELECT " in found.text) == by_keys


def test_composite_keys_are_alternatives() -> None:
    found = statements(COMPOSITE, "{ as { bs { z } } }", keys=[("a", 1), ("b", 2)], batch=1)
    assert found == [
        Statement(
            "SELECT t0.`x`, t0.`y`, t0.`z` FROM `bs` t0 "
            "WHERE ((t0.`x` = %s AND t0.`y` = %s) OR (t0.`x` = %s AND t0.`y` = %s)) "
            "ORDER BY t0.`x`, t0.`y`, t0.`z` LIMIT %s",
            ("a", 1, "b", 2, 2001),
            batch=1,
        )
    ]


def test_facts_of_a_root_are_one_statement() -> None:
    order = ORDERS.plan("{ orders { edges { cursor } } }").batches[0].order
    real = encode_cursor(
        fingerprint("Query.orders", order), (b"2020-01-01 00:00:00", b"7")
    ).decode()
    plan, values = ORDERS.bound(
        "query ($after: String)"
        ' { orders(customerId: "c", first: 2, after: $after)'
        " { totalCount pageInfo { hasPreviousPage } } }",
        {"after": real},
    )
    found = compile_facts(plan, plan.batches[0], values)
    assert found == Statement(
        "SELECT (SELECT COUNT(*) FROM `orders` r WHERE r.`customer_id` = %s), "
        "COALESCE((SELECT /*+ NO_SKIP_SCAN(r) */ "
        "r.`ordered_at` >= %s AND (r.`ordered_at` > %s OR r.`ordered_at` = %s "
        "AND r.`order_id` > %s OR r.`ordered_at` = %s AND r.`order_id` = %s) "
        "FROM `orders` r WHERE r.`customer_id` = %s "
        "ORDER BY r.`ordered_at` DESC, r.`order_id` DESC LIMIT 1), 0)",
        ("c", *(["2020-01-01 00:00:00"] * 3), "7", "2020-01-01 00:00:00", "7", "c"),
        batch=0,
    )


@pytest.mark.parametrize(
    ("page", "fields", "expected"),
    [
        pytest.param("first", "n", "r.`p`, r.`n`, r.`id`", id="ascending"),
        pytest.param("first", "n DESC", "r.`p` DESC, r.`n` DESC, r.`id` DESC", id="descending"),
        pytest.param("last", "n DESC", "r.`p`, r.`n`, r.`id`", id="descending-from-its-end"),
        pytest.param("first", 'n DESC", "id', "r.`p`, r.`n` DESC, r.`id`", id="mixed"),
        pytest.param(
            "last", 'n DESC", "id', "r.`p` DESC, r.`n`, r.`id` DESC", id="mixed-from-its-end"
        ),
    ],
)
def test_a_fact_of_each_parent_is_in_the_order_of_the_index(
    page: str, fields: str, expected: str
) -> None:
    compiler = Compiler.of(
        f"""
type Query {{ ps: [P!]! }}
type P {{
  p: ID!
  as(first: Int, after: String, last: Int, before: String): AConnection!
    @orderBy(fields: ["{fields}"]) @relation(columns: ["p"], references: ["p"])
}}
type A {{ id: Int! n: Int! p: ID! }}
type AConnection {{ edges: [AEdge!]! pageInfo: PageInfo! }}
type AEdge {{ node: A! cursor: String! }}
{PAGE_INFO}
""".replace("type P {", 'type P @key(fields: "p") {', 1)
    )
    place = "after" if page == "first" else "before"
    text = (
        "query ($c: String) { ps { as("
        f"{page}: 2, {place}: $c) {{ edges {{ cursor }} pageInfo {{ hasPreviousPage }} }} }} }}"
    )
    order = compiler.plan(text).batches[1].order
    cursor = encode_cursor(fingerprint("P.as", order), (b"5", b"7")).decode()
    (found,) = statements(compiler, text, {"c": cursor})
    assert f" WHERE r.`p` = t0.`p` ORDER BY {expected} LIMIT 1), 0)" in found.text


def test_no_statement_holds_what_rds_proxy_pins_on() -> None:
    found = statements(ORDERS, "{ orders(first: 2) { totalCount nodes { total } } }")
    for statement in found:
        assert not re.search(
            r"/\*|;|\bSET\b|:=|\bTEMPORARY\b|\bLOCK\b|\bFOR UPDATE\b", statement.text
        )


def test_list_may_be_bounded_for_each_parent() -> None:
    plan, values = ORDERS.bound("{ orders { nodes { items { quantity } } } }")
    (found,) = compile_rows(plan, plan.batches[1], values, [("a",), ("b",)], bounds_each=True)
    assert found.text.count("LIMIT %s)") == 2
    assert found.parameters == ("a", 1001, "b", 1001, 2002)
