"""Tables, columns and keys: do they exist, with a fitting type and nullability?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.sight import Sight
from handler.model.column import Column, ColumnRef
from handler.model.tables import ClaimRule, Table
from handler.scalars import COLUMNS, scalar_of
from handler.sql.names import quote
from handler.sql.stored_type import WHOLE_NUMBERS


def check_table(table: Table, live: Mapping[str, LiveTable], sight: Sight) -> Iterator[Finding]:
    """The table of a type, its columns, and that its keys are unique."""
    found = live.get(table.name)
    if found is None:
        names = ", ".join(sorted(live)) or "none"
        yield Finding(
            Kind.MISSING,
            f"type {table.type_name} is read from table {table.name!r}, which does not exist"
            f"{sight.or_hidden(table.name)} (there are: {names}); "
            f"add a migration, or name another with @table(name: ...)",
            table.origin,
        )
        return
    for field in table.fields.values():
        if isinstance(field, Column):
            yield from _column(table, field, found, sight)
    for rule in table.row_rules:
        if isinstance(rule, ClaimRule):
            yield from _claimed(table, rule, found)
    for key in table.unique_keys:
        is_unique = any(
            index.is_unique and {column.name for column in index.columns} <= set(key)
            for index in found.indexes
        )
        if not is_unique and all(name in found.columns for name in key):
            listed = ", ".join(map(quote, key))
            name = quote(f"{table.name}_{'_'.join(key)}_unique")
            yield Finding(
                Kind.KEY,
                f"the key ({', '.join(key)}) of {table.type_name} is not unique in {table.name!r}",
                table.origin,
                f"CREATE UNIQUE INDEX {name} ON {quote(table.name)} ({listed});",
            )


def _column(table: Table, column: Column, found: LiveTable, sight: Sight) -> Iterator[Finding]:
    name = f"{table.type_name}.{column.field}"
    for part in column.parts:
        if isinstance(part, ColumnRef) and part.name not in found.columns:
            yield Finding(
                Kind.MISSING,
                f"{name} is read from column {part.name!r}, which {found.name!r} does not have"
                f"{sight.or_hidden(table.name)}; it has {', '.join(found.columns)}",
                column.origin,
            )
            return
    if column.stored_name is None:
        return
    live = found.columns[column.stored_name]
    scalar = COLUMNS[column.scalar]
    if not scalar.takes(live.data_type, live.column_type):
        best = scalar_of(live.column_type)
        yield Finding(
            Kind.TYPE,
            f"{name} is a {column.scalar}, but {found.name}.{live.name} is {live.column_type}, and "
            f"a {column.scalar} needs {', '.join(sorted(scalar.fits))}; "
            + (f"make it {best.name}" if best else "make it an @expression with what you mean"),
            column.origin,
        )
    if not column.is_nullable and live.is_nullable:
        yield Finding(
            Kind.NULL,
            f"{name} must not be null, but {found.name}.{live.name} may be NULL; "
            f"take the ! away, or make the column NOT NULL",
            column.origin,
        )
    is_number = live.data_type in WHOLE_NUMBERS
    if column.scalar == "ID" and is_number != column.is_integer:
        wanted = "write @column(integer: true)" if is_number else "take integer: true away"
        yield Finding(
            Kind.TYPE,
            f"{name} is an ID over {live.column_type}: {wanted}, so that a text is compared as "
            f"what it is",
            column.origin,
        )


def _claimed(table: Table, rule: ClaimRule, found: LiveTable) -> Iterator[Finding]:
    """A column whose bytes are not the letters of a claim: no row would be visible."""
    live = found.columns.get(rule.column.stored_name or "")
    if live is None:
        return  # said already
    is_text = live.data_type in ("char", "varchar") and (live.collation or "").startswith(
        ("utf8", "ascii")
    )
    if not is_text and live.data_type not in WHOLE_NUMBERS - {"bit", "year"}:
        yield Finding(
            Kind.RULE,
            f"rows of {table.type_name} are visible by {found.name}.{live.name}, which is "
            f"{described(live)}; a claim is compared with CHAR or VARCHAR in utf8mb4, or with "
            f"whole numbers",
            rule.origin,
        )


def described(column: LiveColumn) -> str:
    """Type and collation."""
    return f"{column.column_type} {column.collation}" if column.collation else column.column_type
