"""What one request has left: time, of which every await gets its share, its second try, and what it
may read and write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from handler.stores.request_budget import RequestBudget


class Tries(Struct):
    """Whether a request has lost something that it asked for, and asks a second and last time.

    A request is tried twice and not each of its statements: whatever was under way when the first
    one was lost may be asked once more, and what is asked later may not.
    """

    is_second: bool = False


class Deadline(Struct, frozen=True, eq=False):
    """A moment of a monotonic clock; tries and budget of the request that it belongs to."""

    at_s: float
    clock: Callable[[], float] = time.monotonic
    tries: Tries = field(default_factory=Tries)
    budget: RequestBudget = field(default_factory=RequestBudget)  # without limits

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Self:
        """The moment in so many seconds."""
        return cls(clock() + seconds, clock)

    def within(self, seconds: float) -> Self:
        """The moment in so many seconds if that is sooner; for a part of the same request."""
        return replace(self, at_s=min(self.at_s, self.clock() + seconds))

    def bounded(self, budget: RequestBudget) -> Self:
        """The same moment for a request that has a budget."""
        return type(self)(self.at_s, self.clock, self.tries, budget)

    def remaining_s(self) -> float:
        """Seconds left; zero when it has passed."""
        return max(0.0, self.at_s - self.clock())
