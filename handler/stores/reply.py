"""What a connection waits for, of the database or of the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any


class Reply(asyncio.Future[Any]):
    """What the server will say. Who awaits it goes on at once when that has arrived, where the loop
    would come back to it a turn later, after another look at all sockets."""

    _goes_on: tuple[Callable[[Reply], object], Context] | None = None

    def add_done_callback(
        self, fn: Callable[[Reply], object], /, *, context: Context | None = None
    ) -> None:
        super().add_done_callback(fn, context=context)
        if context is not None:  # of the task that awaits
            self._goes_on = fn, context

    def arrive(self, result: Any) -> None:
        """Set the result, and let go on who awaits it. No task may be running."""
        if self._goes_on is None:
            self.set_result(result)
            return
        go_on, context = self._goes_on
        self.remove_done_callback(go_on)
        self.set_result(result)
        context.run(go_on, self)
