"""The gateway asks the authorizer first: the function hears who calls, or is not called at all."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aurora_graphql.dev.environment import Environments
from aurora_graphql.dev.gateway import Gateway
from aurora_graphql.dev.issuer import LocalIssuer
from aurora_graphql.gateway.authorizer import FUNCTION, Authorizer
from tests.aurora_graphql.dev.test_gateway import _made
from tests.ports import free_port

Start = Callable[..., AbstractAsyncContextManager[aiohttp.ClientSession]]
DOCUMENT = {"query": "{ __typename }"}


@pytest.fixture
def issuer(tmp_path: Path) -> LocalIssuer:
    return LocalIssuer(tmp_path, {}, port=free_port())


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """A gateway with an authorizer before a function that tells its event."""

    @asynccontextmanager
    async def started(
        environ: dict[str, str], authorizer: str = FUNCTION, **cache: Any
    ) -> AsyncIterator[aiohttp.ClientSession]:
        listener = socket.create_server(("127.0.0.1", 0))
        given = {**os.environ, **environ}
        gateway = Gateway(
            Environments("tests.aurora_graphql.dev.functions.echo", 1, given),
            listener=listener,
            files_made=_made,
            authorizer=Authorizer(Environments(authorizer, 1, given), **cache),
            log=print,
        )
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            await gateway.start()
            async with aiohttp.ClientSession(address) as client:
                yield client
        finally:
            await gateway.stop()

    return started


async def attested(client: aiohttp.ClientSession, **headers: str) -> dict[str, Any]:
    """What the function is told of the caller."""
    async with client.post("/", headers=headers, json=DOCUMENT) as response:
        assert response.status == 200
        context = (await response.json())["event"]["requestContext"]["authorizer"]
    assert isinstance(context.pop("integrationLatency"), int)
    found: dict[str, Any] = context
    return found


async def refused(client: aiohttp.ClientSession, **headers: str) -> tuple[int, str, str | None]:
    """Status, code and challenge of a refusal."""
    async with client.post("/", headers=headers, json=DOCUMENT) as response:
        code = (await response.json())["errors"][0]["extensions"]["code"]
        return response.status, code, response.headers.get("WWW-Authenticate")


async def test_the_function_hears_who_calls(start: Start, issuer: LocalIssuer) -> None:
    token = issuer.token(
        subject="ann", scopes=["b", "a"], claims={"customer_id": "VINET", "hidden": "x"}
    )
    with issuer.serve():
        async with start({**issuer.environ, "AUTH_CLAIMS": "customer_id"}) as client:
            told = await attested(client, Authorization=f"Bearer {token}")
            assert await refused(client) == (401, "UNAUTHENTICATED", "Bearer")
            assert await refused(client, Authorization=f"Bearer {token}x") == (
                401,
                "UNAUTHENTICATED",
                "Bearer",
            )
            async with client.options("/") as response:
                assert response.status == 200, "a preflight comes without a token"
    expires_at = told.pop("expiresAt")
    assert expires_at.isdecimal()
    assert told == {
        "principalId": "ann",
        "kind": "token",
        "issuer": issuer.url,
        "scopes": "a b",
        "claims": '{"customer_id":"VINET"}',
    }


async def test_a_header_cannot_say_who_calls(start: Start) -> None:
    forged = {"X-Authorizer": "admin", "principalId": "admin", "requestContext": "admin"}
    async with start({"AUTH_ANONYMOUS": "on"}) as client:
        assert await attested(client, **forged) == {
            "principalId": "anonymous",
            "kind": "anonymous",
            "issuer": "",
            "scopes": "",
            "claims": "{}",
            "expiresAt": "",
        }


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param("denies", (403, "FORBIDDEN", None), id="a-policy-that-denies"),
        pytest.param("allows_another_stage", (403, "FORBIDDEN", None), id="another-stage"),
        pytest.param("says_parts", (500, "INTERNAL", None), id="a-context-of-parts"),
        pytest.param("answers_rubbish", (500, "INTERNAL", None), id="no-policy"),
        pytest.param("fails", (500, "INTERNAL", None), id="failure"),
    ],
)
async def test_an_authorizer_that_does_not_allow_stops_the_request(
    start: Start, function: str, expected: tuple[int, str, str | None]
) -> None:
    async with start({}, f"tests.aurora_graphql.dev.authorizers.{function}") as client:
        assert await refused(client) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param("says_little", {}, id="no-context"),
        pytest.param(
            "says_much",
            {"text": "1", "number": "1.5", "is": "true", "whole": "7"},
            id="all-values-arrive-as-text",
        ),
    ],
)
async def test_what_an_authorizer_says_arrives_as_text(
    start: Start, function: str, expected: dict[str, str]
) -> None:
    async with start({}, f"tests.aurora_graphql.dev.authorizers.{function}") as client:
        assert await attested(client) == {"principalId": "x", **expected}


async def test_an_answer_counts_for_its_token_and_its_time_only(start: Start) -> None:
    now = [0.0]
    counts = "tests.aurora_graphql.dev.authorizers.counts"
    async with start({}, counts, cache_s=300, clock=lambda: now[0]) as client:
        assert await refused(client) == (401, "UNAUTHENTICATED", "Bearer"), "nobody was asked"
        for token, count in (("a", "1"), ("a", "1"), ("b", "2"), ("a", "1")):
            assert (await attested(client, Authorization=token))["count"] == count
        async with client.get("/health", headers={"authorization": "a"}) as response:
            assert (await response.json())["event"]["requestContext"]["authorizer"]["count"] == "1"
        now[0] = 299.9
        assert (await attested(client, Authorization="a"))["count"] == "1"
        now[0] = 300.0
        assert (await attested(client, Authorization="a"))["count"] == "3"


async def test_a_policy_that_denies_is_kept_and_a_failure_is_not(start: Start) -> None:
    counts = "tests.aurora_graphql.dev.authorizers.counts"
    async with start({}, counts, cache_s=300) as client:
        for token, told in (("deny", 403), ("deny", 403), ("fail", 500), ("fail", 500)):
            assert (await refused(client, Authorization=token))[0] == told
        assert (await attested(client, Authorization="a"))["count"] == "4"


async def test_without_a_cache_every_request_is_asked_for(start: Start) -> None:
    async with start({}, "tests.aurora_graphql.dev.authorizers.counts") as client:
        for count in ("1", "2"):
            assert (await attested(client, Authorization="a"))["count"] == count
