"""MySQL and MariaDB: a few connections of aiomysql, and one way to ask them.

Connections belong to one event loop and are opened when first needed. They speak the text protocol,
commit by themselves (an open transaction would hold RDS Proxy's connection) and set the time zone,
which the proxy tracks. Every await is bounded by the request's deadline.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

import aiomysql
from aiomysql.connection import Connection
from pymysql.constants import COMMAND
from pymysql.err import MySQLError

from handler.compiler.sql import MAX_STATEMENT_BYTES, Statement
from handler.errors import DeadlineError, InputError, LimitError, UpstreamError
from handler.stores.connection import connect, disconnect, tls_context
from handler.stores.credentials import Credentials, FixedCredentials, log_in
from handler.stores.deadline import Deadline
from handler.stores.login import Login
from handler.stores.resultset import ProtocolError, RowSet, read_result
from handler.stores.url import DatabaseUrl

# Failures of the connection, not of the statement: a second try on a fresh one can help.
# Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html
_RETRYABLE_CODES = frozenset((1053, 1317, 1927, 2006, 2013, 2055))
_CONNECT_TIMEOUT_S = 5.0


class Database(Protocol):
    """What the execution needs of a database."""

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT``. Raises ``UpstreamError``, ``DeadlineError`` or ``InputError``."""


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    size: int = 4  # connections
    idle_s: float = 300.0  # a connection not used for longer is closed, not trusted


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
        self._free: deque[Connection] = deque()
        self._places = asyncio.Semaphore(self._limits.size)
        self._tls = tls_context(url.ssl_ca)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT``, once more on a fresh connection if the first one was lost."""
        try:
            async with asyncio.timeout(deadline.remaining_s()), self._places:
                connection = await self._take()
                try:
                    return await self._query(connection, statement)
                except UpstreamError as error:
                    if not error.retryable:
                        raise
                self._close_free()
                return await self._query(await self._connect(), statement)
        except TimeoutError as exc:
            raise DeadlineError("the database did not answer in time") from exc

    async def close(self) -> None:
        """Close all connections, politely."""
        while self._free:
            await disconnect(self._free.pop())

    def _close_free(self) -> None:
        while self._free:
            self._free.pop().close()

    async def _take(self) -> Connection:
        """The connection used last, if it is still good, or a new one."""
        now = asyncio.get_running_loop().time()
        while self._free:
            connection = self._free.pop()
            reader = connection._reader
            is_lost = reader is None or reader.at_eof() or reader.exception() is not None
            if is_lost or reader.eof_received or now - connection.last_usage > self._limits.idle_s:
                connection.close()
                continue
            return connection
        return await self._connect()

    async def _connect(self) -> Connection:
        return await log_in(self._credentials, self._connect_as)

    async def _connect_as(self, login: Login) -> Connection:
        url = self._url.with_login(login)
        return await connect(url, self._tls, timeout_s=_CONNECT_TIMEOUT_S)

    async def _query(self, connection: Connection, statement: Statement) -> RowSet:
        is_clean = False
        try:
            text = _escape(connection, statement)
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
            is_lost = code in _RETRYABLE_CODES
            is_clean = not is_lost
            raise UpstreamError(f"the database refused: {exc}", retryable=is_lost) from exc
        finally:
            if is_clean:
                connection._last_usage = asyncio.get_running_loop().time()
                self._free.append(connection)
            else:
                connection.close()
        return result


def _escape(connection: Connection, statement: Statement) -> bytes:
    """The statement with its parameters, escaped by the driver."""
    literals = tuple(connection.escape(value) for value in statement.parameters)
    try:
        text = (statement.text % literals).encode()
    except UnicodeEncodeError as exc:
        raise InputError("a text holds half of a surrogate pair, which is no character") from exc
    if len(text) > MAX_STATEMENT_BYTES:
        raise LimitError(
            f"the arguments make a statement of {len(text)} bytes, more than the limit of "
            f"{MAX_STATEMENT_BYTES}; give fewer or shorter values"
        )
    return text


__all__ = ["Database", "MySqlDatabase", "PoolLimits", "aiomysql"]
