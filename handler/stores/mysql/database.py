"""MySQL and MariaDB: a pool of aiomysql's connections that runs the statements of requests.

Connections belong to one event loop and are opened when they are needed. They use the text protocol
and autocommit (a transaction would pin RDS Proxy's connection) and set the time zone, which the
proxy tracks. The request's deadline bounds every await, and each statement on the server.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from math import inf
from time import monotonic
from typing import Protocol

from aiomysql.connection import Connection
from msgspec import Struct
from pymysql.constants import ER
from pymysql.err import MySQLError

from handler.errors import BudgetError, DeadlineError, HandlerError, UpstreamError
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.aws.credentials import Credentials, FixedCredentials, log_in
from handler.stores.deadline import Deadline
from handler.stores.login import Login
from handler.stores.mysql.back_off import AGAIN_AFTER_S, CONNECT_TIMEOUT_S, BackOff
from handler.stores.mysql.connection import connect, disconnect, tls_context
from handler.stores.mysql.endings import Endings
from handler.stores.mysql.literals import text_of
from handler.stores.mysql.places import Places
from handler.stores.mysql.resultset import ProtocolError
from handler.stores.mysql.server_errors import MISSING_RIGHTS, describe
from handler.stores.mysql.time_limit import TIME_LIMIT_CODES, limit_time
from handler.stores.mysql.waking import AwayError, connect_when_awake
from handler.stores.mysql.wire import OutOfTimeError, Wire
from handler.stores.url import DatabaseUrl

# Failures of the connection, not of the statement: a second try on a fresh one can help.
# Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html
_LOST_CODES = frozenset((1053, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2055, 4031))
# The statement was killed, or its table altered meanwhile: a second try on the same one can help.
_ENDED_CODES = frozenset((1317, 1412))
_RIGHTS_REMEDY = "; give the account SELECT on what the SDL names: migrate does for its api_user"
_RIGHTS_REMEDIES = {
    **dict.fromkeys(MISSING_RIGHTS, _RIGHTS_REMEDY),
    ER.VIEW_NO_EXPLAIN: "; to explain a view give SHOW VIEW on it and SELECT on what it reads",
}
_LOOK_AFTER_S = 1.0  # of rest: has the server said goodbye meanwhile, or was all of this frozen?
_PING_AFTER_S = 30.0  # of rest: a connection may be gone without a word
_PING_TIMEOUT_S = 1.0


# A text of the statement cannot be compared with a column: no such character there (3854; MariaDB
# says an illegal mix of collations, which may mean two columns as well), or no such date.
# Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
_UNFIT_CODES = frozenset((1267, 1270, 1271, 1300, 1525, 3854))


class UnfitTextError(UpstreamError):
    """The server cannot compare a text of the statement with a column."""


class RightsError(UpstreamError):
    """The account lacks a right that the statement needs."""


class Database(Protocol):
    """The interface that execution needs of a database."""

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT``. Raises ``UpstreamError``, ``DeadlineError`` or ``InputError``."""


class PoolLimits(Struct, frozen=True, kw_only=True):
    """The number of connections, and how long idle ones are kept.

    ``may_pause``: the database pauses when it is idle; a request waits for it to resume for as long
    as the request may take. ``ends_statements``: what is cancelled here ends on the server as well.
    """

    size: int = 4  # connections
    idle_s: float = 300.0  # a connection not used for longer is closed, not trusted
    may_pause: bool = False
    ends_statements: bool = False


class _EndedError(UpstreamError):
    """The server has ended the statement; the connection can be used again."""


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
        self._free: deque[Wire] = deque()
        self._sure_s = min(_LOOK_AFTER_S, self._limits.idle_s)  # of rest: nothing is looked at
        self._doubted_at_s = -inf  # what has rested since before may have been lost
        self._back_off = BackOff()
        self._places = Places(self._limits.size)
        self._tls = tls_context(url.ssl_ca)
        self._endings = Endings(self._log_in) if self._limits.ends_statements else None

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT``; if its connection is lost, once more on a new one.

        Not in the second try of a request, see ``Tries``. The text is written before a connection
        is taken, so that an error in it needs none.
        """
        deadline.budget.check()
        text = text_of(statement)
        is_last_try = deadline.tries.is_second
        now_s = monotonic()
        deadline.meter.begin(now_s)
        try:
            if self._places.free:
                self._places.free -= 1
            else:
                async with asyncio.timeout(deadline.remaining_s()):
                    await self._places.wait()
                now_s = monotonic()
            try:
                take_again = self._connect_again
                try:
                    wire = self._rested(now_s)
                    if wire is None:
                        wire = await self._take(deadline)
                        now_s = monotonic()
                    return await self._query(wire, text, deadline, now_s)
                except UpstreamError as error:
                    if not error.retryable or is_last_try:
                        raise
                    deadline.tries.is_second = True
                    if isinstance(error, _EndedError):
                        take_again = self._take
                wire = await take_again(deadline)
                return await self._query(wire, text, deadline, monotonic())
            finally:
                if self._places.waiting:
                    self._places.leave()
                else:
                    self._places.free += 1
        except (TimeoutError, OutOfTimeError) as exc:
            message = "the database did not answer in time"
            raise DeadlineError(self._back_off.with_cause(message)) from exc
        finally:
            deadline.meter.end(monotonic())

    async def close(self) -> None:
        """Close all connections; drop secrets and the count of failures."""
        if self._endings is not None:
            await self._endings.wait()
        self._back_off.succeeded()
        self._credentials.forget()
        while self._free:
            await disconnect(self._free.pop().connection)

    def _rested(self, now_s: float) -> Wire | None:
        """The connection used last, if that was a moment ago and nothing is against it."""
        if not self._free:
            return None
        wire, most_s = self._free[-1], self._sure_s
        if (
            wire.is_over
            or wire.rests_since_s <= self._doubted_at_s
            or now_s - wire.rests_since_s > most_s
            or not -most_s <= time.time() - wire.rests_since_day_s <= most_s
        ):
            return None
        return self._free.pop()

    async def _take(self, deadline: Deadline) -> Wire:
        """The connection used last if it is still open, or a new one."""
        async with asyncio.timeout(deadline.remaining_s()):
            while self._free:
                wire = self._free.pop()
                is_good = False
                try:
                    is_good = await self._is_good(wire, deadline)
                finally:  # also if the request ends meanwhile
                    if not is_good:
                        wire.close()
                if is_good:
                    return wire
            half_s = deadline.remaining_s() / 2  # the other is for a second try
            return await self._connect(half_s, deadline)

    async def _connect_again(self, deadline: Deadline) -> Wire:
        """A new connection after one was lost or failed."""
        async with asyncio.timeout(deadline.remaining_s()):
            if self._back_off.failures:
                await asyncio.sleep(AGAIN_AFTER_S * random.uniform(0.5, 1))  # noqa: S311
            return await self._connect(CONNECT_TIMEOUT_S, deadline)

    async def _is_good(self, wire: Wire, deadline: Deadline) -> bool:
        now_s = asyncio.get_running_loop().time()
        rest_s = max(now_s - wire.rests_since_s, abs(time.time() - wire.rests_since_day_s))
        if rest_s > self._limits.idle_s:
            return False
        if rest_s > _LOOK_AFTER_S:
            await asyncio.sleep(0)  # the loop looks at its sockets
        if wire.is_over:
            return False
        if rest_s > _PING_AFTER_S or wire.rests_since_s <= self._doubted_at_s:
            try:
                await wire.ping(now_s + min(_PING_TIMEOUT_S, deadline.remaining_s() / 4))
            except (MySQLError, OSError, EOFError, ProtocolError, OutOfTimeError):
                while self._free:  # what has become of this one has become of the others as well
                    self._free.pop().close()
                return False
        return True

    async def _connect(self, limit_s: float, deadline: Deadline) -> Wire:
        """A new connection within the limit, which is longer for a database that may pause."""
        if not self._limits.may_pause:
            return Wire(await self._log_in(min(self._back_off.limit_s(), limit_s)))
        try:
            return Wire(await connect_when_awake(self._log_in, deadline))
        except AwayError as error:
            raise DeadlineError(f"the database did not wake in time: {error}") from error

    async def _log_in(self, limit_s: float) -> Connection:
        try:
            connection = await log_in(
                self._credentials, lambda login: self._connect_as(login, limit_s)
            )
        except UpstreamError as error:
            if error.retryable:
                self._back_off.failed(error)
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

    async def _query(self, wire: Wire, text: bytes, deadline: Deadline, now_s: float) -> RowSet:
        """Send a statement and read its rows; then the connection is idle, or closed."""
        is_clean = is_read = False
        remaining_s = deadline.at_s - now_s
        if remaining_s <= 0:
            self._free.append(wire)  # nothing has been asked on it
            raise OutOfTimeError
        limited = limit_time(
            text,
            # The server's error comes before our own time is up, and the connection is kept.
            remaining_s - (0.05 if remaining_s > 0.5 else remaining_s / 10),
            mariadb=wire.is_mariadb,
            comment=deadline.meter.comment,
        )
        deadline.budget.statements += 1
        try:
            result = await wire.ask(limited, deadline.budget, deadline.at_s)
            is_clean = True
        except BudgetError:  # raised in the middle of an answer that nobody reads to its end
            is_read = True
            raise
        except (EOFError, OSError, ProtocolError) as exc:
            raise UpstreamError(f"the database connection broke: {exc}", retryable=True) from exc
        except MySQLError as exc:
            code = exc.args[0] if exc.args and isinstance(exc.args[0], int) else 0
            is_clean = code > 0 and code not in _LOST_CODES
            raise _translated(exc, code) from exc
        except asyncio.CancelledError:
            # Where the time is up the server ends it by itself.
            if self._endings is not None and deadline.remaining_s() > 0:
                self._endings.begin(wire.connection.thread_id(), limited)
            raise
        finally:
            now_s = monotonic()
            if is_clean:
                wire.rests_since_s, wire.rests_since_day_s = now_s, time.time()
                self._free.append(wire)
            else:
                wire.close()
                if not is_read:
                    self._doubted_at_s = now_s
        deadline.budget.check()
        return result


def _translated(error: MySQLError, code: int) -> UpstreamError:
    """The error of the handler for an error of the server or the driver."""
    if code in TIME_LIMIT_CODES:
        return DeadlineError(f"the database ended the statement: {describe(error)}")
    message = f"the database refused: {describe(error)}"
    if code in _RIGHTS_REMEDIES:
        return RightsError(message + _RIGHTS_REMEDIES[code])
    if code in _UNFIT_CODES:
        return UnfitTextError(message)
    if code in _ENDED_CODES:
        return _EndedError(message, retryable=True)
    return UpstreamError(message, retryable=code in _LOST_CODES)
