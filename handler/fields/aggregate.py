"""``@count``, ``@sum`` and the like: one value over many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handler.compiler.aggregates import ROOT, AggregateSlot
from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Batch, Member, Node, Plan, RowChoice
from handler.fields.building import Place
from handler.fields.value import ValueNode, enum_names
from handler.fields.writing import Cells, Rows
from handler.scalars.scalar import NotSureError

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.model.aggregates import Aggregate, Step
    from handler.model.model import Model


class AggregateNode(ValueNode, frozen=True, kw_only=True):
    """The value, and what it is over."""

    way: tuple[Step, ...]

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """Its own, and those of the rows on its way."""
        own = own_hint(model, member.field)
        if own is not None:
            yield own
        for step in self.way:
            shown = own_hint(model, f"{step.owner}.{step.field}")
            yield from hints_of_rows(shown, model, step.target)


class TotalNode(AggregateNode, frozen=True, kw_only=True):
    """One that begins at the root; its slot is a number among the plan's totals."""

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return f"{plan.totals[self.slot].text(None)} as {self.scalar}"

    def write(self, rows: Rows) -> Cells:
        totals = rows.writing.results.totals
        if totals.failures:
            raise NotSureError
        return super().write(
            Rows(rows.writing, 1, [[value] for value in totals.values], tuple(totals.kinds))
        )

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        totals = builder.results.totals
        failure = totals.failures.get(self.slot)
        if failure is not None:
            raise failure
        return super().build(
            builder, member, Place(tuple(totals.values), tuple(totals.kinds)), path
        )


def plan_aggregate(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """The value, which is selected with the row."""
    slot = _slot(planner, place.source, place.table.type_name, selected)
    return _node(AggregateNode, place.batch.slot(slot), selected.found)


def plan_total(planner: Planner, selected: Selected) -> Node:
    """A value over rows that a list of the query type shows."""
    slot = _slot(planner, ROOT, planner.schema.query, selected)
    return _node(TotalNode, planner.total(slot), selected.found)


def _slot(planner: Planner, source: int, owner: str, selected: Selected) -> AggregateSlot:
    found: Aggregate = selected.found
    first, choice = selected.nodes[0], None
    if found.filters or found.inputs:
        planner.use_inputs(found, first.arguments)
        choice = planner.choice(
            RowChoice(
                owner,
                found.field,
                planner.seen(found.filters, first.arguments),
                found.inputs,
                tuple(first.arguments),
                first.at,
            )
        )
    return AggregateSlot(source, planner.visibility.path(found.path), found, choice)


def _node(kind: type[AggregateNode], slot: int, found: Aggregate) -> AggregateNode:
    return kind(
        slot,
        found.scalar,
        found.is_nullable,
        enum_names(found.column) if found.column and found.function.picks else None,
        way=found.way,
    )
