"""What ``explain`` shows of an operation: its plan as a tree, and each statement with its EXPLAIN.

Plain text for files, JSON for programs; on a terminal a drawn tree, coloured SQL and tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from aurora_graphql.dev.sql_text import WIDTH, format_sql
from handler.compiler.plan import Batch, Member, Plan
from handler.sql.statement import Statement
from handler.stores.mysql.literals import text_of

_INDENT: Final = 2
_MARGIN: Final = 4  # columns of a terminal beside the SQL
_WHOLE_TABLE: Final = "ALL"  # what a server says of a table that it reads from end to end


@dataclass(frozen=True, kw_only=True)
class ShownStatement:
    """One that was sent. ``explain``: names of its columns, then rows; None: see ``error``."""

    statement: Statement
    batch: int | None  # of the plan, for which it was sent
    rows: int
    milliseconds: float
    failure: str = ""  # what the database said in place of rows
    explain: Sequence[Sequence[str]] | None = None
    error: str = ""  # why there is no EXPLAIN

    def head(self, number: int) -> str:
        """What came of it."""
        came = self.failure or ("1 row" if self.rows == 1 else f"{self.rows} rows")
        return f"statement {number}: {came} in {self.milliseconds:.1f} ms"

    def told(self) -> dict[str, Any]:
        """All of it as JSON; ``explain`` is an object for each row of the server's."""
        names, *rows = self.explain or ((),)
        return {
            "batch": self.batch,
            "sql": sent_text(self.statement),
            "rows": self.rows,
            "ms": round(self.milliseconds, 2),
            "failure": self.failure,
            "explain": [dict(zip(names, row, strict=True)) for row in rows],
            "explainError": self.error,
        }


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One operation that was run. ``size``: bytes of its data."""

    plan: Plan
    statements: Sequence[ShownStatement]
    size: int
    errors: int

    def text(self) -> str:
        """All of it, for a file or a pipe."""
        lines = [str(self.plan), ""]
        for number, each in enumerate(self.statements, start=1):
            lines.append(each.head(number))
            sql = format_sql(sent_text(each.statement), WIDTH).split("\n")
            lines += [f"{' ' * _INDENT}{line}" for line in (*sql, *_explain_lines(each))]
            lines.append("")
        return "\n".join([*lines, self._end()])

    def told(self) -> dict[str, Any]:
        """All of it as JSON, for a program."""
        return {
            "plan": tree_of(self.plan),
            "statements": [each.told() for each in self.statements],
            "bytes": self.size,
            "errors": self.errors,
        }

    def draw(self, console: Console) -> None:
        """All of it, on a terminal."""
        # Late: the local server takes other things from here, and pygments is slow to import.
        from rich.syntax import Syntax

        tree = Tree("[bold]query[/]", guide_style="dim")
        _grow(tree, tree_of(self.plan))
        console.print(tree)
        for number, each in enumerate(self.statements, start=1):
            place = "" if each.batch is None else f", batch {each.batch}"
            console.print(f"\n[bold]{each.head(number)}[/][dim]{place}[/]", highlight=False)
            width = max(40, console.width - _MARGIN)
            sql = Syntax(
                format_sql(sent_text(each.statement), width),
                "mysql",
                theme="ansi_dark",
                background_color="default",
                word_wrap=True,
            )
            console.print(Padding(sql, (0, 0, 0, _INDENT)))
            console.print(_drawn(each))
        console.print(self._end(), highlight=False)

    def _end(self) -> str:
        return f"answer: {self.size} bytes, {self.errors} errors"


def sent_text(statement: Statement) -> str:
    """The statement with its values as they are sent, so that it can be run by hand."""
    return text_of(statement).decode()


def tree_of(plan: Plan) -> list[dict[str, Any]]:
    """The lines of ``str(plan)`` as a tree; ``batch`` of a node: the one that it begins."""
    return list(_nodes(plan, plan.root.members, None, set()))


def _nodes(
    plan: Plan, members: Sequence[Member], batch: Batch | None, named: set[int]
) -> Iterator[dict[str, Any]]:
    for member in members:
        label = member.name if member.key == member.name else f"{member.key}: {member.name}"
        below, other = member.node.below(plan)
        index = other.index if other is not None and other.index not in named else None
        if index is not None:
            named.add(index)
        yield {
            "label": label,
            "text": member.node.text(plan, batch),
            "batch": index,
            "children": list(_nodes(plan, below, other or batch, named)),
        }


def _grow(tree: Tree, nodes: Sequence[dict[str, Any]]) -> None:
    for node in nodes:
        style = "" if node["batch"] is None else "cyan"
        text = Text.assemble((node["label"], "bold"), " = ", (node["text"], style))
        _grow(tree.add(text), node["children"])


def _explain_lines(shown: ShownStatement) -> Iterator[str]:
    """Its EXPLAIN in columns, or why there is none."""
    if shown.error:
        yield f"EXPLAIN: {shown.error}"
    rows = shown.explain or ()
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _drawn(shown: ShownStatement) -> Padding:
    if shown.explain is None:
        return Padding(Text(f"EXPLAIN: {shown.error}" if shown.error else ""), (0, 0, 0, _INDENT))
    names, *rows = shown.explain
    table = Table(*names, box=SIMPLE_HEAD, header_style="dim", padding=(0, 1, 0, 0))
    for row in rows:
        told = dict(zip(names, row, strict=True))
        is_whole = told.get("type") == _WHOLE_TABLE and not told["table"].startswith("<")
        table.add_row(*map(Text, row), style="yellow" if is_whole else None)
    return Padding(table, (0, 0, 0, _INDENT))
