"""Schemas from SDL: what they hold, and which mistakes are found where."""

from __future__ import annotations

from pathlib import Path

import pytest

from handler.errors import Location, SchemaError
from handler.language.files import read_operations, read_sdl
from handler.language.schema import (
    AppliedDirective,
    EnumType,
    InputObjectType,
    ObjectType,
    Origin,
    UnionType,
)
from handler.language.sdl import build_schema, load_schema
from tests.handler.language.schemas import ORDERS

QUERY = "type Query { a: Int }"


def test_the_example() -> None:
    schema = build_schema({"orders.graphql": ORDERS})
    customer = schema.object("Customer")
    assert customer.interfaces == ("Node", "Named")
    assert [used.name for used in customer.directives] == ["table", "key"]
    assert customer.fields["email"].deprecation_reason == "Use `contact`."
    assert str(customer.fields["orders"].type) == "OrderConnection!"
    page = customer.fields["orders"].directive("page")
    assert page is not None
    assert page.arguments == {"default": 10, "maximum": 50}
    assert schema.possible_types["Node"] == {"Customer", "Product", "Order"}
    assert schema.possible_types["Hit"] == {"Customer", "Product", "Order"}
    status = schema.types["OrderStatus"]
    assert isinstance(status, EnumType)
    assert status.values["LOST"].deprecation_reason == "No longer supported"
    key = schema.types["CustomerKey"]
    assert isinstance(key, InputObjectType)
    assert key.is_one_of
    assert schema.description == "Orders, their lines, and who bought what."


def test_places_and_default_values() -> None:
    schema = build_schema(
        {
            "a.graphql": QUERY,
            "b.graphql": "extend type Query {\n"
            '  "d" b(x: [E!] = [A, B], i: I = {}): Int @cost(weight: "2")'
            '\n}\nenum E { A B }\ninput I { n: Int = 3, s: String! = "x" }',
        }
    )
    field = schema.object("Query").fields["b"]
    assert field.origin == Origin("b.graphql", Location(2, 7))
    assert field.directives == (
        AppliedDirective("cost", {"weight": "2"}, Origin("b.graphql", Location(2, 43))),
    )
    assert field.arguments["x"].default == ["A", "B"]
    assert field.arguments["x"].default_text == "[A, B]"
    assert field.arguments["i"].default == {"n": 3, "s": "x"}


def test_extensions_may_stand_before_what_they_extend() -> None:
    schema = build_schema(
        {"a": "extend union U = B", "b": QUERY + "type A {x: Int} type B {x: Int} union U = A"}
    )
    union = schema.types["U"]
    assert isinstance(union, UnionType)
    assert union.members == ("A", "B")


def test_root_types_by_name_or_by_definition() -> None:
    schema = build_schema({"a": QUERY + "type Mutation { b: Int }"})
    assert (schema.query, schema.mutation, schema.subscription) == ("Query", "Mutation", None)
    schema = build_schema({"a": "schema { query: Q } type Q { a: Int } type Mutation { b: Int }"})
    assert (schema.query, schema.mutation) == ("Q", None)


def test_the_digest_is_that_of_the_text() -> None:
    one, same = build_schema({"a": QUERY}), build_schema({"a": QUERY})
    other = build_schema({"a": QUERY + " "})
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_loads_all_files_below_a_directory(tmp_path: Path) -> None:
    (tmp_path / "query.graphql").write_text(QUERY)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "more.graphql").write_text("\ufeffextend type Query { b: Int }")
    (tmp_path / "empty.graphql").write_text("# nothing yet\n")
    schema = load_schema(tmp_path)
    assert list(schema.object("Query").fields) == ["a", "b"]
    assert schema.object("Query").fields["b"].origin.file == "deep/more.graphql"


def test_a_directory_without_sdl_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"No \*\.graphql file"):
        load_schema(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SchemaError, match=r"a\.graphql: not UTF-8 at byte 5"):
        load_schema(tmp_path)


@pytest.mark.parametrize(
    ("sdl", "line", "message"),
    [
        pytest.param("type Query { a: }", 1, "Syntax Error: Expected Name", id="syntax"),
        pytest.param("type A { a: Int }", None, "The schema has no query type", id="no-query"),
        pytest.param(
            "schema { query: A }\nscalar A", 1, "must be an object type", id="root-scalar"
        ),
        pytest.param(
            "schema { query: Q mutation: Q } type Q { a: Int }",
            1,
            "cannot be the root of both",
            id="one-root-twice",
        ),
        pytest.param(
            "schema { query: Query }\nschema { query: Query }",
            2,
            "only one schema",
            id="two-schemas",
        ),
        pytest.param(
            QUERY + "\ntype Query { b: Int }",
            2,
            'only one type named "Query"; write `extend type Query`',
            id="type-twice",
        ),
        pytest.param(QUERY + "\nscalar Int", 2, 'only one type named "Int"', id="built-in-type"),
        pytest.param(
            QUERY + '\nscalar URL @scalar(as: "Strin")',
            2,
            'Scalar "URL" is like "Strin", which is none of BigInt, Boolean, Bytes, Date, DateTime,'
            " Decimal, Float, GeoJSON, ID, Int, JSON, String, Time, UUID."
            ' Did you mean "String"?',
            id="like-no-scalar",
        ),
        pytest.param(
            QUERY + '\nscalar A @scalar(as: "String")\nscalar B @scalar(as: "A")',
            3,
            'Scalar "B" is like "A", which is none of',
            id="like-a-named-scalar",
        ),
        pytest.param(
            '\nextend scalar Int @scalar(as: "String")' + QUERY,
            None,
            "Int is what it is; declare a scalar of another name",
            id="built-in-like-another",
        ),
        pytest.param(QUERY + "\nscalar URL @scalar(as: 7)", 2, "String", id="like-a-number"),
        pytest.param(
            QUERY + '\nscalar URL @scalar(as: "String") @scalar(as: "ID")',
            2,
            "@scalar",
            id="like-two",
        ),
        pytest.param(
            'scalar M @scalar(as: "Decimal")\ntype Query {\n a(b: M = "x"): Int }',
            3,
            "Decimal needs a string",
            id="default-that-the-named-scalar-is-not",
        ),
        pytest.param(
            QUERY + "\ndirective @skip on FIELD",
            2,
            'only one directive named "@skip"',
            id="directive-twice",
        ),
        pytest.param(
            "type Query { a: Int\na: Int }",
            2,
            '"Query.a" can only be defined once',
            id="field-twice",
        ),
        pytest.param(
            "type Query { a(\nb: Int b: Int): Int }",
            2,
            'Argument "b" can only be defined once',
            id="argument-twice",
        ),
        pytest.param(
            QUERY + "enum E { A\nA }", 2, '"E.A" can only be defined once', id="value-twice"
        ),
        pytest.param(
            QUERY + "\ninput I { a: Int a: Int }",
            2,
            "can only be defined once",
            id="input-field-twice",
        ),
        pytest.param(
            "type Query { a: Strin }",
            1,
            'Unknown type "Strin". Did you mean "String"',
            id="unknown-type",
        ),
        pytest.param("type Query { __a: Int }", 1, 'must not begin with "__"', id="reserved-name"),
        pytest.param(
            "type Query { a: I }\ninput I { b: Int }",
            1,
            "must be an output type",
            id="input-as-output",
        ),
        pytest.param(
            "type Query { a(b: Query): Int }", 1, "must be an input type", id="output-as-input"
        ),
        pytest.param(QUERY + "\ntype A", 2, '"A" has no field', id="type-without-fields"),
        pytest.param(QUERY + "\nenum A", 2, '"A" has no value', id="enum-without-values"),
        pytest.param(QUERY + "\nunion A", 2, '"A" has no member', id="union-without-members"),
        pytest.param(
            QUERY + "\nunion A = Int", 2, "can only include object types", id="union-of-scalars"
        ),
        pytest.param(
            QUERY + "\nunion A = Query | Query",
            2,
            'only one member named "Query"',
            id="member-twice",
        ),
        pytest.param(
            "extend type A { b: Int }\n" + QUERY, 1, 'Cannot extend type "A"', id="extend-nothing"
        ),
        pytest.param(
            QUERY + "\nextend input Query { b: Int }",
            2,
            "write `extend type Query`",
            id="extend-other-kind",
        ),
        pytest.param(
            "type Query implements I { a: Int }\ninterface I { b: Int }",
            1,
            'Interface field "I.b" expected but "Query" does not provide it; add `b: Int`',
            id="interface-field-missing",
        ),
        pytest.param(
            "type Query implements I {\na: String }\ninterface I { a: Int }",
            2,
            "expects type Int but",
            id="interface-field-type",
        ),
        pytest.param(
            "type Query implements I {\na: Int }\ninterface I { a(x: Int): Int }",
            2,
            '"I.a(x:)" expected but',
            id="interface-argument-missing",
        ),
        pytest.param(
            "type Query implements I { a(\nx: Int!): Int }\ninterface I { a(x: Int): Int }",
            2,
            "expects type Int but",
            id="interface-argument-type",
        ),
        pytest.param(
            "type Query implements I { a(\nx: Int!): Int }\ninterface I { a: Int }",
            2,
            "must not be required",
            id="additional-argument",
        ),
        pytest.param(
            "type Query implements A { a: Int }\n"
            "interface A implements B { a: Int } interface B { a: Int }",
            1,
            'must implement "B" because "A" does',
            id="interface-of-interface",
        ),
        pytest.param(
            QUERY + "\ninterface A implements A { a: Int }",
            2,
            "cannot implement itself",
            id="interface-of-itself",
        ),
        pytest.param(
            QUERY + "\ninterface A implements B { a: Int } interface B implements A { a: Int }",
            2,
            "which implements it",
            id="interfaces-in-a-ring",
        ),
        pytest.param(
            "type Query implements Query { a: Int }",
            1,
            "must only implement interfaces",
            id="implements-a-type",
        ),
        pytest.param(
            QUERY + "\ninput A { b: B! }\ninput B { a: A! }",
            2,
            "cannot contain itself through non-null fields (A -> B -> A)",
            id="input-ring",
        ),
        pytest.param(
            QUERY + "\ninput A @oneOf { a: A }",
            2,
            'No value of input "A" can be written',
            id="one-of-ring",
        ),
        pytest.param(
            QUERY + "\ninput A @oneOf {\na: Int! }",
            3,
            "must be nullable; write `Int`",
            id="one-of-non-null",
        ),
        pytest.param(
            QUERY + "\ninput A @oneOf {\na: Int = 1 }",
            3,
            "cannot have a default value",
            id="one-of-default",
        ),
        pytest.param(
            "type Query { a(\nb: Int! @deprecated): Int }",
            2,
            'Required "b" cannot be deprecated',
            id="deprecated-required",
        ),
        pytest.param(
            'type Query { a(b: Int =\n"x"): Int }',
            2,
            "Int cannot represent non-integer value",
            id="default-of-other-type",
        ),
        pytest.param(
            "type Query { a(b: I =\n{c: 1, c: 2}): Int } input I { c: Int }",
            2,
            'only one field named "c"',
            id="default-with-a-field-twice",
        ),
        pytest.param(
            QUERY + "input A { b: B =\n{} }\ninput B { a: A = {} }",
            None,
            "contains itself",
            id="default-ring",
        ),
        pytest.param(
            "type Query @nothing { a: Int }",
            1,
            'Unknown directive "@nothing"',
            id="unknown-directive",
        ),
        pytest.param(
            "type Query @page { a: Int }",
            1,
            "may not be used on OBJECT, only on FIELD_DEFINITION",
            id="directive-place",
        ),
        pytest.param(
            'type Query @table(name: "a")\n@table(name: "b") { a: Int }',
            2,
            "can only be used once",
            id="directive-use-twice",
        ),
        pytest.param(
            "type Query @table { a: Int }",
            1,
            'Argument "name" of required type "String!"',
            id="directive-argument-missing",
        ),
        pytest.param(
            'type Query @table(nam: "a") { a: Int }',
            1,
            'Unknown argument "nam" on directive "@table". Did you mean "name"?',
            id="directive-argument-unknown",
        ),
        pytest.param(
            "type Query @table(name: 1) { a: Int }",
            1,
            "String cannot represent",
            id="directive-argument-type",
        ),
        pytest.param(
            'type Query @table(name: "a", name: "b") { a: Int }',
            1,
            'only one argument named "name"',
            id="directive-argument-twice",
        ),
        pytest.param(
            QUERY + "\ndirective @a(b: Int @a) on ARGUMENT_DEFINITION",
            2,
            "refers to itself",
            id="directive-in-itself",
        ),
        pytest.param(
            QUERY + "\ndirective @a(b: E) on ENUM_VALUE enum E { X @a }",
            2,
            "refers to itself",
            id="directive-in-its-type",
        ),
        pytest.param(
            "type Query implements I {\na: Int @deprecated }\ninterface I { a: Int }",
            2,
            "cannot be deprecated while",
            id="deprecated-against-the-interface",
        ),
        pytest.param("{ a }", 1, "among type definitions", id="operation"),
    ],
)
def test_refuses(sdl: str, line: int | None, message: str) -> None:
    with pytest.raises(SchemaError) as refused:
        build_schema({"a.graphql": sdl})
    assert message in str(refused.value)
    if line is not None:
        assert refused.value.file == "a.graphql"
        assert refused.value.location is not None
        assert refused.value.location.line == line
        assert str(refused.value).startswith(f"a.graphql:{line}:")


def test_interfaces_may_be_implemented_with_narrower_types() -> None:
    schema = build_schema(
        {
            "a": """
            interface Node { id: ID  peers: [Node] }
            interface Named implements Node { id: ID!  peers: [Named!] }
            type Query implements Named & Node { id: ID!  peers(n: Int = 1): [Query!]! }
            """
        }
    )
    assert schema.possible_types["Node"] == {"Query"}
    assert isinstance(schema.types["Query"], ObjectType)


@pytest.mark.parametrize(
    ("sdl", "roots"),
    [
        pytest.param("extend schema @conventions " + QUERY, ("Query", None), id="directive-alone"),
        pytest.param(
            "extend schema { mutation: M } type M { b: Int } " + QUERY,
            ("Query", "M"),
            id="one-more",
        ),
        pytest.param(
            "extend schema { query: Q } type Q { a: Int } type Mutation { b: Int }",
            ("Q", "Mutation"),
            id="another-query",
        ),
        pytest.param(
            "extend schema { mutation: M } schema @conventions { query: Q }"
            " type Q { a: Int } type M { b: Int } type Mutation { b: Int }",
            ("Q", "M"),
            id="before-the-definition",
        ),
        pytest.param(
            "schema { query: Q } extend schema @conventions type Q { a: Int }"
            " type Mutation { b: Int }",
            ("Q", None),
            id="definition-names-all",
        ),
    ],
)
def test_a_schema_may_be_extended(sdl: str, roots: tuple[str, str | None]) -> None:
    schema = build_schema({"a": sdl})
    assert (schema.query, schema.mutation) == roots


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        pytest.param(
            "schema { query: Query } extend schema { query: Q } type Q { a: Int } " + QUERY,
            "a:1:48: There can be only one query type in the schema; remove one.",
            id="second-root",
        ),
        pytest.param(
            'type Query @table(name: "a") { a: Int }\nextend type Query @table(name: "b")',
            'a:2:19: The directive "@table" can only be used once at this location, and is used in'
            " a:1; remove one of the two.",
            id="directive-of-what-is-extended",
        ),
        pytest.param("extend schema " + QUERY, "a:1:15: Syntax Error", id="with-nothing"),
    ],
)
def test_an_extension_adds_what_is_not_there(sdl: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_schema({"a": sdl})
    assert str(caught.value).startswith(message)


def test_hidden_files_beside_the_sdl_are_none_of_it(tmp_path: Path) -> None:
    """A lock of Emacs is a link to nowhere, what macOS puts on other disks is not in UTF-8."""
    (tmp_path / "operations").mkdir()
    (tmp_path / "api.graphql").write_text(QUERY)
    (tmp_path / ".#api.graphql").symlink_to("somebody@there.4711")
    (tmp_path / "._api.graphql").write_bytes(b"\x00\x05\x16\x07\xff")
    (tmp_path / "operations" / ".#a.graphql").symlink_to("somebody@there.4711")
    assert read_sdl(tmp_path) == {"api.graphql": QUERY}
    assert read_operations(tmp_path) == {}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text(QUERY)
    (tmp_path / "b.graphql").symlink_to("nowhere")
    with pytest.raises(SchemaError, match=r"^b.graphql: cannot be read: No such file or directory"):
        load_schema(tmp_path)
    (tmp_path / "b.graphql").unlink()
    (tmp_path / "b.graphql").mkdir()
    with pytest.raises(SchemaError, match=r"^b.graphql: cannot be read: Is a directory"):
        load_schema(tmp_path)
