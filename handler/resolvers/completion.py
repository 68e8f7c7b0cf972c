"""From what functions gave to JSON: rows in place of their keys, types, nulls, errors.

The values of a field are completed together, those of all parents: a statement reads all rows of a
type, and Tartiflette gets all objects of a type at once. Neither waits for the other.
Source: https://spec.graphql.org/September2025/#sec-Value-Completion
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from msgspec import Struct

from handler.answer import GraphqlError, Path
from handler.compiler.comparison import stored_part
from handler.compiler.parameters import parameter_of_text
from handler.compiler.results import NULL, Cell, Flaw
from handler.errors import HandlerError, NullValueError
from handler.execution.run import run_by_key
from handler.fields.resolver import GivenField, GivenNode
from handler.fields.writing import Writing, rows_of, write_objects
from handler.language import ast
from handler.language.schema import ListOf, TypeRef, is_nullable, named, nullable
from handler.model.column import Column
from handler.resolvers.calls import Function, together
from handler.resolvers.leaves import ResolvedValueError, serializer_of
from handler.resolvers.objects import (
    GivenObject,
    MisgivenError,
    check_object,
    field_of,
    has_fields,
    member_name,
)
from handler.resolvers.request import Request
from handler.scalars import COLUMNS
from handler.scalars.scalar import NotSureError
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind

_ABSENT: Final = object()

Key = tuple[str, ...]


class _Spot(Struct, frozen=True):
    """The place of an object in a value."""

    number: int


class _Bubble(Exception):  # noqa: N818  # not an error: the way of a null to its nearest place
    """A non-null position is null; the list around it takes the null."""


class _FailedError(HandlerError):
    """The rows could not be read: nothing is left of the value."""


async def complete(
    request: Request,
    function: Function,
    owner: str,
    node: ast.Field,
    given: GivenNode | None,
    values: Sequence[Any],
) -> list[Cell]:
    """A cell for each value of a field of ``owner``; an exception is the error of its value.

    ``function``: the one that gave them.
    """
    return await _Completion(request, function, owner, node, given).cells(values)


async def place_rows(
    request: Request, function: Function, field: GivenField, values: Sequence[Any]
) -> list[Any]:
    """The values of a field inside of objects, with the rows in them as cells.

    Where a value may itself be a row, it becomes a cell as a whole.
    """
    given = field.given
    if given is None or not given.may_hold_rows:
        return list(values)
    if given.may_be_row:
        cells = await complete(request, function, field.owner, field.node, given, values)
        return list(cells)
    places: dict[str, list[tuple[list[Any], int]]] = {}

    def put(holder: list[Any], at: int, value: Any) -> None:
        holder[at] = value
        if isinstance(value, list):
            holder[at] = inner = [None] * len(value)
            for number, item in enumerate(value):
                put(inner, number, item)
        elif value is not None and not isinstance(value, Exception):
            try:
                name = member_name(request.schema, given.type_name, value)
            except HandlerError as error:
                holder[at] = error
            else:
                places.setdefault(name, []).append((holder, at))

    placed: list[Any] = [None] * len(values)
    for number, value in enumerate(values):
        put(placed, number, list(value) if type(value) is tuple else value)
    for name, found in places.items():
        objects = await place_in_objects(
            request, function, name, given.objects[name], [holder[at] for holder, at in found]
        )
        for (holder, at), each in zip(found, objects, strict=True):
            holder[at] = each
    return placed


async def place_in_objects(
    request: Request,
    function: Function,
    type_name: str,
    fields: Sequence[GivenField],
    objects: Sequence[Any],
) -> list[Any]:
    """Objects of one type with the rows inside of them as cells."""
    wanted = [
        each for each in fields if each.given and not each.is_resolved and each.given.may_hold_rows
    ]
    placed = [
        GivenObject(each, type_name) if wanted and has_fields(each) else each for each in objects
    ]
    holders = [each for each in placed if isinstance(each, GivenObject)]

    async def place(field: GivenField) -> None:
        values = [_field_or_error(each.value, field.name) for each in holders]
        found = await place_rows(request, function, field, values)
        for holder, value in zip(holders, found, strict=True):
            holder.below[field.key] = value

    await together(map(place, wanted))
    return placed


def _field_or_error(value: Any, name: str) -> Any:
    try:
        return field_of(value, name)
    except HandlerError as error:
        return error


class _Completion:
    """The values of one field, all at once."""

    def __init__(
        self,
        request: Request,
        function: Function,
        owner: str,
        node: ast.Field,
        given: GivenNode | None,
    ) -> None:
        self._request = request
        self._function = function
        self._field = f"{owner}.{node.name}"
        self._locations = request.at(node)
        self._ref = request.type_of(owner, node.name)
        self._given = given
        self._serialize = serializer_of(request.schema, named(self._ref)) if not given else None
        self._single = None if isinstance(nullable(self._ref), ListOf) else self._serialize
        self._outcomes: list[Cell | HandlerError | None] = []  # of objects, by number
        self._objects: dict[str, list[tuple[int, Any]]] = {}  # by type
        self._keys: dict[int, list[tuple[int, Key]]] = {}  # of rows, by batch
        self._errors: list[GraphqlError] = []  # of the value that is finished just now
        self._lacks_row = False

    async def cells(self, values: Sequence[Any]) -> list[Cell]:
        trees = [self._tree(self._ref, value) for value in values]
        parts = [self._execute(name, found) for name, found in self._objects.items()]
        if self._keys:
            parts.append(self._read())
        await together(parts)
        cells = [self._cell(tree) for tree in trees]
        size = sum([len(cell) for cell in cells if isinstance(cell, bytes)])
        self._request.size.add(size, size)
        return cells

    # ---------------------------------------------------------------- the objects in a value

    def _tree(self, ref: TypeRef, value: Any) -> Any:
        """The value with spots in place of objects, and with errors where it does not fit."""
        if value is None or isinstance(value, Exception):
            return value
        ref = nullable(ref)
        if isinstance(ref, ListOf):
            if not isinstance(value, list | tuple):
                return MisgivenError(f"gave no list for {self._field}")
            return [self._tree(ref.of, each) for each in value]
        if self._given is None:
            return value
        try:
            return self._spot(self._given, value)
        except HandlerError as error:
            return error

    def _spot(self, given: GivenNode, value: Any) -> _Spot | None:
        name = member_name(self._request.schema, given.type_name, value)
        check_object(value, name)
        number = len(self._outcomes)
        batch = given.batches.get(name)
        if batch is None:
            self._objects.setdefault(name, []).append((number, value))
        else:
            key = self._key(batch, name, value)
            if key is None:
                return None
            self._keys.setdefault(batch, []).append((number, key))
        self._outcomes.append(None)
        return _Spot(number)

    async def _execute(self, type_name: str, found: Sequence[tuple[int, Any]]) -> None:
        """Objects that are given as a whole."""
        assert self._given is not None
        fields = self._given.objects[type_name]
        objects = await place_in_objects(
            self._request, self._function, type_name, fields, [value for _, value in found]
        )
        cells = await self._request.executor.execute(
            self._request, self._function, type_name, fields, objects
        )
        for (number, _), cell in zip(found, cells, strict=True):
            self._outcomes[number] = cell

    # ------------------------------------------------------------------------ rows by key

    def _key_columns(self, batch: int) -> list[Column]:
        return [term.column for term in self._request.plan.batches[batch].order]

    def _key(self, batch: int, type_name: str, value: Any) -> Key | None:
        """The key of a row; None for one that holds a null, which is of no row."""
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
        return tuple(map(_part, columns, found))

    async def _read(self) -> None:
        request = self._request
        wanted = {batch: self._parameters(batch) for batch in self._keys}
        results = await run_by_key(
            request.plan,
            {batch: list(keys.values()) for batch, keys in wanted.items()},
            request.values,
            request.context.database,
            request.context.deadline,
        )
        await request.resolve_rows(request, results)
        writing = Writing(
            request.plan, results, request.values, {}, request.context.deadline.budget
        )
        for batch, places in self._keys.items():
            failure = results.failures.get(batch)
            rows = {} if failure else self._rows(writing, batch)
            for number, key in places:
                self._outcomes[number] = failure or rows.get(key)

    def _parameters(self, batch: int) -> dict[Key, tuple[SqlValue, ...]]:
        """The distinct keys, as the columns hold them; without those that no column can hold."""
        columns = self._key_columns(batch)
        storage = self._request.values.storage
        found: dict[Key, tuple[SqlValue, ...]] = {}
        for key in dict.fromkeys(key for _, key in self._keys[batch]):
            try:
                "".join(key).encode()  # half of a surrogate pair is no character
                found[key] = tuple(
                    stored_part(column, parameter_of_text(column, part), storage)
                    for column, part in zip(columns, key, strict=True)
                )
            except ValueError:
                continue
        return found

    def _rows(self, writing: Writing, number: int) -> dict[Key, Cell]:
        """The objects of a batch's rows, by key."""
        batch, results = writing.plan.batches[number], writing.results
        found = results.rows[number]
        if not found.count:
            return {}
        cells: Sequence[Cell]
        try:
            if results.failures or writing.plan.has_forbidden:
                raise NotSureError
            cells = write_objects(batch.shape, rows_of(writing, batch))
        except NotSureError:
            from handler.fields.building import build_rows

            request = self._request
            cells = build_rows(
                writing.plan,
                batch,
                results,
                writing.values,
                request.prepared.locate,
                request.size,
            )
        columns = self._key_columns(number)
        kinds = [found.kinds[slot] for slot in batch.link]
        keys = zip(*[found.columns[slot] for slot in batch.link], strict=True)
        return {
            tuple(map(_text, columns, kinds, key)): cell
            for key, cell in zip(keys, cells, strict=True)
        }

    # ------------------------------------------------------------------------ values as JSON

    def _cell(self, tree: Any) -> Cell:
        if self._single is not None and tree is not None and not isinstance(tree, Exception):
            try:
                return orjson.dumps(self._single(tree))
            except ResolvedValueError:
                pass  # said by the long way
        self._errors = []
        try:
            value = self._position(self._ref, tree, ())
        except _FailedError as failed:
            cause = failed.__cause__
            assert isinstance(cause, HandlerError)
            return Flaw(None, (GraphqlError(cause, (), self._locations),))
        except _Bubble:
            value = None
        if not self._errors:
            return NULL if value is None else orjson.dumps(value)
        return Flaw(None if value is None else orjson.dumps(value), tuple(self._errors))

    def _position(self, ref: TypeRef, tree: Any, path: Path) -> Any:
        self._lacks_row = False
        value = None
        try:
            if isinstance(tree, Exception):
                self._report(self._shown(tree), path)
            else:
                value = self._value(ref, tree, path)
                if value is None and not is_nullable(ref):
                    self._report(self._null(), path)
        except ResolvedValueError as error:
            self._report(self._shown(error), path)
        except _Bubble:
            value = None
        if value is None and not is_nullable(ref):
            raise _Bubble
        return value

    def _value(self, ref: TypeRef, tree: Any, path: Path) -> Any:
        if tree is None:
            return None
        ref = nullable(ref)
        if isinstance(ref, ListOf):
            return [
                self._position(ref.of, each, (*path, number)) for number, each in enumerate(tree)
            ]
        if isinstance(tree, _Spot):
            return self._object(self._outcomes[tree.number], path)
        assert self._serialize is not None
        return self._serialize(tree)

    def _object(self, outcome: Cell | HandlerError | None, path: Path) -> Any:
        if isinstance(outcome, HandlerError):
            raise _FailedError from outcome
        if outcome is None:
            self._lacks_row = True
            return None
        if isinstance(outcome, bytes):
            return orjson.Fragment(outcome)
        for error in outcome.errors:
            self._errors.append(
                GraphqlError(error.cause, (*path, *(error.path or ())), error.locations)
            )
        if outcome.data is None:
            raise _Bubble
        return orjson.Fragment(outcome.data)

    def _shown(self, error: Exception) -> HandlerError:
        """The error for a caller; one of a value has its function as the cause, for the log."""
        if isinstance(error, ResolvedValueError):
            error.__cause__ = self._function.failure(f"gave a wrong value: {error}")
        elif isinstance(error, MisgivenError):
            failure = self._function.failure(str(error))
            failure.__cause__ = error.__cause__
            return failure
        return self._function.raised(error)

    def _null(self) -> NullValueError:
        text = f"Cannot return null for non-nullable field {self._field}."
        error = NullValueError(text)
        if not self._lacks_row:  # a row that is not there is nobody's mistake
            error.__cause__ = self._function.failure(f"gave null: {text}")
        return error

    def _report(self, error: HandlerError, path: Path) -> None:
        self._errors.append(GraphqlError(error, path, self._locations))


def _part(column: Column, given: Any) -> str:
    """A part of the key of a row, as it is compared. Raises ``MisgivenError`` for no value."""
    try:
        return COLUMNS[column.scalar].canonical(given)
    except Exception as error:  # of values that are not ours
        raise MisgivenError(
            f"gave a {type(given).__name__} as a {column.field}: {type(error).__name__}"
        ) from error


def _text(column: Column, kind: Kind, part: bytes | None) -> str:
    """A part of the key of a row, as a function has given it."""
    scalar = COLUMNS[column.scalar]
    try:
        return scalar.canonical(scalar.text_of(kind, part or b""))
    except ValueError:
        return ""  # no text is read as it
