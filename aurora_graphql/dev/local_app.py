"""The API as it runs on a developer's machine: production's App, which also tells what it did.

``aurora_graphql.dev.local_app.graphql`` is the function that the local gateway calls. Nothing of
this is in an archive: an ``extensions.plan`` in a request is ignored there.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import time
from collections.abc import Callable
from typing import Any, ClassVar, Final, Self

from msgspec import to_builtins
from msgspec.structs import replace

from aurora_graphql.dev.local_log import LocalLog
from aurora_graphql.dev.tracing import Trace, TracedEngine, current_trace, tracing
from handler.answer import Answer
from handler.app import App
from handler.engine.engine import Engine
from handler.entry import LambdaContext
from handler.errors import HandlerError
from handler.http.graphql import GraphqlRequest
from handler.http.response import ProxyResponse
from handler.observe.invocation import OUTSIDE, Invocation
from handler.observe.record import RequestRecord
from handler.settings import Settings
from handler.stores.deadline import Deadline

LOCAL: Final = "local"  # the key of an event for this function alone, and of what it tells
LOG_VARIABLE: Final = "LOCAL_LOG"  # json, or lines for people
SQL_VARIABLE: Final = "LOCAL_SQL"  # on: the statements go with the record
EXTENSION: Final = "plan"  # of a request and of its answer
NEEDED: Final = (  # imported late, as a cold start of production wants it
    "handler.http.graphiql",
    "handler.language.sdl",
    "handler.model.builder",
    "handler.resolvers.registry",
    "handler.resolvers.resolvers",
    "handler.stores.mysql.database",
    "handler.stores.redis.cache",
    "aurora_graphql.dev.examples",
    "aurora_graphql.dev.plan_pane",
)
_DESCRIBE_S: Final = 10.0


class LocalApp(App):
    """Answers events; with each answer goes the record of its request, under ``local``."""

    engine_kind: ClassVar[type[Engine]] = TracedEngine

    @classmethod
    async def start_local(cls, settings: Settings, *, as_json: bool, with_sql: bool) -> Self:
        """Raises ``SchemaError`` and ``SettingsError``, which name what to mend."""
        app = await cls.start(settings)
        app.log = LocalLog(settings, as_json=as_json)
        app.with_sql = with_sql
        return app

    with_sql = False

    async def handle(
        self, event: Any, *, budget_s: float, invocation: Invocation = OUTSIDE
    ) -> ProxyResponse:
        """The gateway's response, and what is known of the request."""
        with tracing() as trace:
            response = await super().handle(event, budget_s=budget_s, invocation=invocation)
            if trace.record is not None:
                response[LOCAL] = self._told(trace, trace.record)  # type: ignore[typeddict-unknown-key] # for the gateway
        return response

    def _told(self, trace: Trace, record: RequestRecord) -> dict[str, Any]:
        told: dict[str, Any] = to_builtins(record)
        if self.with_sql:
            from aurora_graphql.plan_view import sent_text

            told["sql"] = [
                {
                    "text": sent_text(seen.statement),
                    "rows": seen.rows,
                    "ms": seen.milliseconds,
                    "failure": seen.failure,
                }
                for seen in trace.seen
            ]
        return told

    async def _answer(
        self, request: GraphqlRequest, deadline: Deadline, record: RequestRecord
    ) -> Answer:
        answer = await super()._answer(request, deadline, record)
        trace = current_trace()
        if trace is None or trace.prepared is None or request.extensions.get(EXTENSION) is not True:
            return answer
        from aurora_graphql.dev.plan_pane import describe_plan

        sent = list(trace.seen)
        began = time.perf_counter()
        try:
            limit = Deadline.after(_DESCRIBE_S)
            plan = await describe_plan(trace, answer, self.engine, self.database, limit)
        except HandlerError:  # the answer says what is wrong
            return answer
        finally:
            trace.seen = sent
            trace.beside_s = time.perf_counter() - began
        return replace(answer, extensions={**(answer.extensions or {}), EXTENSION: plan})


def __getattr__(name: str) -> Callable[[dict[str, Any], LambdaContext], Any]:
    """Start the function; see ``handler.entry``."""
    if name != "graphql":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    loop = asyncio.new_event_loop()
    settings = Settings.from_environ(os.environ)
    starting = LocalApp.start_local(
        settings,
        as_json=os.environ.get(LOG_VARIABLE) == "json",
        with_sql=os.environ.get(SQL_VARIABLE) == "on",
    )
    app = loop.run_until_complete(starting)
    atexit.register(lambda: loop.run_until_complete(app.close()))

    def graphql(event: dict[str, Any], context: LambdaContext) -> Any:
        """Answer an event of the gateway, or what it asks of this function alone."""
        if event.get(LOCAL) == "saved":
            from aurora_graphql.dev.examples import check_saved

            return check_saved(app.engine)
        if event.get(LOCAL) == "page":
            from aurora_graphql.dev.examples import page_facts

            return loop.run_until_complete(page_facts(app.engine, app.database, settings))
        budget_s = context.get_remaining_time_in_millis() / 1000 - 0.5
        return loop.run_until_complete(app.handle(event, budget_s=budget_s))

    globals()[name] = graphql
    return graphql
