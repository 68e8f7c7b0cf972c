"""Statements: their text, their parameters, and their size."""

from __future__ import annotations

import re
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.compiler.sql import (
    ParentKey,
    compile_by_parent,
    compile_facts,
    compile_rows,
)
from handler.errors import LimitError
from handler.sql.names import quote
from handler.sql.statement import MAX_STATEMENT_BYTES, SqlValue, Statement
from handler.stores.mysql.literals import literal
from tests.handler.compiler.plans import PAGE_INFO, Compiler

ORDERS = Compiler.orders()


def statements(
    compiler: Compiler,
    text: str,
    variables: dict[str, Any] | None = None,
    keys: list[ParentKey] | None = None,
    batch: int = 0,
) -> list[Statement]:
    """The statements of one batch."""
    plan, values = compiler.bound(text, variables)
    return compile_rows(plan, plan.batches[batch], values, keys)


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
    )


def test_the_first_page_of_all_rows_needs_no_keys() -> None:
    (found,) = statements(ORDERS, "{ orders(first: 2) { nodes { orderRef } } }")
    assert found == Statement(
        "SELECT t0.`order_ref` FROM `orders` t0 "
        "ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC LIMIT %s",
        (3,),
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


COMPOSITE = Compiler.of(
    "type Query { as: [A!]! }"
    ' type A @key(fields: "x y") { x: ID! y: Int! bs: [B!]! }'
    ' type B @key(fields: "x y z") { x: ID! y: Int! z: Int! }'
)


def test_composite_keys_are_alternatives() -> None:
    found = statements(COMPOSITE, "{ as { bs { z } } }", keys=[("a", 1), ("b", 2)], batch=1)
    assert found == [
        Statement(
            "SELECT t0.`x`, t0.`y`, t0.`z` FROM `bs` t0 "
            "WHERE ((t0.`x` = %s AND t0.`y` = %s) OR (t0.`x` = %s AND t0.`y` = %s)) "
            "ORDER BY t0.`x`, t0.`y`, t0.`z` LIMIT %s",
            ("a", 1, "b", 2, 2001),
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


def test_page_behind_a_cursor_is_found_range_by_range() -> None:
    compiler = Compiler.of(
        'type Query { as(first: Int, after: String): AConnection! @orderBy(fields: ["n DESC"]) }'
        " type A { id: Int! n: Int! } type AConnection { nodes: [A!]! edges: [AEdge!]! }"
        " type AEdge { node: A! cursor: String! }"
    )
    order = compiler.plan("{ as { edges { cursor } } }").batches[0].order
    cursor = encode_cursor(fingerprint("Query.as", order), (b"5", b"7")).decode()
    text = "query ($c: String) { as(first: 2, after: $c) { nodes { n } } }"
    assert statements(compiler, text, {"c": cursor}) == [
        Statement(
            "SELECT t0.`n` FROM ("
            "(SELECT /*+ NO_SKIP_SCAN(k) */ k.`id` FROM `as` k WHERE k.`n` < %s "
            "ORDER BY k.`n` DESC, k.`id` DESC LIMIT %s) UNION ALL "
            "(SELECT /*+ NO_SKIP_SCAN(k) */ k.`id` FROM `as` k WHERE k.`n` = %s AND k.`id` < %s "
            "ORDER BY k.`id` DESC LIMIT %s)) page "
            "JOIN `as` t0 ON t0.`id` = page.`id` ORDER BY t0.`n` DESC, t0.`id` DESC LIMIT %s",
            (5, 3, 5, 7, 3, 3),
        )
    ]


# ---------------------------------------------------------------------- keyset predicates

SORTED = Compiler.of(
    "type Query { as(s: S, first: Int, after: String, last: Int, before: String): AConnection }"
    " type A { id: Int! n: Int m: Int }"
    " enum S { "
    + " ".join(
        f'{"UD"[i]}{"UD"[j]}{"UD"[k]} @orderBy(fields: ["n {d[i]}", "m {d[j]}", "id {d[k]}"])'
        for d in [("ASC", "DESC")]
        for i, j, k in product((0, 1), repeat=3)
    )
    + " } type AConnection { edges: [AEdge!]! } type AEdge { node: A! cursor: String! } "
    + PAGE_INFO
)
ROWS = [(n, m, i) for i, (n, m) in enumerate(product((None, 1, 2), (None, 1, 2)))]


def satisfies(text: str, row: tuple[int | None, ...]) -> bool:
    """Evaluate a condition as SQL does, with its three values, over one row."""
    code = re.sub(r"k\.`(\w+)`", lambda found: f"row[{('n', 'm', 'id').index(found[1])}]", text)
    code = re.sub(r"(row\[\d\]) IS NOT NULL", r"(\1 is not None)", code)
    code = re.sub(r"(row\[\d\]) IS NULL", r"(\1 is None)", code)
    code = re.sub(
        r"(row\[\d\]) (<=|>=|<|>|=) (-?\d+)",
        lambda f: f"({f[1]} is not None and {f[1]} {'==' if f[2] == '=' else f[2]} {f[3]})",
        code,
    )
    code = code.replace(" AND ", " and ").replace(" OR ", " or ").replace("FALSE", "False")
    return bool(eval(code, {"row": row}))  # noqa: S307  # a condition that was written above


def sort_key(row: tuple[int | None, ...], sort: str) -> tuple[Any, ...]:
    values = ((-1 if part is None else part) for part in row)
    return tuple(
        value if letter == "U" else -value for value, letter in zip(values, sort, strict=True)
    )


@pytest.mark.parametrize("sort", ["".join(letters) for letters in product("UD", repeat=3)])
@pytest.mark.parametrize("direction", ["after", "before"])
def test_keyset_predicate_gives_just_the_rows_beyond_the_cursor(sort: str, direction: str) -> None:
    """Every order of three columns, every row as the cursor, NULLs in two of the columns."""
    ordered = sorted(ROWS, key=lambda row: sort_key(row, sort))
    size = "first" if direction == "after" else "last"
    field = f"as(s: {sort}, {direction}: $c, {size}: 9)"
    text = f"query ($c: String) {{ {field} {{ edges {{ cursor }} }} }}"
    order = SORTED.plan(text).batches[0].order
    for position, row in enumerate(ordered):
        raw = tuple(None if part is None else str(part).encode() for part in row)
        cursor = encode_cursor(fingerprint("Query.as", order), raw).decode()
        (found,) = statements(SORTED, text, {"c": cursor})
        conditions = re.findall(r" WHERE (.+?) ORDER BY ", found.text % found.parameters)
        beyond = [other for each in conditions for other in ordered if satisfies(each, other)]
        expected = ordered[position + 1 :] if direction == "after" else ordered[:position]
        assert sorted(beyond, key=ordered.index) == expected, conditions


def test_backward_page_reads_the_order_backward() -> None:
    (found,) = statements(SORTED, "{ as(s: UDU, last: 3) { edges { cursor } } }")
    assert found.text.endswith("ORDER BY t0.`n` DESC, t0.`m`, t0.`id` DESC LIMIT %s")
    assert found.parameters == (4,)


# ----------------------------------------------------------------------------------- size


MOST_BYTES = MAX_STATEMENT_BYTES - 256  # for the time limit that the connection adds


def sent(statement: Statement) -> bytes:
    """What the connection sends, but for its time limit."""
    return (statement.text % tuple(map(literal, statement.parameters))).encode()


nasty = st.text(st.sampled_from("'\\\0\n\r\x1a\"aé🎉%"), min_size=1, max_size=200)


def keys_of_one(values: st.SearchStrategy[SqlValue]) -> st.SearchStrategy[list[ParentKey]]:
    return st.lists(values, min_size=1, max_size=400, unique=True).map(
        lambda found: [(value,) for value in found]
    )


@given(keys_of_one(nasty | st.integers()))
def test_split_statements_stay_below_the_limit_and_lose_no_key(keys: list[ParentKey]) -> None:
    found = statements(ORDERS, "{ orders { nodes { items { quantity } } } }", keys=keys, batch=1)
    assert all(len(sent(statement)) <= MOST_BYTES for statement in found)
    assert [p for s in found for p in s.parameters[:-1]] == [key[0] for key in keys]


@given(st.lists(st.tuples(nasty, st.integers()), min_size=1, max_size=300, unique=True))
def test_split_of_composite_keys(keys: list[tuple[SqlValue, ...]]) -> None:
    found = statements(COMPOSITE, "{ as { bs { z } } }", keys=keys, batch=1)
    assert all(len(sent(statement)) <= MOST_BYTES for statement in found)
    flat = [p for s in found for p in s.parameters[:-1]]
    assert flat == [part for key in keys for part in key]


PAGES = """
{ customers { nodes { orders(first: 2) { totalCount edges { cursor node { orderRef total
  customer { name country } items { quantity } } } } } } }
"""


# Three rows for each key, 1,200 for all: no number of rows is one of these keys.
@given(keys_of_one(nasty | st.integers(max_value=-1) | st.integers(min_value=1_201)))
def test_split_pages_stay_below_the_limit_and_lose_no_key(keys: list[ParentKey]) -> None:
    found = statements(ORDERS, PAGES, keys=keys, batch=1)
    assert all(len(sent(statement)) <= MOST_BYTES for statement in found)
    given_keys = [key[0] for key in keys]
    told = [p for s in found for p in s.parameters if p in set(given_keys)]
    assert told == given_keys


def test_statements_are_few_for_many_keys() -> None:
    keys: list[ParentKey] = [(number,) for number in range(10_000)]
    found = statements(ORDERS, "{ orders { nodes { items { quantity } } } }", keys=keys, batch=1)
    assert len(found) <= 7
    sizes = [len(sent(statement)) for statement in found]
    assert all(size > MAX_STATEMENT_BYTES // 2 for size, _ in pairwise(sizes))


def test_keys_without_escapes_are_counted_as_they_are_sent() -> None:
    keys: list[ParentKey] = [(f"{number:036}",) for number in range(350)]
    found = statements(ORDERS, "{ orders { nodes { items { quantity } } } }", keys=keys, batch=1)
    assert len(found) == 1


def test_many_short_keys_are_counted_with_their_escapes() -> None:
    """Each letter is two of a hexadecimal literal, whose frame is longer than they are."""
    keys: list[ParentKey] = [(f"'{chr(256 + number)}",) for number in range(1_500)]
    found = statements(ORDERS, "{ orders { nodes { items { quantity } } } }", keys=keys, batch=1)
    assert all(len(sent(statement)) <= MOST_BYTES for statement in found)
    assert [p for s in found for p in s.parameters[:-1]] == [key[0] for key in keys]


@pytest.mark.parametrize("count", [1, 2, 3, 90])
def test_rows_by_parent_are_split_until_they_fit_and_lose_no_parent(count: int) -> None:
    plan, values = ORDERS.bound(PAGES)
    keys: list[ParentKey] = [(f"{number}{'x' * 9_000}",) for number in range(count)]
    found = compile_by_parent(plan, plan.batches[1], values, keys)
    assert all(len(sent(statement)) <= MOST_BYTES for statement in found)
    told = [p for s in found for p in s.parameters if isinstance(p, str)]
    assert told == [key[0] for key in keys]


def test_parent_that_fits_in_no_statement_is_told_how_many_bytes_there_are() -> None:
    plan, values = ORDERS.bound("{ orders { nodes { items { quantity } } } }")
    with pytest.raises(LimitError) as raised:
        compile_by_parent(plan, plan.batches[1], values, [("x" * 20_000,)])
    assert re.fullmatch(
        r"Order\.items makes a statement of 20\d\d\d bytes, more than the 9983 that leave room for "
        r"the rows it belongs to; send shorter values or a shorter cursor, or ask for fewer fields",
        str(raised.value),
    )


def test_no_statement_holds_what_rds_proxy_pins_on() -> None:
    found = statements(ORDERS, "{ orders(first: 2) { totalCount nodes { total } } }")
    for statement in found:
        assert not re.search(
            r"/\*|;|\bSET\b|:=|\bTEMPORARY\b|\bLOCK\b|\bFOR UPDATE\b", statement.text
        )


@pytest.mark.parametrize("width", range(10, 60))
def test_split_leaves_room_for_the_longer_text_of_pages(width: int) -> None:
    """Values that double when they are escaped, so that no estimate has slack."""
    letters = str.maketrans("01", "'\\")
    keys: list[ParentKey] = [(f"{n:0{width}b}".translate(letters),) for n in range(900)]
    for statement in statements(ORDERS, PAGES, keys=keys, batch=1):
        assert len(sent(statement)) <= MOST_BYTES


LONG = Compiler.of(
    'type Query { as: [A!]! } type A @key(fields: "x y") { x: ID! @column(name: "X") y: ID! '
    '@column(name: "Y") bs(first: Int): [B!]! @orderBy(fields: ["z", "w"]) } type B '
    '@key(fields: "x y z") { x: ID! @column(name: "X") y: ID! @column(name: "Y") '
    'z: ID! @column(name: "Z") w: ID! @column(name: "W") }'.translate(
        {ord(letter): f"{letter * 63}`" for letter in "XYZW"}
    )
)


@pytest.mark.parametrize("width", range(10, 40))
def test_split_leaves_room_for_long_names(width: int) -> None:
    letters = str.maketrans("01", "'\\")
    keys: list[ParentKey] = [(f"{n:0{width}b}".translate(letters), "x") for n in range(900)]
    for statement in statements(LONG, "{ as { bs { z } } }", keys=keys, batch=1):
        assert len(sent(statement)) <= MOST_BYTES


def test_list_may_be_bounded_for_each_parent() -> None:
    plan, values = ORDERS.bound("{ orders { nodes { items { quantity } } } }")
    (found,) = compile_rows(plan, plan.batches[1], values, [("a",), ("b",)], bounds_each=True)
    assert found.text.count("LIMIT %s)") == 2
    assert found.parameters == ("a", 1001, "b", 1001, 2002)
