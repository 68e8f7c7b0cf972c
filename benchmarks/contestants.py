"""Everybody who answers the documents, over one database: in one process, and in those of peers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial

import orjson

from benchmarks.cases import PAGE, Case
from benchmarks.engines import Engine, start_graphql_core, start_tartiflette
from benchmarks.handwritten import Handwritten, OrderCursors, open_pool
from benchmarks.measure import Call, Turn, here
from benchmarks.northwind import open_app, settings_of
from benchmarks.peers.processes import NODE, PYTHON, Peer, open_node, open_python
from handler.access.principal import Principal
from handler.app import App
from handler.stores.deadline import Deadline
from handler.stores.url import DatabaseUrl

YARDSTICK = "hand-written aiomysql + orjson"
BUDGET_S = 20.0


class Contestants:
    """Open them with ``open``; ``calls`` gives their answers to a document, ``turns`` times."""

    def __init__(
        self,
        app: App,
        handwritten: Handwritten,
        engines: Mapping[str, Engine],
        peers: Mapping[str, tuple[Peer, str]],
    ) -> None:
        """``peers``: a process for each name, and what it calls the engine."""
        self.app = app
        self._handwritten = handwritten
        self._engines = engines
        self._peers = peers

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, url: DatabaseUrl) -> AsyncIterator[Contestants]:
        """Start all of them, with pools of their own."""
        async with open_app(settings_of(url)) as app, open_pool(url) as pool:
            body = (await app.handle(PAGE.event(), budget_s=BUDGET_S))["body"]
            cursor = orjson.loads(body)["data"]["orders"]["pageInfo"]["endCursor"]
            cursors = OrderCursors(cursor)
            engines = {
                "graphql-core with loaders": start_graphql_core(pool, cursors),
                "Tartiflette with loaders": await start_tartiflette(pool, cursors),
            }
            async with contextlib.AsyncExitStack() as processes:
                peers = {}
                for engine, name in PYTHON.items():
                    process = await processes.enter_async_context(open_python(engine, url, cursor))
                    peers[f"{name} with loaders"] = process, engine
                node = await processes.enter_async_context(open_node(url, cursors))
                peers |= {f"{engine} on Node": (node, engine) for engine in NODE}
                yield cls(app, Handwritten(pool, cursors), engines, peers)

    def calls(self, case: Case) -> dict[str, Call]:
        """One call of each, which gives the body of the response; the yardstick is the first."""

        async def by_peer(peer: Peer, engine: str) -> bytes:
            return (await peer.turn(engine, case, calls=1)).answer.encode()

        there = {name: partial(by_peer, *peer) for name, peer in self._peers.items()}
        return {**self._here(case), **there}

    def turns(self, case: Case) -> dict[str, Turn]:
        """The same, timed where they run."""

        async def by_peer(peer: Peer, engine: str, burst: int) -> tuple[list[int], list[int]]:
            found = await peer.turn(engine, case, calls=burst, untimed=1)
            return found.wall_ns, found.cpu_ns

        there = {name: partial(by_peer, *peer) for name, peer in self._peers.items()}
        return {**{name: here(call) for name, call in self._here(case).items()}, **there}

    def _here(self, case: Case) -> dict[str, Call]:
        app, document, event = self.app, case.document, case.event()
        variables = dict(case.variables)
        grant = app.engine.access.grant(Principal.development())

        async def compiled() -> bytes:
            prepared = app.engine.prepare(document, None, variables, grant)
            deadline = Deadline.after(BUDGET_S)
            answer = await app.engine.execute(prepared, grant, app.database, deadline)
            return b'{"data":%b}' % (answer.data or b"")

        async def whole_event() -> bytes:
            response = await app.handle(event, budget_s=BUDGET_S)
            return response["body"].encode()

        return {
            YARDSTICK: self._handwritten.call(case.name, variables),
            "compiled, gateway event to response": whole_event,
            "compiled, document to JSON": compiled,
            **{name: partial(ask, document, variables) for name, ask in self._engines.items()},
        }
