"""Conventions: GraphQL names to SQL names, and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.model.names import _IRREGULAR, CAMEL, PASCAL, SNAKE, Conventions, key_field

USUAL = Conventions()
SINGULAR = Conventions(is_singular=True)
CAMELS = Conventions(table_case=CAMEL, column_case=CAMEL)
PASCALS = Conventions(is_singular=True, table_case=PASCAL, column_case=PASCAL)  # as Chinook has it
SHOP = Conventions(is_singular=True, table_prefix="oc_")  # as OpenCart has it
ALL = [
    Conventions(is_singular=is_singular, table_case=case, column_case=case, table_prefix=prefix)
    for is_singular in (False, True)
    for case in (SNAKE, CAMEL, PASCAL)
    for prefix in ("", "wp_")
]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("name", ("name", "name", "Name"), id="one-word"),
        pytest.param("orderRef", ("order_ref", "orderRef", "OrderRef"), id="two-words"),
        pytest.param("orderItemId", ("order_item_id", "orderItemId", "OrderItemId"), id="three"),
        pytest.param("order_ref", ("order_ref", "order_ref", "Order_ref"), id="snake-stays"),
        pytest.param("imageURL", ("image_url", "imageURL", "ImageURL"), id="acronym-at-the-end"),
        pytest.param("SKUCode", ("sku_code", "skuCode", "SKUCode"), id="acronym-in-front"),
        pytest.param("URL", ("url", "url", "URL"), id="acronym-alone"),
        pytest.param("line1Text", ("line1_text", "line1Text", "Line1Text"), id="digit-inside"),
        pytest.param("address2", ("address2", "address2", "Address2"), id="digit-at-the-end"),
        pytest.param("isbn13", ("isbn13", "isbn13", "Isbn13"), id="digits"),
        pytest.param("a", ("a", "a", "A"), id="one-letter"),
        pytest.param("_id", ("_id", "_id", "_id"), id="begins-with-a-blank"),
    ],
)
def test_field_becomes_column(field: str, expected: tuple[str, str, str]) -> None:
    found = [each.column_name(field) for each in (USUAL, CAMELS, PASCALS)]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        pytest.param(
            "OrderItem",
            ("order_items", "order_item", "orderItems", "OrderItem", "oc_order_item"),
            id="two-words",
        ),
        pytest.param(
            "Category",
            ("categories", "category", "categories", "Category", "oc_category"),
            id="consonant-y",
        ),
        pytest.param("Day", ("days", "day", "days", "Day", "oc_day"), id="vowel-y"),
        pytest.param(
            "Address", ("addresses", "address", "addresses", "Address", "oc_address"), id="s"
        ),
        pytest.param("Box", ("boxes", "box", "boxes", "Box", "oc_box"), id="x"),
        pytest.param("Branch", ("branches", "branch", "branches", "Branch", "oc_branch"), id="ch"),
        pytest.param(
            "HTTPRequest",
            ("http_requests", "http_request", "httpRequests", "HTTPRequest", "oc_http_request"),
            id="acronym",
        ),
        pytest.param("URL", ("urls", "url", "urls", "URL", "oc_url"), id="acronym-alone"),
        pytest.param(
            "Person", ("persons", "person", "persons", "Person", "oc_person"), id="regular"
        ),
    ],
)
def test_type_becomes_table(type_name: str, expected: tuple[str, ...]) -> None:
    found = [each.table_name(type_name) for each in (USUAL, SINGULAR, CAMELS, PASCALS, SHOP)]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("conventions", "table", "expected", "follows"),
    [
        (USUAL, "order_items", "OrderItem", True),
        (USUAL, "film_actor", "FilmActor", False),
        (USUAL, "categories", "Category", True),
        (USUAL, "movies", "Movie", True),
        (USUAL, "houses", "House", True),
        (USUAL, "addresses", "Address", True),
        (USUAL, "statuses", "Status", True),
        (USUAL, "status", "Status", False),
        (USUAL, "people", "Person", False),
        (USUAL, "order_people", "OrderPerson", False),
        (USUAL, "news", "News", False),
        (USUAL, "heroes", "Hero", False),
        (USUAL, "x_y_tags", "X_yTag", True),
        (USUAL, "sales_2019", "Sales_2019", False),
        (USUAL, "2fa_codes", "_2faCode", False),
        (USUAL, "ORDER_ITEMS", "OrderItem", False),
        (USUAL, "__secrets", "Secret", False),
        (USUAL, "Straßen büros", "StrassenBuro", False),
        (USUAL, "表", "", False),
        (SINGULAR, "film_actor", "FilmActor", True),
        (SINGULAR, "people", "People", True),
        (CAMELS, "orderItems", "OrderItem", True),
        (CAMELS, "order_items", "OrderItem", False),
        (PASCALS, "OrderItem", "OrderItem", True),
        (PASCALS, "PlaylistTrack", "PlaylistTrack", True),
        (PASCALS, "URLMap", "URLMap", True),
        (PASCALS, "URL", "URL", True),
        (SHOP, "oc_order_item", "OrderItem", True),
        (SHOP, "order_item", "OrderItem", False),
    ],
)
def test_table_becomes_type(
    conventions: Conventions, table: str, expected: str, *, follows: bool
) -> None:
    found = conventions.type_name(table)
    assert (found, conventions.table_name(found) == table) == (expected, follows)


@pytest.mark.parametrize(
    ("conventions", "column", "expected", "follows"),
    [
        (USUAL, "order_ref", "orderRef", True),
        (USUAL, "address_2", "address_2", True),
        (USUAL, "address2", "address2", True),
        (USUAL, "a_b_c", "aB_c", True),
        (USUAL, "a__b", "a__b", True),
        (USUAL, "_id", "_id", True),
        (USUAL, "AlbumId", "albumId", False),
        (USUAL, "comment_post_ID", "commentPostID", False),
        (USUAL, "ORDER_REF", "orderRef", False),
        (USUAL, "first name", "firstName", False),
        (USUAL, "größe", "grosse", False),
        (USUAL, "1st", "_1st", False),
        (USUAL, "%", "", False),
        (CAMELS, "imageURL", "imageURL", True),
        (CAMELS, "image_url", "imageUrl", False),
        (PASCALS, "AlbumId", "albumId", True),
        (PASCALS, "CustomerID", "customerID", True),
        (PASCALS, "ISBN13", "isbn13", False),
        (PASCALS, "Address2", "address2", True),
    ],
)
def test_column_becomes_field(
    conventions: Conventions, column: str, expected: str, *, follows: bool
) -> None:
    found = conventions.field_name(column)
    assert (found, conventions.column_name(found) == column) == (expected, follows)


@pytest.mark.parametrize(
    ("type_name", "expected"), [("Product", "productId"), ("OrderItem", "orderItemId")]
)
def test_key_field_is_named_after_its_type(type_name: str, expected: str) -> None:
    assert key_field(type_name) == expected


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True))
def test_column_is_lower_case_and_keeps_every_letter(field: str) -> None:
    column = USUAL.column_name(field)
    assert re.fullmatch(r"[a-z0-9_]+", column)
    assert column.replace("_", "") == field.replace("_", "").lower()
    assert USUAL.column_name(column) == column


WORD = st.from_regex(r"[a-z][a-z]{1,8}[0-9]{0,2}", fullmatch=True)
WORDS = st.lists(WORD, min_size=1, max_size=4)


@given(WORDS, st.sampled_from(ALL))
def test_names_of_words_come_back(words: list[str], conventions: Conventions) -> None:
    field = words[0] + "".join(word.capitalize() for word in words[1:])
    assert conventions.field_name(conventions.column_name(field)) == field
    type_name = field[:1].upper() + field[1:]
    table = conventions.table_name(type_name)
    is_regular = re.search("[bdfgkmnprtw]$", type_name) and f"{words[-1]}s" not in _IRREGULAR
    if conventions.is_singular or is_regular:
        assert conventions.type_name(table) == type_name


@given(st.from_regex(r"_?[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*_?", fullmatch=True))
def test_every_name_in_snake_case_follows(name: str) -> None:
    assert USUAL.column_name(USUAL.field_name(name)) == name
    assert SINGULAR.table_name(SINGULAR.type_name(name)) == name


@given(st.from_regex(r"[a-z][a-zA-Z0-9]*", fullmatch=True))
def test_every_name_in_camel_case_follows(name: str) -> None:
    assert CAMELS.column_name(CAMELS.field_name(name)) == name


@given(st.from_regex(r"[A-Z]([a-z][a-zA-Z0-9]*)?", fullmatch=True))
def test_every_name_in_pascal_case_follows(name: str) -> None:
    assert PASCALS.column_name(PASCALS.field_name(name)) == name
    assert PASCALS.table_name(PASCALS.type_name(name)) == name


@given(st.text(max_size=12), st.sampled_from(ALL))
def test_whatever_a_database_has_becomes_a_name(name: str, conventions: Conventions) -> None:
    for found in (conventions.field_name(name), conventions.type_name(name)):
        assert re.fullmatch(r"(?!__)[A-Za-z_][A-Za-z0-9_]*|", found)
