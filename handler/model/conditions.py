"""Which rows: a tree of conditions over the columns of one table.

``And``, ``Or`` and ``Not`` stand over ``StoredTest`` and ``Null``, which know one column each, and
over leaves of the compiler's: filters with their values (``comparison``) and row rules
(``visible``). The places of pages (``keyset``) are made of them, too, so that SQL, columns and
parentheses are known in one room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.column import Column
from handler.scalars.scalar import describe
from handler.sql.operators import Given, Operator
from handler.sql.statement import Sql, join, sql


class Filter(Struct, frozen=True):
    """An argument that chooses rows. A null or absent argument chooses all."""

    argument: str
    column: Column
    operator: Operator
    is_always_given: bool = False  # the argument must not be null

    is_search = False  # of words in several columns: see ``search.py``
    is_id = False  # of a row's global id: see ``global_ids.py``

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns of whose values it tells."""
        return (self.column,)

    @property
    def needs_types(self) -> bool:
        """Whether the comparison depends on the type of the column in the database."""
        if self.operator.reads_text:
            return False
        column = self.column.held
        if column.is_placed_by_type and self.operator.is_range:
            return True  # labels sort by their places
        return column.is_compared_by_type


class FilterArgument(Struct, frozen=True):
    """An argument that chooses rows by an input object. A null or absent one chooses all."""

    argument: str
    input: str  # the name of its type; see ``filter_inputs.py``


class Where(Struct, frozen=True):
    """A filter whose value stands in the SDL: it holds for all rows of a type or of a field."""

    filter: Filter
    value: object  # as an argument would give it
    origin: Origin

    @property
    def fixed(self) -> str | None:
        """The stored column that has one and the same value in all rows, if it says so."""
        if self.filter.operator is not Operator.EQUAL:
            return None
        return self.filter.column.stored_name

    def __str__(self) -> str:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return f"{self.filter.column.field} {self.filter.operator.name} {describe(value)}"


class Writer(Protocol):
    """Who writes a statement: see ``handler/compiler/tables.py``."""

    storage: Any  # what the database says of the columns

    def column(self, column: Column, alias: str) -> str:
        """The text of a column of the table that has this alias."""


class Condition(Struct, frozen=True):
    """What a row fulfils or does not. A kind of it overrides what is different there.

    Every kind has ``sql``, to which a test holds it: an abstract method would make every condition
    of a request take longer to make.
    """

    def sql(self, writer: Any, alias: str) -> Sql:
        """As a part of a WHERE, in parentheses where it needs them beside an AND.

        ``writer``: a ``Writer``; ``alias``: of the table that has the columns.
        """
        raise NotImplementedError

    @property
    def can_match(self) -> bool:
        """Whether some row may fulfil it, as far as that is known without the database."""
        return True

    @property
    def may_be_unknown(self) -> bool:
        """Whether SQL may find it neither true nor false, because something is NULL."""
        return True

    def leaves(self) -> Iterator[Condition]:
        """The conditions that are not made of others."""
        yield self

    def columns(self) -> Iterator[Column]:
        """The columns that decide, some perhaps more than once."""
        for leaf in self.leaves():
            if leaf is not self:
                yield from leaf.columns()


class Constant(Condition, frozen=True):
    """What holds for all rows, or for none."""

    holds: bool

    def sql(self, writer: Any, alias: str) -> Sql:
        return Sql("TRUE" if self.holds else "FALSE")

    @property
    def can_match(self) -> bool:
        return self.holds

    @property
    def may_be_unknown(self) -> bool:
        return False


NEVER = Constant(holds=False)


class StoredTest(Condition, frozen=True):
    """What is stored in a column compares to a value. NULL compares to nothing."""

    column: Column
    operator: Operator
    value: Given

    def sql(self, writer: Writer, alias: str) -> Sql:
        return self.operator.write(writer.column(self.column, alias), self.value)

    @property
    def can_match(self) -> bool:
        return self.value is not None and self.value != ()

    def columns(self) -> Iterator[Column]:
        yield self.column


class Null(Condition, frozen=True):
    """A column is NULL, or is not."""

    column: Column
    is_null: bool = True

    def sql(self, writer: Writer, alias: str) -> Sql:
        name = writer.column(self.column, alias)
        if self.is_null and self.column.zero_is_null:
            # Of a DATE or DATETIME that is NOT NULL both servers find 0000-00-00 by IS NULL.
            # Source: https://dev.mysql.com/doc/refman/8.4/en/comparison-operators.html
            return Sql(f"{name} <=> NULL")
        return Sql(f"{name} IS NULL" if self.is_null else f"{name} IS NOT NULL")

    @property
    def can_match(self) -> bool:
        return self.column.is_nullable or not self.is_null

    @property
    def may_be_unknown(self) -> bool:
        return False

    def columns(self) -> Iterator[Column]:
        yield self.column


class RealDate(Condition, frozen=True):
    """A date that is one: what is shown as null is neither before nor after anything."""

    column: Column

    def sql(self, writer: Writer, alias: str) -> Sql:
        name = writer.column(self.column, alias)
        parts = ("YEAR", "MONTH", "DAYOFMONTH")
        return Sql(" AND ".join([f"{part}({name}) <> 0" for part in parts]))


class _Several(Condition, frozen=True):
    parts: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def may_be_unknown(self) -> bool:
        return any(part.may_be_unknown for part in self.parts)

    def leaves(self) -> Iterator[Condition]:
        for part in self.parts:
            yield from part.leaves()


class And(_Several, frozen=True):
    """All of its parts hold; without any, every row fulfils it."""

    def sql(self, writer: Any, alias: str) -> Sql:
        if not self.parts:
            return Sql("TRUE")
        return join(" AND ", [part.sql(writer, alias) for part in self.parts])

    @property
    def can_match(self) -> bool:
        for part in self.parts:  # noqa: SIM110  # each request asks, of few parts
            if not part.can_match:
                return False
        return True


class Or(_Several, frozen=True):
    """One of its parts holds; without any, no row fulfils it."""

    def sql(self, writer: Any, alias: str) -> Sql:
        parts: Sequence[Condition] = self.parts or (NEVER,)
        return sql("(", join(" OR ", [part.sql(writer, alias) for part in parts]), ")")

    @property
    def can_match(self) -> bool:
        return any(part.can_match for part in self.parts)


class Not(Condition, frozen=True):
    """Its part does not hold; where that compares with NULL it does not, and so this does."""

    part: Condition

    def sql(self, writer: Any, alias: str) -> Sql:
        inner = self.part.sql(writer, alias)
        if not isinstance(self.part, Or):
            inner = sql("(", inner, ")")
        return sql(inner, " IS NOT TRUE") if self.part.may_be_unknown else sql("NOT ", inner)

    @property
    def can_match(self) -> bool:
        return self.part != And() and self.part != Constant(holds=True)

    @property
    def may_be_unknown(self) -> bool:
        return False

    def leaves(self) -> Iterator[Condition]:
        yield from self.part.leaves()


def shown_value(column: Column, *, is_shown: bool = True) -> Condition:
    """Whether the column has a value to show."""
    if column.zero_is_null:
        real = RealDate(column)
        return real if is_shown else Not(real)
    return Null(column, is_null=not is_shown)
