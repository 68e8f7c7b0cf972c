"""Syntax trees, and what is refused."""

from __future__ import annotations

import pytest

from handler.errors import DocumentSyntaxError, Location
from handler.language import ast
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document, parse_sdl
from handler.language.schema import ListOf, Named, NonNull


def parse(text: str) -> ast.Document:
    return parse_document(scan(text, Limits()))


def test_a_field_with_everything() -> None:
    document = parse('query Q($a: [Int!]! = [1] @d) { x: f(s: "t", o: {b: $a, n: null}) @i { y } }')
    variable = ast.VariableDefinition(
        ast.Variable("a", 3),
        ast.TypeReference(NonNull(ListOf(NonNull(Named("Int")))), 6, 7),
        ast.ListValue([ast.IntValue("1", 13, 0)], 12),
        [ast.Directive("d", [], 15)],
        3,
    )
    value = ast.ObjectValue(
        [
            ast.ObjectField("b", ast.Variable("a", 31), 29),
            ast.ObjectField("n", ast.NullValue(35), 33),
        ],
        28,
    )
    field = ast.Field(
        "x",
        "f",
        [ast.Argument("s", ast.StringValue("t", 25, 1), 23), ast.Argument("o", value, 26)],
        [ast.Directive("i", [], 38)],
        ast.SelectionSet([ast.Field(None, "y", [], [], None, 41, 41)], 40),
        19,
        21,
    )
    operation = ast.OperationDefinition(
        "query", "Q", [variable], [], ast.SelectionSet([field], 18), 0, 1
    )
    assert document == ast.Document([operation], {}, [operation], 44)


def test_fragments_and_descriptions() -> None:
    document = parse('"d" fragment F on T @a { ... on U { b } ... @c { d } ...G @e }')
    spread = ast.FragmentSpread("G", [ast.Directive("e", [], 22)], 20, 21)
    fragment = document.fragments["F"]
    assert fragment.description == "d"
    assert (fragment.at, fragment.name_at) == (0, 2)
    assert fragment.selection_set.selections[2] == spread
    inline = fragment.selection_set.selections[0]
    assert isinstance(inline, ast.InlineFragment)
    assert inline.type_condition == ast.NamedType("U", 10)


def test_numbers_literals_in_the_order_of_the_text() -> None:
    document = parse('"d" query($a: Int = 1) { f(a: 2.5, b: """x""") }')
    operation = document.operations[0]
    field = operation.selection_set.selections[0]
    assert isinstance(field, ast.Field)
    assert operation.variables[0].default == ast.IntValue("1", 8, 1)
    assert [argument.value for argument in field.arguments] == [
        ast.FloatValue("2.5", 15, 2),
        ast.StringValue("x", 18, 3, True),
    ]


def test_the_first_fragment_of_a_name_counts_and_all_definitions_are_kept() -> None:
    document = parse("fragment F on A { a } fragment F on B { b } { c }")
    assert document.fragments["F"].type_condition.name == "A"
    assert len(document.definitions) == 3


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        pytest.param("", "Unexpected <EOF>.", 1, id="nothing"),
        pytest.param("{", "Expected Name, found <EOF>.", 2, id="open-end"),
        pytest.param("{}", 'Expected Name, found "}".', 2, id="no-selection"),
        pytest.param("{ a(b) }", 'Expected ":", found ")".', 6, id="no-value"),
        pytest.param("{ a() }", 'Expected Name, found ")".', 5, id="no-argument"),
        pytest.param("{ a(b: ) }", 'Unexpected ")".', 8, id="empty-value"),
        pytest.param("query Q { ...on }", 'Expected Name, found "}".', 17, id="on-is-no-fragment"),
        pytest.param("fragment on on A { a }", 'Unexpected Name "on".', 10, id="fragment-on"),
        pytest.param(
            "query ($a: Int = $b) { a }",
            'Unexpected variable "$b" in constant value.',
            18,
            id="variable-as-default",
        ),
        pytest.param(
            "query ($a: Int @d(x: $b)) { a }",
            'Unexpected variable "$b" in constant value.',
            22,
            id="variable-in-constant-directive",
        ),
        pytest.param("nothing { a }", 'Unexpected Name "nothing".', 1, id="unknown-keyword"),
        pytest.param('"d" { a }', 'Unexpected "{".', 5, id="described-shorthand"),
        pytest.param(
            '"d" extend type A { b: Int }', 'Unexpected Name "extend".', 5, id="described-extension"
        ),
        pytest.param(
            "enum E { true }",
            'Name "true" is reserved and cannot be used for an enum value.',
            10,
            id="enum-true",
        ),
        pytest.param("type A {}", 'Expected Name, found "}".', 9, id="empty-type"),
        pytest.param("extend type A", "Unexpected <EOF>.", 14, id="extension-of-nothing"),
        pytest.param("directive @a on NOWHERE", 'Unexpected Name "NOWHERE".', 17, id="no-location"),
        pytest.param("{ a } }", 'Unexpected "}".', 7, id="bracket-too-many"),
        pytest.param("{ a(b: [1) }", 'Unexpected ")".', 10, id="wrong-bracket"),
    ],
)
def test_refuses(text: str, message: str, column: int) -> None:
    with pytest.raises(DocumentSyntaxError) as refused:
        parse(text)
    assert refused.value.message == f"Syntax Error: {message}"
    assert refused.value.locations == (Location(1, column),)


def test_sdl_takes_no_operations() -> None:
    with pytest.raises(DocumentSyntaxError) as refused:
        parse_sdl(scan("type A { b: Int }\n{ a }", Limits()))
    assert refused.value.locations == (Location(2, 1),)


def test_all_of_sdl() -> None:
    text = """
    "s" schema @a { query: Q mutation: M }
    extend schema @b
    scalar S @a
    "t" type T implements I & J @a { "f" f("x" x: Int = 1 @a, y: [S!]): T! @a }
    interface I implements J { f: Int }
    union U @a = | A | B
    enum E { "v" V @a W }
    input N @a { x: Int = 1 @a }
    extend input N { y: Int }
    directive @a(x: Int) repeatable on FIELD | OBJECT
    """
    definitions = parse_sdl(scan(text, Limits())).definitions
    assert [
        definition.kind if isinstance(definition, ast.TypeDefinition) else type(definition).__name__
        for definition in definitions
    ] == [
        "SchemaDefinition",
        "SchemaDefinition",
        "scalar",
        "type",
        "interface",
        "union",
        "enum",
        "input",
        "input",
        "DirectiveDefinition",
    ]
    found = definitions[3]
    assert isinstance(found, ast.TypeDefinition)
    assert [each.name for each in found.interfaces] == ["I", "J"]
    assert found.fields[0].description == "f"
    assert found.fields[0].arguments[0].default == ast.IntValue("1", 38, 4)
    directive = definitions[-1]
    assert isinstance(directive, ast.DirectiveDefinition)
    assert directive.repeatable
    assert [each.name for each in directive.locations] == ["FIELD", "OBJECT"]
