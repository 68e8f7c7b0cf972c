"""Tables, columns and keys: do they exist, with a fitting type and nullability?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import NULL, Live, Seen
from handler.compiler.comparison import compare
from handler.compiler.tables import Tables
from handler.language.schema import Origin
from handler.model.column import Column, ColumnRef
from handler.model.conditions import And
from handler.model.tables import ClaimRule, Table
from handler.scalars import COLUMNS, scalar_of
from handler.sql.statement import Sql
from handler.sql.stored_type import WHOLE_NUMBERS


async def check_table(table: Table, live: Live) -> AsyncIterator[Finding]:
    """The table of a type, its columns, and what its row rules compare."""
    found = live.tables.get(table.name)
    if found is None:
        names = ", ".join(sorted(live.tables)) or "none"
        yield Finding(
            kind=Kind.MISSING,
            about=table.type_name,
            message=f"type {table.type_name} is read from table {table.name!r}, which does not "
            f"exist{live.sight.or_hidden(table.name)} (there are: {names}); "
            f"add a migration, or name another with @table(name: ...)",
            origin=table.origin,
            table=table.name,
        )
        return
    for field in table.of_kind(Column).values():
        async for each in _column(table, field, found, live):
            yield each
    for rule in table.row_rules:
        if isinstance(rule, ClaimRule):
            for told in _claimed(table, rule, found):
                yield told


async def _column(
    table: Table, column: Column, found: LiveTable, live: Live
) -> AsyncIterator[Finding]:
    name = f"{table.type_name}.{column.field}"
    for part in column.parts:
        if isinstance(part, ColumnRef) and part.name not in found.columns:
            yield Finding(
                kind=Kind.MISSING,
                about=name,
                message=f"{name} is read from {lacking(part.name, found, live)}",
                origin=column.origin,
                table=table.name,
            )
            return
    if column.stored_name is None:
        return
    stored = found.columns[column.stored_name]
    scalar = COLUMNS[column.scalar]
    if not scalar.takes(stored.data_type, stored.column_type):
        best = scalar_of(stored.column_type)
        instead = f"make it {best.name}" if best else "make it an @expression with what you mean"
        yield Finding(
            kind=Kind.TYPE,
            about=name,
            message=f"{name} is a {column.scalar}, but {found.name}.{stored.name} is "
            f"{stored.column_type}, and a {column.scalar} needs "
            f"{', '.join(sorted(scalar.fits))}; {instead}",
            origin=column.origin,
            table=table.name,
        )
    if not column.is_nullable and stored.is_nullable:
        async for each in check_null(name, name, table, found, stored, column.origin, live):
            yield each
    is_number = stored.data_type in WHOLE_NUMBERS
    if column.scalar == "ID" and is_number != column.is_integer:
        wanted = "write @column(integer: true)" if is_number else "take integer: true away"
        yield Finding(
            kind=Kind.TYPE,
            about=f"{name} (integer)",
            message=f"{name} is an ID over {stored.column_type}: {wanted}, so that a text is "
            f"compared as what it is",
            origin=column.origin,
            table=table.name,
        )


async def check_null(
    name: str,
    about: str,
    table: Table,
    found: LiveTable,
    column: LiveColumn,
    origin: Origin,
    live: Live,
) -> AsyncIterator[Finding]:
    """A field that must not be null over a column that may be.

    A view says of every computed column that it may be NULL, and in a table whose rows are of
    several types a column may be NULL in those of others: so the rows have to tell.
    """
    seen = await live.look(found, column.name, NULL, among=rows_of(table, found))
    is_bound = found.is_view or bool(table.conditions)  # to be NULL in rows of other types
    unseen = Severity.NOTE if is_bound else Severity.WARNING
    if not (is_bound and seen is Seen.NONE):
        mend = "" if is_bound else ", or make the column NOT NULL"
        yield Finding(
            kind=Kind.NULL,
            about=about,
            message=f"{name} must not be null, but {found.name}.{column.name} may be NULL "
            f"({seen.value}); take the ! away{mend}",
            origin=origin,
            severity=Severity.ERROR if seen is Seen.SOME else unseen,
            table=found.name,
        )


def rows_of(table: Table, found: LiveTable) -> Sql | None:
    """Which rows of the table ``s`` are of the type, if not all are."""
    conditions = [
        compare(each.filter, each.value)
        for each in table.conditions
        if found.columns.keys() >= set(each.filter.column.columns)
    ]
    return And(tuple(conditions)).sql(Tables({}), "s") if conditions else None


def _claimed(table: Table, rule: ClaimRule, found: LiveTable) -> Iterator[Finding]:
    """A column whose bytes are not the letters of a claim: no row would be visible."""
    stored = found.columns.get(rule.column.stored_name or "")
    if stored is None:
        return  # said already
    is_text = stored.data_type in ("char", "varchar") and (stored.collation or "").startswith(
        ("utf8", "ascii")
    )
    if not is_text and stored.data_type not in WHOLE_NUMBERS - {"bit", "year"}:
        yield Finding(
            kind=Kind.RULE,
            about=f"{table.type_name} by claim {rule.claim}",
            message=f"rows of {table.type_name} are visible by {found.name}.{stored.name}, which "
            f"is {described(stored)}; a claim is compared with CHAR or VARCHAR in utf8mb4, or with "
            f"whole numbers",
            origin=rule.origin,
            table=table.name,
        )


def lacking(column: str, table: LiveTable, live: Live) -> str:
    """A column that is not there, perhaps only for who asks, and those that are."""
    return (
        f"column {column!r}, which {table.name!r} does not have{live.sight.or_hidden(table.name)}; "
        f"it has {', '.join(table.columns)}"
    )


def described(column: LiveColumn) -> str:
    """Type and collation."""
    return f"{column.column_type} {column.collation}" if column.collation else column.column_type
