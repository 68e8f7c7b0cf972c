"""Kept answers: the finished JSON of an operation, found by one round trip to the cache.

An entry names the versions of its tables, so a write ends it at once. A missing answer is computed
by one environment while others wait a little; an old one is refreshed by one while others are
given the old. Nothing runs after the answer, because Lambda freezes the environment. Whatever is
odd about an entry makes it a miss. The cache may be away: then everything is computed.
"""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from zlib import crc32

from handler.compiler.freshness import Policy
from handler.stores.deadline import Deadline
from handler.stores.versions import new_version, shard_of, version_key

if TYPE_CHECKING:
    from handler.stores.cache import Cache

MAX_BODY_BYTES = 1_000_000
WRITE_TIMEOUT_S = 0.005  # the answer does not wait longer to be kept
NEGATIVE_MAX_AGE_S = 5  # of answers that say that something does not exist
JITTER = 0.1  # the part by which lifetimes differ, so that not all end together
_MAX_WAIT_S = 2.0  # for another environment that computes the same answer
_LOCK_MS = 5_000  # longer than a computation should take; a lock of a dead environment ends
_CLOCK_SKEW_MS = 5_000

_MAGIC = b"AG1"
_HEAD = struct.Struct(">3sIQII16s")  # magic, CRC-32 of the rest, made at, max age, stale, versions


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished answer and its age."""

    data: bytes
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Computed:
    """A new answer. ``is_final``: without errors, so that it may be kept."""

    data: bytes
    is_final: bool
    is_negative: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    made_at_ms: int
    max_age_ms: int
    stale_ms: int
    versions: bytes

    def encode(self) -> bytes:
        rest = _HEAD.pack(
            _MAGIC, 0, self.made_at_ms, self.max_age_ms, self.stale_ms, self.versions
        )[7:]
        return _MAGIC + struct.pack(">I", crc32(rest + self.data)) + rest + self.data

    @classmethod
    def decode(cls, raw: bytes) -> _Entry | None:
        """The entry; None for anything that is not one, whole and unchanged."""
        if len(raw) <= _HEAD.size or raw[:3] != _MAGIC:
            return None
        _, checksum, made_at_ms, max_age_ms, stale_ms, versions = _HEAD.unpack_from(raw)
        if crc32(raw[7:]) != checksum:
            return None
        return cls(raw[_HEAD.size :], made_at_ms, max_age_ms, stale_ms, versions)


@dataclass(frozen=True, slots=True)
class _Keys:
    answer: str
    lock: str
    versions: tuple[str, ...]


@dataclass(slots=True)
class _Looked:
    """What one look into the cache found."""

    entry: _Entry | None
    versions: bytes | None  # None where the cache does not know all of them
    missing: tuple[str, ...] = ()


@dataclass
class ResponseCache:
    """The kept answers of one API in one environment."""

    cache: Cache
    database: str  # the name under which tables are versioned
    clock: Callable[[], float] = time.time
    counts: Counter[str] = field(default_factory=Counter)
    _flights: dict[str, asyncio.Future[Kept]] = field(default_factory=dict)

    async def answer(
        self,
        digest: str,
        policy: Policy,
        compute: Callable[[], Awaitable[Computed]],
        deadline: Deadline,
    ) -> Computed | Kept:
        """The answer with that digest of everything that decides it, kept or computed.

        Raises what ``compute`` raises.
        """
        flight = self._flights.get(digest)
        if flight is not None:
            try:
                async with asyncio.timeout(deadline.remaining_s() / 2):
                    kept = await asyncio.shield(flight)
            except (TimeoutError, _FlightFailedError):
                return await compute()
            self.counts["coalesced"] += 1
            return kept
        flight = asyncio.get_running_loop().create_future()
        self._flights[digest] = flight
        try:
            found = await self._find(digest, policy, compute, deadline)
            if isinstance(found, Kept) or found.is_final:
                flight.set_result(found if isinstance(found, Kept) else Kept(found.data))
            return found
        finally:
            del self._flights[digest]
            if not flight.done():
                flight.set_exception(_FlightFailedError())
                flight.exception()  # nobody may be waiting: it is seen

    async def _find(
        self,
        digest: str,
        policy: Policy,
        compute: Callable[[], Awaitable[Computed]],
        deadline: Deadline,
    ) -> Computed | Kept:
        keys = self._keys(digest, policy)
        looked = await self._look(keys)
        if looked is None:
            self.counts["bypass"] += 1
            return await compute()
        age_ms = self._age_ms(looked)
        if looked.entry is not None and age_ms is not None:
            kept = Kept(looked.entry.data, age_ms / 1000)
            if age_ms < looked.entry.max_age_ms:
                self.counts["hit"] += 1
                return kept
            # Old, but not too old: one refreshes it, the others are given it.
            if not await self.cache.add(keys.lock, b"1", _LOCK_MS):
                self.counts["stale"] += 1
                return kept
            return await self._compute(keys, policy, looked, compute)
        if not await self.cache.add(keys.lock, b"1", _LOCK_MS):
            waited = await self._wait(keys, deadline)
            if waited is not None:
                self.counts["coalesced"] += 1
                return waited
        return await self._compute(keys, policy, looked, compute)

    def _keys(self, digest: str, policy: Policy) -> _Keys:
        shard = shard_of(digest)
        return _Keys(
            f"aurora:{{{shard}}}:answer:{digest}",
            f"aurora:{{{shard}}}:lock:{digest}",
            tuple(version_key(self.database, table, shard) for table in policy.tables),
        )

    async def _look(self, keys: _Keys) -> _Looked | None:
        """One round trip: the answer and the versions of its tables. None if the cache is away."""
        found = await self.cache.read([keys.answer, *keys.versions])
        if found is None:
            return None
        raw, *versions = found
        missing = tuple(
            key for key, version in zip(keys.versions, versions, strict=True) if version is None
        )
        if missing:
            return _Looked(None, None, missing)
        current = blake2b(b"\0".join(v or b"" for v in versions), digest_size=16).digest()
        entry = _Entry.decode(raw) if raw is not None else None
        if raw is not None and entry is None:
            self.counts["broken"] += 1
        if entry is not None and entry.versions != current:
            entry = None
        return _Looked(entry, current)

    def _age_ms(self, looked: _Looked) -> int | None:
        """The age of an entry that may still be given; None for none."""
        entry = looked.entry
        if entry is None:
            return None
        age_ms = int(self.clock() * 1000) - entry.made_at_ms
        if age_ms < -_CLOCK_SKEW_MS or age_ms >= entry.max_age_ms + entry.stale_ms:
            return None
        return max(age_ms, 0)

    async def _wait(self, keys: _Keys, deadline: Deadline) -> Kept | None:
        """The answer that another environment is computing; None if it takes too long."""
        limit = Deadline.after(min(_MAX_WAIT_S, deadline.remaining_s() / 2), deadline.clock)
        pause_s = 0.005
        while limit.remaining_s() > 0:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 0.05)
            looked = await self._look(keys)
            if looked is None:
                return None
            age_ms = self._age_ms(looked)
            if looked.entry is not None and age_ms is not None:
                return Kept(looked.entry.data, age_ms / 1000)
            if await self.cache.add(keys.lock, b"1", _LOCK_MS):
                return None  # the other one has given up: it is our turn
        return None

    async def _compute(
        self,
        keys: _Keys,
        policy: Policy,
        looked: _Looked,
        compute: Callable[[], Awaitable[Computed]],
    ) -> Computed:
        """Compute and keep. The versions are those of before: a write meanwhile ends the entry."""
        self.counts["miss"] += 1
        try:
            if looked.missing:
                for key in looked.missing:
                    await self.cache.add(key, new_version(), None)
                looked = await self._look(keys) or looked
            computed = await compute()
            if computed.is_final and looked.versions is not None:
                await self._keep(keys, policy, computed, looked.versions)
            return computed
        finally:
            await self.cache.remove(keys.lock)

    async def _keep(self, keys: _Keys, policy: Policy, computed: Computed, versions: bytes) -> None:
        if len(computed.data) > MAX_BODY_BYTES:
            self.counts["too large"] += 1
            return
        max_age_s = float(policy.max_age_s)
        if computed.is_negative:
            max_age_s = min(max_age_s, NEGATIVE_MAX_AGE_S)
        # Lifetimes only get shorter by jitter: what the SDL says is the most.
        max_age_ms = int(max_age_s * 1000 * (1 - JITTER * random.random()))  # noqa: S311
        stale_ms = policy.stale_s * 1000
        entry = _Entry(computed.data, int(self.clock() * 1000), max_age_ms, stale_ms, versions)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self.cache.write(keys.answer, entry.encode(), max_age_ms + stale_ms)
            self.counts["kept bytes"] += len(computed.data)
        except TimeoutError:
            self.counts["not kept in time"] += 1


class _FlightFailedError(Exception):
    """The request that others waited for has no answer to share."""
