"""What happened behind one answer, kept for the terminal and for GraphiQL's plan pane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from msgspec import Struct, field

from aurora_graphql.explain import RecordingDatabase, Seen
from handler.access.grant import Grant
from handler.answer import Answer
from handler.engine.engine import Engine
from handler.language.document import BoundOperation
from handler.observe.record import RequestRecord
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database


class Trace(Struct):
    """One request: its record, the operation that was run, the statements in their order."""

    record: RequestRecord | None = None
    prepared: BoundOperation | None = None
    grant: Grant | None = None
    seen: list[Seen] = field(default_factory=list)
    beside_s: float = 0.0  # what the plan pane took beside the answer itself


_TRACE: Final[ContextVar[Trace | None]] = ContextVar("trace", default=None)


@contextmanager
def tracing() -> Iterator[Trace]:
    """The trace of what the block does."""
    trace = Trace()
    token = _TRACE.set(trace)
    try:
        yield trace
    finally:
        _TRACE.reset(token)


def current_trace() -> Trace | None:
    """That of the request under way."""
    return _TRACE.get()


class TracedEngine(Engine):
    """Keeps what it runs in the trace of the request under way."""

    async def execute(
        self,
        prepared: BoundOperation,
        grant: Grant,
        database: Database,
        deadline: Deadline,
        *cache: Any,
        **more: Any,
    ) -> Answer:
        trace = current_trace()
        if trace is not None:
            trace.prepared, trace.grant = prepared, grant
            database = RecordingDatabase(database, trace.seen)
        return await super().execute(prepared, grant, database, deadline, *cache, **more)
