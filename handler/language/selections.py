"""What a selection set selects: fragments followed, ``@skip`` and ``@include`` decided.

``walk`` is the one iterator over selections, and ``collect_fields`` the specification's
CollectFields on top of it.

Sources: https://spec.graphql.org/September2025/#sec-Field-Collection and #sec--skip
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from handler.language import ast
from handler.language.schema import Schema
from handler.language.variables import NullVariableError

CONDITIONS = frozenset({"skip", "include"})  # directives that decide whether a selection counts


def walk(
    sets: Sequence[ast.SelectionSet | None],
    fragments: Mapping[str, ast.FragmentDefinition],
    *,
    around: str = "",
    variables: Mapping[str, Any] | None = None,
    applies: Callable[[str], bool] | None = None,
    deep: bool = False,
    spread: set[str] | None = None,
) -> Iterator[tuple[ast.Selection, str]]:
    """Every selection of some selection sets, in the order of the document, with its type.

    A fragment is itself a selection; what it holds follows it. The type is the name in the
    innermost type condition around the selection, or ``around`` where there is none (and below
    another field, of which only the schema knows the type: ``""``).

    ``fragments``: those to follow; an empty mapping follows no spread.
    ``variables``: for ``is_included``; what it refuses is left out with all that it holds. None
    takes everything.
    ``applies``: whether a fragment on that type counts; one that does not is left out as well.
    ``deep``: whether what is selected below a field follows the field.
    ``spread``: names of fragments that were followed before; each is followed once. Shared by
    several walks that are parts of one. Uses no recursion: a chain of fragments may be longer than
    Python's stack.
    """
    followed = set() if spread is None else spread
    pending = [(iter(each.selections), around) for each in reversed(sets) if each is not None]
    while pending:
        selections, outer = pending.pop()
        for node in selections:
            used = node.directives
            if used and variables is not None and not is_included(used, variables):
                continue
            inner, below = outer, None
            if isinstance(node, ast.Field):
                if not deep:
                    yield node, outer
                    continue
                inner, below = "", node.selection_set
            else:
                if isinstance(node, ast.InlineFragment):
                    condition, below = node.type_condition, node.selection_set
                elif (fragment := fragments.get(node.name)) is not None:
                    condition, below = fragment.type_condition, fragment.selection_set
                else:
                    condition = None
                if condition is not None:
                    inner = condition.name
                    if applies is not None and not applies(inner):
                        continue
            yield node, outer
            if isinstance(node, ast.FragmentSpread):
                if node.name in followed:
                    continue
                followed.add(node.name)
            if below is not None:
                pending += (selections, outer), (iter(below.selections), inner)
                break  # and go on here after what is below


def collect_fields(
    schema: Schema,
    fragments: Mapping[str, ast.FragmentDefinition],
    variables: Mapping[str, Any] | None,
    type_name: str,
    sets: Sequence[ast.SelectionSet | None],
) -> dict[str, list[ast.Field]]:
    """The fields that are selected on an object of that type, by response key, in order.

    ``variables``: coerced, those that ``@skip`` and ``@include`` name at least; None takes every
    selection. Raises ``NullVariableError`` as ``is_included`` does.
    Source: https://spec.graphql.org/September2025/#CollectFields()
    """

    def applies(condition: str) -> bool:
        return type_name in schema.possible_types[condition]

    grouped: dict[str, list[ast.Field]] = {}
    for node, _ in walk(sets, fragments, variables=variables, applies=applies):
        if isinstance(node, ast.Field):
            grouped.setdefault(node.response_key, []).append(node)
    return grouped


def conditions(directives: Sequence[ast.Directive]) -> list[ast.Directive]:
    """Those of the directives that decide whether a selection counts."""
    return [each for each in directives if each.name in CONDITIONS]


def is_included(directives: Sequence[ast.Directive], variables: Mapping[str, Any]) -> bool:
    """Whether the directives of a validated selection let it through.

    ``variables`` are coerced. A nullable variable with a default may stand here, and may be null
    all the same: that raises ``NullVariableError``.
    Source: https://spec.graphql.org/September2025/#sec-All-Variable-Usages-Are-Allowed
    """
    for directive in conditions(directives):
        value = directive.arguments[0].value
        if isinstance(value, ast.Variable):
            is_true = variables.get(value.name)
            if is_true is None:
                raise NullVariableError(value, "Boolean!")
        else:
            is_true = isinstance(value, ast.BooleanValue) and value.value
        if is_true == (directive.name == "skip"):
            return False
    return True
