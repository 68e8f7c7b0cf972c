"""``@count``, ``@sum``, ``@min``, ``@max``, ``@avg``: one value of the rows of a relation.

A new one is a class here, its object in ``FUNCTIONS`` and its directive in ``directives.graphql``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from msgspec import Struct

from handler.language.schema import (
    AppliedDirective,
    FieldDef,
    ListOf,
    ObjectType,
    Origin,
    is_nullable,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column
from handler.model.conditions import Filter, FilterArgument, RealDate, Writer, shown_value
from handler.model.field import AbstractStruct, ModelField
from handler.model.lists import PAGE_ARGUMENTS
from handler.model.relations import Path, ToMany
from handler.scalars import COLUMNS
from handler.scalars.single import all_digits
from handler.sql.statement import Sql, sql

if TYPE_CHECKING:
    from handler.model.builder import Builder
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

    @abstractmethod
    def of(self, values: str, scalar: str) -> str:
        """The SQL over all rows. ``values``: of a column, empty without one; ``scalar``: the
        field's."""

    def sql(self, made: Aggregate, writer: Writer, read: ReadRows) -> Sql:
        """The statement that gives the value."""
        column = made.column
        if column is None:
            return sql(f"SELECT {self.of('', made.scalar)}", read([]))
        real = [RealDate(column).sql(writer, ROWS)] if column.zero_is_null else []
        return sql(f"SELECT {self.of(writer.column(column, ROWS), made.scalar)}", read(real))

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
    direction: ClassVar[str] = ""

    def of(self, values: str, scalar: str) -> str:
        return f"{self.directive.upper()}({values})"

    def sql(self, made: Aggregate, writer: Writer, read: ReadRows) -> Sql:
        assert made.column is not None
        stored = writer.storage.of(made.column)
        values = writer.column(made.column, ROWS)
        if stored is None or stored.data_type not in _ORDERED:
            return Function.sql(self, made, writer, read)
        shown = {"float": all_digits(values), "bit": f"{values} + 0"}.get(stored.data_type, values)
        found = read([shown_value(made.column).sql(writer, ROWS)])
        return sql(f"SELECT {shown}", found, f" ORDER BY {values}{self.direction} LIMIT 1")

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


class Aggregate(ModelField, frozen=True):
    """A value over the rows of a relation of the same type."""

    field: str
    scalar: str
    is_nullable: bool
    function: Function
    relation: ToMany
    origin: Origin
    column: Column | None = None  # whose values they are, of the rows at the relation's end
    filters: tuple[Filter, ...] = ()  # by arguments of its own, and by defaults of the relation's
    inputs: tuple[FilterArgument, ...] = ()  # by arguments of its own

    @property
    def path(self) -> Path:
        return self.relation.path

    @property
    def may_pass(self) -> bool:
        """Whether it may be a number that its type cannot hold, though each of the rows' can."""
        return self.function.grows and COLUMNS[self.scalar].passes("int", "int unsigned")

    @property
    def is_read_by_type(self) -> bool:
        """Whether its SQL depends on the type of a stored column."""
        column = self.column
        return self.function.picks and column is not None and column.stored_name is not None

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        """Of the rows that the relation shows, and of the field that it is made of."""
        yield owner, self.relation.field
        if self.column is not None:
            yield self.column.place(self.target)


def read_aggregate(
    builder: Builder, owner: ObjectType, field_def: FieldDef, used: AppliedDirective
) -> Aggregate:
    """The field. Raises ``SchemaError`` for what cannot be made of those rows."""
    function, of = FUNCTIONS[used.name], used.arguments.get("of")
    what = f"{owner.name}.{field_def.name}: @{used.name}"
    if of is None:
        raise schema_error(
            field_def,
            f"{what} needs `of`, the field of {owner.name} that leads to the rows; without it, it "
            f"is for a type of groups, with @aggregate",
        )
    relation = builder.to_many(owner, of)
    if relation is None:
        raise schema_error(
            field_def,
            f"{what}(of: {of!r}) must name a field of {owner.name} that is a list or a connection "
            f"of rows",
        )
    filters, inputs = _choice(builder, owner, field_def, relation)
    column = None
    name = used.arguments.get(function.by)
    if name is not None:
        column = {**builder.columns[relation.target], **relation.rows.link_columns}.get(name)
        if column is None or not function.takes(column):
            raise schema_error(
                field_def,
                f"{what}({function.by}: {name!r}) must name a field of {relation.target} that is "
                f"{function.made_of}",
            )
    if isinstance(nullable(field_def.type), ListOf):
        raise schema_error(
            field_def, f"{what} gives one value, and {field_def.type} is a list; make it no list"
        )
    scalar = builder.schema.basis(named(field_def.type))
    unfit = function.unfit(scalar, column)
    if unfit:
        raise schema_error(
            field_def, f"{what} gives no {named(field_def.type)}; make the field {unfit}"
        )
    if function.is_null_of_nothing and not is_nullable(field_def.type):
        raise schema_error(
            field_def,
            f"{what} is null where there are no rows, and the field must not be; take the ! away",
        )
    return Aggregate(
        field_def.name,
        scalar,
        is_nullable(field_def.type),
        function,
        relation,
        field_def.origin,
        column,
        filters,
        inputs,
    )


def _choice(
    builder: Builder, owner: ObjectType, field_def: FieldDef, relation: ToMany
) -> tuple[tuple[Filter, ...], tuple[FilterArgument, ...]]:
    """What chooses the rows: arguments of its own, and the defaults of the relation's, so that it
    tells of the rows that the relation shows.

    An argument that the relation has, too, chooses as it does there.
    """
    lists = builder.lists
    target = builder.schema.object(relation.target)
    shown, links = owner.fields[relation.field], relation.rows.link_columns
    found, inputs = [], []
    for argument in field_def.arguments.values():
        if argument.name in PAGE_ARGUMENTS or lists.orders_rows(argument):
            raise schema_error(
                argument,
                f"{owner.name}.{field_def.name} is one value: it takes no {argument.name!r}, only "
                f"arguments that choose rows",
            )
        by_input = lists.filter_argument(shown, argument)
        if by_input is not None:
            inputs.append(by_input)
            continue
        like = shown.arguments.get(argument.name)
        found.append(lists.filter(field_def, argument, target, like, links))
    for argument in shown.arguments.values():
        if argument.name in PAGE_ARGUMENTS or argument.name in field_def.arguments:
            continue
        if lists.orders_rows(argument):
            continue
        if argument.is_required:
            raise schema_error(
                field_def,
                f"{owner.name}.{field_def.name}: {owner.name}.{shown.name} has the required "
                f"argument {argument.name!r}; give this field one of that name",
            )
        if argument.has_default:
            found.append(lists.filter(shown, argument, target, links=links))
    return tuple(found), tuple(inputs)
