"""Fixtures: real servers for the session, an empty database and an empty cache per test.

The servers live in pytest's temporary directory and end with the session; if pytest is killed, the
kernel ends them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from handler.stores.url import DatabaseUrl
from local.servers import MariaDb, RedisServer
from tests.integration.servers import fresh_database


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """The session's MariaDB, reachable through its socket."""
    with MariaDb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's Redis, reachable through its socket."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def database(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    """An empty database of this test alone."""
    with fresh_database(mariadb) as url:
        yield url


@pytest.fixture
def cache_url(redis_server: RedisServer) -> str:
    """An empty cache, in the form of ``CACHE_URL``."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url
