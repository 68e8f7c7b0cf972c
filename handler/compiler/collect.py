"""Which fields of a selection count: fragments followed, ``@skip`` and ``@include`` applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handler.language import ast
from handler.language.conditions import is_included
from handler.language.schema import Schema
from handler.model.lists import RowsField
from handler.model.model import Model
from handler.model.relations import ToMany


class FieldCollector:
    """Collects fields for one operation and one set of values that shape it."""

    def __init__(
        self,
        schema: Schema,
        fragments: Mapping[str, ast.FragmentDefinition],
        shape_values: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.shape_values = shape_values

    def collect(
        self, type_name: str, selection_sets: Sequence[ast.SelectionSet | None]
    ) -> dict[str, list[ast.Field]]:
        """Fields by response key, in order. Raises ``NullVariableError`` as ``is_included`` does.

        Source: https://spec.graphql.org/September2025/#CollectFields()
        """
        grouped: dict[str, list[ast.Field]] = {}
        visited: set[str] = set()
        for selection_set in selection_sets:
            if selection_set is not None:
                self._collect_into(grouped, visited, type_name, selection_set)
        return grouped

    def _collect_into(
        self,
        grouped: dict[str, list[ast.Field]],
        visited: set[str],
        type_name: str,
        selection_set: ast.SelectionSet,
    ) -> None:
        for selection in selection_set.selections:
            if not is_included(selection.directives, self.shape_values):
                continue
            if isinstance(selection, ast.Field):
                grouped.setdefault(selection.response_key, []).append(selection)
                continue
            condition: ast.NamedType | None
            if isinstance(selection, ast.FragmentSpread):
                if selection.name in visited:
                    continue
                visited.add(selection.name)
                fragment = self.fragments[selection.name]
                condition, inner = fragment.type_condition, fragment.selection_set
            else:
                condition, inner = selection.type_condition, selection.selection_set
            if condition is None or type_name in self.schema.possible_types[condition.name]:
                self._collect_into(grouped, visited, type_name, inner)


def shape_variables(
    schema: Schema,
    model: Model,
    operation: ast.OperationDefinition,
    fragments: Mapping[str, ast.FragmentDefinition],
) -> tuple[str, ...]:
    """Variables whose values change the plan: of ``@skip``, ``@include`` and chosen orders."""
    order_arguments = {
        rows.order_argument for rows in _all_rows_fields(model) if rows.order_argument
    }
    found: set[str] = set()

    def visit(selection_set: ast.SelectionSet | None) -> None:
        for selection in selection_set.selections if selection_set else ():
            for directive in selection.directives:
                if directive.name in ("skip", "include"):
                    found.update(_variable_names(directive.arguments))
            if isinstance(selection, ast.Field):
                ordering = [a for a in selection.arguments if a.name in order_arguments]
                found.update(_variable_names(ordering))
            if not isinstance(selection, ast.FragmentSpread):
                visit(selection.selection_set)

    visit(operation.selection_set)
    for fragment in fragments.values():
        visit(fragment.selection_set)
    return tuple(sorted(found & {v.variable.name for v in operation.variables}))


def _all_rows_fields(model: Model) -> list[RowsField]:
    roots = [root for root in model.roots.values() if isinstance(root, RowsField)]
    nested = [
        found.rows
        for table in model.tables.values()
        for found in table.fields.values()
        if isinstance(found, ToMany)
    ]
    return roots + nested


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
