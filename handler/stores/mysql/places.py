"""A number of places, for as many as may use something at once; others wait in their order.

A place that is free is taken without an await, as ``asyncio.Semaphore`` does not allow.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Places:
    """So many places, of which ``free`` are free.

    Who takes one of them, or gives one back while nobody is ``waiting``, may count by itself.
    """

    def __init__(self, count: int) -> None:
        self.free = count
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Take a place, once there is one."""
        if self.free:
            self.free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # it came too late
            raise

    def leave(self) -> None:
        """Give a place back, or on to who has waited longest."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
