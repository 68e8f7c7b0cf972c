"""Interfaces and unions over one table, in the simplest reading: for graphql-core's schemas."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import graphql
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType

RowsType: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
FieldedType: TypeAlias = GraphQLObjectType | GraphQLInterfaceType
ROWS = (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)


@dataclass
class Kinds:
    """What the column of a discriminator holds, by type, and which types have one."""

    columns: dict[str, str] = field(default_factory=dict)  # by type, union or interface
    values: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)  # of unions: type by value
    above: dict[tuple[str, str], str] = field(default_factory=dict)  # whose a taken field is
    fields: dict[str, RowsType] = field(default_factory=dict)  # of unions: what has their fields

    def of_type(self, name: str, row: Mapping[str, Any]) -> bool:
        """Whether a row is one of a type."""
        return name not in self.columns or row[self.columns[name]] in self.values[name]

    def type_of(self, name: str, row: Mapping[str, Any]) -> str:
        """The type of a row of an interface or a union."""
        return self.names[name][row[self.columns[name]]]

    def place(self, owner: str, name: str) -> str:
        """``Type.field`` of a field: of the interface, where a member takes it from there."""
        return f"{self.above.get((owner, name), owner)}.{name}"

    def with_fields(self, found: Any) -> Any:
        """A type that has fields: of a union its first member, by the name of the union."""
        return self.fields.get(found.name, found)


def read_kinds(schema: graphql.GraphQLSchema) -> Kinds:
    """All of a schema, whose members are given what their interfaces say."""
    found = Kinds()
    for above in schema.type_map.values():
        if isinstance(above, GraphQLInterfaceType | GraphQLUnionType):
            used = _arguments(above.ast_node, "discriminator")
            if used is not None:
                _read(schema, found, above, used["column"])
    return found


def _read(
    schema: graphql.GraphQLSchema,
    found: Kinds,
    above: GraphQLInterfaceType | GraphQLUnionType,
    column: str,
) -> None:
    found.columns[above.name] = column
    members = schema.get_possible_types(above)
    for member in members:
        value = (_arguments(member.ast_node, "value") or {"column": member.name})["column"]
        found.columns[member.name] = column
        found.values[member.name] = {value}
        found.values.setdefault(above.name, set()).add(value)
        found.names.setdefault(above.name, {})[value] = member.name
        _take(member, above, ("table", "key"))
        if isinstance(above, GraphQLInterfaceType):
            for name, shared in above.fields.items():
                own = member.fields[name]
                _take(own, shared)
                for each, argument in own.args.items():
                    _take(argument, shared.args[each])
                found.above.setdefault((member.name, name), above.name)
    if isinstance(above, GraphQLUnionType):
        fielded = copy.copy(members[0])
        fielded.name = above.name
        found.fields[above.name] = fielded


def _take(own: Any, shared: Any, names: tuple[str, ...] = ()) -> None:
    known = {used.name.value for used in own.ast_node.directives or ()}
    more = [
        used
        for used in shared.ast_node.directives or ()
        if used.name.value not in known and (not names or used.name.value in names)
    ]
    own.ast_node = replace(own.ast_node, directives=(*(own.ast_node.directives or ()), *more))


def _arguments(node: Any, name: str) -> dict[str, Any] | None:
    for used in node.directives or ():
        if used.name.value == name:
            return {a.name.value: graphql.value_from_ast_untyped(a.value) for a in used.arguments}
    return None
