"""The versions of tables: what ends kept answers at once when rows change.

Every table has a random version in the cache. A kept answer is sealed with the versions of its
tables, and is of no use once one of them has changed; nothing is searched. To change a version is
to remove it: the next one who needs it makes up a new one. Removing works on a cache that is full,
and random values mean that a version which the cache dropped by itself never comes back.

Keys of one round trip have to be in one slot of a cluster, so there is a copy of every version for
each of ``SHARDS`` hash tags, and an answer's key decides which one it goes with.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from handler.stores.redis.cache import Cache


SHARDS = 16
TELL_S = 2.0  # a writer can wait longer than a reader: what it cannot tell stays wrong for a while
TRIES = 3
_VERSION_BYTES = 8


def shard_of(digest: str) -> int:
    """The shard of an answer's key."""
    return crc32(digest.encode()) % SHARDS


def version_key(database: str, table: str, shard: int) -> str:
    """The key of a table's version; the braces are a hash tag of Redis Cluster."""
    return f"aurora:{{{shard}}}:version:{database}:{table}"


def new_version() -> bytes:
    """A version that no table has had."""
    return secrets.token_bytes(_VERSION_BYTES)


async def change_versions(cache: Cache, database: str, tables: Iterable[str]) -> bool:
    """End all kept answers over these tables. False if the cache could not be told everything."""
    keys = [version_key(database, table, shard) for table in tables for shard in range(SHARDS)]
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(0.1 * attempt)
        if await cache.forget(keys, TELL_S):
            return True
    return False
