"""A kept answer as bytes: header, then the JSON as it is or compressed.

The checksum is over everything behind it. The seal names the answer's key and the versions of its
tables, so an entry that stands under another key, or is older than a write, is never taken.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal, TypeAlias

from handler.records import dataclass

MAX_BODY_BYTES = 1_000_000
# Level 1 makes a seventh of 200 KB of orders, but unpacking takes 0.15 ms of a processor, which is
# more than a hit has to spare: only what fills cache and network is packed.
COMPRESS_FROM_BYTES = 262_144
_LEVEL = 1

_MAGIC = b"AG2"
_HEAD = struct.Struct(">3sIBQQQQ16s")
_CHECKED_FROM = 7
_PLAIN, _ZLIB = 0, 1

State: TypeAlias = Literal["local", "hit", "stale", "coalesced", "miss", "bypass"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished answer, its age and how old it may get.

    ``stale_s`` longer during a refresh, ``error_s`` longer when there can be none.
    """

    data: bytes
    age_s: float = 0.0
    max_age_s: float = 0.0
    state: State = "hit"
    stale_s: float = 0.0
    error_s: float = 0.0


def seal_of(digest: str, versions: Sequence[bytes]) -> bytes:
    """The seal of an entry under that key, over tables with these versions."""
    return blake2b(b"\0".join((digest.encode(), *versions)), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer and how long it is good for, in milliseconds from when it was made."""

    data: bytes
    made_at_ms: int
    max_age_ms: int
    stale_ms: int  # longer than that, while one request makes it anew
    error_ms: int  # longer than max_age, when it cannot be made anew
    seal: bytes

    @property
    def life_ms(self) -> int:
        """After that it is of no use at all."""
        return self.max_age_ms + max(self.stale_ms, self.error_ms)

    def encode(self) -> bytes:
        """For the cache."""
        kind, body = _PLAIN, self.data
        if len(body) >= COMPRESS_FROM_BYTES:
            kind, body = _ZLIB, zlib.compress(body, _LEVEL)
        times = (self.made_at_ms, self.max_age_ms, self.stale_ms, self.error_ms)
        head = _HEAD.pack(_MAGIC, 0, kind, *times, self.seal)[_CHECKED_FROM:]
        checksum = zlib.crc32(body, zlib.crc32(head))
        return b"".join((_MAGIC, checksum.to_bytes(4), head, body))

    @classmethod
    def decode(cls, raw: bytes) -> Entry | None:
        """The entry; None for anything that is not one, whole and unchanged."""
        if len(raw) <= _HEAD.size or raw[:3] != _MAGIC:
            return None
        _, checksum, kind, made_at_ms, max_age_ms, stale_ms, error_ms, seal = _HEAD.unpack_from(raw)
        if zlib.crc32(memoryview(raw)[_CHECKED_FROM:]) != checksum:
            return None
        data = raw[_HEAD.size :]
        if kind == _ZLIB:
            try:
                unpacker = zlib.decompressobj()
                data = unpacker.decompress(data, MAX_BODY_BYTES + 1)
            except zlib.error:
                return None
            if not unpacker.eof or unpacker.unused_data:
                return None
        elif kind != _PLAIN:
            return None
        if len(data) > MAX_BODY_BYTES:
            return None
        return cls(data, made_at_ms, max_age_ms, stale_ms, error_ms, seal)
