"""Fields over rows that give one row, or a plain list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handler.compiler.plan import Batch, Member
from handler.errors import LimitError
from handler.fields.paging import page_of
from handler.fields.rows import RowsNode
from handler.fields.writing import Cells, Key, Writing, rows_of, write_members, write_objects
from handler.scalars.scalar import NotSureError
from handler.sql.rowset import Row

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, Place


class OneRowNode(RowsNode, frozen=True):
    """One row that was looked up, or null."""

    noun = "one"

    def lists(
        self, writing: Writing, batch: Batch, keys: Sequence[Key], facts: Sequence[Sequence[bytes]]
    ) -> Cells:
        rows = rows_of(writing, batch)
        if not batch.link and rows.count == 1:  # at the root its members become part of the answer
            return write_members(batch.shape, rows)
        groups = rows.grouped(batch, write_objects(batch.shape, rows))
        if not self.is_nullable and len(groups) < len(keys):
            raise NotSureError
        return Cells.finished([groups.get(key, _NULL)[0] for key in keys])

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
        return builder.object(batch.shape, places[0], path) if places else None


class FirstRowNode(OneRowNode, frozen=True):
    """The first of several rows, or null."""

    noun = "first"


class ListNode(RowsNode, frozen=True):
    """A plain list, which is never cut silently unless it can be paged."""

    noun = "list of"

    def lists(
        self, writing: Writing, batch: Batch, keys: Sequence[Key], facts: Sequence[Sequence[bytes]]
    ) -> Cells:
        rows = rows_of(writing, batch)
        groups = rows.grouped(batch, write_objects(batch.shape, rows))
        wanted = writing.values.batches[batch.index]
        if batch.rows.paging:
            groups = {
                key: page_of(wanted, found, is_beyond=False)[0] for key, found in groups.items()
            }
        elif rows.count > wanted.size and max(map(len, groups.values())) > wanted.size:
            raise NotSureError
        # Not by get, which is a call for each key.
        found = [groups[key] if key in groups else () for key in keys]  # noqa: SIM401
        return writing.lists(found)

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
        wanted = builder.values[batch.index]
        if batch.rows.paging:
            places, _ = page_of(wanted, list(places), is_beyond=False)
        elif len(places) > wanted.size:
            raise LimitError(
                f"{batch.field} holds more than {wanted.size} rows, the most that this list "
                f"may give; ask for a narrower list",
                extensions={"limit": wanted.size},
            )
        return builder.items(
            member,
            batch.shape,
            places,
            path,
            has_nullable_items=batch.rows.has_nullable_items,
        )


_NULL = (b"null",)
