"""The exact way to make an answer: Python objects, row by row, with the errors in them.

Null propagation as in https://spec.graphql.org/September2025/#sec-Handling-Execution-Errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

import orjson
from msgspec import Struct, field
from msgspec.structs import replace

from handler.answer import GraphqlError, Path
from handler.compiler.plan import Batch, FactKind, Member, ObjectShape, Plan
from handler.compiler.results import NO_ROWS, NULL, Cell, Flaw, Results
from handler.compiler.values import PlanValues
from handler.errors import BudgetError, ClientError, HandlerError, Location, NullValueError
from handler.fields.sizes import (
    ERROR_BYTES,
    LIST_BYTES,
    MEMBER_BYTES,
    MEMORY_FACTOR,
    OBJECT_BYTES,
    TreeSize,
)
from handler.sql.rowset import Row
from handler.sql.stored_type import Kind


class Place(Struct, frozen=True):
    """One row, and the kinds of its columns."""

    row: Row
    kinds: tuple[Kind, ...] = ()


class PagePlace(Struct, frozen=True):
    """One page of a connection: its rows, whether others are before and after, and its facts."""

    places: Sequence[Place]
    bounds: tuple[bool, bool]
    facts: Mapping[FactKind, bytes]
    key: Row  # of its parent


class _Bubble(Exception):  # noqa: N818  # not an error: the way of a null to its nearest place
    """A non-null position is null; the parent takes the null."""


class Builder(Struct, eq=False):
    """Makes the objects of one answer, and gathers its errors."""

    plan: Plan
    results: Results
    values: PlanValues
    introspected: Mapping[str, Any]
    _locate: Callable[[int], Location]
    size: TreeSize
    errors: list[GraphqlError] = field(default_factory=list)
    _groups: dict[int, Mapping[Any, Sequence[Row]]] = field(default_factory=dict)
    _traces: dict[int, TracebackType | None] = field(default_factory=dict)  # of failures, by batch

    def object(self, shape: ObjectShape, place: Place | PagePlace, path: Path) -> dict[str, Any]:
        """An object of one row, by response keys."""
        shape, place = self.of_its_type(shape, place)
        keys = sum([len(member.key) + 4 for member in shape.members])
        self.size.add(2 + keys, OBJECT_BYTES + MEMBER_BYTES * len(shape.members))
        return {
            member.key: self._position(
                member,
                (*path, member.key),
                partial(member.node.build, self, member, place),
                is_nullable=member.node.is_nullable,
            )
            for member in shape.members
        }

    def of_its_type(
        self, shape: ObjectShape, place: Place | PagePlace
    ) -> tuple[ObjectShape, Place | PagePlace]:
        """The shape of a row by its type, and the row with these fields."""
        if shape.shapes:
            assert isinstance(place, Place)
            shape = shape.shapes[int(place.row[shape.slot] or 0)]
        if shape.found is None:
            return shape, place
        assert isinstance(place, Place)
        number, slots = shape.found
        batch = self.plan.batches[number]
        rows = self.places(batch, tuple([place.row[slot] for slot in slots]))
        if not rows:
            raise NullValueError(f"A row of {batch.rows.target} is there no more.")
        return batch.shape, rows[0]

    def alone(self, shape: ObjectShape, place: Place) -> Cell:
        """An object of one row by itself, with its errors."""
        self.errors = []
        try:
            data = orjson.dumps(self.object(shape, place, ()))
        except _Bubble:
            return Flaw(None, tuple(self.errors))
        return Flaw(data, tuple(self.errors)) if self.errors else data

    def items(
        self,
        member: Member,
        shape: ObjectShape,
        places: Sequence[Place],
        path: Path,
        *,
        has_nullable_items: bool,
    ) -> list[Any]:
        """An object of each row; ``member``: the field that gives them."""
        self.size.add(2 + len(places), LIST_BYTES + 8 * len(places))
        return [
            self._position(
                member,
                (*path, number),
                partial(self.object, shape, place),
                is_nullable=has_nullable_items,
            )
            for number, place in enumerate(places)
        ]

    def maybe_items(
        self, member: Member, items: Sequence[Callable[[Path], Any] | None], path: Path
    ) -> list[Any]:
        """What makes each item, or null."""
        self.size.add(2 + len(items), LIST_BYTES + 8 * len(items))
        return [
            self._position(member, (*path, number), item, is_nullable=True) if item else None
            for number, item in enumerate(items)
        ]

    def places(self, batch: Batch, key: Row) -> Sequence[Place]:
        """The rows of a batch that belong to one parent. Raises the error of a batch that failed"""
        failure = self.results.failures.get(batch.index)
        if failure is not None:
            # Each time anew, or the same error would remember all the places where it was raised.
            trace = self._traces.setdefault(batch.index, failure.__traceback__)
            raise failure.with_traceback(trace)
        if not batch.reads_rows:
            return ()
        groups = self._groups.get(batch.index)
        if groups is None:
            groups = self._groups[batch.index] = self._group(batch)
        kinds = self.results.rows.get(batch.index, NO_ROWS).kinds
        return [Place(row, kinds) for row in groups.get(key, ())]

    def finished(self, cell: Cell, path: Path, *, is_nullable: bool) -> orjson.Fragment | None:
        """What Python has answered: JSON, with the errors in it."""
        data = (cell.data or NULL) if isinstance(cell, Flaw) else cell
        if isinstance(cell, Flaw):
            for error in cell.errors:
                self._add(replace(error, path=(*path, *(error.path or ()))))
            if cell.data is None and not is_nullable:
                raise _Bubble
        self.size.add(len(data), len(data))
        return None if data == NULL else orjson.Fragment(data)

    def _group(self, batch: Batch) -> Mapping[Any, Sequence[Row]]:
        groups: dict[Any, list[Row]] = {}
        rows = self.results.rows[batch.index].rows
        owners = self.results.owners_of(batch) if batch.link else [()] * len(rows)
        for row, owner in zip(rows, owners, strict=True):
            groups.setdefault(owner, []).append(row)
        return groups

    def _position(
        self,
        member: Member,
        path: Path,
        compute: Callable[[Path], Any],
        *,
        is_nullable: bool,
    ) -> Any:
        """The value at one position; a null that may not stand here goes on to the parent."""
        try:
            value = compute(path)
        except BudgetError:
            raise
        except HandlerError as error:
            if isinstance(error, ClientError):  # a traceback would hold frames and their rows
                error.__traceback__ = error.__cause__ = error.__context__ = None
            self._report(error, member, path)
            value = None
        except _Bubble:
            value = None
        else:
            if value is None and not is_nullable:
                text = f"Cannot return null for non-nullable field {member.field}."
                self._report(NullValueError(text), member, path)
        if value is None and not is_nullable:
            raise _Bubble
        return value

    def _report(self, error: HandlerError, member: Member, path: Path) -> None:
        self._add(GraphqlError(error, path, (self._locate(member.at),)))

    def _add(self, error: GraphqlError) -> None:
        self.size.add(ERROR_BYTES, MEMORY_FACTOR * ERROR_BYTES)
        self.errors.append(error)


def build_tree(
    plan: Plan,
    results: Results,
    values: PlanValues,
    introspected: Mapping[str, Any],
    locate: Callable[[int], Location],
    size: TreeSize,
) -> tuple[dict[str, Any] | None, list[GraphqlError]]:
    """The value of ``data`` and the errors in it. Raises ``BudgetError``."""
    builder = Builder(plan, results, values, introspected, locate, size)
    try:
        return builder.object(plan.root, Place(results.root(plan)), ()), builder.errors
    except _Bubble:
        return None, builder.errors


def build_rows(
    plan: Plan,
    batch: Batch,
    results: Results,
    values: PlanValues,
    locate: Callable[[int], Location],
    size: TreeSize,
) -> list[Cell]:
    """The objects of a batch's rows, which stand where a resolver gave their keys.

    Raises ``BudgetError``.
    """
    builder = Builder(plan, results, values, {}, locate, size)
    found = results.rows[batch.index]
    return [builder.alone(batch.shape, Place(row, found.kinds)) for row in found.rows]
