"""End statements on the server whose callers have left.

To close a connection ends no statement: a server reads on until it has rows to send. So another
connection looks whether that statement is still running there, and ends it. Behind a proxy the
numbers of connections are others; then the text is not found at that number and nothing is ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiomysql.connection import Connection
from pymysql.err import MySQLError

from handler.errors import HandlerError
from handler.stores.mysql.connection import disconnect

LIMIT_S: Final = 2.0  # for one ending, connecting included
ENDINGS_MAX: Final = 100  # under way; more wait for the server's own limit of time


class Endings:
    """What is being ended. ``log_in``: opens a connection within so many seconds."""

    def __init__(self, log_in: Callable[[float], Awaitable[Connection]]) -> None:
        self._log_in = log_in
        self._under_way: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    def begin(self, thread_id: int, text: bytes) -> None:
        """End a statement of that connection in the background."""
        if len(self._under_way) < ENDINGS_MAX:
            task = asyncio.get_running_loop().create_task(self._end(thread_id, text))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def wait(self) -> None:
        """Wait for those under way."""
        await asyncio.gather(*self._under_way)

    async def _end(self, thread_id: int, text: bytes) -> None:
        """A failure is nobody's: the statement ends by the server's limit of time."""
        with suppress(HandlerError, MySQLError, OSError, EOFError):  # OSError: also a TimeoutError
            async with self._one_at_a_time, asyncio.timeout(LIMIT_S):
                connection = await self._log_in(LIMIT_S)
                try:
                    await _end_by(connection, thread_id, text.decode(errors="replace").strip())
                finally:
                    await disconnect(connection)


async def _end_by(connection: Connection, thread_id: int, text: str) -> None:
    # Not by a cursor, which makes an error of MySQL's warning that this word will go one day.
    await connection.query("SHOW FULL PROCESSLIST")  # of this account, without further rights
    running = {row[0]: row[7] for row in connection._result.rows}
    if (running.get(thread_id) or "").strip() == text:
        await connection.query("KILL " + connection.escape(thread_id))
