"""The answers that an environment keeps for itself, for seconds."""

from __future__ import annotations

from handler.answer import Answer, Lifetime
from handler.cache.local_tier import ANSWER_BYTES, MAX_BYTES, LocalTier
from tests.handler.cache.environment import Environment, Source, again
from tests.handler.execution.memory_cache import MemoryCache


async def test_local_tier_asks_nobody_for_its_seconds(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache, local_s=2.0)
    await environment.ask(source)
    cache.calls.clear()
    cache.clock.now += 1.5
    assert await environment.ask(source) == again("local", 1.5)
    assert cache.calls == []
    cache.clock.now += 0.5
    assert (await environment.ask(source)).source == "hit"


async def test_local_tier_is_bounded_in_bytes(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache, local_s=60.0)
    source.size = 400_000
    for number in range(40):
        await environment.ask(source, digest=f"{number:016}")
    tier = environment.responses._local
    assert sum(len(found.data or b"") for found, _ in tier._answers.values()) <= MAX_BYTES
    assert 10 < len(tier._answers) < 20
    assert (await environment.ask(source, digest=f"{39:016}")).source == "local"
    assert (await environment.ask(source, digest=f"{0:016}")).source == "hit"


async def test_local_tier_counts_small_answers_as_well(cache: MemoryCache) -> None:
    tier = LocalTier(60.0, cache.clock, max_bytes=10 * ANSWER_BYTES)
    for number in range(100):
        tier.put(f"{number}", Answer(b"{}", lifetime=Lifetime(60)))
    assert len(tier._answers) == 9


async def test_local_tier_is_off_by_default(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    assert (await environment.ask(source)).source == "hit"
