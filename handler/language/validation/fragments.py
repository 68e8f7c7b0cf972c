"""Rules about fragments.

Source: https://spec.graphql.org/September2025/#sec-Validation.Fragments
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import ValidationError
from handler.language import ast
from handler.language.schema import TypeDef
from handler.language.validation.facts import COMPOSITE_TYPES, Facts, Scope, SpreadUse


def unique_fragment_names(facts: Facts) -> Iterator[ValidationError]:
    for scope in facts.scopes:
        node = scope.node
        if isinstance(node, ast.FragmentDefinition):
            first = facts.document.fragments[node.name]
            if first is not node:
                yield facts.error(
                    f'There can be only one fragment named "{node.name}".',
                    first.name_at,
                    node.name_at,
                )


def known_fragment_names(facts: Facts) -> Iterator[ValidationError]:
    for scope in facts.scopes:
        for use in scope.spreads:
            if use.node.name not in facts.fragments:
                yield facts.error(f'Unknown fragment "{use.node.name}".', use.node.name_at)


def fragments_on_composite_types(facts: Facts) -> Iterator[ValidationError]:
    for scope in facts.scopes:
        if isinstance(scope.node, ast.FragmentDefinition):
            condition = scope.node.type_condition
            if _is_leaf_or_input(facts, condition.name):
                yield facts.error(
                    f'Fragment "{scope.node.name}" cannot condition on non composite type'
                    f' "{condition.name}".',
                    condition.at,
                )
    for use in facts.inlines:
        inner = use.node.type_condition
        if inner is not None and _is_leaf_or_input(facts, inner.name):
            yield facts.error(
                f'Fragment cannot condition on non composite type "{inner.name}".', inner.at
            )


def _is_leaf_or_input(facts: Facts, name: str) -> bool:
    found = facts.schema.types.get(name)
    return found is not None and not isinstance(found, COMPOSITE_TYPES)


def no_unused_fragments(facts: Facts) -> Iterator[ValidationError]:
    used = {each.node.name for scope in facts.operations for each in facts.reachable(scope)}
    for scope in facts.scopes:
        node = scope.node
        if isinstance(node, ast.FragmentDefinition) and node.name not in used:
            yield facts.error(f'Fragment "{node.name}" is never used.', node.at)


def possible_fragment_spreads(facts: Facts) -> Iterator[ValidationError]:
    for inline in facts.inlines:
        if _cannot_overlap(facts, inline.parent, inline.type):
            why = _why(facts, inline.parent, inline.type)
            yield facts.error(f"Fragment cannot be spread here{why}.", inline.node.at)
    for scope in facts.scopes:
        for use in scope.spreads:
            fragment = facts.fragments.get(use.node.name)
            if fragment is not None and _cannot_overlap(facts, use.parent, fragment.type):
                why = _why(facts, use.parent, fragment.type)
                yield facts.error(
                    f'Fragment "{use.node.name}" cannot be spread here{why}.', use.node.at
                )


def _cannot_overlap(facts: Facts, parent: TypeDef | None, inside: TypeDef | None) -> bool:
    if parent is None or inside is None or parent is inside:
        return False
    possible = facts.schema.possible_types
    return possible[parent.name].isdisjoint(possible[inside.name])


def _why(facts: Facts, parent: TypeDef | None, inside: TypeDef | None) -> str:
    return facts.detail(
        f' as objects of type "{_name(parent)}" can never be of type "{_name(inside)}"'
    )


def _name(found: TypeDef | None) -> str:
    return found.name if found else ""


def no_fragment_cycles(facts: Facts) -> Iterator[ValidationError]:
    """Depth first. A spread of a fragment on the current path is a cycle; the error shows it."""
    done: set[str] = set()
    for start in facts.scopes:
        if isinstance(start.node, ast.FragmentDefinition) and start.node.name not in done:
            yield from _cycles(facts, start, done)


def _cycles(facts: Facts, start: Scope, done: set[str]) -> Iterator[ValidationError]:
    path: list[SpreadUse] = []
    place: dict[str, int] = {}  # the length of the path at which a fragment was entered

    def enter(scope: Scope, name: str) -> tuple[str, Iterator[SpreadUse]]:
        done.add(name)
        place[name] = len(path)
        return name, iter(scope.spreads)

    # No recursion: a chain of fragments may be longer than Python's stack.
    stack = [enter(start, start.node.name or "")]
    while stack:
        name, spreads = stack[-1]
        use = next(spreads, None)
        if use is None:
            stack.pop()
            del place[name]
            if path:
                path.pop()
            continue
        target = use.node.name
        if target in place:
            cycle = [*path[place[target] :], use]
            via = ", ".join(f'"{each.node.name}"' for each in cycle[:-1])
            yield facts.error(
                f'Cannot spread fragment "{target}" within itself'
                + (f" via {via}." if via else "."),
                *(each.node.at for each in cycle),
            )
        elif target not in done and target in facts.fragments:
            path.append(use)
            stack.append(enter(facts.fragments[target], target))
