"""API Gateway REST in small: HTTP in, proxy events to the function, its answers out.

The function gets what the deployed API has, and answers GraphiQL's files itself, too. The
limits are those of API Gateway and Lambda: 10 MB of request, 6 MB of event, 29 seconds, and a
throttle where one is given. With an authorizer the function hears what it says of the caller.
Packed bodies are unpacked, and answers packed for callers who like that. Without a surface
everything goes to the function.
"""

from __future__ import annotations

import socket
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import orjson
from aiohttp import web
from multidict import CIMultiDict

from aurora_graphql.dev.authorizer import Authorizer, RefusedError
from aurora_graphql.dev.coding import CodingError, TooLargeError, pack, unpack
from aurora_graphql.dev.environment import BusyError, Function, FunctionError, FunctionTimeoutError
from aurora_graphql.dev.graphiql import GraphiqlError
from aurora_graphql.dev.proxy_event import (
    BadGatewayError,
    Request,
    Response,
    build_event,
    parse_response,
    path_of,
)
from aurora_graphql.dev.refusals import Refusal
from aurora_graphql.dev.surface import PREFLIGHT_STATUS, Surface
from aurora_graphql.dev.throttle import Throttle
from handler.http.surface import GRAPHIQL

REQUEST_BYTES_MAX = 10 * 1024 * 1024
HEAD_BYTES_MAX = 10_240  # of the request's first line, and of a header
EVENT_BYTES_MAX = 6_291_456  # Lambda takes 100 bytes less than it gives back
TIMEOUT_S = 29.0
STOP_S = 5.0  # for requests under way when the gateway is told to stop


class Gateway:
    """The HTTP server. ``listener``: a bound socket.

    ``files_made`` returns when GraphiQL's files are there for the function to answer them, and
    raises ``GraphiqlError`` if they will not.
    """

    def __init__(
        self,
        function: Function,
        *,
        listener: socket.socket,
        files_made: Callable[[], Awaitable[None]],
        timeout_s: float = TIMEOUT_S,
        throttle: Throttle | None = None,
        authorizer: Authorizer | None = None,
        surface: Surface | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self._function = function
        self._listener = listener
        self._files_made = files_made
        self._timeout_s = timeout_s
        self._throttle = throttle
        self._authorizer = authorizer
        self._surface = surface
        self._log = log or (lambda line: print(line, file=sys.stderr, flush=True))
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start the function, then accept requests."""
        if self._authorizer is not None:
            await self._authorizer.start()
        await self._function.start()
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            auto_decompress=False,
            max_field_size=HEAD_BYTES_MAX,
            max_line_size=HEAD_BYTES_MAX,
            shutdown_timeout=STOP_S,
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def stop(self) -> None:
        """Stop accepting, let requests under way end, stop the function."""
        if self._runner is not None:
            await self._runner.cleanup()
        await self._function.stop()
        if self._authorizer is not None:
            await self._authorizer.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        begin = time.perf_counter()
        request_id = str(uuid.uuid4())
        try:
            response = await self._answer(request, request_id)
        except RefusedError as error:
            if str(error):
                self._log(f"request {request_id}: {error}")
            response = self._refuse(error.refusal, request, request_id)
        response.headers["x-amzn-RequestId"] = request_id
        took_ms = (time.perf_counter() - begin) * 1000
        size = len(response.body) if isinstance(response.body, bytes) else 0
        path = request.raw_path.partition("?")[0][:100]  # a query may hold values
        self._log(f"{request.method} {path} {response.status} {size} B {took_ms:.1f} ms")
        return response

    async def _answer(self, request: web.Request, request_id: str) -> web.Response:
        """The function's answer. Raises ``RefusedError`` for what it is not asked or cannot say."""
        surface = self._surface
        route = None
        if surface is not None:
            route = surface.route(request.method, path_of(request.raw_path))
            if route is None:
                raise RefusedError(Refusal.MISSING_AUTHENTICATION_TOKEN)
        if self._throttle is not None and not self._throttle.admits():
            raise RefusedError(Refusal.THROTTLED)
        body = await _body(request)
        if surface is not None and request.method == "OPTIONS":
            headers = surface.preflight(request.headers.get("Origin", ""))
            return web.Response(status=PREFLIGHT_STATUS, headers=headers)
        event = build_event(
            _taken(request, body, request_id), resource=route.path if route is not None else ""
        )
        # A preflight comes without a token: browsers send none.
        if self._authorizer is not None and request.method != "OPTIONS":
            attested = await self._authorizer.attest(event, request_id=request_id)
            event["requestContext"]["authorizer"] = attested
        content_type = request.headers.get("Content-Type", "")
        if surface is not None and not surface.accepts(request.method, content_type, body):
            raise RefusedError(Refusal.BAD_REQUEST_BODY)
        if route is not None and route.purpose == GRAPHIQL:
            await self._wait_for_files()
        payload = orjson.dumps(event)
        if len(payload) > EVENT_BYTES_MAX:
            reason = f"the event has {len(payload)} bytes"
            raise RefusedError(Refusal.REQUEST_TOO_LARGE, reason)
        try:
            answer = await self._function.invoke(
                payload, request_id=request_id, timeout_s=self._timeout_s
            )
            accepted = request.headers.get("Accept-Encoding", "")
            return _web_response(parse_response(answer), accepted)
        except (FunctionError, BadGatewayError) as error:
            raise RefusedError(_kind(error), str(error)) from error

    async def _wait_for_files(self) -> None:
        """The function will say that there are none, if they cannot be made."""
        try:
            await self._files_made()
        except GraphiqlError as error:
            self._log(f"GraphiQL: {error}")

    def _refuse(self, refusal: Refusal, request: web.Request, request_id: str) -> web.Response:
        """What API Gateway itself says instead of the function."""
        more: Mapping[str, str] = {}
        if self._surface is not None:
            more = self._surface.beside_a_refusal(request.headers.get("Origin", ""))
        return web.Response(
            status=refusal.status,
            headers={**refusal.headers, **more},
            text=refusal.body(request_id),
            content_type="application/json",
        )


async def _body(request: web.Request) -> bytes:
    """The body as it was before it was packed."""
    try:
        coding = request.headers.get("Content-Encoding", "")
        return unpack(await request.read(), coding, bytes_max=REQUEST_BYTES_MAX)
    except (web.HTTPRequestEntityTooLarge, TooLargeError) as error:
        raise RefusedError(Refusal.REQUEST_TOO_LARGE) from error
    except CodingError as error:
        raise RefusedError(Refusal.UNSUPPORTED_MEDIA_TYPE) from error


def _taken(request: web.Request, body: bytes, request_id: str) -> Request:
    return Request(
        method=request.method,
        target=request.raw_path,
        headers=[
            (name.decode("latin-1"), value.decode("utf-8", "replace"))
            for name, value in request.raw_headers
        ],
        body=body,
        client=request.remote or "127.0.0.1",
        request_id=request_id,
        received=datetime.now(UTC),
    )


def _kind(error: Exception) -> Refusal:
    """What API Gateway makes of a failure of the function."""
    match error:
        case FunctionTimeoutError():
            return Refusal.INTEGRATION_TIMEOUT
        case BusyError():
            return Refusal.API_CONFIGURATION_ERROR
        case _:
            return Refusal.INTEGRATION_FAILURE


def _web_response(response: Response, accepted: str) -> web.Response:
    headers: CIMultiDict[str] = CIMultiDict(response.headers)
    body, coding = response.body, ""
    if "Content-Encoding" not in headers:
        body, coding = pack(body, accepted)
    if coding:
        headers["Content-Encoding"] = coding
    return web.Response(status=response.status, headers=headers, body=body)
