"""A real Redis that speaks TLS only, alone and as a cluster: one context for all connections."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
from msgspec.structs import replace

from aurora_graphql.dev.servers import RedisServer
from handler.errors import SettingsError
from handler.settings import Settings
from handler.settings.stores import open_cache
from handler.stores.login import CacheAccess
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.integration.authority import Authority
from tests.integration.redis_cluster import SLOTS
from tests.ports import free_port

LIMIT_S = 20.0  # a shared machine may take its time
CONNECTIONS = 4


class SecureRedis(RedisServer):
    """One that is reached by TLS; its socket of Unix is for the test's own wishes."""

    authority: Authority
    is_cluster: bool

    def command(self, *words: str | int) -> object:
        """Tell it something."""
        with redis.Redis(unix_socket_path=str(self.socket_file)) as client:
            return client.execute_command(*words)

    def _command(self) -> list[str]:
        certificate, key = self.authority.certify("127.0.0.1")
        own = ("--cluster-enabled", "yes", "--tls-cluster", "yes") if self.is_cluster else ()
        return [
            *super()._command(),
            *("--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"),
            *("--tls-cert-file", str(certificate), "--tls-key-file", str(key)),
            *("--tls-ca-cert-file", str(self.authority.file)),
            *own,
        ]


@pytest.fixture(scope="module", params=[False, True], ids=["one-server", "cluster"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecureRedis]:
    folder = tmp_path_factory.mktemp("secure")
    server = SecureRedis(folder / "redis", port=free_port())
    server.authority, server.is_cluster = Authority.create(folder / "authority"), request.param
    with server:
        if server.is_cluster:
            server.command("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
            deadline = time.monotonic() + LIMIT_S
            while "cluster_state:ok" not in str(server.command("CLUSTER", "INFO")):
                assert time.monotonic() < deadline, "the cluster did not form"
                time.sleep(0.05)
        yield server


def settings_of(server: SecureRedis, **access: str) -> Settings:
    return Settings(
        database_url=DatabaseUrl(user="u", database="d"),
        cache_url=f"rediss://127.0.0.1:{server.port}",
        cache=CacheAccess(is_cluster=server.is_cluster, **access),
    )


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[RedisCache]:
    cache = open_cache(settings)
    assert cache is not None
    cache.timeout_s = LIMIT_S
    cache.options = {**cache.options, "socket_connect_timeout": LIMIT_S}
    try:
        yield cache
    finally:
        await cache.close()


async def read_at_once(cache: RedisCache) -> list[list[bytes | None] | None]:
    """Some reads, each of which needs a connection."""
    return await asyncio.gather(*(cache.read(["{a}"], LIMIT_S) for _ in range(CONNECTIONS)))


async def test_the_systems_authorities_are_loaded_by_no_connection(
    server: SecureRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object, **__: object) -> None:
        raise AssertionError("these are 20 ms")

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    settings = settings_of(server, ca_file=str(server.authority.file))
    async with opened(settings) as cache:
        assert await read_at_once(cache) == [[None]] * CONNECTIONS
        await cache.close()
        assert await read_at_once(cache) == [[None]] * CONNECTIONS


async def test_without_a_file_they_are_loaded_once(
    server: SecureRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def load(context: ssl.SSLContext, *_: object, **__: object) -> None:
        loaded.append(context)
        context.load_verify_locations(server.authority.file)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", load)
    async with opened(settings_of(server)) as cache:
        assert await read_at_once(cache) == [[None]] * CONNECTIONS
    assert len(loaded) == 1


def test_a_connection_that_was_closed_while_all_was_frozen_is_not_asked(
    server: SecureRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.stores.redis.cache._LOOK_AFTER_S", 0.0)
    cache = open_cache(settings_of(server, ca_file=str(server.authority.file)))
    assert cache is not None
    cache.timeout_s = LIMIT_S
    with asyncio.Runner() as runner:
        for _ in range(2):
            assert runner.run(cache.read(["{a}"], LIMIT_S)) == [None]
            server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        runner.run(cache.close())
    assert cache.counts == {}


async def test_a_server_that_somebody_else_has_signed_is_no_cache(
    server: SecureRedis, tmp_path: Path
) -> None:
    other = Authority.create(tmp_path / "other")
    async with opened(settings_of(server, ca_file=str(other.file))) as cache:
        assert await cache.read(["{a}"], LIMIT_S) is None
        assert cache.counts == {"failed": 1}


async def test_a_server_of_another_name_is_no_cache(server: SecureRedis) -> None:
    settings = settings_of(server, ca_file=str(server.authority.file))
    # Not localhost, which the library looks up before it asks.
    elsewhere = replace(settings, cache_url=f"rediss://127.0.0.2:{server.port}")
    async with opened(elsewhere) as cache:
        assert await cache.read(["{a}"], LIMIT_S) is None


def test_a_file_that_holds_no_certificates_is_named(server: SecureRedis, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    with pytest.raises(SettingsError, match=r"ca\.pem' cannot be used .* correct CACHE_CA_FILE"):
        open_cache(settings_of(server, ca_file=str(file)))
