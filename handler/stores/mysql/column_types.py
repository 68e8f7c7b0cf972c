"""Types of columns, as the database declares them, and characters that a column cannot hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from handler.sql.statement import EVERY_ROW, Sql, Statement, join, sql, value, values
from handler.sql.stored_type import StoredType
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

# The name of a character set, and a text.
Writing: TypeAlias = tuple[str, str]

_COLUMNS = (
    "SELECT table_name, column_name, data_type, character_set_name, datetime_precision, VERSION(),"
    " IF(data_type IN ('enum', 'set'), column_type, ''), collation_name"
    " FROM information_schema.columns WHERE table_schema = DATABASE()"
)
_WRITTEN: Final = {"''": "'", r"\\": "\\", r"\n": "\n", r"\r": "\r", r"\0": "\0"}
_MOST_NAMED: Final = 200  # tables; of more the whole catalogue is read
_MOST_BYTES: Final = 4_096  # of the texts in one question about characters


class ColumnTypes(Struct, frozen=True):
    """The types of columns, by table and by name in lower case."""

    columns: Mapping[tuple[str, str], StoredType]
    is_mariadb: bool


async def read_types(
    tables: Collection[str], database: Database, deadline: Deadline
) -> ColumnTypes:
    """The types of the columns of some tables. Raises ``UpstreamError``."""
    asked = Sql(_COLUMNS)
    if len(tables) <= _MOST_NAMED:
        asked = sql(asked, " AND table_name IN (", values(sorted(tables)), ")")
    columns = {}
    is_mariadb = False
    for row in (await database.fetch(Statement.of(sql(asked, EVERY_ROW)), deadline)).rows:
        table, name, data_type, characters, digits, version, labels, collation = (
            (text or b"").decode() for text in row
        )
        is_mariadb = "mariadb" in version.lower()
        columns[table, name.lower()] = StoredType(
            data_type.lower(),
            characters or None,
            int(digits or 6),
            tuple(labels_of(labels)),
            collation or None,
        )
    return ColumnTypes(columns, is_mariadb)


def labels_of(column_type: str) -> Iterator[str]:
    """The labels in the type of an ENUM or a SET, such as ``enum('a','it''s')``.

    Both servers write a few characters otherwise than they are, whatever the mode of SQL.
    """
    for found in re.finditer(r"'((?:[^']|'')*)'", column_type):
        yield re.sub(r"''|\\[\\nr0]", lambda each: _WRITTEN[each[0]], found[1])


async def find_lost(
    writings: Collection[Writing], database: Database, deadline: Deadline
) -> set[Writing]:
    """The texts that a character set cannot hold completely.

    Raises ``UpstreamError``.
    """
    lost = set()
    for part in _parts(list(writings)):
        # What a character set lacks comes back as a question mark.
        asked = [
            sql("CONVERT(CONVERT(", value(text), f" USING {name}) USING utf8mb4)")
            for name, text in part
        ]
        found = await database.fetch(Statement.of(sql("SELECT ", join(", ", asked))), deadline)
        answers = zip(part, found.rows[0], strict=True)
        lost |= {writing for writing, answer in answers if answer != writing[1].encode()}
    return lost


def _parts(writings: Sequence[Writing]) -> Iterator[Sequence[Writing]]:
    """In parts that fit into a statement."""
    start, used = 0, 0
    for at, (_, text) in enumerate(writings):
        size = len(text.encode(errors="surrogatepass")) + 60
        if used + size > _MOST_BYTES and at > start:
            yield writings[start:at]
            start, used = at, 0
        used += size
    if writings:
        yield writings[start:]
