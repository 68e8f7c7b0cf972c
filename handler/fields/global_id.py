"""``@globalId`` of a row, and the fields of the query type that find rows of all types by it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from handler.access.rules import login_helps
from handler.compiler.cursor import texts_of
from handler.compiler.global_ids import encode_id
from handler.compiler.hints import Hints
from handler.compiler.plan import Batch, Member, Node, Plan
from handler.errors import StoredValueError
from handler.fields.forbidden import ForbiddenNode
from handler.fields.lists import ListNode, OneRowNode
from handler.fields.writing import Cells, Rows, rows_of, write_objects
from handler.scalars.scalar import NotSureError
from handler.stores.request_budget import VALUE_BYTES

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.fields.slots import BatchBuilder
    from handler.model.global_ids import ByIdField
    from handler.model.model import Model
    from handler.model.tables import Table


class GlobalIdNode(Node, frozen=True):
    """The type of a row and its key, which ``slots`` hold."""

    type_name: str
    slots: tuple[int, ...]
    scalars: tuple[str, ...]
    is_nullable: bool

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return f"id of a {self.type_name}"

    def write(self, rows: Rows) -> Cells:
        found = self.encoded(rows)
        return Cells(b'"%b"', [found], sum(map(len, found)))

    def encoded(self, rows: Rows) -> list[bytes]:
        """Those of all rows."""
        if not rows.count:
            return []
        try:
            columns = [
                texts_of(scalar, rows.kinds[slot], rows.columns[slot])
                for slot, scalar in zip(self.slots, self.scalars, strict=True)
            ]
            return [
                encode_id(self.type_name, [part or b"" for part in key])
                for key in zip(*columns, strict=True)
            ]
        except ValueError as exc:
            raise NotSureError from exc

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> str:
        text = self.of_place(place)
        builder.size.add(2 + len(text), VALUE_BYTES + len(text))
        return text

    def of_place(self, place: Place) -> str:
        """That of one row."""
        try:
            texts = [
                texts_of(scalar, place.kinds[slot], place.row[slot : slot + 1])[0] or b""
                for slot, scalar in zip(self.slots, self.scalars, strict=True)
            ]
            return encode_id(self.type_name, texts).decode()
        except ValueError as error:
            raise StoredValueError("an id cannot hold the key that is stored") from error


class ByIdNode(Node, frozen=True):
    """The row that has an id, or null. ``members``: a field over the rows of each type."""

    members: tuple[Member, ...]
    batches: tuple[int, ...]
    is_nullable = True

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "by its id"

    def below(self, plan: Plan) -> tuple[Sequence[Member], None]:
        return self.members, None

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """None: the fields over the rows have them."""
        return iter(())

    def write(self, rows: Rows) -> Cells:
        writing = rows.writing
        for index in self.batches:
            batch = writing.plan.batches[index]
            written = write_objects(batch.shape, rows_of(writing, batch))
            if written:
                return Cells.finished([written[0]] * rows.count)
        return Cells(b"null", [], 0)

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        for index in self.batches:
            batch = builder.plan.batches[index]
            found = builder.places(batch, ())
            if found:
                return builder.object(batch.shape, found[0], path)
        return None


class ByIdsNode(ByIdNode, frozen=True):
    """The rows that have some ids, in the order in which these are given; null for each other.

    ``ids``: of the rows of each batch.
    """

    ids: tuple[GlobalIdNode, ...] = ()

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "by their ids"

    def write(self, rows: Rows) -> Cells:
        writing = rows.writing
        known: dict[bytes, bytes] = {}
        for index, made in zip(self.batches, self.ids, strict=True):
            batch = writing.plan.batches[index]
            found = rows_of(writing, batch)
            known.update(zip(made.encoded(found), write_objects(batch.shape, found), strict=True))
        wanted = writing.values[self.batches[0]].ids
        items = [known.get(text.encode("utf-8", "replace"), b"null") for text in wanted]
        return writing.lists([items] * rows.count)

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        known = {}
        for index, made in zip(self.batches, self.ids, strict=True):
            shape = builder.plan.batches[index].shape
            for found in builder.places(builder.plan.batches[index], ()):
                known[made.of_place(found)] = partial(builder.object, shape, found)
        wanted = builder.values[self.batches[0]].ids
        return builder.maybe_items(member, [known.get(text) for text in wanted], path)


def plan_global_id(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """A field with ``@globalId``."""
    return _id_node(place.batch, place.source, place.table, is_nullable=selected.found.is_nullable)


def _id_node(
    batch: BatchBuilder, source: int, table: Table, *, is_nullable: bool = False
) -> GlobalIdNode:
    columns = table.key_columns
    slots = tuple([batch.column(source, column) for column in columns])
    scalars = tuple([column.scalar for column in columns])
    return GlobalIdNode(table.type_name, slots, scalars, is_nullable)


def plan_by_id(planner: Planner, selected: Selected) -> Node:
    """A field of the query type over rows of several types: a batch for each that is not forbidden,
    of which only those are asked whose ids are given."""
    found: ByIdField = selected.found
    query = planner.schema.query
    members, batches, ids = [], [], []
    for name, rows in found.members.items():
        if planner.lacks_id(name):
            continue
        batch = planner.batch(query, rows, selected.nodes)
        batches.append(batch.index)
        ids.append(_id_node(batch, 0, planner.model.tables[name]))
        kind = ListNode if found.is_list else OneRowNode
        label = f"... on {name}"
        inner = kind(batch.index, (), (), is_nullable=True)
        members.append(Member(label, f"{query}.{label}", batch.at, inner))
    if not batches:
        missing = min(map(planner.lacks_id, found.members))
        return ForbiddenNode(found.is_nullable, login_helps=login_helps(missing, planner.satisfied))
    if found.is_list:
        return ByIdsNode(tuple(members), tuple(batches), tuple(ids))
    return ByIdNode(tuple(members), tuple(batches))
