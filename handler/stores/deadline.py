"""The time that one request has left: every await gets its share of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of a monotonic clock."""

    at_s: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Self:
        """The moment in so many seconds."""
        return cls(clock() + seconds, clock)

    def remaining_s(self) -> float:
        """Seconds left; zero when it has passed."""
        return max(0.0, self.at_s - self.clock())
