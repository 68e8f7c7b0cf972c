"""The authorizer in Lambda's own runtime client, with the issuer for development, and its log.

What it answers goes into the event of the API, as API Gateway would put it there.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from aurora_graphql.dev.issuer import LocalIssuer
from aurora_graphql.dev.lambda_environment import Configuration
from aurora_graphql.dev.lambda_function import LambdaFunction
from aurora_graphql.dev.lambda_task import checkout
from aurora_graphql.dev.runtime_api import RuntimeApiError
from aurora_graphql.gateway.function import FunctionError
from handler.access.api_keys import make_key
from handler.access.principal import CallerKind, Principal
from handler.http.event import parse_event
from tests.ports import free_port

EVENTS = Path(__file__).parents[1] / "events"
ASKED = json.loads((EVENTS / "authorizer" / "request.json").read_text())
POST = json.loads((EVENTS / "post_authorized.json").read_text())
KEY, KEY_ENTRY = make_key("reports", ["orders:read"])

Open = Callable[..., AbstractAsyncContextManager[LambdaFunction]]


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[LocalIssuer]:
    found = LocalIssuer(tmp_path / "issuer", {}, port=free_port())
    with found.serve():
        yield found


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """What the function prints, to either stream: its log."""
    return tmp_path / "output"


@pytest.fixture
def open_authorizer(issuer: LocalIssuer, output: Path, tmp_path: Path) -> Open:
    """The function with exactly this environment: no database, no SDL, no cache."""

    @asynccontextmanager
    async def opened(**environ: str) -> AsyncIterator[LambdaFunction]:
        task = checkout()
        with output.open("wb") as stream:
            configuration = Configuration(
                handler="handler.entry.authorize",
                environ={
                    "PATH": "/usr/bin:/bin",
                    "PYTHONPATH": str(Path(__file__).parents[2]),
                    "LOG_LEVEL": "DEBUG",
                    **issuer.environ,
                    "AUTH_API_KEYS": KEY_ENTRY,
                    **environ,
                },
                folder=task.folder,
                command=task.command,
                python=task.python,
                timeout_s=10.0,
                output=stream.fileno(),
            )
            function = LambdaFunction(configuration, 1, lambda _: None)
            try:
                await function.start()
                yield function
            finally:
                await function.stop()

    return opened


async def ask(function: LambdaFunction, credential: str | None) -> Any:
    """What the authorizer answers to a request with that credential, or to one without any."""
    event = copy.deepcopy(ASKED)
    del event["headers"]["Authorization"], event["multiValueHeaders"]["Authorization"]
    if credential is not None:
        event["headers"]["Authorization"] = f"Bearer {credential}"
        event["multiValueHeaders"]["Authorization"] = [f"Bearer {credential}"]
    return await function.invoke(orjson.dumps(event), request_id="8476a536", timeout_s=20)


def log_of(output: Path) -> str:
    return output.read_text()


async def refused(function: LambdaFunction, credential: str | None) -> str:
    """The text that API Gateway looks at."""
    with pytest.raises(FunctionError) as error:
        await ask(function, credential)
    assert isinstance(error.value.__cause__, RuntimeApiError)
    return error.value.__cause__.text


def taken_for(answer: Any) -> Principal:
    """Who the API takes the caller for, once API Gateway has handed the context on."""
    event = copy.deepcopy(POST)
    event["requestContext"]["authorizer"] = {
        "principalId": answer["principalId"],
        "integrationLatency": 41,
        **answer["context"],
    }
    return Principal.from_context(parse_event(event).authorizer)


async def test_a_token_of_the_issuer_opens_the_api(
    issuer: LocalIssuer, open_authorizer: Open
) -> None:
    before_s = int(time.time())
    token = issuer.token(
        subject="customer-VINET", scopes=["orders:read", "a"], claims={"customer_id": "VINET"}
    )
    async with open_authorizer(AUTH_CLAIMS="customer_id") as function:
        answer = await ask(function, token)
    assert answer["policyDocument"]["Statement"] == [
        {
            "Action": "execute-api:Invoke",
            "Effect": "Allow",
            "Resource": "arn:aws:execute-api:eu-central-1:123456789012:ab12cd34ef/dev/*",
        }
    ]
    found = taken_for(answer)
    assert found == Principal(
        kind=CallerKind.TOKEN,
        subject="customer-VINET",
        issuer=issuer.url,
        scopes=frozenset({"a", "orders:read"}),
        claims={"customer_id": "VINET"},
        expires_at_s=found.expires_at_s,
    )
    assert found.expires_at_s is not None
    assert 0 <= found.expires_at_s - before_s - 3_630 <= 5  # the leeway included


async def test_without_a_token_the_error_is_the_one_that_means_401(open_authorizer: Open) -> None:
    async with open_authorizer() as function:
        assert await refused(function, None) == "Unauthorized"


async def test_nobody_is_let_in_where_the_settings_say_so(open_authorizer: Open) -> None:
    async with open_authorizer(AUTH_ANONYMOUS="on") as function:
        assert taken_for(await ask(function, None)) == Principal.anonymous()
        assert await refused(function, "canary") == "Unauthorized"


async def test_a_token_of_another_issuer_is_refused(
    issuer: LocalIssuer, open_authorizer: Open, tmp_path: Path
) -> None:
    impostor = LocalIssuer(tmp_path / "other", {}, port=int(issuer.url.rpartition(":")[2]))
    async with open_authorizer() as function:
        assert await refused(function, impostor.token(subject="me")) == "Unauthorized"


async def test_an_issuer_that_is_away_means_500_and_not_401(
    issuer: LocalIssuer, open_authorizer: Open, output: Path
) -> None:
    async with open_authorizer(AUTH_ISSUERS=f"{issuer.url}|http://127.0.0.1:1/keys") as function:
        assert await refused(function, issuer.token(subject="me")) == "Internal error"
    assert "there are no keys of" in log_of(output)


async def test_no_credential_gets_into_the_log(
    issuer: LocalIssuer, open_authorizer: Open, output: Path
) -> None:
    good = issuer.token(subject="canary-subject", claims={"customer_id": "canary-claim"})
    bad = good[:-8] + "AAAAAAAA"
    async with open_authorizer(AUTH_CLAIMS="customer_id") as function:
        assert taken_for(await ask(function, good)).subject == "canary-subject"
        assert taken_for(await ask(function, KEY)).subject == "reports"
        for credential in (bad, "canary.canary.canary", KEY[:-1] + "-", "canary " * 3):
            assert await refused(function, credential) == "Unauthorized"
    written = log_of(output)
    assert written.count('"message":"refused"') == 4
    for credential in (good, bad, KEY):
        for part in credential.split("."):
            assert part not in written
    assert "canary" not in written


async def test_an_issuer_of_this_machine_stops_the_start_of_another_stage(
    open_authorizer: Open, output: Path
) -> None:
    with pytest.raises(FunctionError, match="the function does not start"):
        async with open_authorizer(STAGE="prod"):
            pass
    assert "only STAGE local may have" in log_of(output)
