"""What is asked: the small requests that clients send most, and a page of a hundred."""

from __future__ import annotations

from pathlib import Path

from benchmarks.cases import Case

_FOLDER = Path(__file__).with_name("documents")

REQUESTS = (
    Case(name="product", title="one product", variables={}, folder=_FOLDER),
    Case(name="order", title="one order with its items", variables={}, folder=_FOLDER),
    Case(name="ten", title="ten orders of a customer", variables={}, folder=_FOLDER),
    Case(name="hundred", title="100 orders", variables={}, folder=_FOLDER),
    Case(
        name="ten_variables",
        title="ten orders, variables",
        variables={"customerId": "QUICK", "first": 10},
        folder=_FOLDER,
    ),
)
