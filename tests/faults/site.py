"""Where faults happen: servers of their own, proxies before them, environments behind the proxies.

An environment is a whole App with its own clients; the engine, which holds nothing of a request,
is shared to keep the start short.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pymysql
import redis

from aurora_graphql.dev.choice import database_server
from aurora_graphql.dev.servers import DatabaseServer, RedisServer
from handler.app import App, start_engine
from handler.jobs.ingest.run import ingest
from handler.jobs.migrate import migrate
from handler.settings import Settings
from handler.stores.login import Login
from handler.stores.mysql.database import MySqlDatabase, PoolLimits
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.faults.proxy import FaultProxy
from tests.integration.servers import NORTHWIND, ORDERS
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
NAME = "database.test"  # what environments connect to; it leads to the proxy that is the writer
POOL_SIZE = 2
USER = "reader"  # without the right to come in where there are too many

Done = TypeVar("Done")


@dataclass(frozen=True)
class Servers:
    """A MariaDB with the Northwind orders and a Redis, to be frozen and killed."""

    mariadb: DatabaseServer
    redis: RedisServer
    admin: DatabaseUrl
    hands: ThreadPoolExecutor  # a server ends with the thread that started it, so that one stays


@contextlib.contextmanager
def open_servers(folder: Path) -> Iterator[Servers]:
    """Both servers on free ports, the data loaded."""
    with (
        ThreadPoolExecutor(1) as hands,
        database_server(os.environ)(folder / "mariadb", port=free_port()) as mariadb,
        RedisServer(folder / "redis", port=free_port()) as redis_server,
    ):
        admin = mariadb.create_database("shop")
        asyncio.run(migrate(admin, PROJECT / "migrations"))
        asyncio.run(ingest(admin, NORTHWIND, ORDERS))
        found = Servers(mariadb, redis_server, admin, hands)
        with connect(admin) as connection, connection.cursor() as cursor:
            # A server that is killed must not forget what it wrote last.
            cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
            cursor.execute(f"CREATE USER {USER}@'%' IDENTIFIED BY 'first'")
            cursor.execute(f"GRANT SELECT ON shop.* TO {USER}@'%'")
            cursor.execute("ANALYZE TABLE customers, orders, order_items, products")
        yield found


@dataclass
class Passwords:
    """A login that can be changed on the way, as Secrets Manager does."""

    valid: Login
    known: Login

    async def current(self) -> Login:
        """See ``Credentials``."""
        return self.known

    async def renew(self, refused: Login) -> Login | None:
        """See ``Credentials``."""
        self.known = self.valid
        return None if self.known == refused else self.known

    def forget(self) -> None:
        """Nothing was fetched."""


@dataclass
class Site:
    """Environments and everything that can be broken behind them."""

    servers: Servers
    database: FaultProxy
    standby: FaultProxy  # the address that the database fails over to
    cache: FaultProxy
    apps: list[App] = field(default_factory=list)
    passwords: list[Passwords] = field(default_factory=list)
    address: str = ""  # that the name leads to; empty: to the database
    undo: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def on_servers(self, call: Callable[[], Done]) -> Done:
        """Do something that blocks, in the thread that may start servers."""
        return await asyncio.get_running_loop().run_in_executor(self.servers.hands, call)

    async def sql(self, *statements: str) -> None:
        """Run statements as the administrator."""

        def run() -> None:
            with connect(self.servers.admin) as connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

        await asyncio.to_thread(run)

    async def drop_column(self, table: str, column: str) -> None:
        """Drop a column if it is there."""
        with contextlib.suppress(pymysql.err.OperationalError):  # 1091: it is not
            await self.sql(f"ALTER TABLE {table} DROP COLUMN {column}")

    async def kill(self, what: str, user: str) -> None:
        """``what``: CONNECTION or QUERY, of all sessions of an account."""

        def run() -> None:
            with connect(self.servers.admin) as connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id FROM information_schema.processlist WHERE user = %s", (user,)
                )
                for (number,) in cursor.fetchall():
                    with contextlib.suppress(pymysql.err.OperationalError):  # 1094: it has ended
                        cursor.execute(f"KILL {what} {number}")

        await asyncio.to_thread(run)

    async def redis(self, call: Callable[[redis.Redis], object]) -> None:
        """Tell Redis something, past its proxy."""

        def run() -> None:
            with redis.Redis(host="127.0.0.1", port=self.servers.redis.port or 0) as client:
                call(client)

        await asyncio.to_thread(run)

    def meanwhile(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        """Do that again and again until the cure."""

        async def repeat() -> None:
            while True:
                await work()
                await asyncio.sleep(every_s)

        task = asyncio.create_task(repeat())

        async def end() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self.undo.append(end)

    async def cure(self) -> None:
        """Take everything back, the last thing first."""
        while self.undo:
            await self.undo.pop()()


@contextlib.asynccontextmanager
async def open_site(servers: Servers, count: int) -> AsyncIterator[Site]:
    """So many environments over the servers, with an empty cache."""
    database = FaultProxy(("127.0.0.1", servers.mariadb.port or 0))
    standby = FaultProxy(("127.0.0.1", servers.mariadb.port or 0), host="127.0.0.2")
    cache = FaultProxy(("127.0.0.1", servers.redis.port or 0))
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(database.running())
        standby.port = database.port
        await stack.enter_async_context(standby.running())
        await stack.enter_async_context(cache.running())
        site = Site(servers, database, standby, cache)
        await site.redis(lambda client: client.flushall())
        stack.enter_context(_leading(site))
        url = DatabaseUrl(
            user=USER, password="first", database="shop", host=NAME, port=database.port
        )
        settings = Settings(
            database_url=url, sdl_dir=PROJECT / "sdl", auth=False, log_level="ERROR"
        )
        engine = await start_engine(settings)
        for _ in range(count):
            passwords = Passwords(url.login, url.login)
            client = RedisCache(f"redis://127.0.0.1:{cache.port}")
            limits = PoolLimits(size=POOL_SIZE)
            app = App(settings, engine, MySqlDatabase(url, limits, passwords), client)
            assert app._responses is not None
            app._responses.clock = _now
            site.apps.append(app)
            site.passwords.append(passwords)
            stack.push_async_callback(app.close)
        stack.push_async_callback(site.cure)
        yield site
    await asyncio.sleep(0.05)  # the loop closes what was given up in its last moments


def _now() -> float:
    return time.time()  # looked up each time, so that it sees a clock that jumps


@contextlib.contextmanager
def _leading(site: Site) -> Iterator[None]:
    """Make the name lead to where the site says, for everything in this process."""
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, *more: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        address = site.address or site.database.host
        return resolve(address if name == NAME else host, *more, **options)

    socket.getaddrinfo = resolve_here
    try:
        yield
    finally:
        socket.getaddrinfo = resolve


def connect(url: DatabaseUrl) -> Any:
    """A plain blocking connection; one that is refused leaves no socket behind."""
    plug: socket.socket
    if url.unix_socket:
        plug = socket.socket(socket.AF_UNIX)
        plug.connect(url.unix_socket)
    else:
        plug = socket.create_connection((url.host, url.port))
    connection = pymysql.connect(
        user=url.user,
        password=url.password,
        database=url.database,
        autocommit=True,
        defer_connect=True,
    )
    try:
        connection.connect(plug)
    except pymysql.err.MySQLError:
        plug.close()
        raise
    return connection
