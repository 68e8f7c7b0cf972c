"""One database of a test: its tables and rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pymysql
from pymysql.connections import Connection

from handler.jobs.migrate import migrate
from handler.sql.names import quote
from handler.stores.url import DatabaseUrl


class TestDatabase:
    """An empty database on the server of the tests, removed at their end."""

    __test__: ClassVar = False  # pytest, this is no test

    def __init__(self, url: DatabaseUrl) -> None:
        self.url = url

    def migrate(self, folder: str | Path) -> None:
        """Apply the migrations of a folder. Raises ``MigrationError``."""
        asyncio.run(migrate(self.url, Path(folder)))

    def run(self, *statements: str) -> None:
        """Run statements one by one, such as ``CREATE TABLE``. Raises ``pymysql.err.Error``."""
        with self._connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def load(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, each by the names of its columns. Raises ``pymysql.err.Error``."""
        with self._connect() as connection, connection.cursor() as cursor:
            for row in rows:
                names = ", ".join(quote(name) for name in row)
                places = ", ".join(["%s"] * len(row))
                text = f"INSERT INTO {quote(table)} ({names}) VALUES ({places})"  # noqa: S608
                cursor.execute(text, list(row.values()))

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of one query; ``values`` take the places of its ``%s``."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    @contextlib.contextmanager
    def _connect(self) -> Iterator[Connection]:
        url = self.url
        connection = pymysql.connect(
            host=url.host,
            port=url.port,
            user=url.user,
            password=url.password,
            database=url.database,
            unix_socket=url.unix_socket,
            charset="utf8mb4",
            autocommit=True,
        )
        with connection:
            yield connection
