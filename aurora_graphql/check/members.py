"""Interfaces and unions over one table: does the column exist that says of which type a row is?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from aurora_graphql.check.columns import lacking
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.live import Live
from handler.model.tables import Table


def with_own_fields(table: Table) -> Table:
    """A member without the fields that are those of its interface, where they are looked at."""
    if not table.taken:
        return table
    own = {name: field for name, field in table.fields.items() if name not in table.taken}
    return replace(table, fields=own)


def check_members(table: Table, live: Live) -> Iterator[Finding]:
    """Of the interface or union, for all of its members."""
    found = live.tables.get(table.name)
    if not table.kinds or table.members is None or found is None:
        return  # said already
    column = table.members.column.field
    if column not in found.columns:
        yield Finding(
            kind=Kind.MISSING,
            about=f"{table.type_name} (discriminator)",
            message=f"the rows of {table.type_name} are told apart by "
            f"{lacking(column, found, live)}",
            origin=table.origin,
            table=table.name,
        )
