"""Which plans depend on what the database says of its columns: see ``storage.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handler.compiler.aggregates import AggregateSlot
from handler.compiler.plan import Batch, RowChoice
from handler.language.schema import Schema
from handler.model.conditions import Filter
from handler.model.filter_inputs import UsedMember
from handler.model.sort_keys import AggregateKey
from handler.scalars import COLUMNS


def needs_types(
    schema: Schema,
    batches: Sequence[Batch],
    totals: Sequence[AggregateSlot],
    choices: Sequence[RowChoice],
    members: Sequence[UsedMember],
) -> bool:
    """Whether some statement depends on types, to read columns or to compare them.

    ``members``: of filter inputs.
    """
    return (
        any(slot.is_read_by_type(None) for slot in totals)
        or any(_reads_by_type(batch) or _chooses_by_type(schema, batch) for batch in batches)
        or any(_compares_by_type(choice.filters) for choice in choices)
        or any(_compares_by_type(member.filters) for member in members)
    )


def places_need_types(batches: Sequence[Batch]) -> bool:
    """Whether pages that begin or end at a row do: texts may be labels, which sort by place."""
    return any(
        COLUMNS[term.column.scalar].is_placed_by_type
        for batch in batches
        if batch.rows.paging
        for term in batch.order
    )


def _reads_by_type(batch: Batch) -> bool:
    """Whether a column may be a FLOAT, which is read with all of its digits."""
    if batch.groups:
        return True  # what their texts compare by
    columns = [term.column for term in batch.order]
    if batch.united and any(COLUMNS[column.scalar].is_placed_by_type for column in columns):
        return True  # they may be labels
    if any(COLUMNS[column.scalar].is_read_by_type for column in columns):
        return True
    # Pages in the order of a link table's columns, which may be labels, see ``sql``.
    if any(each.link and COLUMNS[each.scalar].is_placed_by_type for each in columns):
        return True
    if any(isinstance(each, AggregateKey) and each.made.is_read_by_type for each in columns):
        return True
    return any(slot.is_read_by_type(batch) for slot in batch.slots)


def _chooses_by_type(schema: Schema, batch: Batch) -> bool:
    if batch.is_by_key:
        return any(COLUMNS[term.column.scalar].is_keyed_by_type for term in batch.order)
    definitions = schema.rows_type(batch.owner).fields[batch.rows.field].arguments
    written = {argument.name for argument in batch.arguments}
    return _compares_by_type(
        found
        for found in batch.rows.filters
        if found.argument in written or definitions[found.argument].has_default
    )


def _compares_by_type(filters: Iterable[Filter]) -> bool:
    return any(found.needs_types for found in filters)
