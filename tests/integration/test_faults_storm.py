"""Environments carry mixed reads while cache and database break: right, or a typed error in time.

Every environment is a whole App with its own clients; the engine, which holds nothing of a request,
is shared to keep the start short.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from aurora_graphql.dev.servers import MariaDb, RedisServer
from handler.app import App, start_engine
from handler.settings import Settings
from handler.stores.mysql.database import MySqlDatabase, PoolLimits
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.faults.proxy import Fault, FaultProxy
from tests.faults.traffic import DOCUMENTS, Traffic

SDL = PROJECT / "sdl"


@dataclass
class Storm(Traffic):
    """Environments behind two proxies, and what came of their requests."""

    database: FaultProxy = field(kw_only=True)
    cache: FaultProxy = field(kw_only=True)


@contextlib.asynccontextmanager
async def storm(
    url: DatabaseUrl, mariadb: MariaDb, redis_server: RedisServer, count: int
) -> AsyncIterator[Storm]:
    async with (
        FaultProxy(mariadb.socket_file).running() as database,
        FaultProxy(redis_server.socket_file).running() as cache,
    ):
        through = DatabaseUrl(
            user="root", database=url.database, host="127.0.0.1", port=database.port
        )
        settings = Settings(database_url=through, sdl_dir=SDL, auth=False, log_level="ERROR")
        engine = await start_engine(settings)
        apps = [
            App(
                settings,
                engine,
                MySqlDatabase(through, PoolLimits(size=2)),
                RedisCache(f"redis://127.0.0.1:{cache.port}"),
            )
            for _ in range(count)
        ]
        try:
            async with Storm(apps, database=database, cache=cache).watched() as found:
                yield found
        finally:
            for app in apps:
                await app.close()
            await asyncio.sleep(0.05)  # the loop closes what was given up in its last moments


FAULTS: tuple[Fault | str | None, ...] = (
    None,
    Fault(delay_s=0.05),
    Fault(delay_s=0.5),
    Fault(reset_after=0),
    Fault(reset_after=150),
    Fault(cut_after=400),
    Fault(hole_after=0),
    Fault(hole_after=300),
    Fault(garbage_after=200),
    "refusing",
    "frozen",
    None,
)


def switch(proxy: FaultProxy, fault: Fault | str | None) -> None:
    proxy.is_refusing = fault == "refusing"
    proxy.is_frozen = fault == "frozen"
    proxy.fault = fault if isinstance(fault, Fault) else None
    if fault is not None:
        proxy.break_all()


@pytest.mark.parametrize(
    ("count", "seconds", "limit_s"),
    [
        # The short one also runs where tests share their processors with others.
        pytest.param(8, 8, 15, id="short"),
        pytest.param(32, 120, 5, id="long", marks=pytest.mark.nightly),
    ],
)
async def test_storm(
    northwind_database: DatabaseUrl,
    mariadb: MariaDb,
    redis_server: RedisServer,
    cache_url: str,
    capsys: pytest.CaptureFixture[str],
    count: int,
    seconds: float,
    limit_s: float,
) -> None:
    chance = random.Random(20261123)
    async with storm(northwind_database, mariadb, redis_server, count) as found:
        ends_at = time.monotonic() + seconds

        async def read(app: App) -> None:
            while time.monotonic() < ends_at:
                await found.ask(app, chance.choice(DOCUMENTS), budget_s=1.0)
                await asyncio.sleep(chance.uniform(0, 0.02))

        async def break_things() -> None:
            while time.monotonic() < ends_at:
                switch(found.database, chance.choice(FAULTS))
                switch(found.cache, chance.choice(FAULTS))
                await asyncio.sleep(chance.uniform(0.1, 0.6))

        await asyncio.gather(break_things(), *(read(app) for app in found.apps))
        switch(found.database, None)
        switch(found.cache, None)
        cured_at = time.monotonic()

        async def recover(app: App) -> None:
            while not await found.ask(app, chance.choice(DOCUMENTS), budget_s=1.0):
                assert time.monotonic() - cured_at < limit_s, "not recovered"
                await asyncio.sleep(0.05)

        await asyncio.gather(*(recover(app) for app in found.apps))
        assert found.database.open_now <= 2 * count
        assert found.counts["answers"] > 20 * count
        assert found.counts["errors"] > 0
    capsys.readouterr()  # the logs of all failures


@pytest.mark.parametrize("budget_s", [0.3, 1.0, 3.0, 29.0])
@pytest.mark.parametrize(
    "calls",
    [40, pytest.param(1_000, marks=pytest.mark.nightly)],
    ids=lambda calls: f"{calls}-calls",
)
async def test_every_deadline_is_met(
    northwind_database: DatabaseUrl,
    mariadb: MariaDb,
    redis_server: RedisServer,
    cache_url: str,
    capsys: pytest.CaptureFixture[str],
    budget_s: float,
    calls: int,
) -> None:
    """``ask`` fails for an answer that is late; frozen servers only where that ends soon."""
    chance = random.Random(f"{budget_s} {calls}")
    faults = [each for each in FAULTS if budget_s <= 1 or not _hangs(each)]
    async with storm(northwind_database, mariadb, redis_server, 8) as found:
        for _ in range(calls // 8):
            switch(found.database, chance.choice(faults))
            switch(found.cache, chance.choice(FAULTS))
            await asyncio.gather(
                *(found.ask(app, chance.choice(DOCUMENTS), budget_s) for app in found.apps)
            )
        assert found.counts.total() == calls
    capsys.readouterr()


def _hangs(fault: Fault | str | None) -> bool:
    return fault == "frozen" or (isinstance(fault, Fault) and fault.hole_after is not None)
