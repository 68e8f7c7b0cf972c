"""``@where``: conditions that hold for all rows of a type, or of a field over rows.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from msgspec.structs import replace

from handler.errors import InputError, SchemaError
from handler.language.schema import AppliedDirective, Element, Origin, Schema, schema_error
from handler.model.column import Column, ColumnRef, of_edge
from handler.model.conditions import Filter, Where
from handler.model.relations import Path, ToOne
from handler.model.tables import Table, conditions_of
from handler.scalars import COLUMNS, INTEGER_ID, SCALARS, item_of
from handler.scalars.scalar import describe
from handler.sql.operators import Operator

DIRECTIVE: Final = "where"
# What a literal is compared as where no field says what the column holds.
_KINDS: Final[Mapping[type, str]] = {
    bool: "Boolean",
    str: "String",
    float: "Decimal",
    int: "BigInt",
}


def read_where(
    element: Element,
    what: str,
    columns: Mapping[str, Column],
    table: str,
    link: str = "",
) -> tuple[Where, ...]:
    """What is said of a type or of a field, which messages call ``what``.

    ``columns``: of the rows, and of the link table by which they are reached as orders call them;
    ``table`` and ``link``: the names of the two tables.
    """
    return tuple(
        _Reader(used, what, columns, table, link).read()
        for used in element.directives
        if used.name == DIRECTIVE
    )


def refuse_where(element: Element, what: str) -> None:
    """Refuse it where no rows are read."""
    used = element.directive(DIRECTIVE)
    if used is not None:
        raise _refused(
            used.origin,
            f"{what}: @{DIRECTIVE} is for a type whose rows are read from a table, for a relation, "
            f"or for a field of the query type over rows; take it away",
        )


def constrained(path: Path, conditions: Sequence[Where]) -> Path:
    """The path with more conditions of its last rows and of those of its link table."""
    hops = list(path.hops)
    for at in {0, len(hops) - 1}:
        of_link = at < len(hops) - 1
        own = [_bare(each) for each in conditions if bool(each.filter.column.link) is of_link]
        hops[at] = replace(hops[at], conditions=(*hops[at].conditions, *own))
    return replace(path, hops=tuple(hops)) if conditions else path


def _bare(found: Where) -> Where:
    """The same, as a condition of the link table's own rows."""
    if not found.filter.column.link:
        return found
    column = replace(found.filter.column, link="")
    return replace(found, filter=replace(found.filter, column=column))


class _Reader:
    """Reads one ``@where``."""

    def __init__(
        self,
        used: AppliedDirective,
        what: str,
        columns: Mapping[str, Column],
        table: str,
        link: str,
    ) -> None:
        self.used = used
        self.what = f"{what}: @{DIRECTIVE}"
        self.columns = columns
        self.table = table
        self.link = link
        self.operator = Operator[used.arguments["operator"]]

    def read(self) -> Where:
        column = self._column()
        name = column.field
        objection = COLUMNS[column.scalar].objection(self.operator)
        if objection:
            raise self._refused(f"{name} is {column.scalar}, {objection}")
        given = self.used.arguments["value"]
        if self.operator.takes_list != isinstance(given, list):
            raise self._refused(
                "IN and NOT_IN take a list of values, all other operators one value; found "
                f"{describe(given)} for {self.operator.name}"
            )
        if self.operator is Operator.IS_NULL:
            if not column.is_nullable:
                raise self._refused(f"{name} is never null; take the ! away there, or this here")
            found = self._parsed("Boolean", given)
        elif isinstance(given, list):
            found = tuple([self._value(column, each) for each in given])
            if not found:
                raise self._refused("an empty list has no value; name some, or take it away")
        else:
            found = self._value(column, given)
        return Where(Filter("", column, self.operator), found, self.used.origin)

    def _column(self) -> Column:
        field, name = (self.used.arguments.get(each) for each in ("field", "column"))
        if field is not None and name is None:
            column = self.columns.get(field)
            if column is None:
                raise self._refused(
                    f"{field!r} is no field of the rows that is a single value; there are: "
                    f"{', '.join(self.columns)}; a column that no field shows is named by column:"
                )
            return column
        if field is not None or name is None:
            raise self._refused(
                'write either a field, such as (field: "deletedAt", operator: IS_NULL, value: '
                'true), or a column that no field shows, such as (column: "post_type", value: '
                '"page")'
            )
        bare = of_edge(name) if self.link else name
        table = self.table if bare == name else self.link
        if not bare.strip():
            raise self._refused("the column has no name")
        for column in self.columns.values():
            if column.stored_name == bare and column.table == table:
                return column
        return Column(
            field=name,
            scalar=self._kind(),
            is_nullable=True,
            parts=(ColumnRef(bare),),
            origin=self.used.origin,
            table=table,
            link="" if bare == name else table,
        )

    def _kind(self) -> str:
        """What a column that no field shows is taken for, by the value."""
        given = self.used.arguments["value"]
        kinds = {type(each) for each in (given if isinstance(given, list) else [given])}
        if kinds == {int, float}:
            kinds = {float}
        kind = _KINDS.get(next(iter(kinds), str)) if len(kinds) < 2 else None
        if kind is None:
            raise self._refused(
                f"{describe(given)} is no value of a column; write a text, a number, true or "
                f"false, or a list of one of these kinds"
            )
        return "String" if self.operator is Operator.IS_NULL else kind

    def _value(self, column: Column, given: object) -> object:
        labels = column.enum_values
        if labels is not None:
            if not isinstance(given, str) or given not in labels:
                raise self._refused(
                    f"{column.field} has no value {describe(given)}; there are: {', '.join(labels)}"
                )
            return given
        found = self._parsed(item_of(column.scalar), given)
        if column.is_integer and INTEGER_ID.parameter(found) is None:
            raise self._refused(
                f"{column.field} holds whole numbers, and {describe(given)} is none"
            )
        return found

    def _parsed(self, scalar: str, given: object) -> Any:
        try:
            if given is None:
                raise InputError("null equals nothing: say operator: IS_NULL, value: true")
            return SCALARS[scalar].parse(given)
        except InputError as error:
            raise self._refused(error.message) from None

    def _refused(self, message: str) -> SchemaError:
        return _refused(self.used.origin, f"{self.what}: {message}")


def _refused(origin: Origin, message: str) -> SchemaError:
    return SchemaError(message, file=origin.file, location=origin.location)


def refuse_opposites(what: str, found: Sequence[Where], always: Sequence[Where]) -> None:
    """Refuse two values of one column, which no row has.

    ``what``: as for ``read_where``; ``always``: what holds for these rows beside ``found``.
    """
    known: dict[tuple[str, str, str], Where] = {}
    for each in (*always, *found):
        column = each.filter.column
        if each.fixed is None:
            continue
        other = known.setdefault((column.table, each.fixed, column.scalar), each)
        if other.value != each.value:
            raise _refused(
                each.origin,
                f"{what}: @{DIRECTIVE}: no row fulfils both {other} and {each}; for rows of either "
                f"write one with operator: IN",
            )


def fixed_columns(conditions: Iterable[Where]) -> set[str]:
    """The stored columns that have one value in all rows."""
    return {name for each in conditions if (name := each.fixed)}


# ------------------------------------------------------------------------- what may be lost


def refuse_lost_rows(
    schema: Schema, tables: Mapping[str, Table], links: Mapping[str, Table]
) -> None:
    """Fields that must not be null, where a condition may hide the row that they lead to."""
    for table in tables.values():
        for field in table.of_kind(ToOne).values():
            if field.is_nullable:
                continue
            for hop in field.path.hops:
                alternatives = conditions_of(tables, links, hop.target)
                shared = alternatives[0] if len(alternatives) == 1 else ()
                hiding = [*hop.conditions, *shared]
                lost = [each for each in hiding if not _implies(table, field, each)]
                if len(alternatives) > 1:
                    lost += chain.from_iterable(alternatives)
                if lost:
                    raise schema_error(
                        schema.rows_type(table.type_name).fields[field.field],
                        f"{table.type_name}.{field.field} must not be null, but the "
                        f"{field.target} that it leads to may be one that @{DIRECTIVE} hides "
                        f"({lost[0]}); take the ! away",
                    )


def _implies(table: Table, field: ToOne, hidden: Where) -> bool:
    """Whether every row of a table leads to one for which the condition holds."""
    hop = field.path.first
    pairs = set(zip(hop.columns, hop.references, strict=True))
    return len(field.path.hops) == 1 and any(
        (own.filter.column.stored_name, hidden.filter.column.stored_name) in pairs
        and (own.filter.operator, own.value) == (hidden.filter.operator, hidden.value)
        for own in table.conditions
    )
