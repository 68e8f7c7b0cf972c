"""The lines of JSON that the programs of Python here read and write, as ``program.mjs`` does.

A line says what to ask and how often; the answer to it has the last body and nanoseconds of each
call. It imports nothing of this project: ``python`` has other packages.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

Answer = Callable[[Any], Awaitable[str]]


async def serve(answer: Answer) -> None:
    """Answer lines until the input ends."""
    _write({"ready": True})
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        _write(await _run(answer, **orjson.loads(line)))


async def _run(
    answer: Answer,
    *,
    ask: Any,
    calls: float = float("inf"),
    seconds: float = float("inf"),
    untimed: int = 0,
    engine: str = "",
) -> dict[str, Any]:
    """Ask the same again and again, ``calls`` times or for some seconds."""
    wall: list[int] = []
    cpu: list[int] = []
    body = ""
    gc.collect()
    for _ in range(untimed):
        await answer(ask)
    end = time.perf_counter() + seconds
    while len(wall) < calls and time.perf_counter() < end:
        wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
        body = await answer(ask)
        cpu.append(time.process_time_ns() - cpu_ns)
        wall.append(time.perf_counter_ns() - wall_ns)
    return {"answer": body, "wall_ns": wall, "cpu_ns": cpu}


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
