"""The caching of answers: who computes, who waits, who is given what, and what is never given."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from handler.answer import Answer, Lifetime
from handler.answer import Source as AnswerSource
from handler.cache import response_cache
from handler.cache.entry import COMPRESS_FROM_BYTES, MAX_BODY_BYTES, Entry, fingerprint_of
from handler.cache.local_tier import ANSWER_BYTES, MAX_BYTES, LocalTier
from handler.cache.response_cache import ResponseCache
from handler.compiler.freshness import CachePolicy
from handler.errors import UpstreamError
from handler.stores.deadline import Deadline
from handler.stores.redis.versions import change_versions, shard_of, version_key
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


def again(source: AnswerSource, age_s: float, error_s: int = 0) -> Answer:
    """The first answer, given again."""
    lifetime = Lifetime(60, 30, error_s)
    return Answer(b'{"number":1}', (), lifetime, age_s=age_s, source=source)


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture(autouse=True)
def _without_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "JITTER", 0.0)


async def test_first_computes_and_second_is_given_it(cache: MemoryCache, source: Source) -> None:
    first = await Environment(cache).ask(source)
    cache.clock.now += 10
    second = await Environment(cache).ask(source)
    assert first == Answer(b'{"number":1}', lifetime=POLICY.lifetime)
    assert second == again("hit", 10.0)
    assert source.count == 1


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
    assert await environment.ask(source) == Answer(
        b'{"number":1}', (), Lifetime(60, 30), age_s=61.0, source="stale"
    )
    source.error, source.is_final = None, False
    assert await environment.ask(source) == Answer(
        b'{"number":1}', (), Lifetime(60, 30), age_s=61.0, source="stale"
    )
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
        assert found == Answer(
            b'{"number":1}', (), Lifetime(60, 30, error_s), age_s=float(passed_s), source="stale"
        )
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
    found = await Environment(cache).ask(source, budget_s=0.1)
    assert found.source == "miss"
    assert asyncio.get_running_loop().time() - began < 0.1
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


async def test_local_tier_asks_nobody_for_its_seconds(cache: MemoryCache, source: Source) -> None:
    environment = Environment(cache, local_s=2.0)
    await environment.ask(source)
    cache.calls.clear()
    cache.clock.now += 1.5
    assert await environment.ask(source) == Answer(
        b'{"number":1}', (), Lifetime(60, 30), age_s=1.5, source="local"
    )
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


async def test_very_long_lifetimes_fit(cache: MemoryCache, source: Source) -> None:
    policy = CachePolicy(Lifetime(2**31 - 1, 2**31 - 1, 2**31 - 1), ("orders",))
    await Environment(cache).ask(source, policy)
    assert (await Environment(cache).ask(source, policy)).source == "hit"


def entry(data: bytes = b'{"a":1}') -> Entry:
    return Entry(data, Lifetime(60, 30), 1_800_000_000_000, b"s" * 16)


@pytest.mark.parametrize("size", [1, 100, COMPRESS_FROM_BYTES, MAX_BODY_BYTES])
def test_entry_survives_the_cache(size: int) -> None:
    given = entry(b"x" * size)
    raw = given.encode()
    assert Entry.decode(raw) == given
    assert (len(raw) < size) == (size >= COMPRESS_FROM_BYTES)


def test_fingerprint_names_key_and_versions() -> None:
    fingerprints = {
        fingerprint_of("a", [b"1", b"2"]),
        fingerprint_of("a", [b"2", b"1"]),
        fingerprint_of("b", [b"1", b"2"]),
        fingerprint_of("a", [b"1"]),
    }
    assert len(fingerprints) == 4


def flip(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes((raw[at] ^ 1 << chance.randrange(8),)) + raw[at + 1 :]


def cut(chance: random.Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw))]


def lengthen(chance: random.Random, raw: bytes) -> bytes:
    return raw + chance.randbytes(chance.randrange(1, 20))


def overwrite(chance: random.Random, raw: bytes) -> bytes:
    at, size = chance.randrange(len(raw)), chance.randrange(1, 30)
    return raw[:at] + chance.randbytes(size) + raw[at + size :]


def foreign(chance: random.Random, raw: bytes) -> bytes:
    """Whole and well-formed, but the answer to another question or of other versions."""
    return Entry(b'{"number":666}', Lifetime(60), 1_800_000_000_000, chance.randbytes(16)).encode()


def noise(chance: random.Random, raw: bytes) -> bytes:
    return chance.choice((b"", b"AG1", b"AG2", b"\x80\x04", b"{}")) + chance.randbytes(
        chance.randrange(200)
    )


def swap(chance: random.Random, raw: bytes) -> bytes:
    a, b = sorted((chance.randrange(len(raw)), chance.randrange(len(raw))))
    return raw[:a] + raw[b:] + raw[a:b]


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip, cut, lengthen, overwrite, foreign, noise, swap
)  # fmt: skip


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
@pytest.mark.parametrize("size", [0, COMPRESS_FROM_BYTES], ids=["plain", "compressed"])
async def test_10_000_odd_entries_give_no_wrong_answer(
    mutate: Callable[[random.Random, bytes], bytes], size: int
) -> None:
    chance = random.Random(f"{mutate.__name__} {size}")
    cache, source = MemoryCache(), Source()
    environment = Environment(cache)
    source.size = size
    await environment.ask(source)
    good = cache.value(ANSWER)
    assert good is not None
    tried = 0
    for _ in range(10_000 // 14 + 1):
        odd = mutate(chance, good)
        if odd == good:
            continue
        tried += 1
        cache.put(ANSWER, odd, 60_000)
        before = source.count
        found = await environment.ask(source)
        assert source.count == before + 1, odd
        assert found.source == "miss"
    counts = environment.responses.counts
    assert tried > 600
    assert counts["broken"] + counts["ended"] == tried


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"lifetime": Lifetime(10**12)}, id="lives-too-long"),
        pytest.param({"made_at_ms": 2**63}, id="from-the-future"),
        pytest.param({"made_at_ms": 0}, id="from-1970"),
    ],
)
async def test_well_formed_entry_that_the_policy_does_not_allow(
    cache: MemoryCache, source: Source, odd: dict[str, Any]
) -> None:
    environment = Environment(cache)
    await environment.ask(source)
    good = Entry.decode(cache.value(ANSWER) or b"")
    assert good is not None
    cache.put(ANSWER, replace(good, **odd).encode(), 60_000)
    assert (await environment.ask(source)).source == "miss"


def test_unpacked_size_is_bounded() -> None:
    bomb = Entry(b"\0" * 50_000_000, Lifetime(1), 0, b"s" * 16).encode()
    assert len(bomb) < 300_000
    assert Entry.decode(bomb) is None
