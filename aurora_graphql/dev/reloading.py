"""A function that is made anew while it serves: what changes is loaded beside what is in service.

The new one takes over when it is ready; requests under way end where they began. If it cannot be
loaded, the last good one stays, and the reason is told until it is mended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import orjson

from aurora_graphql.gateway.function import Function, FunctionError

SCHEMA_INVALID: Final = "SCHEMA_INVALID"
RECORD: Final = "local"  # what the local function tells beside its answer
SAVED: Final = orjson.dumps({"local": "saved"})
_ASK_S: Final = 10.0
_RECORDS_MAX: Final = 100


class Prepared(Function, Protocol):
    """A function that can do a part of its start before it is known what it has to load."""

    async def prepare(self) -> None:
        """Do that part."""


class Reloading:
    """A spare process waits for the next change: most of a start is the same whatever changes.

    ``make``: gives a new, unstarted function of what the files say now.

    ``has_local_events``: whether the function can be asked about its saved operations.
    """

    def __init__(self, make: Callable[[], Prepared], *, has_local_events: bool = False) -> None:
        self._make = make
        self._has_local_events = has_local_events
        self._current: _Serving | None = None
        self._spare: asyncio.Task[Prepared] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._told: set[Callable[[], None]] = set()
        self._records: dict[str, Mapping[str, Any]] = {}  # by the id of the request
        self.started = asyncio.Event()  # whether there was a first, good or not
        self.version = 0  # rises with each that takes over
        self.error = ""  # why what the files say now is not, or not all, in service

    async def start(self) -> None:
        """Start the first. Bad SDL may be mended while this waits: then nothing serves yet.

        Raises ``FunctionError`` for anything else.
        """
        try:
            await self.reload()
        except FunctionError as error:
            if error.code != SCHEMA_INVALID:
                raise
        self.started.set()

    async def reload(self) -> None:
        """Put a new one into service. Raises ``FunctionError``, and keeps the reason."""
        fresh = self._make() if self._spare is None else await self._spare
        try:
            await fresh.start()
            found = await self._saved(fresh)
        except FunctionError as error:
            self.fail(str(error))
            raise
        finally:
            self._spare = asyncio.create_task(self._prepare())
        before, self._current = self._current, _Serving(fresh)
        if before is not None:
            task = asyncio.create_task(before.leave())
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        self.version += 1
        self.fail(found)

    async def drop_spare(self) -> None:
        """What is made next is made anew from the start: its environment has changed."""
        spare, self._spare = self._spare, None
        if spare is not None:
            await (await spare).stop()

    def fail(self, error: str) -> None:
        """Keep what is wrong with the files; empty: nothing."""
        self.error = error
        for tell in tuple(self._told):
            tell()

    def listen(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Call ``tell`` at each change from now on; what is given back ends that."""
        self._told.add(tell)
        return lambda: self._told.discard(tell)

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        """The answer of the one in service, or why there is none yet."""
        serving = self._current
        if serving is None:
            return _unready(self.error)
        answer = await serving.invoke(payload, request_id=request_id, timeout_s=timeout_s)
        if isinstance(answer, dict) and RECORD in answer:
            self._records[request_id] = answer.pop(RECORD)
            if len(self._records) > _RECORDS_MAX:  # of callers who have left
                self._records.pop(next(iter(self._records)))
        return answer

    def take_record(self, request_id: str) -> Mapping[str, Any] | None:
        """What the function told of a request beside its answer; once."""
        return self._records.pop(request_id, None)

    async def _prepare(self) -> Prepared:
        spare = self._make()
        await spare.prepare()
        return spare

    async def stop(self) -> None:
        """Stop the one in service and the spare one, and wait for those that leave."""
        if self._spare is not None:
            await (await self._spare).stop()
        if self._current is not None:
            await self._current.function.stop()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _saved(self, function: Function) -> str:
        """What is wrong with the saved operations; they do not keep the API from serving."""
        if not self._has_local_events:
            return ""
        told = await function.invoke(SAVED, request_id="saved", timeout_s=_ASK_S)
        return str(told["error"])


class _Serving:
    """One function, and how many requests are under way in it."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        self._under_way += 1
        self._idle.clear()
        try:
            return await self.function.invoke(payload, request_id=request_id, timeout_s=timeout_s)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def leave(self) -> None:
        """Stop it when its last request has its answer: it gets no new ones."""
        await self._idle.wait()
        await self.function.stop()


def _unready(error: str) -> dict[str, Any]:
    """The answer while the SDL has never been right."""
    body = {"errors": [{"message": error, "extensions": {"code": SCHEMA_INVALID}}]}
    return {
        "statusCode": 503,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "multiValueHeaders": {},
        "body": orjson.dumps(body).decode(),
        "isBase64Encoded": False,
    }
