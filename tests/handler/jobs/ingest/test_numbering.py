"""Numbers of lines: by order of the input alone, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.jobs.ingest.numbering import LineNumbers, NumberError

NUMBER_MAX = 2**32 - 1


def counter(*, in_memory: int = 20_000) -> LineNumbers:
    return LineNumbers(
        column="line_no", within="order_id", most=NUMBER_MAX, groups_in_memory=in_memory
    )


def test_lines_without_numbers_are_counted_by_order() -> None:
    with counter() as numbers:
        found = [numbers.number(order, None) for order in "aabacba"]
    assert found == [1, 2, 1, 3, 1, 2, 4]


def test_declared_numbers_stay_and_the_next_goes_beyond_them() -> None:
    with counter() as numbers:
        found = [numbers.number("a", declared) for declared in (5, 2, None, 9, None, 2**32 - 3)]
    assert found == [5, 2, 6, 9, 10, 2**32 - 3]


def test_number_given_before_cannot_be_declared() -> None:
    with counter() as numbers:
        assert numbers.number("a", None) == 1
        with pytest.raises(NumberError, match="line_no 1 of order_id a was given"):
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
        with counter(in_memory=limit) as numbers:
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
    with counter(in_memory=3) as numbers:
        for order in orders:
            seen[order] += 1
            assert numbers.number(str(order), None) == seen[order]


def test_no_number_is_left_behind_the_largest() -> None:
    with counter() as numbers:
        numbers.number("a", NUMBER_MAX)
        with pytest.raises(NumberError, match="order_id a has line_no 4294967295: none is left"):
            numbers.number("a", None)
        assert numbers.number("a", 1) == 1


def test_full_temporary_folder_is_a_sentence() -> None:
    """A limit on the size of files stands for the disk; the memory before it is cut short."""
    script = """
import resource
from handler.jobs.ingest import numbering
from handler.jobs.ingest.report import IngestError
numbering.CACHE_KIB = 64
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
with numbering.LineNumbers(
    column="n", within="g", most=9**9, groups_in_memory=1000
) as numbers:
    try:
        for order in range(100_000):
            numbers.number(f"order {order:050}", None)
    except IngestError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    start, _, rest = done.stdout.partition(": ")
    assert start == "the numbers of lines do not fit into the temporary folder"
    assert rest.endswith(
        ". What is loaded stays; make room or set TMPDIR, or split the input between two groups, "
        "and run it again\n"
    )
