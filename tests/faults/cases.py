"""Every fault that is to be survived: how it begins, and how it ends.

A case registers with the site what takes it back, so the cure of each is ``site.cure()``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

import redis
from pymysql.err import OperationalError

from handler.stores.login import Login
from handler.stores.url import DatabaseUrl
from tests.faults.proxy import Fault, FaultProxy
from tests.faults.site import USER, Site, connect
from tests.frozen import freeze

Begin: TypeAlias = Callable[[Site], Awaitable[None]]

HOUR_S = 3_600.0


@dataclass(frozen=True)
class Case:
    """A fault. ``is_noticed``: callers may be given typed errors while it lasts."""

    name: str
    begin: Begin
    is_noticed: bool = False

    @property
    def id(self) -> str:
        """For names of tests."""
        return self.name.replace(" ", "-")


# ----------------------------------------------------------------------------- ways to break things


def proxied(which: str, fault: Fault | str) -> Begin:
    """The proxy before the cache or the database breaks what goes through it.

    Connections that are open are reset, so that the next ones have the fault; ``"frozen"`` leaves
    them open.
    """

    async def begin(site: Site) -> None:
        proxy: FaultProxy = getattr(site, which)
        proxy.is_refusing, proxy.is_frozen = fault == "refused", fault == "frozen"
        proxy.fault = fault if isinstance(fault, Fault) else None
        if fault != "frozen":
            proxy.break_all()

        async def end() -> None:
            proxy.is_refusing = proxy.is_frozen = False
            proxy.fault = None

        site.undo.append(end)

    return begin


def killed(which: str) -> Begin:
    """The server dies by SIGKILL and is started again."""

    async def begin(site: Site) -> None:
        server = getattr(site.servers, which)
        os.kill(server.pid, signal.SIGKILL)
        site.undo.append(lambda: site.on_servers(server.start))

    return begin


def stopped(which: str) -> Begin:
    """The server's process is stopped, and goes on."""

    async def begin(site: Site) -> None:
        pid = getattr(site.servers, which).pid
        freeze(pid)

        async def end() -> None:
            os.kill(pid, signal.SIGCONT)

        site.undo.append(end)

    return begin


async def redis_is_full(site: Site) -> None:
    """No room and no permission to make some."""

    def limit(client: redis.Redis, size: str, policy: str) -> None:
        client.config_set("maxmemory-policy", policy)
        client.config_set("maxmemory", size)

    await site.redis(lambda client: limit(client, "1", "noeviction"))
    site.undo.append(lambda: site.redis(lambda client: limit(client, "64mb", "allkeys-lru")))


async def redis_is_read_only(site: Site) -> None:
    """What was the primary follows another one that is not there."""
    await site.redis(lambda client: client.replicaof("127.0.0.1", "1"))
    site.undo.append(lambda: site.redis(lambda client: client.replicaof("NO", "ONE")))


async def keys_of_the_wrong_type(site: Site) -> None:
    """Somebody else's lists stand where our answers, versions and locks were."""

    def replace(client: redis.Redis) -> None:
        for key in client.scan_iter("aurora:*"):
            both = client.pipeline()  # one step: somebody may keep an answer in between
            both.delete(key)
            both.rpush(key, "somebody else's")
            both.execute()

    site.meanwhile(lambda: site.redis(replace), every_s=0.1)


async def database_fails_over(site: Site) -> None:
    """The address dies; the name leads to another one at the cure."""
    old = site.database
    old.is_refusing = True
    old.break_all()

    async def end() -> None:
        site.database, site.standby = site.standby, old
        old.is_refusing = False
        old.break_all()

    site.undo.append(end)


async def frozen_at_connect(site: Site) -> None:
    """The address takes no more connections: packets to it are dropped."""
    listener = socket.socket()
    listener.bind(("127.0.0.3", site.database.port))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for each in waiting:  # they fill the queue, which nobody empties
        each.setblocking(False)
        each.connect_ex(listener.getsockname())
    site.address = "127.0.0.3"
    site.database.break_all()

    async def end() -> None:
        site.address = ""
        for each in (*waiting, listener):
            each.close()

    site.undo.append(end)


async def too_many_connections(site: Site) -> None:
    """Others hold all connections that the server has."""
    plain = DatabaseUrl(
        user=USER,
        password=site.passwords[0].valid.password,
        database="shop",
        host="127.0.0.1",
        port=site.servers.mariadb.port or 0,
    )

    def hold() -> list[object]:
        held: list[object] = []
        try:
            while True:
                held.append(connect(plain))
        except OperationalError:
            return held

    # One connection for both settings: a second one could be one too many as well.
    administrator = await asyncio.to_thread(connect, site.servers.admin)

    def allow(count: int) -> None:
        with administrator.cursor() as cursor:
            cursor.execute(f"SET GLOBAL max_connections = {count}")

    await asyncio.to_thread(allow, 10)
    site.database.break_all()
    held = await asyncio.to_thread(hold)

    async def end() -> None:
        for each in held:
            each.close()  # type: ignore[attr-defined]  # PyMySQL's connections
        await asyncio.to_thread(allow, 151)
        administrator.close()

    site.undo.append(end)


async def tables_are_locked(site: Site) -> None:
    """Statements wait until the server ends them, because their time is up."""
    connection = await asyncio.to_thread(connect, site.servers.admin)

    def lock() -> None:
        with connection.cursor() as cursor:
            tables = ("customers", "orders", "order_items", "products")
            cursor.execute("LOCK TABLES " + ", ".join(f"{table} WRITE" for table in tables))

    await asyncio.to_thread(lock)

    async def end() -> None:
        connection.close()

    site.undo.append(end)


def killing(what: str) -> Begin:
    """Somebody kills all statements, or all connections, again and again."""

    async def begin(site: Site) -> None:
        site.meanwhile(lambda: site.kill(what, USER), every_s=0.05)

    return begin


async def database_is_read_only(site: Site) -> None:
    """As after a failover to a replica."""
    await site.sql("SET GLOBAL read_only = 1")
    site.undo.append(lambda: site.sql("SET GLOBAL read_only = 0"))


async def a_column_comes_and_goes(site: Site) -> None:
    """A migration of something that no answer needs."""
    site.meanwhile(
        lambda: site.sql(
            "ALTER TABLE products ADD COLUMN extra INT", "ALTER TABLE products DROP COLUMN extra"
        ),
        every_s=0.05,
    )
    # One that was cut in the middle.
    site.undo.insert(-1, lambda: site.drop_column("products", "extra"))


async def a_column_is_renamed(site: Site) -> None:
    """A migration before the API that fits it."""
    rename = "ALTER TABLE products RENAME COLUMN {} TO {}"
    await site.sql(rename.format("product_name", "title"))
    site.undo.append(lambda: site.sql(rename.format("title", "product_name")))


async def the_password_is_changed(site: Site) -> None:
    """By Secrets Manager, while connections are open, which end."""
    new = Login(USER, f"changed at {time.monotonic()}")
    await site.sql(f"ALTER USER {USER}@'%' IDENTIFIED BY '{new.password}'")
    for passwords in site.passwords:
        passwords.valid = new
    site.database.break_all()
    site.undo.append(lambda: site.sql(f"ALTER USER {USER}@'%' IDENTIFIED BY 'first'"))

    async def back() -> None:
        for passwords in site.passwords:
            passwords.valid = Login(USER, "first")

    site.undo.append(back)


def clock_jumps(by_s: float) -> Begin:
    """The clock of the day of all environments."""

    async def begin(site: Site) -> None:
        right = time.time
        time.time = lambda: right() + by_s

        async def end() -> None:
            time.time = right

        site.undo.append(end)

    return begin


# ------------------------------------------------------------------------------------- what breaks

CACHE_CASES = (
    Case("Redis killed", killed("redis")),
    Case("Redis frozen", stopped("redis")),
    Case("Redis slow by 500 ms", proxied("cache", Fault(delay_s=0.5))),
    Case("Redis full", redis_is_full),
    Case("Redis read-only", redis_is_read_only),
    Case("Redis holds keys of another type", keys_of_the_wrong_type),
    Case("Redis resets at connect", proxied("cache", "refused")),
    Case("Redis resets before the answer", proxied("cache", Fault(reset_after=0))),
    Case("Redis resets within an answer", proxied("cache", Fault(reset_after=100))),
    Case("Redis stops within an answer", proxied("cache", Fault(hole_after=100))),
    Case("Redis sends garbage", proxied("cache", Fault(garbage_after=0))),
)
DATABASE_CASES = (
    Case("database killed and restarted", killed("mariadb"), is_noticed=True),
    Case("database fails over to another address", database_fails_over, is_noticed=True),
    Case("database frozen", stopped("mariadb"), is_noticed=True),
    Case("database frozen at connect", frozen_at_connect, is_noticed=True),
    Case(
        "database frozen in the handshake",
        proxied("database", Fault(hole_after=10)),
        is_noticed=True,
    ),
    Case("database frozen at the query", proxied("database", "frozen"), is_noticed=True),
    Case("database frozen within rows", proxied("database", Fault(hole_after=400)), True),
    Case("database refuses connections", proxied("database", "refused"), is_noticed=True),
    Case("database resets within rows", proxied("database", Fault(reset_after=400)), True),
    Case("database ends within rows", proxied("database", Fault(cut_after=400)), True),
    Case("database sends garbage", proxied("database", Fault(garbage_after=200)), True),
    Case("database slow by 50 ms", proxied("database", Fault(delay_s=0.05))),
    Case("too many connections", too_many_connections, is_noticed=True),
    Case("statements over their time", tables_are_locked, is_noticed=True),
    Case("statements killed", killing("QUERY"), is_noticed=True),
    Case("connections killed", killing("CONNECTION"), is_noticed=True),
    Case("database read-only", database_is_read_only),
    Case("a column comes and goes", a_column_comes_and_goes),
    Case("a column renamed", a_column_is_renamed, is_noticed=True),
    Case("the password changed", the_password_is_changed),
)
CLOCK_CASES = (
    Case("clock an hour ahead", clock_jumps(HOUR_S)),
    Case("clock an hour back", clock_jumps(-HOUR_S)),
)
CASES = (*CACHE_CASES, *DATABASE_CASES, *CLOCK_CASES)
