"""What is selected of the objects that functions give, as documents in Tartiflette's terms.

They have no arguments, directives or fragments by name, because arguments are coerced and
selections collected already, exactly to the specification.
"""

from __future__ import annotations

from collections.abc import Sequence

from tartiflette.language.ast import (
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    Location,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from handler.fields.resolver import GivenField, GivenNode


class SourceField(FieldNode):
    """A field that remembers where it comes from. Its place is that of its token."""

    __slots__ = ("source",)

    source: GivenField


def translate_selection(type_name: str, fields: Sequence[GivenField]) -> DocumentNode:
    """The document that selects fields of all objects of a type."""
    known: dict[int, SelectionSetNode] = {}
    root = FieldNode(
        name=NameNode(value=type_name),
        alias=None,
        arguments=[],
        directives=[],
        selection_set=_fields(fields, known),
        location=Location(line=0, column=0),
    )
    operation = OperationDefinitionNode(
        operation_type="query",
        selection_set=SelectionSetNode(selections=[root]),
        variable_definitions=[],
        directives=[],
    )
    return DocumentNode(definitions=[operation])


def _fields(fields: Sequence[GivenField], known: dict[int, SelectionSetNode]) -> SelectionSetNode:
    return SelectionSetNode(selections=[_field(each, known) for each in fields])


def _field(found: GivenField, known: dict[int, SelectionSetNode]) -> SourceField:
    given = found.given
    node = SourceField(
        name=NameNode(value=found.name),
        alias=NameNode(value=found.key),
        arguments=[],
        directives=[],
        selection_set=None if given is None or given.may_be_row else _selection_set(given, known),
        location=Location(line=found.node.at, column=0),
    )
    node.source = found
    return node


def _selection_set(given: GivenNode, known: dict[int, SelectionSetNode]) -> SelectionSetNode:
    """What is selected of each type; an interface's types may share what is below."""
    if id(given) not in known:
        known[id(given)] = SelectionSetNode(
            selections=[
                InlineFragmentNode(
                    selection_set=_fields(fields, known),
                    type_condition=NamedTypeNode(name=NameNode(value=name)),
                    directives=[],
                )
                for name, fields in given.objects.items()
            ]
        )
    return known[id(given)]
