"""Logins to database and cache: fixed ones, and IAM tokens.

A token is valid for 15 minutes and is checked when a connection is made. Signing one takes 0.04 ms
and no network, so each connection gets its own, and none can have expired.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import ClassVar, Protocol, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from handler.errors import Hiding, SettingsError, UpstreamError
from handler.stores.aws.signature import AwsKeys, LoginEndpoint, sign
from handler.stores.login import AwsAccess, Login

Opened = TypeVar("Opened")

RENEW_EARLY_S = 300.0  # before keys expire; AWS hands out new ones by then
FETCH_TIMEOUT_S = 2.0
_MAX_ANSWER_BYTES = 65_536


class LoginRefusedError(UpstreamError):
    """The server refuses the name and the password or token."""


class Credentials(Protocol):
    """A source of logins."""

    async def current(self) -> Login:
        """The login for a new connection. Raises ``UpstreamError``."""

    async def renew(self, refused: Login) -> Login | None:
        """A newer login than the refused one; None if there is none."""

    def forget(self) -> None:
        """Drop all secrets: a snapshot of this process must hold none."""


class KeySource(Protocol):
    """A source of keys for signing."""

    async def current(self) -> AwsKeys:
        """Valid keys. Raises ``UpstreamError``."""

    async def renew(self) -> AwsKeys | None:
        """Newer keys than the current ones; None if there are none."""

    def forget(self) -> None:
        """See ``Credentials``."""


async def log_in(credentials: Credentials, connect: Callable[[Login], Awaitable[Opened]]) -> Opened:
    """Connect, and once more if the login is refused and there is a newer one.

    A password that has been changed costs one attempt. ``connect`` raises ``LoginRefusedError`` for
    a login that the server refuses.
    """
    login = await credentials.current()
    try:
        return await connect(login)
    except LoginRefusedError:
        other = await credentials.renew(login)
        if other is None:
            raise
    return await connect(other)


class FixedCredentials(Struct, frozen=True):
    """A name and a password that do not change."""

    login: Login

    async def current(self) -> Login:
        """See ``Credentials``."""
        return self.login

    async def renew(self, refused: Login) -> Login | None:
        """See ``Credentials``."""
        return None

    def forget(self) -> None:
        """See ``Credentials``. There are none."""


class IamCredentials(Struct, frozen=True):
    """A token of IAM as the password, by ``endpoint`` and whatever keys are good."""

    endpoint: LoginEndpoint
    keys: KeySource
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def current(self) -> Login:
        """See ``Credentials``."""
        return self._signed(await self.keys.current())

    async def renew(self, refused: Login) -> Login | None:
        """See ``Credentials``. The same keys would be refused again."""
        keys = await self.keys.renew()
        return None if keys is None else self._signed(keys)

    def forget(self) -> None:
        """See ``Credentials``."""
        self.keys.forget()

    def _signed(self, keys: AwsKeys) -> Login:
        return Login(self.endpoint.user, sign(self.endpoint, keys, self.clock()))


class FixedKeys(Struct, frozen=True):
    """The keys of the execution environment, which Lambda ends before they expire."""

    keys: AwsKeys

    async def current(self) -> AwsKeys:
        """See ``KeySource``."""
        return self.keys

    async def renew(self) -> AwsKeys | None:
        """See ``KeySource``."""
        return None

    def forget(self) -> None:
        """See ``Credentials``. There are none."""


class ContainerKeys(Hiding, Struct):
    """Keys from an address on this machine, for SnapStart: keys in a snapshot would expire.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
    """

    HIDDEN: ClassVar = ("token", "_keys")

    uri: str
    token: str
    clock: Callable[[], float] = time.time
    _keys: AwsKeys | None = None
    _expires_at_s: float = 0.0

    async def current(self) -> AwsKeys:
        """See ``KeySource``."""
        if self._keys is None or self.clock() > self._expires_at_s - RENEW_EARLY_S:
            return await self._fetch()
        return self._keys

    async def renew(self) -> AwsKeys | None:
        """See ``KeySource``."""
        before = self._keys
        found = await self._fetch()
        return None if found == before else found

    def forget(self) -> None:
        """See ``Credentials``."""
        self._keys = None

    async def _fetch(self) -> AwsKeys:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                found = json.loads(await _get(self.uri, self.token))
            expires_at = datetime.fromisoformat(found["Expiration"])
            keys = AwsKeys(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
        except TimeoutError as error:
            raise UpstreamError(f"no keys from {self.uri}: timed out") from error
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            # the error's own text may hold what was read
            raise UpstreamError(f"no keys from {self.uri}: {type(error).__name__}") from None
        self._keys, self._expires_at_s = keys, expires_at.timestamp()
        return keys


async def _get(uri: str, token: str) -> bytes:
    """The body of a GET over HTTP. Raises ``ValueError`` for any status but 200."""
    parts = urlsplit(uri)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        lines = (
            f"GET {target} HTTP/1.0",
            f"Host: {parts.netloc}",
            f"Authorization: {token}",
            "Accept: application/json",
        )
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = await reader.read(_MAX_ANSWER_BYTES)
        while more := await reader.read(_MAX_ANSWER_BYTES):
            answer += more
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise ValueError("not 200")
    return body


def key_source(aws: AwsAccess, setting: str) -> KeySource:
    """The keys of the environment; ``setting``: the one that needs them.

    Raises ``SettingsError`` if there are none.
    """
    if not aws.region:
        raise SettingsError(f"{setting} is iam, which needs AWS_REGION; Lambda sets it")
    if aws.access_key_id and aws.secret_access_key:
        return FixedKeys(AwsKeys(aws.access_key_id, aws.secret_access_key, aws.session_token))
    if aws.container_uri:
        return ContainerKeys(aws.container_uri, aws.container_token)
    raise SettingsError(
        f"{setting} is iam, which needs keys to sign with: Lambda sets AWS_ACCESS_KEY_ID and "
        f"AWS_SECRET_ACCESS_KEY; elsewhere, aws configure export-credentials --format env"
    )
