"""Slots: the columns that a batch's statement selects, each of them once."""

from __future__ import annotations

from handler.compiler.cursor import fingerprint
from handler.compiler.plan import (
    Aggregate,
    Batch,
    ColumnSlot,
    CursorNode,
    Slot,
    StoredSlot,
    ValueNode,
)
from handler.model.column import Column
from handler.model.lists import Order


def cursor_node(batch: Batch, source: int, place: str, order: Order) -> CursorNode:
    """The position of a row of a source in the order of a list; ``place``: see ``fingerprint``."""
    slots = tuple(column_slot(batch, source, term.column) for term in order)
    return CursorNode(slots, fingerprint(place, order))


def slot_of(batch: Batch, wanted: Slot) -> int:
    """The position of a value among the statement's columns; each is selected once."""
    for index, known in enumerate(batch.slots):
        if known == wanted:
            return index
    batch.slots.append(wanted)
    return len(batch.slots) - 1


def value_node(batch: Batch, source: int, column: Column) -> ValueNode:
    """A field that is a single value of a source's row."""
    names = None
    if column.enum_values is not None:
        names = {value: name for name, value in column.enum_values.items()}
    return ValueNode(
        column_slot(batch, source, column),
        column.scalar,
        column.is_nullable,
        names,
        column.zero_is_null,
    )


def column_slot(batch: Batch, source: int, column: Column) -> int:
    """The position of a column, stored or computed, among the statement's columns."""
    stored = column.stored_name
    return slot_of(batch, StoredSlot(source, stored) if stored else ColumnSlot(source, column))


def aggregate_of(aggregates: list[Aggregate], wanted: Aggregate) -> int:
    """The position of what chooses the rows of a number, which stands once without arguments."""
    for index, known in enumerate(aggregates):
        is_same = (known.owner, known.field) == (wanted.owner, wanted.field)
        if is_same and not known.arguments and not wanted.arguments:
            return index
    aggregates.append(wanted)
    return len(aggregates) - 1
