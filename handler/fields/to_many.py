"""Plan a field over rows: at the root, or a relation to many rows or to the first of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from handler.compiler.plan import Node
from handler.fields.connection import ConnectionNode
from handler.fields.lists import FirstRowNode, ListNode, OneRowNode
from handler.fields.rows import FactSlot
from handler.fields.slots import StoredSlot
from handler.language.schema import is_nullable
from handler.model.lists import Shape
from handler.model.relations import ToFirst, ToMany

if TYPE_CHECKING:
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.fields.slots import BatchBuilder
    from handler.model.lists import RowsField

_KINDS: Final[Mapping[Shape, Callable[..., Node]]] = {
    Shape.OBJECT: OneRowNode,
    Shape.FIRST: FirstRowNode,
    Shape.LIST: ListNode,
    Shape.CONNECTION: ConnectionNode,
}


def plan_root_rows(planner: Planner, selected: Selected) -> Node:
    """A field of the query type over rows."""
    rows: RowsField = selected.found
    query = planner.schema.query
    batch = planner.batch(query, rows, selected.nodes)
    start = planner.root_width
    planner.root_width += len(batch.facts)
    slots = tuple(range(start, planner.root_width))
    return _node(batch, (), slots, is_nullable=is_nullable(planner.type_of(query, selected)))


def plan_to_many(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """A relation to many rows, or to the first of them: a batch for all rows of its parent."""
    many: ToMany | ToFirst = selected.found
    parent = place.batch
    child = planner.batch(
        place.table.owner(selected.name), many.rows, selected.nodes, parent, many.path
    )
    slots = tuple([parent.slot(StoredSlot(place.source, name)) for name in many.path.first.columns])
    for batch in (child, *child.facets):
        batch.parent_slots = slots
    facts = [parent.slot(FactSlot(place.source, child.index, kind)) for kind in child.facts]
    return _node(child, slots, tuple(facts), is_nullable=many.rows.is_nullable)


def _node(
    batch: BatchBuilder, slots: tuple[int, ...], facts: tuple[int, ...], *, is_nullable: bool
) -> Node:
    return _KINDS[batch.rows.shape](batch.index, slots, facts, is_nullable)
