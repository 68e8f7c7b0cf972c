"""Conditions over the rows that a way leads to: that one of them is such, or what is made of all.

What is greater than the greatest of some values, or less, is said by the rows themselves: an index
may find one, and no aggregate is made of them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct

from handler.compiler.comparison import compare
from handler.compiler.made_keys import MadeKey
from handler.compiler.parameters import parameter_of
from handler.compiler.search import search
from handler.compiler.storage import Storage
from handler.compiler.visible import VisiblePath
from handler.model.column import Column
from handler.model.conditions import NEVER, And, Condition, Constant, Filter, Not, Or
from handler.model.lists import Order
from handler.model.relations import ToFirst
from handler.sql.names import quote
from handler.sql.operators import Given, Operator
from handler.sql.statement import Sql, sql


class PathWriter(Protocol):
    """What these ask of who writes a statement: see ``tables.py``."""

    storage: Storage

    def column(self, column: Column, alias: str) -> str:
        """The text of a column of the table that has this alias."""

    def from_path(
        self, path: VisiblePath, alias: str, start: str, conditions: Sequence[Sql], *joins: Sql
    ) -> Sql:
        """The rows at the end of a path from a row."""

    def joins_along(self, path: VisiblePath, alias: str, start: str) -> list[Sql]:
        """The joins from a row to the rows at the end of a path."""


class Related(Condition, frozen=True):
    """Some row that a way leads to, and that the caller sees, fulfils a condition."""

    path: VisiblePath
    condition: Condition

    def sql(self, writer: PathWriter, alias: str) -> Sql:
        inner = _next_alias(alias)
        joins, conditions = _within(self.condition, writer, inner)
        found = writer.from_path(self.path, inner, alias, conditions, *joins)
        return sql("EXISTS (SELECT 1", found, ")")

    @property
    def can_match(self) -> bool:
        return self.condition.can_match

    @property
    def may_be_unknown(self) -> bool:
        return False

    def leaves(self) -> Iterator[Condition]:
        yield from self.condition.leaves()


class FirstRow(Struct, frozen=True):
    """The first row of those that a way leads to, and that are shown."""

    path: VisiblePath
    order: Order
    shown: And

    @classmethod
    def of(cls, relation: ToFirst, path: VisiblePath) -> FirstRow:
        """As a field shows it without arguments."""
        shown = [
            search(each, default) if each.is_search else compare(each, default)
            for each, default in relation.shown
        ]
        return cls(path, relation.rows.order, And(tuple(shown)))

    def is_row(self, writer: PathWriter, row: str, rows: str, start: str) -> Sql:
        """That a row is the first one for a row ``start``; all three are aliases, that of ``rows``
        is used here alone."""
        key = self.path.target.table.key
        one, first = (", ".join(f"{a}.{quote(name)}" for name in key) for a in (row, rows))
        wanted = self.read(writer, Sql(first), rows, start)
        return sql(f"{one if len(key) == 1 else f'({one})'} = ", wanted)

    def read(self, writer: PathWriter, selected: Sql, rows: str, start: str) -> Sql:
        """What is selected of it, by the alias ``rows``, as a subquery."""
        terms = [
            f"{writer.column(term.column, rows)}{' DESC' if term.descending else ''}"
            for term in self.order
        ]
        shown = [self.shown.sql(writer, rows)] if self.shown else []
        return sql(
            "(SELECT ",
            selected,
            writer.from_path(self.path, rows, start, shown),
            f" ORDER BY {', '.join(terms)} LIMIT 1)",
        )


class FirstRelated(Condition, frozen=True):
    """The first of several rows fulfils a condition."""

    first: FirstRow
    condition: Condition

    def sql(self, writer: PathWriter, alias: str) -> Sql:
        row = _next_alias(alias)
        found = self.first.read(writer, self.condition.sql(writer, row), row, alias)
        return sql("COALESCE(", found, ", FALSE)")

    @property
    def can_match(self) -> bool:
        return self.first.shown.can_match and self.condition.can_match

    @property
    def may_be_unknown(self) -> bool:
        return False

    def leaves(self) -> Iterator[Condition]:
        yield from self.first.shown.leaves()
        yield from self.condition.leaves()


def _next_alias(alias: str) -> str:
    return f"f{int(alias[1:].partition('_')[0]) + 1}" if alias[0] == "f" else "f1"


def _within(condition: Condition, writer: PathWriter, alias: str) -> tuple[list[Sql], list[Sql]]:
    """A condition on rows of which one is looked for: joins, and what has to hold of them all.

    The first relation that it follows is joined, as a row there is looked for as well: MariaDB
    plans a subquery within a subquery apart, and reads whole tables for it.
    """
    parts = list(_all_of(condition))
    followed = next((part for part in parts if isinstance(part, Related)), None)
    found = [part.sql(writer, alias) for part in parts if part is not followed]
    if followed is None:
        return [], found
    inner = _next_alias(alias)
    joins, conditions = _within(followed.condition, writer, inner)
    return [*writer.joins_along(followed.path, inner, alias), *joins], [*found, *conditions]


def _all_of(condition: Condition) -> Iterator[Condition]:
    """The conditions all of which hold where this one does."""
    if isinstance(condition, And):
        for part in condition.parts:
            yield from _all_of(part)
    else:
        yield condition


class ValueTest(Condition, frozen=True):
    """What is made of all rows compares to a value."""

    key: MadeKey
    operator: Operator
    value: Given

    def sql(self, writer: PathWriter, alias: str) -> Sql:
        made, inner = self.key.made, _next_alias(alias)

        def read(more: Sequence[Sql]) -> Sql:
            return writer.from_path(self.key.over, inner, alias, more)

        before, after = made.function.as_shown(made.scalar)
        found = sql(f"{before}(", made.function.sql(made, writer, read, inner), f"){after}")
        # The value stands first in every comparison, and so do its parameters.
        compared = self.operator.write(found.text, self.value)
        return Sql(compared.text, (*found.parameters, *compared.parameters))

    @property
    def may_be_unknown(self) -> bool:
        return self.key.made.function.is_null_of_nothing


def compare_made(used: Filter, given: Any) -> Condition:
    """How an aggregate compares to the coerced value of an argument."""
    key, operator = used.column, used.operator
    assert isinstance(key, MadeKey)
    function = key.made.function
    has_value: Condition = Constant(holds=True)
    if function.is_null_of_nothing:
        has_value = Related(key.over, _of(key, used, Operator.IS_NULL, False))
    if operator is Operator.IS_NULL:
        return Not(has_value) if given else has_value
    if function.picks:
        return _picked(key, used, given, has_value)
    value = operator.parameter(given, lambda each: parameter_of(key, each))
    if value not in (None, ()):
        return ValueTest(key, operator, value)
    return NEVER if operator.opposite is None else has_value


def _of(key: MadeKey, used: Filter, operator: Operator, given: Any) -> Condition:
    """A comparison of the column that the aggregate is made of."""
    assert key.made.column is not None
    return compare(Filter(used.argument, key.made.column, operator), given)


def _picked(key: MadeKey, used: Filter, given: Any, has_value: Condition) -> Condition:
    """The least or the greatest value, by the rows that have such a value or one beyond it."""
    beyond = Operator.GREATER if key.made.function.direction else Operator.LESS
    or_equal = {
        Operator.GREATER: Operator.GREATER_OR_EQUAL,
        Operator.LESS: Operator.LESS_OR_EQUAL,
    }

    def some(operator: Operator, value: Any) -> Condition:
        return Related(key.over, _of(key, used, operator, value))

    def equal(value: Any) -> Condition:
        return And((some(Operator.EQUAL, value), Not(some(beyond, value))))

    match used.operator:
        case Operator.EQUAL:
            return equal(given)
        case Operator.NOT_EQUAL:
            return And((has_value, Not(equal(given))))
        case Operator.IN | Operator.NOT_IN:
            each = Or(tuple([equal(value) for value in given if value is not None]))
            return each if used.operator is Operator.IN else And((has_value, Not(each)))
    if used.operator in (beyond, or_equal[beyond]):
        return some(used.operator, given)
    strict = used.operator in or_equal
    return And((has_value, Not(some(or_equal[beyond] if strict else beyond, given))))
