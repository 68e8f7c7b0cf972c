"""Rate limits by cost: what a caller may have run in a minute.

The cost of an operation is taken out of its caller's budget when the operation is about to run; a
cached answer costs nothing, because nothing runs. Where the cache is away, the operation runs,
under the limits for a single one, and that is counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from handler.answer import Quota
from handler.errors import LimitError, RateLimitedError
from handler.stores.redis.rate_limiter import spend

if TYPE_CHECKING:
    from handler.stores.deadline import Deadline
    from handler.stores.redis.rate_limiter import Scripting

STATEMENT_COST = 10  # of one statement beside its rows, which the cost of the operation counts

# Takes a price out of the caller's budget, or raises ``ClientError``.
Pay: TypeAlias = "Callable[[int, Deadline], Awaitable[None]]"


def price(cost: float, statements: int) -> int:
    """What an operation takes out of a budget: its cost, and some for each statement."""
    return max(1, math.ceil(cost) + STATEMENT_COST * statements)


class CostRateLimits(Struct):
    """The budgets of all callers of one API. ``counts`` are its metrics."""

    cache: Scripting
    database: str  # tells APIs that share a cache apart
    counts: Counter[str] = field(default_factory=Counter)

    async def spend(
        self, identity: str, cost: int, per_minute: int, deadline: Deadline
    ) -> Quota | None:
        """Take ``cost`` out of the budget of the caller with that identity.

        What is left is None where the cache is away, so that nothing is counted.

        Raises ``RateLimitedError`` if it does not hold that much now, and ``LimitError`` if it
        never will.
        """
        if cost > per_minute:
            self.counts["budget too small"] += 1
            raise LimitError(
                f"The operation takes up to {cost} out of the budget of this caller, which is"
                f" {per_minute} a minute.",
                extensions={"cost": cost, "limit": per_minute},
            )
        # The identity may be a person's address: the cache gets to know its hash.
        owner = f"{self.database}\0{identity}".encode("utf-8", "surrogatepass")
        key = f"aurora:budget:{blake2b(owner, digest_size=16).hexdigest()}"
        spent = await spend(self.cache, key, cost, per_minute, deadline.cache_s())
        if spent is None:
            self.counts["budget unknown"] += 1
            return None
        if spent.is_allowed:
            self.counts["budget spent"] += 1
            return Quota(per_minute, spent.used + cost)
        self.counts["budget refused"] += 1
        raise RateLimitedError(
            cost=cost, limit=per_minute, used=spent.used, retry_after_s=math.ceil(spent.wait_s)
        )
