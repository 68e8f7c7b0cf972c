"""The nodes of syntax trees, of documents and SDL, named as in the specification's grammar.

``at`` is the number of a node's first token, from 0, and not an offset: documents that differ in
their literals only have the same numbers, so that one tree serves them all. ``lexer.Tokens`` turns
such a number into a line and a column of a text.

Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from handler.language.schema import TypeRef

# ---------------------------------------------------------------------------------- values


class Variable(Struct):
    """A variable where it is used."""

    name: str
    at: int  # of the dollar sign


class IntValue(Struct):
    """An Int literal."""

    text: str
    at: int
    literal: int  # its number among the Int, Float and String literals of the document, from 0


class FloatValue(Struct):
    """A Float literal: with a fraction or an exponent."""

    text: str
    at: int
    literal: int


class StringValue(Struct):
    """A String literal: a quoted or a block string."""

    value: str  # escapes resolved, block strings dedented
    at: int
    literal: int
    block: bool = False


class BooleanValue(Struct):
    """``true`` or ``false``."""

    value: bool
    at: int


class NullValue(Struct):
    """``null``."""

    at: int


class EnumValue(Struct):
    """An enum value: a name that is none of ``true``, ``false`` and ``null``."""

    name: str
    at: int


class ListValue(Struct):
    """A list literal."""

    values: list[Value]
    at: int


class ObjectField(Struct):
    """A field of an object literal."""

    name: str
    value: Value
    at: int


class ObjectValue(Struct):
    """An object literal; before validation its fields may have duplicate names."""

    fields: list[ObjectField]
    at: int


Value: TypeAlias = (
    Variable
    | IntValue
    | FloatValue
    | StringValue
    | BooleanValue
    | NullValue
    | EnumValue
    | ListValue
    | ObjectValue
)

# ---------------------------------------------------------------------------- type references


class NamedType(Struct):
    """The name of a type."""

    name: str
    at: int


class TypeReference(Struct):
    """A type as it is written where it is used, such as ``[Order!]!``."""

    ref: TypeRef
    at: int
    name_at: int  # of the name inside all brackets


# ------------------------------------------------------------------------------- documents


class Argument(Struct):
    """An argument of a field or directive."""

    name: str
    value: Value
    at: int


class Directive(Struct):
    """A directive where it is used."""

    name: str
    arguments: list[Argument]
    at: int  # of the at sign


class VariableDefinition(Struct):
    """The definition of a variable, in an operation."""

    variable: Variable
    type: TypeReference
    default: Value | None
    directives: list[Directive]
    at: int
    description: str | None = None


class Field(Struct):
    """A field of a selection set."""

    alias: str | None
    name: str
    arguments: list[Argument]
    directives: list[Directive]
    selection_set: SelectionSet | None
    at: int  # of the alias, or of the name without one
    name_at: int

    @property
    def response_key(self) -> str:
        """The key of the field in the response: its alias, or its name."""
        return self.alias or self.name


class FragmentSpread(Struct):
    """A fragment spread: ``...name``."""

    name: str
    directives: list[Directive]
    at: int  # of the three dots
    name_at: int


class InlineFragment(Struct):
    """An inline fragment: ``... on Type { }``, or without the type condition."""

    type_condition: NamedType | None
    directives: list[Directive]
    selection_set: SelectionSet
    at: int


Selection: TypeAlias = Field | FragmentSpread | InlineFragment


class SelectionSet(Struct):
    """The selections between the braces of an operation, field or fragment."""

    selections: list[Selection]
    at: int


class OperationDefinition(Struct):
    """A query, a mutation or a subscription."""

    kind: str  # "query", "mutation" or "subscription"
    name: str | None
    variables: list[VariableDefinition]
    directives: list[Directive]
    selection_set: SelectionSet
    at: int
    name_at: int
    description: str | None = None


class FragmentDefinition(Struct):
    """The definition of a fragment."""

    name: str
    type_condition: NamedType
    directives: list[Directive]
    selection_set: SelectionSet
    at: int
    name_at: int
    description: str | None = None


class Document(Struct):
    """A whole document."""

    operations: list[OperationDefinition]
    fragments: dict[str, FragmentDefinition]  # by name, the first of each
    definitions: list[Definition]  # all, in order, with duplicates and those of SDL
    token_count: int


# ------------------------------------------------------------------------------------- SDL


class InputValueDefinition(Struct):
    """An argument of a field or directive, or a field of an input object."""

    name: str
    type: TypeReference
    default: Value | None
    directives: list[Directive]
    description: str | None
    at: int


class FieldDefinition(Struct):
    """A field of a type or an interface."""

    name: str
    arguments: list[InputValueDefinition]
    type: TypeReference
    directives: list[Directive]
    description: str | None
    at: int


class EnumValueDefinition(Struct):
    """A value of an enum."""

    name: str
    directives: list[Directive]
    description: str | None
    at: int


class TypeDefinition(Struct):
    """A type or, with ``extend``, its extension; lists that its kind does not have are empty."""

    kind: str  # "scalar", "type", "interface", "union", "enum" or "input"
    name: str
    extend: bool
    interfaces: list[NamedType]
    directives: list[Directive]
    fields: list[FieldDefinition]  # of a type or an interface
    input_fields: list[InputValueDefinition]
    members: list[NamedType]  # of a union
    values: list[EnumValueDefinition]
    description: str | None
    at: int


class DirectiveDefinition(Struct):
    """The definition of a directive."""

    name: str
    arguments: list[InputValueDefinition]
    repeatable: bool
    locations: list[NamedType]
    description: str | None
    at: int


class SchemaDefinition(Struct):
    """The schema definition with its root types or, with ``extend``, its extension."""

    extend: bool
    directives: list[Directive]
    operation_types: list[tuple[str, NamedType]]  # ("query", type)
    description: str | None
    at: int


Definition: TypeAlias = (
    OperationDefinition
    | FragmentDefinition
    | TypeDefinition
    | DirectiveDefinition
    | SchemaDefinition
)
