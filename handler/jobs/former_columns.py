"""What former releases of the API read, kept for as long as one may go back to them.

The release before serves until the alias has moved, after the migration, and again if the alias is
moved back. So what it reads stays granted: the columns of the newest releases that read other ones
are noted in the database, in ``schema_api_columns``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from handler.stores.mysql.session import Session

Columns: TypeAlias = Mapping[str, AbstractSet[str]]  # by table

_CREATE = """
CREATE TABLE IF NOT EXISTS schema_api_columns (
  number INT UNSIGNED NOT NULL AUTO_INCREMENT,
  checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  columns_read LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
  noted_at DATETIME(6) NOT NULL,
  PRIMARY KEY (number)
) ENGINE = InnoDB
"""
_NOTED = "SELECT number, checksum, columns_read FROM schema_api_columns ORDER BY number DESC"
_NOTE = (
    "INSERT INTO schema_api_columns (checksum, columns_read, noted_at) "
    "VALUES (%s, %s, UTC_TIMESTAMP(6))"
)
_FORGET = "DELETE FROM schema_api_columns WHERE number = %s"
_PRESENT = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
)


async def note_columns(session: Session, columns: Columns, former: int) -> Columns:
    """Note what a release reads, and add what the ``former`` different ones before it read.

    Of theirs, whatever the database still has. Releases before those are forgotten. To note the
    same again changes nothing; one that comes back is the newest again. Raises
    ``pymysql.err.Error``.
    """
    await session.execute(_CREATE)
    text = json.dumps({name: sorted(columns[name]) for name in sorted(columns)})
    checksum = hashlib.sha256(text.encode()).hexdigest()
    noted = (await session.execute(_NOTED)).rows
    others = [(number, read) for number, found, read in noted if found != checksum]
    await session.begin()
    if not noted or noted[0][1] != checksum:
        outdated = [number for number, found, _ in noted if found == checksum]
        await _forget(session, outdated)
        await session.execute(_NOTE, (checksum, text))
    await _forget(session, [number for number, _ in others[former:]])
    await session.commit()
    kept = [json.loads(read) for _, read in others[:former]]
    return _together(columns, kept, (await session.execute(_PRESENT)).rows if kept else ())


async def _forget(session: Session, numbers: Iterable[int]) -> None:
    for number in numbers:
        await session.execute(_FORGET, (number,))


def _together(
    columns: Columns, former: Iterable[Mapping[str, list[str]]], present: Iterable[tuple[str, str]]
) -> Columns:
    """The columns, with those of former releases that are present."""
    there = set(present)
    found = {table: set(names) for table, names in columns.items()}
    for each in former:
        for table, names in each.items():
            kept = {name for name in names if (table, name) in there}
            if kept:
                found.setdefault(table, set()).update(kept)
    return found
