"""The sort inputs that an SDL leaves out, written by hand for those who read plain SDL."""

from __future__ import annotations

import graphql
from graphql.language import ast as gql


def with_sort_inputs(sdl: str) -> str:
    """The SDL, whose connections are declared, with every sort input that it only names."""
    types = {
        found.name.value: found
        for found in graphql.parse(sdl).definitions
        if isinstance(found, gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode)
    }
    waiting = [
        _named(argument.type)
        for found in types.values()
        for field in found.fields or ()
        for argument in field.arguments or ()
    ]
    made: dict[str, str] = {}
    for name in waiting:
        owner = types.get(name.removesuffix("Sort"))
        if not name.endswith("Sort") or owner is None or name in made:
            continue
        members = []
        for field in owner.fields or ():
            if any(used.name.value == "sortable" for used in field.directives or ()):
                kind = _named(field.type)
                inner = f"{kind}Sort" if kind in types else "SortDirection"
                members.append(f"{field.name.value}: {inner}")
                waiting.append(inner)
        made[name] = f"input {name} {{ {' '.join(members)} }}"
    enum = ["enum SortDirection { ASC DESC }"] if made else []
    return "\n".join([sdl, *made.values(), *enum])


def _named(node: gql.TypeNode) -> str:
    while not isinstance(node, gql.NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]  # of a list or of what is not null
    return node.name.value
