"""A connection for jobs: migrate and ingest.

They need transactions and a lock, for which RDS Proxy pins the session to a connection of the
database. That is right for a job, and must not happen in the pool of requests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomysql
import pymysql.err
from msgspec import Struct

from handler.errors import HandlerError
from handler.stores.deadline import Deadline
from handler.stores.mysql.connection import connect, disconnect, tls_context
from handler.stores.mysql.waking import AwayError, connect_when_awake
from handler.stores.url import DatabaseUrl

CONNECT_S = 10.0  # the whole handshake; aiomysql's own limit ends with the TCP connection
LOCK_NAME_CHARACTERS = 64  # MySQL refuses longer ones
# what Aurora leaves out by default: a value that does not fit is an error, never cut
SQL_MODE = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO"

_TALLY = re.compile(rb"Duplicates: (\d+)")


class LockTakenError(HandlerError):
    """Another process holds the lock; the job can be tried again later."""


class Outcome(Struct, frozen=True):
    """The result of one statement; the counts are those of an upsert.

    ``changed``: rows that existed with other values.
    """

    rows: Sequence[tuple[Any, ...]]
    inserted: int
    changed: int


class _Cursor(aiomysql.Cursor):  # type: ignore[misc]  # aiomysql publishes no types
    """A cursor that fetches no warnings: MySQL 8 sends one for each VALUES() of an upsert."""

    async def _show_warnings(self, conn: object) -> None:
        pass

    def outcome(self) -> Outcome:
        """The counts of an upsert, from MySQL's number, in which a changed row counts twice."""
        affected = max(self.rowcount, 0)
        # the text "Records: 3  Duplicates: 1  Warnings: 0" comes for several rows only
        found = _TALLY.search(self._result.message or b"")
        changed = int(found[1]) if found else affected // 2
        return Outcome(self._rows or (), affected - 2 * changed, changed)


class Session(Struct, eq=False):
    """An open connection with autocommit, but for what follows ``begin``."""

    _connection: Any
    database: str

    async def execute(self, text: str, values: Sequence[object] = ()) -> Outcome:
        """Run one statement; ``values`` replace its ``%s``.

        Without values the text is sent as it stands, percent signs included. Raises
        ``pymysql.err.Error``.
        """
        async with self._connection.cursor(_Cursor) as cursor:
            await cursor.execute(text, values or None)
            outcome: Outcome = cursor.outcome()
            return outcome

    async def begin(self) -> None:
        """Start a transaction."""
        await self._connection.begin()

    async def commit(self) -> None:
        """Commit the transaction."""
        await self._connection.commit()

    async def rollback(self) -> None:
        """Roll the transaction back."""
        await self._connection.rollback()

    @asynccontextmanager
    async def lock(self, purpose: str, *, wait_s: float) -> AsyncIterator[None]:
        """Hold the named lock of this database; the server releases it with the connection.

        Raises ``LockTakenError`` after ``wait_s``.
        """
        name = f"{purpose}:{self.database}"
        if len(name) > LOCK_NAME_CHARACTERS:
            digest = hashlib.sha256(name.encode()).hexdigest()
            name = f"{purpose}:{digest}"[:LOCK_NAME_CHARACTERS]
        taken = await self.execute("SELECT GET_LOCK(%s, %s)", (name, wait_s))
        if taken.rows[0][0] != 1:
            raise LockTakenError(
                f"another {purpose} is at work on {self.database} and did not end "
                f"within {wait_s:g} s; run this again when it has"
            )
        try:
            yield
        finally:
            # a lost or cancelled connection has freed the lock already
            if not self._connection.closed:
                with suppress(pymysql.err.Error, OSError):
                    await self.execute("SELECT RELEASE_LOCK(%s)", (name,))


async def reach(url: DatabaseUrl, *, wait_s: float) -> None:
    """Wait until the database accepts connections; it may be resuming from a pause.

    Raises ``AwayError`` after the given time, and other errors at once: for a refused login, a
    wrong name in the certificate, or an unknown database.
    """
    tls = tls_context(url.ssl_ca)

    async def come_and_go(limit_s: float) -> None:
        await disconnect(await connect(url, tls, timeout_s=limit_s))

    try:
        await connect_when_awake(come_and_go, Deadline.after(wait_s), try_s=CONNECT_S)
    except AwayError as error:
        raise AwayError(f"{error}; waited {wait_s:.0f} s for it") from error


@asynccontextmanager
async def open_session(url: DatabaseUrl) -> AsyncIterator[Session]:
    """Connect, strict and in UTC, and disconnect at the end.

    Raises ``UpstreamError`` if the database cannot be reached. Statements have no time limit.
    """
    connection = await connect(
        url,
        tls_context(url.ssl_ca),
        timeout_s=CONNECT_S,
        sql_mode=f"'{SQL_MODE}'",  # aiomysql puts it into the text as it is
    )
    try:
        yield Session(connection, url.database)
    finally:
        await disconnect(connection)
