"""The gateway with real processes behind it, asked by a real HTTP client."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from aurora_graphql.dev.environment import Environments
from aurora_graphql.dev.gateway import Gateway
from aurora_graphql.dev.graphiql import GraphiqlError
from aurora_graphql.gateway.function import FunctionError
from aurora_graphql.gateway.surface import Surface
from aurora_graphql.gateway.throttle import Throttle


async def _made() -> None:
    """The files are there."""


Start = Callable[..., AbstractAsyncContextManager[aiohttp.ClientSession]]


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def start(tmp_path: Path, log: list[str]) -> Start:
    """Start a gateway before a function of ``functions.py``; gives a client of it."""

    @asynccontextmanager
    async def started(
        function: str,
        *,
        count: int = 1,
        timeout_s: float = 20,
        throttle: Throttle | None = None,
        files_made: Callable[[], Awaitable[None]] = _made,
        surface: Surface | None = None,
    ) -> AsyncIterator[aiohttp.ClientSession]:
        listener = socket.create_server(("127.0.0.1", 0))
        gateway = Gateway(
            Environments(f"tests.aurora_graphql.dev.functions.{function}", count, dict(os.environ)),
            listener=listener,
            files_made=files_made,
            timeout_s=timeout_s,
            throttle=throttle,
            surface=surface,
            log=log.append,
        )
        try:
            await gateway.start()
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with aiohttp.ClientSession(address) as client:
                yield client
        finally:
            await gateway.stop()
            listener.close()

    return started


def _code(body: Any) -> str:
    """The code of the one error."""
    (error,) = body["errors"]
    code: str = error["extensions"]["code"]
    return code


async def test_a_request_reaches_the_function_as_an_event(start: Start) -> None:
    async with (
        start("echo") as client,
        client.post("/?a=1", data="ä\0".encode(), headers={"X-Mine": "ä"}) as response,
    ):
        told = await response.json()
    event = told["event"]
    assert response.status == 200
    assert response.headers.getall("x-two") == ["a", "b"]
    assert (event["httpMethod"], event["path"]) == ("POST", "/")
    assert event["queryStringParameters"] == {"a": "1"}
    assert event["headers"]["X-Mine"] == "ä"
    assert (event["body"], event["isBase64Encoded"]) == ("ä\0", False)
    assert told["request_id"] == event["requestContext"]["requestId"]
    assert response.headers["x-amzn-RequestId"] == told["request_id"]
    assert 15_000 < told["remaining_ms"] <= 20_000


async def test_one_environment_serves_one_request_at_a_time_and_lives_on(start: Start) -> None:
    async def ask(client: aiohttp.ClientSession) -> dict[str, Any]:
        async with client.get("/") as response:
            told: dict[str, Any] = await response.json()
            return told

    async with start("echo") as client:
        answers = await asyncio.gather(*(ask(client) for _ in range(5)))
    assert len({told["process"] for told in answers}) == 1
    assert sorted(told["calls"] for told in answers) == [1, 2, 3, 4, 5]


async def test_several_environments_serve_at_the_same_time(start: Start) -> None:
    async def process(client: aiohttp.ClientSession) -> str:
        async with client.get("/pause") as response:
            return response.headers["x-process"]

    async with start("act", count=2) as client:
        processes = await asyncio.gather(process(client), process(client))
    assert len(set(processes)) == 2


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/raise", "LookupError: told to", id="it-raises"),
        pytest.param("/exit", "the process ended with status 7", id="its-process-ends"),
        pytest.param("/none", "the answer must be an object, got NoneType", id="no-answer"),
        pytest.param("/large", "over 6291556", id="larger-than-lambda-allows"),
    ],
)
async def test_a_failing_function_is_a_502_and_the_next_request_is_served(
    start: Start, log: list[str], path: str, reason: str
) -> None:
    async with start("act") as client:
        async with client.get(path) as response:
            assert response.status == 502
            assert _code(await response.json()) == "UPSTREAM"
        async with client.get("/") as response:
            assert response.status == 204
    assert reason in log[0]


async def test_a_refusal_of_the_authorizer_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """It is an exception, as API Gateway wants it, and its log line says why."""
    trusted = {"AUTH_ISSUERS": "https://issuer.example", "AUTH_AUDIENCE": "shop"}
    function = Environments("handler.entry.authorize", 1, {**os.environ, **trusted})
    await function.start()
    try:
        event = {"type": "REQUEST", "methodArn": "arn", "headers": {"authorization": "Basic x"}}
        with pytest.raises(FunctionError, match="Unauthorized"):
            await function.invoke(orjson.dumps(event), request_id="R", timeout_s=20)
    finally:
        await function.stop()
    (line,) = capfd.readouterr().err.splitlines()
    assert orjson.loads(line)["message"] == "refused"


async def test_a_slow_function_is_stopped_and_replaced(start: Start, log: list[str]) -> None:
    async with start("act", timeout_s=0.5) as client:
        async with client.get("/sleep") as response:
            assert response.status == 504
            assert _code(await response.json()) == "TIMEOUT"
        async with client.get("/") as response:
            assert response.status == 204
    assert "no answer within 0.5 s" in log[0]


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_long_answer_is_packed_for_who_likes_that(start: Start, coding: str) -> None:
    async with start("echo") as client:
        headers = {"Accept-Encoding": f"{coding}, br"}
        async with client.post("/", data=b"x" * 2_000, headers=headers) as response:
            assert response.headers["Content-Encoding"] == coding
            assert int(response.headers["Content-Length"]) < 2_000
            assert (await response.json())["event"]["body"] == "x" * 2_000
        headers = {"Accept-Encoding": "identity"}
        async with client.post("/", data=b"x" * 2_000, headers=headers) as response:
            assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b"hello")), ("deflate", zlib.compress(b"hello"))],
    ids=["gzip", "deflate"],
)
async def test_a_packed_body_is_unpacked(start: Start, coding: str, packed: bytes) -> None:
    headers = {"Content-Encoding": coding}
    async with start("echo") as client, client.post("/", data=packed, headers=headers) as response:
        assert (await response.json())["event"]["body"] == "hello"


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        pytest.param("gzip", b"hello", 415, id="not-packed"),
        pytest.param("gzip", gzip.compress(b"hello")[:-3], 415, id="cut"),
        pytest.param("br", b"hello", 415, id="unknown"),
        pytest.param("gzip", gzip.compress(bytes(10_485_761)), 413, id="large-when-unpacked"),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_refused(
    start: Start, coding: str, body: bytes, status: int
) -> None:
    headers = {"Content-Encoding": coding}
    async with start("act") as client, client.post("/", data=body, headers=headers) as response:
        assert response.status == status
        code = {413: "TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}[status]
        assert _code(await response.json()) == code


async def test_an_address_may_have_10000_bytes(start: Start) -> None:
    async with start("act") as client, client.get("/?a=" + "x" * 10_000) as response:
        assert response.status == 204


async def test_a_body_over_the_limit_is_refused(start: Start) -> None:
    body = io.BytesIO(b"x" * (10 * 1024 * 1024 + 1))
    async with start("act") as client, client.post("/", data=body) as response:
        assert response.status == 413


@pytest.mark.parametrize(
    ("path", "headers"), [("/?query=" + "a" * 20_000, {}), ("/", {"x-long": "a" * 20_000})]
)
async def test_a_head_over_the_limit_is_refused(
    start: Start, log: list[str], path: str, headers: dict[str, str]
) -> None:
    async with start("echo") as client, client.get(path, headers=headers) as response:
        assert response.status == 413
        assert _code(await response.json()) == "TOO_LARGE"
    assert "Traceback" not in "".join(log)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"s" * 99_999), "Got more than "),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", "Invalid char in url path"),
        (b"GET / HTTP/1.1\r\n\r\n", "Missing 'Host' header in request."),
    ],
    ids=["far-too-long", "no-address", "no-host"],
)
async def test_what_is_no_http_is_one_line_of_the_log(
    start: Start, log: list[str], sent: bytes, told: str
) -> None:
    async with start("echo") as client:
        assert client._base_url is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", client._base_url.port)
        writer.write(sent)
        try:
            assert b" 400 Bad Request\r\n" in await reader.readline()
        finally:
            writer.close()
            await writer.wait_closed()
    (line,) = log
    assert line.startswith(f"a request that is no HTTP: {told}")
    assert "\n" not in line
    assert "ssss" not in line


async def test_who_asks_for_a_file_of_graphiql_too_early_waits_for_it(start: Start) -> None:
    made = asyncio.Event()

    async def files_made() -> None:
        await made.wait()

    surface = Surface(graphiql=True)
    async with start("echo", files_made=files_made, surface=surface) as client:
        request = asyncio.create_task(client.get("/graphiql/late.js"))
        async with client.get("/") as other:
            assert other.status == 200  # the API does not wait
        assert not request.done()
        made.set()
        async with await request as response:
            event = (await response.json())["event"]
    assert (event["path"], event["resource"]) == ("/graphiql/late.js", "/graphiql/{file}")
    assert event["pathParameters"] == {"file": "late.js"}


async def test_the_log_says_why_files_cannot_be_made(start: Start, log: list[str]) -> None:
    async def files_made() -> None:
        raise GraphiqlError("no network")

    surface = Surface(graphiql=True)
    async with (
        start("echo", files_made=files_made, surface=surface) as client,
        client.get("/graphiql/graphiql.js") as response,
    ):
        assert response.status == 200  # whatever the function says
    assert log[0] == "GraphiQL: no network"


async def test_a_function_that_cannot_be_loaded_stops_the_start() -> None:
    environments = Environments("tests.aurora_graphql.dev.functions.absent", 1, dict(os.environ))
    with pytest.raises(FunctionError, match="has no attribute 'absent'"):
        await environments.start()


async def test_requests_over_the_throttle_are_told_to_come_again(start: Start) -> None:
    async with start("echo", throttle=Throttle(rate=0.001, burst=2)) as client:
        for _ in range(2):
            async with client.get("/") as response:
                assert response.status == 200
        async with client.get("/") as response:
            assert response.status == 429
            assert response.headers["Retry-After"] == "1"
            assert _code(await response.json()) == "RATE_LIMITED"


async def test_an_event_over_the_limit_of_lambda_is_refused(start: Start, log: list[str]) -> None:
    """A quote takes two bytes in the event."""
    body = io.BytesIO(b'"' * 3_200_000)
    async with start("echo") as client, client.post("/", data=body) as response:
        assert response.status == 413
        assert _code(await response.json()) == "TOO_LARGE"
    assert "the event has 64" in log[0]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        pytest.param("POST", "/", b"{}", 400, "BAD_REQUEST", id="body-without-members"),
        pytest.param("POST", "/other", b'{"query":"a"}', 404, "NOT_FOUND", id="another-path"),
        pytest.param("PUT", "/", b'{"query":"a"}', 404, "NOT_FOUND", id="another-method"),
    ],
)
async def test_what_the_deployed_api_has_not_is_refused(
    start: Start, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json", "Origin": "https://a.example"}
    async with (
        start("echo", surface=Surface(["https://a.example"])) as client,
        client.request(method, path, data=body, headers=headers) as response,
    ):
        assert response.status == status
        assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert _code(await response.json()) == code


async def test_a_preflight_is_answered_by_the_gateway(start: Start) -> None:
    async with start("act", surface=Surface(["https://a.example"])) as client:
        async with client.options("/") as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST"
            assert "x-process" not in response.headers, "the function was asked"
        async with client.post("/", json={"query": "a"}) as response:
            assert response.headers["x-process"]
