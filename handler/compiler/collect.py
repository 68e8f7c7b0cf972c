"""What of an operation shapes its plan, and fields put together for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handler.language import ast
from handler.language.selections import conditions, walk
from handler.model.model import Model


def shape_variables(
    model: Model,
    operation: ast.OperationDefinition,
    fragments: Mapping[str, ast.FragmentDefinition],
) -> tuple[str, ...]:
    """Variables whose values change the plan: of ``@skip``, ``@include`` and chosen orders."""
    order_arguments = {rows.order_argument for _, rows in model.rows_fields("")}
    found: set[str] = set()
    for selection, _ in walk([operation.selection_set], fragments, deep=True):
        for directive in conditions(selection.directives):
            found.update(_variable_names(directive.arguments))
        if isinstance(selection, ast.Field):
            ordering = [a for a in selection.arguments if a.name in order_arguments]
            found.update(_variable_names(ordering))
    return tuple(sorted(found & {v.variable.name for v in operation.variables}))


def _variable_names(arguments: Sequence[ast.Argument]) -> list[str]:
    return [a.value.name for a in arguments if isinstance(a.value, ast.Variable)]


def without_arguments(node: ast.Field) -> ast.Field:
    """The same selection as if nothing were given to the field."""
    return ast.Field(
        node.alias, node.name, [], node.directives, node.selection_set, node.at, node.name_at
    )


def merge_fields(nodes: list[ast.Field]) -> ast.Field:
    """One field with the selections of all."""
    first = nodes[0]
    selections = [s for node in nodes if node.selection_set for s in node.selection_set.selections]
    merged = ast.SelectionSet(selections, first.at)
    return ast.Field(first.alias, first.name, first.arguments, [], merged, first.at, first.name_at)
