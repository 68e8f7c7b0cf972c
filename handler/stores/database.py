"""MySQL and MariaDB: a few connections of aiomysql, and one way to ask them.

Connections belong to one event loop and are opened when first needed. They speak the text protocol,
commit by themselves (an open transaction would hold RDS Proxy's connection) and set the time zone,
which the proxy tracks. Every await is bounded by the request's deadline.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from typing import Protocol

import aiomysql
from aiomysql.connection import Connection
from pymysql.constants import CLIENT, COMMAND
from pymysql.err import MySQLError

from handler.compiler.sql import MAX_STATEMENT_BYTES, Statement
from handler.errors import DeadlineError, InputError, LimitError, UpstreamError
from handler.stores.deadline import Deadline
from handler.stores.resultset import ProtocolError, RowSet, read_result
from handler.stores.url import DatabaseUrl

# Failures of the connection, not of the statement: a second try on a fresh one can help.
# Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html
_RETRYABLE_CODES = frozenset((1053, 1317, 1927, 2006, 2013, 2055))
_INIT_COMMAND = "SET time_zone = '+00:00'"  # TIMESTAMP columns are sent in this zone
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
    """A pool of connections to one server."""

    def __init__(self, url: DatabaseUrl, limits: PoolLimits | None = None) -> None:
        self._url = url
        self._limits = limits or PoolLimits()
        self._free: deque[Connection] = deque()
        self._places = asyncio.Semaphore(self._limits.size)
        self._tls: ssl.SSLContext | None = None

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
            await self._free.pop().ensure_closed()

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
        url = self._url
        connection = _SingleStatementConnection(
            host=url.host,
            port=url.port,
            unix_socket=url.unix_socket,
            user=url.user,
            password=url.password,
            db=url.database,
            charset="utf8mb4",
            autocommit=True,
            init_command=_INIT_COMMAND,
            ssl=self._tls_context(),
        )
        try:
            # aiomysql's own connect_timeout does not cover the handshake.
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                await connection._connect()
        except TimeoutError as exc:
            connection.close()
            raise UpstreamError(f"no connection to {url}: timed out") from exc
        except (MySQLError, OSError) as exc:
            raise UpstreamError(f"no connection to {url}: {exc}") from exc
        except BaseException:
            connection.close()
            raise
        return connection

    def _tls_context(self) -> ssl.SSLContext | None:
        """TLS with the given authority alone: loading the system's takes 20 ms."""
        if self._url.ssl_ca is None:
            return None
        if self._tls is None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._tls.load_verify_locations(self._url.ssl_ca)
        return self._tls

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


class _SingleStatementConnection(Connection):  # type: ignore[misc]  # aiomysql has no types
    """A connection that refuses ``SELECT 1; SELECT 2``, which aiomysql asks for by default."""

    def __init__(self, **arguments: object) -> None:
        super().__init__(**arguments)
        self.client_flag &= ~CLIENT.MULTI_STATEMENTS


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
