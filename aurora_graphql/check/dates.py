"""Dates that no calendar has: 0000-00-00, which some shops and blogs store for "never"."""

from __future__ import annotations

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.finding import Finding, Kind
from handler.model.column import Column
from handler.model.tables import Table
from handler.scalars import COLUMNS
from handler.sql.names import quote
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

SAMPLED_ROWS = 1000
_STORED = ("date", "datetime", "timestamp")


async def check_dates(
    table: Table, live: LiveTable, database: Database, deadline: Deadline
) -> list[Finding]:
    """What the column's default, its index and its first rows show; nothing reads a whole table."""
    found = []
    for field in table.fields.values():
        column = live.columns.get(field.stored_name or "") if isinstance(field, Column) else None
        if (
            not isinstance(field, Column)
            or column is None
            or field.zero_is_null
            or not COLUMNS[field.scalar].has_zero_dates
            or column.data_type not in _STORED
        ):
            continue
        shown = (
            "is 0000-00-00 where a row gives none (its default)"
            if column.default.startswith("0000-00-00")
            else await _seen(live, column, database, deadline)
        )
        if shown:
            found.append(
                Finding(
                    Kind.DATE,
                    f"{table.type_name}.{field.field} is a {field.scalar}, but {live.name}."
                    f"{column.name} {shown}; such a value is an error in place of its row's "
                    f"field. Show it as null with @column(zeroIsNull: true), or store NULL and "
                    f"keep zeros out with the sql_mode NO_ZERO_DATE, NO_ZERO_IN_DATE",
                    field.origin,
                )
            )
    return found


async def _seen(live: LiveTable, column: LiveColumn, database: Database, deadline: Deadline) -> str:
    name, table = quote(column.name), quote(live.name)
    whole = f"SELECT {name} AS v FROM {table}"  # noqa: S608 # names of the catalogue
    sources = [f"({whole} LIMIT {SAMPLED_ROWS})"]
    if any(index.columns[0].name == column.name for index in live.indexes):
        # Zeros sort first, and the index begins with them.
        sources.append(f"({whole} WHERE {name} IS NOT NULL ORDER BY {name} LIMIT 1)")
    for source in sources:
        rows = f"SELECT 1 FROM {source} s"  # noqa: S608 # as above
        text = f"{rows} WHERE MONTH(v) = 0 OR DAYOFMONTH(v) = 0 LIMIT 1"
        if (await database.fetch(Statement(text, ()), deadline)).rows:
            return "holds dates without a month or a day, such as 0000-00-00"
    return ""


def unproved_dates(table: Table, live: LiveTable) -> int:
    """Of how many columns only the first rows were looked at."""
    return sum(
        1
        for field in table.fields.values()
        if isinstance(field, Column)
        and not field.zero_is_null
        and COLUMNS[field.scalar].has_zero_dates
        and (column := live.columns.get(field.stored_name or "")) is not None
        and column.data_type in _STORED
        and all(index.columns[0].name != column.name for index in live.indexes)
    )
