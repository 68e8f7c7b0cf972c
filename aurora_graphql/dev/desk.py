"""What the local server has beside the API, for its own GraphiQL page: ``/local/...``.

The page itself with the plan pane, what it opens with, and a stream of events: what is wrong with
the files, and that something has been reloaded. No deployed API has any of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import orjson
from aiohttp import web

from aurora_graphql.dev.graphiql import GraphiqlError
from aurora_graphql.dev.reloading import Reloading
from aurora_graphql.gateway.function import FunctionError
from handler.http import graphiql, media, surface

PAGE: Final = orjson.dumps({"local": "page"})
EVENTS_PATH: Final = "/local/events"
FACTS_PATH: Final = "/local/page.json"
_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
_ASK_S: Final = 20.0
_PING_S: Final = 15.0
_HTML: Final = graphiql.HTML.replace(b"./graphiql/graphiql.", b"./graphiql/local.")
_HEADERS: Final = {
    **{name: text for name, text in surface.HEADERS.items() if not name.startswith("Strict")},
    "Content-Security-Policy": graphiql.CONTENT_SECURITY_POLICY,
}


class Desk:
    """``files``: GraphiQL's folder. ``token``: gives one with these scopes, None: nobody is asked.

    ``project``: tells the tabs of one project from those of another at the same address.
    """

    def __init__(
        self,
        function: Reloading,
        *,
        files: str,
        files_made: Callable[[], Awaitable[None]],
        project: str,
        token: Callable[[Sequence[str]], str] | None = None,
    ) -> None:
        self._function = function
        self._files = files
        self._files_made = files_made
        self._project = project
        self._token = token
        self._ended = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse | None:
        """None where the request is one for the API."""
        if request.method not in ("GET", "HEAD"):
            return None
        path = request.path
        if path in (EVENTS_PATH, FACTS_PATH):
            # A page of another site may have a name that leads here: it must not learn the token.
            if request.url.host not in _HOSTS and f"[{request.url.host}]" not in _HOSTS:
                return web.Response(status=403, text="only at 127.0.0.1 or localhost\n")
            return await (self._events(request) if path == EVENTS_PATH else self._facts())
        if path in ("/", "/graphql") and _wants_page(request):
            return web.Response(
                body=_HTML, content_type=media.HTML.partition(";")[0], headers=_HEADERS
            )
        if path.startswith(surface.GRAPHIQL_PREFIX):
            return await self._file(request, path.removeprefix(surface.GRAPHIQL_PREFIX))
        return None

    def stop(self) -> None:
        """End the streams, for which the gateway would wait."""
        self._ended.set()

    async def _file(self, request: web.Request, name: str) -> web.Response:
        try:
            await self._files_made()
        except GraphiqlError as error:
            return web.Response(status=404, text=f"{error}\n")
        found = graphiql.read_file(self._files, name)
        if found is None:
            return web.Response(status=404, text="GraphiQL has no such file\n")
        headers = {**_HEADERS, "Cache-Control": "no-cache", "ETag": found.tag}
        if request.headers.get("If-None-Match") == found.tag:
            return web.Response(status=304, headers=headers)
        response = web.Response(body=found.content, content_type=found.media_type, headers=headers)
        response.enable_compression()
        return response

    async def _facts(self) -> web.Response:
        """What the page opens with."""
        facts: dict[str, Any] = {"first": None, "operations": [], "scopes": []}
        try:
            told = await self._function.invoke(PAGE, request_id="page", timeout_s=_ASK_S)
            facts |= {name: told[name] for name in facts if name in told}
        except FunctionError as error:
            facts["problem"] = str(error)
        headers = {}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token(facts['scopes'])}"
        body = {**facts, "headers": headers, "project": self._project}
        return web.Response(
            body=orjson.dumps(body), content_type="application/json", headers=_HEADERS
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The state now and at each change, as server-sent events."""
        headers = {**_HEADERS, "Content-Type": "text/event-stream"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        changed = asyncio.Event()
        changed.set()
        forget = self._function.listen(changed.set)
        ended = asyncio.create_task(self._ended.wait())
        try:
            while not ended.done():
                if changed.is_set():
                    changed.clear()
                    state = {"version": self._function.version, "error": self._function.error}
                    await response.write(b"data: " + orjson.dumps(state) + b"\n\n")
                else:
                    await response.write(b": still here\n\n")
                waiting = asyncio.create_task(changed.wait())
                await asyncio.wait(
                    (waiting, ended), timeout=_PING_S, return_when=asyncio.FIRST_COMPLETED
                )
                waiting.cancel()
        except ConnectionError:
            pass  # the page has been closed
        finally:
            forget()
            ended.cancel()
        return response


def _wants_page(request: web.Request) -> bool:
    offers = (media.GRAPHQL_RESPONSE, media.JSON, media.HTML)
    return media.negotiate(request.headers.get("Accept"), offers) == media.HTML
