"""Typical values: what clients may send in place of an operation's variables, from real rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from aurora_graphql.check.live import Live
from handler.compiler.cursor import encode_cursor, fingerprint, texts_of
from handler.compiler.plan import Batch, Plan
from handler.language import ast
from handler.language.schema import (
    EnumType,
    InputObjectType,
    ListOf,
    NonNull,
    Schema,
    TypeRef,
    named,
)
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.scalars import INTEGER_ID, output_value
from handler.scalars.scalar import UnfitValueError
from handler.sql.names import quote
from handler.sql.operators import Operator
from handler.sql.rowset import RowSet
from handler.sql.statement import SqlValue
from handler.sql.stored_type import NUMBERS, Kind

_PAGE: Final = 10
_PREFIX: Final = 3  # characters
_SEEN: Final = 20  # rows: keys of so many parents
_FAR: Final = 500  # rows from the start of a table, where it has so many
_BY_SCALAR: Final[Mapping[str, Any]] = {
    "Boolean": True,
    "Bytes": "AA==",
    "Date": "2000-01-01",
    "DateTime": "2000-01-01T00:00:00Z",
    "Time": "12:00:00",
    "Int": 1,
    "Float": 1.5,
    "Decimal": "1",
    "UUID": "00000000-0000-4000-8000-000000000000",
    "JSON": {},
}
_ANY: Final = "1"  # of ID, String, BigInt and whatever else is written as a text


@dataclass(slots=True)
class Typical:
    """Values of one database, each row asked for once."""

    schema: Schema
    live: Live
    _rows: dict[tuple[str, tuple[str, ...]], RowSet | None] = field(default_factory=dict)

    def of_type(self, type_ref: TypeRef) -> Any:
        """Some value of a type of input."""
        if isinstance(type_ref, NonNull):
            return self.of_type(type_ref.of)
        if isinstance(type_ref, ListOf):
            return [] if self._is_object(type_ref.of) else [self.of_type(type_ref.of)]
        found = self.schema.types[named(type_ref)]
        if isinstance(found, EnumType):
            return next(iter(found.values))
        if isinstance(found, InputObjectType):
            fields = found.fields.items()
            wanted = [(name, each) for name, each in fields if each.is_required]
            if found.is_one_of:  # any of those that are no object again
                wanted = [each for each in fields if not self._is_object(each[1].type)][:1]
            return {name: self.of_type(each.type) for name, each in wanted}
        return _BY_SCALAR.get(found.name, _ANY)

    def _is_object(self, type_ref: TypeRef) -> bool:
        return isinstance(self.schema.types[named(type_ref)], InputObjectType)

    async def of_filter(self, used: Filter) -> Any:
        """A value that some row has; None where none is to be found."""
        column, operator = used.column, used.operator
        if operator is Operator.IS_NULL:
            return True
        if column.is_made:
            return None
        found = await self._column(column)
        if found is None:
            return None
        if isinstance(found, str) and operator.reads_text:
            found = found[:_PREFIX]
        return [found] if operator.takes_list else found

    async def cursor(self, batch: Batch) -> str | None:
        """The place of some row in the order of a list."""
        if batch.is_computed:
            return None
        names = [term.column.stored_name or "" for term in batch.order]
        rows = await self._row(batch.table.name, names)
        if rows is None:
            return None
        try:
            texts = [
                texts_of(term.column.scalar, kind, column)[0]
                for term, kind, column in zip(batch.order, rows.kinds, rows.columns, strict=True)
            ]
            place = fingerprint(batch.field, batch.order)
            return encode_cursor(place, tuple(texts)).decode()
        except ValueError:
            return None

    async def keys(self, table: str, names: Sequence[str]) -> list[tuple[SqlValue, ...]]:
        """Keys of parents, those of real rows if there are some."""
        rows = await self._row(table, names)
        if rows is None:
            stored = self.live.tables.get(table)
            kinds = [stored.columns.get(name) if stored else None for name in names]
            numbers = [kind is not None and kind.data_type in NUMBERS for kind in kinds]
            return [tuple(n if is_number else str(n) for is_number in numbers) for n in (1, 2)]
        columns = [
            [_parameter(kind, part) for part in column]
            for kind, column in zip(rows.kinds, rows.columns, strict=True)
        ]
        return list(dict.fromkeys(zip(*columns, strict=True)))

    async def claim(self, column: Column) -> str:
        """The text of a claim that some row has."""
        found = await self._column(column)
        return str(found) if found is not None else _ANY

    async def _column(self, column: Column) -> Any:
        if column.stored_name is None:
            return None
        rows = await self._row(column.table, [column.stored_name])
        if rows is None or rows.columns[0][0] is None:
            return None
        text, kind = rows.columns[0][0], rows.kinds[0]
        if column.enum_values is not None:
            names = {stored: name for name, stored in column.enum_values.items()}
            return names.get(text.decode())
        try:
            scalar = INTEGER_ID.name if column.is_integer else column.scalar
            return orjson.loads(orjson.dumps(output_value(scalar, kind, text)))
        except (UnfitValueError, UnicodeDecodeError):
            return None

    async def _row(self, table: str, names: Sequence[str]) -> RowSet | None:
        """Some rows without a NULL in these columns; None if there are none where it looks.

        What does not exist has none; that is said of the table and of its columns.
        """
        key = (table, tuple(names))
        stored = self.live.tables.get(table)
        if stored is None or not set(names) <= stored.columns.keys():
            return None
        if key not in self._rows:
            rows = stored.rows or 0
            whole = ", ".join(map(quote, names)) or "1"
            far = min(_FAR, rows // 2)
            text = f"SELECT {whole} FROM {quote(table)} LIMIT {_SEEN} OFFSET {far}"  # noqa: S608
            found = await self.live.fetch(text)  # names are those of the SDL
            full = [row for row in found.rows if None not in row]
            self._rows[key] = RowSet(found.kinds, list(zip(*full, strict=True))) if full else None
        return self._rows[key]


def variables_of(arguments: Sequence[ast.Argument]) -> Iterator[tuple[str, str]]:
    """The arguments that are a variable, and its name."""
    for argument in arguments:
        if isinstance(argument.value, ast.Variable):
            yield argument.name, argument.value.name


async def variables_of_plan(plan: Plan, typical: Typical) -> tuple[dict[str, Any], dict[str, Any]]:
    """What real rows say of the variables: of those that choose rows, and of those that are
    cursors."""
    chosen: dict[str, Any] = {}
    cursors: dict[str, Any] = {}
    for batch in plan.batches:
        filters = {used.argument: used for used in batch.rows.filters}
        for name, variable in variables_of(batch.arguments):
            if name in filters:
                chosen[variable] = await typical.of_filter(filters[name])
            elif name in ("after", "before") and batch.rows.paging:
                cursors[variable] = await typical.cursor(batch)
            elif name in ("first", "last") and batch.rows.paging:
                chosen[variable] = min(_PAGE, batch.rows.maximum_size)
            elif name == "offset" and batch.rows.maximum_offset:
                chosen[variable] = 0  # cursors may stand beside it
    for choice in plan.choices:
        filters = {used.argument: used for used in choice.filters}
        for name, variable in variables_of(choice.arguments):
            if name in filters:
                chosen[variable] = await typical.of_filter(filters[name])
    return _known(chosen), _known(cursors)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in values.items() if each is not None}


def _parameter(kind: Kind, part: bytes | None) -> SqlValue:
    if part is None:
        return None
    if kind is Kind.BYTES:
        return part
    return int(part) if kind is Kind.INTEGER else part.decode()
