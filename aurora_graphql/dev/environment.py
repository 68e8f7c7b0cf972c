"""The function in plain processes, fast and easy to debug; each serves one event at a time.

A process that ends or exceeds its time is replaced by the next request, as in Lambda.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from aurora_graphql.dev.runtime import LENGTH, SPARE
from aurora_graphql.gateway.function import FunctionError, FunctionTimeoutError

START_S = 60.0  # a cold disk; a warm start takes well under a second
STOP_S = 10.0


class Environment:
    """One process that holds the function."""

    def __init__(self, function: str, environ: Mapping[str, str]) -> None:
        """``function`` is the dotted name that Lambda would be given."""
        self._function = function
        self._environ = dict(environ)
        self._process: asyncio.subprocess.Process | None = None

    async def prepare(self) -> None:
        """Start the process, so that ``start`` has only to load the function."""
        await self._launch(SPARE)

    async def start(self) -> None:
        """Start the process and load the function; ``FunctionError`` with the reason if not."""
        if self._process is None or self._process.returncode is not None:
            await self._launch()
        else:
            self._write({"load": True})
        try:
            async with asyncio.timeout(START_S):
                first = await self._read()
        except BaseException:
            await self.stop()
            raise
        if "ready" not in first:
            await self.stop()
            raise FunctionError(first["error"], code=first.get("code", ""))

    async def _launch(self, *options: str) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "aurora_graphql.dev.runtime",
            self._function,
            *options,
            env=self._environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C goes to us; we stop the process in order
        )

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        """The function's answer, any JSON value."""
        if self._process is None or self._process.returncode is not None:
            await self.start()
        try:
            async with asyncio.timeout(timeout_s):
                event = orjson.Fragment(payload)
                self._write({"event": event, "request_id": request_id, "timeout_s": timeout_s})
                frame = await self._read()
        except TimeoutError:
            await self._kill()
            raise FunctionTimeoutError(f"no answer within {timeout_s:g} s") from None
        except asyncio.CancelledError:
            # Its answer would be taken for the next request's.
            await self._kill()
            raise
        if "answer" not in frame:
            raise FunctionError(frame["error"])
        return frame["answer"]

    async def stop(self) -> None:
        """Let the process end by itself, insist after a while."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            await self._kill()
        self._process = None

    def _write(self, value: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        data = orjson.dumps(value)
        self._process.stdin.write(LENGTH.pack(len(data)) + data)

    async def _read(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            head = await self._process.stdout.readexactly(LENGTH.size)
            return orjson.loads(await self._process.stdout.readexactly(LENGTH.unpack(head)[0]))
        except asyncio.IncompleteReadError:
            status = await self._process.wait()
            raise FunctionError(f"the process ended with status {status}") from None

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Environments:
    """A fixed number of environments; requests wait for a free one."""

    def __init__(self, function: str, count: int, environ: Mapping[str, str] = os.environ) -> None:
        self._all = [Environment(function, environ) for _ in range(count)]
        self._idle: asyncio.LifoQueue[Environment] = asyncio.LifoQueue()

    async def prepare(self) -> None:
        """Start their processes, without anything of the API: ``start`` will take less time."""
        for each in self._all:
            await each.prepare()

    async def start(self) -> None:
        """Start all of them; ``FunctionError`` if the function cannot be loaded."""
        try:
            for each in self._all:
                await each.start()
                self._idle.put_nowait(each)
        except BaseException:
            await self.stop()
            raise

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        """Call the function in the environment that was used last, while its caches are warm."""
        environment = await self._idle.get()
        try:
            return await environment.invoke(payload, request_id=request_id, timeout_s=timeout_s)
        finally:
            self._idle.put_nowait(environment)

    async def stop(self) -> None:
        """Stop all of them."""
        await asyncio.gather(*(each.stop() for each in self._all))
