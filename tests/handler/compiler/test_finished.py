"""Finished statements say what is written anew, whatever the values, and are few."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.compiler.cursor import encode_cursor, fingerprint
from handler.compiler.finished import MOST_SHAPES, FinishedStatements
from handler.compiler.sql import ParentKey, compile_rows
from handler.stores.mysql.literals import text_of
from tests.finished import texts_of
from tests.handler.compiler.plans import COMPOSITE_KEYS, Compiler

ORDERS = Compiler.orders()
COMPOSITE = Compiler.of(COMPOSITE_KEYS)
BY_CUSTOMER = (
    "query ($id: ID, $n: Int) { orders(customerId: $id, first: $n) { nodes { orderId } } }"
)
ITEMS = '{ order(orderId: "1") { items { quantity product { productName } } } }'


class Both:
    """Writes a batch of a document in both ways, and says whether it was finished."""

    def __init__(self, compiler: Compiler, text: str, batch: int = 0) -> None:
        self.compiler = compiler
        self.text = text
        self.batch = batch
        plan, _ = compiler.bound(text, {})
        self.finished = FinishedStatements(plan, ())

    def ask(
        self,
        variables: dict[str, Any] | None = None,
        keys: list[ParentKey] | None = None,
        most_rows: float = 1_000,
    ) -> bool:
        plan, values = self.compiler.bound(self.text, variables or {})
        batch = plan.batches[self.batch]
        with patch("handler.compiler.finished.compile_rows", wraps=compile_rows) as written:
            made = self.finished.rows(batch, values, keys, most_rows)
        anew = compile_rows(plan, batch, values, keys, most_rows=most_rows)
        assert texts_of(made) == texts_of(anew)
        for each in made:
            text_of(each)  # within the limits of a statement
        return not written.called


def test_a_shape_is_finished_when_it_comes_again() -> None:
    both = Both(ORDERS, BY_CUSTOMER)
    found = [both.ask({"id": f"c{number}", "n": 3}) for number in range(4)]
    assert found == [False, True, True, True]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"n": 3}, id="no-filter"),
        pytest.param({"id": "x", "n": 4}, id="another-size"),
        pytest.param({"id": "x"}, id="the-size-of-the-field"),
    ],
)
def test_another_shape_has_a_statement_of_its_own(other: dict[str, Any]) -> None:
    both = Both(ORDERS, BY_CUSTOMER)
    same = {"id": "x", "n": 3}
    assert [both.ask(each) for each in (same, same, other, other, same)] == [
        False, True, False, True, True
    ]  # fmt: skip


texts = st.text(max_size=40) | st.sampled_from(
    ["%s", "%%", "'", "\\", "\0", "𝄞" * 1_500, "x" * 9_000]
)


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_every_text_is_written_alike(values: list[str]) -> None:
    both = Both(ORDERS, BY_CUSTOMER)
    for value in ("a", "a", *values):
        if not any("\ud800" <= letter <= "\udfff" for letter in value) and len(value) < 5_000:
            both.ask({"id": value, "n": 3})


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 2**62), min_size=1, max_size=900), min_size=1, max_size=3))
def test_any_number_of_parents(keys: list[list[int]]) -> None:
    both = Both(ORDERS, ITEMS, 1)
    few: list[ParentKey] = [(1,), (2,)]
    assert [both.ask(keys=few), both.ask(keys=few)] == [False, True]
    assert [both.ask(keys=[(7,)]), both.ask(keys=[(8,)])] == [False, True]
    for each in keys:
        both.ask(keys=[(key,) for key in each])


PAGES = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  orders(first: $first, after: $after, last: $last, before: $before) { nodes { orderId } }
}
"""


def test_pages_begin_and_end_at_any_row() -> None:
    both = Both(ORDERS, PAGES)
    plan, _ = ORDERS.bound(PAGES, {})
    batch = plan.batches[0]
    name = fingerprint(batch.field, batch.order)

    def place(instant: bytes | None, number: int) -> str:
        return encode_cursor(name, (instant, b"%d" % number)).decode()

    for sides in (("first", "after"), ("last", "before"), ("first", "before"), ("last", "after")):
        for instant in (b"1996-07-04 00:00:00", None):
            found = [
                both.ask(dict(zip(sides, (3, place(instant, number)), strict=True)))
                for number in (1, 22, 333)
            ]
            assert found == [False, True, True]
    two = [
        {"first": 3, "after": place(b"1996-07-04 00:00:00", n), "before": place(None, n)}
        for n in (1, 2)
    ]
    assert [both.ask(each) for each in two] == [False, True]


def test_parents_known_by_texts_that_fill_a_statement() -> None:
    both = Both(ORDERS, ITEMS, 1)
    found = [
        both.ask(keys=[(f"{number:0>30}",) for number in range(n)]) for n in (2, 2, 9, 400, 500)
    ]
    assert found == [False, True, True, True, False]  # the last in parts


def test_parents_known_by_several_columns() -> None:
    both = Both(COMPOSITE, "{ as { bs { z } } }", 1)
    one: list[ParentKey] = [("a", 1)]
    assert [both.ask(keys=one), both.ask(keys=[("b%s", 2)]), both.ask(keys=[("a", 1)] * 2)] == [
        False, True, False
    ]  # fmt: skip


def test_no_more_rows_are_asked_for_than_a_request_may_read() -> None:
    both = Both(ORDERS, ITEMS, 1)
    keys: list[ParentKey] = [(1,), (2,), (3,)]
    assert [both.ask(keys=keys, most_rows=most) for most in (9_000, 9_000, 7, 1)][1:] == [True] * 3


def test_shapes_are_few_and_the_oldest_makes_room() -> None:
    both = Both(ORDERS, BY_CUSTOMER)
    for size in range(1, 40):
        for variables in ({"n": size}, {"n": size, "id": "x"}):
            both.ask(variables)
            both.ask(variables)
    assert len(both.finished._shapes) == MOST_SHAPES
    assert [both.ask({"n": 1}), both.ask({"n": 39})] == [False, True]
