"""Rows of an interface or a union: each is an object of the type that its column names."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec.structs import replace

from handler.compiler.hints import Hints
from handler.compiler.plan import Batch, Member, Node, ObjectShape, Plan, Slot
from handler.fields.writing import Cells, Rows, write_members, write_objects
from handler.model.column import Column
from handler.sql.statement import Sql, sql, value

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.compiler.sql import StatementWriter
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected, Selections
    from handler.language import ast
    from handler.model.model import Model
    from handler.model.tables import Table


class TypeSlot(Slot, frozen=True):
    """Of which type a row is: the number of what its column holds among ``values``."""

    source: int
    column: Column
    values: tuple[str, ...]

    def text(self, batch: Batch) -> str:
        return f"type by t{self.source}.{self.column.stored_name}"

    def sql(self, writer: StatementWriter, batch: Batch) -> Sql:
        parts: list[str | Sql] = [f"CASE {writer.column(self.column, f't{self.source}')}"]
        for number, each in enumerate(self.values):
            parts += (" WHEN ", value(each), f" THEN {number}")
        return sql(*parts, " END")


class TypedNode(Node, frozen=True):
    """The whole object of a row: it is one of ``shapes``, by the number in the slot."""

    slot: int
    shapes: tuple[ObjectShape, ...]

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return " or ".join(shape.type_name for shape in self.shapes)

    def write(self, rows: Rows) -> Cells:
        column = rows.columns[self.slot]
        present = set(column)
        if len(present) == 1:
            return write_members(self.shapes[_number(present.pop())], rows)
        written = {}
        for found in present:
            chosen = [number for number, each in enumerate(column) if each == found]
            written[found] = iter(write_objects(self.shapes[_number(found)], rows.chosen(chosen)))
        return Cells.finished([next(written[found]) for found in column])

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> dict[str, Any]:
        return builder.object(self.shapes[_number(place.row[self.slot])], place, path)


class OneTypeNode(Node, frozen=True):
    """In the printed plan, and for caches: what is asked of the rows of one type."""

    shape: ObjectShape
    target: str  # the interface or union

    def text(self, plan: Plan, batch: Batch | None) -> str:
        return f"a {self.target}"

    def below(self, plan: Plan) -> tuple[Sequence[Member], None]:
        return self.shape.members, None

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """None: the field over the rows has them."""
        return iter(())

    def write(self, rows: Rows) -> Cells:
        return write_members(self.shape, rows)

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> dict[str, Any]:
        return builder.object(self.shape, place, path)


def _number(found: bytes | None) -> int:
    return int(found or 0)


def typed_object(planner: Planner, place: RowPlace, selections: Selections) -> ObjectShape:
    """The object of a row of an interface or a union, by its type.

    What is asked of a field that several types take from their interface is planned once: a list
    below it is one batch for the rows of all of them.
    """
    members = place.table.members
    assert members is not None
    target = place.table.type_name
    kinds = [rows.table for rows in place.batch.sources[place.source].rows.kinds]
    values = tuple([members.values[table.type_name] for table in kinds])
    slot = place.batch.slot(TypeSlot(place.source, members.column, values))
    places = [replace(place, table=table) for table in kinds]
    wanted: dict[Asked, set[bytes]] = {}
    for number, own in enumerate(places):
        for nodes in planner.collect(own.table.type_name, selections).values():
            wanted.setdefault(_asked(own.table, nodes), set()).add(b"%d" % number)
    known: dict[Asked, Node] = {}

    def plan_member(own: RowPlace, selected: Selected) -> Node:
        asked = _asked(own.table, selected.nodes)
        if asked not in known:
            types = wanted[asked]
            only = (slot, frozenset(types)) if len(types) < len(kinds) else None
            known[asked] = planner.row_member(own, selected, only)
        return known[asked]

    shapes = tuple(
        [
            planner.object(
                own.table.type_name, selections, partial(plan_member, own), own.table.fields
            )
            for own in places
        ]
    )
    told = tuple([told_of(place.batch.at, target, shape) for shape in shapes])
    return ObjectShape(target, told, (TypedNode(slot, shapes),), slot, shapes)


def told_of(at: int, target: str, shape: ObjectShape) -> Member:
    label = f"... on {shape.type_name}"
    return Member(label, f"{target}.{label}", at, OneTypeNode(shape, target))


# A field as it is selected: the type whose field it is, and its places in the document.
Asked: TypeAlias = tuple[Hashable, ...]


def _asked(table: Table, nodes: Sequence[ast.Field]) -> Asked:
    return table.owner(nodes[0].name), *map(id, nodes)
