"""The deadline of a request, with its second try, its budget of rows and bytes, and its meter."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from handler.stores.meter import Meter
from handler.stores.request_budget import RequestBudget

CACHE_S = 0.25  # for one round trip to the cache, of which the first has to make a connection


class Tries(Struct):
    """Whether a request has lost a connection and is in its second, last try.

    The request is tried twice, not each statement: what was under way when the first connection was
    lost may be repeated once, later statements may not.
    """

    is_second: bool = False


class Deadline(Struct, frozen=True, eq=False):
    """A time of the monotonic clock, with the tries, the budget and the meter of its request."""

    at_s: float
    clock: Callable[[], float] = time.monotonic
    tries: Tries = field(default_factory=Tries)
    budget: RequestBudget = field(default_factory=RequestBudget)  # without limits
    meter: Meter = field(default_factory=Meter)

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Self:
        """The deadline in so many seconds."""
        return cls(clock() + seconds, clock)

    def within(self, seconds: float) -> Self:
        """The deadline in so many seconds, if that is sooner: for a part of the same request."""
        return replace(self, at_s=min(self.at_s, self.clock() + seconds))

    def bounded(self, budget: RequestBudget) -> Deadline:
        """The same deadline with a budget."""
        return Deadline(self.at_s, self.clock, self.tries, budget, self.meter)

    def cache_s(self) -> float:
        """The share of the time left that one round trip to the cache may take, in seconds."""
        return min(CACHE_S, self.remaining_s() / 4)

    def remaining_s(self) -> float:
        """Seconds left; zero when it has passed."""
        left_s = self.at_s - self.clock()
        return left_s if left_s > 0 else 0.0
