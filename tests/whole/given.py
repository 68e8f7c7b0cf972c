"""What a function gave, with the rows in place of the keys in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from handler.compiler.comparison import stored_part
from handler.compiler.parameters import parameter_of_text
from handler.execution.run import run_by_key
from handler.fields.building import Place
from handler.fields.resolver import GivenNode
from handler.model.column import Column
from handler.resolvers.objects import MisgivenError, check_object, field_of, member_name
from handler.scalars import COLUMNS
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind

if TYPE_CHECKING:
    from tests.whole.executor import Request

_ABSENT: Final = object()

Key = tuple[str, ...]


class Row(dict[str, Any]):
    """An object of the answer by response keys, as opposed to what a function gives."""

    type_name = ""


@dataclass
class GivenValue:
    """An object as a function gave it, and what stands in it in place of keys."""

    value: Any
    type_name: str
    below: dict[str, Any] = field(default_factory=dict)
    """By response key; of a field that has a function of its own the ``GivenNode``."""


@dataclass
class _Place:
    """Where a row is to stand."""

    holder: list[Any] | dict[str, Any]
    at: Any
    batch: int
    key: Key


@dataclass
class Completion:
    """Puts rows into what one call of a function gave."""

    request: Request
    places: list[_Place] = field(default_factory=list)

    async def complete(self, node: GivenNode, value: Any) -> Any:
        """The value with rows in it; a row that does not exist is null."""
        holder = [None]
        self._put(holder, 0, node, value)
        if self.places:
            await self._read()
        return holder[0]

    def _put(self, holder: Any, at: Any, node: GivenNode, value: Any) -> None:
        if value is None:
            holder[at] = None
        elif isinstance(value, list) or type(value) is tuple:
            holder[at] = inner = [None] * len(value)
            for number, item in enumerate(value):
                self._put(inner, number, node, item)
        else:
            try:
                self._put_object(holder, at, node, value)
            except MisgivenError as error:
                holder[at] = error

    def _put_object(self, holder: Any, at: Any, node: GivenNode, value: Any) -> None:
        name = member_name(self.request.schema, node.type_name, value)
        batch = node.batches.get(name)
        if batch is not None:
            key = self._key(batch, name, value)
            holder[at] = None
            if key is not None:
                self.places.append(_Place(holder, at, batch, key))
            return
        given = GivenValue(value, name)
        for each in node.objects[name]:
            if each.given is None or not each.given.may_hold_rows:
                continue
            check_object(value, name)
            if each.is_resolved:
                given.below[each.key] = each.given
            else:
                self._put(given.below, each.key, each.given, field_of(value, each.name))
        holder[at] = given if given.below else value

    def _key_columns(self, batch: int) -> list[Column]:
        return [term.column for term in self.request.plan.batches[batch].order]

    def _key(self, batch: int, type_name: str, value: Any) -> Key | None:
        check_object(value, type_name)
        columns = self._key_columns(batch)
        found = [field_of(value, column.field, _ABSENT) for column in columns]
        if _ABSENT in found:
            raise MisgivenError(f"gave a {type_name} without its key")
        if None in found:
            return None
        return tuple(
            COLUMNS[column.scalar].canonical(part)
            for column, part in zip(columns, found, strict=True)
        )

    async def _read(self) -> None:
        request = self.request
        wanted: dict[int, dict[Key, tuple[SqlValue, ...]]] = {}
        for place in self.places:
            keys = wanted.setdefault(place.batch, {})
            try:
                columns = self._key_columns(place.batch)
                keys[place.key] = tuple(
                    stored_part(column, parameter_of_text(column, part), request.values.storage)
                    for column, part in zip(columns, place.key, strict=True)
                )
            except ValueError:
                continue  # no such column can hold it
        results = await run_by_key(
            request.plan,
            {batch: list(keys.values()) for batch, keys in wanted.items()},
            request.values,
            request.context.database,
            request.context.deadline,
        )
        rows: dict[int, dict[Key, Row]] = {}
        for number in wanted:
            if number in results.failures:
                raise results.failures[number]
            batch, found = request.plan.batches[number], results.rows[number]
            builder = request.build(results)
            columns = self._key_columns(number)
            rows[number] = {}
            for row in found.rows:
                key = [
                    _text(column, found.kinds[slot], row[slot])
                    for column, slot in zip(columns, batch.link, strict=True)
                ]
                rows[number][tuple(key)] = builder.object(batch.shape, Place(row, found.kinds), ())
        for place in self.places:
            place.holder[place.at] = rows[place.batch].get(place.key)


def _text(column: Column, kind: Kind, part: bytes | None) -> str:
    scalar = COLUMNS[column.scalar]
    try:
        return scalar.canonical(scalar.text_of(kind, part or b""))
    except ValueError:
        return ""  # no text is read as it
