"""Make the clients of the stores that the settings name: database and cache.

Nothing is imported for what they do not name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from handler.settings import Settings
from handler.stores.aws.credentials import (
    Credentials,
    FixedCredentials,
    IamCredentials,
    key_source,
    log_in,
)
from handler.stores.aws.signature import database_endpoint
from handler.stores.login import IAM, SECRET, Login
from handler.stores.url import DatabaseUrl

if TYPE_CHECKING:
    from handler.stores.mysql.database import MySqlDatabase
    from handler.stores.redis.cache import RedisCache

Done = TypeVar("Done")


class Writer(Struct, frozen=True):
    """The database for programs that write, with whatever login is good when they begin."""

    url: DatabaseUrl
    credentials: Credentials

    async def run(
        self, work: Callable[[DatabaseUrl], Awaitable[Done]], *, wait_s: float = 0.0
    ) -> Done:
        """Do the work, and once more if its login was refused and another one can be had.

        So the work may be begun twice: nothing of it may be harmful a second time. Before that,
        wait so long for a database that is away: it may be waking. Raises ``AwayError`` if it
        does not come.
        """

        async def begin(login: Login) -> Done:
            url = self.url.with_login(login)
            if wait_s > 0:
                from handler.stores.mysql.session import reach

                await reach(url, wait_s=wait_s)
            return await work(url)

        return await log_in(self.credentials, begin)


def open_database(settings: Settings, *, ends_statements: bool = False) -> MySqlDatabase:
    """The connections for reading. They are made when first needed.

    ``ends_statements``: those that nobody waits for any more end on the server, too.

    Raises ``SettingsError``.
    """
    from handler.stores.mysql.database import MySqlDatabase, PoolLimits

    url = settings.reader_url
    limits = PoolLimits(
        size=settings.pool_size,
        may_pause=settings.database.may_pause,
        ends_statements=ends_statements,
    )
    return MySqlDatabase(url, limits, _credentials(settings, url))


def open_writer(settings: Settings) -> Writer:
    """The database for migrate and ingest. Raises ``SettingsError``."""
    return Writer(settings.database_url, _credentials(settings, settings.database_url))


def _credentials(settings: Settings, url: DatabaseUrl) -> Credentials:
    if settings.database.auth == IAM:
        endpoint = database_endpoint(url.host, url.port, settings.aws.region, url.user)
        return IamCredentials(endpoint, key_source(settings.aws, "DATABASE_AUTH"))
    if settings.database.auth == SECRET:
        from handler.stores.aws.secrets import SecretCredentials, SecretStore

        return SecretCredentials(settings.database.secret_arn, SecretStore())
    return FixedCredentials(url.login)


def open_cache(settings: Settings) -> RedisCache | None:
    """The cache of ``CACHE_URL``, or none. It connects when it is first asked.

    Raises ``SettingsError``.
    """
    if not settings.cache_url:
        return None
    from handler.stores.redis.cache import RedisCache

    login = None
    if settings.cache.auth == IAM:
        from handler.stores.redis.login import find_cache_login

        login = find_cache_login(settings.cache_url, settings.cache.user, settings.aws)
    tls = None
    if settings.cache_url.startswith("rediss://"):
        from handler.stores.redis.tls import cache_context

        tls = cache_context(settings.cache.ca_file)
    return RedisCache(
        settings.cache_url, is_cluster=settings.cache.is_cluster, tls=tls, login=login
    )
