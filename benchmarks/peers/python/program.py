"""One process of Ariadne or Strawberry, which reads and writes the lines of ``program.mjs``.

``python -m benchmarks.peers.python.program ENGINE SOCKET USER PASSWORD DATABASE CURSOR``; the last
is any cursor of the list of orders.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any

from benchmarks.handwritten import OrderCursors, open_pool
from benchmarks.peers.lines import serve


async def answer_lines(engine: str, url: Any, cursors: OrderCursors) -> None:
    """Serve until the input ends."""
    module = importlib.import_module(f"benchmarks.peers.python.{engine}_engine")
    async with open_pool(url) as pool:
        ask = module.start(pool, cursors)

        async def answer(body: str) -> str:
            return (await ask(body)).decode()  # type: ignore[no-any-return]  # of either engine

        await serve(answer)


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
