"""Indexes: each way to rows that the SDL makes possible is served by one."""

from __future__ import annotations

from collections.abc import Mapping

from aurora_graphql.catalog import Index, LiveColumn, LiveTable
from aurora_graphql.check.access_paths import (
    AccessPath,
    create_index,
    explain_statement,
    serving_index,
)
from aurora_graphql.check.finding import Finding, Kind
from aurora_graphql.check.sight import Sight
from handler.sql.names import quote
from handler.sql.statement import SqlValue
from handler.sql.stored_type import NUMBERS
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

_SAMPLES: Mapping[str, SqlValue] = {
    "date": "2000-01-01",
    "datetime": "2000-01-01",
    "timestamp": "2000-01-01",
    "time": "00:00:00",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "year": 2000,
}


def lacks_columns(path: AccessPath, table: LiveTable | None) -> bool:
    """Whether nothing can be proved, because something is missing."""
    named = {*path.equal, *((path.range,) if path.range else ()), *(c.name for c in path.order)}
    return table is None or not named <= table.columns.keys()


async def check_path(
    path: AccessPath, table: LiveTable, sight: Sight, database: Database, deadline: Deadline
) -> Finding | None:
    """Find the index by its columns, and have the server take it."""
    if path.expression is not None:
        return Finding(
            Kind.INDEX,
            f"{path.purpose}: {path.expression} is computed by an expression, which no index "
            f"serves; store it in a generated column with an index and read that, or take the "
            f"argument away",
            path.origin,
        )
    index = serving_index(path, table.indexes)
    if index is not None:
        trouble = await _explain(path, table, index, database, deadline)
        told = f"{path.purpose}: index {index.name!r} {trouble}"
        return Finding(Kind.INDEX, told, path.origin) if trouble else None
    unused = serving_index(path, table.indexes, hidden=True)
    if unused is not None:
        return Finding(
            Kind.INDEX,
            f"{path.purpose}: index {unused.name!r} is there, but the optimizer must not use it",
            path.origin,
            f"ALTER TABLE {quote(table.name)} ALTER INDEX {quote(unused.name)} {unused.shown_by};",
        )
    if path.range is not None and path.order and path.order[0].name != path.range:
        return Finding(
            Kind.INDEX,
            f"{path.purpose}: no index can serve a range of {path.range} in that order; "
            f"order by it first, or take the argument away",
            path.origin,
        )
    hidden = f" that {sight.account} sees, which has no right on all columns of {table.name!r}"
    told = f"{path.purpose}: no index{hidden if table.name in sight.limited else ''}"
    return Finding(Kind.INDEX, told, path.origin, create_index(path))


async def _explain(
    path: AccessPath, table: LiveTable, index: Index, database: Database, deadline: Deadline
) -> str:
    """What the optimizer says against the index; nothing if it can use it."""
    samples = {name: _sample(column) for name, column in table.columns.items()}
    statement = explain_statement(path, index, samples)
    found = await database.fetch(statement, deadline)
    row = dict(zip(found.names, found.rows[0], strict=True))
    extra = (row.get("Extra") or b"").decode()
    if "mpossible" in extra or "no matching row" in extra or "tables optimized away" in extra:
        return ""  # decided from the index itself
    if row.get("key") != index.name.encode():
        return f"is not used: EXPLAIN says type {(row.get('type') or b'').decode()}"
    if "filesort" in extra:
        return f"does not give the order: EXPLAIN says {extra}"
    return ""


def _sample(column: LiveColumn) -> SqlValue:
    return _SAMPLES.get(column.data_type, 1 if column.data_type in NUMBERS else "a")
