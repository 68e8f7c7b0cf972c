"""Why the cache failed is in every line of an outage, also while nobody tries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aurora_graphql.dev.servers import RedisServer
from handler.app import App
from handler.settings import Settings
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.faults.proxy import Fault, FaultProxy
from tests.ports import free_port

CANARY = "Canary-never-shown-1"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[RedisCache]:
    cache = RedisCache(url)
    try:
        yield cache
    finally:
        await cache.close()


@asynccontextmanager
async def answering(words: bytes) -> AsyncIterator[int]:
    """A server that gives the same answer to everything; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            writer.write(words)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_cache_that_is_gone_is_told_by_its_address() -> None:
    port = free_port()
    async with opened(f"redis://:{CANARY}@127.0.0.1:{port}") as cache:
        for _ in range(20):
            assert await cache.read(["key"], 5.0) is None
            told = f"ConnectionError: Error 111 connecting to 127.0.0.1:{port}."
            assert cache.cause_of(cache.counts).startswith(told)
        assert cache.counts["skipped"] > 10
        assert cache.cause_of({"hit": 1}) == ""


async def test_a_cache_that_is_silent_is_told_by_the_time(redis_server: RedisServer) -> None:
    silent = FaultProxy(redis_server.socket_file, fault=Fault(hole_after=0))
    async with silent.running() as proxy, opened(f"redis://127.0.0.1:{proxy.port}") as cache:
        assert await cache.read(["key"], 0.04) is None
        assert cache.cause_of(cache.counts) == "no answer within 40 ms"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(
            f"-ERR unknown command 'AUTH', with args beginning with: '{CANARY}'\r\n".encode(),
            "ResponseError",
            id="a-server-that-quotes-the-password",
        ),
        pytest.param(
            f"-WRONGPASS invalid {CANARY}\r\n".encode(), "AuthenticationError", id="wrong-password"
        ),
        pytest.param(f"-STRANGE {CANARY}\r\n".encode(), "ResponseError: STRANGE", id="code"),
        pytest.param(f"{CANARY}\r\n".encode(), "InvalidResponse", id="garbage"),
    ],
)
async def test_what_a_server_says_is_told_by_its_code_alone(words: bytes, told: str) -> None:
    async with answering(words) as port, opened(f"redis://:{CANARY}@127.0.0.1:{port}") as cache:
        assert await cache.read(["key"], 5.0) is None
        assert cache.cause_of(cache.counts) == told


async def test_every_line_of_an_outage_says_why(
    database: DatabaseUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of requests that ask the cache: for a document by its hash."""
    port = free_port()
    settings = Settings(
        database_url=database,
        cache_url=f"redis://127.0.0.1:{port}",
        sdl_dir=SDL,
        auth=False,
        persisted_queries="automatic",
    )
    app = await App.start(settings)
    capsys.readouterr()
    body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    event = {
        "httpMethod": "POST",
        "path": "/graphql",
        "headers": {"content-type": "application/json"},
        "requestContext": {"requestId": "r-1"},
        "body": json.dumps(body),
    }
    try:
        for _ in range(12):
            await app.handle(event, budget_s=20)
    finally:
        await app.close()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 12
    assert sum("skipped" in line["counts"] for line in lines) > 6
    for line in lines:
        assert line["cacheFailure"].startswith("ConnectionError: Error 111 connecting to 127.0.0.1")
