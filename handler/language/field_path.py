"""The names of the fields behind a path of an answer.

A path holds response keys, which a client chooses: ``order_1234`` may be an alias. Logs name the
fields instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from handler.language import ast
from handler.language.selections import walk


def field_path(
    definition: ast.OperationDefinition,
    fragments: dict[str, ast.FragmentDefinition],
    path: Sequence[str | int],
) -> str:
    """The names, from the root down, joined by dots; numbers of rows are left out.

    It ends where nothing in the document has the key, which a damaged path could hold.

    >>> from handler.language.lexer import scan
    >>> from handler.language.limits import Limits
    >>> from handler.language.parser import parse_document
    >>> document = parse_document(scan("{ order_12: order(id: 12) { items { total } } }", Limits()))
    >>> field_path(document.operations[0], document.fragments, ("order_12", "items", 0, "total"))
    'order.items.total'
    """
    names: list[str] = []
    sets: list[ast.SelectionSet | None] = [definition.selection_set]
    for key in path:
        if isinstance(key, int):
            continue
        found = [
            node
            for node, _ in walk(sets, fragments)
            if isinstance(node, ast.Field) and node.response_key == key
        ]
        if not found:
            break
        names.append(found[0].name)
        sets = [node.selection_set for node in found]
    return ".".join(names)
