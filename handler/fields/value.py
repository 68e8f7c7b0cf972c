"""A single value of a row: a scalar or an enum, from a stored column or an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from handler.compiler.plan import Batch, Member, Node, Plan
from handler.errors import StoredValueError
from handler.fields.writing import Cells, Rows
from handler.scalars import COLUMNS, SCALARS, decode_value, output_value
from handler.scalars.dates import without_zeros
from handler.scalars.enum import decode_enum, encode_enums
from handler.scalars.labels import decode_names, encode_names
from handler.scalars.scalar import NotSureError, UnfitValueError
from handler.sql.stored_type import Kind
from handler.stores.request_budget import VALUE_BYTES

if TYPE_CHECKING:
    from handler.answer import Path
    from handler.fields.building import Builder, Place
    from handler.fields.planner import Planner, RowPlace, Selected
    from handler.fields.slots import BatchBuilder
    from handler.model.column import Column

# What a value of a column grows by at most: each byte an escape, and the marks of its type.
ESCAPED, MARKS = 6, 40


Decode: TypeAlias = Callable[[str, Kind, bytes], Any]


class ValueNode(Node, frozen=True):
    """What one slot holds."""

    slot: int
    scalar: str
    is_nullable: bool
    enum_names: Mapping[str, str] | None = None  # value in the column -> name in GraphQL
    zero_is_null: bool = False  # a date that is none is shown as null

    def text(self, plan: Plan, batch: Batch | None) -> str:
        assert batch is not None
        return f"{batch.slots[self.slot].text(batch)} as {self.scalar}"

    def write(self, rows: Rows) -> Cells:
        column = rows.columns[self.slot]
        if self.zero_is_null:
            column = without_zeros(column)
        if (rows.has_nulls or self.zero_is_null) and None in column:
            return self._with_nulls(rows, column)
        if self.enum_names is not None:
            return Cells.finished(self._names(column))  # type: ignore[arg-type]  # no None is in it
        scalar = SCALARS[self.scalar]
        values = scalar.encode(rows.kinds[self.slot], column)  # type: ignore[arg-type]
        template = b'"%b"' if scalar.is_quoted else b"%b"  # quotes here need no formatting
        if rows.wire_bytes is None:
            return Cells(template, [values], sum(map(len, values)))
        return Cells(template, [values], ESCAPED * rows.wire_bytes + MARKS * rows.count)

    def _with_nulls(self, rows: Rows, column: Sequence[bytes | None]) -> Cells:
        if not self.is_nullable:
            raise NotSureError
        present = [value for value in column if value is not None]
        if not present:
            return Cells(b"null", [], 0)
        columns = list(rows.columns)
        columns[self.slot] = present
        cells = self.write(Rows(rows.writing, len(present), columns, rows.kinds, rows.wire_bytes))
        encoded = map(cells.template.__mod__, cells.columns[0])
        return Cells.finished([b"null" if value is None else next(encoded) for value in column])

    def _names(self, column: Sequence[bytes]) -> Sequence[bytes]:
        """Of the members of an enum, as JSON."""
        return encode_enums(self.enum_names or {}, column)

    def build(self, builder: Builder, member: Member, place: Place, path: Path) -> Any:
        stored = place.row[self.slot] or b""
        builder.size.add(4 + len(stored), VALUE_BYTES + len(stored))
        return self._value(place, output_value)

    def python_value(self, place: Place) -> Any:
        """As a resolver gets it. Raises ``StoredValueError``."""
        return self._value(place, decode_value)

    def _value(self, place: Place, decode: Decode) -> Any:
        value = place.row[self.slot]
        if self.zero_is_null:
            (value,) = without_zeros([value])
        if value is None:
            return None
        try:
            return self._decoded(place, value, decode)
        except UnfitValueError as error:
            raise StoredValueError(str(error)) from error

    def _decoded(self, place: Place, value: bytes, decode: Decode) -> Any:
        if self.enum_names is not None:
            return decode_enum(self.enum_names, value)
        return decode(self.scalar, place.kinds[self.slot], value)


class LabelsNode(ValueNode, frozen=True):
    """A list of an enum: the labels of a SET."""

    def _names(self, column: Sequence[bytes]) -> Sequence[bytes]:
        return encode_names(self.enum_names or {}, column)

    def _decoded(self, place: Place, value: bytes, decode: Decode) -> Any:
        return decode_names(self.enum_names or {}, value)


def value_node(batch: BatchBuilder, source: int, column: Column) -> ValueNode:
    """The value of a column in the row of a source."""
    has_members = column.enum_values is not None and COLUMNS[column.scalar].has_members
    return (LabelsNode if has_members else ValueNode)(
        batch.column(source, column),
        column.scalar,
        column.is_nullable,
        enum_names(column),
        column.zero_is_null,
    )


def enum_names(column: Column) -> dict[str, str] | None:
    """The names in GraphQL by what a column of an enum holds; None for any other."""
    if column.enum_values is None:
        return None
    return {value: name for name, value in column.enum_values.items()}


def plan_value(planner: Planner, place: RowPlace, selected: Selected) -> Node:
    """A field over a column."""
    return value_node(place.batch, place.source, selected.found)
