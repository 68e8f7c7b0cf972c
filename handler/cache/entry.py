"""A cached answer as bytes: a header, then the JSON as it is or compressed.

The checksum is over everything behind it. The fingerprint names the answer's key and the versions
of its tables, so an entry that stands under another key, or is older than a write, is never taken.
The entity tag stands there as well: to make it takes twice as long as to check an entry.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from hashlib import blake2b

from msgspec import Struct

from handler.answer import TAG_BYTES, Answer, Lifetime, Source

MAX_BODY_BYTES = 1_000_000
# Level 1 makes a seventh of 200 KB of orders, but unpacking takes 0.15 ms of a processor, which is
# more than a hit has to spare: only what fills cache and network is packed.
COMPRESS_FROM_BYTES = 262_144
_LEVEL = 1

_MAGIC = b"AG3"
_HEAD = struct.Struct(f">3sIBQQQQ16s{TAG_BYTES}s")  # times in milliseconds
_CHECKED_FROM = 7
_PLAIN, _ZLIB = 0, 1


def fingerprint_of(key: str, versions: Sequence[bytes]) -> bytes:
    """What an entry under that key must carry while its tables have these versions."""
    return blake2b(b"\0".join((key.encode(), *versions)), digest_size=16).digest()


class Entry(Struct, frozen=True):
    """An answer without errors as it stands in the cache."""

    data: bytes
    lifetime: Lifetime
    made_at_ms: int  # since 1970
    fingerprint: bytes
    tag: str

    def answer(self, age_s: float, source: Source, *, is_shared: bool) -> Answer:
        """The answer again; ``is_shared``: as the policy of the question at hand says it."""
        return Answer(self.data, (), self.lifetime, is_shared, age_s, source, tag=self.tag)

    def encode(self) -> bytes:
        """For the cache."""
        kind, body = _PLAIN, self.data
        if len(body) >= COMPRESS_FROM_BYTES:
            kind, body = _ZLIB, zlib.compress(body, _LEVEL)
        lifetime = self.lifetime
        seconds = (lifetime.max_age_s, lifetime.stale_s, lifetime.error_s)
        times = (self.made_at_ms, *(round(each * 1000) for each in seconds))
        names = (self.fingerprint, bytes.fromhex(self.tag))
        head = _HEAD.pack(_MAGIC, 0, kind, *times, *names)[_CHECKED_FROM:]
        checksum = zlib.crc32(body, zlib.crc32(head))
        return b"".join((_MAGIC, checksum.to_bytes(4), head, body))

    @classmethod
    def decode(cls, raw: bytes) -> Entry | None:
        """The entry; None for anything that is not one, whole and unchanged."""
        if len(raw) <= _HEAD.size or raw[:3] != _MAGIC:
            return None
        _, checksum, kind, made_at_ms, max_age_ms, stale_ms, error_ms, fingerprint, tag = (
            _HEAD.unpack_from(raw)
        )
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
        lifetime = Lifetime(max_age_ms / 1000, stale_ms / 1000, error_ms / 1000)
        return cls(data, lifetime, made_at_ms, fingerprint, tag.hex())
