"""API Gateway REST in small: HTTP in, proxy events to the function, its answers out.

``/graphiql/*`` are files; everything else goes to the function, which knows its own paths. Limits
and error bodies are those of API Gateway: 10 MB of request, 6 MB of answer, 29 seconds.
"""

from __future__ import annotations

import socket
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from multidict import CIMultiDict

from local.environment import Environments, FunctionError, FunctionTimeoutError
from local.graphiql import GraphiqlError
from local.proxy_event import (
    BadGatewayError,
    Request,
    Response,
    build_event,
    parse_response,
)

REQUEST_BYTES_MAX = 10 * 1024 * 1024
TIMEOUT_S = 29.0
STOP_S = 5.0  # for requests under way when the gateway is told to stop


class Gateway:
    """The HTTP server. ``listener``: a bound socket; ``files``: the folder of GraphiQL.

    ``files_made`` returns when the folder is complete, and raises ``GraphiqlError`` if it will not.
    """

    def __init__(
        self,
        environments: Environments,
        *,
        listener: socket.socket,
        files: Path,
        files_made: Callable[[], Awaitable[None]],
        timeout_s: float = TIMEOUT_S,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self._environments = environments
        self._listener = listener
        self._files = files
        self._files_made = files_made
        self._timeout_s = timeout_s
        self._log = log or (lambda line: print(line, file=sys.stderr, flush=True))
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start the environments, then accept requests."""
        await self._environments.start()
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        app.router.add_get("/graphiql/{name}", self._file)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, handle_signals=False, access_log=None, shutdown_timeout=STOP_S
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def stop(self) -> None:
        """Stop accepting, let requests under way end, stop the environments."""
        if self._runner is not None:
            await self._runner.cleanup()
        await self._environments.stop()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        try:
            await self._files_made()
        except GraphiqlError as error:
            self._log(f"GraphiQL: {error}")
            return _refusal(404, "Not Found")
        file = self._files / request.match_info["name"]
        # The name is one segment of a path, but a decoded one: it may hold slashes.
        if file.parent != self._files or not file.is_file():
            return _refusal(404, "Not Found")
        return web.FileResponse(file, headers={"Cache-Control": "no-cache"})

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        begin = time.perf_counter()
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _refusal(413, "Request Too Long")
        taken = Request(
            method=request.method,
            target=request.raw_path,
            headers=[
                (name.decode("latin-1"), value.decode("utf-8", "replace"))
                for name, value in request.raw_headers
            ],
            body=body,
            client=request.remote or "127.0.0.1",
            request_id=str(uuid.uuid4()),
            received=datetime.now(UTC),
        )
        response = await self._answer(taken)
        took_ms = (time.perf_counter() - begin) * 1000
        size = len(response.body) if isinstance(response.body, bytes) else 0
        self._log(
            f"{taken.method} {taken.target[:100]} {response.status} {size} B {took_ms:.1f} ms"
        )
        return response

    async def _answer(self, taken: Request) -> web.Response:
        try:
            answer = await self._environments.invoke(
                build_event(taken), request_id=taken.request_id, timeout_s=self._timeout_s
            )
            response = parse_response(answer)
        except FunctionTimeoutError as error:
            self._log(f"request {taken.request_id}: {error}")
            return _refusal(504, "Endpoint request timed out")
        except (FunctionError, BadGatewayError) as error:
            self._log(f"request {taken.request_id}: {error}")
            return _refusal(502, "Internal server error")
        return _web_response(response)


def _web_response(response: Response) -> web.Response:
    headers: CIMultiDict[str] = CIMultiDict(response.headers)
    # The connection is the server's business.
    for name in ("Content-Length", "Transfer-Encoding", "Connection"):
        headers.popall(name, None)
    return web.Response(status=response.status, headers=headers, body=response.body)


def _refusal(status: int, message: str) -> web.Response:
    """What API Gateway itself says instead of the function."""
    return web.json_response({"message": message}, status=status)
