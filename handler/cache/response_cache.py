"""Kept answers: the finished JSON of an operation, found by one round trip to the cache.

An entry is sealed with the versions of its tables, so a write ends it at once. A missing answer is
computed by one environment while others wait a little; an old one is refreshed by one while others
are given the old. Nothing runs after the answer, because Lambda freezes the environment. Whatever
is odd about an entry makes it a miss. The cache may be away: then everything is computed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from handler.cache.entry import MAX_BODY_BYTES, Entry, Kept, State, seal_of
from handler.cache.local_tier import LocalTier
from handler.compiler.freshness import Policy
from handler.errors import HandlerError
from handler.records import dataclass, field, replace
from handler.stores.deadline import Deadline
from handler.stores.redis.versions import new_version, shard_of, version_key

if TYPE_CHECKING:
    from handler.stores.redis.cache import Cache

READ_S = 0.05  # for one round trip to the cache
WRITE_S = 0.005  # the answer does not wait longer to be kept
JITTER = 0.1  # the part by which lifetimes differ, so that not all end together
LOCK_MS = 3_000  # longer than a computation should take; a lock of a dead environment ends
MAX_WAIT_S = 4.0  # for another environment that computes the same answer: longer than its lock
REFRESH_S = 5.0  # for one that has an old answer to give if it takes longer
MAX_LOCKS = 1_000  # that could not be given back, and whose tokens are still known
_PAUSES_S = (0.002, 0.05)  # between two looks while waiting: the first, and the longest
_CLOCK_SKEW_MS = 5_000


@dataclass(frozen=True, slots=True)
class Computed:
    """A new answer. ``is_final``: without errors, so that it may be kept."""

    data: bytes
    is_final: bool
    is_negative: bool = False
    state: State = "miss"


Compute: TypeAlias = Callable[[Deadline], Awaitable[Computed]]


@dataclass(slots=True)
class _Question:
    """What is asked for, and all that goes with it."""

    digest: str
    policy: Policy
    compute: Compute
    deadline: Deadline
    answer_key: str
    lock_key: str
    version_keys: tuple[str, ...]

    def read_s(self) -> float:
        """The share of the time left that one look into the cache may take."""
        return min(READ_S * 5, self.deadline.remaining_s() / 4)


@dataclass(slots=True)
class _Looked:
    """What one look into the cache found."""

    entry: Entry | None  # one that may be given, if only for want of a better one
    age_ms: int
    seal: bytes | None  # None where the cache does not know all versions
    missing: tuple[str, ...] = ()
    oddity: str = ""  # why there is an entry, but none that may be given

    def kept(self, limit_ms: int, state: State) -> Kept | None:
        """The entry if it is younger than that."""
        if self.entry is None or self.age_ms >= limit_ms:
            return None
        entry = self.entry
        return Kept(
            entry.data,
            self.age_ms / 1000,
            entry.max_age_ms / 1000,
            state,
            entry.stale_ms / 1000,
            entry.error_ms / 1000,
        )

    def fresh(self, state: State = "hit") -> Kept | None:
        return self.kept(self.entry.max_age_ms, state) if self.entry else None

    def stale(self) -> Kept | None:
        if self.entry is None:
            return None
        return self.kept(self.entry.max_age_ms + self.entry.stale_ms, "stale")

    def last_resort(self) -> Kept | None:
        return self.kept(self.entry.life_ms, "stale") if self.entry else None


@dataclass
class ResponseCache:
    """The kept answers of one API in one environment. ``counts`` are its metrics."""

    cache: Cache
    database: str  # the name under which tables are versioned
    clock: Callable[[], float] = time.time
    local_s: float = 0.0  # how long this process may give an answer without asking the cache
    counts: Counter[str] = field(default_factory=Counter)
    _flights: dict[str, asyncio.Future[Kept]] = field(default_factory=dict)
    _locks: dict[str, bytes] = field(default_factory=dict)  # tokens of those that may be ours
    _local: LocalTier = field(init=False)

    def __post_init__(self) -> None:
        self._local = LocalTier(self.local_s, self.clock)

    async def answer(
        self, digest: str, policy: Policy, compute: Compute, deadline: Deadline
    ) -> Computed | Kept:
        """The answer with that digest of everything that decides it, kept or computed.

        Raises what ``compute`` raises, unless an old answer may be given instead.
        """
        found: Computed | Kept | None
        local = self._local.find(digest) if self.local_s else None
        if local is not None:
            found = local
        else:
            question = self._question(digest, policy, compute, deadline)
            looked = await self._look(question)
            found = looked.fresh() if looked else None
            if found is None:
                flight = self._flights.get(digest)
                found = await (
                    self._join(flight, question) if flight else self._fly(question, looked)
                )
            elif self.local_s:
                self._local.put(digest, found)
        self.counts[found.state] += 1
        if isinstance(found, Kept):
            self.counts["bytes"] += len(found.data)
        return found

    async def _join(self, flight: asyncio.Future[Kept], question: _Question) -> Computed | Kept:
        """The answer that another request of this environment is getting."""
        try:
            async with asyncio.timeout(question.deadline.remaining_s() / 2):
                return await asyncio.shield(flight)
        except (TimeoutError, _FlightFailedError):
            return replace(await question.compute(question.deadline), state="bypass")

    async def _fly(self, question: _Question, looked: _Looked | None) -> Computed | Kept:
        """Get the answer for this request and for those that join it."""
        flight = self._flights[question.digest] = asyncio.get_running_loop().create_future()
        try:
            found: Computed | Kept
            if looked is None:
                found = replace(await question.compute(question.deadline), state="bypass")
            else:
                found = await self._find_or_make(question, looked)
            if isinstance(found, Kept) or found.is_final:
                kept = found if isinstance(found, Kept) else _as_kept(question, found)
                flight.set_result(replace(kept, state="coalesced"))
                self._local.put(question.digest, kept)
            return found
        finally:
            del self._flights[question.digest]
            if not flight.done():
                flight.set_exception(_FlightFailedError())
                flight.exception()  # nobody may be waiting: it is seen

    async def _find_or_make(self, question: _Question, looked: _Looked) -> Computed | Kept:
        """Take the lock and make the answer, or take what the one who has the lock makes."""
        limit = question.deadline.within(min(MAX_WAIT_S, question.deadline.remaining_s() / 2))
        pause_s, longest_s = _PAUSES_S
        state: State = "hit"
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
                question.read_s(),
            )
            if claim is None:  # the cache has gone away since
                return looked.stale() or await self._make(question, looked, is_locked=False)
            if not claim.is_ours:
                self._locks.pop(question.lock_key, None)
            looked = self._judge(question, claim.values)
            fresh = looked.fresh(state)
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
            state = "coalesced"
            await asyncio.sleep(min(pause_s * random.uniform(0.5, 1), limit.remaining_s()))  # noqa: S311
            pause_s = min(pause_s * 2, longest_s)

    async def _make(
        self, question: _Question, looked: _Looked, *, is_locked: bool
    ) -> Computed | Kept:
        """Compute and keep. The seal is that of before: a write meanwhile ends the entry."""
        gone = [question.lock_key] if is_locked else []
        gone += looked.missing  # versions that cannot be made up, because something else is there
        entry: tuple[str, bytes, int] | None = None
        began = time.monotonic()
        try:
            computed = await self._compute(question, looked.last_resort())
            began = time.monotonic()
            if isinstance(computed, Computed) and computed.is_final and looked.seal is not None:
                entry = self._entry(question, computed, looked.seal)
            return computed
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
        """Keep the entry and give the lock back.

        If that is not sure, the token stays: this environment does not wait for its own lock.
        """
        is_done = await self.cache.finish(entry, gone, limit_s)
        if is_done:
            self._locks.pop(question.lock_key, None)
        return is_done

    async def _compute(self, question: _Question, old: Kept | None) -> Computed | Kept:
        """The new answer; where there is an old one, that one if the new one fails or is late."""
        if old is None:
            return await question.compute(question.deadline)
        # The statements get the shorter time as well, so that none goes on when this is over.
        deadline = question.deadline.within(min(REFRESH_S, question.deadline.remaining_s() / 2))
        try:
            async with asyncio.timeout(deadline.remaining_s()):
                computed = await question.compute(deadline)
        except (HandlerError, TimeoutError):
            pass
        else:
            if computed.is_final:
                return computed
        self.counts["stale for an error"] += 1
        return old

    def _entry(
        self, question: _Question, computed: Computed, seal: bytes
    ) -> tuple[str, bytes, int] | None:
        if len(computed.data) > MAX_BODY_BYTES:
            self.counts["too large"] += 1
            return None
        policy = _policy_of(question, computed)
        entry = Entry(
            computed.data,
            made_at_ms=int(self.clock() * 1000),
            # Lifetimes only get shorter by jitter: what the SDL says is the most.
            max_age_ms=int(policy.max_age_s * 1000 * (1 - JITTER * random.random())),  # noqa: S311
            stale_ms=policy.stale_s * 1000,
            error_ms=policy.error_s * 1000,
            seal=seal,
        )
        return question.answer_key, entry.encode(), entry.life_ms

    def _question(
        self, digest: str, policy: Policy, compute: Compute, deadline: Deadline
    ) -> _Question:
        shard = shard_of(digest)
        return _Question(
            digest,
            policy,
            compute,
            deadline,
            answer_key=f"aurora:{{{shard}}}:answer:{digest}",
            lock_key=f"aurora:{{{shard}}}:lock:{digest}",
            version_keys=tuple(version_key(self.database, table, shard) for table in policy.tables),
        )

    async def _look(self, question: _Question) -> _Looked | None:
        """One round trip: the answer and the versions of its tables. None if the cache is away."""
        keys = [question.answer_key, *question.version_keys]
        values = await self.cache.read(keys, question.read_s())
        if values is None:
            return None
        looked = self._judge(question, values)
        if looked.oddity:
            self.counts[looked.oddity] += 1
        return looked

    def _judge(self, question: _Question, values: list[bytes | None]) -> _Looked:
        """What the values are worth: an entry that is odd in any way is none."""
        raw, *versions = values
        known = [version for version in versions if version is not None]
        if len(known) < len(versions):
            missing = (
                key
                for key, version in zip(question.version_keys, versions, strict=True)
                if version is None
            )
            return _Looked(None, 0, None, tuple(missing))
        seal = seal_of(question.digest, known)
        if raw is None:
            return _Looked(None, 0, seal)
        entry = Entry.decode(raw)
        if entry is None:
            return _Looked(None, 0, seal, oddity="broken")
        if entry.seal != seal:
            return _Looked(None, 0, seal, oddity="ended")
        age_ms = int(self.clock() * 1000) - entry.made_at_ms
        longest_ms = question.policy.max_age_s * 1000
        if age_ms < -_CLOCK_SKEW_MS or age_ms >= entry.life_ms or entry.max_age_ms > longest_ms:
            return _Looked(None, 0, seal, oddity="expired")
        return _Looked(entry, max(age_ms, 0), seal)


class _FlightFailedError(Exception):
    """The request that others waited for has no answer to share."""


def _as_kept(question: _Question, computed: Computed) -> Kept:
    policy = _policy_of(question, computed)
    return Kept(
        computed.data, 0.0, policy.max_age_s, stale_s=policy.stale_s, error_s=policy.error_s
    )


def _policy_of(question: _Question, computed: Computed) -> Policy:
    return question.policy.of_nothing() if computed.is_negative else question.policy
