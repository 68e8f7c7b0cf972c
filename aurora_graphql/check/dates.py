"""Dates that no calendar has: 0000-00-00, which some shops and blogs store for "never"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live, Seen
from handler.model.column import Column
from handler.model.tables import Table
from handler.scalars import COLUMNS

_STORED: Final = ("date", "datetime", "timestamp")
_ZERO: Final = "MONTH(v) = 0 OR DAYOFMONTH(v) = 0"


async def check_dates(table: Table, live: Live) -> AsyncIterator[Finding]:
    """What the column's default, its index and its first rows show; nothing reads a large table."""
    stored = live.tables[table.name]
    unseen = []
    for field in table.of_kind(Column).values():
        column = stored.columns.get(field.stored_name or "")
        if (
            column is None
            or field.zero_is_null
            or not COLUMNS[field.scalar].has_zero_dates
            or column.data_type not in _STORED
        ):
            continue
        seen = await live.look(stored, column.name, _ZERO, end="ASC")
        is_default = column.default.startswith("0000-00-00")
        if seen is Seen.UNKNOWN and not is_default:
            unseen.append(column.name)
        elif seen is Seen.SOME or is_default:
            shown = (
                "holds dates without a month or a day, such as 0000-00-00"
                if seen is Seen.SOME
                else f"is 0000-00-00 where a row gives none (its default; {seen.value})"
            )
            yield Finding(
                kind=Kind.DATE,
                about=f"{table.type_name}.{field.field}",
                message=f"{table.type_name}.{field.field} is a {field.scalar}, but {stored.name}."
                f"{column.name} {shown}; such a value is an error in place of its row's "
                f"field. Show it as null with @column(zeroIsNull: true), or store NULL and "
                f"keep zeros out with the sql_mode NO_ZERO_DATE, NO_ZERO_IN_DATE",
                origin=field.origin,
                severity=Severity.ERROR if seen is Seen.SOME else Severity.WARNING,
                table=stored.name,
            )
    if unseen:
        yield Finding(
            kind=Kind.UNPROVED,
            about=f"dates of {table.type_name}",
            message=f"not all rows of {', '.join(unseen)} were looked at for 0000-00-00",
            origin=table.origin,
            severity=Severity.NOTE,
            table=stored.name,
        )
