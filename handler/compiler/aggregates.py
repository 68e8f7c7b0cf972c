"""Values over many rows in statements: beside the row in which they stand, or of the root.

Those of the root have statements of their own, and those over the same rows share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from handler.compiler.plan import Batch, Plan, Slot, guard_text
from handler.compiler.sql import StatementWriter
from handler.compiler.storage import Storage
from handler.compiler.values import PlanValues
from handler.compiler.visible import VisiblePath, VisibleRows
from handler.model.aggregates import ROWS
from handler.sql.statement import Sql, Statement, sql

if TYPE_CHECKING:
    from handler.model.aggregates import Aggregate

ROOT = -1  # in place of a source


class AggregateSlot(Slot, frozen=True):
    """A function of the rows that a way leads to, or of a column of theirs."""

    source: int  # where the way begins
    path: VisiblePath
    made: Aggregate
    choice: int | None = None  # what chooses among the rows, if something may

    def text(self, batch: Batch | None) -> str:
        rows, column = self.path.target, self.made.column
        of = rows.table.name + (f".{column.field}" if column else "")
        distinct = "distinct " if column and self.made.function.by == "distinct" else ""
        return f"{self.made.function.word} of {distinct}{of}{guard_text(rows)}"

    def sql(self, writer: StatementWriter, batch: Batch | None) -> Sql:
        def read(more: Sequence[Sql]) -> Sql:
            return self.rows(writer, more)

        return sql("(", self.made.function.sql(self.made, writer, read), ")")

    @property
    def is_fixed(self) -> bool:  # type: ignore[override]  # of a class, where a kind is always one
        return self.choice is None

    def rows(self, writer: StatementWriter, more: Sequence[Sql] = ()) -> Sql:
        """FROM and WHERE of the rows that it is made of."""
        chosen: list[Sql] = []
        if self.choice is not None:
            chosen = writer.conditions(writer.given.choices[self.choice], ROWS)
        return writer.from_path(self.path, ROWS, f"t{self.source}", [*chosen, *more])

    def is_read_by_type(self, batch: Batch | None) -> bool:
        return self.made.is_read_by_type

    def is_single(self, batch: Batch | None, storage: Storage) -> bool:
        column = self.made.column
        if column is None or not self.made.function.picks:
            return False
        return storage.is_single(column.table, column.stored_name or "")

    def rows_read(self) -> tuple[VisibleRows, ...]:
        return self.path.rows

    def chosen_by(self) -> int | None:
        return self.choice


def compile_totals(plan: Plan, given: PlanValues) -> Iterator[tuple[list[int], Statement]]:
    """The statements of the values of the root, each one row, and the numbers of those in it."""
    writer = StatementWriter(plan, given)
    shared: dict[tuple[object, ...], tuple[Sql, list[int], list[str]]] = {}
    for number, slot in enumerate(plan.totals):
        value = slot.made.function.of_rows(slot.made, writer)
        if value is None:
            yield [number], Statement.of(sql("SELECT ", slot.sql(writer, None)))
            continue
        rows = slot.rows(writer)
        same = (rows.text, *((each.__class__, each) for each in rows.parameters))
        _, numbers, made = shared.setdefault(same, (rows, [], []))
        numbers.append(number)
        made.append(value)
    for rows, numbers, made in shared.values():
        yield numbers, Statement.of(sql("SELECT ", ", ".join(made), rows))
