"""The filter inputs that an SDL leaves out, written by hand for those who read plain SDL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import graphql
from graphql.language import ast as gql

_VALUES = {"eq": "{}", "ne": "{}", "in": "[{}!]", "notIn": "[{}!]"}
_RANGES = dict.fromkeys(("lt", "lte", "gt", "gte"), "{}")
_TEXTS = dict.fromkeys(("startsWith", "contains"), "{}")
_WORDS = {
    "EQUAL": "eq",
    "NOT_EQUAL": "ne",
    "IN": "in",
    "NOT_IN": "notIn",
    "LESS": "lt",
    "LESS_OR_EQUAL": "lte",
    "GREATER": "gt",
    "GREATER_OR_EQUAL": "gte",
    "PREFIX": "startsWith",
    "CONTAINS": "contains",
    "IS_NULL": "isNull",
}
OPERATORS = {word: operator for operator, word in _WORDS.items()}


def with_filter_inputs(sdl: str) -> str:
    """The SDL, whose connections are declared, with every filter input that it only names."""
    document = graphql.parse(sdl)
    types: dict[str, gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode] = {}
    enums: set[str] = set()
    declared: set[str] = set()
    extended: list[gql.ObjectTypeExtensionNode] = []
    for found in document.definitions:
        if isinstance(found, gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode):
            types[found.name.value] = found
        elif isinstance(found, gql.ObjectTypeExtensionNode):
            extended.append(found)
        elif isinstance(found, gql.EnumTypeDefinitionNode):
            enums.add(found.name.value)
        elif isinstance(found, gql.InputObjectTypeDefinitionNode):
            declared.add(found.name.value)
    made: dict[str, list[str]] = {}

    def add(name: str, members: list[str]) -> str:
        if name not in declared:
            made.setdefault(name, members)
        return name

    def of_values(name: str, scalar: str, only: list[str] | None = None) -> str:
        offered = dict(_VALUES)
        if scalar not in enums and scalar not in ("Boolean", "JSON"):
            offered |= _RANGES
        if scalar in ("String", "ID"):
            offered |= _TEXTS
        members = [f"{word}: {kind.format(scalar)}" for word, kind in offered.items()]
        members.append("isNull: Boolean")
        wanted = None if only is None else [_WORDS[each] for each in only]
        return add(name, [m for m in members if wanted is None or m.split(":")[0] in wanted])

    def of_rows(owner: str) -> str:
        name = f"{owner}Filter"
        if name in made or name in declared:
            return name
        members = [f"and: [{name}!]", f"or: [{name}!]", f"not: {name}"]
        made[name] = members
        marked = list(_all_marked(types, owner))
        node = _node(types[owner]) if owner.endswith("Edge") else None
        if node is not None and any(_marked(types[_named(node.type)[0]])):
            marked.append((node, None))
        for field, only in marked:
            kind, is_list = _named(field.type)
            target = kind.removesuffix("Connection")
            if target != kind:
                edge = types[f"{target}Edge"]
                target = edge.name.value if any(_marked(edge)) else _named(_node(edge).type)[0]
            if kind in types and (is_list or target != kind):
                inner = of_rows(target)
                words = [f"{each}: {inner}" for each in ("some", "none", "every")]
                member = add(f"{target}ListFilter", words)
            elif kind in types:
                member = of_rows(kind)
            elif only is not None:
                field_name = field.name.value
                own = f"{owner}{field_name[0].upper()}{field_name[1:]}Filter"
                member = of_values(own, kind, only)
            else:
                member = of_values(f"{kind}Filter", kind)
            members.append(f"{field.name.value}: {member}")
        members += _searches(types[owner])
        return name

    owners: list[
        gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode | gql.ObjectTypeExtensionNode
    ]
    owners = [*types.values(), *extended]
    fields = [field for owner in owners for field in owner.fields or ()]
    for field in fields:
        for argument in field.arguments or ():
            kind, _ = _named(argument.type)
            if kind.endswith("Filter") and kind.removesuffix("Filter") in types:
                of_rows(kind.removesuffix("Filter"))
    texts = [f"input {name} {{ {' '.join(members)} }}" for name, members in made.items()]
    return "\n".join([sdl, *texts])


def _searches(
    found: gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode,
) -> Iterator[str]:
    for used in found.directives or ():
        if used.name.value == "searchable":
            given = {
                each.name.value: graphql.value_from_ast_untyped(each.value)
                for each in used.arguments or ()
            }
            yield f"{given.get('name', 'search')}: String"


def _all_marked(
    types: Mapping[str, gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode], owner: str
) -> Iterator[tuple[gql.FieldDefinitionNode, list[str] | None]]:
    """Those of a type, then those of interfaces over its table, which say it for their members."""
    names = set()
    found = types[owner]
    above = [types[each.name.value] for each in found.interfaces or ()]
    for each in (found, *above):
        if each is found or any(d.name.value == "discriminator" for d in each.directives or ()):
            for field, only in _marked(each):
                if field.name.value not in names:
                    names.add(field.name.value)
                    yield field, only


def _marked(
    found: gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode,
) -> Iterator[tuple[gql.FieldDefinitionNode, list[str] | None]]:
    for field in found.fields or ():
        for used in field.directives or ():
            if used.name.value == "filterable":
                only = None
                for argument in used.arguments or ():
                    only = graphql.value_from_ast_untyped(argument.value)
                yield field, only


def _node(
    edge: gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode,
) -> gql.FieldDefinitionNode:
    """The field of an edge that gives the row, which needs no mark."""
    return next(field for field in edge.fields or () if field.name.value == "node")


def _named(node: gql.TypeNode) -> tuple[str, bool]:
    is_list = False
    while not isinstance(node, gql.NamedTypeNode):
        is_list = is_list or isinstance(node, gql.ListTypeNode)
        assert isinstance(node, gql.ListTypeNode | gql.NonNullTypeNode)
        node = node.type
    return node.name.value, is_list
