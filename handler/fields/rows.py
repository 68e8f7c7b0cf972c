"""What all fields over the rows of a batch have in common, at the root or below a row.

Such a field gives one row or a plain list, see ``lists.py``, or a ``connection.py``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Batch, FactKind, Member, Node, Plan, Slot, guard_text
from handler.fields.writing import Cells, Key, Rows, Writing
from handler.sql.rowset import Row
from handler.sql.statement import Sql

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.compiler.sql import StatementWriter
    from handler.fields.building import Builder, Place
    from handler.model.model import Model


class FactSlot(Slot, frozen=True):
    """A fact about a whole connection, in the row of its parent."""

    source: int
    batch: int
    kind: FactKind

    def text(self, batch: Batch) -> str:
        return self.kind.value

    def sql(self, writer: StatementWriter, batch: Batch) -> Sql:
        return writer.fact(writer.plan.batches[self.batch], self.kind, self.source)


class RowsNode(Node, frozen=True):
    """The rows of a batch that belong to the row in which the field stands."""

    batch: int
    slots: tuple[int, ...]  # this row's side of the relation; the root has none
    facts: tuple[int, ...]  # slots in this row, for each of the batch's facts
    is_nullable: bool

    noun = ""

    def text(self, plan: Plan, batch: Batch | None) -> str:
        mine = plan.batches[self.batch]
        text = f"batch {mine.index}: {self.noun} {mine.rows.target}"
        if mine.arguments:
            text += " by " + ", ".join(argument.name for argument in mine.arguments)
        if mine.link_columns:
            text += f" for each {', '.join(mine.link_columns)}"
        if mine.is_linked:
            text += f" of {mine.link_table}"
        if not mine.is_one and mine.reads_rows:
            text += ", ordered by " + ", ".join(str(term) for term in mine.order)
        return text + guard_text(mine.rows_read)

    def below(self, plan: Plan) -> tuple[Sequence[Member], Batch]:
        batch = plan.batches[self.batch]
        return batch.shape.members, batch

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        target = plan.batches[self.batch].rows.target
        return hints_of_rows(own_hint(model, member.field), model, target)

    def write(self, rows: Rows) -> Cells:
        """Write all rows of the batch, and give them out by parent.

        Parents that share their rows share the bytes.
        """
        writing = rows.writing
        batch = writing.plan.batches[self.batch]
        keys = rows.keys(self.slots)
        if rows.count == 1 and not self.facts:  # nobody to share with
            return self.lists(writing, batch, keys, ())
        if not self.facts:
            distinct: dict[Any, None] = dict.fromkeys(keys)
            cells = self.lists(writing, batch, list(distinct), ())
            parents: Sequence[Any] = keys
        else:
            parents = list(zip(keys, *[rows.columns[slot] for slot in self.facts], strict=True))
            distinct = dict.fromkeys(parents)
            given, *facts = zip(*distinct, strict=True)
            cells = self.lists(writing, batch, given, [[f or b"0" for f in each] for each in facts])
        if len(distinct) == rows.count:
            return cells
        texts = cells.texts(Rows(writing, len(distinct), ()))
        by_parent = dict(zip(distinct, texts, strict=True))
        return Cells.finished([by_parent[parent] for parent in parents])

    @abstractmethod
    def lists(
        self, writing: Writing, batch: Batch, keys: Sequence[Key], facts: Sequence[Sequence[bytes]]
    ) -> Cells:
        """What belongs to each of the keys; ``facts`` by fact, then by key."""

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        batch = builder.plan.batches[self.batch]
        key = tuple([place.row[slot] for slot in self.slots])
        facts = [place.row[slot] or b"0" for slot in self.facts]
        return self.built(builder, member, batch, builder.places(batch, key), key, facts, path)

    @abstractmethod
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
        """What belongs to one row: its ``places`` and ``facts``; ``key``: the row's."""
