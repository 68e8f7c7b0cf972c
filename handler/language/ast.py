"""Syntax trees of documents and of SDL. Names are those of the GraphQL specification.

``at`` is the number of the token at which a node starts (0-based), not an offset: two documents
that differ in their literals only have the same numbers, so one tree serves both. ``Tokens`` turns
a number into a line and a column of the text at hand.

Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

# ---------------------------------------------------------------------------------- values


@dataclass(slots=True)
class Variable:
    name: str
    at: int  # of the dollar sign


@dataclass(slots=True)
class IntValue:
    text: str
    at: int
    literal: int  # the how-manieth Int, Float or String literal of the document, from 0


@dataclass(slots=True)
class FloatValue:
    text: str
    at: int
    literal: int


@dataclass(slots=True)
class StringValue:
    value: str  # escapes resolved, block strings dedented
    at: int
    literal: int
    block: bool = False


@dataclass(slots=True)
class BooleanValue:
    value: bool
    at: int


@dataclass(slots=True)
class NullValue:
    at: int


@dataclass(slots=True)
class EnumValue:
    name: str
    at: int


@dataclass(slots=True)
class ListValue:
    values: list[Value]
    at: int


@dataclass(slots=True)
class ObjectField:
    name: str
    value: Value
    at: int


@dataclass(slots=True)
class ObjectValue:
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


@dataclass(slots=True)
class NamedType:
    name: str
    at: int


@dataclass(slots=True)
class ListType:
    of: TypeNode
    at: int


@dataclass(slots=True)
class NonNullType:
    of: NamedType | ListType
    at: int


TypeNode: TypeAlias = NamedType | ListType | NonNullType

# ------------------------------------------------------------------------------- documents


@dataclass(slots=True)
class Argument:
    name: str
    value: Value
    at: int


@dataclass(slots=True)
class Directive:
    name: str
    arguments: list[Argument]
    at: int  # of the at sign


@dataclass(slots=True)
class VariableDefinition:
    variable: Variable
    type: TypeNode
    default: Value | None
    directives: list[Directive]
    at: int
    description: str | None = None


@dataclass(slots=True)
class Field:
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


@dataclass(slots=True)
class FragmentSpread:
    name: str
    directives: list[Directive]
    at: int  # of the three dots
    name_at: int


@dataclass(slots=True)
class InlineFragment:
    type_condition: NamedType | None
    directives: list[Directive]
    selection_set: SelectionSet
    at: int


Selection: TypeAlias = Field | FragmentSpread | InlineFragment


@dataclass(slots=True)
class SelectionSet:
    selections: list[Selection]
    at: int


@dataclass(slots=True)
class OperationDefinition:
    kind: str  # "query", "mutation" or "subscription"
    name: str | None
    variables: list[VariableDefinition]
    directives: list[Directive]
    selection_set: SelectionSet
    at: int
    name_at: int
    description: str | None = None


@dataclass(slots=True)
class FragmentDefinition:
    name: str
    type_condition: NamedType
    directives: list[Directive]
    selection_set: SelectionSet
    at: int
    name_at: int
    description: str | None = None


@dataclass(slots=True)
class Document:
    operations: list[OperationDefinition]
    fragments: dict[str, FragmentDefinition]  # the first of each name
    definitions: list[Definition]  # all, in order, doubles and SDL definitions included
    token_count: int


# ------------------------------------------------------------------------------------- SDL


@dataclass(slots=True)
class InputValueDefinition:
    name: str
    type: TypeNode
    default: Value | None
    directives: list[Directive]
    description: str | None
    at: int


@dataclass(slots=True)
class FieldDefinition:
    name: str
    arguments: list[InputValueDefinition]
    type: TypeNode
    directives: list[Directive]
    description: str | None
    at: int


@dataclass(slots=True)
class EnumValueDefinition:
    name: str
    directives: list[Directive]
    description: str | None
    at: int


@dataclass(slots=True)
class TypeDefinition:
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


@dataclass(slots=True)
class DirectiveDefinition:
    name: str
    arguments: list[InputValueDefinition]
    repeatable: bool
    locations: list[NamedType]
    description: str | None
    at: int


@dataclass(slots=True)
class SchemaDefinition:
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
