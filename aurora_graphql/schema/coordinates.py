"""What an operation uses of a schema, by coordinates: ``Order.items``, ``Query.order(id:)``."""

from __future__ import annotations

from typing import Any

import graphql
from graphql import TypeInfo, TypeInfoVisitor, get_named_type, is_abstract_type, visit


def used_by(document: str, schema: graphql.GraphQLSchema) -> frozenset[str]:
    """Types, fields, arguments, members of inputs and values of enums that a document uses.

    A field of an interface counts for each type that has it by the interface.
    """
    info = TypeInfo(schema)
    uses = _Uses(info, schema)
    visit(graphql.parse(document, no_location=True), TypeInfoVisitor(info, uses))
    return frozenset(uses.found)


class _Uses(graphql.Visitor):
    def __init__(self, info: TypeInfo, schema: graphql.GraphQLSchema) -> None:
        super().__init__()
        self._info = info
        self._schema = schema
        self.found: set[str] = set()

    def enter_named_type(self, node: graphql.NamedTypeNode, *_: Any) -> None:
        self.found.add(node.name.value)

    def enter_field(self, node: graphql.FieldNode, *_: Any) -> None:
        parent = self._info.get_parent_type()
        if parent is None:
            return
        owners = [parent.name]
        if is_abstract_type(parent):
            owners += [each.name for each in self._schema.get_possible_types(parent)]
        self.found.update(owners)
        self.found.update(f"{owner}.{node.name.value}" for owner in owners)
        self.found.update(
            f"{owner}.{node.name.value}({argument.name.value}:)"
            for owner in owners
            for argument in node.arguments or ()
        )
        if (given := self._info.get_type()) is not None:
            self.found.add(get_named_type(given).name)

    def enter_object_field(self, node: graphql.ObjectFieldNode, *_: Any) -> None:
        parent = self._info.get_parent_input_type()
        if parent is not None:
            owner = get_named_type(parent).name
            self.found.update({owner, f"{owner}.{node.name.value}"})

    def enter_enum_value(self, node: graphql.EnumValueNode, *_: Any) -> None:
        given = self._info.get_input_type()
        if given is not None:
            owner = get_named_type(given).name
            self.found.update({owner, f"{owner}.{node.value}"})
