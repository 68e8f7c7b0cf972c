"""What callers must meet for all that an operation selects, whatever its variables are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handler.access.rules import AUTHENTICATED_BIT
from handler.language import ast
from handler.language.schema import InterfaceType, ObjectType, named
from handler.language.selections import walk

if TYPE_CHECKING:
    from handler.compiler.permissions import Permissions


class OperationNeeds:
    """Collects the needs of everything that is selected somewhere in an operation."""

    def __init__(
        self, permissions: Permissions, fragments: Mapping[str, ast.FragmentDefinition]
    ) -> None:
        self._permissions = permissions
        self._schema = permissions.schema
        self._fragments = fragments
        self._spread: set[str] = set()
        self._needs = 0

    def found(self, operation: ast.OperationDefinition) -> int:
        """All of them, and who is known at all if there are any: it decides on the error."""
        self._visit(self._schema.query, operation.selection_set)
        return self._needs | AUTHENTICATED_BIT if self._needs else 0

    def _visit(self, type_name: str, selection_set: ast.SelectionSet | None) -> None:
        for node, around in walk(
            [selection_set], self._fragments, around=type_name, spread=self._spread
        ):
            if isinstance(node, ast.Field):
                self._field(around, node)

    def _field(self, type_name: str, node: ast.Field) -> None:
        parent = self._schema.types[type_name]
        if not isinstance(parent, ObjectType | InterfaceType) or node.name not in parent.fields:
            return  # of introspection
        for owner in self._schema.possible_types[type_name]:
            self._needs |= self._permissions.of_any_use(owner, node)
            self._needs |= self._permissions.rows[owner, node.name]
        self._visit(named(parent.fields[node.name].type), node.selection_set)
