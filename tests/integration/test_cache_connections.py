"""Connections to the cache: kept between calls, one for each call at a time, never a broken one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest
import pytest_asyncio
import redis
from redis import asyncio as aioredis

from aurora_graphql.dev.servers import RedisServer
from handler.stores.redis.cache import RedisCache
from tests.faults.proxy import Fault, FaultProxy


@pytest_asyncio.fixture
async def proxy(redis_server: RedisServer, cache_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(redis_server.socket_file).running() as proxy:
        yield proxy


@pytest_asyncio.fixture
async def cache(proxy: FaultProxy) -> AsyncIterator[RedisCache]:
    cache = RedisCache(f"redis://127.0.0.1:{proxy.port}", timeout_s=5.0)
    yield cache
    await cache.close()


async def until_open(proxy: FaultProxy, count: int) -> None:
    """So many connections and no more."""
    end_s = monotonic() + 5
    while proxy.open_now != count:
        assert monotonic() < end_s, f"{proxy.open_now} connections are open"
        await asyncio.sleep(0.005)


async def test_calls_share_a_connection_unless_they_are_at_once(
    proxy: FaultProxy, cache: RedisCache
) -> None:
    for number in range(5):
        assert await cache.finish((f"key {number}", b"%d" % number, 60_000), (), 5)
    assert proxy.opened == 1
    found = await asyncio.gather(*(cache.read([f"key {number}"], 5) for number in range(5)))
    assert found == [[b"%d" % number] for number in range(5)]
    assert proxy.opened == 5
    await asyncio.gather(*(cache.read(["key 0"], 5) for _ in range(5)))
    assert proxy.opened == 5


async def test_a_client_that_was_closed_connects_again(
    proxy: FaultProxy, cache: RedisCache
) -> None:
    await asyncio.gather(*(cache.read(["key"], 5) for _ in range(3)))
    await cache.close()
    await until_open(proxy, 0)
    assert await cache.read(["key"], 5) == [None]
    assert (cache.counts, proxy.open_now) == ({}, 1)


async def test_a_connection_that_is_made_while_its_client_is_closed_is_not_kept(
    proxy: FaultProxy, cache: RedisCache
) -> None:
    late = asyncio.create_task(cache.read(["key"], 5))
    await asyncio.sleep(0)
    await cache.close()
    assert await late == [None]
    await until_open(proxy, 0)


async def test_a_connection_that_the_server_has_closed_is_not_asked(
    proxy: FaultProxy, cache: RedisCache
) -> None:
    proxy.fault = Fault(cut_after=len(b"*1\r\n$-1\r\n"))
    assert await cache.read(["key"], 5) == [None]
    proxy.fault = None
    await until_open(proxy, 0)
    await asyncio.sleep(0)
    assert await cache.read(["key"], 5) == [None]
    assert (cache.counts, proxy.opened) == ({}, 2)


def test_a_connection_that_was_closed_while_all_was_frozen_is_not_asked(
    redis_server: RedisServer, cache_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Lambda freezes environments: the next call comes before the loop looks at its sockets."""
    monkeypatch.setattr("handler.stores.redis.cache._LOOK_AFTER_S", 0.0)
    cache = RedisCache(cache_url, timeout_s=5.0)
    with asyncio.Runner() as runner:
        for _ in range(2):
            assert runner.run(cache.read(["key"], 5)) == [None]
            with redis.Redis.from_url(cache_url) as client:
                client.client_kill_filter(_type="normal", skipme=True)
        runner.run(cache.close())
    assert cache.counts == {}


async def test_a_call_that_is_late_takes_its_connection_with_it(
    proxy: FaultProxy, cache: RedisCache
) -> None:
    assert await cache.finish(("key", b"value", 60_000), (), 5)
    await cache.close()
    proxy.fault = Fault(delay_s=0.3)
    assert await cache.read(["other"], 0.05) is None
    proxy.fault = None
    assert await cache.read(["key"], 5) == [b"value"]
    await until_open(proxy, 1)
    assert cache.counts == {"failed": 1}


async def test_a_call_that_runs_while_its_client_is_closed_fails_and_leaves_nothing_open(
    proxy: FaultProxy, cache: RedisCache
) -> None:
    proxy.fault = Fault(hole_after=0)
    late = asyncio.create_task(cache.read(["key"], 5))
    await until_open(proxy, 1)
    await cache.close()
    assert await late is None
    await until_open(proxy, 0)
    proxy.fault = None
    assert await cache.read(["key"], 5) == [None]


async def test_a_server_that_may_not_write_is_left(
    proxy: FaultProxy, cache: RedisCache, cache_url: str
) -> None:
    """After a failover the old primary is read-only, and its name leads to the new one."""
    await asyncio.gather(*(cache.read(["key"], 5) for _ in range(3)))
    assert proxy.open_now == 3
    async with aioredis.Redis.from_url(cache_url) as client:
        await client.replicaof("127.0.0.1", "1")  # a primary that is not there
        try:
            assert not await cache.finish(("key", b"value", 60_000), (), 5)
            await until_open(proxy, 0)
        finally:
            await client.replicaof("NO", "ONE")
    assert cache.counts == {"refused": 1}
