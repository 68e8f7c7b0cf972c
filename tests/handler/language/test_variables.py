"""Coercion of variables and arguments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from handler.errors import InputError, Location, RequestError
from handler.language import ast
from handler.language.lexer import scan
from handler.language.parser import parse_document
from handler.language.schema import Named, NonNull, Schema, TypeRef
from handler.language.sdl import build_schema
from handler.language.variables import (
    MAX_ERRORS,
    UNSET,
    coerce_arguments,
    coerce_value,
    coerce_variables,
    has_variable,
)
from tests.handler.language.reference import WIDE, parse_value
from tests.handler.language.schemas import ORDERS


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema({"orders.graphql": ORDERS})


def coerce(schema: Schema, definitions: str, raw: dict[str, Any]) -> dict[str, Any]:
    tokens = scan(f"query({definitions}) {{ a }}", WIDE)
    operation = parse_document(tokens).operations[0]
    return coerce_variables(schema, operation, raw, locate=tokens.location)


@pytest.mark.parametrize(
    ("definitions", "raw", "expected"),
    [
        pytest.param("$a: Int", {}, {}, id="absent-stays-absent"),
        pytest.param("$a: Int", {"a": None}, {"a": None}, id="null-is-null"),
        pytest.param("$a: Int = 5", {}, {"a": 5}, id="default"),
        pytest.param("$a: Int = 5", {"a": None}, {"a": None}, id="null-beats-the-default"),
        pytest.param("$a: [Int!]!", {"a": 1}, {"a": [1]}, id="one-item-is-a-list"),
        pytest.param("$a: [[Int]]", {"a": [[1], None, 2]}, {"a": [[1], None, [2]]}, id="lists"),
        pytest.param("$a: OrderStatus", {"a": "PAID"}, {"a": "PAID"}, id="enum"),
        pytest.param(
            "$a: OrderFilter",
            {"a": {"orderedFrom": "2026-11-23T00:00:00Z", "status": "PAID"}},
            {
                "a": {
                    "status": ["PAID"],
                    "orderedFrom": datetime(2026, 11, 23, tzinfo=UTC),
                    "minimum": Decimal("0.00"),
                }
            },
            id="input-object-with-its-defaults",
        ),
        pytest.param("$a: CustomerKey", {"a": {"id": 7}}, {"a": {"id": "7"}}, id="one-of"),
        pytest.param("$a: JSON", {"a": {"b": [1]}}, {"a": {"b": [1]}}, id="json"),
        pytest.param("$a: Int", {"b": 1}, {}, id="unknown-ones-do-not-count"),
    ],
)
def test_coerces(
    schema: Schema, definitions: str, raw: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert coerce(schema, definitions, raw) == expected


@pytest.mark.parametrize(
    ("definitions", "raw", "messages"),
    [
        pytest.param(
            "$a: Int!, $b: Int!",
            {"b": None},
            [
                'Variable "$a" of required type "Int!" was not provided.',
                'Variable "$b" of non-null type "Int!" must not be null.',
            ],
            id="required",
        ),
        pytest.param(
            "$a: Int",
            {"a": "x"},
            [
                'Variable "$a" got invalid value "x"; Int cannot represent non-integer value: "x"',
            ],
            id="scalar",
        ),
        pytest.param(
            "$a: [[Int!]]",
            {"a": [[1, None], [2, "x"]]},
            [
                'Variable "$a" got invalid value null at "a[0][1]"; Expected non-nullable type'
                ' "Int!" not to be null.',
                'Variable "$a" got invalid value "x" at "a[1][1]"; Int cannot represent'
                ' non-integer value: "x"',
            ],
            id="paths-in-lists",
        ),
        pytest.param(
            "$a: OrderFilter",
            {"a": {"nested": {"status": ["PAI"]}, "statuss": 1}},
            [
                'Variable "$a" got invalid value "PAI" at "a.nested.status[0]"; Value "PAI" does'
                ' not exist in "OrderStatus" enum. Did you mean the enum value "PAID"?',
                'Variable "$a" got invalid value {nested: {status: [...]}, statuss: 1}; Field'
                ' "statuss" is not defined by type "OrderFilter". Did you mean "status"?',
            ],
            id="paths-in-objects",
        ),
        pytest.param(
            "$a: OrderFilter",
            {"a": {"status": 1}},
            [
                'Variable "$a" got invalid value 1 at "a.status"; Enum "OrderStatus" cannot'
                " represent non-string value: 1.",
            ],
            id="path-without-the-index-of-a-single-item",
        ),
        pytest.param(
            "$a: OrderFilter",
            {"a": []},
            ['Variable "$a" got invalid value []; Expected type "OrderFilter" to be an object.'],
            id="no-object",
        ),
        pytest.param(
            "$a: CustomerKey, $b: CustomerKey",
            {"a": {"id": "x", "email": "y"}, "b": {"id": None}},
            [
                'Variable "$a" got invalid value {id: "x", email: "y"}; Exactly one key must be'
                ' specified for type "CustomerKey".',
                'Variable "$b" got invalid value null at "b.id"; Field "id" must be non-null.',
            ],
            id="one-of",
        ),
    ],
)
def test_refuses(
    schema: Schema, definitions: str, raw: dict[str, Any], messages: list[str]
) -> None:
    with pytest.raises(RequestError) as refused:
        coerce(schema, definitions, raw)
    assert [error.message for error in refused.value.errors] == messages
    assert {error.code for error in refused.value.errors} == {"BAD_USER_INPUT"}
    assert refused.value.errors[0].locations == (Location(1, 7),)


def test_does_not_suggest_where_the_schema_is_private(schema: Schema) -> None:
    operation = parse_document(scan("query($a: OrderStatus) { a }", WIDE)).operations[0]
    with pytest.raises(RequestError) as refused:
        coerce_variables(schema, operation, {"a": "PAI"}, suggestions=False)
    assert "Did you mean" not in str(refused.value)


def test_errors_are_capped(schema: Schema) -> None:
    with pytest.raises(RequestError) as refused:
        coerce(schema, "$a: [Int]", {"a": ["x"] * 100_000})
    assert len(refused.value.errors) == MAX_ERRORS + 1
    assert refused.value.errors[-1].message.startswith("Too many errors")


def test_values_nested_without_end_are_refused(schema: Schema) -> None:
    deep: dict[str, Any] = {}
    for _ in range(900):
        deep = {"nested": deep}
    with pytest.raises(RequestError, match="nested deeper than the limit of 64"):
        coerce(schema, "$a: OrderFilter", {"a": deep})


# ----------------------------------------------------------------------------------- arguments


def of(schema: Schema, text: str, kind: TypeRef, variables: dict[str, Any] | None = None) -> Any:
    return coerce_value(parse_value(text), kind, schema, variables or {})


def test_variables_stand_for_themselves(schema: Schema) -> None:
    assert of(schema, "$a", Named("Int"), {"a": 5}) == 5
    assert of(schema, "$a", Named("Int"), {"a": None}) is None
    assert of(schema, "$a", Named("Int")) is UNSET
    assert not UNSET
    with pytest.raises(InputError, match="must not be null"):
        of(schema, "$a", NonNull(Named("Int")), {"a": None})


def test_variables_inside_values(schema: Schema) -> None:
    ids = schema.object("Query").fields["customers"].arguments["ids"].type
    kinds = schema.object("Query").fields["search"].arguments["kinds"].type
    assert of(schema, '["x", $a]', ids, {"a": "y"}) == ["x", "y"]
    for variables in ({}, {"a": None}):
        with pytest.raises(InputError, match=r"non-null type .ID!. "):
            of(schema, "[$a]", ids, variables)
    assert of(schema, '"Order"', kinds) == ["Order"]
    found = of(schema, "{status: $a, nested: {customer: {id: $b}}}", Named("OrderFilter"), {"b": 7})
    assert {key: found[key] for key in ("nested",)}["nested"]["customer"] == {"id": 7}
    assert "status" not in found
    assert of(schema, "{a: [$a, $b], c: $a}", Named("JSON"), {"b": 1}) == {"a": [None, 1]}
    with pytest.raises(InputError, match="Exactly one key"):
        of(schema, "{id: $a}", Named("CustomerKey"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("$a", True, id="itself"),
        pytest.param("[1, $a]", True, id="in-a-list"),
        pytest.param("{a: {b: [{c: $a}]}}", True, id="deep"),
        pytest.param('{a: {b: [{c: "$a"}]}}', False, id="a-text-of-its-look"),
        pytest.param("[[], {}, null, A, 1, true]", False, id="none"),
    ],
)
def test_tells_whether_a_value_has_a_variable(text: str, *, expected: bool) -> None:
    assert has_variable(parse_value(text)) is expected


def test_literals_of_another_text_take_the_place_of_the_own(schema: Schema) -> None:
    node = parse_value('{orderedFrom: "2026-01-01T00:00:00Z", minimum: 1.5, nested: {minimum: 2}}')
    literals = ['"2027-01-01T00:00:00Z"', "2.5", "3"]
    found = coerce_value(node, Named("OrderFilter"), schema, {}, literals)
    assert found["orderedFrom"] == datetime(2027, 1, 1, tzinfo=UTC)
    assert (str(found["minimum"]), str(found["nested"]["minimum"])) == ("2.5", "3")
    assert coerce_value(parse_value("[1, {a: 2}]"), Named("JSON"), schema, {}, ["3", "4"]) == [
        3,
        {"a": 4},
    ]


def arguments(schema: Schema, text: str, variables: dict[str, Any]) -> dict[str, Any]:
    document = parse_document(scan(f"{{ search{text} {{ __typename }} }}", WIDE))
    field = document.operations[0].selection_set.selections[0]
    assert isinstance(field, ast.Field)
    definitions = schema.object("Query").fields["search"].arguments
    return coerce_arguments(definitions, field.arguments, schema, variables)


def test_arguments_take_their_defaults(schema: Schema) -> None:
    kinds = ["Order", "Product"]
    assert arguments(schema, '(text: "a")', {}) == {"text": "a", "kinds": kinds, "limit": 10}
    assert arguments(schema, '(text: "a", kinds: null, limit: $l)', {}) == {
        "text": "a",
        "kinds": None,
        "limit": 10,
    }
    with pytest.raises(InputError, match=r"was provided the variable .\$t. which was not"):
        arguments(schema, "(text: $t)", {})
    with pytest.raises(InputError, match="must not be null"):
        arguments(schema, '(text: "a", limit: $l)', {"l": None})


def test_type_references_of_nodes() -> None:
    operation = parse_document(scan("query($a: [[Int!]!]) { a }", WIDE)).operations[0]
    assert str(operation.variables[0].type.ref) == "[[Int!]!]"
