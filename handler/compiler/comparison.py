"""How a column compares to a value, so that it finds what the answers show.

A value is shown by its scalar, and compared by the column's type; where the two differ, the scalar
writes a comparison as others that find the same rows and that an index serves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from handler.compiler.parameters import parameter_of, scalar_of
from handler.compiler.storage import UNKNOWN, Storage
from handler.model.column import Column
from handler.model.conditions import (
    NEVER,
    And,
    Condition,
    Filter,
    Not,
    Or,
    RealDate,
    StoredTest,
    Writer,
    shown_value,
)
from handler.scalars import COLUMNS
from handler.scalars.scalar import Tests
from handler.sql.operators import Given, Operator
from handler.sql.statement import Sql, SqlValue


class Compare(Condition, frozen=True):
    """A filter and the value of its argument."""

    filter: Filter
    value: Given  # none where no row can have it

    def sql(self, writer: Writer, alias: str) -> Sql:
        return self.stored(writer.storage).sql(writer, alias)

    @property
    def can_match(self) -> bool:
        return self.value not in (None, ()) or self.filter.operator.opposite is not None

    @property
    def writes_its_value(self) -> bool:
        """Whether its value stands in the SQL as it is, and decides nothing else of the text but by
        the length of a list. For columns of which nothing is known."""
        column = self.filter.column
        return not (
            self.filter.operator is Operator.IS_NULL
            or column.zero_is_null
            or column.is_made
            or COLUMNS[column.scalar].compares_itself
        )

    def columns(self) -> Iterator[Column]:
        yield self.filter.column

    def __str__(self) -> str:
        operator = self.filter.operator
        if operator is Operator.IS_NULL:
            return f"{self.filter.column.field} IS {'' if self.value else 'NOT '}NULL"
        return f"{self.filter.column.field} {operator.value} {self.value!r}"

    def stored(self, storage: Storage) -> Condition:
        """The same as a condition on what is stored."""
        column, operator, given = self.filter.column, self.filter.operator, self.value
        if operator is Operator.IS_NULL:
            return shown_value(column, is_shown=not given)
        opposite = operator.opposite
        if opposite is not None:
            return self._others(opposite, storage)
        if COLUMNS[column.scalar].compares_itself:
            if storage.lacks(column, given):
                return NEVER
            return _ByScalar(column, operator, given if isinstance(given, tuple) else (given,))
        if storage is UNKNOWN and not column.zero_is_null:
            # Most requests: nothing is known, nor need be.
            return StoredTest(column, operator, given)
        if operator.reads_text:
            return NEVER if storage.lacks(column, given) else StoredTest(column, operator, given)
        if isinstance(given, tuple):
            return _any_of(column, [tests(column, Operator.EQUAL, i, storage) for i in given])
        found = _all_of(column, tests(column, operator, given, storage))
        if column.zero_is_null and operator is not Operator.EQUAL:
            return And((found, RealDate(column)))
        return found

    def _others(self, opposite: Operator, storage: Storage) -> Condition:
        """Those that have a value, which is not one that ``opposite`` finds."""
        column = self.filter.column
        shown = shown_value(column)
        if self.value in (None, ()):
            return shown
        found = Compare(replace(self.filter, operator=opposite), self.value).stored(storage)
        if not isinstance(found, StoredTest) or found.operator is not opposite:
            return And((shown, Not(found)))
        other = StoredTest(column, self.filter.operator, found.value)
        return And((shown, other)) if column.zero_is_null else other


def compare(used: Filter, given: Any) -> Compare:
    """One comparison with the coerced value of its argument."""
    return Compare(used, used.operator.parameter(given, partial(parameter_of, used.column)))


def is_range(leaf: Condition) -> bool:
    """Whether the rows that a comparison finds may begin inside the order of its column."""
    return isinstance(leaf, Compare) and not leaf.filter.operator.is_equality


def tests(column: Column, operator: Operator, given: SqlValue, storage: Storage) -> Tests:
    """A comparison of a column as comparisons of what is stored in it."""
    if given is None or storage.lacks(column, given):
        return None
    stored = storage.of(column)
    if stored is None:
        return ((operator, given),)
    return scalar_of(column).tests(operator, given, stored)


def stored_part(column: Column, part: SqlValue, storage: Storage) -> SqlValue:
    """A value of a row's place, as what is stored and sorted by."""
    stored = storage.of(column)
    return part if stored is None else COLUMNS[column.scalar].as_stored(part, stored)


class _ByScalar(Condition, frozen=True):
    """A comparison by the rules of a scalar, as no column compares."""

    column: Column
    operator: Operator
    given: tuple[SqlValue, ...]

    def sql(self, writer: Writer, alias: str) -> Sql:
        name = writer.column(self.column, alias)
        return COLUMNS[self.column.scalar].compare(
            name, self.operator, self.given, is_mariadb=writer.storage.is_mariadb
        )


def _all_of(column: Column, found: Tests) -> Condition:
    if found is None:
        return NEVER
    parts = tuple([StoredTest(column, operator, given) for operator, given in found])
    return parts[0] if len(parts) == 1 else And(parts)


def _any_of(column: Column, found: Sequence[Tests]) -> Condition:
    possible = [each for each in found if each is not None]
    if not possible:
        return NEVER
    equal = [each[0][1] for each in possible if len(each) == 1 and each[0][0] is Operator.EQUAL]
    if len(equal) == len(possible):
        return StoredTest(column, Operator.IN, tuple(equal))
    return Or(tuple([_all_of(column, each) for each in possible]))
