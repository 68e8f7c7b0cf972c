"""What of an operation shapes its plan, and fields put together for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from handler.language import ast
from handler.language.schema import TypeRef
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
            found.update(variable_names(each.value for each in directive.arguments))
        if isinstance(selection, ast.Field):
            ordering = [a for a in selection.arguments if a.name in order_arguments]
            found.update(variable_names(each.value for each in ordering))
    return tuple(sorted(found & {v.variable.name for v in operation.variables}))


def variable_names(values: Iterable[ast.Value]) -> Iterator[str]:
    """The variables in values, at any depth."""
    for value in values:
        if isinstance(value, ast.Variable):
            yield value.name
        elif isinstance(value, ast.ListValue):
            yield from variable_names(value.values)
        elif isinstance(value, ast.ObjectValue):
            yield from variable_names(each.value for each in value.fields)


def types_of(operation: ast.OperationDefinition, names: Collection[str]) -> Iterator[TypeRef]:
    """The types of some of its variables."""
    return (each.type.ref for each in operation.variables if each.variable.name in names)


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
