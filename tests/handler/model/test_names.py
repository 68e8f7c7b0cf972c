"""Conventions: GraphQL names to SQL names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.model.names import column_name, key_field, table_name


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("name", "name", id="one-word"),
        pytest.param("orderRef", "order_ref", id="two-words"),
        pytest.param("orderItemId", "order_item_id", id="three-words"),
        pytest.param("order_ref", "order_ref", id="snake-stays"),
        pytest.param("userURL", "user_url", id="abbreviation-at-the-end"),
        pytest.param("SKUCode", "sku_code", id="abbreviation-in-front"),
        pytest.param("line2Text", "line2_text", id="digit-belongs-to-the-word-before"),
        pytest.param("a", "a", id="one-letter"),
    ],
)
def test_field_becomes_column(field: str, expected: str) -> None:
    assert column_name(field) == expected


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        pytest.param("Order", "orders", id="plain"),
        pytest.param("OrderItem", "order_items", id="last-word-is-plural"),
        pytest.param("Category", "categories", id="consonant-y"),
        pytest.param("Day", "days", id="vowel-y"),
        pytest.param("Address", "addresses", id="s"),
        pytest.param("Box", "boxes", id="x"),
        pytest.param("Branch", "branches", id="ch"),
        pytest.param("HTTPRequest", "http_requests", id="abbreviation"),
    ],
)
def test_type_becomes_table(type_name: str, expected: str) -> None:
    assert table_name(type_name) == expected


@pytest.mark.parametrize(
    ("type_name", "expected"), [("Product", "productId"), ("OrderItem", "orderItemId")]
)
def test_key_field_is_named_after_its_type(type_name: str, expected: str) -> None:
    assert key_field(type_name) == expected


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True))
def test_column_is_lower_case_and_keeps_every_letter(field: str) -> None:
    column = column_name(field)
    assert re.fullmatch(r"[a-z0-9_]+", column)
    assert column.replace("_", "") == field.replace("_", "").lower()
    assert column_name(column) == column
