"""API Gateway REST in small: a request becomes an event, the function's answer a response.

The function gets what the deployed API has, and answers GraphiQL's files itself, too. The
limits are those of API Gateway and Lambda: 10 MB of request, 6 MB of event, 29 seconds, and a
throttle where one is given. With an authorizer the function hears what it says of the caller.
Packed bodies are unpacked, and answers packed for callers who like that. Without a surface
everything goes to the function.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import orjson

from aurora_graphql.gateway.authorizer import Authorizer, RefusedError
from aurora_graphql.gateway.coding import CodingError, TooLargeError, pack, unpack
from aurora_graphql.gateway.function import (
    BusyError,
    Function,
    FunctionError,
    FunctionTimeoutError,
)
from aurora_graphql.gateway.proxy_event import (
    BadGatewayError,
    Request,
    Response,
    build_event,
    parse_response,
    path_of,
)
from aurora_graphql.gateway.refusals import Refusal
from aurora_graphql.gateway.surface import PREFLIGHT_STATUS, Surface
from aurora_graphql.gateway.throttle import Throttle
from handler.http.surface import GRAPHIQL

REQUEST_BYTES_MAX = 10 * 1024 * 1024
HEAD_BYTES_MAX = 10_240  # of the request's first line, and of a header
EVENT_BYTES_MAX = 6_291_456  # Lambda takes 100 bytes less than it gives back
TIMEOUT_S = 29.0
CALLER_LEFT = Response(status=499, headers=(), body=b"")  # which nobody gets, for the log alone

Observe = Callable[[Request, Response, float], None]
"""Is told of each answered request, and the seconds that it took."""

ReadBody = Callable[[], Awaitable[bytes]]
"""Reads the body, packed as it came. Raises ``TooLargeError`` past ``REQUEST_BYTES_MAX``."""


async def _no_wait() -> None:
    """GraphiQL's files are there, or will never be."""


def _unobserved(request: Request, response: Response, took_s: float) -> None:
    """Somebody else tells of requests."""


def bare_path(request: Request) -> str:
    """The path for a log: a query may hold values."""
    return request.target.partition("?")[0][:100]


class Gateway:
    """Answers requests, several at once; ``answer`` may be cancelled where a caller has left.

    ``files_made`` returns when GraphiQL's files are there for the function to answer them.
    ``log`` gets what an operator has to know of a request that failed.
    """

    def __init__(
        self,
        function: Function,
        *,
        timeout_s: float = TIMEOUT_S,
        throttle: Throttle | None = None,
        authorizer: Authorizer | None = None,
        surface: Surface | None = None,
        files_made: Callable[[], Awaitable[None]] = _no_wait,
        log: Callable[[str], None] | None = None,
        observe: Observe = _unobserved,
    ) -> None:
        self._function = function
        self._timeout_s = timeout_s
        self._throttle = throttle
        self._authorizer = authorizer
        self._surface = surface
        self._files_made = files_made
        self._log = log or (lambda line: print(line, file=sys.stderr, flush=True))
        self._observe = observe

    async def start(self) -> None:
        """Start the authorizer and the function. Raises ``FunctionError``."""
        if self._authorizer is not None:
            await self._authorizer.start()
        await self._function.start()

    async def stop(self) -> None:
        """Stop them."""
        await self._function.stop()
        if self._authorizer is not None:
            await self._authorizer.stop()

    async def answer(self, request: Request, read_body: ReadBody) -> Response:
        """The response to a request, whose own body is empty: it is read when it is needed."""
        begin = time.perf_counter()
        try:
            response = await self._answer(request, read_body)
        except RefusedError as error:
            if str(error):
                self._log(f"request {request.request_id}: {error}")
            response = self._refuse(error.refusal, request)
        except asyncio.CancelledError:
            self._observe(request, CALLER_LEFT, time.perf_counter() - begin)
            raise
        self._observe(request, response, time.perf_counter() - begin)
        named = (*response.headers, ("x-amzn-RequestId", request.request_id))
        return replace(response, headers=named)

    async def _answer(self, request: Request, read_body: ReadBody) -> Response:
        """The function's answer. Raises ``RefusedError`` for what it is not asked or cannot say."""
        surface = self._surface
        route = None
        if _head_bytes(request) > HEAD_BYTES_MAX:
            raise RefusedError(Refusal.REQUEST_TOO_LARGE)
        if surface is not None:
            route = surface.route(request.method, path_of(request.target))
            if route is None:
                raise RefusedError(Refusal.MISSING_AUTHENTICATION_TOKEN)
        if self._throttle is not None and not self._throttle.admits():
            raise RefusedError(Refusal.THROTTLED)
        body = await _unpacked(request, read_body)
        if surface is not None and request.method == "OPTIONS":
            headers = surface.preflight(request.header("origin"))
            return Response(status=PREFLIGHT_STATUS, headers=tuple(headers.items()), body=b"")
        event = build_event(
            replace(request, body=body), resource=route.path if route is not None else ""
        )
        # A preflight comes without a token: browsers send none.
        if self._authorizer is not None and request.method != "OPTIONS":
            attested = await self._authorizer.attest(event, request_id=request.request_id)
            event["requestContext"]["authorizer"] = attested
        content_type = request.header("content-type")
        if surface is not None:
            objection = surface.objection(request.method, content_type, body)
            if objection:
                raise RefusedError(Refusal.BAD_REQUEST_BODY, objection)
        if route is not None and route.purpose == GRAPHIQL:
            await self._files_made()
        payload = orjson.dumps(event)
        if len(payload) > EVENT_BYTES_MAX:
            reason = f"the event has {len(payload)} bytes"
            raise RefusedError(Refusal.REQUEST_TOO_LARGE, reason)
        try:
            answer = await self._function.invoke(
                payload, request_id=request.request_id, timeout_s=self._timeout_s
            )
            return _packed(parse_response(answer), request.header("accept-encoding"))
        except (FunctionError, BadGatewayError) as error:
            raise RefusedError(_kind(error), str(error)) from error

    def _refuse(self, refusal: Refusal, request: Request) -> Response:
        """What API Gateway itself says instead of the function."""
        more: Mapping[str, str] = {}
        if self._surface is not None:
            more = self._surface.beside_a_refusal(request.header("origin"))
        headers = {"Content-Type": "application/json", **refusal.headers, **more}
        return Response(
            status=refusal.status,
            headers=tuple(headers.items()),
            body=refusal.body(request.request_id).encode(),
        )


def _head_bytes(request: Request) -> int:
    """The longest of the first line and the headers."""
    return max(len(request.target), *(len(value) for _, value in request.headers), 0)


async def _unpacked(request: Request, read_body: ReadBody) -> bytes:
    """The body as it was before it was packed."""
    try:
        coding = request.header("content-encoding")
        return unpack(await read_body(), coding, bytes_max=REQUEST_BYTES_MAX)
    except TooLargeError as error:
        raise RefusedError(Refusal.REQUEST_TOO_LARGE) from error
    except CodingError as error:
        raise RefusedError(Refusal.UNSUPPORTED_MEDIA_TYPE, f"the body: {error}") from error


def _packed(response: Response, accepted: str) -> Response:
    """The response, packed as the caller likes it."""
    if any(name.lower() == "content-encoding" for name, _ in response.headers):
        return response
    body, coding = pack(response.body, accepted)
    if not coding:
        return response
    named = (*response.headers, ("Content-Encoding", coding))
    return replace(response, headers=named, body=body)


def _kind(error: Exception) -> Refusal:
    """What API Gateway makes of a failure of the function."""
    match error:
        case FunctionTimeoutError():
            return Refusal.INTEGRATION_TIMEOUT
        case BusyError():
            return Refusal.API_CONFIGURATION_ERROR
        case _:
            return Refusal.INTEGRATION_FAILURE
