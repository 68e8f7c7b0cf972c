"""What a live database says of its tables: columns, types, nullability, collations, indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.column_types import labels_of
from handler.stores.mysql.database import Database
from handler.stores.mysql.time_limit import is_mariadb

_COLUMNS = (
    "SELECT table_name, column_name, data_type, column_type, is_nullable, collation_name,"
    " character_octet_length, column_default"
    " FROM information_schema.columns WHERE table_schema = DATABASE()"
    " ORDER BY table_name, ordinal_position"
)
_INDEXES = (
    "SELECT table_name, index_name, column_name, collation, non_unique, {shown_by}"
    " FROM information_schema.statistics WHERE table_schema = DATABASE() AND sub_part IS NULL"
    " ORDER BY table_name, index_name, seq_in_index"
)
# What makes an index one that the optimizer uses, or nothing if it is one.
_SHOWN_BY_MARIADB = "IF(ignored = 'YES', 'NOT IGNORED', '')"
_SHOWN_BY_MYSQL = "IF(is_visible = 'NO', 'VISIBLE', '')"


@dataclass(frozen=True, slots=True)
class IndexColumn:
    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a live table. The primary key has the name ``PRIMARY``.

    ``shown_by``: if the optimizer must not use it (MySQL: invisible, MariaDB: ignored), the word
    that lets it; a unique one keeps rows apart all the same.
    """

    name: str
    columns: tuple[IndexColumn, ...]
    is_unique: bool = False
    shown_by: str = ""


@dataclass(frozen=True, slots=True)
class LiveColumn:
    name: str
    data_type: str  # such as "varchar"
    column_type: str  # such as "varchar(64)"
    is_nullable: bool
    collation: str | None
    octets: int = 0  # bytes of the longest text
    default: str = ""  # without quotes
    values: tuple[str, ...] = ()  # of an ENUM or a SET


@dataclass(frozen=True, slots=True)
class LiveTable:
    name: str
    columns: Mapping[str, LiveColumn]
    indexes: Sequence[Index]


async def read_catalog(database: Database, deadline: Deadline) -> dict[str, LiveTable]:
    """All tables of the connection's database by name."""
    columns: dict[str, dict[str, LiveColumn]] = {}
    for row in (await database.fetch(Statement(_COLUMNS, ()), deadline)).rows:
        table, name, data_type, column_type, nullable, collation, octets, default = map(_text, row)
        kind = data_type.lower()
        columns.setdefault(table, {})[name] = LiveColumn(
            name,
            kind,
            column_type.lower(),
            nullable == "YES",
            collation or None,
            int(octets or 0),
            default.strip("'"),  # MariaDB quotes
            tuple(labels_of(column_type)) if kind in ("enum", "set") else (),
        )
    parts: dict[str, dict[str, list[IndexColumn]]] = {}
    unique: dict[tuple[str, str], bool] = {}
    shown: dict[tuple[str, str], str] = {}
    version = _text((await database.fetch(Statement("SELECT VERSION()", ()), deadline)).rows[0][0])
    asked = _INDEXES.format(shown_by=_SHOWN_BY_MARIADB if is_mariadb(version) else _SHOWN_BY_MYSQL)
    for row in (await database.fetch(Statement(asked, ()), deadline)).rows:
        table, name, column, direction, non_unique, shown_by = map(_text, row)
        listed = parts.setdefault(table, {}).setdefault(name, [])
        listed.append(IndexColumn(column, direction == "D"))
        unique[table, name] = non_unique == "0"
        shown[table, name] = shown_by
    return {
        table: LiveTable(
            table,
            found,
            [
                Index(name, tuple(listed), unique[table, name], shown[table, name])
                for name, listed in parts.get(table, {}).items()
            ],
        )
        for table, found in columns.items()
    }


async def read_sort_bytes(database: Database, deadline: Deadline) -> int:
    """How many bytes of a text count where the server sorts rows without an index."""
    found = await database.fetch(Statement("SHOW VARIABLES LIKE 'max_sort_length'", ()), deadline)
    return int(found.rows[0][1] or 0)


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode()
