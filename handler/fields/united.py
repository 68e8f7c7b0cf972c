"""Rows of an interface or a union over several tables: the list has their types and keys, and the
rows of each type are a batch that finds them by these."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from handler.compiler.collect import merge_fields
from handler.compiler.plan import Member, ObjectShape
from handler.fields.lists import OneRowNode
from handler.fields.slots import StoredSlot
from handler.fields.typed_rows import TypedNode, told_of
from handler.language import ast
from handler.model.relations import Hop, Path
from handler.model.united import TYPE, UnitedTable

if TYPE_CHECKING:
    from handler.fields.planner import Planner, RowPlace, Selections


def united_object(planner: Planner, place: RowPlace, selections: Selections) -> ObjectShape:
    """The object of a row, by its type; of types that the caller may not read there is no row."""
    table, batch = place.table, place.batch
    assert isinstance(table, UnitedTable)
    slot = batch.slot(StoredSlot(place.source, TYPE))
    readable = {rows.table.type_name for rows in batch.sources[place.source].rows.kinds}
    shapes = tuple(
        [
            _one_type(planner, place, table, kind, selections)
            if kind in readable
            else ObjectShape.of(kind, ())
            for kind in table.kinds
        ]
    )
    told = tuple(
        [
            shape.members[0] if shape.found else told_of(batch.at, table.type_name, shape)
            for shape in shapes
            if shape.type_name in readable
        ]
    )
    return ObjectShape(table.type_name, told, (TypedNode(slot, shapes),), slot, shapes)


def _one_type(
    planner: Planner, place: RowPlace, table: UnitedTable, kind: str, selections: Selections
) -> ObjectShape:
    """What is asked of the rows of one type; nothing is read for its name alone."""
    asked = planner.collect(kind, selections).values()
    if all(nodes[0].name == "__typename" for nodes in asked):
        return planner.object(kind, selections, partial(planner.row_member, place))
    batch, rows = place.batch, planner.model.table(kind)
    keys = tuple([key.shown_name for key in table.keys_of(kind)])
    slots = tuple([batch.slot(StoredSlot(place.source, key)) for key in keys])
    child = planner.batch(
        planner.schema.query,
        rows.rows_by_key(batch.rows.field),
        [_node(batch.at, batch.rows.field, selections)],
        batch,
        Path((Hop(keys, rows.key, kind),)),
    )
    child.parent_slots = slots
    node = OneRowNode(child.index, slots, (), is_nullable=False)
    label = f"... on {kind}"
    member = Member(label, f"{table.type_name}.{label}", batch.at, node)
    return ObjectShape(kind, (member,), (node,), found=(child.index, slots))


def _node(at: int, name: str, selections: Selections) -> ast.Field:
    """All selections as those of one field without arguments."""
    return merge_fields([ast.Field(None, name, [], [], each, at, at) for each in selections])
