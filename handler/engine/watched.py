"""Engine, database and resolvers with a span around what they do."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from handler.access.grant import Grant
from handler.answer import Answer
from handler.cache.response_cache import Compute, Responses
from handler.compiler.freshness import CachePolicy
from handler.compiler.plan import Plan
from handler.engine.engine import Engine, Work
from handler.engine.plans import CompiledPlan
from handler.language.document import BoundOperation
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database
from handler.stores.url import DatabaseUrl
from handler.tracing.spans import TRACE, Trace

_PLAN: Final[ContextVar[Plan | None]] = ContextVar("plan", default=None)  # that runs


class WatchedEngine(Engine):
    """The engine, whose stages are spans of the trace that is current, if one is."""

    def prepare(
        self,
        document: str,
        operation_name: str | None,
        variables: Mapping[str, Any],
        grant: Grant,
        page_size_max: int | None = None,
    ) -> BoundOperation:
        trace = TRACE.get()
        if trace is None:
            return super().prepare(document, operation_name, variables, grant, page_size_max)
        with trace.span("graphql.parse and validate"):
            return super().prepare(document, operation_name, variables, grant, page_size_max)

    def plan(self, prepared: BoundOperation, grant: Grant) -> CompiledPlan:
        trace = TRACE.get()
        if trace is None:
            return super().plan(prepared, grant)
        with trace.span("graphql.plan"):
            return super().plan(prepared, grant)

    async def execute(
        self,
        prepared: BoundOperation,
        grant: Grant,
        database: Database,
        deadline: Deadline,
        cache: Responses | None = None,
        **more: Any,
    ) -> Answer:
        trace = TRACE.get()
        if trace is None:
            return await super().execute(prepared, grant, database, deadline, cache, **more)
        if cache is not None:
            cache = _WatchedResponses(cache, trace)
        found = _WatchedDatabase(database, trace, self.settings.database_url)
        with trace.span("graphql.execute"):
            return await super().execute(prepared, grant, found, deadline, cache, **more)

    async def _run(self, work: Work, deadline: Deadline) -> Answer:
        _PLAN.set(work.compiled.plan)
        return await super()._run(work, deadline)

    def _encode(self, work: Work, *parts: Any) -> Answer:
        trace = TRACE.get()
        if trace is None:
            return super()._encode(work, *parts)
        with trace.span("graphql.encode"):
            return super()._encode(work, *parts)

    async def _resolve(self, work: Work, *parts: Any) -> None:
        trace = TRACE.get()
        if trace is None:
            await super()._resolve(work, *parts)
            return
        with trace.span("graphql.resolve"):
            await super()._resolve(work, *parts)


class _WatchedResponses:
    def __init__(self, cache: Responses, trace: Trace) -> None:
        self._cache = cache
        self._trace = trace

    async def answer(
        self, key: str, policy: CachePolicy, compute: Compute, deadline: Deadline
    ) -> Answer:
        with self._trace.span("response cache", is_call=True) as span:
            found = await self._cache.answer(key, policy, compute, deadline)
            span.attributes["cache.source"] = found.source
            return found


class _WatchedDatabase:
    def __init__(self, database: Database, trace: Trace, url: DatabaseUrl) -> None:
        self._database = database
        self._trace = trace
        self._url = url

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        plan, number = _PLAN.get(), statement.batch
        batch = None if plan is None or number is None else plan.batches[number]
        table, field = ("", "") if batch is None else (batch.table.name, batch.field)
        with self._trace.statement(self._url, statement.text, table, field) as span:
            found = await self._database.fetch(statement, deadline)
            span.attributes["db.response.returned_rows"] = found.count
            return found
