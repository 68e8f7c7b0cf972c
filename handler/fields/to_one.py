"""A relation to one row, which is joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handler.compiler.hints import Hints, hints_of_rows, own_hint
from handler.compiler.plan import Batch, Member, Node, ObjectShape, Plan, guard_text
from handler.fields.slots import StoredSlot
from handler.fields.writing import Cells, Rows, write_members, write_objects
from handler.model.relations import ToOne
from handler.scalars.scalar import NotSureError

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.model.model import Model


class ToOneNode(Node, frozen=True):
    """A joined row; null if the slot is NULL, which is a column that a found row has."""

    presence: int
    shape: ObjectShape
    is_nullable: bool

    def text(self, plan: Plan, batch: Batch | None) -> str:
        assert batch is not None
        slot = batch.slots[self.presence]
        assert isinstance(slot, StoredSlot)
        return f"one {self.shape.type_name}, joined{guard_text(batch.sources[slot.source].rows)}"

    def below(self, plan: Plan) -> tuple[tuple[Member, ...], None]:
        return self.shape.members, None

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        return hints_of_rows(own_hint(model, member.field), model, self.shape.type_name)

    def write(self, rows: Rows) -> Cells:
        """Its members become members of the same template, unless a row is missing."""
        column = rows.columns[self.presence]
        if not rows.has_nulls or None not in column:
            return write_members(self.shape, rows)
        if not self.is_nullable:
            raise NotSureError
        # Rows without the joined one would look like NULLs in its columns: leave them out.
        written = iter(write_objects(self.shape, rows.present(self.presence)))
        return Cells.finished([b"null" if value is None else next(written) for value in column])

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        if place.row[self.presence] is None:
            return None
        return builder.object(self.shape, place, path)


def plan_to_one(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """The relation, joined to the statement that gives the row."""
    one: ToOne = selected.found
    joined = place.batch.join(place.source, planner.visibility.path(one.path))
    presence = place.batch.slot(StoredSlot(joined, one.path.last.references[0]))
    shape = planner.row_object(place.batch, joined, one.target, selected.selections)
    return ToOneNode(presence, shape, one.is_nullable)
