"""What a batch says about each row: the last line wins, an absent value changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import pytest

from handler.jobs.ingest.facts import Register
from handler.jobs.ingest.line import build_layout
from handler.jobs.ingest.table import Row, Table
from tests.handler.jobs.ingest.shop import TYPES
from tests.integration.servers import ORDERS

CUSTOMERS, PRODUCTS, BOUGHT, ITEMS = build_layout(ORDERS, TYPES).tables


def written(
    table: Table, rows: Sequence[Row], stored: Mapping[str, Row] | None = None
) -> tuple[list[Row], list[Row], Counter[str]]:
    register = Register(table, stored or {})
    for row in rows:
        register.note(table.identifier()(row), row)
    return *register.different(), register.replaced


def test_last_line_wins_and_is_counted() -> None:
    rows: list[Row] = [
        ("c", "Ann", "FR"),
        ("c", "Ann", "DE"),
        ("d", "Bob", None),
        ("c", "Al", None),
    ]
    assert written(CUSTOMERS, rows) == (
        [("c", "Al", "DE"), ("d", "Bob", None)],
        [],
        {"country": 1, "customerName": 1},
    )


def test_absent_value_erases_nothing() -> None:
    stored: dict[str, Row] = {"1": ("1", "A", datetime(2026, 1, 1), "c")}
    assert written(BOUGHT, [("1", None, None, "c")], stored) == ([], [], {})


def test_unknown_value_is_filled_without_being_counted() -> None:
    stored: dict[str, Row] = {"c": ("c", None, "FR")}
    assert written(CUSTOMERS, [("c", "Ann", None)], stored) == ([], [("c", "Ann", "FR")], {})


def test_value_that_is_not_told_is_replaced_without_being_counted() -> None:
    assert written(PRODUCTS, [("p", None, 5), ("p", None, 4)]) == ([("p", None, 4)], [], {})


def test_line_declared_twice_is_one_row_of_the_last() -> None:
    rows: list[Row] = [("1", 7, "p", 1, 5, 0), ("1", 7, "p", 2, 5, 0)]
    assert written(ITEMS, rows) == ([("1", 7, "p", 2, 5, 0)], [], {})


def test_value_that_changes_back_within_a_batch_is_not_written() -> None:
    stored: dict[str, Row] = {"p": ("p", "Pen", 5)}
    rows: list[Row] = [("p", "Pencil", 5), ("p", "Pen", 5)]
    assert written(PRODUCTS, rows, stored) == ([], [], {"productName": 2})


def test_rows_are_sorted_by_key() -> None:
    rows: list[Row] = [(order, number, "p", 1, 5, 0) for order in "cab" for number in (10, 2)]
    new, _, _ = written(ITEMS, rows)
    assert [row[:2] for row in new] == [(o, n) for o in "abc" for n in (2, 10)]


@pytest.mark.parametrize(
    ("conflict", "expected"),
    [
        pytest.param("update", [("c", "Bob", "DE")], id="update"),
        pytest.param("fill", [("c", "Ann", "DE")], id="fill"),
        pytest.param("keep", [], id="keep"),
    ],
)
def test_row_that_is_there_changes_as_the_mapping_says(conflict: str, expected: list[Row]) -> None:
    table = msgspec.structs.replace(CUSTOMERS, on_conflict=conflict)
    stored: dict[str, Row] = {"c": ("c", "Ann", None)}
    assert written(table, [("c", "Bob", "DE")], stored)[:2] == ([], expected)


def test_tables_are_looked_up_only_where_something_depends_on_it() -> None:
    looked_up = [each.is_looked_up for each in (CUSTOMERS, PRODUCTS, BOUGHT, ITEMS)]
    assert looked_up == [True, True, True, False]
