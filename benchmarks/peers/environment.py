"""This project as one environment of Lambda's has it: a process that answers one at a time.

``python -m benchmarks.peers.environment URL SDL_DIR`` reads and writes the lines of
``program.mjs``; ``ask`` is an event of the gateway. It imports what a request needs and no more,
for its memory is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import sys
import time
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace

from handler.app import App
from handler.settings import Settings

BUDGET_S = 20.0


async def answer_lines(url: str, sdl_dir: Path) -> None:
    """Serve until the input ends."""
    settings = Settings.from_environ({"DATABASE_URL": url, "AUTH": "off", "POOL_SIZE": "4"})
    with contextlib.redirect_stdout(io.StringIO()):  # its log, which nobody reads
        app = await App.start(replace(settings, sdl_dir=sdl_dir))
    write({"ready": True})
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        write(await run(app, **orjson.loads(line)))
    await app.close()


async def run(
    app: App,
    *,
    ask: dict[str, Any],
    calls: float = float("inf"),
    seconds: float = float("inf"),
    untimed: int = 0,
    engine: str = "",
) -> dict[str, Any]:
    """Answer the same event again and again, ``calls`` times or for some seconds."""
    wall: list[int] = []
    cpu: list[int] = []
    answer = ""
    gc.collect()
    for _ in range(untimed):
        await app.handle(ask, budget_s=BUDGET_S)
    end = time.perf_counter() + seconds
    while len(wall) < calls and time.perf_counter() < end:
        wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
        answer = (await app.handle(ask, budget_s=BUDGET_S))["body"]
        cpu.append(time.process_time_ns() - cpu_ns)
        wall.append(time.perf_counter_ns() - wall_ns)
    return {"answer": answer, "wall_ns": wall, "cpu_ns": cpu}


def write(line: dict[str, Any]) -> None:
    """To the process that asks."""
    sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(answer_lines(sys.argv[1], Path(sys.argv[2])))
