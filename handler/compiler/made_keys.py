"""Aggregates that rows are sorted or chosen by, and relevance as a key of an order: their places in
statements, and conditions over them."""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import asdict, replace

from handler.compiler.visible import Visibility, VisiblePath, VisibleRows
from handler.model.column import Column
from handler.model.conditions import Condition, Filter, Null, StoredTest
from handler.model.search import Relevance
from handler.model.sort_keys import AggregateKey
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue, sql


class MadeKey(AggregateKey, frozen=True, kw_only=True):
    """An aggregate in a plan, over the rows that the caller sees."""

    over: VisiblePath
    presence: str = ""  # of a far row: a column that has a value where the row is there

    def all_read(self) -> list[VisibleRows]:
        """The rows that it reads."""
        return list(self.over.all_read())


def seen(used: Filter, visibility: Visibility) -> Filter:
    """The same comparison; one of an aggregate over the rows that a caller sees."""
    key = used.column
    if not isinstance(key, AggregateKey) or isinstance(key, MadeKey):
        return used
    return replace(used, column=MadeKey(**asdict(key), over=visibility.path(key.made.plain)))


class KeyWriter(Protocol):
    """Who writes a statement: see ``orders.py``."""

    def made(self, key: MadeKey | Relevance, alias: str) -> Sql:
        """The value, as what is sorted by."""

    def place(self, key: MadeKey | Relevance, part: SqlValue) -> Sql:
        """The value of the row at which a page begins; ``part``: as its cursor has it."""


class MadeTest(Condition, frozen=True):
    """An aggregate compares to a value. NULL compares to nothing."""

    column: MadeKey | Relevance
    operator: Operator
    value: SqlValue

    def sql(self, writer: KeyWriter, alias: str) -> Sql:
        made = writer.made(self.column, alias)
        return sql(made, f" {self.operator.value} ", writer.place(self.column, self.value))


class MadeNull(Condition, frozen=True):
    """An aggregate is NULL, or is not."""

    column: MadeKey | Relevance
    is_null: bool = True

    def sql(self, writer: KeyWriter, alias: str) -> Sql:
        word = " IS NULL" if self.is_null else " IS NOT NULL"
        return sql(writer.made(self.column, alias), word)

    @property
    def can_match(self) -> bool:
        return self.column.is_nullable or not self.is_null


def test_of(column: Column, operator: Operator, part: SqlValue) -> Condition:
    """A key of an order compares to what is sorted by."""
    if isinstance(column, MadeKey | Relevance):
        return MadeTest(column, operator, part)
    return StoredTest(column, operator, part)


def null_of(column: Column, *, is_null: bool = True) -> Condition:
    """A key of an order is NULL, or is not."""
    if isinstance(column, MadeKey | Relevance):
        return MadeNull(column, is_null)
    return Null(column, is_null=is_null)
