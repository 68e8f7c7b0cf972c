"""Budgets in a real Redis, alone and as a cluster: exact, shared, and harmless when they fail."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import pytest
import pytest_asyncio
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aurora_graphql.dev.servers import RedisServer
from handler.engine.cost_rate_limits import CostRateLimits, price
from handler.errors import LimitError, RateLimitedError
from handler.stores.deadline import Deadline
from handler.stores.redis.cache import RedisCache
from handler.stores.redis.rate_limiter import SCRIPT, WINDOW_S, Spent, spend
from tests.frozen import frozen
from tests.integration.caches import ByHand, Connect, cluster, connect, patient_client, redis_url

__all__ = ["cluster", "connect", "redis_url"]  # fixtures

KEY = "aurora:budget:someone"
WINDOW_US = WINDOW_S * 1_000_000


@pytest_asyncio.fixture
async def one(cache_url: str) -> AsyncIterator[RedisCache]:
    """A client of one server."""
    cache = patient_client(cache_url)
    yield cache
    await cache.close()


async def take(cache: RedisCache, cost: int, budget: int, key: str = KEY) -> Spent:
    spent = await spend(cache, key, cost, budget, 5.0)
    assert spent is not None
    return spent


async def test_a_budget_is_spent_and_no_more(connect: Connect) -> None:
    cache = connect()
    first, second, third = [await take(cache, 40, 100) for _ in range(3)]
    assert (first, second.is_allowed) == (Spent(is_allowed=True, used=0, wait_s=0), True)
    assert 20 < second.used <= 40  # some of it has come back meanwhile
    assert not third.is_allowed
    assert 0 < third.wait_s <= 12  # 20 of 100 a minute are missing
    assert third.used <= 80


async def test_what_is_refused_takes_nothing(connect: Connect) -> None:
    cache = connect()
    await take(cache, 60, 100)
    for _ in range(20):
        assert not (await take(cache, 90, 100)).is_allowed
    assert (await take(cache, 40, 100)).is_allowed


async def test_64_at_once_never_take_more_than_there_is(connect: Connect) -> None:
    caches = [connect() for _ in range(8)]
    for cache in caches:
        await take(cache, 1, 10, "aurora:budget:another")  # connected
        await ByHand(cache).delete("aurora:budget:another")
    began = time.monotonic()
    spent = await asyncio.gather(*(take(caches[at % 8], 60, 600) for at in range(64)))
    came_back = (time.monotonic() - began) * 600 / WINDOW_S
    allowed = sum(each.is_allowed for each in spent)
    assert 10 <= allowed <= 10 + math.floor(came_back / 60)
    assert {each.is_allowed for each in spent} == {True, False}


async def test_callers_do_not_touch_each_other(connect: Connect) -> None:
    cache = connect()
    for number in range(50):
        assert (await take(cache, 100, 100, f"aurora:budget:{number}")).is_allowed
        assert not (await take(cache, 100, 100, f"aurora:budget:{number}")).is_allowed


async def test_a_key_lives_until_the_budget_is_full_again(connect: Connect) -> None:
    cache = connect()
    await take(cache, 25, 100)
    assert 0 < await ByHand(cache).pttl(KEY) <= 15_000
    await take(cache, 75, 100)
    assert 45_000 < await ByHand(cache).pttl(KEY) <= 60_000


# ------------------------------------------------------------------- what else may stand there


@pytest.mark.parametrize(
    "ahead_us",
    [
        pytest.param(3_600_000_000, id="set-back-an-hour"),
        pytest.param(WINDOW_US + 10_000_000, id="set-back-ten-seconds"),
        pytest.param(-3_600_000_000, id="set-forward-an-hour"),
    ],
)
async def test_a_clock_that_jumps_gives_one_budget_and_takes_none(
    connect: Connect, ahead_us: int
) -> None:
    """The server's clock jumps against the stored moment, which is all that can be moved here."""
    cache = connect()
    await ByHand(cache).set(KEY, str(int(time.time() * 1_000_000) + ahead_us))
    assert (await take(cache, 100, 100)).is_allowed
    assert not (await take(cache, 100, 100)).is_allowed


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"-1",
        b"1e300",
        b"inf",
        b"nan",
        b"0x7fffffffffff",
        b" 1",
        b"9" * 16,
        b"9" * 400,
        b"\xff\xfe",
        b"1\n",
    ],
)
async def test_an_odd_value_is_a_full_budget_and_mended(connect: Connect, odd: bytes) -> None:
    cache = connect()
    await ByHand(cache).set(KEY, odd)
    assert (await take(cache, 100, 100)).is_allowed
    assert not (await take(cache, 100, 100)).is_allowed
    assert (await ByHand(cache).get(KEY)).isdigit()


async def test_keys_of_other_types_are_mended(connect: Connect) -> None:
    cache = connect()
    client = ByHand(cache)
    for fill in (client.rpush, client.sadd):
        await client.delete(KEY)
        await fill(KEY, "x")
        assert (await take(cache, 100, 100)).is_allowed
        assert not (await take(cache, 100, 100)).is_allowed


async def test_any_bytes_are_a_budget_between_empty_and_full(one: RedisCache) -> None:
    chance, client = random.Random(3), ByHand(one)
    for _ in range(300):
        good = b"%d" % (time.time_ns() // 1_000 + chance.randrange(-WINDOW_US, WINDOW_US))
        at = chance.randrange(len(good))
        odd = chance.choice((good, good[:at], chance.randbytes(at), good[:at] + b"x" + good[at:]))
        await client.set(KEY, odd)
        spent = await take(one, 50, 100)
        assert 0 <= spent.used <= 100
        assert 0 <= spent.wait_s <= WINDOW_S


# ----------------------------------------------------------------------- against a token bucket


steps = st.lists(
    st.tuples(st.integers(0, 2 * WINDOW_US), st.floats(0.001, 1)), min_size=1, max_size=20
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(budget=st.integers(1, 1_000_000), steps=steps)
def test_it_lets_through_what_a_token_bucket_does(
    cache_url: str, budget: int, steps: list[tuple[int, float]]
) -> None:
    """The same script, with a clock that the test moves, beside exact arithmetic."""
    script = SCRIPT.replace("redis.call('TIME')", "{ARGV[4], ARGV[5]}")
    script = script.replace("math.ceil(full / 1000)", "600000")
    assert script.count("ARGV") == 5
    assert "600000" in script
    full, now = Fraction(budget), 1_800_000_000_000_000
    tokens, taken = full, list[tuple[int, int]]()
    with redis.Redis.from_url(cache_url) as client:
        client.delete(KEY)

        def ask(cost: int, at: int) -> list[int]:
            clock = (at // 1_000_000, at % 1_000_000)
            found: list[int] = client.eval(script, 1, KEY, cost, budget, WINDOW_S, *clock)
            return found

        for number, (pause_us, part) in enumerate(steps, start=1):
            now += pause_us
            tokens = min(full, tokens + full * pause_us / WINDOW_US)
            cost = max(1, int(budget * part))
            is_allowed, used, wait_us = ask(cost, now)
            rounding = full * number / WINDOW_US  # a microsecond for each step
            assert abs((full - tokens) - used) <= 1 + rounding
            if is_allowed:
                assert cost <= tokens + rounding
                tokens = max(Fraction(0), tokens - cost)
                taken.append((now, cost))
            else:
                assert cost > tokens - rounding
                assert abs((cost - tokens) * WINDOW_US / full - wait_us) <= number + 1
                assert ask(cost, now + wait_us - 1)[0] == 0
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            passed = taken[last][0] - taken[first][0]
            most = full * (1 + Fraction(passed, WINDOW_US))
            assert sum(cost for _, cost in taken[first : last + 1]) <= most + rounding


# ------------------------------------------------------------------------------- when it fails


async def test_a_cache_that_is_away_refuses_nobody(tmp_path: Path) -> None:
    cache = RedisCache(f"unix://{tmp_path}/nowhere.sock")
    budgets = CostRateLimits(cache, "shop")
    for _ in range(20):
        await budgets.spend("someone", 100, 100, Deadline.after(20))
    assert budgets.counts == {"budget unknown": 20}


async def test_a_cache_that_hangs_costs_its_time_out_and_refuses_nobody(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        cache = RedisCache(server.url, timeout_s=0.02)
        budgets = CostRateLimits(cache, "shop")
        assert server.pid is not None
        with frozen(server.pid):
            for _ in range(20):
                await budgets.spend("someone", 100, 100, Deadline.after(20))
        await cache.close()
    assert budgets.counts == {"budget unknown": 20}
    assert cache.counts["skipped"] > 0  # the breaker: not a time-out for each


async def test_a_full_cache_refuses_nobody_and_is_not_taken_for_dead(one: RedisCache) -> None:
    client = ByHand(one)
    before = await client.config_get("maxmemory*")
    try:
        await client.config_set("maxmemory-policy", "noeviction")
        await client.config_set("maxmemory", "1")
        for _ in range(10):
            assert await spend(one, KEY, 100, 100, 5.0) is None
    finally:
        for name in ("maxmemory", "maxmemory-policy"):
            await client.config_set(name, str(before[name]))
    assert (one.counts["refused"], one.counts["failed"]) == (10, 0)
    assert (await take(one, 100, 100)).is_allowed


async def test_a_replica_refuses_nobody(one: RedisCache) -> None:
    client = ByHand(one)
    await client.replicaof("127.0.0.1", "1")
    try:
        assert await spend(one, KEY, 100, 100, 5.0) is None
    finally:
        await client.replicaof("NO", "ONE")
    assert (await take(one, 100, 100)).is_allowed


# --------------------------------------------------------------------------------- the refusal


async def test_a_refusal_says_limit_used_and_when(one: RedisCache) -> None:
    budgets = CostRateLimits(one, "shop")
    await budgets.spend("someone", 80, 100, Deadline.after(20))
    with pytest.raises(RateLimitedError) as raised:
        await budgets.spend("someone", 50, 100, Deadline.after(20))
    error = raised.value
    assert set(error.extensions) == {"cost", "limit", "used", "retryAfterS"}
    assert (error.extensions["cost"], error.extensions["limit"]) == (50, 100)
    assert 1 <= error.retry_after_s == error.extensions["retryAfterS"] <= 18
    assert 0 < error.extensions["used"] <= 80
    assert budgets.counts == {"budget spent": 1, "budget refused": 1}


async def test_what_never_fits_is_told_so_and_takes_nothing(one: RedisCache) -> None:
    budgets = CostRateLimits(one, "shop")
    with pytest.raises(LimitError, match="takes up to 101 out of the budget of this caller") as e:
        await budgets.spend("someone", 101, 100, Deadline.after(20))
    assert e.value.extensions == {"cost": 101, "limit": 100}
    await budgets.spend("someone", 100, 100, Deadline.after(20))


async def test_apis_that_share_a_cache_do_not_share_budgets(one: RedisCache) -> None:
    for database in ("shop", "library"):
        await CostRateLimits(one, database).spend("someone", 100, 100, Deadline.after(20))


async def test_who_it_is_does_not_stand_in_the_cache(one: RedisCache) -> None:
    await CostRateLimits(one, "shop").spend("ann@example.com", 100, 100, Deadline.after(20))
    (key,) = await ByHand(one).keys("*")
    assert b"ann" not in key


def test_the_price_counts_rows_and_statements() -> None:
    assert price(0.0, 0) == 1
    assert price(20.5, 0) == 21
    assert price(20.0, 3) == 50
