"""The client of Redis, Valkey or ElastiCache. Requests work without the cache.

Every call is bounded in time and never raises for a failure of the cache: it gives nothing, counts,
and remembers why. After ``MAX_FAILURES`` failures in a row the cache is left alone for a while,
then one call tries again, so that a cache that hangs costs its time-out a few times and not for
every request.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import hiredis
from msgspec import Struct, field
from redis import asyncio as aioredis  # the library that aioredis became part of
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ReadOnlyError, ResponseError

from handler.errors import HandlerError

if TYPE_CHECKING:
    from handler.stores.redis.login import CacheLogin

Found = TypeVar("Found")

MAX_FAILURES = 3
OPEN_S = 1.0  # how long the cache is left alone at first; doubled by each probe that fails
MAX_OPEN_S = 4.0
PROBE_S = 0.01  # what the first probe may cost a request; doubled as well
CONNECT_TIMEOUT_S = 0.2  # the library's own waits are seconds
_CODE: Final = re.compile(r"[A-Z]{2,20}\b")  # with which a server begins an error
_FAILED: Final = ("failed", "refused", "skipped")  # counts of calls that came to nothing


class Claim(Struct, frozen=True):
    """The result of asking for a lock, with the values at that moment.

    ``is_odd``: the key of the lock holds something that is no lock.
    """

    is_ours: bool
    is_taken: bool  # by another; neither, if the server refuses to write
    values: list[bytes | None]
    is_odd: bool = False


class Cache(Protocol):
    """The interface that the response cache needs; keys of a call share a hash tag."""

    async def read(self, keys: Sequence[str], limit_s: float) -> list[bytes | None] | None:
        """The values of the keys, in one round trip; None if the cache is unreachable."""

    async def claim(
        self,
        lock: tuple[str, bytes, int],
        seeds: Mapping[str, bytes],
        keys: Sequence[str],
        limit_s: float,
    ) -> Claim | None:
        """Take a lock if it is free, give values to keys that have none, and read ``keys``.

        In this order and in one round trip. ``lock``: key, token and milliseconds; it is ours as
        well if our token stands there already. None if the cache is unreachable.
        """

    async def finish(
        self, entry: tuple[str, bytes, int] | None, gone: Sequence[str], limit_s: float
    ) -> bool:
        """Store a value for so many milliseconds, then remove keys, in one round trip.

        False if the value could not be stored, or not in time.
        """

    async def forget(self, keys: Sequence[str], limit_s: float) -> bool:
        """Remove keys of any slots. False unless all are certainly gone."""


class Breaker(Struct):
    """A circuit breaker: open after several failures in a row; ``cause``: of the last one."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    cause: str = ""
    closed_until_s: float = 0.0

    def limit_s(self, usual_s: float) -> float | None:
        """The time limit of a call; None while the breaker is open."""
        if self.failures < MAX_FAILURES:
            return usual_s
        if self.clock() < self.closed_until_s:
            return None
        self._close()  # for all but this one
        return float(min(usual_s, PROBE_S * 2 ** (self.failures - MAX_FAILURES)))

    def succeeded(self) -> None:
        """Count a success."""
        self.failures = 0

    def failed(self, cause: str) -> None:
        """Count a failure: no reply, or an invalid one."""
        self.cause = cause
        self.failures = min(self.failures + 1, MAX_FAILURES + 16)
        if self.failures >= MAX_FAILURES:
            self._close()

    def _close(self) -> None:
        pause_s = min(MAX_OPEN_S, OPEN_S * 2 ** (self.failures - MAX_FAILURES))
        self.closed_until_s = self.clock() + pause_s


class RedisCache(Struct):
    """One client of one server or cluster, for one event loop."""

    url: str
    timeout_s: float = 0.05
    is_cluster: bool = False
    tls: ssl.SSLContext | None = None  # for rediss://
    login: CacheLogin | None = None  # by IAM; without one the URL holds it
    options: Mapping[str, Any] = field(default_factory=dict)  # more for the library's client
    breaker: Breaker = field(default_factory=Breaker)
    counts: Counter[str] = field(default_factory=Counter)
    _client: Any = None
    _is_warm: bool = False  # a connection has been used without a failure since

    async def read(self, keys: Sequence[str], limit_s: float) -> list[bytes | None] | None:
        """See ``Cache``."""

        async def call(client: Any) -> list[bytes | None]:
            if self.is_cluster:
                return _values(await client.execute_command("MGET", *keys), keys)
            # The client's own way around these four calls takes a third of a hit's time.
            pool = client.connection_pool
            connection = await pool.get_connection()
            try:
                words: tuple[Any, ...] = ("MGET", *keys)  # the stub wants a tuple of one
                command = hiredis.pack_command(words)
                await connection.send_packed_command(command, check_health=False)
                return _values(await connection.read_response(), keys)
            finally:
                await pool.release(connection)

        return await self._guarded(call, limit_s)

    async def claim(
        self,
        lock: tuple[str, bytes, int],
        seeds: Mapping[str, bytes],
        keys: Sequence[str],
        limit_s: float,
    ) -> Claim | None:
        """See ``Cache``."""

        async def call(client: Any) -> Claim:
            pipeline = client.pipeline(transaction=False)
            pipeline.set(name, token, px=lock_ms, nx=True)
            for key, value in seeds.items():
                pipeline.set(key, value, nx=True)
            # .mget() is closed in a cluster's pipeline
            pipeline.execute_command("MGET", name, *keys)
            taken, *_, found = await self._run(pipeline, 2 + len(seeds))
            holder, *values = _values(found, [name, *keys])
            is_ours = taken is True or (taken is None and holder == token)
            return Claim(
                is_ours, taken is None and not is_ours, values, taken is None and holder is None
            )

        name, token, lock_ms = lock
        return await self._guarded(call, limit_s)

    async def finish(
        self, entry: tuple[str, bytes, int] | None, gone: Sequence[str], limit_s: float
    ) -> bool:
        """See ``Cache``."""

        async def call(client: Any) -> bool:
            pipeline = client.pipeline(transaction=False)
            if entry is not None:
                key, value, ttl_ms = entry
                pipeline.set(key, value, px=ttl_ms)
            for key in gone:
                pipeline.execute_command("DEL", key)
            results = await self._run(pipeline, (entry is not None) + len(gone))
            return entry is None or results[0] is True

        if entry is None and not gone:
            return True
        try:
            async with asyncio.timeout(limit_s):
                return bool(await self._guarded(call, self.timeout_s))
        except TimeoutError:  # says little about the cache: the limit is that short
            self.counts["late"] += 1
            return False

    async def forget(self, keys: Sequence[str], limit_s: float) -> bool:
        """See ``Cache``. Ignores the breaker."""

        async def call() -> bool:
            pipeline = self._open().pipeline(transaction=False)
            for key in keys:
                pipeline.execute_command("DEL", key)
            results = await self._run(pipeline, len(keys))
            return all(isinstance(result, int) for result in results)

        try:
            async with asyncio.timeout(limit_s):
                return await call()
        except Exception as error:
            self.counts["failed"] += 1
            self.breaker.cause = _describe(error)
            return False

    async def evaluate(
        self, script: str, key: str, arguments: Sequence[int], limit_s: float
    ) -> list[int] | None:
        """See ``handler.stores.redis.rate_limiter.Scripting``."""

        async def call(client: Any) -> list[int] | None:
            try:
                found = await client.execute_command("EVAL", script, 1, key, *arguments)
            except ResponseError as error:  # the server is there: full, or it may not write
                await self._refused([error])
                return None
            if not isinstance(found, list) or not all(isinstance(each, int) for each in found):
                raise TypeError("the cache answered something else")
            return found

        return await self._guarded(call, limit_s)

    def cause_of(self, counts: Mapping[str, int]) -> str:
        """The cause of the last failure, if these counts contain one."""
        return "" if counts.keys().isdisjoint(_FAILED) else self.breaker.cause

    async def close(self) -> None:
        """Close the connections and reset the breaker."""
        if self.login is not None:
            self.login.forget()
        self._is_warm = False
        self.breaker.succeeded()
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _run(self, pipeline: Any, count: int) -> list[Any]:
        """The replies to the commands of a pipeline; exceptions for those that were refused."""
        results = await pipeline.execute(raise_on_error=False)
        if not isinstance(results, list) or len(results) != count:
            raise TypeError("the cache answered something else")
        if errors := [result for result in results if isinstance(result, Exception)]:
            await self._refused(errors)
        return results

    async def _refused(self, errors: Sequence[Exception]) -> None:
        """Count a refusal; leave a read-only server, as there is after a failover."""
        self.counts["refused"] += 1
        self.breaker.cause = _describe(errors[0])
        if not any(isinstance(error, ReadOnlyError) for error in errors):
            return
        pool = getattr(self._client, "connection_pool", None)  # a cluster has none
        if pool is not None:
            await pool.disconnect(inuse_connections=False)

    async def _guarded(
        self, call: Callable[[Any], Awaitable[Found]], limit_s: float
    ) -> Found | None:
        usual_s = self.timeout_s if self._is_warm else self.timeout_s + CONNECT_TIMEOUT_S
        allowed_s = self.breaker.limit_s(min(usual_s, limit_s))
        if allowed_s is None:
            self.counts["skipped"] += 1
            return None
        try:
            async with asyncio.timeout(allowed_s):
                found = await call(self._open())
        except Exception as error:
            # Whatever it is: garbage on the wire shows as any exception of the library's parsers.
            self.counts["failed"] += 1
            self._is_warm = False
            self.breaker.failed(
                f"no answer within {allowed_s * 1000:.0f} ms"
                if isinstance(error, TimeoutError)
                else _describe(error)
            )
            return None
        self._is_warm = True
        self.breaker.succeeded()
        return found

    def _open(self) -> Any:
        if self._client is None:
            options: dict[str, Any] = {
                # Every call is bounded as a whole; one more timer for each read takes 15 us.
                "socket_timeout": None,
                "socket_connect_timeout": CONNECT_TIMEOUT_S,
                "retry": Retry(NoBackoff(), 0),
                "protocol": 2,  # version 3 brings notices of maintenance and their handlers
                "driver_info": None,  # two commands less for each connection
                "credential_provider": self.login,
                **self.options,
            }
            client = aioredis.RedisCluster if self.is_cluster else aioredis.Redis
            self._client = client.from_url(self.url, **options)
            if self.tls is not None:
                from handler.stores.redis.tls import share_context

                share_context(self._client, self.tls)
        return self._client


def _values(found: Any, keys: Sequence[str]) -> list[bytes | None]:
    """The reply to an MGET, if it is a valid one."""
    if isinstance(found, Exception):
        raise found
    if not isinstance(found, list) or len(found) != len(keys):
        raise TypeError("the cache answered something else")
    for value in found:
        if value is not None and type(value) is not bytes:
            raise TypeError("the cache answered something else")
    return found


def _describe(error: Exception) -> str:
    """A failure for logs, which must not hold what was sent, such as a password.

    Errors of the server and of the parser may quote that, so that of those only the leading word
    is shown. Errors of a connection consist of an address and a cause.
    """
    message = ""
    if type(error) is LostError or isinstance(error, HandlerError | OSError):
        message = str(error)
    elif isinstance(error, ResponseError) and (code := _CODE.match(str(error))):
        message = code[0]
    elif isinstance(error.__cause__, Exception):  # as of a cluster of which no node answers
        message = _describe(error.__cause__)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
