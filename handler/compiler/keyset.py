"""Keyset pagination: the rows on one side of a place in an order, as a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from handler.compiler.comparison import stored_part
from handler.compiler.made_keys import null_of, test_of
from handler.compiler.storage import UNKNOWN, Storage
from handler.model.column import Column
from handler.model.conditions import NEVER, And, Condition, Null, Or, StoredTest
from handler.model.lists import Order
from handler.model.search import Relevance
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue

Position: TypeAlias = Sequence[SqlValue]  # the values of an order's columns in one row


class Range(Struct, frozen=True):
    """Rows that one range of an index on the order finds."""

    condition: Condition
    fixed: int  # of the order's first columns, how many have one value in all of these rows


def ranges(order: Order, position: Position, storage: Storage, *, backward: bool) -> list[Range]:
    """Rows after the position in the order (or before it): ranges that have no row in common.

    NULL sorts before every value, in both servers.
    """
    same: list[Condition] = []
    found = []
    position = _stored(order, position, storage)
    for term, part in zip(order, position, strict=True):
        down = term.descending != backward
        column = _at_row(term.column, order, position) if term.column.is_made else term.column
        if part is not None or not down:  # nothing comes after NULL on the way down
            step = _step(column, part, down=down)
            found.append(Range(And((*same, step)), len(same)))
        same.append(_same(column, part))
    return found or [Range(NEVER, 0)]


def is_stored(order: Order) -> bool:
    """Whether all of its keys are columns of the rows, so that an index may have the order."""
    return all(term.column.is_own and term.column.stored_name is not None for term in order)


def beyond(
    order: Order, position: Position, storage: Storage, *, backward: bool, at: bool = False
) -> Condition:
    """The same rows by one condition, and the one ``at`` the position.

    What holds for the first column of all these rows stands in front, because an index serves that
    as one range.
    """
    position = _stored(order, position, storage)
    parts = [each.condition for each in ranges(order, position, UNKNOWN, backward=backward)]
    if at:
        parts.append(at_place(order, position, UNKNOWN))
    found = Or(tuple(parts))
    if len(order) == 1 or not is_stored(order[:1]):
        return found
    lead = _lead(order[0].column, position[0], down=order[0].descending != backward)
    return found if lead is None else And((lead, found))


def at_place(order: Order, position: Position, storage: Storage) -> Condition:
    """The row at the position."""
    position = _stored(order, position, storage)
    found = [
        _same(_at_row(t.column, order, position) if t.column.is_made else t.column, part)
        for t, part in zip(order, position, strict=True)
    ]
    return And(tuple(found))


def _stored(order: Order, position: Position, storage: Storage) -> Position:
    """A position as what is stored and sorted by."""
    if not storage.columns:
        return position
    return [
        stored_part(term.column.held, part, storage)
        for term, part in zip(order, position, strict=True)
    ]


def _at_row(column: Column, order: Order, position: Position) -> Column:
    """Of a relevance, that of the row in whose place the position is."""
    if not isinstance(column, Relevance) or column.is_as_found:
        return column
    found = zip(order, position, strict=True)
    own = [(term.column, part) for term, part in found if term.column.is_own]
    return replace(column, row=tuple((c, p) for c, p in own if not c.link and c.stored_name))


def _same(column: Column, part: SqlValue) -> Condition:
    return null_of(column) if part is None else test_of(column, Operator.EQUAL, part)


def _lead(column: Column, part: SqlValue, *, down: bool) -> Condition | None:
    """What holds for the first column of all rows beyond its value."""
    if part is None:
        return Null(column) if down else None
    if not down:
        return StoredTest(column, Operator.GREATER_OR_EQUAL, part)
    return _or_null(column, StoredTest(column, Operator.LESS_OR_EQUAL, part))


def _step(column: Column, part: SqlValue, *, down: bool) -> Condition:
    """Rows behind a value of a column."""
    if part is None:
        return null_of(column, is_null=False)
    if not down:
        return test_of(column, Operator.GREATER, part)
    return _or_null(column, test_of(column, Operator.LESS, part))


def _or_null(column: Column, test: Condition) -> Condition:
    return Or((test, null_of(column))) if column.is_nullable else test
