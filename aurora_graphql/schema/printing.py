"""The public schema as SDL: pages, filters and sorts expanded, scalars declared.

``handler.language.printer`` writes what introspection reveals, the directives of the vocabulary and
their types included. Clients' tools want what operations can reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import graphql
from graphql import ast_from_value, parse, print_ast
from graphql.language import ast as nodes

from handler.language.printer import SPECIFIED_DIRECTIVES, print_schema
from handler.language.schema import AppliedDirective, Element, Schema


def public_schema(schema: Schema, *, descriptions: bool = True, directives: bool = False) -> str:
    """The schema as text. ``directives``: with those of the vocabulary, defined and applied."""
    document = parse(print_schema(schema), no_location=True)
    document = _applied(document, schema) if directives else _reachable(document, schema)
    if not descriptions:
        document = graphql.visit(document, _Undescribed())
    return print_ast(document) + "\n"


def client_schema(text: str) -> graphql.GraphQLSchema:
    """A printed public schema for graphql-core."""
    return graphql.build_schema(text, assume_valid_sdl=False)


class _Undescribed(graphql.Visitor):
    def enter(self, node: Any, *_: Any) -> Any:
        if getattr(node, "description", None) is not None:
            return _with(node, description=None)
        return None


def _reachable(document: nodes.DocumentNode, schema: Schema) -> nodes.DocumentNode:
    """Without directives of the vocabulary and types that no operation can meet."""
    types = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, nodes.TypeDefinitionNode)
    }
    waiting = [name for name in schema.roots.values() if name is not None]
    met: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in met:
            continue
        met.add(name)
        waiting += schema.possible_types.get(name, ())
        if name in types:
            waiting += _named_in(types[name])
    kept = [
        each
        for each in document.definitions
        if not isinstance(each, nodes.DirectiveDefinitionNode)
        and not (isinstance(each, nodes.TypeDefinitionNode) and each.name.value not in met)
    ]
    return nodes.DocumentNode(definitions=tuple(kept))


def _named_in(node: nodes.Node) -> Iterator[str]:
    found: list[str] = []

    class Names(graphql.Visitor):
        def enter_named_type(self, node: nodes.NamedTypeNode, *_: Any) -> None:
            found.append(node.name.value)

    graphql.visit(node, Names())
    yield from found


def _applied(document: nodes.DocumentNode, schema: Schema) -> nodes.DocumentNode:
    """With the directives that the SDL applies, beside those that are printed anyway."""
    known = client_schema(print_ast(document))

    def added(node: Any, element: Element | None) -> Any:
        uses = [
            _directive(used, known)
            for used in (element.directives if element else ())
            if used.name not in SPECIFIED_DIRECTIVES
        ]
        return _with(node, directives=(*(node.directives or ()), *uses)) if uses else node

    def inside(node: Any, owner: Any) -> Any:
        element = owner
        changed = {}
        for attribute, members in (
            ("fields", getattr(owner, "fields", {})),
            ("values", getattr(owner, "values", {})),
            ("arguments", getattr(owner, "arguments", {})),
        ):
            found = getattr(node, attribute, None)
            if found and isinstance(members, dict):
                changed[attribute] = tuple(
                    inside(each, members.get(each.name.value)) for each in found
                )
        return added(_with(node, **changed) if changed else node, element)

    definitions = []
    for each in document.definitions:
        if isinstance(each, nodes.TypeDefinitionNode):
            definitions.append(inside(each, schema.types.get(each.name.value)))
        elif isinstance(each, nodes.SchemaDefinitionNode):
            uses = [_directive(used, known) for used in schema.applied]
            definitions.append(_with(each, directives=(*(each.directives or ()), *uses)))
        else:
            definitions.append(each)
    return nodes.DocumentNode(definitions=tuple(definitions))


def _directive(used: AppliedDirective, known: graphql.GraphQLSchema) -> nodes.DirectiveNode:
    definition = known.get_directive(used.name)
    arguments = []
    for name, value in used.arguments.items():
        argument = definition.args[name] if definition else None
        if argument is None or value is None or value == argument.default_value:
            continue
        written = ast_from_value(value, argument.type)
        if written is not None:
            arguments.append(nodes.ArgumentNode(name=nodes.NameNode(value=name), value=written))
    return nodes.DirectiveNode(name=nodes.NameNode(value=used.name), arguments=tuple(arguments))


def _with(node: Any, **changes: Any) -> Any:
    """A copy of the node with other values."""
    return type(node)(**{key: changes.get(key, getattr(node, key, None)) for key in node.keys})
