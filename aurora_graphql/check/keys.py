"""Keys: by an index of a table; of a view as it is said, and proved where that is cheap."""

from __future__ import annotations

from collections.abc import Sequence

from aurora_graphql.catalog import LiveTable
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live
from aurora_graphql.check.remedies import create_unique, has_duplicates
from handler.model.tables import Table


async def check_key(
    table: Table, key: Sequence[str], found: LiveTable, live: Live
) -> Finding | None:
    """What is wrong with a key of a type, if all of its columns exist."""
    if not set(key) <= found.columns.keys():
        return None  # said already
    about = f"{table.type_name}({', '.join(key)})"
    if found.is_view:
        duplicates = await has_duplicates(key, found, live)
        if duplicates is False:
            return None
        told, severity = (
            (f"two rows of the view {found.name!r} have the same", Severity.ERROR)
            if duplicates
            else (
                f"it is taken as said: the rows of the view {found.name!r} are too many, or not "
                f"shown, to prove that it is unique",
                Severity.NOTE,
            )
        )
        return Finding(
            kind=Kind.KEY,
            about=about,
            message=f"the key ({', '.join(key)}) of {table.type_name}: {told}",
            origin=table.origin,
            severity=severity,
            table=found.name,
        )
    is_unique = any(
        index.is_unique and {column.name for column in index.columns} <= set(key)
        for index in found.indexes
    )
    if is_unique:
        return None
    duplicates, remedy = await create_unique(key, found, live)
    more = "; two rows have the same: take one away" if duplicates else ""
    return Finding(
        kind=Kind.KEY,
        about=about,
        message=f"the key ({', '.join(key)}) of {table.type_name} is not unique in "
        f"{found.name!r}{more}",
        origin=table.origin,
        table=found.name,
        remedies=(remedy,) if remedy else (),
    )
