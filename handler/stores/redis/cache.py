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

from handler.errors import HandlerError
from handler.stores.redis.parts import import_connections

connections = import_connections()  # before anything of the library is named below

from redis.asyncio.retry import Retry  # noqa: E402
from redis.backoff import NoBackoff  # noqa: E402
from redis.exceptions import AskError, ReadOnlyError, ResponseError  # noqa: E402
from redis.exceptions import ConnectionError as LostError  # noqa: E402

from handler.stores.redis.wire import Wire  # noqa: E402

if TYPE_CHECKING:
    from handler.stores.redis.login import CacheLogin

Found = TypeVar("Found")

MAX_FAILURES = 3
OPEN_S = 1.0  # how long the cache is left alone at first; doubled by each probe that fails
MAX_OPEN_S = 4.0
PROBE_S = 0.01  # what the first probe may cost a request; doubled as well
CONNECT_TIMEOUT_S = 0.2  # the library's own waits are seconds
_LOOK_AFTER_S = 1.0  # of rest: has the server said goodbye meanwhile, or was all of this frozen?
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
    _pool: Any = None  # of connections to the one address; those of wires are in use there
    _free: list[Wire] = field(default_factory=list)  # the last one is asked first
    _cluster: Any = None  # the library's client, once an answer has named another node
    _is_warm: bool = False  # a connection has been used without a failure since

    async def read(self, keys: Sequence[str], limit_s: float) -> list[bytes | None] | None:
        """See ``Cache``."""

        async def call() -> list[bytes | None]:
            (found,) = await self._send([("MGET", *keys)])
            return _values(found, keys)

        return await self._guarded(call, limit_s)

    async def claim(
        self,
        lock: tuple[str, bytes, int],
        seeds: Mapping[str, bytes],
        keys: Sequence[str],
        limit_s: float,
    ) -> Claim | None:
        """See ``Cache``."""

        async def call() -> Claim:
            commands: list[tuple[Any, ...]] = [("SET", name, token, "PX", lock_ms, "NX")]
            commands += [("SET", key, value, "NX") for key, value in seeds.items()]
            commands.append(("MGET", name, *keys))
            taken, *_, found = await self._run(commands)
            holder, *values = _values(found, [name, *keys])
            is_ours = _is_done(taken) or (taken is None and holder == token)
            return Claim(
                is_ours, taken is None and not is_ours, values, taken is None and holder is None
            )

        name, token, lock_ms = lock
        return await self._guarded(call, limit_s)

    async def finish(
        self, entry: tuple[str, bytes, int] | None, gone: Sequence[str], limit_s: float
    ) -> bool:
        """See ``Cache``."""

        async def call() -> bool:
            commands: list[tuple[Any, ...]] = []
            if entry is not None:
                key, value, ttl_ms = entry
                commands.append(("SET", key, value, "PX", ttl_ms))
            commands += [("DEL", key) for key in gone]
            results = await self._run(commands)
            return entry is None or _is_done(results[0])

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
            results = await self._run([("DEL", key) for key in keys])
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

        async def call() -> list[int] | None:
            (found,) = await self._send([("EVAL", script, 1, key, *arguments)])
            if isinstance(found, ResponseError):  # the server is there: full, or it may not write
                await self._refused([found])
                return None
            if isinstance(found, Exception):
                raise found
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
        if self._pool is not None:
            pool, self._pool = self._pool, None
            self._free.clear()
            await pool.disconnect()
        if self._cluster is not None:
            cluster, self._cluster = self._cluster, None
            await cluster.aclose()

    async def _run(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The replies to some commands; exceptions for those that were refused, which count."""
        results = await self._send(commands)
        if errors := [result for result in results if isinstance(result, Exception)]:
            await self._refused(errors)
        return results

    async def _send(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The replies to some commands in one round trip; exceptions for those that were refused.

        A cluster of which one address answers for all keys, as that of ElastiCache Serverless, is
        asked as one server. The first answer that names another node brings the library's client
        of clusters; nothing has been done then, as the keys of a call are in one slot or removed.
        """
        if self._cluster is None:
            results = await self._send_to_one(commands)
            if not self.is_cluster or not any(isinstance(each, AskError) for each in results):
                return results
            if self._cluster is None:  # by another call, meanwhile
                self._cluster = self._open_cluster()
                await self._close_free()
        pipeline = self._cluster.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        results = await pipeline.execute(raise_on_error=False)
        if not isinstance(results, list) or len(results) != len(commands):
            raise TypeError("the cache answered something else")
        return results

    async def _send_to_one(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        if self._pool is None:
            self._pool = self._open_pool()
        pool = self._pool
        wire = await self._take(pool)
        is_clean = False
        try:
            replies = await wire.ask([hiredis.pack_command(command) for command in commands])
            is_clean = True
            return replies
        finally:
            if is_clean and pool is self._pool:  # which may have been closed meanwhile
                wire.rests_since_day_s = time.time()
                self._free.append(wire)
            else:
                await _give_back(pool, wire)

    async def _take(self, pool: Any) -> Wire:
        """The connection used last if it is still open, or a new one."""
        while self._free:
            wire = self._free.pop()
            if abs(time.time() - wire.rests_since_day_s) > _LOOK_AFTER_S:
                await asyncio.sleep(0)  # the loop looks at its sockets
            if not wire.is_over:
                return wire
            await _give_back(pool, wire)
        connection = await pool.get_connection()
        return Wire(connection, connections.DefaultParser.parse_error)

    async def _close_free(self) -> None:
        """Close the connections that nobody uses at the moment."""
        while self._free:
            await _give_back(self._pool, self._free.pop())

    async def _refused(self, errors: Sequence[Exception]) -> None:
        """Count a refusal; leave a read-only server, as there is after a failover."""
        self.counts["refused"] += 1
        self.breaker.cause = _describe(errors[0])
        if not any(isinstance(error, ReadOnlyError) for error in errors):
            return
        await self._close_free()

    async def _guarded(self, call: Callable[[], Awaitable[Found]], limit_s: float) -> Found | None:
        usual_s = self.timeout_s if self._is_warm else self.timeout_s + CONNECT_TIMEOUT_S
        allowed_s = self.breaker.limit_s(min(usual_s, limit_s))
        if allowed_s is None:
            self.counts["skipped"] += 1
            return None
        try:
            async with asyncio.timeout(allowed_s):
                found = await call()
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

    def _open_pool(self) -> Any:
        pool = connections.ConnectionPool.from_url(self.url, **self._options())
        if self.tls is not None:
            from handler.stores.redis.tls import share_context

            pool.connection_class = share_context(self.tls)
        return pool

    def _open_cluster(self) -> Any:
        from redis.asyncio import RedisCluster  # late: with all that the library can do

        cluster = RedisCluster.from_url(self.url, **self._options())
        if self.tls is not None:
            from handler.stores.redis.tls import share_context

            kind = share_context(self.tls)
            cluster.connection_kwargs["connection_class"] = kind  # of nodes that it will find
            for node in cluster.startup_nodes:
                node.connection_class = kind
        return cluster

    def _options(self) -> dict[str, Any]:
        return {
            # Every call is bounded as a whole; one more timer for each read takes 15 us.
            "socket_timeout": None,
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,  # version 3 brings notices of maintenance and their handlers
            "driver_info": None,  # two commands less for each connection
            "credential_provider": self.login,
            **self.options,
        }


async def _give_back(pool: Any, wire: Wire) -> None:
    """Close a connection; the pool will connect it anew."""
    await wire.connection.disconnect(nowait=True)
    await pool.release(wire.connection)


def _is_done(reply: object) -> bool:
    """Whether a SET has set: the library's client of clusters makes another value of the reply."""
    return reply is True or reply == b"OK"


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
