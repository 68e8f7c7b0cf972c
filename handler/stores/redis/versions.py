"""The versions of tables, which invalidate cached answers when rows change.

Each table has a random version in the cache. A cached answer holds the versions of its tables and
is invalid once one of them has changed; nothing is searched. A version is changed by removing it:
the next reader sets a new one. That works with a full cache, and a random version never returns
after the cache has evicted it.

Keys of one round trip must be in one slot of a cluster, so that there is a copy of each version for
each of ``SHARDS`` hash tags; the key of an answer selects one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from handler.stores.redis.cache import Cache


SHARDS = 16
TELL_S = 2.0  # a writer can wait longer than a reader: what it cannot tell stays wrong for a while
TRIES = 3
_VERSION_BYTES = 8


def shard_of(digest: str) -> int:
    """The shard that the key of an answer selects."""
    return crc32(digest.encode()) % SHARDS


def version_key(database: str, table: str, shard: int) -> str:
    """The key of a table's version; the braces are a hash tag of Redis Cluster."""
    return f"aurora:{{{shard}}}:version:{database}:{table}"


@lru_cache(maxsize=1_000)  # what is asked most is over the same few tables
def version_keys(database: str, tables: tuple[str, ...], shard: int) -> tuple[str, ...]:
    """The keys of the versions of several tables."""
    return tuple(version_key(database, table, shard) for table in tables)


def new_version() -> bytes:
    """A version that no table has had before."""
    return secrets.token_bytes(_VERSION_BYTES)


async def change_versions(cache: Cache, database: str, tables: Iterable[str]) -> bool:
    """Invalidate all cached answers over these tables. False unless all versions are removed."""
    keys = [version_key(database, table, shard) for table in tables for shard in range(SHARDS)]
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(0.1 * attempt)
        if await cache.forget(keys, TELL_S):
            return True
    return False
