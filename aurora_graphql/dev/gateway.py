"""The gateway of this machine: aiohttp in front of ``aurora_graphql.gateway``."""

from __future__ import annotations

import logging
import socket
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict

from aurora_graphql.dev.console import exchange_of, plain_line
from aurora_graphql.dev.desk import Desk
from aurora_graphql.dev.graphiql import GraphiqlError
from aurora_graphql.gateway import gateway
from aurora_graphql.gateway.authorizer import Authorizer
from aurora_graphql.gateway.coding import TooLargeError
from aurora_graphql.gateway.function import Function
from aurora_graphql.gateway.gateway import (
    HEAD_BYTES_MAX,
    REQUEST_BYTES_MAX,
    TIMEOUT_S,
)
from aurora_graphql.gateway.proxy_event import Request, Response
from aurora_graphql.gateway.surface import Surface
from aurora_graphql.gateway.throttle import Throttle

STOP_S = 5.0  # for requests under way when the gateway is told to stop
READ_BYTES_MAX = 8 * HEAD_BYTES_MAX  # of a line that is read to be refused as API Gateway does it


class _Complaints(logging.Handler):
    """What aiohttp has to say: of a request that is no HTTP one line, without its values."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            self._say(f"a request that is no HTTP: {error.message.partition(':')[0]}")
        else:
            self._say(self.format(record))


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
        observe: gateway.Observe | None = None,
        desk: Desk | None = None,
    ) -> None:
        """``desk``: answers what is the local server's own, beside the API."""
        self._listener = listener
        self._files_made = files_made
        self._log = log or (lambda line: print(line, file=sys.stderr, flush=True))
        self._gateway = gateway.Gateway(
            function,
            timeout_s=timeout_s,
            throttle=throttle,
            authorizer=authorizer,
            surface=surface,
            files_made=self._wait_for_files,
            log=self._log,
            observe=observe or self._tell,
        )
        self._desk = desk
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start the function, then accept requests."""
        await self._gateway.start()
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        app.router.add_route("*", "/{path:.*}", self._handle)
        complaints = logging.Logger("gateway", logging.WARNING)
        complaints.addHandler(_Complaints(self._log))
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            auto_decompress=False,
            max_field_size=READ_BYTES_MAX,
            max_line_size=READ_BYTES_MAX,
            logger=complaints,
            shutdown_timeout=STOP_S,
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def stop(self) -> None:
        """Stop accepting, let requests under way end, stop the function."""
        if self._desk is not None:
            self._desk.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._gateway.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self._desk is not None:
            own = await self._desk.answer(request)
            if own is not None:
                return own

        async def read_body() -> bytes:
            try:
                return await request.read()
            except web.HTTPRequestEntityTooLarge as error:
                raise TooLargeError from error

        response = await self._gateway.answer(_taken(request), read_body)
        headers: CIMultiDict[str] = CIMultiDict(response.headers)
        return web.Response(status=response.status, headers=headers, body=response.body)

    def _tell(self, request: Request, response: Response, took_s: float) -> None:
        self._log(plain_line(exchange_of(request, response, took_s)))

    async def _wait_for_files(self) -> None:
        """The function will say that there are none, if they cannot be made."""
        try:
            await self._files_made()
        except GraphiqlError as error:
            self._log(f"GraphiQL: {error}")


def _taken(request: web.Request) -> Request:
    return Request(
        method=request.method,
        target=request.raw_path,
        headers=[
            (name.decode("latin-1"), value.decode("utf-8", "replace"))
            for name, value in request.raw_headers
        ],
        client=request.remote or "127.0.0.1",
        request_id=str(uuid.uuid4()),
        received=datetime.now(UTC),
    )
