"""The caching of answers: who computes, who waits, who is given what, and what is never kept."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from handler.answer import Lifetime, tag_of
from handler.cache import response_cache
from handler.cache.entry import MAX_BODY_BYTES, Entry
from handler.compiler.freshness import CachePolicy
from handler.errors import UpstreamError
from handler.stores.redis.versions import change_versions, shard_of, version_key
from tests.handler.cache.environment import (
    ANSWER,
    DIGEST,
    LOCK,
    POLICY,
    Environment,
    Source,
    again,
)
from tests.handler.execution.memory_cache import MemoryCache


async def test_first_computes_and_second_is_given_it(cache: MemoryCache, source: Source) -> None:
    first = await Environment(cache).ask(source)
    cache.clock.now += 10
    second = await Environment(cache).ask(source)
    assert first == again("miss", 0.0)
    assert second == again("hit", 10.0)
    assert source.count == 1


async def test_an_answer_is_kept_with_the_tag_of_its_bytes(
    cache: MemoryCache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await Environment(cache).ask(source)
    assert first.tag == tag_of(first.data or b"")
    monkeypatch.setattr("handler.cache.response_cache.tag_of", None)  # a hit makes none
    assert (await Environment(cache).ask(source)).tag == first.tag


async def test_hit_is_one_round_trip_and_miss_is_three(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    assert cache.calls == ["read", "claim", "finish"]
    cache.calls.clear()
    await environment.ask(source)
    assert cache.calls == ["read"]


@pytest.mark.parametrize(
    ("passed_s", "state", "number"),
    [
        pytest.param(59.9, "hit", 1, id="fresh"),
        pytest.param(60.0, "miss", 2, id="old-is-refreshed-by-the-one-who-asks"),
        pytest.param(89.9, "miss", 2, id="still-old"),
        pytest.param(90.0, "miss", 2, id="gone"),
        pytest.param(3_600.0, "miss", 2, id="clock-jumped-an-hour-ahead"),
        pytest.param(-4.0, "hit", 1, id="clock-a-little-behind"),
        pytest.param(-3_600.0, "miss", 2, id="clock-jumped-an-hour-back"),
    ],
)
async def test_age(
    cache: MemoryCache, source: Source, passed_s: float, state: str, number: int
) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    cache.clock.now += passed_s
    found = await environment.ask(source)
    assert (found.source, found.data) == (state, b'{"number":%d}' % number)


async def test_one_refreshes_while_others_are_given_the_old(
    cache: MemoryCache, source: Source
) -> None:
    await Environment(cache).ask(source)
    cache.clock.now += 61
    source.gate = asyncio.Event()
    source.began.clear()
    elected = asyncio.create_task(Environment(cache).ask(source))
    await source.began.wait()
    others = [await Environment(cache).ask(source) for _ in range(5)]
    assert others == [again("stale", 61.0)] * 5
    source.gate.set()
    assert (await elected).data == b'{"number":2}'
    assert (await Environment(cache).ask(source)).data == b'{"number":2}'
    assert source.count == 2


async def test_a_write_ends_exactly_the_answers_over_its_tables(
    cache: MemoryCache, source: Source
) -> None:
    environment = Environment(cache)
    products = replace(POLICY, tables=("products",))
    await environment.ask(source)
    await environment.ask(source, products, digest="ffff")
    assert await change_versions(cache, "shop", ["orders"])
    touched = await environment.ask(source)
    untouched = await environment.ask(source, products, digest="ffff")
    assert (touched.source, untouched.source) == ("miss", "hit")
    assert await change_versions(cache, "other shop", ["orders", "products"])
    assert (await environment.ask(source)).source == "hit"


async def test_a_write_during_the_computation_ends_its_answer(
    cache: MemoryCache, source: Source
) -> None:
    source.gate = asyncio.Event()
    slow = asyncio.create_task(Environment(cache).ask(source))
    await source.began.wait()
    await change_versions(cache, "shop", ["customers"])
    source.gate.set()
    await slow
    assert (await Environment(cache).ask(source)).source == "miss"


async def test_dropped_versions_never_come_back(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    for table in POLICY.tables:
        del cache.values[version_key("shop", table, shard_of(DIGEST))]
    found = await environment.ask(source)
    assert found.data == b'{"number":2}'


async def test_same_question_in_one_environment_is_one_flight(
    cache: MemoryCache, source: Source
) -> None:
    environment = Environment(cache)
    found = await asyncio.gather(*(environment.ask(source) for _ in range(10)))
    assert source.count == 1
    assert sorted(each.source for each in found) == ["coalesced"] * 9 + ["miss"]
    assert {each.data for each in found} == {b'{"number":1}'}


async def test_64_cold_environments_compute_once(cache: MemoryCache, source: Source) -> None:
    found = await asyncio.gather(*(Environment(cache).ask(source) for _ in range(64)))
    assert source.count == 1
    assert {each.data for each in found} == {b'{"number":1}'}


async def test_failed_flight_takes_nobody_with_it(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache)
    source.error = UpstreamError("away")
    found = await asyncio.gather(
        *(environment.ask(source) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in found] == [UpstreamError] * 3
    assert LOCK not in cache.values
    source.error = None
    assert (await environment.ask(source)).source == "miss"


async def test_cancelled_request_gives_the_lock_back(cache: MemoryCache, source: Source) -> None:
    source.gate = asyncio.Event()
    environment = Environment(cache)
    request = asyncio.create_task(environment.ask(source))
    await source.began.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert LOCK not in cache.values
    source.gate.set()
    assert (await environment.ask(source)).data == b'{"number":2}'


async def test_answer_with_errors_is_not_kept(cache: MemoryCache, source: Source) -> None:
    source.is_final = False
    await Environment(cache).ask(source)
    assert ANSWER not in cache.values
    assert (await Environment(cache).ask(source)).data == b'{"number":2}'


async def test_negative_answer_is_kept_for_seconds(cache: MemoryCache, source: Source) -> None:
    source.is_negative = True
    environment = Environment(cache)
    await environment.ask(source)
    cache.clock.now += 4.9
    assert (await environment.ask(source)).source == "hit"
    cache.clock.now += 0.1
    assert (await environment.ask(source)).data == b'{"number":2}'


async def test_too_large_an_answer_is_not_kept(cache: MemoryCache, source: Source) -> None:
    source.size = MAX_BODY_BYTES
    environment = Environment(cache)
    await environment.ask(source)
    assert environment.responses.counts["too large"] == 1
    assert ANSWER not in cache.values
    assert LOCK not in cache.values


async def test_lifetimes_differ_and_never_grow(
    cache: MemoryCache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_cache, "JITTER", 0.1)
    lives = []
    for number in range(50):
        digest = f"{number:016}"
        await Environment(cache).ask(source, digest=digest)
        raw = cache.value(f"aurora:{{{shard_of(digest)}}}:answer:{digest}")
        entry = Entry.decode(raw or b"")
        assert entry is not None
        lives.append(entry.lifetime.max_age_s)
    assert 54 <= min(lives) < max(lives) <= 60
    assert len(set(lives)) > 10


@pytest.mark.parametrize("refusal", ["is_away", "is_full"])
async def test_without_a_cache_everything_is_computed(
    cache: MemoryCache, source: Source, refusal: str
) -> None:
    setattr(cache, refusal, True)
    numbers = [(await Environment(cache).ask(source)).data for _ in range(3)]
    assert numbers == [b'{"number":1}', b'{"number":2}', b'{"number":3}']


async def test_full_cache_still_gives_what_it_has(cache: MemoryCache, source: Source) -> None:
    await Environment(cache).ask(source)
    cache.is_full = True
    assert (await Environment(cache).ask(source)).source == "hit"


async def test_old_answer_stands_in_for_a_failed_refresh(
    cache: MemoryCache, source: Source
) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    cache.clock.now += 61
    source.error = UpstreamError("away")
    assert await environment.ask(source) == again("stale", 61.0)
    source.error, source.is_final = None, False
    assert await environment.ask(source) == again("stale", 61.0)
    assert environment.responses.counts["stale for an error"] == 2


@pytest.mark.parametrize(
    ("error_s", "passed_s", "is_given"),
    [
        pytest.param(0, 91, False, id="not-asked-for"),
        pytest.param(600, 91, True, id="within-the-bound"),
        pytest.param(600, 659, True, id="just-within"),
        pytest.param(600, 660, False, id="beyond"),
    ],
)
async def test_stale_if_error(
    cache: MemoryCache, source: Source, error_s: int, passed_s: int, is_given: bool
) -> None:
    policy = replace(POLICY, lifetime=Lifetime(60, 30, error_s))
    await Environment(cache).ask(source, policy)
    cache.clock.now += passed_s
    source.error = UpstreamError("away")
    if is_given:
        found = await Environment(cache).ask(source, policy)
        assert found == again("stale", float(passed_s), error_s)
    else:
        with pytest.raises(UpstreamError):
            await Environment(cache).ask(source, policy)
    source.error = None
    fresh = await Environment(cache).ask(source, policy)
    assert fresh.source == "miss"


async def test_stale_if_error_never_outlives_a_write(cache: MemoryCache, source: Source) -> None:
    policy = replace(POLICY, lifetime=Lifetime(60, 30, 600))
    await Environment(cache).ask(source, policy)
    await change_versions(cache, "shop", ["orders"])
    source.error = UpstreamError("away")
    with pytest.raises(UpstreamError):
        await Environment(cache).ask(source, policy)


async def test_slow_refresh_gives_the_old_within_the_budget(
    cache: MemoryCache, source: Source
) -> None:
    await Environment(cache).ask(source)
    cache.clock.now += 61
    source.gate = asyncio.Event()  # never set
    found = await Environment(cache).ask(source, budget_s=0.1)
    assert found == again("stale", 61.0)


async def test_refresh_has_a_shorter_time_that_its_statements_know(
    cache: MemoryCache, source: Source
) -> None:
    await Environment(cache).ask(source)
    assert 19 < source.remaining_s <= 20
    cache.clock.now += 61
    await Environment(cache).ask(source)
    assert 4 < source.remaining_s <= response_cache.REFRESH_S


async def test_waiting_ends_with_half_the_budget(cache: MemoryCache, source: Source) -> None:
    cache.put(LOCK, b"1", 60_000)
    began = asyncio.get_running_loop().time()
    found = await Environment(cache).ask(source, budget_s=0.8)
    assert found.source == "miss"
    assert asyncio.get_running_loop().time() - began < 0.8
    assert cache.value(LOCK) is not None  # it may well be somebody's


async def test_nobody_waits_for_a_lock_of_its_own_that_could_not_be_given_back(
    cache: MemoryCache, source: Source
) -> None:
    environment = Environment(cache)
    source.gate = asyncio.Event()
    slow = asyncio.create_task(environment.ask(source))
    await source.began.wait()
    cache.is_away = True
    source.gate.set()
    await slow
    cache.is_away = False
    assert cache.value(LOCK) is not None
    assert (await asyncio.wait_for(environment.ask(source), 0.1)).source == "miss"
    assert cache.value(LOCK) is None
    assert (await environment.ask(source)).source == "hit"
    assert environment.responses._locks == {}


async def test_tokens_of_locks_are_not_hoarded(
    cache: MemoryCache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_cache, "MAX_LOCKS", 10)
    environment = Environment(cache)
    await environment.ask(source)
    assert environment.responses._locks == {}
    for number in range(50):
        cache.put(f"aurora:{{{shard_of(f'{number:016}')}}}:lock:{number:016}", b"other", 60_000)
        await environment.ask(source, digest=f"{number:016}", budget_s=0.01)
    assert len(environment.responses._locks) <= 11


async def test_lock_of_a_dead_environment_is_taken_over(cache: MemoryCache, source: Source) -> None:
    cache.put(LOCK, b"1", 1)
    waiting = asyncio.create_task(Environment(cache).ask(source))
    await asyncio.sleep(0.01)
    cache.clock.now += 1
    assert (await waiting).source == "miss"
    assert LOCK not in cache.values


async def test_very_long_lifetimes_fit(cache: MemoryCache, source: Source) -> None:
    policy = CachePolicy(Lifetime(2**31 - 1, 2**31 - 1, 2**31 - 1), ("orders",))
    await Environment(cache).ask(source, policy)
    assert (await Environment(cache).ask(source, policy)).source == "hit"
