"""Rows into a database, and out of it again as the texts that the server sends."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import pymysql
import pymysql.converters
import pymysql.cursors

from handler.stores.url import DatabaseUrl
from tests.integration.servers import connect

Tables: TypeAlias = dict[str, list[dict[str, Any]]]
RawRow: TypeAlias = dict[str, str | None]


def insert_rows(
    url: DatabaseUrl, tables: Mapping[str, Sequence[Mapping[str, Any]]], *before: str
) -> None:
    """Insert rows without looking at foreign keys; ``before``: statements that come first."""
    with connect(url) as connection, connection.cursor() as cursor:
        for statement in ("SET FOREIGN_KEY_CHECKS = 0", *before):
            cursor.execute(statement)
        for table, rows in tables.items():
            if not rows:
                continue
            names = ", ".join(f"`{name}`" for name in rows[0])
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(
                f"INSERT INTO `{table}` ({names}) VALUES ({marks})",
                [tuple(row.values()) for row in rows],
            )


def read_rows(url: DatabaseUrl, tables: Sequence[str]) -> dict[str, list[RawRow]]:
    """All rows of some tables; every value is the server's text, or None: of 16 bytes that of a
    UUID, of other bytes Base64."""
    raw = pymysql.connect(
        host=url.host,
        port=url.port,
        user=url.user,
        password=url.password,
        database=url.database,
        unix_socket=url.unix_socket,
        charset="utf8mb4",
        conv={bool: pymysql.converters.escape_bool},  # nothing that decodes
        cursorclass=pymysql.cursors.DictCursor,
    )
    found: dict[str, list[RawRow]] = {}
    with raw, raw.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND table_name = %s",
                (table,),
            )
            read = {
                _text(row["name"]): _OF_BYTES.get(str(_text(row["type"])), _text)
                for row in cursor.fetchall()
            }
            cursor.execute(f"SELECT * FROM `{table}`")
            found[table] = [
                {name: None if value is None else read[name](value) for name, value in row.items()}
                for row in cursor.fetchall()
            ]
    return found


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


_OF_BYTES: dict[str, Callable[[Any], str | None]] = {
    "binary": lambda value: str(UUID(bytes=value)),
    **dict.fromkeys(
        ("varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point"),
        lambda value: b64encode(value).decode(),
    ),
}


def read_ranks(url: DatabaseUrl, table: str, column: str) -> dict[str, int]:
    """The place of every text in the order of the column's collation; equal ones share it."""
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT `{column}`, DENSE_RANK() OVER (ORDER BY `{column}`) FROM `{table}` "
            f"WHERE `{column}` IS NOT NULL"
        )
        return {str(text): int(rank) for text, rank in cursor.fetchall()}
