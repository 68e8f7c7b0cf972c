"""Logins to ElastiCache by IAM, which redis-py requests for each connection."""

from __future__ import annotations

from urllib.parse import urlsplit

from redis.credentials import CredentialProvider

from handler.errors import SettingsError
from handler.stores.aws.credentials import Credentials, IamCredentials, key_source
from handler.stores.aws.signature import cache_endpoint
from handler.stores.login import AwsAccess


class CacheLogin(CredentialProvider):
    """A user, and a token for each connection; ElastiCache closes connections after 12 hours."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def get_credentials_async(self) -> tuple[str, str]:
        """The login for a new connection. Raises ``UpstreamError``."""
        login = await self._credentials.current()
        return login.user, login.password

    def forget(self) -> None:
        """See ``Credentials``."""
        self._credentials.forget()


def find_cache_login(url: str, user: str, aws: AwsAccess) -> CacheLogin:
    """The login for ``CACHE_AUTH=iam``. Raises ``SettingsError``."""
    keys = key_source(aws, "CACHE_AUTH")
    host = urlsplit(url).hostname or ""
    try:
        endpoint = cache_endpoint(host, aws.region, user)
    except ValueError as error:
        raise SettingsError(
            f"CACHE_AUTH is iam, but the host of CACHE_URL, {host!r}, {error}; write the endpoint "
            f"as AWS shows it, or CACHE_AUTH password"
        ) from None
    return CacheLogin(IamCredentials(endpoint, keys))
