"""The response cache: the finished answer to an operation, found by one round trip.

An entry carries a fingerprint of the versions of its tables, so a write to one of them ends it at
once. A missing answer is computed by one environment while others wait a little; an old one is
computed anew by one while others are given the old one. Nothing runs after the answer has been
given, because Lambda freezes the environment. An entry that is invalid in any way is a miss.
The cache may be away: then everything is computed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from handler.answer import CACHED, Answer, Source, tag_of
from handler.cache.entry import MAX_BODY_BYTES, Entry, fingerprint_of
from handler.cache.local_tier import LocalTier
from handler.compiler.freshness import CachePolicy
from handler.errors import HandlerError
from handler.stores.deadline import Deadline
from handler.stores.redis.versions import new_version, shard_of, version_keys

if TYPE_CHECKING:
    from handler.stores.redis.cache import Cache

WRITE_S = 0.005  # the answer does not wait longer to be kept
JITTER = 0.1  # the part by which lifetimes differ, so that not all end together
LOCK_MS = 3_000  # longer than a computation should take; a lock of a dead environment ends
MAX_WAIT_S = 4.0  # for another environment that computes the same answer: longer than its lock
REFRESH_S = 5.0  # for one that has an old answer to give if it takes longer
MAX_LOCKS = 1_000  # that could not be given back, and whose tokens are still known
_PAUSES_S = (0.002, 0.05)  # between two looks while waiting: the first, and the longest
_CLOCK_SKEW_S = 5


# Computes the answer; only one with a lifetime is cached.
Compute: TypeAlias = Callable[[Deadline], Awaitable[Answer]]


class _Question(Struct):
    """What is asked for, and all that goes with it."""

    key: str
    policy: CachePolicy
    compute: Compute
    deadline: Deadline
    answer_key: str
    lock_key: str
    version_keys: tuple[str, ...]


class _Looked(Struct):
    """What one look into the cache found."""

    entry: Entry | None  # one that may be given, if only for want of a better one
    age_s: float
    is_shared: bool
    fingerprint: bytes | None  # of now; None where the cache does not know all versions
    missing: tuple[str, ...] = ()
    oddity: str = ""  # why there is an entry, but none that may be given

    def fresh(self, source: Source = "hit") -> Answer | None:
        """The answer if it is young enough for anyone."""
        return self._answer(self.entry.lifetime.max_age_s, source) if self.entry else None

    def stale(self) -> Answer | None:
        """The answer if it may be given while another request computes it anew."""
        if self.entry is None:
            return None
        lifetime = self.entry.lifetime
        return self._answer(lifetime.max_age_s + lifetime.stale_s, "stale")

    def last_resort(self) -> Answer | None:
        """The answer if it may be given because there can be no new one."""
        return self._answer(self.entry.lifetime.total_s, "stale") if self.entry else None

    def _answer(self, limit_s: float, source: Source) -> Answer | None:
        if self.entry is None or self.age_s >= limit_s:
            return None
        return self.entry.answer(self.age_s, source, is_shared=self.is_shared)


class Responses(Protocol):
    """The interface that the engine needs of kept answers: see ``ResponseCache.answer``."""

    async def answer(
        self, key: str, policy: CachePolicy, compute: Compute, deadline: Deadline
    ) -> Answer:
        """The answer to a question, kept or computed."""


class ResponseCache:
    """The cached answers of one API, as one environment sees them. ``counts`` are its metrics.

    >>> responses = ResponseCache(RedisCache("redis://localhost:6379"), "shop")
    >>> policy = CachePolicy(Lifetime(60), tables=("orders",))
    >>> answer = await responses.answer(key, policy, compute, Deadline.after(5))
    """

    def __init__(
        self,
        cache: Cache,
        database: str,
        clock: Callable[[], float] = time.time,
        *,
        local_s: float = 0.0,
    ) -> None:
        """``database``: the name under which tables are versioned.

        ``local_s``: how long this process may give an answer without asking the cache.
        """
        self.cache = cache
        self.database = database
        self.clock = clock
        self.local_s = local_s
        self.counts: Counter[str] = Counter()
        self._flights: dict[str, asyncio.Future[Answer]] = {}
        self._locks: dict[str, bytes] = {}  # tokens of those that may be ours
        self._local = LocalTier(local_s, clock)

    async def answer(
        self, key: str, policy: CachePolicy, compute: Compute, deadline: Deadline
    ) -> Answer:
        """The answer to a question, from the cache or computed.

        ``key``: a hash of everything that decides the answer but the rows. Raises what ``compute``
        raises, unless an old answer may be given instead.
        """
        found = self._local.find(key) if self.local_s else None
        if found is None:
            question = self._question(key, policy, compute, deadline)
            looked = await self._look(question)
            found = looked.fresh() if looked else None
            if found is None:
                flight = self._flights.get(key)
                found = await (
                    self._join(flight, question) if flight else self._fly(question, looked)
                )
            elif self.local_s:
                self._local.put(key, found)
        if found.source == "off":
            found = replace(found, source="miss")
        self.counts[found.source] += 1
        if found.source in CACHED:
            self.counts["bytes"] += len(found.data or b"")
        return found

    async def _join(self, flight: asyncio.Future[Answer], question: _Question) -> Answer:
        """The answer that another request of this environment is getting."""
        try:
            async with asyncio.timeout(question.deadline.remaining_s() / 2):
                return await asyncio.shield(flight)
        except (TimeoutError, _FlightFailedError):
            return replace(await question.compute(question.deadline), source="bypass")

    async def _fly(self, question: _Question, looked: _Looked | None) -> Answer:
        """Get the answer for this request and for those that join it."""
        flight = self._flights[question.key] = asyncio.get_running_loop().create_future()
        try:
            if looked is None:
                found = replace(await question.compute(question.deadline), source="bypass")
            else:
                found = await self._find_or_make(question, looked)
            if found.lifetime is not None:
                flight.set_result(replace(found, source="coalesced", statements=0, rows=0))
                self._local.put(question.key, found)
            return found
        finally:
            del self._flights[question.key]
            if not flight.done():
                flight.set_exception(_FlightFailedError())
                flight.exception()  # nobody may be waiting: it is seen

    async def _find_or_make(self, question: _Question, looked: _Looked) -> Answer:
        """Take the lock and make the answer, or take what the one who has the lock makes."""
        limit = question.deadline.within(min(MAX_WAIT_S, question.deadline.remaining_s() / 2))
        pause_s, longest_s = _PAUSES_S
        source: Source = "hit"
        while True:
            seeds = {key: new_version() for key in looked.missing}
            if len(self._locks) > MAX_LOCKS:
                self._locks.clear()
            # Made here and now: nothing random may be in a snapshot that many are started from.
            token = self._locks.setdefault(question.lock_key, new_version())
            claim = await self.cache.claim(
                (question.lock_key, token, LOCK_MS),
                seeds,
                [question.answer_key, *question.version_keys],
                question.deadline.cache_s(),
            )
            if claim is None:  # the cache has gone away since
                return looked.stale() or await self._make(question, looked, is_locked=False)
            if not claim.is_ours:
                self._locks.pop(question.lock_key, None)
            looked = self._judge(question, claim.values)
            fresh = looked.fresh(source)
            if fresh is not None:
                if claim.is_ours:
                    await self._finish(question, None, [question.lock_key], WRITE_S)
                return fresh
            if claim.is_ours:
                return await self._make(question, looked, is_locked=True)
            old = looked.stale()
            if old is not None:
                return old
            if not claim.is_taken or claim.is_odd or limit.remaining_s() <= 0:
                # A lock that is still there after all that time is nobody's: it goes.
                is_over = claim.is_taken and question.deadline.remaining_s() >= MAX_WAIT_S
                return await self._make(question, looked, is_locked=claim.is_odd or is_over)
            source = "coalesced"
            await asyncio.sleep(min(pause_s * random.uniform(0.5, 1), limit.remaining_s()))  # noqa: S311
            pause_s = min(pause_s * 2, longest_s)

    async def _make(self, question: _Question, looked: _Looked, *, is_locked: bool) -> Answer:
        """Compute and write, with the fingerprint of before: a write meanwhile ends the entry."""
        gone = [question.lock_key] if is_locked else []
        gone += looked.missing  # versions that cannot be made up, because something else is there
        entry: tuple[str, bytes, int] | None = None
        began = time.monotonic()
        try:
            answer = await self._compute(question, looked.last_resort())
            began = time.monotonic()
            if answer.source not in CACHED and looked.fingerprint is not None:
                if answer.data is not None and answer.lifetime is not None:
                    answer = replace(answer, tag=tag_of(answer.data))
                entry = self._entry(question, answer, looked.fingerprint)
            return answer
        finally:
            left_s = max(WRITE_S - (time.monotonic() - began), WRITE_S / 5)
            if not await self._finish(question, entry, gone, left_s) and entry is not None:
                self.counts["not kept"] += 1

    async def _finish(
        self,
        question: _Question,
        entry: tuple[str, bytes, int] | None,
        gone: list[str],
        limit_s: float,
    ) -> bool:
        """Write the entry and give the lock back.

        If that is not sure, the token stays: this environment does not wait for its own lock.
        """
        is_done = await self.cache.finish(entry, gone, limit_s)
        if is_done:
            self._locks.pop(question.lock_key, None)
        return is_done

    async def _compute(self, question: _Question, old: Answer | None) -> Answer:
        """The new answer; where there is an old one, that one if the new one fails or is late."""
        if old is None:
            return await question.compute(question.deadline)
        # The statements get the shorter time as well, so that none goes on when this is over.
        deadline = question.deadline.within(min(REFRESH_S, question.deadline.remaining_s() / 2))
        try:
            async with asyncio.timeout(deadline.remaining_s()):
                answer = await question.compute(deadline)
        except (HandlerError, TimeoutError):
            pass
        else:
            if answer.lifetime is not None:
                return answer
        self.counts["stale for an error"] += 1
        return old

    def _entry(
        self, question: _Question, answer: Answer, fingerprint: bytes
    ) -> tuple[str, bytes, int] | None:
        if answer.data is None or answer.lifetime is None:
            return None
        if len(answer.data) > MAX_BODY_BYTES:
            self.counts["too large"] += 1
            return None
        # Lifetimes only get shorter by jitter: what the SDL says is the most.
        part = 1 - JITTER * random.random()  # noqa: S311
        lifetime = replace(answer.lifetime, max_age_s=answer.lifetime.max_age_s * part)
        made_at_ms = int(self.clock() * 1000)
        entry = Entry(answer.data, lifetime, made_at_ms, fingerprint, answer.tag)
        return question.answer_key, entry.encode(), round(lifetime.total_s * 1000)

    def _question(
        self, key: str, policy: CachePolicy, compute: Compute, deadline: Deadline
    ) -> _Question:
        shard = shard_of(key)
        return _Question(
            key,
            policy,
            compute,
            deadline,
            answer_key=f"aurora:{{{shard}}}:answer:{key}",
            lock_key=f"aurora:{{{shard}}}:lock:{key}",
            version_keys=version_keys(self.database, policy.tables, shard),
        )

    async def _look(self, question: _Question) -> _Looked | None:
        """One round trip: the answer and the versions of its tables. None if the cache is away."""
        keys = [question.answer_key, *question.version_keys]
        values = await self.cache.read(keys, question.deadline.cache_s())
        if values is None:
            return None
        looked = self._judge(question, values)
        if looked.oddity:
            self.counts[looked.oddity] += 1
        return looked

    def _judge(self, question: _Question, values: list[bytes | None]) -> _Looked:
        """What the values are worth: an entry that is odd in any way is none."""
        raw, versions = values[0], values[1:]
        is_shared = question.policy.is_shared
        if None in versions:
            missing = (
                key
                for key, version in zip(question.version_keys, versions, strict=True)
                if version is None
            )
            return _Looked(None, 0, is_shared, None, tuple(missing))
        known = [version for version in versions if version is not None]
        fingerprint = fingerprint_of(question.key, known)
        if raw is None:
            return _Looked(None, 0, is_shared, fingerprint)
        entry = Entry.decode(raw)
        if entry is None:
            return _Looked(None, 0, is_shared, fingerprint, oddity="broken")
        if entry.fingerprint != fingerprint:
            return _Looked(None, 0, is_shared, fingerprint, oddity="ended")
        age_s = (int(self.clock() * 1000) - entry.made_at_ms) / 1000
        lifetime, most = entry.lifetime, question.policy.lifetime
        if (
            age_s < -_CLOCK_SKEW_S
            or age_s >= lifetime.total_s
            or lifetime.max_age_s > most.max_age_s
        ):
            return _Looked(None, 0, is_shared, fingerprint, oddity="expired")
        return _Looked(entry, age_s if age_s > 0 else 0, is_shared, fingerprint)


class _FlightFailedError(Exception):
    """The request that others waited for has no answer to share."""
