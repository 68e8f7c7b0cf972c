"""The versions of tables: what ends kept answers at once when rows change.

Every table has a random version in the cache. A kept answer names the versions of its tables, and
is of no use once one of them has changed; nothing is searched or deleted. Random values, because a
counter that the cache had dropped would start again at a number that answers still name.

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
    from handler.stores.cache import Cache


SHARDS = 16
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
    version = new_version()
    keys = [version_key(database, table, shard) for table in tables for shard in range(SHARDS)]
    told = await asyncio.gather(*(cache.write(key, version, None) for key in keys))
    return all(told)
