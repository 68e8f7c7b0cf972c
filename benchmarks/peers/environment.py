"""This project as one environment of Lambda's has it: a process that answers one at a time.

``python -m benchmarks.peers.environment URL SDL_DIR`` reads and writes the lines of
``program.mjs``; ``ask`` is an event of the gateway. It imports what a request needs and no more,
for its memory is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from benchmarks.peers.lines import serve
from handler.app import App
from handler.settings import Settings

BUDGET_S = 20.0


async def answer_lines(url: str, sdl_dir: Path) -> None:
    """Serve until the input ends."""
    settings = Settings.from_environ({"DATABASE_URL": url, "AUTH": "off", "POOL_SIZE": "4"})
    with contextlib.redirect_stdout(io.StringIO()):  # its log, which nobody reads
        app = await App.start(replace(settings, sdl_dir=sdl_dir))

    async def answer(event: dict[str, Any]) -> str:
        return (await app.handle(event, budget_s=BUDGET_S))["body"]

    await serve(answer)
    await app.close()


if __name__ == "__main__":
    asyncio.run(answer_lines(sys.argv[1], Path(sys.argv[2])))
