"""Batches of loaders that are not lost: both libraries start a task and keep no reference to it.

The loop's is weak, and so is that of a stream to its reader: while a task opens a connection for
the pool, the collector of garbage may take both, and the request is never answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

_running: set[asyncio.Task[Any]] = set()


async def held(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns, run by a task that is referred to until it ends."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await task
