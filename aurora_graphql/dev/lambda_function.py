"""A Lambda function on this machine: execution environments of the real runtime client, as needed.

A request takes the environment that was idle last, or starts another one; at the limit it is turned
away, as Lambda does. An environment serves one event at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from aurora_graphql.dev.lambda_environment import Configuration, LambdaEnvironment
from aurora_graphql.gateway.function import BusyError, FunctionError, FunctionTimeoutError


class LambdaFunction:
    """Environments of one configuration, ``concurrency`` at most."""

    def __init__(
        self, configuration: Configuration, concurrency: int, log: Callable[[str], None]
    ) -> None:
        self._configuration = configuration
        self._concurrency = concurrency
        self._log = log
        self._idle: list[LambdaEnvironment] = []
        self._all: set[LambdaEnvironment] = set()
        self._running: set[asyncio.Task[bytes]] = set()

    @property
    def environments(self) -> frozenset[LambdaEnvironment]:
        """Those that there are, busy or idle."""
        return frozenset(self._all)

    async def start(self) -> None:
        """Start one environment, so that a mistake shows at once; ``FunctionError`` if it fails."""
        environment = self._add()
        try:
            await environment.start()
        except BaseException:
            await self.stop()
            raise
        self._idle.append(environment)

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        """The function's answer, any JSON value.

        ``timeout_s``: how long the caller waits. The function goes on after that, until its own
        time is over.
        """
        if self._idle:
            environment = self._idle.pop()
        elif len(self._all) < self._concurrency:
            environment = self._add()
        else:
            raise BusyError(f"TooManyRequestsException: {self._concurrency} environments are busy")
        task = asyncio.create_task(self._use(environment, payload, request_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.wait((task,), timeout=timeout_s)
        if not task.done():
            task.add_done_callback(_forget)
            raise FunctionTimeoutError(f"no answer within {timeout_s:g} s")
        if task.cancelled():
            raise FunctionError("the function was stopped")
        return orjson.loads(task.result())

    async def stop(self) -> None:
        """End all environments; what they were at is lost."""
        environments, self._all = self._all, set()
        self._idle.clear()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.gather(*(each.stop() for each in environments))

    def _add(self) -> LambdaEnvironment:
        environment = LambdaEnvironment(self._configuration, self._log)
        self._all.add(environment)
        return environment

    async def _use(self, environment: LambdaEnvironment, payload: bytes, request_id: str) -> bytes:
        try:
            return await environment.invoke(payload, request_id)
        finally:
            if environment in self._all:  # not while all are being stopped
                self._idle.append(environment)


def _forget(task: asyncio.Task[bytes]) -> None:
    """What went wrong stands in the environment's log; nobody waits for it here any more."""
    if not task.cancelled():
        task.exception()
