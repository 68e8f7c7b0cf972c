"""What a live database says of its tables: columns, types, indexes, foreign keys, sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from handler.sql.statement import EVERY_ROW, Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.column_types import labels_of
from handler.stores.mysql.database import Database
from handler.stores.mysql.time_limit import is_mariadb

_TABLES = (
    "SELECT table_name, table_type, engine, table_comment, table_rows, data_length, row_format,"
    " create_options"
    " FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_type <> 'SEQUENCE'"  # MariaDB's, which have columns as tables have
)
_COLUMNS = (
    "SELECT table_name, column_name, data_type, column_type, is_nullable, collation_name,"
    " character_octet_length, column_default, column_comment, extra"
    " FROM information_schema.columns WHERE table_schema = DATABASE()"
    " ORDER BY table_name, ordinal_position"
)
# An index may hold a part of a text, or an expression: of such a part no name is told.
_INDEXES = (
    "SELECT table_name, index_name, IF(sub_part IS NULL, column_name, NULL), collation, non_unique,"
    " {shown_by}, IF(sub_part IS NULL, NULL, column_name), cardinality, index_type"
    " FROM information_schema.statistics WHERE table_schema = DATABASE()"
    " ORDER BY table_name, index_name, seq_in_index"
)
# Of all views of constraints the only one that an account sees which may only SELECT.
_FOREIGN_KEYS = (
    "SELECT table_name, constraint_name, column_name, referenced_column_name,"
    " referenced_table_name, IF(referenced_table_schema = DATABASE(), '', referenced_table_schema)"
    " FROM information_schema.key_column_usage"
    " WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL"
    " ORDER BY table_name, constraint_name, ordinal_position"
)
# MariaDB's JSON is a LONGTEXT with this constraint.
_JSON_OF_MARIADB = (
    "SELECT table_name, check_clause FROM information_schema.check_constraints"
    " WHERE constraint_schema = DATABASE() AND check_clause LIKE 'json\\_valid(%%)'"
)
# What makes an index one that the optimizer uses, or nothing if it is one.
_SHOWN_BY_MARIADB = "IF(ignored = 'YES', 'NOT IGNORED', '')"
_SHOWN_BY_MYSQL = "IF(is_visible = 'NO', 'VISIBLE', '')"


@dataclass(frozen=True, slots=True)
class IndexColumn:
    name: str  # empty for a part of a text, and for an expression
    descending: bool = False
    prefix_of: str = ""  # the column of which it holds the beginning


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a live table over its columns. The primary key has the name ``PRIMARY``.

    ``shown_by``: if the optimizer must not use it (MySQL: invisible, MariaDB: ignored), the word
    that lets it; a unique one keeps rows apart all the same.
    """

    name: str
    columns: tuple[IndexColumn, ...]
    is_unique: bool = False
    shown_by: str = ""
    is_hash: bool = False
    """Gives no order: of a MEMORY table it finds rows by all of its columns; MariaDB's, which keeps
    long texts apart, finds none."""
    distinct: tuple[int, ...] = field(default=(), compare=False)
    """Estimates: how many different values its first column has, the first two have, ..."""


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
    comment: str = ""
    is_invisible: bool = False  # no part of SELECT *
    is_json: bool = False  # also where MariaDB calls it a LONGTEXT
    is_generated: bool = False  # from other columns


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of a table that equal columns of a row of another one."""

    name: str
    columns: tuple[str, ...]
    table: str  # the other one
    references: tuple[str, ...]
    database: str = ""  # of the other one; empty if it is the same


@dataclass(frozen=True, slots=True)
class LiveTable:
    name: str
    columns: Mapping[str, LiveColumn]
    indexes: Sequence[Index]
    foreign_keys: Sequence[ForeignKey] = ()
    is_view: bool = False
    engine: str = "InnoDB"  # empty for a view
    comment: str = ""
    rows: int | None = None  # an estimate, on MySQL up to a day old; of a view it is not known
    data_bytes: int = 0
    row_format: str = "Dynamic"
    is_partitioned: bool = False
    index_names: frozenset[str] = frozenset()  # also of those without an order
    full_texts: Sequence[tuple[str, ...]] = ()  # the columns of each FULLTEXT index


async def read_catalog(database: Database, deadline: Deadline) -> dict[str, LiveTable]:
    """All tables and views of the connection's database by name. Raises ``UpstreamError``."""

    async def ask(text: str) -> list[list[str]]:
        rows = (await database.fetch(Statement(text + EVERY_ROW, ()), deadline)).rows
        return [[_text(value) for value in row] for row in rows]

    mariadb = is_mariadb((await ask("SELECT VERSION()"))[0][0])
    columns = _columns(await ask(_COLUMNS), await ask(_JSON_OF_MARIADB) if mariadb else [])
    shown_by = _SHOWN_BY_MARIADB if mariadb else _SHOWN_BY_MYSQL
    parts = await ask(_INDEXES.format(shown_by=shown_by))
    indexes = _indexes(parts)
    names: dict[str, set[str]] = {}
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    for table, index, column, *_, kind in parts:
        names.setdefault(table, set()).add(index)
        if kind == "FULLTEXT":
            indexed = words.setdefault(table, {})
            indexed[index] = (*indexed.get(index, ()), column)
    foreign_keys = _foreign_keys(await ask(_FOREIGN_KEYS))
    return {
        name: LiveTable(
            name,
            columns[name],
            indexes.get(name, []),
            foreign_keys.get(name, []),
            is_view="VIEW" in kind,
            engine=engine,
            comment="" if "VIEW" in kind else comment,  # of a view it says VIEW
            rows=int(rows) if rows else None,
            data_bytes=int(data_bytes or 0),
            row_format=row_format,
            is_partitioned="partitioned" in options,
            index_names=frozenset(names.get(name, ())),
            full_texts=list(words.get(name, {}).values()),
        )
        for name, kind, engine, comment, rows, data_bytes, row_format, options in sorted(
            await ask(_TABLES)
        )
        if name in columns
    }


def _columns(
    rows: Sequence[Sequence[str]], checks: Sequence[Sequence[str]]
) -> dict[str, dict[str, LiveColumn]]:
    valid = {(table, clause.replace("`", "")) for table, clause in checks}
    found: dict[str, dict[str, LiveColumn]] = {}
    for table, name, data_type, column_type, nullable, collation, octets, default, *more in rows:
        comment, extra = more
        kind = data_type.lower()
        found.setdefault(table, {})[name] = LiveColumn(
            name,
            kind,
            column_type.lower(),
            nullable == "YES",
            collation or None,
            int(octets or 0),
            default.strip("'"),  # MariaDB quotes
            tuple(labels_of(column_type)) if kind in ("enum", "set") else (),
            comment,
            "INVISIBLE" in extra.upper(),
            kind == "json" or (table, f"json_valid({name})") in valid,
            any(word in extra.upper() for word in ("VIRTUAL", "STORED", "PERSISTENT")),
        )
    return found


def _indexes(rows: Sequence[Sequence[str]]) -> dict[str, list[Index]]:
    parts: dict[tuple[str, str], list[tuple[IndexColumn, int]]] = {}
    said: dict[tuple[str, str], tuple[bool, str, bool]] = {}
    for table, name, column, direction, non_unique, shown_by, prefix_of, distinct, kind in rows:
        if kind in ("BTREE", "HASH"):
            part = IndexColumn(column, direction == "D", prefix_of)
            parts.setdefault((table, name), []).append((part, int(distinct or 0)))
            said[table, name] = (non_unique == "0", shown_by, kind == "HASH")
    found: dict[str, list[Index]] = {}
    for (table, name), listed in parts.items():
        columns = tuple(part for part, _ in listed)
        counts = tuple(count for _, count in listed)
        index = Index(name, columns, *said[table, name], counts)
        found.setdefault(table, []).append(index)
    return found


def _foreign_keys(rows: Sequence[Sequence[str]]) -> dict[str, list[ForeignKey]]:
    pairs: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
    for table, name, column, reference, other, database in rows:
        pairs.setdefault((table, name, other, database), []).append((column, reference))
    found: dict[str, list[ForeignKey]] = {}
    for (table, name, other, database), columns in pairs.items():
        own, references = zip(*columns, strict=True)
        found.setdefault(table, []).append(ForeignKey(name, own, other, references, database))
    return found


async def read_sort_bytes(database: Database, deadline: Deadline) -> int:
    """How many bytes of a text count where the server sorts rows without an index."""
    found = await database.fetch(Statement("SHOW VARIABLES LIKE 'max_sort_length'", ()), deadline)
    return int(found.rows[0][1] or 0)


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode()
