"""Lambda's Runtime API for one execution environment: what the runtime's client talks to.

The client asks for the next invocation and waits, or says that the start has failed. In between it
posts an answer or an error for each invocation. With SnapStart it says once that the snapshot can
be taken, and waits until the environment is restored.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

PAYLOAD_BYTES_MAX = 6_291_556  # of an answer, as JSON
_VERSION = "/2018-06-01/runtime"


class RuntimeApiError(Exception):
    """What the client says went wrong: a type such as ``Runtime.HandlerNotFound``, and a text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One event on its way to the function."""

    request_id: str
    payload: bytes
    deadline_ms: int  # since 1970
    arn: str
    trace_id: str | None = None
    answer: asyncio.Future[bytes] = field(default_factory=asyncio.Future)


class RuntimeApi:
    """A server on a port of 127.0.0.1. ``idle``: the client waits for the next invocation."""

    def __init__(self) -> None:
        self.idle = asyncio.Event()
        self.restoring = asyncio.Event()  # the client waits for the restore
        self.restored = asyncio.Event()  # set by the owner: the client may go on
        self.failed: asyncio.Future[RuntimeApiError] = asyncio.Future()  # the start, or the restore
        self._waiting: asyncio.Queue[Invocation] = asyncio.Queue()
        self._running: dict[str, Invocation] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen. Returns what AWS_LAMBDA_RUNTIME_API has to be."""
        # Larger answers are read, too: they are refused with Lambda's own words.
        app = web.Application(client_max_size=16 * PAYLOAD_BYTES_MAX)
        app.router.add_get(f"{_VERSION}/invocation/next", self._next)
        app.router.add_post(f"{_VERSION}/invocation/{{id}}/response", self._response)
        app.router.add_post(f"{_VERSION}/invocation/{{id}}/error", self._error)
        app.router.add_post(f"{_VERSION}/init/error", self._start_failed)
        app.router.add_get(f"{_VERSION}/restore/next", self._restore)
        app.router.add_post(f"{_VERSION}/restore/error", self._start_failed)
        # A client that dies must not take the next invocation with it.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        return f"{host}:{port}"

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._runner is not None:
            await self._runner.cleanup()

    def submit(self, invocation: Invocation) -> None:
        """Give the client an invocation; its ``answer`` is the JSON or a ``RuntimeApiError``."""
        self.idle.clear()
        self._running[invocation.request_id] = invocation
        self._waiting.put_nowait(invocation)

    async def until(self, event: asyncio.Event) -> None:
        """Wait for a step of the start. Raises ``RuntimeApiError`` if the client gives up."""
        reached = asyncio.create_task(event.wait())
        try:
            await asyncio.wait((reached, self.failed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            reached.cancel()
        if self.failed.done():
            raise self.failed.result()

    async def _next(self, _: web.Request) -> web.Response:
        if not self._running:
            self.idle.set()
        try:
            invocation = await self._waiting.get()
        except asyncio.CancelledError:  # the client has gone
            self.idle.clear()
            raise
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
        }
        if invocation.trace_id is not None:
            headers["Lambda-Runtime-Trace-Id"] = invocation.trace_id
        return web.Response(
            body=invocation.payload, content_type="application/json", headers=headers
        )

    async def _response(self, request: web.Request) -> web.Response:
        invocation = self._running.get(request.match_info["id"])
        if invocation is None:
            return _said(400, "InvalidRequestID", "Invalid request ID")
        body = await request.read()
        del self._running[invocation.request_id]
        if len(body) > PAYLOAD_BYTES_MAX:
            kind = "Function.ResponseSizeTooLarge"
            text = (
                f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload "
                f"size ({PAYLOAD_BYTES_MAX} bytes)."
            )
            _settle(invocation, RuntimeApiError(kind, text))
            return _said(413, "RequestEntityTooLarge", text)
        _settle(invocation, body)
        return _accepted()

    async def _error(self, request: web.Request) -> web.Response:
        invocation = self._running.pop(request.match_info["id"], None)
        if invocation is None:
            return _said(400, "InvalidRequestID", "Invalid request ID")
        _settle(invocation, await _told(request))
        return _accepted()

    async def _start_failed(self, request: web.Request) -> web.Response:
        told = await _told(request)
        if not self.failed.done():
            self.failed.set_result(told)
        return _accepted()

    async def _restore(self, _: web.Request) -> web.Response:
        self.restoring.set()
        await self.restored.wait()
        return web.json_response({})


def _settle(invocation: Invocation, outcome: bytes | RuntimeApiError) -> None:
    if invocation.answer.done():  # nobody waits any more
        return
    if isinstance(outcome, RuntimeApiError):
        invocation.answer.set_exception(outcome)
    else:
        invocation.answer.set_result(outcome)


async def _told(request: web.Request) -> RuntimeApiError:
    told: dict[str, Any] = orjson.loads(await request.read())
    kind = request.headers.get("Lambda-Runtime-Function-Error-Type") or told.get("errorType")
    return RuntimeApiError(str(kind or "Unknown"), str(told.get("errorMessage") or ""))


def _accepted() -> web.Response:
    return web.json_response({"status": "OK"}, status=202)


def _said(status: int, kind: str, text: str) -> web.Response:
    return web.json_response({"errorType": kind, "errorMessage": text}, status=status)
