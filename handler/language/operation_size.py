"""The size of an operation with its fragments written out: depth, fields, aliases, directives.

Each fragment is measured once and its numbers are added wherever it is spread, so that the time is
linear in the text, whatever the fragments multiply to. A fragment that spreads itself counts as
empty there; validation refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from handler.errors import LimitError
from handler.language import ast
from handler.language.limits import INTROSPECTION_ROOTS, Limits
from handler.language.selections import walk

# Lists of introspection, which multiply the response when they are nested.
INTROSPECTION_LISTS = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})


class OperationSize(Struct):
    """The size of a selection set with its fragments written out."""

    depth: int = 0
    fields: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0
    lists: int = 0  # of INTROSPECTION_LISTS, the most that stand inside one another
    introspection_lists: int = 0  # the same, below __schema and __type
    introspection_depth: int = 0  # of __schema and __type, which count as one level elsewhere

    def add(self, other: OperationSize) -> None:
        """Add the size of what is selected beside this."""
        self.depth = max(self.depth, other.depth)
        self.fields += other.fields
        self.root_fields += other.root_fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.lists = max(self.lists, other.lists)
        self.introspection_lists = max(self.introspection_lists, other.introspection_lists)
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)


def measure(
    operation: ast.OperationDefinition, fragments: Mapping[str, ast.FragmentDefinition]
) -> OperationSize:
    """The size of an operation."""
    measure = _Measure()
    for name in _inner_first(operation.selection_set, fragments):
        measure.add_fragment(fragments[name])
    size = measure.selection_set(operation.selection_set)
    size.directives += len(operation.directives) + sum(
        len(definition.directives) for definition in operation.variables
    )
    return size


def find_excess(size: OperationSize, limits: Limits, operation: str) -> list[LimitError]:
    """One error for each limit that is exceeded."""
    return [
        LimitError(f"{operation} has {what} {found}; the limit is {allowed}.")
        for what, found, allowed in (
            ("a depth of", size.depth, limits.depth),
            ("a number of fields of", size.fields, limits.fields),
            ("a number of root fields of", size.root_fields, limits.root_fields),
            ("a number of aliases of", size.aliases, limits.aliases),
            ("a number of directives of", size.directives, limits.directives),
            (
                "introspection lists inside one another to a depth of",
                size.introspection_lists,
                limits.introspection_lists,
            ),
            (
                "introspection to a depth of",
                size.introspection_depth,
                limits.introspection_depth,
            ),
        )
        if found > allowed
    ]


class _Measure:
    """Recursion is bounded by the brackets of one definition; it does not follow fragments."""

    def __init__(self) -> None:
        self.fragments: dict[str, OperationSize] = {}

    def add_fragment(self, node: ast.FragmentDefinition) -> None:
        size = self.selection_set(node.selection_set)
        size.directives += len(node.directives)
        self.fragments[node.name] = size

    def selection_set(self, node: ast.SelectionSet) -> OperationSize:
        size = OperationSize()
        for selection, _ in walk([node], {}):
            size.directives += len(selection.directives)
            if isinstance(selection, ast.Field):
                size.add(self.field(selection))
            elif isinstance(selection, ast.FragmentSpread):
                size.add(self.fragments.get(selection.name) or OperationSize())
        return size

    def field(self, node: ast.Field) -> OperationSize:
        inside = self.selection_set(node.selection_set) if node.selection_set else OperationSize()
        inside.depth += 1
        inside.fields += 1
        inside.root_fields = 1
        inside.aliases += node.alias is not None
        inside.lists += node.name in INTROSPECTION_LISTS
        if node.name in INTROSPECTION_ROOTS:
            inside.introspection_lists = inside.lists
            inside.introspection_depth, inside.depth = inside.depth, 1
        return inside


def _inner_first(
    root: ast.SelectionSet, fragments: Mapping[str, ast.FragmentDefinition]
) -> list[str]:
    """The names of the fragments in use, each after those that it spreads."""
    found: list[str] = []
    entered: set[str] = set()
    stack = [("", iter(spread_names(root)))]
    while stack:
        name, spreads = stack[-1]
        target = next(spreads, None)
        if target is None:
            stack.pop()
            if name:
                found.append(name)
        elif target not in entered and target in fragments:
            entered.add(target)
            stack.append((target, iter(spread_names(fragments[target].selection_set))))
    return found


def spread_names(root: ast.SelectionSet) -> list[str]:
    """The fragments that a selection set spreads, at any depth."""
    return [
        node.name for node, _ in walk([root], {}, deep=True) if isinstance(node, ast.FragmentSpread)
    ]
