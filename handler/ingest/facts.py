"""What the lines of one batch say about each row; pure.

A line names four things: a customer, a product, an order, an item. Lines are taken in the order of
the input, on top of what the database holds: the last one wins, an absent value changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handler.ingest.line import OrderLine

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """An order line with its number within the order."""

    number: int
    line: OrderLine


class Register:
    """The rows of one table of named things that a batch touches.

    ``labels`` are the fields that a report counts when a later line replaces them; None: never
    counted. A value of ``None`` in a row means: not known.
    """

    def __init__(self, stored: Mapping[str, Row], labels: Sequence[str | None]) -> None:
        self._stored = stored
        self._labels = labels
        self._rows: dict[str, list[object]] = {}
        self.replaced: Counter[str] = Counter()

    def note(self, key: str, *values: object) -> None:
        """Put the values of one line over what is known."""
        row = self._rows.get(key)
        if row is None:
            stored = self._stored.get(key)
            if stored is None:
                self._rows[key] = list(values)
                return
            row = self._rows[key] = list(stored)
        for at, value in enumerate(values):
            known = row[at]
            if value is not None and value != known:
                row[at] = value
                label = self._labels[at]
                if label is not None and known is not None:
                    self.replaced[label] += 1

    def different(self) -> list[Row]:
        """The rows to write, key first, in order of their keys."""
        return [
            (key, *row)
            for key, row in sorted(self._rows.items())
            if tuple(row) != self._stored.get(key)
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
    for each in lines:
        line = each.line
        price = line.unit_price if line.product_price is None else line.product_price
        customers.note(line.customer_id, line.customer_name, line.country)
        products.note(line.product_id, line.product_name, price)
        orders.note(line.order_id, line.order_ref, line.ordered_at, line.customer_id)
        items[line.order_id, each.number] = (
            line.product_id,
            line.quantity,
            line.unit_price,
            line.discount,
        )
    return Changes(
        customers.different(),
        products.different(),
        orders.different(),
        [(*key, *facts) for key, facts in sorted(items.items())],
        customers.replaced + products.replaced + orders.replaced,
    )
