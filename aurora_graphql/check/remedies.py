"""Remedies: SQL that mends a finding, on this table as it is. What cannot be said safely is none.

Every statement here runs as it stands, and leaves all that the column or the table was before. A
view gets none, and no column is changed that a foreign key, a generated column or an index whose
values must differ depends on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from aurora_graphql.catalog import Index, IndexColumn, LiveColumn, LiveTable
from aurora_graphql.check.access_paths import AccessPath
from aurora_graphql.check.live import Live
from handler.errors import DeadlineError, UpstreamError
from handler.sql.names import quote
from handler.stores.mysql.database import RightsError

_MAX_NAME: Final = 64  # characters of an identifier in MySQL
_MAX_PARTS: Final = 16  # columns of an index
_MAX_INDEXES: Final = 64  # of a table, beside the primary key
_KEY_BYTES: Final = 3_072  # of all columns of an index together
_OLD_PART_BYTES: Final = 767  # of one of them in the row formats COMPACT and REDUNDANT
_ENGINE_BYTES: Final = {"innodb": _KEY_BYTES, "myisam": 1_000, "aria": 2_000}
_PREFIX: Final = 100  # characters of a long text that go into an index: enough to tell rows apart
_LONG: Final = re.compile(r"(tiny|medium|long)?(text|blob)")
_WORDS: Final = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"))
_NEVER: Final = re.compile(r"json|vector|.*(geom|point|linestring|polygon).*")
_FIXED_BYTES: Final = 16  # the most that a number, a date or a UUID takes
_LENGTH_BYTES: Final = 3  # of a text's length, and of whether it is NULL
# Of a character; others of the servers take one byte.
_CHARACTER_BYTES: Final = (
    (("utf8mb4", "utf16", "utf16le", "utf32", "gb18030"), 4),
    (("utf8mb3", "utf8", "eucjpms", "ujis"), 3),
    (("big5", "gbk", "gb2312", "sjis", "cp932", "euckr", "ucs2"), 2),
)
_DUPLICATES_OF: Final = 100_000  # rows; of more it would take long to see that a key is unique


def is_partly_indexed(column: LiveColumn, table: LiveTable) -> bool:
    """Whether an index can hold no more than the beginning of its texts."""
    return bool(_LONG.fullmatch(column.data_type)) or column.octets > _part_bytes(table)


def partly_indexed(table: LiveTable) -> frozenset[str]:
    """The columns of a table of which an index holds the beginning."""
    return frozenset(c.name for c in table.columns.values() if is_partly_indexed(c, table))


def create_index(path: AccessPath, table: LiveTable) -> str:
    """The statement that adds an index for the path; empty if there can be none.

    Columns of the order that are too long for an index cannot be given in their order.
    """
    if table.is_view or len(table.index_names) > _MAX_INDEXES:
        return ""
    columns = [IndexColumn(name) for name in path.equal]
    known = set(path.equal)
    if path.range is not None and path.range not in known:
        columns.append(IndexColumn(path.range))
        known.add(path.range)
    ordered = [column for column in path.order if column.name not in known]
    # An index is read in both directions: DESC matters only where they differ.
    is_mixed = len({column.descending for column in path.order}) > 1
    columns += [column if is_mixed else IndexColumn(column.name) for column in ordered]
    columns = list(dict.fromkeys(columns))
    found = [table.columns[column.name] for column in columns]
    if any(_NEVER.fullmatch(column.data_type) for column in found):
        return ""
    long = [column for column in found if is_partly_indexed(column, table)]
    if long and any(column.name == each.name for column in long for each in ordered):
        return ""
    if not _fits(found, table):
        columns = _without_key(columns, table, len(ordered))
        if not _fits([table.columns[column.name] for column in columns], table):
            return ""
    if not columns:
        return ""
    name = _new_name(table, "by", [column.name for column in columns])
    listed = ", ".join(_part(column, table) for column in columns)
    kind = " USING BTREE" if table.engine.lower() == "memory" else ""  # which hashes, if not told
    return f"CREATE INDEX {_q(name)}{kind} ON {_q(table.name)} ({listed});"


def create_full_text(columns: Sequence[str], table: LiveTable) -> str:
    """The statement that adds an index of words over these columns; empty if there can be none."""
    found = [table.columns.get(name) for name in columns]
    if table.is_view or not all(c and c.data_type in _WORDS for c in found):
        return ""
    name = _new_name(table, "words", columns)
    listed = ", ".join(map(_q, columns))
    return f"CREATE FULLTEXT INDEX {_q(name)} ON {_q(table.name)} ({listed});"


async def create_unique(columns: Sequence[str], table: LiveTable, live: Live) -> tuple[bool, str]:
    """Whether rows with equal values were seen in these columns, and the statement that keeps them
    out: empty if it could not run."""
    found = [table.columns[name] for name in columns]
    duplicates = await has_duplicates(columns, table, live)
    if (
        duplicates is not False
        or table.is_view
        or not _fits(found, table)
        or any(is_partly_indexed(c, table) or _NEVER.fullmatch(c.data_type) for c in found)
    ):
        return bool(duplicates), ""
    name = _new_name(table, "unique", columns)
    listed = ", ".join(map(_q, columns))
    return False, f"CREATE UNIQUE INDEX {_q(name)} ON {_q(table.name)} ({listed});"


async def has_duplicates(columns: Sequence[str], table: LiveTable, live: Live) -> bool | None:
    """Whether two rows are equal in these columns; None where that would take long to find out."""
    if table.rows is None or table.rows > _DUPLICATES_OF:
        return None
    listed = ", ".join(map(quote, columns))
    known = " AND ".join(f"{quote(name)} IS NOT NULL" for name in columns)
    text = (
        f"SELECT 1 FROM {quote(table.name)} WHERE {known} "  # noqa: S608 # of the catalogue
        f"GROUP BY {listed} HAVING COUNT(*) > 1 LIMIT 1"
    )
    try:
        return await live.has_rows(text)
    except RightsError:
        return None


def show_index(index: Index, table: LiveTable) -> str:
    """The statement that lets the optimizer use an index."""
    return f"ALTER TABLE {_q(table.name)} ALTER INDEX {_q(index.name)} {index.shown_by};"


async def change_collation(
    table: LiveTable, column: LiveColumn, collation: str, live: Live
) -> tuple[str, ...]:
    """The statement that gives a text column another collation of utf8mb4 and keeps all else.

    None for a column that something else depends on: a foreign key of either side, an index that
    keeps equal values apart, a generated column; nor for one whose indexes would be too long.
    """
    if (
        table.is_view
        or column.is_generated
        or column.data_type in ("enum", "set")
        or not (column.collation or "").startswith("utf8mb4")
        or any(
            index.is_unique and column.name in (part.name, part.prefix_of)
            for index in table.indexes
            for part in index.columns
        )
        or _is_in_foreign_key(table, column, live)
    ):
        return ()
    try:
        if await _is_referenced_elsewhere(table, column, live):
            return ()
        shown = await live.fetch(f"SHOW CREATE TABLE {quote(table.name)}")
    except UpstreamError as error:
        if error.retryable or isinstance(error, DeadlineError):
            raise
        return ()  # the account may not see it
    definitions = (shown.rows[0][1] or b"").decode().splitlines()
    name = _q(column.name)
    lines = [line.strip().removesuffix(",") for line in definitions[1:]]
    own = [line for line in lines if line.startswith(f"{name} ")]
    others = [line for line in lines if line not in own and not re.match(r"(UNIQUE )?KEY ", line)]
    if len(own) != 1 or any(name in line for line in others):
        return ()  # a generated column, a check, a partition
    type_ = r"(?:\w+(?:\(\d+\))?)"
    found = re.fullmatch(
        rf"{re.escape(name)} ({type_})((?: CHARACTER SET \w+)?(?: COLLATE \w+)?)( .*)?", own[0]
    )
    if found is None:
        return ()
    kind, _, rest = found.groups()
    sql = f"{name} {kind} CHARACTER SET utf8mb4 COLLATE {collation}{rest or ''}"
    return (f"ALTER TABLE {_q(table.name)} MODIFY {sql};",)


def _is_in_foreign_key(table: LiveTable, column: LiveColumn, live: Live) -> bool:
    if any(column.name in key.columns for key in table.foreign_keys):
        return True
    return any(
        key.table == table.name and not key.database and column.name in key.references
        for other in live.tables.values()
        for key in other.foreign_keys
    )


async def _is_referenced_elsewhere(table: LiveTable, column: LiveColumn, live: Live) -> bool:
    """Whether a foreign key of another database names the column."""
    found = await live.fetch(
        "SELECT 1 FROM information_schema.key_column_usage WHERE referenced_table_schema ="
        " DATABASE() AND referenced_table_name = %s AND referenced_column_name = %s LIMIT 1",
        table.name,
        column.name,
    )
    return bool(found.rows)


def _part_bytes(table: LiveTable) -> int:
    """The longest column that an index of the table holds whole."""
    if table.engine.lower() == "innodb" and table.row_format.lower() in ("compact", "redundant"):
        return _OLD_PART_BYTES
    return _ENGINE_BYTES.get(table.engine.lower(), _OLD_PART_BYTES)


def _prefix(column: LiveColumn, table: LiveTable) -> int:
    """How many characters, or bytes, of a long text go into an index."""
    charset = (column.collation or "").partition("_")[0]
    each = next((size for names, size in _CHARACTER_BYTES if charset in names), 1)
    return min(_PREFIX, _part_bytes(table) // each)


def _part(column: IndexColumn, table: LiveTable) -> str:
    live = table.columns[column.name]
    length = f"({_prefix(live, table)})" if is_partly_indexed(live, table) else ""
    return _q(column.name) + length + (" DESC" if column.descending else "")


def _fits(columns: Sequence[LiveColumn], table: LiveTable) -> bool:
    """Whether one index may hold all of them."""
    total = sum(
        4 * _prefix(column, table)
        if is_partly_indexed(column, table)
        else (column.octets + _LENGTH_BYTES if column.octets else _FIXED_BYTES)
        for column in columns
    )
    most = _ENGINE_BYTES.get(table.engine.lower(), _OLD_PART_BYTES)
    return len(columns) <= _MAX_PARTS and (total <= most or len(columns) == 1)


def _without_key(
    columns: Sequence[IndexColumn], table: LiveTable, ordered: int
) -> list[IndexColumn]:
    """Without the primary key at its end, which InnoDB adds to an index by itself."""
    primary = next((index for index in table.indexes if index.name == "PRIMARY"), None)
    if primary is None or table.engine.lower() != "innodb" or any(c.descending for c in columns):
        return list(columns)
    size = len(primary.columns)
    if size < ordered and tuple(columns[-size:]) == primary.columns:
        return list(columns[:-size])
    return list(columns)


def _new_name(table: LiveTable, word: str, columns: Sequence[str]) -> str:
    """A name that no index of the table has."""
    joined = "_".join(columns)
    wanted = f"{table.name}_by_{joined}" if word == "by" else f"{table.name}_{joined}_{word}"
    taken = {name.lower() for name in table.index_names}
    name, number = wanted[:_MAX_NAME], 1
    while name.lower() in taken:
        number += 1
        name = f"{wanted[: _MAX_NAME - 4]}_{number}"
    return name


def _q(name: str) -> str:
    """For people, who run it without a driver that would halve signs of percent."""
    return quote(name).replace("%%", "%")
