"""Statements that fit: many keys are split over several, and none is lost."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.compiler.sql import ParentKey, compile_by_parent
from handler.errors import LimitError
from handler.sql.statement import MAX_STATEMENT_BYTES, SqlValue, Statement
from handler.stores.mysql.literals import literal
from tests.handler.compiler.plans import COMPOSITE_KEYS, Compiler, statements

ORDERS = Compiler.orders()
COMPOSITE = Compiler.of(COMPOSITE_KEYS)
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


FILTERED = Compiler.of(
    'type Query { as(where: AFilter, first: Int, after: String): [A!]! @orderBy(fields: ["y", "z"])'
    " } type A { aId: ID! y: String! @filterable z: String! w: Int }"
)


@pytest.mark.parametrize(("terms", "ranges"), [(30, 3), (90, 1)])
def test_page_behind_a_row_repeats_the_filters_for_each_range_if_they_fit(
    terms: int, ranges: int
) -> None:
    document = "query ($where: AFilter, $after: String) { as(where: $where, after: $after) { w } }"
    rows = FILTERED.model.roots["as"].rows
    assert rows is not None
    cursor = encode_cursor(fingerprint("Query.as", rows.order), (b"y", b"z", b"7")).decode()
    where = {"or": [{"y": {"eq": f"{number:090}"}} for number in range(terms)]}
    for after, times in ((None, 1), (cursor, ranges)):
        (found,) = statements(FILTERED, document, {"where": where, "after": after})
        assert len(sent(found)) <= MOST_BYTES
        assert found.text.count("FROM `as` k") == times
        assert [len(str(value)) for value in found.parameters].count(90) == times * terms


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
