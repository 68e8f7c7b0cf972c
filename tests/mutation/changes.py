"""Edits of a Python source, found by what the code says and not by where it stands."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

Edit = Callable[[ast.Module], None]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One safety setting, broken: an edit of ``path`` (below the repository)."""

    name: str
    path: str
    edit: Edit

    def apply(self, source: str) -> str:
        """The edited source. Raises ``LookupError`` if it no longer holds what is edited."""
        tree = ast.parse(source)
        self.edit(tree)
        changed = ast.unparse(ast.fix_missing_locations(tree))
        if changed == ast.unparse(ast.parse(source)):
            raise LookupError(f"{self.name} changes nothing in {self.path}")
        return changed


def argument(call: str, keyword: str, value: str, *, named: str = "", having: str = "") -> Edit:
    """Give ``keyword`` of the only call of ``call`` another value, or add it.

    Where there are several calls, ``named`` is text in the right one's first argument, ``having``
    a keyword that only the right one has.
    """

    def edit(tree: ast.Module) -> None:
        found = _call(tree, call, named, having)
        found.keywords = [one for one in found.keywords if one.arg != keyword]
        found.keywords.append(ast.keyword(arg=keyword, value=_expression(value)))

    return edit


def without(call: str, keyword: str, *, named: str = "") -> Edit:
    """Leave ``keyword`` out of the only call of ``call`` that has it."""

    def edit(tree: ast.Module) -> None:
        found = _call(tree, call, named, keyword)
        found.keywords = [one for one in found.keywords if one.arg != keyword]

    return edit


def entry(statement: str, key: str, value: str | None) -> Edit:
    """Change ``key`` of the policy statement whose ``Sid`` is ``statement``; None removes it."""

    def edit(tree: ast.Module) -> None:
        found = _only(
            [
                node
                for node in ast.walk(tree)
                if isinstance(node, ast.Dict)
                and any(
                    _constant(one) == "Sid" and _constant(other) == statement
                    for one, other in zip(node.keys, node.values, strict=True)
                )
            ],
            f"statements {statement}",
        )
        pairs = [
            (one, other)
            for one, other in zip(found.keys, found.values, strict=True)
            if _constant(one) != key
        ]
        if value is not None:
            pairs.append((ast.Constant(key), _expression(value)))
        found.keys = [one for one, _ in pairs]
        found.values = [other for _, other in pairs]

    return edit


def expression(old: str, new: str, *, within: str = "", count: int = 1) -> Edit:
    """Replace an expression, or a statement's expression, wherever it stands in ``within``.

    ``within``: a function or a class; empty is the module. It must stand there ``count`` times.
    """

    def edit(tree: ast.Module) -> None:
        replaced = _Replace(ast.dump(_expression(old)), new)
        replaced.visit(_scope(tree, within))
        if replaced.hits != count:
            raise LookupError(f"{old!r} stands {replaced.hits} times, not {count}")

    return edit


def nothing(function: str, body: str = "pass") -> Edit:
    """Let a function do nothing."""

    def edit(tree: ast.Module) -> None:
        found = _scope(tree, function)
        assert isinstance(found, ast.FunctionDef)
        found.body = ast.parse(body).body

    return edit


class _Replace(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self._old = old
        self._new = new
        self.hits = 0

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and ast.dump(node) == self._old:
            self.hits += 1
            return _expression(self._new)
        return super().generic_visit(node)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _constant(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _only(found: list[ast.Dict], what: str) -> ast.Dict:
    if len(found) != 1:
        raise LookupError(f"{len(found)} {what}")
    return found[0]


def _call(tree: ast.Module, call: str, named: str, having: str) -> ast.Call:
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == call
        and (not named or (node.args and named in ast.unparse(node.args[0])))
        and (not having or having in [one.arg for one in node.keywords])
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} calls of {call} {named} {having}")
    return found[0]


def _scope(tree: ast.Module, name: str) -> ast.AST:
    if not name:
        return tree
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} definitions of {name}")
    return found[0]
