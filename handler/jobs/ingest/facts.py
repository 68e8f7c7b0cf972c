"""What the lines of one batch say about each row; pure.

A line names four things: a customer, a product, an order, an item. Lines are taken in the order of
the input, on top of what the database holds: the last one wins, an absent value changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct, field

from handler.jobs.ingest.line import OrderLine

Row = tuple[object, ...]

_KEY = itemgetter(0)  # rows may hold None, which has no order


class NumberedLine(NamedTuple):
    """An order line with its number within the order."""

    number: int
    line: OrderLine


class Register(Struct, eq=False):
    """The rows of one table of named things that a batch touches.

    ``labels`` are the fields that a report counts when a later line replaces them; None: never
    counted. A value of ``None`` in a row means: not known.
    """

    _stored: Mapping[str, Row]
    _labels: Sequence[str | None]
    _rows: dict[str, Row] = field(default_factory=dict)
    replaced: Counter[str] = field(default_factory=Counter)

    def note(self, key: str, values: Row) -> None:
        """Put the values of one line over what is known."""
        known = self._rows.get(key)
        if known is None:
            known = self._stored.get(key)
            if known is None:
                self._rows[key] = values
                return
        self._rows[key] = known if known == values else self._merged(known, values)

    def _merged(self, known: Row, values: Row) -> Row:
        merged = list(known)
        for at, value in enumerate(values):
            if value is not None and value != known[at]:
                merged[at] = value
                label = self._labels[at]
                if label is not None and known[at] is not None:
                    self.replaced[label] += 1
        return tuple(merged)

    def different(self) -> list[Row]:
        """The rows to write, key first, in order of their keys."""
        return [
            (key, *row)
            for key, row in sorted(self._rows.items(), key=_KEY)
            if row != self._stored.get(key)
        ]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database knows of the things that a batch names."""

    customers: Mapping[str, Row]
    products: Mapping[str, Row]
    orders: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows to write, by table, keys first; and what was replaced."""

    customers: list[Row]
    products: list[Row]
    orders: list[Row]
    items: list[Row]
    replaced: Counter[str]


def gather(lines: Sequence[NumberedLine], stored: Stored) -> Changes:
    """Find what a batch changes."""
    customers = Register(stored.customers, ("customerName", "country"))
    products = Register(stored.products, ("productName", None))  # prices change, names should not
    orders = Register(stored.orders, ("orderRef", "orderedAt", "customerId"))
    items: dict[tuple[str, int], Row] = {}
    for number, line in lines:
        price = line.unit_price if line.product_price is None else line.product_price
        customers.note(line.customer_id, (line.customer_name, line.country))
        products.note(line.product_id, (line.product_name, price))
        orders.note(line.order_id, (line.order_ref, line.ordered_at, line.customer_id))
        items[line.order_id, number] = (
            line.product_id,
            line.quantity,
            line.unit_price,
            line.discount,
        )
    return Changes(
        customers.different(),
        products.different(),
        orders.different(),
        [(*key, *facts) for key, facts in sorted(items.items(), key=_KEY)],
        customers.replaced + products.replaced + orders.replaced,
    )
