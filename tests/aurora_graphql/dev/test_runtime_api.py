"""The Runtime API alone, asked by a plain HTTP client in the place of the runtime's."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest

from aurora_graphql.dev.runtime_api import (
    PAYLOAD_BYTES_MAX,
    Invocation,
    RuntimeApi,
    RuntimeApiError,
)


@pytest.fixture
async def api() -> AsyncIterator[RuntimeApi]:
    server = RuntimeApi()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def client(api: RuntimeApi) -> AsyncIterator[aiohttp.ClientSession]:
    address = await api.start()
    async with aiohttp.ClientSession(f"http://{address}/2018-06-01/runtime/") as session:
        yield session


def invocation(request_id: str = "r1") -> Invocation:
    return Invocation(
        request_id=request_id,
        payload=b'{"a":1}',
        deadline_ms=1_795_000_000_123,
        arn="arn:f",
        trace_id="Root=1-a",
    )


async def test_an_invocation_goes_out_with_its_headers_and_its_answer_comes_back(
    api: RuntimeApi, client: aiohttp.ClientSession
) -> None:
    asked = asyncio.create_task(client.get("invocation/next"))
    await api.until(api.idle)
    given = invocation()
    api.submit(given)
    assert not api.idle.is_set()
    async with await asked as response:
        assert await response.read() == b'{"a":1}'
        told = {
            name: value
            for name, value in response.headers.items()
            if name.startswith("Lambda-Runtime")
        }
    assert told == {
        "Lambda-Runtime-Aws-Request-Id": "r1",
        "Lambda-Runtime-Deadline-Ms": "1795000000123",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
        "Lambda-Runtime-Trace-Id": "Root=1-a",
    }
    async with client.post("invocation/r1/response", data=b"[2]") as response:
        assert response.status == 202
    assert await given.answer == b"[2]"


async def test_a_client_that_went_away_takes_no_invocation_with_it(
    api: RuntimeApi, client: aiohttp.ClientSession
) -> None:
    gone = asyncio.create_task(client.get("invocation/next"))
    await api.until(api.idle)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await asyncio.sleep(0.05)
    api.submit(invocation())
    async with asyncio.timeout(5), client.get("invocation/next") as response:
        assert response.headers["Lambda-Runtime-Aws-Request-Id"] == "r1"


async def test_an_answer_over_the_limit_is_refused(
    api: RuntimeApi, client: aiohttp.ClientSession
) -> None:
    given = invocation()
    api.submit(given)
    body = io.BytesIO(b"1" * (PAYLOAD_BYTES_MAX + 1))
    async with client.post("invocation/r1/response", data=body) as response:
        assert response.status == 413
        assert (await response.json())["errorType"] == "RequestEntityTooLarge"
    with pytest.raises(RuntimeApiError, match=r"Function\.ResponseSizeTooLarge"):
        await given.answer


@pytest.mark.parametrize("kind", ["response", "error"])
async def test_an_unknown_request_id_is_refused(client: aiohttp.ClientSession, kind: str) -> None:
    async with client.post(f"invocation/r9/{kind}", data=b"{}") as response:
        assert response.status == 400
        assert (await response.json())["errorType"] == "InvalidRequestID"


async def test_an_error_of_the_function_is_its_outcome(
    api: RuntimeApi, client: aiohttp.ClientSession
) -> None:
    given = invocation()
    api.submit(given)
    error = {"errorType": "KeyError", "errorMessage": "'x'"}
    async with client.post("invocation/r1/error", json=error) as response:
        assert response.status == 202
    with pytest.raises(RuntimeApiError, match="KeyError: 'x'"):
        await given.answer


@pytest.mark.parametrize("step", ["init", "restore"])
async def test_a_start_that_failed_is_told_to_who_waits_for_it(
    api: RuntimeApi, client: aiohttp.ClientSession, step: str
) -> None:
    error = {"errorType": "ValueError", "errorMessage": "no"}
    headers = {"Lambda-Runtime-Function-Error-Type": "Runtime.AfterRestoreError"}
    async with client.post(f"{step}/error", json=error, headers=headers) as response:
        assert response.status == 202
    with pytest.raises(RuntimeApiError, match=r"Runtime\.AfterRestoreError: no"):
        await api.until(api.idle)


async def test_the_restore_waits_for_its_moment(
    api: RuntimeApi, client: aiohttp.ClientSession
) -> None:
    asked = asyncio.create_task(client.get("restore/next"))
    await api.until(api.restoring)
    assert not asked.done()
    api.restored.set()
    async with await asked as response:
        assert response.status == 200
