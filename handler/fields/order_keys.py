"""The keys of an order that are no columns of the rows: where a statement has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from handler.compiler.aggregates import AggregateSlot
from handler.compiler.made_keys import MadeKey
from handler.compiler.plan import Batch, Slot
from handler.compiler.related import FirstRow
from handler.compiler.storage import Storage
from handler.compiler.visible import Visibility, VisibleRows
from handler.model.column import Column
from handler.model.lists import Order
from handler.model.relations import ToFirst
from handler.model.search import Relevance
from handler.model.sort_keys import AggregateKey, FarKey, exact
from handler.sql.statement import Sql

if TYPE_CHECKING:
    from handler.compiler.sql import StatementWriter
    from handler.fields.slots import BatchBuilder


def place_order(batch: BatchBuilder, order: Order, visibility: Visibility) -> Order:
    """The same order with its far keys found in tables that are joined to the batch's rows.

    Raises ``LimitError`` for too many of them.
    """
    return tuple(
        term
        if term.column.is_own
        else replace(term, column=_placed(batch, term.column, visibility))
        for term in order
    )


def _placed(batch: BatchBuilder, key: Column, visibility: Visibility) -> Column:
    if isinstance(key, Relevance):
        return replace(key, batch=batch.index)
    assert isinstance(key, FarKey)
    source = 0
    for step in key.way:
        path = visibility.path(step.relation.path)
        if isinstance(step.relation, ToFirst):
            source = batch.join_first(source, FirstRow.of(step.relation, path))
        else:
            source = batch.join(source, path)
    if not isinstance(key, AggregateKey):
        return replace(key, source=source)
    presence = batch.sources[source].rows.table.key[0] if source else ""
    said = asdict(key) | {"source": source, "presence": presence}
    return MadeKey(**said, over=visibility.path(key.made.plain))


def key_slot(key: Column) -> Slot:
    """What holds a key that is computed. Where the field itself shows the same it is that field's
    slot, so that the value is made once for both."""
    if isinstance(key, MadeKey) and not key.source and exact(key.scalar) == ("", ""):
        return AggregateSlot(0, key.over, key.made)
    return ComputedSlot(key)


class ComputedSlot(Slot, frozen=True):
    """What is computed to sort by."""

    column: Column

    def text(self, batch: Batch) -> str:
        return f"key {self.column.field}"

    def sql(self, writer: StatementWriter, batch: Batch) -> Sql:
        column = self.column
        if isinstance(column, MadeKey | Relevance):
            return writer.made(column, "t0", is_shown=True)
        return Sql(writer.column(column, "t0"))

    def rows_read(self) -> tuple[VisibleRows, ...]:
        return self.column.over.rows if isinstance(self.column, MadeKey) else ()

    def is_read_by_type(self, batch: Batch) -> bool:
        return isinstance(self.column, MadeKey) and self.column.made.is_read_by_type

    def is_single(self, batch: Batch, storage: Storage) -> bool:
        held = self.column.held
        name = held.stored_name
        return name is not None and storage.is_single(held.table, name)
