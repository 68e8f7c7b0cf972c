"""Logins at a real Redis that asks for user and password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from msgspec.structs import replace
from redis import asyncio as aioredis

from aurora_graphql.dev.servers import RedisServer
from handler.errors import SettingsError
from handler.settings import Settings
from handler.settings.stores import open_cache
from handler.stores.login import AwsAccess, CacheAccess, Login
from handler.stores.redis.login import CacheLogin, find_cache_login
from handler.stores.url import DatabaseUrl
from tests.ports import free_port

AWS = AwsAccess(region="eu-central-1", access_key_id="AKIDEXAMPLE", secret_access_key="key")
SETTINGS = Settings(
    database_url=DatabaseUrl(user="u", database="d"),
    cache_url="rediss://clustercfg.orders.x1y2z3.euc1.cache.amazonaws.com:6379",
    cache=CacheAccess(auth="iam", user="answers", is_cluster=True),
    aws=AWS,
)


class Numbered:
    """Another password for every connection, as tokens are."""

    def __init__(self) -> None:
        self.count = 0

    async def current(self) -> Login:
        self.count += 1
        return Login("answers", f"token-{self.count}")

    async def renew(self, refused: Login) -> Login | None:
        raise AssertionError("the cache may be away: nothing is tried again")

    def forget(self) -> None:
        """Nothing was fetched."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A Redis that lets in the user ``answers`` with the first two tokens.

    By TCP, as in production: at a socket of Unix redis-py logs in twice.
    """
    with RedisServer(tmp_path, port=free_port()) as server:
        with redis.Redis.from_url(server.url) as client:
            passwords = ["+token-1", "+token-2"]
            client.acl_setuser(
                "answers", enabled=True, passwords=passwords, keys=["*"], categories=["+@all"]
            )
        yield f"redis://127.0.0.1:{server.port}"


async def test_every_connection_logs_in_with_a_token_of_its_own(server: str) -> None:
    credentials = Numbered()
    login = CacheLogin(credentials)
    client = aioredis.Redis.from_url(server, credential_provider=login, protocol=2)
    for connections in (1, 2):
        for _ in range(2):
            assert await client.acl_whoami() == "answers"
            assert credentials.count == connections
        await client.connection_pool.disconnect()
    with pytest.raises(redis.AuthenticationError) as caught:
        await client.ping()
    assert "token-" not in f"{caught.value!r} {client!r}"
    await client.aclose()


async def test_a_token_is_signed_for_the_name_of_the_cache() -> None:
    user, token = await find_cache_login(
        SETTINGS.cache_url, SETTINGS.cache.user, SETTINGS.aws
    ).get_credentials_async()
    assert user == "answers"
    assert token.startswith("orders/?Action=connect&User=answers&X-Amz-Algorithm=")
    assert "eu-central-1%2Felasticache%2Faws4_request" in token


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            replace(SETTINGS, cache_url="rediss://cache.example:6379"),
            "CACHE_AUTH is iam, but the host of CACHE_URL, 'cache.example', is no endpoint",
            id="another-host",
        ),
        pytest.param(
            replace(SETTINGS, aws=AwsAccess()),
            "CACHE_AUTH is iam, which needs AWS_REGION",
            id="no-region",
        ),
    ],
)
def test_what_cannot_be_signed_is_refused_at_the_start(settings: Settings, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        find_cache_login(settings.cache_url, settings.cache.user, settings.aws)


def test_the_settings_say_how_the_cache_is_spoken_to() -> None:
    cache = open_cache(SETTINGS)
    assert cache is not None
    assert cache.is_cluster
    assert isinstance(cache.login, CacheLogin)
    plain = open_cache(replace(SETTINGS, cache_url="redis://:pw@h", cache=CacheAccess()))
    assert plain is not None
    assert not plain.is_cluster
    assert plain.login is None
