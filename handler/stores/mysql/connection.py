"""Connections of aiomysql, which are encrypted or fail where authorities are given.

The driver continues without encryption if a server claims not to support TLS, as an attacker in
between could, and sends the password to any server that asks for it in plain text. Both are refused
here.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from aiomysql.connection import Connection
from pymysql.constants import CLIENT, ER
from pymysql.err import MySQLError, OperationalError

from handler.errors import UpstreamError
from handler.stores.aws.credentials import LoginRefusedError
from handler.stores.mysql.waking import AwayError, is_away
from handler.stores.tls import trust_only
from handler.stores.url import DatabaseUrl

GOODBYE_S = 0.2

_LOGIN_REMEDY = (
    "correct user and password, or for DATABASE_AUTH iam give the function's role rds-db:connect"
    " for this user"
)

_REFUSED = frozenset({ER.ACCESS_DENIED_ERROR, 1698})  # 1698: no password was given
# One by one: RDS Proxy tracks these, each on its own. A server may have been told to ignore the
# character set of the handshake (skip_character_set_client_handshake), or to begin with another.
_FIRST = (
    "SET NAMES utf8mb4",
    "SET time_zone = '+00:00'",  # TIMESTAMP columns are sent in this zone
)
_CLEAR = "mysql_clear_password"


def tls_context(ca_file: str | None) -> ssl.SSLContext | None:
    """The context for TLS by the authorities in ``ssl_ca``; None without any.

    Raises ``SettingsError``.
    """
    if ca_file is None:
        return None
    return trust_only(ca_file, "correct DATABASE_CA_FILE, or ssl_ca in DATABASE_URL")


async def connect(
    url: DatabaseUrl,
    tls: ssl.SSLContext | None,
    *,
    timeout_s: float,
    sql_mode: str | None = None,
) -> Connection:
    """A connection with autocommit, in UTC.

    Raises ``LoginRefusedError``, ``AwayError`` where the server may be there in a moment, and
    ``UpstreamError`` for everything else that prevents it.
    """
    connection = _Connection(
        host=url.host,
        port=url.port,
        unix_socket=url.unix_socket,
        user=url.user,
        password=_letters_of(url.password),
        db=url.database,
        charset="utf8mb4",
        sql_mode=sql_mode,
        autocommit=True,
        ssl=tls,
    )
    try:
        # aiomysql's own connect_timeout does not cover the handshake.
        async with asyncio.timeout(timeout_s):
            await connection._connect()
            for statement in _FIRST:
                await connection.query(statement)
    except TimeoutError as error:
        connection.close()
        raise AwayError(f"{url} did not answer within {timeout_s:.3g} s", retryable=True) from error
    except (MySQLError, OSError) as error:
        connection.close()
        message = f"cannot connect to {url}: {_cause(error)}"
        if error.args and error.args[0] in _REFUSED:
            raise LoginRefusedError(f"{message}; {_LOGIN_REMEDY}") from error
        failure = AwayError if is_away(error) else UpstreamError
        raise failure(message, retryable=True) from error
    except BaseException:
        connection.close()
        raise
    return connection


async def disconnect(connection: Connection) -> None:
    """Send COM_QUIT and close at once: the event loop may stop between two events."""
    writer = connection._writer
    if writer is None:
        return
    with suppress(OSError):  # also a TimeoutError
        async with asyncio.timeout(GOODBYE_S):
            await connection.ensure_closed()
            await writer.wait_closed()
    connection.close()  # the driver does not, where the goodbye fails
    writer.transport.abort()


class _Connection(Connection):  # type: ignore[misc]  # aiomysql has no types
    """Refuses several statements in one, which aiomysql allows, and what the module says."""

    def __init__(self, **arguments: object) -> None:
        super().__init__(**arguments)
        self.client_flag &= ~CLIENT.MULTI_STATEMENTS

    async def _get_server_information(self) -> None:
        await super()._get_server_information()
        if self._ssl_context is not None and not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(2026, "the server offers no TLS, which is demanded here")
        self._check_plugin(self._server_auth_plugin)

    async def _request_authentication(self) -> None:
        try:
            await super()._request_authentication()
        except BaseException:
            # The driver would begin an orderly end of TLS, and the loop may stop before it is done.
            self._writer.transport.abort()
            raise

    async def _process_auth(self, plugin_name: bytes, auth_packet: object) -> object:
        self._check_plugin(plugin_name.decode(errors="replace"))
        return await super()._process_auth(plugin_name, auth_packet)

    def _check_plugin(self, name: str) -> None:
        if name == _CLEAR and self._ssl_context is None:
            raise OperationalError(
                2059, "the server asks for the password in the clear, which needs TLS"
            )


def _letters_of(password: str) -> str:
    """What the driver makes the UTF-8 of the password of: it sends every letter as one byte.

    Servers take the bytes that they were given in ``CREATE USER``, which are UTF-8.
    """
    return password.encode().decode("latin-1")


def _cause(error: BaseException) -> str:
    return str(error.__cause__ or error.args[-1])
