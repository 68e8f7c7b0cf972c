"""Keyset pagination: the rows on one side of a place in an order, as a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from handler.compiler.comparison import stored_part
from handler.compiler.storage import Storage
from handler.model.column import Column
from handler.model.conditions import NEVER, And, Condition, Null, Or, StoredTest
from handler.model.lists import Order
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue

Position: TypeAlias = Sequence[SqlValue]  # the values of an order's columns in one row


def beyond(
    order: Order, position: Position, storage: Storage, *, backward: bool, at: bool = False
) -> Condition:
    """Rows after the position in the order (or before it), and the one ``at`` it.

    NULL sorts before every value, in both servers. What holds for the first column of all these
    rows stands in front, because an index serves that as one range.
    """
    down = [term.descending != backward for term in order]
    columns = [term.column for term in order]
    if storage.columns:
        position = [
            stored_part(c, part, storage) for c, part in zip(columns, position, strict=True)
        ]
    same = tuple(map(_same, columns, position))
    alternatives: list[Condition] = []
    for depth, (column, part) in enumerate(zip(columns, position, strict=True)):
        if part is not None or not down[depth]:  # nothing comes after NULL on the way down
            step = _step(column, part, down=down[depth])
            alternatives.append(And((*same[:depth], step)))
    if at:
        alternatives.append(And(same))
    found = Or(tuple(alternatives) or (NEVER,))
    lead = _lead(columns[0], position[0], down=down[0]) if len(order) > 1 else None
    return found if lead is None else And((lead, found))


def _same(column: Column, part: SqlValue) -> Condition:
    return Null(column) if part is None else StoredTest(column, Operator.EQUAL, part)


def _lead(column: Column, part: SqlValue, *, down: bool) -> Condition | None:
    """What holds for the first column of all rows beyond its value."""
    if part is None:
        return Null(column) if down else None
    if not down:
        return StoredTest(column, Operator.GREATER_OR_EQUAL, part)
    return _or_null(StoredTest(column, Operator.LESS_OR_EQUAL, part))


def _step(column: Column, part: SqlValue, *, down: bool) -> Condition:
    """Rows behind a value of a column."""
    if part is None:
        return Null(column, is_null=False)
    if not down:
        return StoredTest(column, Operator.GREATER, part)
    return _or_null(StoredTest(column, Operator.LESS, part))


def _or_null(test: StoredTest) -> Condition:
    return Or((test, Null(test.column))) if test.column.is_nullable else test
