"""``pageInfo`` of a connection: what is around a page, and the cursors of its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handler.compiler.plan import Batch, FactKind, Member, Node, ObjectShape, Plan
from handler.fields.cursor import CursorNode, cursor_of_list
from handler.fields.writing import Cells, Pages, write_members
from handler.model.connections import ConnectionType

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, PagePlace
    from handler.fields.planner import Planner, Selected
    from handler.fields.slots import BatchBuilder

_SIDES = {"hasPreviousPage": 0, "hasNextPage": 1}
_ENDS = {"startCursor": 0, "endCursor": -1}


class PageInfoNode(Node, frozen=True):
    """An object of the page. ``@cacheControl`` below it counts for nothing."""

    shape: ObjectShape

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return ", ".join(member.name for member in self.shape.members)

    def write(self, pages: Pages) -> Cells:
        return write_members(self.shape, pages)

    def build(
        self, builder: Builder, member: Member, page: PagePlace, path: Path
    ) -> dict[str, Any]:
        return builder.object(self.shape, page, path)


class SideNode(Node, frozen=True):
    """Whether other rows are before the page, or after it."""

    side: int

    def write(self, pages: Pages) -> Cells:
        side = self.side
        return Cells.finished([b"true" if has[side] else b"false" for _, has in pages.pages])

    def build(self, builder: Builder, member: Member, page: PagePlace, path: Path) -> bool:
        return page.bounds[self.side]


class EndNode(Node, frozen=True):
    """The cursor of the first row of a page, or of its last; null where the page is empty."""

    end: int
    cursor: CursorNode
    is_nullable = True

    def write(self, pages: Pages) -> Cells:
        ends = [numbers[self.end] for numbers, _ in pages.pages if numbers]
        if not ends:
            return Cells(b"null", [], 0)
        written = self.cursor.encoded(pages.rows, ends)
        size = sum(map(len, written))
        if len(ends) == pages.count:
            return Cells(b'"%b"', [written], size)
        quoted = map(b'"%b"'.__mod__, written)
        return Cells.finished([next(quoted) if n else b"null" for n, _ in pages.pages])

    def build(self, builder: Builder, member: Member, page: PagePlace, path: Path) -> str | None:
        if not page.places:
            return None
        return self.cursor.build(builder, member, page.places[self.end], path)


def plan_page_info(
    planner: Planner, batch: BatchBuilder, connection: ConnectionType, selected: Selected
) -> Node:
    """``pageInfo``; it reads rows unless nothing but ``__typename`` is asked of it."""

    def plan_member(inner: Selected) -> Node:
        batch.reads_rows = True
        if inner.name in _ENDS:
            return EndNode(_ENDS[inner.name], cursor_of_list(batch))
        if planner.may_start_inside(batch):
            batch.fact(FactKind.BEYOND)
        return SideNode(_SIDES[inner.name])

    return PageInfoNode(planner.object(connection.page_info, selected.selections, plan_member))
