"""Passwords in Secrets Manager. Only ``migrate`` and ``ingest`` may read them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from handler.errors import UpstreamError
from handler.stores.aws.client import open_client
from handler.stores.login import Login, is_sendable

KEPT_S = 300.0  # a password that RDS has changed is read by then, or when the old one is refused
CONNECT_S = 3
READ_S = 5


class SecretStore:
    """The secrets that the role of the function may read; each call reads anew."""

    def __init__(self) -> None:
        self._client: Any = None

    async def read(self, arn: str) -> Login:
        """The current user and password in a secret. Raises ``UpstreamError``."""
        return await asyncio.to_thread(self._read, arn)

    def _read(self, arn: str) -> Login:
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
        )

        if self._client is None:
            self._client = open_client(
                "secretsmanager",
                read_s=READ_S,
                attempts=3,
                connect_s=CONNECT_S,
                # the secret's own: the one of the environment need not be set on one's own machine
                region=arn.split(":")[3],
            )
        try:
            answer = self._client.get_secret_value(SecretId=arn)
        except (BotoCoreError, ClientError) as error:
            raise UpstreamError(
                f"cannot read the secret {arn}: {error}; the function's role needs "
                f"secretsmanager:GetSecretValue on it and kms:Decrypt on its key"
            ) from error
        return _login(answer.get("SecretString"), arn)


class SecretCredentials(Struct):
    """The login in a secret, read again after ``KEPT_S`` seconds or when it was refused."""

    arn: str
    store: SecretStore
    clock: Callable[[], float] = time.monotonic
    _login: Login | None = None
    _read_at_s: float = 0.0

    async def current(self) -> Login:
        """See ``Credentials``."""
        if self._login is None or self.clock() - self._read_at_s > KEPT_S:
            return await self._read()
        return self._login

    async def renew(self, refused: Login) -> Login | None:
        """See ``Credentials``."""
        found = await self._read()
        return None if found == refused else found

    def forget(self) -> None:
        """See ``Credentials``."""
        self._login = None

    async def _read(self) -> Login:
        self._login = await self.store.read(self.arn)
        self._read_at_s = self.clock()
        return self._login


def _login(text: object, arn: str) -> Login:
    """Read ``{"username": ..., "password": ...}``, as RDS writes it and RDS Proxy reads it."""
    try:
        found = json.loads(str(text))
        user, password = found["username"], found["password"]
    except (ValueError, KeyError, TypeError):
        user = password = None
    if not (isinstance(user, str) and isinstance(password, str) and user and password):
        # nothing of what was read is shown
        raise UpstreamError(f"the secret {arn} holds no JSON with username and password")
    if not (is_sendable(user) and is_sendable(password)):
        raise UpstreamError(
            f"the secret {arn} holds a NUL or half of a surrogate pair, which no server takes:"
            f" give username and password other characters"
        )
    return Login(user, password)
