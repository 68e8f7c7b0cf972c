"""Redis, Valkey or ElastiCache: the edge to the cache. It may be away; nothing depends on it.

Every call is bounded in time and never raises for a failure of the cache: it gives nothing, and
counts. After ``MAX_FAILURES`` failures in a row the cache is left alone for a while, then one call
tries again, so that a cache that hangs costs its time-out three times and not for every request.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from redis import asyncio as aioredis  # the library that aioredis became part of
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

Found = TypeVar("Found")

MAX_FAILURES = 3
OPEN_S = 1.0  # how long the cache is left alone
CONNECT_TIMEOUT_S = 0.2  # the library's own waits are seconds


class Cache(Protocol):
    """What the caching of answers needs. Keys of one call share a hash tag."""

    async def read(self, keys: Sequence[str]) -> list[bytes | None] | None:
        """The values of the keys in one round trip; None if the cache is away."""

    async def write(self, key: str, value: bytes, ttl_ms: int | None) -> bool:
        """Keep a value for that long, or for ever. False if the cache is away."""

    async def add(self, key: str, value: bytes, ttl_ms: int | None) -> bool:
        """Keep a value if there is none. False if there is one, or the cache is away."""

    async def remove(self, key: str) -> None:
        """Forget a key."""


@dataclass
class Breaker:
    """Open after some failures in a row; then one probe at a time."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    closed_at_s: float = 0.0

    def allows(self) -> bool:
        """Whether a call may be made now. Of the calls after the pause one is the probe."""
        if self.failures < MAX_FAILURES:
            return True
        now = self.clock()
        if now < self.closed_at_s:
            return False
        self.closed_at_s = now + OPEN_S
        return True

    def succeeded(self) -> None:
        self.failures = 0

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.closed_at_s = self.clock() + OPEN_S


@dataclass
class RedisCache:
    """One client of one server or cluster, for one event loop."""

    url: str
    timeout_s: float = 0.05
    is_cluster: bool = False
    breaker: Breaker = field(default_factory=Breaker)
    counts: Counter[str] = field(default_factory=Counter)
    _client: Any = None

    async def read(self, keys: Sequence[str]) -> list[bytes | None] | None:
        """See ``Cache``."""
        return await self._call(lambda client: client.mget(keys))

    async def write(self, key: str, value: bytes, ttl_ms: int | None) -> bool:
        """See ``Cache``."""
        return bool(await self._call(lambda client: client.set(key, value, px=ttl_ms)))

    async def add(self, key: str, value: bytes, ttl_ms: int | None) -> bool:
        """See ``Cache``."""
        return bool(await self._call(lambda client: client.set(key, value, px=ttl_ms, nx=True)))

    async def remove(self, key: str) -> None:
        """See ``Cache``."""
        await self._call(lambda client: client.delete(key))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _call(self, call: Callable[[Any], Awaitable[Found]]) -> Found | None:
        if not self.breaker.allows():
            self.counts["skipped"] += 1
            return None
        try:
            async with asyncio.timeout(self.timeout_s + CONNECT_TIMEOUT_S):
                found = await call(self._open())
        except (RedisError, OSError, TimeoutError, ValueError):
            self.counts["failed"] += 1
            self.breaker.failed()
            return None
        self.breaker.succeeded()
        return found

    def _open(self) -> Any:
        if self._client is None:
            options: dict[str, Any] = {
                "socket_timeout": self.timeout_s,
                "socket_connect_timeout": CONNECT_TIMEOUT_S,
            }
            if self.is_cluster:
                self._client = aioredis.RedisCluster.from_url(
                    self.url, cluster_error_retry_attempts=0, **options
                )
            else:
                self._client = aioredis.Redis.from_url(
                    self.url, retry=Retry(NoBackoff(), 0), **options
                )
        return self._client
