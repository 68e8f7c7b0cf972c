"""What a batch says about each row: the last line wins, an absent value changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from handler.jobs.ingest.facts import Changes, NumberedLine, Stored, gather
from handler.jobs.ingest.line import OrderLine

NOTHING = Stored({}, {}, {})


def line(number: int = 1, **values: Any) -> NumberedLine:
    known: dict[str, Any] = {
        "order_id": "1",
        "order_ref": None,
        "ordered_at": None,
        "order_item_id": None,
        "customer_id": "c",
        "customer_name": None,
        "country": None,
        "product_id": "p",
        "product_name": None,
        "unit_price": Decimal(5),
        "product_price": None,
        "quantity": 1,
        "discount": Decimal(0),
    }
    return NumberedLine(number, OrderLine(**known | values))


def test_one_line_names_four_rows() -> None:
    assert gather([line(product_name="Pen")], NOTHING) == Changes(
        customers=[("c", None, None)],
        products=[("p", "Pen", Decimal(5))],
        orders=[("1", None, None, "c")],
        items=[("1", 1, "p", 1, Decimal(5), Decimal(0))],
        replaced=Counter(),
    )


def test_last_line_wins_and_is_counted() -> None:
    changes = gather(
        [
            line(1, product_name="Pen", customer_name="Ann", country="FR", order_ref="A"),
            line(2, product_name="Pencil", customer_name="Ann", country="DE", order_ref="A"),
            line(3, product_name="Pen", customer_name="Bob", customer_id="d"),
        ],
        NOTHING,
    )
    assert changes.customers == [("c", "Ann", "DE"), ("d", "Bob", None)]
    assert changes.products == [("p", "Pen", Decimal(5))]
    assert changes.orders == [("1", "A", None, "d")]
    assert changes.replaced == {"productName": 2, "country": 1, "customerId": 1}


def test_absent_value_erases_nothing() -> None:
    stored = Stored(
        customers={"c": ("Ann", "FR")},
        products={"p": ("Pen", Decimal(5))},
        orders={"1": ("A", datetime(2026, 1, 1), "c")},
    )
    changes = gather([line()], stored)
    assert (changes.customers, changes.products, changes.orders) == ([], [], [])
    assert changes.replaced == {}


def test_unknown_value_is_filled_without_being_counted() -> None:
    stored = Stored(customers={"c": (None, "FR")}, products={"p": (None, Decimal(5))}, orders={})
    changes = gather([line(customer_name="Ann", product_name="Pen")], stored)
    assert changes.customers == [("c", "Ann", "FR")]
    assert changes.products == [("p", "Pen", Decimal(5))]
    assert changes.replaced == {}


def test_price_of_a_product_is_that_of_its_last_line() -> None:
    lines = [line(1, unit_price=Decimal(5)), line(2, unit_price=Decimal(4))]
    changes = gather(lines, NOTHING)
    assert changes.products == [("p", None, Decimal(4))]
    assert [item[4] for item in changes.items] == [Decimal(5), Decimal(4)]
    assert changes.replaced == {}


def test_declared_product_price_is_not_the_price_of_the_line() -> None:
    changes = gather([line(unit_price=Decimal(4), product_price=Decimal(5))], NOTHING)
    assert changes.products == [("p", None, Decimal(5))]
    assert changes.items == [("1", 1, "p", 1, Decimal(4), Decimal(0))]


def test_line_declared_twice_is_one_row_of_the_last() -> None:
    changes = gather([line(7, quantity=1), line(7, quantity=2)], NOTHING)
    assert changes.items == [("1", 7, "p", 2, Decimal(5), Decimal(0))]


def test_value_that_changes_back_within_a_batch_is_not_written() -> None:
    stored = Stored(customers={"c": ("Ann", None)}, products={"p": ("Pen", Decimal(5))}, orders={})
    changes = gather([line(1, product_name="Pencil"), line(2, product_name="Pen")], stored)
    assert changes.products == []
    assert changes.replaced == {"productName": 2}


def test_rows_are_sorted_by_key() -> None:
    lines = [line(at, order_id=order, product_id=order) for order in "cab" for at in (10, 2)]
    changes = gather(lines, NOTHING)
    assert [row[0] for row in changes.orders] == ["a", "b", "c"]
    assert [row[:2] for row in changes.items] == [(o, n) for o in "abc" for n in (2, 10)]
