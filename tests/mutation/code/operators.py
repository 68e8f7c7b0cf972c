"""What is changed in a source: each place where another operator, constant or call may stand.

A mutant is named after its function and what stands there before and after, so that its name
outlives edits elsewhere. Docstrings, messages of errors, annotations and assertions are left alone:
what they say is no behaviour.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_SPOILED = "spoiled"  # what a text becomes; no name and no word of SQL


@dataclass(frozen=True)
class CodeMutant:
    """One change of one module. ``number`` tells it apart from its like in the same function."""

    module: str  # handler.compiler.sql
    function: str
    before: str
    after: str
    number: int
    position: int  # among all changes of the module

    @property
    def name(self) -> str:
        """The name by which verdicts are kept."""
        which = f" (#{self.number})" if self.number else ""
        return f"{self.module}.{self.function}: {self.before} -> {self.after}{which}"


@dataclass
class _Change:
    """A place in a tree, and how to change it; ``apply`` changes the tree."""

    function: str
    before: str
    after: str
    apply: Callable[[], None]


def find_mutants(module: str, source: str) -> list[CodeMutant]:
    """Every mutant of a module, in the order of its source."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for position, change in enumerate(_changes(ast.parse(source))):
        key = (change.function, change.before, change.after)
        found.append(CodeMutant(module, *key, seen[key], position))
        seen[key] += 1
    return found


def mutate(mutant: CodeMutant, source: str) -> ast.Module:
    """The module's tree with the change in it. Raises ``LookupError`` if the source has moved."""
    tree = ast.parse(source)
    for position, change in enumerate(_changes(tree)):
        if position == mutant.position:
            if (change.function, change.before) != (mutant.function, mutant.before):
                break
            change.apply()
            return ast.fix_missing_locations(tree)
    raise LookupError(mutant.name)


def _changes(tree: ast.Module) -> Iterator[_Change]:
    """Found without changing the tree, so that the places stay where they are."""
    found: list[_Change] = []
    _Finder(found).visit(tree)
    return iter(found)


class _Finder(ast.NodeVisitor):
    def __init__(self, found: list[_Change]) -> None:
        self.found = found
        self.names: list[str] = []

    def add(self, before: str, after: str, apply: Callable[[], None]) -> None:
        function = ".".join(self.names)
        self.found.append(_Change(function, _short(before), _short(after), apply))

    # ------------------------------------------------------------------------ what is left alone

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.names.append(node.name)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._statements(node.body)
        self.names.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.append(node.name)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.AnnAssign):
                self.visit(statement)
        self.names.pop()

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if not isinstance(statement, ast.Import | ast.ImportFrom | ast.If):
                self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and "TypeAlias" not in ast.unparse(node.annotation):
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if not any(isinstance(t, ast.Name) and t.id.startswith("__") for t in node.targets):
            self.visit(node.value)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Says what is known; changing it changes nothing where it is true."""

    def visit_keyword(self, node: ast.keyword) -> None:
        """``strict`` of ``zip`` is an assertion, too."""
        if node.arg != "strict":
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Messages."""

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.visit(node.value)

    # ----------------------------------------------------------------------------- what changes

    def _statements(self, body: list[ast.stmt]) -> None:
        for place, statement in enumerate(body):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._remove(body, place, statement)
            self.visit(statement)

    def _remove(self, body: list[ast.stmt], place: int, statement: ast.stmt) -> None:
        def apply() -> None:
            body[place] = ast.copy_location(ast.Pass(), statement)

        self.add(ast.unparse(statement), "nothing", apply)

    def generic_visit(self, node: ast.AST) -> None:
        """Nested statements may be removed, as those of a function may."""
        for name, value in ast.iter_fields(node):
            if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                self._statements(value)
            elif isinstance(value, list):
                for each in value:
                    if isinstance(each, ast.AST):
                        self.visit(each)
            elif isinstance(value, ast.AST) and name not in ("annotation", "returns", "type"):
                self.visit(value)

    def visit_If(self, node: ast.If) -> None:
        self._negate(node)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node)
        self.generic_visit(node)

    def _negate(self, node: ast.If | ast.IfExp) -> None:
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return  # the comparison itself is changed

        def apply() -> None:
            node.test = ast.UnaryOp(ast.Not(), test)

        self.add(f"if {ast.unparse(test)}", f"if not {ast.unparse(test)}", apply)

    def visit_Compare(self, node: ast.Compare) -> None:
        for place, operator in enumerate(node.ops):
            self._compare(node, place, _COMPARISONS[type(operator)])
        self.generic_visit(node)

    def _compare(self, node: ast.Compare, place: int, other: type[ast.cmpop]) -> None:
        before = ast.unparse(node)
        kept = node.ops[place]
        node.ops[place] = other()
        after = ast.unparse(node)
        node.ops[place] = kept

        def apply() -> None:
            node.ops[place] = other()

        self.add(before, after, apply)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or if isinstance(node.op, ast.And) else ast.And

        def apply() -> None:
            node.op = other()

        self.add(ast.unparse(node), other.__name__.lower(), apply)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            operand = node.operand

            def apply() -> None:
                node.operand = ast.UnaryOp(ast.Not(), operand)

            self.add(ast.unparse(node), ast.unparse(operand), apply)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        other = _ARITHMETIC.get(type(node.op))
        is_text = isinstance(node.left, ast.Constant | ast.JoinedStr) and not isinstance(
            getattr(node.left, "value", 0), int
        )
        if other is not None and not is_text:

            def apply() -> None:
                node.op = other()

            self.add(ast.unparse(node), other.__name__, apply)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if value is None or value is Ellipsis:
            return
        other: object
        if isinstance(value, bool):
            other = not value
        elif isinstance(value, int | float):
            other = value + 1
        elif isinstance(value, str):
            other = _SPOILED if value.strip() else value + _SPOILED
        elif isinstance(value, bytes):
            other = value + _SPOILED.encode()
        else:
            return

        def apply() -> None:
            node.value = other

        self.add(repr(value), repr(other), apply)

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        is_plain = value is None or isinstance(value, ast.Constant)
        if not is_plain:

            def apply() -> None:
                node.value = ast.Constant(None)

            self.add(ast.unparse(node), "return None", apply)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Slice):
            kept = node.slice

            def apply() -> None:
                kept.lower = kept.upper = kept.step = None

            self.add(ast.unparse(node), f"{ast.unparse(node.value)}[:]", apply)
            self.generic_visit(node)
        else:
            self.visit(node.value)
            if not isinstance(node.slice, ast.Constant) or isinstance(node.slice.value, int):
                self.visit(node.slice)

    def visit_Continue(self, node: ast.Continue) -> None:
        """Loops are short: leaving one out is seen by the conditions around it."""


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= 90 else f"{folded[:87]}..."
