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
    found: dict[str, list[RawRow]] = {}
    with _connect_raw(url) as raw, raw.cursor() as cursor:
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


def _connect_raw(url: DatabaseUrl) -> Any:
    return pymysql.connect(
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


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


_OF_BYTES: dict[str, Callable[[Any], str | None]] = {
    "binary": lambda value: str(UUID(bytes=value)),
    **dict.fromkeys(
        ("varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point"),
        lambda value: b64encode(value).decode(),
    ),
}


def read_ranks(url: DatabaseUrl, *places: tuple[str, str]) -> dict[str, int]:
    """The place of every text of some columns, each of a table, in the order of their collation;
    equal ones share it."""
    texts = " UNION ALL ".join(
        f"SELECT `{column}` AS found FROM `{table}` WHERE `{column}` IS NOT NULL"
        for table, column in places
    )
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT found, DENSE_RANK() OVER (ORDER BY found) FROM ({texts}) AS texts")
        return {str(text): int(rank) for text, rank in cursor.fetchall()}


def read_sides(url: DatabaseUrl, table: str, column: str, text: str) -> dict[str, int]:
    """Of every text of a column whether it stands before another (-1), behind it (1), or neither,
    in the order of its collation."""
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT `{column}`, (`{column}` > %s) - (`{column}` < %s) FROM `{table}` "
            f"WHERE `{column}` IS NOT NULL",
            (text, text),
        )
        return {str(found): int(side) for found, side in cursor.fetchall()}


def read_scores(
    url: DatabaseUrl, table: str, key: Sequence[str], columns: Sequence[str], text: str, mode: str
) -> dict[tuple[str | None, ...], str]:
    """What the server says of how well each row fits a text, by its key."""
    names = ", ".join(f"`{name}`" for name in columns)
    keys = ", ".join(f"`{name}`" for name in key)
    with _connect_raw(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {keys}, MATCH ({names}) AGAINST (%s IN {mode} MODE) AS score FROM `{table}`",
            (text,),
        )
        found = [[_text(value) for value in row.values()] for row in cursor.fetchall()]
    return {tuple(row[:-1]): str(row[-1]) for row in found}
