"""Numbers of lines: by order of the input alone, in bounded memory."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.ingest.numbering import NUMBER_MAX, LineNumbers, NumberError


def test_lines_without_numbers_are_counted_by_order() -> None:
    with LineNumbers() as numbers:
        found = [numbers.number(order, None) for order in "aabacba"]
    assert found == [1, 2, 1, 3, 1, 2, 4]


def test_declared_numbers_stay_and_the_next_goes_beyond_them() -> None:
    with LineNumbers() as numbers:
        found = [numbers.number("a", declared) for declared in (5, 2, None, 9, None, 2**32 - 3)]
    assert found == [5, 2, 6, 9, 10, 2**32 - 3]


def test_number_given_before_cannot_be_declared() -> None:
    with LineNumbers() as numbers:
        assert numbers.number("a", None) == 1
        with pytest.raises(NumberError, match="line number 1 of order a was given"):
            numbers.number("a", 1)
        assert numbers.number("a", 2) == 2
        assert numbers.number("b", 1) == 1


@given(
    st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 6)), max_size=200),
    st.integers(1, 12),
)
def test_orders_beyond_the_memory_are_counted_alike(
    lines: list[tuple[int, int | None]], in_memory: int
) -> None:
    def numbers_of(limit: int) -> list[int | None]:
        found: list[int | None] = []
        with LineNumbers(orders_in_memory=limit) as numbers:
            for order, declared in lines:
                try:
                    found.append(numbers.number(str(order), declared))
                except NumberError:
                    found.append(None)
        return found

    assert numbers_of(in_memory) == numbers_of(1_000)


@given(st.lists(st.integers(0, 20), max_size=200))
def test_number_is_the_rank_within_the_order(orders: list[int]) -> None:
    seen: Counter[int] = Counter()
    with LineNumbers(orders_in_memory=3) as numbers:
        for order in orders:
            seen[order] += 1
            assert numbers.number(str(order), None) == seen[order]


def test_no_number_is_left_behind_the_largest() -> None:
    with LineNumbers() as numbers:
        numbers.number("a", NUMBER_MAX)
        with pytest.raises(
            NumberError, match="order a has the line number 4294967295: none is left"
        ):
            numbers.number("a", None)
        assert numbers.number("a", 1) == 1
