"""Exponential back-off: growing pauses after several failures to connect in a row."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from msgspec import Struct

from handler.errors import UpstreamError

CONNECT_TIMEOUT_S = 5.0
AGAIN_AFTER_S = 0.05  # between two tries to connect
_PROBE_S = 1.0  # for a connection to a database that has refused some: a quick error is better
_LONGEST_PAUSE_S = 1.0


class BackOff(Struct):
    """The number of failures to connect in a row, and the cause of the last."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    cause: str = ""  # of the last one; empty after a success
    until_s: float = 0.0

    def limit_s(self) -> float:
        """The time limit for a new connection. Raises ``UpstreamError`` during a pause."""
        if self.failures < 2:
            return CONNECT_TIMEOUT_S
        if self.clock() < self.until_s:
            raise UpstreamError(
                self.with_cause(f"the database refused {self.failures} connections: a pause")
            )
        return _PROBE_S

    def failed(self, cause: Exception) -> None:
        """Count a failure to connect."""
        self.failures += 1
        self.cause = str(cause)
        pause_s = min(_LONGEST_PAUSE_S, AGAIN_AFTER_S * 2 ** min(self.failures, 10))
        self.until_s = self.clock() + pause_s * random.uniform(0.5, 1)  # noqa: S311

    def succeeded(self) -> None:
        """Reset after a successful connection."""
        self.failures = 0
        self.cause = ""

    def with_cause(self, text: str) -> str:
        """The text of an error, with the cause of the last failure to connect, if there was one."""
        return f"{text}; the last one: {self.cause}" if self.cause else text
