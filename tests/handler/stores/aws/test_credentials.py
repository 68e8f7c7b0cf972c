"""Logins: tokens as botocore signs them, keys that expire, one more try after a refusal."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials as BotoCredentials  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.errors import SettingsError, UpstreamError
from handler.stores.aws.credentials import (
    ContainerKeys,
    FixedCredentials,
    FixedKeys,
    IamCredentials,
    LoginRefusedError,
    key_source,
    log_in,
)
from handler.stores.aws.signature import (
    TOKEN_S,
    AwsKeys,
    LoginEndpoint,
    cache_endpoint,
    database_endpoint,
    sign,
)
from handler.stores.login import AwsAccess, Login

NOW = datetime(2026, 11, 23, 21, 53, 30, tzinfo=UTC)
KEYS = AwsKeys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/token+with==marks")
PROXY = database_endpoint(
    "Proxy.proxy-abc.eu-central-1.rds.amazonaws.com", 3306, "eu-central-1", "api"
)
CANARY = "canary-never-shown"


def parameters(token: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(f"https://{token}").query, strict_parsing=True)


def signed_by_botocore(
    endpoint: LoginEndpoint, keys: AwsKeys, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The same address, presigned by the library that AWS publishes."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: at.replace(tzinfo=None))
    request = AWSRequest(method="GET", url=f"https://{endpoint.host}/", params=dict(endpoint.query))
    credentials = BotoCredentials(
        keys.access_key_id, keys.secret_access_key, keys.session_token or None
    )
    SigV4QueryAuth(credentials, endpoint.service, endpoint.region, TOKEN_S).add_auth(request)
    return str(request.url).removeprefix("https://")


@settings(max_examples=100, deadline=None)
@given(
    user=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
    session_token=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    is_cache=st.booleans(),
)
def test_a_token_is_the_one_that_botocore_signs(
    user: str, secret: str, session_token: str, at: datetime, is_cache: bool
) -> None:
    if is_cache:
        endpoint = cache_endpoint(
            "orders-x1y2z3.serverless.use1.cache.amazonaws.com", "us-east-1", user
        )
    else:
        endpoint = database_endpoint("db.example", 3307, "eu-central-1", user)
    keys = AwsKeys("AKIDEXAMPLE", secret, session_token)
    with pytest.MonkeyPatch.context() as monkeypatch:
        expected = signed_by_botocore(endpoint, keys, at, monkeypatch)
    token = sign(endpoint, keys, at)
    assert parameters(token) == parameters(expected)
    assert token.partition("?")[0] == expected.partition("?")[0]


def test_a_database_token_names_host_port_and_user() -> None:
    token = sign(PROXY, KEYS, NOW)
    assert token.startswith("proxy.proxy-abc.eu-central-1.rds.amazonaws.com:3306/?Action=connect&")
    found = parameters(token)
    assert found["DBUser"] == ["api"]
    assert found["X-Amz-Expires"] == ["900"]
    assert found["X-Amz-Date"] == ["20261123T215330Z"]
    assert found["X-Amz-Security-Token"] == ["a/token+with==marks"]


@pytest.mark.parametrize(
    ("host", "name", "resource_type"),
    [
        pytest.param(
            "Orders-Cache-x1y2z3.serverless.euc1.cache.amazonaws.com",
            "orders-cache",
            "ServerlessCache",
            id="serverless",
        ),
        pytest.param(
            "clustercfg.orders.x1y2z3.euc1.cache.amazonaws.com", "orders", None, id="cluster"
        ),
        pytest.param("master.orders.x1y2z3.euc1.cache.amazonaws.com", "orders", None, id="primary"),
        pytest.param(
            "clustercfg.orders.x1y2z3.cnn1.cache.amazonaws.com.cn", "orders", None, id="china"
        ),
    ],
)
def test_a_cache_is_signed_by_its_name(host: str, name: str, resource_type: str | None) -> None:
    endpoint = cache_endpoint(host, "eu-central-1", "answers")
    assert (endpoint.host, endpoint.service) == (name, "elasticache")
    assert endpoint.query.get("ResourceType") == resource_type
    assert endpoint.query["User"] == "answers"


@pytest.mark.parametrize(
    "host", ["cache.example", "localhost", "orders.x1y2z3.0001.euc1.cache.amazonaws.com", ""]
)
def test_a_cache_that_is_not_by_aws_has_no_token(host: str) -> None:
    with pytest.raises(ValueError, match="no endpoint of ElastiCache"):
        cache_endpoint(host, "eu-central-1", "answers")


async def test_every_connection_gets_a_token_of_its_own_time() -> None:
    """So none is ever near its end, however long an environment lives."""
    moments = [NOW, NOW + timedelta(hours=5)]
    credentials = IamCredentials(PROXY, FixedKeys(KEYS), clock=iter(moments).__next__)
    tokens = [(await credentials.current()).password for _ in moments]
    dates = [parameters(token)["X-Amz-Date"] for token in tokens]
    assert dates == [["20261123T215330Z"], ["20261124T025330Z"]]


async def test_the_clock_is_that_of_the_machine() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    login = await IamCredentials(PROXY, FixedKeys(KEYS)).current()
    signed_at = datetime.strptime(parameters(login.password)["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z")
    assert before <= signed_at <= datetime.now(UTC)
    assert login.user == "api"


# ---------------------------------------------------------------------------- refused logins


class Server:
    """Accepts one password; counts who knocks."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.tries: list[Login] = []

    async def connect(self, login: Login) -> str:
        self.tries.append(login)
        if login.password != self.password:
            raise LoginRefusedError(f"cannot connect to {login.user}")
        return "connected"


class Changing:
    """Credentials that give the next password whenever one was refused."""

    def __init__(self, passwords: Sequence[str]) -> None:
        self._rest = list(passwords)

    async def current(self) -> Login:
        return Login("api", self._rest[0])

    async def renew(self, refused: Login) -> Login | None:
        assert refused.password == self._rest.pop(0)
        return Login("api", self._rest[0]) if self._rest else None

    def forget(self) -> None:
        """Nothing was fetched."""


@pytest.mark.parametrize(
    ("passwords", "tries"),
    [
        pytest.param(["right"], 1, id="accepted"),
        pytest.param(["old", "right"], 2, id="changed-meanwhile"),
    ],
)
async def test_a_changed_password_costs_one_try(passwords: list[str], tries: int) -> None:
    server = Server("right")
    assert await log_in(Changing(passwords), server.connect) == "connected"
    assert len(server.tries) == tries


@pytest.mark.parametrize(
    ("passwords", "tries"),
    [
        pytest.param(["wrong"], 1, id="no-other-password"),
        pytest.param(["wrong", "wrong-too", "right"], 2, id="never-more-than-one-retry"),
    ],
)
async def test_a_refusal_is_not_tried_for_ever(passwords: list[str], tries: int) -> None:
    server = Server("right")
    with pytest.raises(LoginRefusedError):
        await log_in(Changing(passwords), server.connect)
    assert len(server.tries) == tries


async def test_other_failures_are_not_tried_again() -> None:
    tries = []

    async def connect(login: Login) -> None:
        tries.append(login)
        raise UpstreamError("no route")

    with pytest.raises(UpstreamError, match="no route"):
        await log_in(Changing(["a", "b"]), connect)
    assert len(tries) == 1


async def test_fixed_logins_have_no_other() -> None:
    login = Login("api", "pw")
    credentials = FixedCredentials(login)
    assert await credentials.current() == login
    assert await credentials.renew(login) is None
    iam = IamCredentials(PROXY, FixedKeys(KEYS))
    assert await iam.renew(await iam.current()) is None


# ------------------------------------------------------------------- keys from the container


class KeyServer:
    """The address that Lambda offers under SnapStart."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.requests: list[list[str]] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[KeyServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head.decode().strip().split("\r\n"))
        if self.answers:
            writer.write(self.answers.pop(0))
            await writer.drain()
            writer.close()
        else:
            await reader.read()  # says nothing until the client gives up
            writer.close()

    def source(self, clock: Callable[[], float]) -> ContainerKeys:
        uri = f"http://127.0.0.1:{self.port}/v1/credentials?of=role"
        return ContainerKeys(uri, CANARY, clock)


@pytest.fixture
async def key_server() -> AsyncIterator[KeyServer]:
    async with KeyServer().running() as server:
        yield server


def answer(number: int, **changes: Any) -> bytes:
    """The service's answer: keys that are good until an hour after ``NOW``, for each number."""
    body = {
        "AccessKeyId": f"AKID{number}",
        "SecretAccessKey": f"{CANARY}{number}",
        "Token": f"{CANARY}-token-{number}",
        "Expiration": (NOW + timedelta(hours=number)).isoformat().replace("+00:00", "Z"),
        **changes,
    }
    return b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + json.dumps(body).encode()


async def test_keys_are_fetched_once_and_again_before_they_expire(key_server: KeyServer) -> None:
    now = NOW.timestamp()
    source = key_server.source(lambda: now)
    key_server.answers = [answer(1), answer(2)]
    assert (await source.current()).access_key_id == "AKID1"
    now += 3600 - 301
    assert (await source.current()).access_key_id == "AKID1"
    now += 2
    keys = await source.current()
    assert keys == AwsKeys("AKID2", f"{CANARY}2", f"{CANARY}-token-2")
    assert key_server.requests[0] == [
        "GET /v1/credentials?of=role HTTP/1.0",
        f"Host: 127.0.0.1:{key_server.port}",
        f"Authorization: {CANARY}",
        "Accept: application/json",
    ]
    assert len(key_server.requests) == 2


async def test_refused_tokens_are_signed_anew_with_other_keys_only(key_server: KeyServer) -> None:
    key_server.answers = [answer(1), answer(1), answer(2)]
    credentials = IamCredentials(PROXY, key_server.source(NOW.timestamp), clock=lambda: NOW)
    login = await credentials.current()
    assert await credentials.renew(login) is None
    other = await credentials.renew(login)
    assert other is not None
    assert parameters(other.password)["X-Amz-Credential"][0].startswith("AKID2/")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.0 403 Forbidden\r\n\r\n" + CANARY.encode(), id="refused"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n" + CANARY.encode(), id="no-json"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n[1]", id="another-shape"),
        pytest.param(answer(1, Expiration=CANARY), id="no-time"),
        pytest.param(answer(1).replace(b"SecretAccessKey", b"Other"), id="no-key"),
    ],
)
async def test_an_answer_without_keys_is_an_error_that_shows_nothing_of_it(
    key_server: KeyServer, reply: bytes
) -> None:
    key_server.answers = [reply]
    with pytest.raises(UpstreamError, match=r"no keys from http://127\.0\.0\.1:\d+/v1") as caught:
        await key_server.source(NOW.timestamp).current()
    assert CANARY not in _everything(caught.value)


async def test_a_silent_server_is_left_after_a_while(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.stores.aws.credentials.FETCH_TIMEOUT_S", 0.05)
    with pytest.raises(UpstreamError, match="timed out"):
        await key_server.source(NOW.timestamp).current()


# -------------------------------------------------------------------------- what the settings say


def test_keys_of_the_environment_win() -> None:
    aws = AwsAccess(region="r", access_key_id="a", secret_access_key="s", container_uri="http://c")
    assert key_source(aws, "DATABASE_AUTH") == FixedKeys(AwsKeys("a", "s"))


def test_without_keys_they_come_from_the_container() -> None:
    aws = AwsAccess(region="r", container_uri="http://c", container_token="t")
    assert key_source(aws, "DATABASE_AUTH") == ContainerKeys("http://c", "t")


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        pytest.param(AwsAccess(), "CACHE_AUTH is iam, which needs AWS_REGION", id="no-region"),
        pytest.param(
            AwsAccess(region="r", access_key_id="a"),
            "CACHE_AUTH is iam, which needs keys to sign with",
            id="half-a-key",
        ),
    ],
)
def test_what_is_missing_is_named(aws: AwsAccess, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        key_source(aws, "CACHE_AUTH")


def _everything(error: BaseException) -> str:
    """All that a log could show of an error, its causes included."""
    shown = ""
    following: BaseException | None = error
    while following is not None:
        shown += f"{following} {following!r} {following.args}"
        following = following.__cause__ or (
            None if following.__suppress_context__ else following.__context__
        )
    return shown


async def test_no_secret_is_in_any_repr(key_server: KeyServer) -> None:
    source = key_server.source(NOW.timestamp)
    key_server.answers = [answer(1)]
    keys = await source.current()
    iam = IamCredentials(PROXY, source, clock=lambda: NOW)
    login = await iam.current()
    fixed = FixedCredentials(Login("api", CANARY))
    aws = AwsAccess(secret_access_key=CANARY, session_token=CANARY, container_token=CANARY)
    shown = f"{[keys, source, iam, login, fixed, FixedKeys(keys), aws]!r}"
    assert CANARY not in shown
    assert login.password not in shown
    assert "X-Amz-Signature" not in shown
