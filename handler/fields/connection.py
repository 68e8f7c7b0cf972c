"""Connections: pages of rows, as https://relay.dev/graphql/connections.htm has them.

The connection's object is made of a page, the objects of its edges and nodes of the page's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handler.compiler.hints import Hints
from handler.compiler.plan import Batch, FactKind, Member, Node, ObjectShape, Plan
from handler.errors import StoredValueError
from handler.fields.building import PagePlace
from handler.fields.cursor import cursor_of_list
from handler.fields.paging import page_of
from handler.fields.rows import RowsNode
from handler.fields.value import value_node
from handler.fields.writing import Cells, Key, Pages, Rows, Writing, rows_of, write_members
from handler.language.schema import has_nullable_items, is_nullable
from handler.model.column import edge_name
from handler.scalars.scalar import NotSureError
from handler.sql.rowset import Row

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, Selected
    from handler.fields.slots import BatchBuilder
    from handler.model.connections import ConnectionType
    from handler.model.model import Model

_INT_MAX = 2**31 - 1


class ConnectionNode(RowsNode, frozen=True):
    """A field over rows that gives a page of them."""

    noun = "page of"

    def lists(
        self, writing: Writing, batch: Batch, keys: Sequence[Key], facts: Sequence[Sequence[bytes]]
    ) -> Cells:
        wanted = writing.values.batches[batch.index]
        rows = rows_of(writing, batch) if batch.reads_rows else Rows(writing, 0, ())
        groups = rows.grouped(batch, range(rows.count))
        by_kind = dict(zip(batch.facts, facts, strict=True))
        beyond = by_kind.get(FactKind.BEYOND) or [b"0"] * len(keys)
        pages = [
            page_of(wanted, groups.get(key, []), is_beyond=flag != b"0")
            for key, flag in zip(keys, beyond, strict=True)
        ]
        return write_members(batch.shape, Pages(rows, pages, by_kind, keys))

    def built(
        self,
        builder: Builder,
        member: Member,
        batch: Batch,
        places: Sequence[Place],
        key: Row,
        facts: Sequence[bytes],
        path: Path,
    ) -> Any:
        by_kind = dict(zip(batch.facts, facts, strict=True))
        is_beyond = by_kind.get(FactKind.BEYOND, b"0") != b"0"
        page, bounds = page_of(builder.values[batch.index], list(places), is_beyond=is_beyond)
        return builder.object(batch.shape, PagePlace(page, bounds, by_kind, key), path)


class ItemsNode(Node, frozen=True):
    """A list with an object for each row of a page: its ``edges``, or its ``nodes``."""

    shape: ObjectShape
    is_nullable: bool
    has_nullable_items: bool
    is_edges: bool

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "edges" if self.is_edges else self.shape.type_name

    def below(self, plan: Plan) -> tuple[tuple[Member, ...], None]:
        return self.shape.members, None

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """None: the field over the rows has them."""
        return iter(())

    def write(self, pages: Pages) -> Cells:
        return pages.lists(self.shape)

    def build(self, builder: Builder, member: Member, page: PagePlace, path: Path) -> Any:
        return builder.items(
            member,
            self.shape,
            page.places,
            path,
            has_nullable_items=self.has_nullable_items,
        )


class RowNode(Node, frozen=True):
    """The ``node`` of an edge: the row itself."""

    shape: ObjectShape
    is_nullable: bool

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return self.shape.type_name

    def below(self, plan: Plan) -> tuple[tuple[Member, ...], None]:
        return self.shape.members, None

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """None: the field over the rows has them."""
        return iter(())

    def write(self, rows: Rows) -> Cells:
        return write_members(self.shape, rows)

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        return builder.object(self.shape, place, path)


class TotalCountNode(Node, frozen=True):
    """``totalCount``: the rows of all pages."""

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "count"

    def write(self, pages: Pages) -> Cells:
        totals = pages.facts[FactKind.COUNT]
        if max(map(len, totals)) > 9:  # may be over 32 bits
            raise NotSureError
        return Cells.finished(totals)

    def build(self, builder: Builder, member: Member, page: PagePlace, path: Path) -> int:
        total = int(page.facts[FactKind.COUNT])
        if total > _INT_MAX:
            raise StoredValueError("totalCount is over the range of Int")
        return total


class TotalPagesNode(TotalCountNode, frozen=True):
    """``totalPages``: how many pages of the size that is asked for the rows fill."""

    batch: int

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return "count of pages"

    def write(self, pages: Pages) -> Cells:
        size = pages.writing.values[self.batch].page_size
        totals = map(int, pages.facts[FactKind.COUNT])
        counted = [_pages(total, size) for total in totals]
        if max(counted) > _INT_MAX:
            raise NotSureError
        return Cells.finished([b"%d" % each for each in counted])

    def build(self, builder: Builder, member: Member, page: PagePlace, path: Path) -> int:
        found = _pages(int(page.facts[FactKind.COUNT]), builder.values[self.batch].page_size)
        if found > _INT_MAX:
            raise StoredValueError("totalPages is over the range of Int")
        return found


def _pages(total: int, size: int) -> int:
    return -(-total // size) if size else 0  # pages of no row show none


def plan_edges(
    planner: Planner, batch: BatchBuilder, connection: ConnectionType, selected: Selected
) -> Node:
    """``edges``, whose members are the cursor, the row, and columns of a link table."""
    batch.reads_rows = True

    def plan_member(inner: Selected) -> Node:
        if inner.name == "cursor":
            ref = planner.type_of(connection.edge, inner)
            return cursor_of_list(batch, is_nullable=is_nullable(ref))
        if inner.name != "node":
            return value_node(batch, 0, batch.rows.link_columns[edge_name(inner.name)])
        row = planner.row_object(batch, 0, connection.node, inner.selections)
        return RowNode(row, is_nullable(planner.type_of(connection.edge, inner)))

    shape = planner.object(connection.edge, selected.selections, plan_member)
    ref = planner.type_of(connection.name, selected)
    return ItemsNode(shape, is_nullable(ref), has_nullable_items(ref), is_edges=True)


def plan_nodes(
    planner: Planner, batch: BatchBuilder, connection: ConnectionType, selected: Selected
) -> Node:
    """``nodes``: the rows without their edges."""
    batch.reads_rows = True
    shape = planner.row_object(batch, 0, connection.node, selected.selections)
    ref = planner.type_of(connection.name, selected)
    return ItemsNode(shape, is_nullable(ref), has_nullable_items(ref), is_edges=False)


def plan_total_count(
    planner: Planner, batch: BatchBuilder, connection: ConnectionType, selected: Selected
) -> Node:
    """``totalCount``, which reads no rows."""
    batch.fact(FactKind.COUNT)
    return TotalCountNode()


def plan_total_pages(
    planner: Planner, batch: BatchBuilder, connection: ConnectionType, selected: Selected
) -> Node:
    """``totalPages``, which reads no rows."""
    batch.fact(FactKind.COUNT)
    return TotalPagesNode(batch.index)
