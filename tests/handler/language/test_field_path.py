"""The names of the fields behind a path of an answer."""

from __future__ import annotations

import pytest

from handler.language.field_path import field_path
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document

DOCUMENT = """
query A { mine: orders { nodes { ...Parts ... on Order { id: orderId who: customer { name } } } } }
fragment Parts on Order { lines: items { price: total } lines: items { ...Deep } }
fragment Deep on Item { product { productName } }
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("mine",), "orders"),
        (("mine", "nodes", 7, "id"), "orders.nodes.orderId"),
        (("mine", "nodes", 0, "who", "name"), "orders.nodes.customer.name"),
        (("mine", "nodes", 0, "lines", 3, "price"), "orders.nodes.items.total"),
        (("mine", "nodes", 0, "lines", 3, "product", "productName"),
         "orders.nodes.items.product.productName"),
        (("mine", "edges", 0), "orders"),  # nothing has that key
        (("orders",), ""),  # a name, and no key
    ],
)  # fmt: skip
def test_aliases_are_names_again(path: tuple[str | int, ...], expected: str) -> None:
    document = parse_document(scan(DOCUMENT, Limits()))
    assert field_path(document.operations[0], document.fragments, path) == expected
