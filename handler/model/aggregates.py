"""``@count``, ``@sum``, ``@min``, ``@max``, ``@avg``: one value of many rows.

A new one is a class here, its object in ``FUNCTIONS`` and its directive in ``directives.graphql``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.column import Column
from handler.model.conditions import Filter, FilterArgument, RealDate, Writer, shown_value
from handler.model.field import AbstractStruct, ModelField
from handler.model.relations import Path
from handler.scalars import COLUMNS
from handler.scalars.single import all_digits
from handler.sql.statement import Sql, sql

if TYPE_CHECKING:
    from handler.model.tables import Table


ROWS: Final = "r"  # the alias of the rows at the relation's end
NUMBERS: Final = "an Int, BigInt, Float or Decimal"
ORDERED: Final = "a value that has an order"

# FROM and WHERE of the rows that a value is made of, with more conditions.
ReadRows: TypeAlias = Callable[[Sequence[Sql]], Sql]


class Function(Struct, frozen=True, metaclass=AbstractStruct):
    """What is made of the rows. A kind of it overrides what is different there."""

    directive: ClassVar[str]
    word: ClassVar[str]  # what the printed plan and messages call it
    made_of: ClassVar[str] = NUMBERS  # the fields that it can be made of, for messages
    is_null_of_nothing: ClassVar[bool] = True  # where there are no rows, or only nulls
    by: ClassVar[str] = "field"  # the argument that names this field
    grows: ClassVar[bool] = False  # may be beyond each of the values that it is made of
    picks: ClassVar[bool] = False  # is one of the values, and read as these are
    direction: ClassVar[str] = ""  # of the order in which what it picks is the first

    @abstractmethod
    def of(self, values: str, scalar: str) -> str:
        """The SQL over all rows. ``values``: of a column, empty without one; ``scalar``: the
        field's."""

    def of_rows(self, made: Aggregate, writer: Writer, alias: str = ROWS) -> str | None:
        """The SQL over rows with this alias, of which others may be made, too; None where it takes
        an order or conditions of its own."""
        column = made.column
        if column is None:
            return self.of("", made.scalar)
        return None if column.zero_is_null else self.of(writer.column(column, alias), made.scalar)

    def sql(self, made: Aggregate, writer: Writer, read: ReadRows, alias: str = ROWS) -> Sql:
        """The statement that gives the value. ``alias``: of the rows that are read."""
        value = self.of_rows(made, writer, alias)
        if value is not None:
            return sql(f"SELECT {value}", read([]))
        assert made.column is not None
        found = read([RealDate(made.column).sql(writer, alias)])
        return sql(f"SELECT {self.of(writer.column(made.column, alias), made.scalar)}", found)

    def as_shown(self, scalar: str) -> tuple[str, str]:
        """What to write around the SQL, so that it compares as the value that is sent."""
        return "", ""

    def takes(self, column: Column) -> bool:
        """Whether it can be made of this column's values."""
        return COLUMNS[column.scalar].can_be_summed

    def unfit(self, scalar: str, column: Column | None) -> str:
        """What the field should be instead of this scalar; empty if that fits."""
        return "" if COLUMNS[scalar].can_be_summed else NUMBERS


class Count(Function, frozen=True):
    """How many rows there are, or how many different values a column has in them."""

    directive = word = "count"
    made_of = ORDERED
    is_null_of_nothing = False
    by = "distinct"

    def of(self, values: str, scalar: str) -> str:
        return f"COUNT(DISTINCT {values})" if values else "COUNT(*)"

    def takes(self, column: Column) -> bool:
        return _has_order(column)


class Sum(Function, frozen=True):
    """The values of all rows together; zero without any."""

    directive = word = "sum"
    is_null_of_nothing = False
    grows = True

    def of(self, values: str, scalar: str) -> str:
        return f"COALESCE(SUM({values}), 0)"


class Average(Function, frozen=True):
    """The sum of the values divided by their number: exact as a Decimal, with four digits more
    than the column has, or as near as a Float comes."""

    directive = "avg"
    word = "average"

    def of(self, values: str, scalar: str) -> str:
        return f"AVG({values} + 0E0)" if scalar == "Float" else f"AVG({values})"

    def as_shown(self, scalar: str) -> tuple[str, str]:
        # The servers send 3.3333 for 10/3, and compare more digits.
        return ("CAST(CONCAT(", ") AS DECIMAL(65, 30))") if scalar == "Decimal" else ("", "")

    def unfit(self, scalar: str, column: Column | None) -> str:
        if column is not None and column.scalar == "Float":
            return "" if scalar == "Float" else "a Float"
        return "" if scalar in ("Float", "Decimal") else "a Float or a Decimal"


def _has_order(column: Column) -> bool:
    scalar = COLUMNS[column.scalar]
    return scalar.has_order and not scalar.has_members


# MIN and MAX take labels as texts, and of the others they are not sent as the columns are:
# MariaDB calls the text of a number a BIT.
_ORDERED = frozenset(("enum", "set", "bit", "float"))


class _Extreme(Function, frozen=True):
    """The first or the last of the values, in the order that lists by this column have."""

    made_of = ORDERED
    picks = True

    def of(self, values: str, scalar: str) -> str:
        return f"{self.directive.upper()}({values})"

    def of_rows(self, made: Aggregate, writer: Writer, alias: str = ROWS) -> str | None:
        is_plain = self._sorted_as(made, writer) is None
        return super().of_rows(made, writer, alias) if is_plain else None

    def sql(self, made: Aggregate, writer: Writer, read: ReadRows, alias: str = ROWS) -> Sql:
        data_type = self._sorted_as(made, writer)
        if data_type is None:
            return super().sql(made, writer, read, alias)
        assert made.column is not None
        values = writer.column(made.column, alias)
        shown = {"float": all_digits(values), "bit": f"{values} + 0"}.get(data_type, values)
        found = read([shown_value(made.column).sql(writer, alias)])
        return sql(f"SELECT {shown}", found, f" ORDER BY {values}{self.direction} LIMIT 1")

    def _sorted_as(self, made: Aggregate, writer: Writer) -> str | None:
        """The type of the column, if the first of the sorted rows gives the value."""
        assert made.column is not None
        stored = writer.storage.of(made.column)
        return stored.data_type if stored is not None and stored.data_type in _ORDERED else None

    def takes(self, column: Column) -> bool:
        return _has_order(column)

    def unfit(self, scalar: str, column: Column | None) -> str:
        return "" if column is None or scalar == column.scalar else f"of the type {column.scalar}"


class Min(_Extreme, frozen=True):
    """The least of the values."""

    directive = "min"
    word = "least"


class Max(_Extreme, frozen=True):
    """The greatest of the values."""

    directive = "max"
    word = "greatest"
    direction = " DESC"


FUNCTIONS: Final[Mapping[str, Function]] = {
    each.directive: each for each in (Count(), Sum(), Min(), Max(), Average())
}


class Step(Struct, frozen=True):
    """A field that leads on from rows of its type, or from the root, to other rows."""

    owner: str
    field: str
    target: str


class Aggregate(ModelField, frozen=True):
    """A value over the rows to which fields lead, one after the other, from its own row or from the
    root. A row counts as often as it is reached."""

    field: str
    scalar: str
    is_nullable: bool
    function: Function
    way: tuple[Step, ...]
    # The same as hops, of the rows that these fields show; of the root the first has no columns.
    path: Path
    plain: Path  # of the rows that it is made of where no argument is given
    origin: Origin
    column: Column | None = None  # whose values they are, of the rows at the end
    filters: tuple[Filter, ...] = ()  # by arguments of its own
    inputs: tuple[FilterArgument, ...] = ()  # by arguments of its own

    @property
    def may_pass(self) -> bool:
        """Whether it may be a number that its type cannot hold, though each of the rows' can."""
        return self.function.grows and COLUMNS[self.scalar].passes("int", "int unsigned")

    @property
    def is_read_by_type(self) -> bool:
        """Whether its SQL depends on the type of a stored column."""
        column = self.column
        return self.function.picks and column is not None and column.stored_name is not None

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        yield from super().types_read(tables)
        for used in self.filters:
            for column in used.columns:
                yield from column.types_read(tables)

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        """Of the rows that the fields on its way show, and of the field that it is made of."""
        for step in self.way:
            yield step.owner, step.field
        if self.column is not None:
            yield self.column.place(self.target)
