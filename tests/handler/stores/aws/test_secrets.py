"""Passwords from Secrets Manager: read late, kept for a while, read again when refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 publishes no types
import pytest
from moto import mock_aws

from handler.errors import UpstreamError
from handler.stores.aws.credentials import LoginRefusedError, log_in
from handler.stores.aws.secrets import KEPT_S, SecretCredentials, SecretStore
from handler.stores.login import Login

CANARY = "canary-never-shown"


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Secrets Manager of another region than the environment's own."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-central-1")


def put(manager: Any, text: str) -> str:
    arn = manager.create_secret(Name="rds-master", SecretString=text)["ARN"]
    assert isinstance(arn, str)
    return arn


def written(password: str) -> str:
    return json.dumps({"username": "admin", "password": password, "engine": "mysql"})


async def test_a_secret_holds_user_and_password(manager: Any) -> None:
    arn = put(manager, written(CANARY))
    assert await SecretStore().read(arn) == Login("admin", CANARY)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CANARY, id="no-json"),
        pytest.param(f'["{CANARY}"]', id="a-list"),
        pytest.param(f'{{"user": "admin", "password": "{CANARY}"}}', id="no-username"),
        pytest.param(f'{{"username": "{CANARY}"}}', id="no-password"),
        pytest.param(f'{{"username": "{CANARY}", "password": ""}}', id="empty-password"),
        pytest.param(f'{{"username": "{CANARY}", "password": 1}}', id="number"),
    ],
)
async def test_a_secret_of_another_shape_is_refused_without_being_shown(
    manager: Any, text: str
) -> None:
    arn = put(manager, text)
    with pytest.raises(UpstreamError) as caught:
        await SecretStore().read(arn)
    assert str(caught.value) == f"the secret {arn} holds no JSON with username and password"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_a_secret_may_have_letters_beyond_ascii(manager: Any) -> None:
    arn = put(manager, json.dumps({"username": "jörg", "password": "密码-🔑"}, ensure_ascii=False))
    assert await SecretStore().read(arn) == Login("jörg", "密码-🔑")


@pytest.mark.parametrize(
    ("user", "password"),
    [("admin", f"{CANARY}\ud83d"), ("admin", f"{CANARY}\0"), (f"{CANARY}\udd11", "password")],
)
async def test_a_secret_that_no_server_takes_is_refused_without_being_shown(
    manager: Any, user: str, password: str
) -> None:
    arn = put(manager, json.dumps({"username": user, "password": password}))
    with pytest.raises(UpstreamError) as caught:
        await SecretStore().read(arn)
    assert str(caught.value) == (
        f"the secret {arn} holds a NUL or half of a surrogate pair, which no server takes:"
        f" give username and password other characters"
    )
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_a_secret_that_cannot_be_read_is_named_with_the_remedy(manager: Any) -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gone-AbCdEf"
    with pytest.raises(UpstreamError, match=r"gone-AbCdEf: .*ResourceNotFound.*role needs secrets"):
        await SecretStore().read(arn)


@dataclass
class Secrets:
    """A store whose secret changes; counts how often it is read."""

    passwords: list[str]
    reads: list[str] = field(default_factory=list)

    async def read(self, arn: str) -> Login:
        self.reads.append(arn)
        return Login("admin", self.passwords[0])


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(["first"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def credentials(
    secrets: Secrets, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> SecretCredentials:
    store = SecretStore()
    monkeypatch.setattr(store, "read", secrets.read)
    return SecretCredentials("arn", store, clock)


async def test_a_secret_is_read_once_in_a_while(
    credentials: SecretCredentials, secrets: Secrets, clock: Clock
) -> None:
    assert await credentials.current() == Login("admin", "first")
    secrets.passwords = ["second"]
    clock.now += KEPT_S
    assert await credentials.current() == Login("admin", "first")
    clock.now += 1
    assert await credentials.current() == Login("admin", "second")
    assert secrets.reads == ["arn", "arn"]


async def test_a_password_that_was_changed_costs_one_try(
    credentials: SecretCredentials, secrets: Secrets
) -> None:
    await credentials.current()
    secrets.passwords = ["second"]
    tries: list[str] = []

    async def connect(login: Login) -> str:
        tries.append(login.password)
        if login.password != "second":
            raise LoginRefusedError("no")
        return "connected"

    assert await log_in(credentials, connect) == "connected"
    assert await log_in(credentials, connect) == "connected"
    assert tries == ["first", "second", "second"]
    assert len(secrets.reads) == 2


async def test_the_same_password_is_not_tried_twice(
    credentials: SecretCredentials, secrets: Secrets
) -> None:
    tries: list[str] = []

    async def connect(login: Login) -> None:
        tries.append(login.password)
        raise LoginRefusedError("no")

    with pytest.raises(LoginRefusedError):
        await log_in(credentials, connect)
    assert tries == ["first"]
    assert len(secrets.reads) == 2


async def test_nothing_shows_a_password(credentials: SecretCredentials, secrets: Secrets) -> None:
    secrets.passwords = [CANARY]
    login = await credentials.current()
    assert CANARY not in f"{credentials!r} {login!r} {SecretStore()!r}"
