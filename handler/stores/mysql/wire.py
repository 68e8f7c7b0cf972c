"""An open connection that runs the statements of requests, one after the other.

The driver logs in. From then on this is the protocol of its transport, in the place of the driver's
streams: what arrives is read where it arrives, and one future is awaited for each statement.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from math import inf
from typing import Any, TypeAlias

from aiomysql.connection import Connection
from pymysql.constants import COMMAND

from handler.sql.rowset import RowSet
from handler.stores.mysql.resultset import ProtocolError, read_result
from handler.stores.mysql.time_limit import is_mariadb
from handler.stores.reply import Reply
from handler.stores.request_budget import RequestBudget

_QUERY = bytes((COMMAND.COM_QUERY,))
_PING = bytes((COMMAND.COM_PING,))
_Read: TypeAlias = Callable[[bytes, RequestBudget], Generator[None, bytes, Any]]


class OutOfTimeError(Exception):
    """The server did not answer until the time that was given for it."""


class Wire(asyncio.Protocol):
    """A connection of the driver's that has logged in.

    Only one answer is waited for at a time. Where that fails, or is no longer waited for, the
    connection has to be closed. ``rests_since_s``, ``rests_since_day_s``: since when nothing has
    been asked, by the clock of the loop and by that of the system, for whoever keeps it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_mariadb = is_mariadb(connection.server_version)
        self._loop = asyncio.get_running_loop()
        self.rests_since_s, self.rests_since_day_s = self._loop.time(), time.time()
        self._transport = connection._writer.transport
        self._streams = self._transport.get_protocol()  # of the driver, which says goodbye by them
        self._transport.set_protocol(self)
        # No more can be asked: a goodbye, or words that nobody has asked for.
        self.is_over = connection._reader.eof_received or bool(connection._reader._buffer)
        self._budget = RequestBudget()
        self._read: _Read | None = None  # what takes the answer, if it is no result set
        self._reading: Generator[None, bytes, Any] | None = None
        self._answer: Reply | None = None
        self._until_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at_s = inf

    def ask(
        self,
        text: bytes,
        budget: RequestBudget,
        until_s: float,
        *,
        command: bytes = _QUERY,
        read: _Read | None = None,
    ) -> asyncio.Future[RowSet]:
        """Send a statement; its rows come with the future, counted in the budget.

        ``until_s``: of the loop's clock. ``read``: what takes the answer, if it is no result set.
        The future fails with what ``read_result`` raises, with ``EOFError`` or ``OSError`` for a
        lost connection, and with ``OutOfTimeError``.
        """
        self._budget = budget
        self._read = read
        self._reading = None
        self._until_s = until_s
        # One timer looks after many statements: it is set anew only for one that ends before.
        if until_s < self._looks_at_s:
            self._look_at(until_s)
        self._answer = answer = Reply(loop=self._loop)
        if self.is_over:
            answer.set_exception(EOFError("the server has closed the connection"))
        else:
            size = len(text) + 1  # with the command; a statement is far below the most of a packet
            self._transport.write(b"%b\x00%b%b" % (size.to_bytes(3, "little"), command, text))
        return answer

    def ping(self, until_s: float) -> asyncio.Future[Any]:
        """Ask for a sign of life; fails as ``ask`` does."""
        return self.ask(b"", RequestBudget(), until_s, command=_PING, read=_read_ok)

    def close(self) -> None:
        """Close at once, without a goodbye."""
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()
        self.connection.close()

    def _look_at(self, at_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at_s = at_s
        self._timer = self._loop.call_at(at_s, self._look)

    def _look(self) -> None:
        """Whether the time is up of what is waited for now."""
        self._looks_at_s = inf
        if self._answer is None or self._answer.done():
            return
        if self._until_s <= self._loop.time():
            self._answer.set_exception(OutOfTimeError())
        else:
            self._look_at(self._until_s)

    # ------------------------------------------------------------------ called by the transport

    def data_received(self, data: bytes) -> None:
        """Read on, or note that these are words nobody has asked for."""
        answer = self._answer
        if answer is None or answer.done():
            self.is_over = True
            return
        try:
            if self._reading is None:
                self._reading = (self._read or read_result)(data, self._budget)
                next(self._reading)
            else:
                self._reading.send(data)
            return
        except StopIteration as done:
            found = done.value
        except Exception as error:
            answer.set_exception(error)
            return
        self._answer = None
        answer.arrive(found)

    def eof_received(self) -> None:
        """The server's goodbye; the transport closes itself."""
        self._lost(None)

    def connection_lost(self, error: Exception | None) -> None:
        """The end, whoever has made it."""
        self._lost(error)
        self._streams.connection_lost(error)

    def _lost(self, error: Exception | None) -> None:
        self.is_over = True
        if self._answer is not None and not self._answer.done():
            message = "the server closed the connection in the middle of an answer"
            self._answer.set_exception(error or EOFError(message))


def _read_ok(chunk: bytes, _: RequestBudget) -> Generator[None, bytes, None]:
    while len(chunk) < 5 or len(chunk) < 4 + int.from_bytes(chunk[:3], "little"):
        chunk += yield
    if chunk[4]:
        raise ProtocolError("no answer to a ping")
