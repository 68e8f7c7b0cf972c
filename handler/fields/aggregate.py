"""``@count``, ``@sum`` and the like: one value over the rows that a relation leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Batch, Member, Node, Plan, RowChoice, Slot, guard_text
from handler.compiler.storage import Storage
from handler.compiler.visible import VisiblePath, VisibleRows
from handler.fields.value import ValueNode, enum_names
from handler.model.aggregates import ROWS
from handler.sql.statement import Sql, sql

if TYPE_CHECKING:
    from handler.compiler.sql import StatementWriter
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.model.aggregates import Aggregate
    from handler.model.model import Model


class AggregateSlot(Slot, frozen=True):
    """A function of the rows that a relation leads to, or of a column of theirs."""

    source: int
    path: VisiblePath
    made: Aggregate
    choice: int | None = None  # what chooses among the rows, if something may

    def text(self, batch: Batch) -> str:
        rows, column = self.path.target, self.made.column
        of = rows.table.name + (f".{column.field}" if column else "")
        return f"{self.made.function.word} of {of}{guard_text(rows)}"

    def sql(self, writer: StatementWriter, batch: Batch) -> Sql:
        chosen: list[Sql] = []
        if self.choice is not None:
            chosen = writer.conditions(writer.given.choices[self.choice], ROWS)

        def read(more: Sequence[Sql]) -> Sql:
            return writer.from_path(self.path, ROWS, f"t{self.source}", [*chosen, *more])

        return sql("(", self.made.function.sql(self.made, writer, read), ")")

    def is_read_by_type(self, batch: Batch) -> bool:
        return self.made.is_read_by_type

    def is_single(self, batch: Batch, storage: Storage) -> bool:
        column = self.made.column
        if column is None or not self.made.function.picks:
            return False
        return storage.is_single(column.table, column.stored_name or "")

    def rows_read(self) -> tuple[VisibleRows, ...]:
        return self.path.rows

    def chosen_by(self) -> int | None:
        return self.choice


class AggregateNode(ValueNode, frozen=True, kw_only=True):
    """The value, and what it is over."""

    of: str  # the field that gives the rows
    target: str  # their type

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """Its own, and those of the rows that it is over."""
        own = own_hint(model, member.field)
        if own is not None:
            yield own
        owner = member.field.partition(".")[0]
        yield from hints_of_rows(own_hint(model, f"{owner}.{self.of}"), model, self.target)


def plan_aggregate(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """The value, which is selected with the row."""
    found: Aggregate = selected.found
    owner, first = place.table.type_name, selected.nodes[0]
    choice = None
    if found.filters or found.inputs:
        planner.use_inputs(found, first.arguments)
        choice = planner.choice(
            RowChoice(
                owner,
                found.field,
                found.relation.field,
                found.filters,
                found.inputs,
                tuple(first.arguments),
                first.at,
            )
        )
    path = planner.visibility.path(found.path)
    return AggregateNode(
        place.batch.slot(AggregateSlot(place.source, path, found, choice)),
        found.scalar,
        found.is_nullable,
        enum_names(found.column) if found.column else None,
        of=found.relation.field,
        target=found.target,
    )
