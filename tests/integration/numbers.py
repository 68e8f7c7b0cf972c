"""A table of numbers, and a database client whose recovery is timed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from aurora_graphql.dev.servers import DatabaseServer
from handler.errors import UpstreamError
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase, PoolLimits
from handler.stores.url import DatabaseUrl
from tests.faults.proxy import FaultProxy
from tests.integration.servers import fresh_database, run_script

RECOVERY_S = 5.0
SLACK_S = 2.0  # of a loaded machine
NUMBERS = "SELECT n, word FROM numbers ORDER BY n"
ROWS = [(b"%d" % n, b"word %d" % n) for n in range(40)]


def fill(url: DatabaseUrl) -> None:
    """Make the table of the rows above."""
    values = ", ".join(f"({n}, 'word {n}')" for n in range(40))
    run_script(
        url,
        "CREATE TABLE numbers (n INT PRIMARY KEY, word VARCHAR(20))",
        f"INSERT INTO numbers VALUES {values}",
    )


@pytest.fixture(scope="module")
def url(mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    """A database with the table."""
    with fresh_database(mariadb) as url:
        fill(url)
        yield url


@pytest_asyncio.fixture
async def proxy(mariadb: DatabaseServer, url: DatabaseUrl) -> AsyncIterator[FaultProxy]:
    """A proxy before the server, which breaks what it is told to."""
    async with FaultProxy(mariadb.socket_file).running() as proxy:
        yield proxy


@contextlib.asynccontextmanager
async def opened(url: DatabaseUrl, size: int = 2) -> AsyncIterator[MySqlDatabase]:
    """A client with so many connections at most, closed at the end."""
    database = MySqlDatabase(url, PoolLimits(size=size))
    try:
        yield database
    finally:
        await database.close()


def through(proxy: FaultProxy, url: DatabaseUrl, host: str = "127.0.0.1") -> DatabaseUrl:
    """The same database behind a proxy."""
    return DatabaseUrl(user="root", database=url.database, host=host, port=proxy.port)


async def fetch(database: MySqlDatabase, text: str = NUMBERS, budget_s: float = 10.0) -> RowSet:
    """One statement within its time."""
    return await database.fetch(Statement(text, ()), Deadline.after(budget_s))


async def seconds_until_served(database: MySqlDatabase) -> float:
    """How long it takes until the rows come again."""
    began = time.monotonic()
    last: UpstreamError | None = None
    while time.monotonic() - began < RECOVERY_S:
        try:
            assert (await fetch(database, budget_s=1.0)).rows == ROWS
            return time.monotonic() - began
        except UpstreamError as error:
            last = error
        await asyncio.sleep(0.02)
    pytest.fail(f"not served within {RECOVERY_S} s after the cure: {last!r}")
