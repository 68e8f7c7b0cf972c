"""Interleaved measurements: every round times each contestant once, so that noise meets them all.

Wall time and the processor time of this process are both taken. Ratios are made within a round,
between neighbours in time, and their median is what counts: a machine that slows down for a while
changes both sides of a ratio.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TypeAlias

Call: TypeAlias = Callable[[], Awaitable[bytes]]

# So many calls -> nanoseconds of each, on the clock and of the processor.
Turn: TypeAlias = Callable[[int], Awaitable[tuple[Sequence[int], Sequence[int]]]]


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles, because times have a tail on one side."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of any number of values."""
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(median(values), low, high)

    def over(self, divisor: float) -> Spread:
        """The same in another unit."""
        return Spread(self.median / divisor, self.low / divisor, self.high / divisor)

    def digits(self, count: int) -> dict[str, float]:
        """As written to JSON."""
        return {
            "median": round(self.median, count),
            "low": round(self.low, count),
            "high": round(self.high, count),
        }


@dataclass(slots=True)
class Samples:
    """One number for each round: nanoseconds of one call."""

    wall_ns: list[float] = field(default_factory=list)
    cpu_ns: list[float] = field(default_factory=list)


async def interleave(
    calls: Mapping[str, Call], *, rounds: int, burst: int, warm_up: int
) -> dict[str, Samples]:
    """Time every call in turn, ``rounds`` times; see ``take_turns``."""
    turns = {name: here(call) for name, call in calls.items()}
    return await take_turns(turns, rounds=rounds, burst=burst, warm_up=warm_up)


async def take_turns(
    turns: Mapping[str, Turn], *, rounds: int, burst: int, warm_up: int
) -> dict[str, Samples]:
    """Time every contestant in turn, ``rounds`` times.

    A turn is ``burst`` calls, of which the median counts. Each round starts with another
    contestant. Garbage is collected between turns and as usual within them.
    """
    samples = {name: Samples() for name in turns}
    for turn in turns.values():
        await turn(warm_up)
    order = list(turns.items())
    for number in range(rounds):
        start = number % len(order)
        for name, turn in order[start:] + order[:start]:
            wall, cpu = await turn(burst)
            samples[name].wall_ns.append(median(wall))
            samples[name].cpu_ns.append(median(cpu))
    return samples


def here(call: Call) -> Turn:
    """Turns of a call in this process.

    The first call of a turn is not counted, because it finds the processor's caches full of its
    predecessor's data.
    """

    async def turn(burst: int) -> tuple[list[int], list[int]]:
        gc.collect()
        await call()
        wall, cpu = [], []
        for _ in range(burst):
            wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
            await call()
            cpu.append(time.process_time_ns() - cpu_ns)
            wall.append(time.perf_counter_ns() - wall_ns)
        return wall, cpu

    return turn


def ratios(values: Sequence[float], yardstick: Sequence[float]) -> Spread:
    """How many times the yardstick, round by round."""
    return Spread.of([value / base for value, base in zip(values, yardstick, strict=True)])
