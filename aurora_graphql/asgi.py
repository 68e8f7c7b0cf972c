"""The API as an ASGI application, for a container or any machine: ``aurora_graphql.asgi:app``.

``uvicorn aurora_graphql.asgi:app`` (hypercorn likewise) serves what the deployed API serves: the
App answers the same events, the gateway in small before it has the same paths, limits and refusals,
and the authorizer decides by the same settings who may ask; without ``AUTH_ISSUERS`` or other
credentials nobody may. The environment has the settings of the function, and the project that the
server is started in says where the SDL is. One process serves many
requests at once: their statements share a pool of ``POOL_SIZE`` connections.

The server's lifespan starts and stops it. A caller who leaves ends his request, on the database as
well. Each request is one line of JSON on standard output.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from aurora_graphql.gateway.authorizer import Authorizer
from aurora_graphql.gateway.coding import TooLargeError
from aurora_graphql.gateway.function import FunctionError, FunctionTimeoutError
from aurora_graphql.gateway.gateway import REQUEST_BYTES_MAX, Gateway
from aurora_graphql.gateway.proxy_event import Request, Response, path_of
from aurora_graphql.gateway.surface import Surface
from aurora_graphql.project_file import Project, ProjectFileError
from handler.app import App
from handler.entry import RESERVE_S
from handler.errors import SchemaError, SettingsError
from handler.observe.log import Log
from handler.settings import AuthorizerSettings, Settings

if TYPE_CHECKING:
    from handler.jobs.authorize import Authorizer as Decisions

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Where the gateway packs answers, the function must not: on AWS the stack says so as well.
_GATEWAY_PACKS: Final = {"GZIP_MIN_BYTES": "off"}


class CallerLeftError(Exception):
    """The connection was closed while the body was still on its way."""


class Asgi:
    """One API. ``environ``: settings of the handler, read when the server starts it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._gateway: Gateway | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope: the lifespan of the server, or a request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":  # there are no subscriptions
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._gateway = await self._start()
        except (ProjectFileError, SchemaError, SettingsError) as error:
            told = f"cannot start: {error}"
            await send({"type": "lifespan.startup.failed", "message": told})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        gateway, self._gateway = self._gateway, None
        await gateway.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> Gateway:
        """The gateway, ready. Raises ``SettingsError``, ``SchemaError`` or ``ProjectFileError``."""
        environ = {**Project.find(Path.cwd()).environ(self._environ), **_GATEWAY_PACKS}
        settings = Settings.from_environ(environ, is_server=True)
        authorizer = None
        if settings.auth:
            authorizer = Authorizer(_Authorize(AuthorizerSettings.from_environ(environ)))
        log = Log(settings.log_level, stage=settings.stage)
        surface = Surface.of_settings(settings.http)

        def observe(request: Request, response: Response, took_s: float) -> None:
            # The resource, as in API Gateway's access log: a path may be of the caller's making.
            route = surface.route(request.method, path_of(request.target))
            log.access(
                request_id=request.request_id,
                method=request.method if route else "",
                resource=route.path if route else "",
                status=response.status,
                body_bytes=len(response.body),
                duration_s=took_s,
            )

        gateway = Gateway(
            _Graphql(settings),
            authorizer=authorizer,
            surface=surface,
            log=log.warning,
            observe=observe,
        )
        await gateway.start()
        gc.freeze()  # what is there now stays: no collection during a request looks at it again
        return gateway

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._gateway is None:
            raise RuntimeError("the API is not started; serve it with the server's lifespan on")
        caller = _Caller(receive)
        answering = asyncio.ensure_future(self._gateway.answer(_request(scope), caller.read_body))
        leaving = asyncio.ensure_future(caller.left())
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
            if answering.done() and not isinstance(answering.exception(), CallerLeftError):
                await _send(answering.result(), send)
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)


class _Caller:
    """The other end of one request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_read = asyncio.Event()

    async def read_body(self) -> bytes:
        """All of it. Raises ``TooLargeError`` or ``CallerLeftError``."""
        parts: list[bytes] = []
        size, goes_on = 0, True
        while goes_on:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise CallerLeftError
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            goes_on = message.get("more_body", False)
            if size > REQUEST_BYTES_MAX:
                raise TooLargeError
        self._is_read.set()
        return b"".join(parts)

    async def left(self) -> None:
        """Return once the caller has left; while the body comes, ``read_body`` finds that out."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _Graphql:
    """The function of the API in this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: App | None = None

    async def start(self) -> None:
        self._app = await App.start(self._settings, callers_leave=True)

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        assert self._app is not None
        try:
            async with asyncio.timeout(timeout_s):
                budget_s = timeout_s - RESERVE_S
                return await self._app.handle(orjson.loads(payload), budget_s=budget_s)
        except TimeoutError:
            raise FunctionTimeoutError(f"no answer within {timeout_s:g} s") from None

    async def stop(self) -> None:
        if self._app is not None:
            await self._app.close()


class _Authorize:
    """The authorizer's function: in a thread, for it may wait for an issuer, one after another."""

    def __init__(self, settings: AuthorizerSettings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, "authorizer")
        self._decisions: Decisions | None = None

    async def start(self) -> None:
        from handler.jobs.authorize import Authorizer as Decisions  # late: it needs cryptography

        self._decisions = Decisions(self._settings)

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        until_s = time.monotonic() + timeout_s

        def decide() -> Any:
            assert self._decisions is not None
            budget_s = until_s - time.monotonic() - RESERVE_S  # it may have waited for its turn
            return self._decisions.authorize(orjson.loads(payload), budget_s=budget_s)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, decide)
        except Exception as error:  # what Lambda makes of it
            raise FunctionError(f"{type(error).__name__}: {error}") from error

    async def stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _request(scope: Scope) -> Request:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return Request(
        method=scope["method"],
        target=(path + b"?" + query if query else path).decode("latin-1"),
        headers=[
            (name.decode("latin-1"), value.decode("utf-8", "replace"))
            for name, value in scope["headers"]
        ],
        client=(scope.get("client") or ("127.0.0.1", 0))[0],
        request_id=str(uuid.uuid4()),
        received=datetime.now(UTC),
    )


async def _send(response: Response, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode()) for name, value in response.headers]
    if response.status not in (204, 304):
        headers.append((b"content-length", str(len(response.body)).encode()))
    start = {"type": "http.response.start", "status": response.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": response.body})


app = Asgi()
