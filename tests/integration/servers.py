"""What the integration tests run on: servers of the session, a fresh database per test."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator

import pymysql
from pymysql.connections import Connection

from aurora_graphql.dev.servers import DatabaseServer
from handler.jobs.ingest import load_mapping
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT

_numbers = itertools.count(1)


@contextlib.contextmanager
def fresh_database(server: DatabaseServer) -> Iterator[DatabaseUrl]:
    """An empty database, removed at the end."""
    name = f"test_{next(_numbers)}"
    server.drop_database(name)
    try:
        yield server.create_database(name)
    finally:
        server.drop_database(name)


def connect(url: DatabaseUrl) -> Connection:
    """A plain blocking connection for a test's own questions; commits each statement."""
    return pymysql.connect(
        host=url.host,
        port=url.port,
        user=url.user,
        password=url.password,
        database=url.database,
        unix_socket=url.unix_socket,
        charset="utf8mb4",
        autocommit=True,
    )


def run_script(url: DatabaseUrl, *statements: str) -> None:
    """Run statements one by one, for a test's own tables and rows."""
    with connect(url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def fetch_rows(url: DatabaseUrl, statement: str, *values: object) -> list[tuple[object, ...]]:
    """All rows of one query; ``values`` take the places of its ``%s``."""
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def is_mysql(url: DatabaseUrl) -> bool:
    """Whether the server is a MySQL, which lacks some words of MariaDB, and has others."""
    return "MariaDB" not in str(fetch_rows(url, "SELECT VERSION()")[0][0])


MIGRATIONS = PROJECT / "migrations"
NORTHWIND = PROJECT / "data" / "northwind-orders.jsonl"
ORDERS = load_mapping(NORTHWIND.parent / "mappings" / "default.toml")
