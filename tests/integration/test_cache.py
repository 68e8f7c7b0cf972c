"""Cached answers in a real Redis or a cluster of it: stampedes, writes, odd values, no room."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
import pytest_asyncio
from redis import asyncio as aioredis

from aurora_graphql.dev.servers import RedisServer
from handler.answer import Answer, Lifetime
from handler.cache.response_cache import ResponseCache
from handler.compiler.freshness import CachePolicy
from handler.stores.deadline import Deadline
from handler.stores.redis.cache import RedisCache
from handler.stores.redis.versions import SHARDS, change_versions, shard_of, version_key
from tests.integration.caches import (
    ByHand,
    Connect,
    cluster,
    connect,
    patient_client,
    redis_url,
)
from tests.integration.redis_cluster import open_cluster

__all__ = ["cluster", "connect", "redis_url"]  # fixtures

POLICY = CachePolicy(Lifetime(60, 30), ("orders", "products"))
DIGEST = "f" * 40
ANSWER = f"aurora:{{{shard_of(DIGEST)}}}:answer:{DIGEST}"


class Source:
    """Counts how often it is asked."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.count = 0
        self.takes_s = takes_s

    async def __call__(self, deadline: Deadline) -> Answer:
        self.count += 1
        number = self.count
        await asyncio.sleep(self.takes_s)
        return Answer(b'{"number":%d}' % number, lifetime=POLICY.lifetime)


def ask(
    responses: ResponseCache, source: Source, policy: CachePolicy = POLICY, digest: str = DIGEST
) -> Awaitable[Answer]:
    return responses.answer(digest, policy, source, Deadline.after(20))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough time to write on a loaded machine; the short limit has tests of its own."""
    monkeypatch.setattr("handler.cache.response_cache.WRITE_S", 2.0)
    monkeypatch.setattr("handler.stores.deadline.CACHE_S", 10.0)


async def test_second_environment_is_given_what_the_first_has_kept(
    connect: Connect,
) -> None:
    source = Source()
    first = await ask(ResponseCache(connect(), "shop"), source)
    second = await ask(ResponseCache(connect(), "shop"), source)
    assert (first.source, second.source) == ("miss", "hit")
    assert first.data == second.data == b'{"number":1}'


async def test_64_cold_environments_ask_for_one_key(connect: Connect) -> None:
    """Cold of answers: all clients here share one processor, so each first makes its connection.

    If all made it at once, every one would wait for 64 of them, each of which asks a cluster for
    its slots: on a loaded machine longer than a read may take, and then all compute.
    """
    source = Source(takes_s=0.05)
    caches = [connect() for _ in range(64)]
    for cache in caches:
        assert await cache.read([ANSWER], 10.0) == [None]
    environments = [ResponseCache(cache, "shop") for cache in caches]
    found = await asyncio.gather(*(ask(each, source) for each in environments))
    assert [each.counts["bypass"] for each in environments] == [0] * 64, "the cache was away"
    assert source.count <= 2
    assert {each.data for each in found} <= {b'{"number":1}', b'{"number":2}'}


@pytest.mark.parametrize(
    ("nodes", "is_redirected"),
    [pytest.param(1, False, id="one-address-for-all"), pytest.param(3, True, id="three-nodes")],
)
async def test_the_client_of_clusters_is_opened_by_an_answer_that_names_another_node(
    nodes: int, is_redirected: bool, tmp_path: Path
) -> None:
    with open_cluster(tmp_path, nodes) as found:
        cache = patient_client(found[0].url, is_cluster=True)
        keys = [version_key("shop", "orders", shard) for shard in range(SHARDS)]
        first = await asyncio.gather(*(cache.claim(("lock", b"1", 9_000), {}, [], 5),) * 3)
        assert [each.is_ours for each in first if each] == [True] * 3
        assert await change_versions(cache, "shop", ["orders"])
        for key in keys:
            assert await cache.finish((key, key.encode(), 60_000), (), 5)
        read = [await cache.read([key], 5) for key in keys]
        assert (read, cache.cause_of({"failed": 1})) == ([[key.encode()] for key in keys], "")
        assert (cache._cluster is not None) == is_redirected
        await cache.close()
        assert (await cache.read(keys[:1], 5), cache.counts) == ([keys[0].encode()], {})
        await cache.close()


async def test_a_write_ends_the_answers_over_its_tables_in_every_slot(
    connect: Connect,
) -> None:
    cache = connect()
    responses, source = ResponseCache(cache, "shop"), Source()
    other = CachePolicy(Lifetime(60, 30), ("customers",))
    digests = [f"{number:040}" for number in range(64)]
    assert len({shard_of(digest) for digest in digests}) > SHARDS // 2
    for digest in digests:
        await ask(responses, source, digest=digest)
        await ask(responses, source, other, digest="c" + digest)
    assert await change_versions(connect(), "shop", ["orders"])
    touched = [(await ask(responses, source, digest=digest)).source for digest in digests]
    untouched = [
        (await ask(responses, source, other, digest="c" + digest)).source for digest in digests
    ]
    assert set(touched) == {"miss"}
    assert set(untouched) == {"hit"}


@pytest.mark.parametrize("kind", ["answer", "version", "lock"])
async def test_key_of_the_wrong_type_is_a_miss_and_mended(connect: Connect, kind: str) -> None:
    cache = connect()
    responses, source = ResponseCache(cache, "shop"), Source()
    key = {
        "answer": ANSWER,
        "version": version_key("shop", "orders", shard_of(DIGEST)),
        "lock": ANSWER.replace("answer", "lock"),
    }[kind]
    await ByHand(cache).lpush(key, "somebody else's")
    assert (await ask(responses, source)).data == b'{"number":1}'
    await ask(responses, source)
    assert (await ask(responses, source)).source == "hit"


async def test_bytes_of_all_kinds_give_no_wrong_answer(connect: Connect) -> None:
    """Ten thousand of them in tests/handler/execution; here some of them through a real server."""
    cache = connect()
    responses, source = ResponseCache(cache, "shop"), Source()
    await ask(responses, source)
    client = ByHand(cache)
    chance = random.Random(6)
    for _ in range(100):
        good = await client.get(ANSWER)
        at = chance.randrange(len(good))
        odd = chance.choice((good[:at], chance.randbytes(at), good[:at] + b"\0" + good[at + 1 :]))
        if odd == good:
            continue
        await client.set(ANSWER, odd)
        before = source.count
        assert (await ask(responses, source)).data == b'{"number":%d}' % (before + 1)


async def test_entries_and_locks_do_not_live_for_ever(connect: Connect) -> None:
    cache = connect()
    await ask(ResponseCache(cache, "shop"), Source())
    client = ByHand(cache)
    assert 0 < await client.pttl(ANSWER) <= 90_000
    assert await client.exists(ANSWER.replace("answer", "lock")) == 0


async def test_lost_versions_are_made_anew(connect: Connect) -> None:
    cache = connect()
    responses, source = ResponseCache(cache, "shop"), Source()
    await ask(responses, source)
    await ByHand(cache).delete(version_key("shop", "orders", shard_of(DIGEST)))
    assert (await ask(responses, source)).source == "miss"
    assert (await ask(responses, source)).source == "hit"


# ---------------------------------------------------------------------- one server, full or moved


@pytest_asyncio.fixture
async def server(
    redis_server: RedisServer, cache_url: str
) -> AsyncIterator[tuple[RedisCache, aioredis.Redis]]:
    """A client of the cache and one for the test's own wishes; the server's settings come back."""
    cache = RedisCache(cache_url, timeout_s=5.0)
    client = aioredis.Redis.from_url(cache_url)
    before = await client.config_get("maxmemory*")
    yield cache, client
    await client.replicaof("NO", "ONE")
    for name in ("maxmemory", "maxmemory-policy"):
        await client.config_set(name, str(before[name]))
    await client.aclose()
    await cache.close()


async def test_full_cache_gives_what_it_has_and_a_write_still_ends_it(
    server: tuple[RedisCache, aioredis.Redis],
) -> None:
    cache, client = server
    responses, source = ResponseCache(cache, "shop"), Source()
    await ask(responses, source)
    await client.config_set("maxmemory-policy", "noeviction")
    await client.config_set("maxmemory", 1)
    assert (await ask(responses, source)).source == "hit"
    new = [await ask(responses, source, digest="e" * 40) for _ in range(5)]
    assert [each.source for each in new] == ["miss"] * 5
    assert cache.breaker.failures == 0, "a full cache is not away"
    assert await change_versions(cache, "shop", ["orders"])
    assert (await ask(responses, source)).source == "miss"


async def test_read_only_server_gives_what_it_has(
    server: tuple[RedisCache, aioredis.Redis],
) -> None:
    cache, client = server
    responses, source = ResponseCache(cache, "shop"), Source()
    await ask(responses, source)
    await client.replicaof("127.0.0.1", "1")  # a primary that is not there: read-only
    assert (await ask(responses, source)).source == "hit"
    assert (await ask(responses, source, digest="e" * 40)).source == "miss"
    assert not await change_versions(cache, "shop", ["orders"]), "the writer is told that it failed"
    await client.replicaof("NO", "ONE")
    assert (await ask(responses, source, digest="e" * 40)).source == "miss"
    assert (await ask(responses, source, digest="e" * 40)).source == "hit"


async def test_a_closed_client_has_the_time_to_connect_again(
    cache_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.stores.redis.cache.CONNECT_TIMEOUT_S", 20.0)
    cache = RedisCache(cache_url, timeout_s=0.0)  # enough for no connection that is to be used
    for _ in range(2):
        assert await cache.read(["a"], 30.0) == [None]
        await cache.close()
    assert await cache.read(["a"], 30.0) == [None]
    assert await cache.read(["a"], 30.0) is None
    await cache.close()
