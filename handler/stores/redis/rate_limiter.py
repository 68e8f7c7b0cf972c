"""A rate limiter: a budget that refills, in one key of the cache, spent from in one round trip.

The key holds one number, the microsecond of the server's clock at which the budget will be full
again (the generic cell rate algorithm, which admits the same as a token bucket). An absent key is a
full budget, and its time to live ends when the budget is full. An invalid value counts as a full
budget: another type, no number, or a time more than a minute ahead, as after the server's clock has
been set back.
Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

WINDOW_S: Final = 60  # in which an empty budget fills up

# One key, as every node of a cluster and ElastiCache Serverless demand. It is sent whole each time:
# 1 KB, for no second round trip to a node that does not know it yet.
SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, budget = tonumber(ARGV[1]), tonumber(ARGV[2])
local window = tonumber(ARGV[3]) * 1000000
local known = redis.pcall('GET', KEYS[1])
local debt = 0
if type(known) == 'string' and #known <= 16 and string.match(known, '^%d+$') then
  debt = math.max(tonumber(known) - now, 0)
  if debt > window then debt = 0 end
end
local price = math.ceil(cost * window / budget)
local used = math.ceil(debt * budget / window)
if debt + price > window then return {0, used, debt + price - window} end
local full = debt + price
redis.call('SET', KEYS[1], string.format('%.0f', now + full), 'PX', math.ceil(full / 1000))
return {1, used, 0}
"""


class Scripting(Protocol):
    """A cache that runs scripts."""

    async def evaluate(
        self, script: str, key: str, arguments: Sequence[int], limit_s: float
    ) -> list[int] | None:
        """The integers that a script over one key returns; None if the cache is unreachable."""


class Spent(Struct, frozen=True):
    """The result of spending. ``used``: of the budget, before this."""

    is_allowed: bool
    used: int
    wait_s: float  # until this would have been allowed


async def spend(cache: Scripting, key: str, cost: int, budget: int, limit_s: float) -> Spent | None:
    """Spend ``cost`` from a budget for each minute; None if the cache is unreachable.

    ``cost``: from 1 to ``budget``. A refusal spends nothing.
    """
    found = await cache.evaluate(SCRIPT, key, (cost, budget, WINDOW_S), limit_s)
    if found is None:
        return None
    is_allowed, used, wait_us = found
    return Spent(is_allowed == 1, used, wait_us / 1_000_000)
