"""One process of Ariadne or Strawberry, which reads and writes the lines of ``program.mjs``.

``python -m benchmarks.peers.python.program ENGINE SOCKET USER PASSWORD DATABASE CURSOR``; the last
is any cursor of the list of orders.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import time
from types import SimpleNamespace
from typing import Any

import orjson

from benchmarks.handwritten import OrderCursors, open_pool


async def answer_lines(engine: str, url: Any, cursors: OrderCursors) -> None:
    """Serve until the input ends."""
    module = importlib.import_module(f"benchmarks.peers.python.{engine}_engine")
    async with open_pool(url) as pool:
        answer = module.start(pool, cursors)
        write({"ready": True})
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            write(await run(answer, **orjson.loads(line)))


async def run(
    answer: Any,
    *,
    ask: str,
    calls: float = float("inf"),
    seconds: float = float("inf"),
    untimed: int = 0,
    engine: str = "",
) -> dict[str, Any]:
    """Answer the same body again and again, ``calls`` times or for some seconds."""
    wall: list[int] = []
    cpu: list[int] = []
    body = b""
    gc.collect()
    for _ in range(untimed):
        await answer(ask)
    end = time.perf_counter() + seconds
    while len(wall) < calls and time.perf_counter() < end:
        wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
        body = await answer(ask)
        cpu.append(time.process_time_ns() - cpu_ns)
        wall.append(time.perf_counter_ns() - wall_ns)
    return {"answer": body.decode(), "wall_ns": wall, "cpu_ns": cpu}


def write(line: dict[str, Any]) -> None:
    """To the process that asks."""
    sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    chosen, socket, user, password, database, cursor = sys.argv[1:]
    place = SimpleNamespace(
        host="localhost",
        port=3306,
        unix_socket=socket,
        user=user,
        password=password,
        database=database,
    )
    asyncio.run(answer_lines(chosen, place, OrderCursors(cursor)))
