"""What is told of a document: each mistake once, in words, and not without end."""

from __future__ import annotations

import pytest

from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document
from handler.language.schema import Schema
from handler.language.sdl import build_schema
from handler.language.validation import examine, validate
from tests.handler.language.reference import WIDE
from tests.handler.language.schemas import PETS


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema({"pets.graphql": PETS})


def messages(schema: Schema, text: str, *, suggestions: bool = True) -> list[str]:
    tokens = scan(text, WIDE)
    return [
        error.message
        for error in validate(schema, parse_document(tokens), tokens, suggestions=suggestions)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "{ dog { nam } }",
            'Cannot query field "nam" on type "Dog". Did you mean "name"?',
            id="field",
        ),
        pytest.param(
            "{ pet { nickname } }",
            'Cannot query field "nickname" on type "Pet". Did you mean to use an inline fragment'
            ' on "Cat" or "Dog"?',
            id="inline-fragment",
        ),
        pytest.param(
            "{ dog { isHouseTrained(atOtherHome: true) } }",
            'Unknown argument "atOtherHome" on field "Dog.isHouseTrained". Did you mean'
            ' "atOtherHomes"?',
            id="argument",
        ),
        pytest.param(
            "{ dog { doesKnowCommand(dogCommand: SITT) } }",
            'Value "SITT" does not exist in "DogCommand" enum. Did you mean the enum value "SIT"?',
            id="enum-value",
        ),
        pytest.param(
            "{ pet { ... on Dogg { name } } }",
            'Unknown type "Dogg". Did you mean "Dog"?',
            id="type",
        ),
        pytest.param(
            '{ findDog(by: {nam: "a", name: "b"}) { name } }',
            'Field "nam" is not defined by type "DogInput". Did you mean "name"?',
            id="input-field",
        ),
    ],
)
def test_suggests_names_unless_told_not_to(schema: Schema, text: str, message: str) -> None:
    assert messages(schema, text) == [message]
    silent = messages(schema, text, suggestions=False)
    assert len(silent) == 1
    assert "Did you mean" not in silent[0]


def test_errors_are_capped(schema: Schema) -> None:
    text = "{ dog { " + "".join(f"x{n} " for n in range(100)) + "} }"
    found = messages(schema, text)
    assert len(found) == Limits().errors + 1
    assert found[-1] == "Too many validation errors; the rest is not checked."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "query cop { __typename " + "@aa" * 12 + " }",
            [('Unknown directive "@aa".', 10)],
            id="one-unknown-directive-many-times",
        ),
        pytest.param(
            "{ dog { name " + " ".join(f"@a{n}" for n in range(10)) + " } }",
            [('Unknown directives "@a0", "@a1", "@a2", "@a3", "@a4" and 5 more.', 10)],
            id="many-unknown-directives",
        ),
        pytest.param(
            "query @a { dog { ...f @b } } fragment f on Dog @a { name @c }",
            [('Unknown directives "@a", "@b", "@c".', 4)],
            id="unknown-directives-in-all-places",
        ),
        pytest.param(
            "{ dog { name " + "@deprecated " * 10 + "} }",
            [
                ('Directive "@deprecated" may not be used on FIELD.', 10),
                ('The directive "@deprecated" can only be used once at this location.', 10),
            ],
            id="misplaced-directive",
        ),
        pytest.param(
            "{ dog { name " + "@skip(if: false) " * 10 + "} }",
            [('The directive "@skip" can only be used once at this location.', 10)],
            id="directive-that-stands-once",
        ),
        pytest.param(
            "{ dog { " + "name @include " * 10 + "} }",
            [
                (
                    'Argument "if" of type "Boolean!" is required on directive "@include", but it'
                    " was not provided.",
                    10,
                )
            ],
            id="directive-without-its-argument",
        ),
        pytest.param(
            "{ dog { " + "nam " * 10 + "} }",
            [('Cannot query field "nam" on type "Dog". Did you mean "name"?', 10)],
            id="field",
        ),
    ],
)
def test_one_mistake_in_many_places_is_one_error(
    schema: Schema, text: str, expected: list[tuple[str, int]]
) -> None:
    """Scanners count errors, and call it directive overloading if each place has its own."""
    tokens = scan(text, WIDE)
    found = validate(schema, parse_document(tokens), tokens, suggestions=True)
    assert [(error.message, len(error.locations)) for error in found] == expected
    for error in found:
        assert len(set(error.locations)) == len(error.locations)


def test_a_document_with_too_many_merges_is_refused(schema: Schema) -> None:
    text = "{ " + "dog { owner { name } } " * 10 + "}"
    tokens = scan(text, WIDE)
    report = examine(
        schema, parse_document(tokens), tokens, suggestions=True, limits=Limits(merge_steps=29)
    )
    assert [(error.code, error.message) for error in report.errors] == [
        (
            "LIMIT_EXCEEDED",
            "It takes more steps to prove that the fields of this document can be merged than the"
            " limit of 29.",
        )
    ]
    report = examine(
        schema, parse_document(tokens), tokens, suggestions=True, limits=Limits(merge_steps=30)
    )
    assert report.errors == []


def test_introspection_can_be_turned_off(schema: Schema) -> None:
    text = '{ __schema { description } a: __type(name: "Dog") { name } __typename }'
    tokens = scan(text, WIDE)
    document = parse_document(tokens)
    report = examine(schema, document, tokens, suggestions=False, introspection=False)
    assert [(error.message, error.locations[0].column) for error in report.errors] == [
        ('Introspection is turned off on this server; field "__schema" cannot be queried.', 3),
        ('Introspection is turned off on this server; field "__type" cannot be queried.', 28),
    ]
