"""What an operation uses of the schema, by coordinates: ``Query.orders``, ``Query.orders(first:)``.

It is the same for every value: where a variable brings an input object, all members of its type
count, since any of them may be sent. Imported when an environment meets an operation for the first
time; nothing of it is on the way of later requests.

Source: https://spec.graphql.org/September2025/#sec-Schema-Coordinates
"""

from __future__ import annotations

from collections.abc import Mapping

from handler.language import ast
from handler.language.schema import (
    EnumType,
    InputObjectType,
    InterfaceType,
    ObjectType,
    Schema,
    TypeRef,
    named,
)
from handler.language.selections import walk


def used_coordinates(
    schema: Schema,
    definition: ast.OperationDefinition,
    fragments: Mapping[str, ast.FragmentDefinition],
) -> tuple[str, ...]:
    """Fields, arguments, members of inputs and enum values, sorted.

    A field of an interface counts for each type that has it by the interface as well.
    """
    uses = _Uses(schema)
    pending = [(definition.selection_set, schema.query)]
    while pending:
        selection_set, owner = pending.pop()
        for node, around in walk([selection_set], fragments, around=owner):
            if isinstance(node, ast.Field):
                below = uses.field(around or owner, node)
                if node.selection_set is not None and below:
                    pending.append((node.selection_set, below))
    return tuple(sorted(uses.found))


class _Uses:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.found: set[str] = set()

    def field(self, owner: str, node: ast.Field) -> str:
        """The type of the field; empty for those of introspection, which are no one's."""
        holder = self._schema.types.get(owner)
        known = holder.fields if isinstance(holder, ObjectType | InterfaceType) else {}
        found = known.get(node.name)
        if found is None:
            return ""
        owners = {owner, *self._schema.possible_types.get(owner, ())}
        self.found.update(f"{each}.{node.name}" for each in owners)
        for argument in node.arguments:
            self.found.update(f"{each}.{node.name}({argument.name}:)" for each in owners)
            self._value(found.arguments[argument.name].type, argument.value)
        return named(found.type)

    def _value(self, ref: TypeRef, value: ast.Value) -> None:
        pending: list[tuple[TypeRef, ast.Value]] = [(ref, value)]
        while pending:
            ref, value = pending.pop()
            target = self._schema.types.get(named(ref))
            match value:
                case ast.Variable():
                    self._all_of(named(ref))
                case ast.EnumValue() if isinstance(target, EnumType):
                    self.found.add(f"{target.name}.{value.name}")
                case ast.ListValue():
                    pending += [(ref, each) for each in value.values]
                case ast.ObjectValue() if isinstance(target, InputObjectType):
                    for member in value.fields:
                        self.found.add(f"{target.name}.{member.name}")
                        pending.append((target.fields[member.name].type, member.value))

    def _all_of(self, name: str) -> None:
        """Of an input object all members, and those that they lead to; of an enum all values."""
        pending, seen = [name], {name}
        while pending:
            target = self._schema.types.get(pending.pop())
            if isinstance(target, EnumType):
                self.found.update(f"{target.name}.{value}" for value in target.values)
            elif isinstance(target, InputObjectType):
                for member in target.fields.values():
                    self.found.add(f"{target.name}.{member.name}")
                    below = named(member.type)
                    if below not in seen:
                        seen.add(below)
                        pending.append(below)
