"""What a function gave, with the rows in place of the keys in it.

Where a type has a table, a function gives the key of a row; the rows of one call are read together,
a statement for each type and place in the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from handler.compiler.comparison import stored_part
from handler.compiler.parameters import parameter_of_text
from handler.compiler.plan import Plan
from handler.compiler.values import PlanValues
from handler.errors import HandlerError
from handler.execution.run import run_by_key
from handler.fields.building import ResponseRow, build_rows
from handler.fields.resolver import GivenNode
from handler.fields.sizes import TreeSize
from handler.language.document import BoundOperation
from handler.language.schema import ObjectType, Schema
from handler.model.column import Column
from handler.resolvers.registry import ResolverContext
from handler.scalars import COLUMNS
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind

_ABSENT: Final = object()
_NO_OBJECTS: Final = (str, bytes, int, float, list, set, frozenset)

Key = tuple[str, ...]


class MisgivenError(HandlerError):
    """What a function gave does not fit its field; the text goes on from "the resolver"."""


class MemberRow(ResponseRow):
    """A row where the field names an interface or a union."""

    type_name = ""


@dataclass(frozen=True, slots=True)
class GivenObject:
    """An object as a function gave it, and what stands in it in place of keys."""

    value: Any
    type_name: str
    below: dict[str, Any] = field(default_factory=dict)
    """By response key; of a field that has a function of its own the ``GivenNode``."""


def type_name_of(value: Any) -> str:
    """The object type that a value says it is of: by a key, an attribute or its class."""
    if isinstance(value, MemberRow | GivenObject):
        return value.type_name
    for name in ("__typename", "_typename"):
        found = field_of(value, name)
        if isinstance(found, str):
            return found
    return type(value).__name__


def field_of(value: Any, name: str, default: Any = None) -> Any:
    """A field of an object that a function gave: of a mapping by key, else by attribute."""
    found = (
        value.get(name, default) if isinstance(value, Mapping) else getattr(value, name, default)
    )
    return list(found) if type(found) is tuple else found  # Tartiflette knows no other lists


def check_object(value: Any, type_name: str) -> None:
    """Raise ``MisgivenError`` for what has no fields."""
    if isinstance(value, _NO_OBJECTS):
        raise MisgivenError(
            f"gave a {type(value).__name__} as a {type_name}; give a mapping or an object with the"
            f" names of fields"
        )


def not_a_member(schema: Schema, abstract: str) -> MisgivenError:
    """The error for an object whose type is unknown, or none of those that it may be of."""
    names = " or ".join(sorted(schema.possible_types[abstract]))
    return MisgivenError(
        f'gave an object of no type that {abstract} may be; say which by "__typename": {names}'
    )


@dataclass(slots=True)
class _Place:
    """Where a row is to stand."""

    holder: list[Any] | dict[str, Any]
    at: Any
    batch: int
    key: Key
    member: str  # the row's type, if the field does not name it


@dataclass(slots=True)
class Completion:
    """Puts rows into what one call of a function gave."""

    schema: Schema
    plan: Plan
    values: PlanValues
    prepared: BoundOperation
    context: ResolverContext
    size: TreeSize
    lacks_rows: bool = False  # a key was given whose row does not exist, or is not the caller's
    _places: list[_Place] = field(default_factory=list)

    async def complete(self, node: GivenNode, value: Any) -> Any:
        """The value with rows in it; a row that does not exist is null.

        Raises ``MisgivenError``, and what reading the rows raises.
        """
        holder = [None]
        self._put(holder, 0, node, value)
        if self._places:
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
            self._put_object(holder, at, node, value)

    def _put_object(self, holder: Any, at: Any, node: GivenNode, value: Any) -> None:
        is_abstract = not isinstance(self.schema.types[node.type_name], ObjectType)
        name = type_name_of(value) if is_abstract else node.type_name
        if name not in self.schema.possible_types[node.type_name]:
            raise not_a_member(self.schema, node.type_name)
        batch = node.batches.get(name)
        if batch is not None:
            key = self._key(batch, name, value)
            holder[at] = None
            if key is not None:
                self._places.append(_Place(holder, at, batch, key, name if is_abstract else ""))
            return
        given = GivenObject(value, name)
        for response_key, (field_name, inner) in node.below.get(name, {}).items():
            check_object(value, name)
            if field_name:
                self._put(given.below, response_key, inner, field_of(value, field_name))
            else:
                given.below[response_key] = inner
        holder[at] = given if given.below else value

    def _key_columns(self, batch: int) -> list[Column]:
        return [term.column for term in self.plan.batches[batch].order]

    def _key(self, batch: int, type_name: str, value: Any) -> Key | None:
        """The key of a row; None for one that holds a null, which is of no row."""
        check_object(value, type_name)
        columns = self._key_columns(batch)
        found = [field_of(value, column.field, _ABSENT) for column in columns]
        for column, part in zip(columns, found, strict=True):
            if part is _ABSENT:
                raise MisgivenError(
                    f"gave a {type_name} without {column.field}; rows of {type_name} are read from"
                    f" its table by {' and '.join(each.field for each in columns)}"
                )
        if None in found:
            return None
        return tuple(
            COLUMNS[column.scalar].canonical(part)
            for column, part in zip(columns, found, strict=True)
        )

    async def _read(self) -> None:
        wanted: dict[int, dict[Key, tuple[SqlValue, ...]]] = {}
        for place in self._places:
            keys = wanted.setdefault(place.batch, {})
            if place.key not in keys:
                try:
                    columns = self._key_columns(place.batch)
                    keys[place.key] = tuple(
                        stored_part(column, parameter_of_text(column, part), self.values.storage)
                        for column, part in zip(columns, place.key, strict=True)
                    )
                except ValueError:
                    continue  # no such column can hold it
        results = await run_by_key(
            self.plan,
            {batch: list(keys.values()) for batch, keys in wanted.items()},
            self.values,
            self.context.database,
            self.context.deadline,
        )
        rows: dict[int, dict[Key, ResponseRow]] = {}
        for batch in wanted:
            found = build_rows(
                self.plan,
                self.plan.batches[batch],
                results,
                self.values,
                self.prepared.locate,
                self.size,
            )
            kinds = results.rows[batch].kinds  # none without a row
            linked = [kinds[slot] for slot in self.plan.batches[batch].link] if found else []
            rows[batch] = {
                tuple(map(_text, self._key_columns(batch), linked, key)): row
                for key, row in found.items()
            }
        for place in self._places:
            row = rows[place.batch].get(place.key)
            if row is None:
                self.lacks_rows = True
            elif place.member:
                row = MemberRow(row)
                row.type_name = place.member
            place.holder[place.at] = row


def _text(column: Column, kind: Kind, part: bytes | None) -> str:
    """A part of the key of a row, as a function has given it."""
    scalar = COLUMNS[column.scalar]
    try:
        return scalar.canonical(scalar.text_of(kind, part or b""))
    except ValueError:
        return ""  # no text is read as it
