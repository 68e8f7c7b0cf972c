"""Syntax trees of documents and of SDL. Names are those of the GraphQL specification.

``at`` is the number of the token at which a node starts (0-based), not an offset: two documents
that differ in their literals only have the same numbers, so one tree serves both. ``Tokens`` turns
a number into a line and a column of the text at hand.

Every class has a docstring: without one, ``dataclass`` makes one out of the signature, which takes
a fifth of the time of the import (9.4 instead of 7.4 ms).

Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from handler.language.schema import TypeRef

# ---------------------------------------------------------------------------------- values


class Variable(Struct):
    """A use of a variable."""

    name: str
    at: int  # of the dollar sign


class IntValue(Struct):
    """A whole number."""

    text: str
    at: int
    literal: int  # the how-manieth Int, Float or String literal of the document, from 0


class FloatValue(Struct):
    """A number with a fraction or an exponent."""

    text: str
    at: int
    literal: int


class StringValue(Struct):
    """A quoted or a block string."""

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
    """A name that is none of ``true``, ``false`` and ``null``."""

    name: str
    at: int


class ListValue(Struct):
    """Values in square brackets."""

    values: list[Value]
    at: int


class ObjectField(Struct):
    """A name and a value inside an object."""

    name: str
    value: Value
    at: int


class ObjectValue(Struct):
    """Fields in braces; a name may stand there twice until the validation."""

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
    """A name and a value, of a field or a directive."""

    name: str
    value: Value
    at: int


class Directive(Struct):
    """A use of a directive."""

    name: str
    arguments: list[Argument]
    at: int  # of the at sign


class VariableDefinition(Struct):
    """A variable with its type and default."""

    variable: Variable
    type: TypeReference
    default: Value | None
    directives: list[Directive]
    at: int
    description: str | None = None


class Field(Struct):
    """A field that is asked for."""

    alias: str | None
    name: str
    arguments: list[Argument]
    directives: list[Directive]
    selection_set: SelectionSet | None
    at: int  # of the alias, or of the name without one
    name_at: int

    @property
    def response_key(self) -> str:
        """The name under which the answer stands."""
        return self.alias or self.name


class FragmentSpread(Struct):
    """A use of a named fragment."""

    name: str
    directives: list[Directive]
    at: int  # of the three dots
    name_at: int


class InlineFragment(Struct):
    """A fragment without a name, where it is used."""

    type_condition: NamedType | None
    directives: list[Directive]
    selection_set: SelectionSet
    at: int


Selection: TypeAlias = Field | FragmentSpread | InlineFragment


class SelectionSet(Struct):
    """What stands in braces after an operation, a field or a fragment."""

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
    """A named fragment."""

    name: str
    type_condition: NamedType
    directives: list[Directive]
    selection_set: SelectionSet
    at: int
    name_at: int
    description: str | None = None


class Document(Struct):
    """A text, parsed."""

    operations: list[OperationDefinition]
    fragments: dict[str, FragmentDefinition]  # the first of each name
    definitions: list[Definition]  # all, in order, doubles and SDL definitions included
    token_count: int


# ------------------------------------------------------------------------------------- SDL


class InputValueDefinition(Struct):
    """An argument of a field or directive, or a field of an input."""

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
    """A type or, with ``extend``, an extension of one. Empty lists where the kind has no such."""

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
    """A directive with its arguments and places."""

    name: str
    arguments: list[InputValueDefinition]
    repeatable: bool
    locations: list[NamedType]
    description: str | None
    at: int


class SchemaDefinition(Struct):
    """The root types, or with ``extend`` more of them."""

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
