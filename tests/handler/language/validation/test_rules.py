"""The rules one by one: a document, and where each error must point.

Re-derived from the examples of the specification; each case is checked against graphql-core, too.
Source: https://spec.graphql.org/September2025/#sec-Validation
"""

from __future__ import annotations

import graphql
import pytest

from handler.language.lexer import scan
from handler.language.parser import parse_document
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from handler.language.validation import RULES
from handler.language.validation.facts import Facts
from tests.handler.language.reference import WIDE, reference_errors, reference_parse
from tests.handler.language.schemas import PETS

Places = list[list[tuple[int, int]]]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema({"pets.graphql": PETS})


@pytest.fixture(scope="module")
def reference() -> graphql.GraphQLSchema:
    return graphql.build_schema(PETS)


def found_places(schema: Schema, text: str) -> dict[str, Places]:
    tokens = scan(text, WIDE)
    facts = Facts(schema, parse_document(tokens), tokens, limits=WIDE, suggestions=True)
    found: dict[str, Places] = {}
    for rule in RULES:
        places = [[(each.line, each.column) for each in error.locations] for error in rule(facts)]
        if places:
            found[rule.__name__] = places
    return found


def expected_places(reference: graphql.GraphQLSchema, text: str) -> dict[str, Places]:
    document = reference_parse(text)
    found = reference_errors(reference, document, [rule.__name__ for rule in RULES])
    return {
        name: [[(each.line, each.column) for each in error.locations or ()] for error in errors]
        for name, errors in found.items()
        if errors
    }


VALID = {
    "fields": "{ dog { name ...F } } fragment F on Dog { barkVolume }",
    "same-field-twice": "{ dog { name name nickname other: name } }",
    "same-arguments-twice": "{ arguments { int(i: 1) int(i: 1) } }",
    "same-arguments-in-other-order": "{ arguments { multiple(x: 1, y: 2) multiple(y: 2, x: 1) } }",
    "other-parents-may-differ": (
        "{ pet { ... on Dog { v: barkVolume } ... on Cat { v: meowVolume } } }"
    ),
    "fragment-spread-twice-in-a-fragment": (
        "{ dog { ...A } } fragment A on Dog { owner { ...B } ... { owner { ...B } } }"
        " fragment B on Human { name }"
    ),
    "typename-everywhere": "{ __typename dog { __typename } catOrDog { __typename } }",
    "interface-in-union": "{ catOrDog { ... on Pet { name } } }",
    "variable-in-list": "query($b: Boolean) { arguments { booleans(l: [$b, true]) } }",
    "single-value-for-a-list": "{ arguments { booleans(l: true) } }",
    "int-for-a-float": "{ arguments { float(f: 1) } }",
    "variable-default-fills-non-null": "query($b: Boolean = true) { arguments { nonNull(b: $b) } }",
    "argument-default-fills-non-null": "query($b: Boolean) { arguments { optional(b: $b) } }",
    "input-object": '{ findDog(by: {name: "Rex", friends: {name: "Max"}}) { name } }',
    "one-of": "{ exact(by: {age: 1}) { name } }",
    "one-of-variable": "query($a: Int!) { exact(by: {age: $a}) { name } }",
    "repeatable-directive": "{ dog { name @repeated(n: 1) @repeated(n: 2) } }",
    "variable-used-in-a-fragment": (
        "query($b: Boolean) { ...F } fragment F on Query { arguments { boolean(b: $b) } }"
    ),
    "subscription": "subscription { newMessage { body } }",
    "introspection": '{ __schema { types { name } } __type(name: "Dog") { kind } }',
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID.keys())
def test_accepts(schema: Schema, reference: graphql.GraphQLSchema, text: str) -> None:
    assert found_places(schema, text) == {}
    assert expected_places(reference, text) == {}


INVALID: dict[str, tuple[str, dict[str, Places]]] = {
    "definition-of-a-type": (
        "{ __typename } type A { b: Int } extend type B { c: Int }",
        {"executable_definitions": [[(1, 16)], [(1, 34)]]},
    ),
    "operation-names": (
        "query A { __typename } query A { __typename }",
        {"unique_operation_names": [[(1, 7), (1, 30)]]},
    ),
    "anonymous-among-others": (
        "{ __typename } query A { __typename }",
        {"lone_anonymous_operation": [[(1, 1)]]},
    ),
    "subscription-of-two": (
        "subscription { newMessage { body } disallowed { name } }",
        {"single_field_subscriptions": [[(1, 36)]]},
    ),
    "subscription-of-two-by-fragment": (
        "subscription S { ...F } fragment F on Subscription { newMessage { body } b: __typename }",
        {"single_field_subscriptions": [[(1, 74)], [(1, 74)]]},
    ),
    "subscription-with-conditions": (
        "subscription($b: Boolean!) { newMessage @include(if: $b) { body } ...F @skip(if: $b) }"
        " fragment F on Subscription { disallowed { name } }",
        {"single_field_subscriptions": [[(1, 41), (1, 72)]]},
    ),
    "unknown-types": (
        "query($a: Nothing) { ... on Never { x } } fragment F on Void { x }",
        {
            "known_type_names": [[(1, 11)], [(1, 29)], [(1, 57)]],
            "no_unused_fragments": [[(1, 43)]],
            "no_unused_variables": [[(1, 7)]],
        },
    ),
    "fragment-on-a-scalar": (
        "{ dog { ... on Int { x } } }",
        {"fragments_on_composite_types": [[(1, 16)]]},
    ),
    "variable-of-an-output-type": (
        "query($d: [Dog!]) { dog { name } }",
        {"variables_are_input_types": [[(1, 11)]], "no_unused_variables": [[(1, 7)]]},
    ),
    "selection-on-a-leaf": (
        "{ dog { name { x } } }",
        {"scalar_leafs": [[(1, 14)]]},
    ),
    "no-selection-on-an-object": ("{ dog }", {"scalar_leafs": [[(1, 3)]]}),
    "unknown-field": (
        "{ dog { meowVolume alias: nothing } }",
        {"fields_on_correct_type": [[(1, 9)], [(1, 20)]]},
    ),
    "field-on-a-union": (
        "{ catOrDog { name } }",
        {"fields_on_correct_type": [[(1, 14)]]},
    ),
    "field-on-the-wrong-interface": (
        "{ pet { nickname } }",
        {"fields_on_correct_type": [[(1, 9)]]},
    ),
    "introspection-below-the-root": (
        "{ dog { __schema { description } } }",
        {"fields_on_correct_type": [[(1, 9)]]},
    ),
    "fragment-names": (
        "{ dog { ...A } } fragment A on Dog { name } fragment A on Dog { name }",
        {"unique_fragment_names": [[(1, 27), (1, 54)]]},
    ),
    "unknown-fragment": ("{ dog { ...A } }", {"known_fragment_names": [[(1, 12)]]}),
    "unused-fragments": (
        "{ dog { name } } fragment A on Dog { ...B } fragment B on Dog { name }",
        {"no_unused_fragments": [[(1, 18)], [(1, 45)]]},
    ),
    "impossible-spreads": (
        "{ dog { ... on Cat { name } ...C } } fragment C on Human { name }",
        {"possible_fragment_spreads": [[(1, 9)], [(1, 29)]]},
    ),
    "fragment-in-itself": (
        "{ dog { ...A } } fragment A on Dog { ...A }",
        {"no_fragment_cycles": [[(1, 38)]]},
    ),
    "fragments-in-a-ring": (
        "{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { ...A }",
        {"no_fragment_cycles": [[(1, 38), (1, 65)]]},
    ),
    "variable-names": (
        "query($b: Boolean, $b: Boolean) { arguments { boolean(b: $b) } }",
        {"unique_variable_names": [[(1, 8), (1, 21)]]},
    ),
    "undefined-variable": (
        "query A { arguments { boolean(b: $b) } }",
        {"no_undefined_variables": [[(1, 34), (1, 1)]]},
    ),
    "undefined-variable-in-a-fragment": (
        "query A { ...F } fragment F on Query { arguments { boolean(b: $b) } }",
        {"no_undefined_variables": [[(1, 63), (1, 1)]]},
    ),
    "unused-variable": (
        "query($b: Boolean) { dog { name } }",
        {"no_unused_variables": [[(1, 7)]]},
    ),
    "unknown-directive": (
        "{ dog @nothing { name @deprecated } }",
        {"known_directives": [[(1, 7)], [(1, 23)]]},
    ),
    "directive-twice": (
        "{ dog { name @single @single } }",
        {"unique_directives_per_location": [[(1, 14), (1, 22)]]},
    ),
    "unknown-arguments": (
        "{ dog(a: 1) { name @repeated(m: 1) } }",
        {"known_argument_names": [[(1, 7)], [(1, 30)]]},
    ),
    "argument-twice": (
        "{ arguments { int(i: 1, i: 2, i: 3) } }",
        {"unique_argument_names": [[(1, 19), (1, 25), (1, 31)]]},
    ),
    "values": (
        '{ arguments { int(i: "1") float(f: true) boolean(b: 1) a: int(i: 2147483648) }'
        ' dog { doesKnowCommand(dogCommand: "SIT") b: doesKnowCommand(dogCommand: JUMP) } }',
        {
            "values_of_correct_type": [
                [(1, 22)],
                [(1, 36)],
                [(1, 53)],
                [(1, 66)],
                [(1, 114)],
                [(1, 152)],
            ]
        },
    ),
    "null-for-non-null": (
        "{ arguments { nonNull(b: null) } }",
        {"values_of_correct_type": [[(1, 26)]]},
    ),
    "input-objects": (
        '{ findDog(by: {age: 1}) { name } a: findDog(by: "Rex") { name }'
        " b: findDog(by: {name: 1}) { name } }",
        {"values_of_correct_type": [[(1, 15)], [(1, 16)], [(1, 49)], [(1, 87)]]},
    ),
    "input-field-twice": (
        '{ findDog(by: {name: "a", name: "b"}) { name } }',
        {"unique_input_field_names": [[(1, 16), (1, 27)]]},
    ),
    "one-of-with-two": (
        '{ exact(by: {name: "a", age: 1}) { name } }',
        {"values_of_correct_type": [[(1, 13)]]},
    ),
    "one-of-with-null": (
        "{ exact(by: {name: null}) { name } }",
        {"values_of_correct_type": [[(1, 13)]]},
    ),
    "required-arguments": (
        "{ arguments { multiple(x: 1) } dog { name @skip } }",
        {"provided_required_arguments": [[(1, 15)], [(1, 43)]]},
    ),
    "variables-in-wrong-places": (
        "query($i: Int, $b: Boolean, $l: [Boolean]) { arguments { boolean(b: $i) nonNull(b: $b)"
        " booleans(l: $l) } }",
        {
            "variables_in_allowed_position": [
                [(1, 7), (1, 69)],
                [(1, 16), (1, 84)],
                [(1, 29), (1, 100)],
            ]
        },
    ),
    "other-fields-of-one-key": (
        "{ dog { name: nickname name } }",
        {"overlapping_fields_can_be_merged": [[(1, 9), (1, 24)]]},
    ),
    "other-arguments-of-one-key": (
        "{ arguments { int(i: 1) int(i: 2) } }",
        {"overlapping_fields_can_be_merged": [[(1, 15), (1, 25)]]},
    ),
    "argument-and-none": (
        "query($b: Boolean) { dog { isHouseTrained(atOtherHomes: $b) isHouseTrained } }",
        {"overlapping_fields_can_be_merged": [[(1, 28), (1, 61)]]},
    ),
    "other-shapes-of-other-parents": (
        "{ pet { ... on Dog { v: nickname } ... on Cat { v: nickname } } }",
        {"overlapping_fields_can_be_merged": [[(1, 22), (1, 49)]]},
    ),
    "other-shapes-further-down": (
        "{ pet { ... on Dog { extra { barkVolume } } ... on Cat { extra { barkVolume } } } }",
        {"overlapping_fields_can_be_merged": [[(1, 22), (1, 30), (1, 58), (1, 66)]]},
    ),
    "conflict-through-fragments": (
        "{ dog { ...A ...B } } fragment A on Dog { x: name } fragment B on Dog { x: nickname }",
        {"overlapping_fields_can_be_merged": [[(1, 43), (1, 73)]]},
    ),
    "conflict-below-equal-keys": (
        "{ dog { name } dog { name: nickname } }",
        {"overlapping_fields_can_be_merged": [[(1, 3), (1, 9), (1, 16), (1, 22)]]},
    ),
}


@pytest.mark.parametrize(("text", "expected"), INVALID.values(), ids=INVALID.keys())
def test_refuses(
    schema: Schema, reference: graphql.GraphQLSchema, text: str, expected: dict[str, Places]
) -> None:
    assert found_places(schema, text) == expected
    theirs = expected_places(reference, text)
    assert {name: sorted(places) for name, places in theirs.items()} == {
        name: sorted(places) for name, places in expected.items()
    }


def test_descriptions_are_no_values(schema: Schema) -> None:
    text = '"what it is" query Q("which" $b: Boolean) { arguments { boolean(b: $b) } }'
    assert found_places(schema, text) == {}


def test_a_nullable_variable_in_a_one_of_input_is_refused(schema: Schema) -> None:
    text = "query($a: Int) { exact(by: {age: $a}) { name } }"
    assert found_places(schema, text) == {"variables_in_allowed_position": [[(1, 7), (1, 34)]]}


def test_an_operation_without_a_root_type_is_refused(schema: Schema) -> None:
    assert found_places(schema, "mutation { a }") == {"known_operation_types": [[(1, 1)]]}
