"""MySQL and MariaDB: a few connections of aiomysql, and one way to ask them.

Connections belong to one event loop and are opened when first needed. They speak the text protocol,
commit by themselves (an open transaction would hold RDS Proxy's connection) and set the time zone,
which the proxy tracks. Every await is bounded by the request's deadline, and the server knows it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import aiomysql
from aiomysql.connection import Connection
from pymysql.constants import COMMAND, ER
from pymysql.err import MySQLError

from handler.compiler.sql import MAX_STATEMENT_BYTES
from handler.compiler.tables import Statement
from handler.errors import DeadlineError, HandlerError, InputError, LimitError, UpstreamError
from handler.records import dataclass
from handler.stores.complaint import describe
from handler.stores.connection import connect, disconnect, tls_context
from handler.stores.credentials import Credentials, FixedCredentials, log_in
from handler.stores.deadline import Deadline
from handler.stores.literals import literal
from handler.stores.login import Login
from handler.stores.resultset import ProtocolError, RowSet, read_result
from handler.stores.time_limit import TIME_LIMIT_CODES, is_mariadb, limit_time
from handler.stores.url import DatabaseUrl

# Failures of the connection, not of the statement: a second try on a fresh one can help. So it can
# after 1317, a killed statement, and 1412, a table that was altered meanwhile.
# Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html
_RETRYABLE_CODES = frozenset(
    (1053, 1158, 1159, 1160, 1161, 1317, 1412, 1927, 2006, 2013, 2055, 4031)
)
_MISSING_RIGHTS = (
    ER.DBACCESS_DENIED_ERROR,
    ER.TABLEACCESS_DENIED_ERROR,
    ER.COLUMNACCESS_DENIED_ERROR,
)
_RIGHTS_REMEDY = "; give the account SELECT on what the SDL names: migrate does for its api_user"
_CONNECT_TIMEOUT_S = 5.0
_PROBE_S = 1.0  # for a connection to a database that has refused some: a quick error is better
_LOOK_AFTER_S = 1.0  # of rest: has the server said goodbye meanwhile, or was all of this frozen?
_PING_AFTER_S = 30.0  # of rest: a connection may be gone without a word
_PING_TIMEOUT_S = 1.0
_AGAIN_AFTER_S = 0.05  # between two tries to connect


class Database(Protocol):
    """What the execution needs of a database."""

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT``. Raises ``UpstreamError``, ``DeadlineError`` or ``InputError``."""


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    size: int = 4  # connections
    idle_s: float = 300.0  # a connection not used for longer is closed, not trusted


@dataclass(frozen=True, slots=True)
class _Resting:
    """A connection that nobody uses, and since when: by the loop's clock and by that of the day.

    A frozen environment's loop may not know that time has passed.
    """

    connection: Connection
    at_s: float
    at_day_s: float


@dataclass
class BackOff:
    """After some failures to connect in a row, pauses that grow, in which nobody tries."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    until_s: float = 0.0

    def limit_s(self) -> float:
        """How long making a connection may take now. Raises ``UpstreamError`` during a pause."""
        if self.failures < 2:
            return _CONNECT_TIMEOUT_S
        if self.clock() < self.until_s:
            raise UpstreamError(f"the database refused {self.failures} connections: a pause")
        return _PROBE_S

    def failed(self) -> None:
        """A connection could not be made."""
        self.failures = min(self.failures + 1, 10)
        pause_s = min(1.0, _AGAIN_AFTER_S * 2**self.failures)
        self.until_s = self.clock() + pause_s * random.uniform(0.5, 1)  # noqa: S311

    def succeeded(self) -> None:
        """The database is there."""
        self.failures = 0


class MySqlDatabase:
    """A pool of connections to one server; without ``credentials`` the URL holds the login.

    Raises ``SettingsError`` if the URL's file of certificates cannot be used.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        limits: PoolLimits | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._url = url
        self._credentials = credentials or FixedCredentials(url.login)
        self._limits = limits or PoolLimits()
        self._free: deque[_Resting] = deque()
        self._back_off = BackOff()
        self._places = asyncio.Semaphore(self._limits.size)
        self._tls = tls_context(url.ssl_ca)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT``, once more on a fresh connection if the first one was lost.

        Unless the request was on its second try already when this began: see ``Tries``.
        """
        is_last_try = deadline.tries.is_second
        try:
            async with asyncio.timeout(deadline.remaining_s()), self._places:
                try:
                    return await self._query(await self._take(deadline), statement, deadline)
                except UpstreamError as error:
                    if not error.retryable or is_last_try:
                        raise
                    deadline.tries.is_second = True
                if self._back_off.failures:
                    await asyncio.sleep(_AGAIN_AFTER_S * random.uniform(0.5, 1))  # noqa: S311
                return await self._query(
                    await self._connect(_CONNECT_TIMEOUT_S), statement, deadline
                )
        except TimeoutError as exc:
            raise DeadlineError("the database did not answer in time") from exc

    async def close(self) -> None:
        """Close all connections, politely, and forget secrets and what failed before."""
        self._back_off.succeeded()
        self._credentials.forget()
        while self._free:
            await disconnect(self._free.pop().connection)

    async def _take(self, deadline: Deadline) -> Connection:
        """The connection used last, if it is still good, or a new one."""
        while self._free:
            resting = self._free.pop()
            if await self._is_good(resting, deadline):
                return resting.connection
            resting.connection.close()
        return await self._connect(deadline.remaining_s() / 2)  # the rest is for a second try

    async def _is_good(self, resting: _Resting, deadline: Deadline) -> bool:
        now = asyncio.get_running_loop().time()
        rest_s = max(now - resting.at_s, abs(time.time() - resting.at_day_s))
        if rest_s > self._limits.idle_s:
            return False
        if rest_s > _LOOK_AFTER_S:
            await asyncio.sleep(0)  # the loop looks at its sockets
        reader = resting.connection._reader
        if reader is None or reader.at_eof() or reader.exception() is not None:
            return False
        if reader.eof_received or reader._buffer:  # a goodbye, or words that nobody asked for
            return False
        if rest_s > _PING_AFTER_S:
            try:
                async with asyncio.timeout(min(_PING_TIMEOUT_S, deadline.remaining_s() / 4)):
                    await resting.connection.ping(reconnect=False)
            except (MySQLError, OSError, EOFError):  # a TimeoutError is an OSError
                return False
        return True

    async def _connect(self, limit_s: float) -> Connection:
        limit_s = min(self._back_off.limit_s(), limit_s)
        try:
            connection = await log_in(
                self._credentials, lambda login: self._connect_as(login, limit_s)
            )
        except UpstreamError as error:
            if error.retryable:
                self._back_off.failed()
            raise
        self._back_off.succeeded()
        return connection

    async def _connect_as(self, login: Login, limit_s: float) -> Connection:
        url = self._url.with_login(login)
        try:
            return await connect(url, self._tls, timeout_s=limit_s)
        except HandlerError:
            raise
        except Exception as error:
            # Garbage in a handshake shows as any exception of the driver, a cancellation sometimes
            # as well; that one must stay one, or nobody would end what comes next.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from error
            raise UpstreamError(
                f"{url} does not speak as a database does: {type(error).__name__}", retryable=True
            ) from error

    async def _query(
        self, connection: Connection, statement: Statement, deadline: Deadline
    ) -> RowSet:
        is_clean = False
        try:
            remaining_s = deadline.remaining_s()
            text = limit_time(
                _text_of(statement),
                # The server's error comes before our own time is up, and the connection is kept.
                remaining_s - min(0.05, remaining_s / 10),
                mariadb=is_mariadb(connection.server_version),
            )
            _check_size(text)
            await connection._execute_command(COMMAND.COM_QUERY, text)
            result = await read_result(connection._reader)
            is_clean = True
        except (InputError, LimitError):
            is_clean = True
            raise
        except (EOFError, OSError, ProtocolError) as exc:
            raise UpstreamError(f"the database connection broke: {exc}", retryable=True) from exc
        except MySQLError as exc:
            code = exc.args[0] if exc.args else 0
            if code in TIME_LIMIT_CODES:
                is_clean = True
                raise DeadlineError(f"the database ended the statement: {describe(exc)}") from exc
            is_lost = code in _RETRYABLE_CODES
            is_clean = not is_lost
            remedy = _RIGHTS_REMEDY if code in _MISSING_RIGHTS else ""
            raise UpstreamError(
                f"the database refused: {describe(exc)}{remedy}", retryable=is_lost
            ) from exc
        finally:
            if is_clean:
                now = asyncio.get_running_loop().time()
                self._free.append(_Resting(connection, now, time.time()))
            else:
                connection.close()
                while self._free:  # what became of that one has become of these, most likely
                    self._free.pop().connection.close()
        return result


def _text_of(statement: Statement) -> bytes:
    """The statement with its parameters as literals."""
    try:
        return (statement.text % tuple(map(literal, statement.parameters))).encode()
    except UnicodeEncodeError as exc:
        raise InputError("a text holds half of a surrogate pair, which is no character") from exc


def _check_size(text: bytes) -> None:
    if len(text) > MAX_STATEMENT_BYTES:
        raise LimitError(
            f"the arguments make a statement of {len(text)} bytes, more than the limit of "
            f"{MAX_STATEMENT_BYTES}; give fewer or shorter values"
        )


__all__ = ["Database", "MySqlDatabase", "PoolLimits", "aiomysql"]
