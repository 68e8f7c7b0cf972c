"""What a live database says of its tables: columns, types, nullability, collations, indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handler.compiler.access import Index, IndexColumn
from handler.compiler.statement import Statement
from handler.records import dataclass
from handler.stores.database import Database
from handler.stores.deadline import Deadline

_COLUMNS = (
    "SELECT table_name, column_name, data_type, column_type, is_nullable, collation_name"
    " FROM information_schema.columns WHERE table_schema = DATABASE()"
    " ORDER BY table_name, ordinal_position"
)
_INDEXES = (
    "SELECT table_name, index_name, column_name, collation, non_unique"
    " FROM information_schema.statistics WHERE table_schema = DATABASE() AND sub_part IS NULL"
    " ORDER BY table_name, index_name, seq_in_index"
)


@dataclass(frozen=True, slots=True)
class LiveColumn:
    name: str
    data_type: str  # such as "varchar"
    column_type: str  # such as "varchar(64)"
    is_nullable: bool
    collation: str | None


@dataclass(frozen=True, slots=True)
class LiveTable:
    name: str
    columns: Mapping[str, LiveColumn]
    indexes: Sequence[Index]


async def read_catalog(database: Database, deadline: Deadline) -> dict[str, LiveTable]:
    """All tables of the connection's database by name."""
    columns: dict[str, dict[str, LiveColumn]] = {}
    for row in (await database.fetch(Statement(_COLUMNS, ()), deadline)).rows:
        table, name, data_type, column_type, nullable, collation = map(_text, row)
        columns.setdefault(table, {})[name] = LiveColumn(
            name, data_type.lower(), column_type.lower(), nullable == "YES", collation or None
        )
    parts: dict[str, dict[str, list[IndexColumn]]] = {}
    unique: dict[tuple[str, str], bool] = {}
    for row in (await database.fetch(Statement(_INDEXES, ()), deadline)).rows:
        table, name, column, direction, non_unique = map(_text, row)
        listed = parts.setdefault(table, {}).setdefault(name, [])
        listed.append(IndexColumn(column, direction == "D"))
        unique[table, name] = non_unique == "0"
    return {
        table: LiveTable(
            table,
            found,
            [
                Index(name, tuple(listed), unique[table, name])
                for name, listed in parts.get(table, {}).items()
            ],
        )
        for table, found in columns.items()
    }


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode()
