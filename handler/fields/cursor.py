"""The opaque position of a row: ``@cursor``, and ``cursor`` of an edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handler.compiler.cursor import encode_cursor, fingerprint, texts_of
from handler.compiler.plan import Batch, Member, Node, Plan
from handler.errors import StoredValueError
from handler.fields.writing import Cells, Rows
from handler.model.lists import Shape
from handler.scalars.scalar import NotSureError
from handler.stores.request_budget import VALUE_BYTES

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.fields.slots import BatchBuilder
    from handler.model.cursor_field import CursorField
    from handler.model.lists import Order


class CursorNode(Node, frozen=True):
    """The values of the ordered columns, which ``slots`` hold."""

    slots: tuple[int, ...]
    scalars: tuple[str, ...]
    fingerprint: str
    is_nullable: bool

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "cursor"

    def write(self, rows: Rows) -> Cells:
        found = self.encoded(rows, range(rows.count))
        return Cells(b'"%b"', [found], sum(map(len, found)))

    def encoded(self, rows: Rows, numbers: Sequence[int]) -> list[bytes]:
        """Those of some of the rows."""
        name = self.fingerprint
        try:
            columns = [
                texts_of(scalar, rows.kinds[slot], rows.columns[slot])
                for slot, scalar in zip(self.slots, self.scalars, strict=True)
            ]
            return [encode_cursor(name, tuple([c[number] for c in columns])) for number in numbers]
        except ValueError as exc:  # it cannot be a cursor
            raise NotSureError from exc

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> str:
        text = self._text(place)
        builder.size.add(2 + len(text), VALUE_BYTES + len(text))
        return text

    def _text(self, place: Place) -> str:
        try:
            values = [
                texts_of(scalar, place.kinds[slot], place.row[slot : slot + 1])[0]
                for slot, scalar in zip(self.slots, self.scalars, strict=True)
            ]
            found = encode_cursor(self.fingerprint, tuple(values))
        except ValueError as error:
            raise StoredValueError("a cursor cannot hold the value that is stored") from error
        return found.decode()


def cursor_of_list(batch: BatchBuilder, *, is_nullable: bool = False) -> CursorNode:
    """The position of a batch's row in the list that it was asked for."""
    # A row that was looked up, or found for a list over several tables, stands in no list of its
    # type: its place is the one by its key.
    is_looked_up = batch.is_by_key or batch.is_of_several
    is_listed = batch.rows.shape is not Shape.OBJECT and not is_looked_up
    place = batch.field if is_listed else batch.rows.target
    return _cursor(batch, 0, place, batch.order, is_nullable=is_nullable)


def plan_cursor(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """A field with ``@cursor``."""
    found: CursorField = selected.found
    if place.source == 0 and place.batch.rows.shape is not Shape.FIRST:
        return cursor_of_list(place.batch, is_nullable=found.is_nullable)
    # A joined row, and the first of several, stand in no list: its place is the one by its key.
    table, order = place.table, place.table.key_order
    return _cursor(place.batch, place.source, table.type_name, order, is_nullable=found.is_nullable)


def _cursor(
    batch: BatchBuilder, source: int, place: str, order: Order, *, is_nullable: bool
) -> CursorNode:
    """``place``: see ``fingerprint``."""
    slots = tuple([batch.key(source, term.column) for term in order])
    scalars = tuple([term.column.scalar for term in order])
    return CursorNode(slots, scalars, fingerprint(place, order), is_nullable)
