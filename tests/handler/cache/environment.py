"""A cache of one question, the source of its answers, and environments that ask."""

from __future__ import annotations

import asyncio

from handler.answer import Answer, Lifetime, tag_of
from handler.answer import Source as AnswerSource
from handler.cache.response_cache import ResponseCache
from handler.compiler.freshness import CachePolicy
from handler.stores.deadline import Deadline
from handler.stores.redis.versions import shard_of
from tests.handler.execution.memory_cache import MemoryCache

POLICY = CachePolicy(Lifetime(60, 30), ("customers", "orders"))
DIGEST = "0123456789abcdef"
ANSWER = f"aurora:{{{shard_of(DIGEST)}}}:answer:{DIGEST}"
LOCK = f"aurora:{{{shard_of(DIGEST)}}}:lock:{DIGEST}"


class Source:
    """Computes numbered answers and counts them."""

    def __init__(self) -> None:
        self.count = 0
        self.policy = POLICY
        self.is_final = True
        self.is_negative = False
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.size = 0
        self.remaining_s = 0.0
        self.began = asyncio.Event()

    async def __call__(self, deadline: Deadline) -> Answer:
        self.count += 1
        self.remaining_s = deadline.remaining_s()
        number = self.count
        self.began.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        data = b'{"number":%d}' % number + b" " * self.size
        lifetime = self.policy.lifetime
        if self.is_negative:
            lifetime = lifetime.of_nothing()
        return Answer(data, lifetime=lifetime if self.is_final else None)


def again(source: AnswerSource, age_s: float, error_s: int = 0) -> Answer:
    """The first answer of a ``Source``, given again."""
    lifetime, data = Lifetime(60, 30, error_s), b'{"number":1}'
    return Answer(data, (), lifetime, age_s=age_s, source=source, tag=tag_of(data))


class Environment:
    """One execution environment over a shared cache."""

    def __init__(self, cache: MemoryCache, *, local_s: float = 0.0) -> None:
        self.cache = cache
        self.responses = ResponseCache(cache, "shop", cache.clock, local_s=local_s)

    async def ask(
        self,
        source: Source,
        policy: CachePolicy = POLICY,
        *,
        digest: str = DIGEST,
        budget_s: float = 20.0,
    ) -> Answer:
        source.policy = policy
        return await self.responses.answer(digest, policy, source, Deadline.after(budget_s))
