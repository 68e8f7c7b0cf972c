"""A cache in memory with a clock and switches for what may go wrong; it keeps what Redis keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from handler.stores.redis.cache import Claim


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class MemoryCache:
    """The protocol ``Cache``; each call lets others run, as a round trip does."""

    clock: Clock = field(default_factory=Clock)
    values: dict[str, tuple[bytes, float | None]] = field(default_factory=dict)
    is_away: bool = False
    is_full: bool = False
    calls: list[str] = field(default_factory=list)

    def value(self, key: str) -> bytes | None:
        """What the key holds now."""
        value, ends_at = self.values.get(key, (b"", 0.0))
        return value if key in self.values and (ends_at is None or self.clock() < ends_at) else None

    def put(self, key: str, value: bytes, ttl_ms: int | None) -> None:
        """Hold a value."""
        self.values[key] = (value, None if ttl_ms is None else self.clock() + ttl_ms / 1000)

    async def read(self, keys: Sequence[str], limit_s: float) -> list[bytes | None] | None:
        """See ``Cache``."""
        await self._trip("read")
        return None if self.is_away else [self.value(key) for key in keys]

    async def claim(
        self,
        lock: tuple[str, bytes, int],
        seeds: Mapping[str, bytes],
        keys: Sequence[str],
        limit_s: float,
    ) -> Claim | None:
        """See ``Cache``."""
        await self._trip("claim")
        if self.is_away:
            return None
        name, token, lock_ms = lock
        is_ours = self.value(name) == token
        is_taken = not is_ours and self.value(name) is not None
        if not self.is_full:
            if not is_taken and not is_ours:
                self.put(name, token, lock_ms)
                is_ours = True
            for key, value in seeds.items():
                if self.value(key) is None:
                    self.put(key, value, None)
        return Claim(is_ours, is_taken, [self.value(key) for key in keys])

    async def finish(
        self, entry: tuple[str, bytes, int] | None, gone: Sequence[str], limit_s: float
    ) -> bool:
        """See ``Cache``."""
        if entry is None and not gone:
            return True
        await self._trip("finish")
        if self.is_away:
            return False
        if entry is not None and not self.is_full:
            self.put(*entry)
        for key in gone:
            self.values.pop(key, None)
        return not (self.is_full and entry)

    async def forget(self, keys: Sequence[str], limit_s: float) -> bool:
        """See ``Cache``."""
        await self._trip("forget")
        if self.is_away:
            return False
        for key in keys:
            self.values.pop(key, None)
        return True

    async def _trip(self, name: str) -> None:
        self.calls.append(name)
        await asyncio.sleep(0)
