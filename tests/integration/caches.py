"""A real cache, alone and as a cluster, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from redis.asyncio import Redis, RedisCluster

from handler.stores.redis.cache import RedisCache
from tests.integration.redis_cluster import ClusterNode, open_cluster

Connect: TypeAlias = Callable[[], RedisCache]


def patient_client(url: str, *, is_cluster: bool = False) -> RedisCache:
    """A shared machine may take its time: what is tested by it are answers, not times."""
    return RedisCache(url, 5.0, is_cluster, options={"socket_connect_timeout": 10.0})


class ByHand:
    """What a test does to a cache itself: each command by a client of the library of its own."""

    def __init__(self, cache: RedisCache) -> None:
        self._cache = cache

    def __getattr__(self, command: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **options: Any) -> Any:
            kind = RedisCluster if self._cache.is_cluster else Redis
            # Without the commands that a new connection would send, which some tests would count.
            async with kind.from_url(self._cache.url, protocol=2, driver_info=None) as client:
                return await getattr(client, command)(*arguments, **options)

        return call


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ClusterNode]]:
    """Three nodes, each with a third of the slots."""
    with open_cluster(tmp_path_factory.mktemp("cluster"), 3) as nodes:
        yield nodes


@pytest.fixture(params=["one-server", "cluster"])
def redis_url(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """An empty cache, and whether it is a cluster."""
    if request.param == "one-server":
        url: str = request.getfixturevalue("cache_url")
        return url, False
    nodes: list[ClusterNode] = request.getfixturevalue("cluster")
    for node in nodes:
        node.flush()
    return nodes[0].url, True


@pytest_asyncio.fixture
async def connect(redis_url: tuple[str, bool]) -> AsyncIterator[Connect]:
    """Makes clients of an empty cache; all are closed at the end."""
    url, is_cluster = redis_url
    opened: list[RedisCache] = []

    def open_one() -> RedisCache:
        opened.append(patient_client(url, is_cluster=is_cluster))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()
