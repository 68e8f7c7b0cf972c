"""``@count`` and ``@sum``: a number over the rows that a relation leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Aggregate, Batch, Member, Node, Plan, Slot, guard_text
from handler.compiler.visible import VisiblePath, VisibleRows
from handler.fields.value import ValueNode
from handler.model.fields import Sum
from handler.model.relations import ToMany
from handler.sql.statement import Sql, sql

if TYPE_CHECKING:
    from handler.compiler.sql import StatementWriter
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.model.column import Column
    from handler.model.fields import Count
    from handler.model.model import Model


class AggregateSlot(Slot, frozen=True):
    """Count (no column) or sum over the rows that a relation leads to."""

    source: int
    path: VisiblePath
    column: Column | None
    aggregate: int | None = None  # what chooses among the rows, if something may

    def text(self, batch: Batch) -> str:
        rows = self.path.target
        if self.column is None:
            return f"count of {rows.table.name}{guard_text(rows)}"
        return f"sum of {rows.table.name}.{self.column.field}{guard_text(rows)}"

    def sql(self, writer: StatementWriter, batch: Batch) -> Sql:
        what = "COUNT(*)"
        if self.column is not None:
            what = f"COALESCE(SUM({writer.column(self.column, 'r')}), 0)"
        conditions: list[Sql] = []
        if self.aggregate is not None:
            conditions = writer.conditions(writer.given.aggregates[self.aggregate], "r")
        found = writer.from_path(self.path, "r", f"t{self.source}", conditions)
        return sql(f"(SELECT {what}", found, ")")

    def rows_read(self) -> tuple[VisibleRows, ...]:
        return self.path.rows

    def chosen_by(self) -> int | None:
        return self.aggregate


class AggregateNode(ValueNode, frozen=True, kw_only=True):
    """The number, and what it is over."""

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
    """A count or a sum."""
    found: Count | Sum = selected.found
    table, first = place.table, selected.nodes[0]
    many = table.fields[found.of]
    assert isinstance(many, ToMany)
    index = None
    if found.filters:
        index = planner.aggregate(
            Aggregate(
                table.type_name,
                found.field,
                found.of,
                found.filters,
                tuple(first.arguments),
                first.at,
            )
        )
    slot = AggregateSlot(
        place.source,
        planner.visibility.path(many.path),
        found.column if isinstance(found, Sum) else None,
        index,
    )
    return AggregateNode(
        place.batch.slot(slot),
        found.scalar,
        found.is_nullable,
        of=found.of,
        target=many.rows.target,
    )
