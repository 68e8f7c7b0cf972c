"""The cache breaks in every way: answers stay right, and soon cost nothing more than without it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import quantiles

import pytest
import pytest_asyncio

from aurora_graphql.dev.servers import RedisServer
from handler.answer import Answer, Lifetime
from handler.cache.response_cache import ResponseCache
from handler.compiler.freshness import CachePolicy
from handler.stores.deadline import Deadline
from handler.stores.redis.cache import MAX_FAILURES, RedisCache
from tests.faults.proxy import Fault, FaultProxy
from tests.frozen import frozen
from tests.ports import free_port

POLICY = CachePolicy(Lifetime(60), ("orders",))
RECOVERY_S = 5.0
BODY = b'{"orders":"%s"}' % (b"x" * 300)


class Api:
    """One environment; every question is another one, unless it is named."""

    def __init__(self, url: str) -> None:
        self.cache = RedisCache(url)
        self.responses = ResponseCache(self.cache, "shop")
        self.number = 0

    async def ask(self, digest: str | None = None) -> tuple[str, float]:
        """The state and the seconds of one answer, which is right."""
        self.number += 1
        digest = digest or f"{self.number:040}"
        body = BODY + digest.encode()

        async def compute(deadline: Deadline) -> Answer:
            return Answer(body, lifetime=POLICY.lifetime)

        began = time.perf_counter()
        found = await self.responses.answer(digest, POLICY, compute, Deadline.after(5))
        assert found.data == body
        return found.source, time.perf_counter() - began

    async def seconds_until_hit(self) -> float:
        """How long it takes until answers are kept again."""
        began = time.monotonic()
        while time.monotonic() - began < RECOVERY_S:
            if (await self.ask("kept"))[0] == "hit":
                return time.monotonic() - began
            await asyncio.sleep(0.02)
        pytest.fail(f"nothing was kept within {RECOVERY_S} s after the cure")


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Api]:
    api = Api(url)
    try:
        yield api
    finally:
        await api.cache.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test alone, to be frozen and killed."""
    with RedisServer(tmp_path, port=free_port()) as server:
        yield server


@pytest_asyncio.fixture
async def proxy(redis_server: RedisServer, cache_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(redis_server.socket_file).running() as proxy:
        yield proxy


def through(proxy: FaultProxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}"


async def test_killed_and_restarted(own_server: RedisServer) -> None:
    async with opened(f"redis://127.0.0.1:{own_server.port}") as api:
        assert await api.seconds_until_hit() < RECOVERY_S
        assert own_server.pid is not None
        os.kill(own_server.pid, signal.SIGKILL)
        states = {(await api.ask())[0] for _ in range(200)}
        assert states <= {"bypass", "miss"}
        assert api.cache.counts["skipped"] > 150
        await asyncio.to_thread(own_server.stop)  # until the killed one has ended
        await asyncio.to_thread(own_server.start)
        assert await api.seconds_until_hit() < RECOVERY_S


async def test_frozen_costs_a_few_timeouts_and_then_next_to_nothing(
    own_server: RedisServer,
) -> None:
    async with opened(f"redis://127.0.0.1:{own_server.port}") as api:
        assert await api.seconds_until_hit() < RECOVERY_S
        assert own_server.pid is not None
        with frozen(own_server.pid):
            for _ in range(MAX_FAILURES):
                assert (await api.ask())[1] < 0.6
            assert api.cache.breaker.failures >= MAX_FAILURES
            times, lags = [], []
            for _ in range(1_000):
                times.append((await api.ask())[1])
                began = time.perf_counter()
                await asyncio.sleep(0.002)
                lags.append(time.perf_counter() - began - 0.002)
            # What the machine is late by has nothing to do with the cache.
            assert quantiles(times, n=100)[98] < 0.010 + quantiles(lags, n=100)[98]
            assert api.cache.counts["skipped"] > 950
        assert await api.seconds_until_hit() < RECOVERY_S


async def test_slow_by_half_a_second(proxy: FaultProxy) -> None:
    proxy.fault = Fault(delay_s=0.5)
    async with opened(through(proxy)) as api:
        began = time.monotonic()
        for _ in range(300):
            await api.ask()
        assert time.monotonic() - began < 10  # each time-out would make it a minute
        assert api.cache.counts["skipped"] > 250
        proxy.fault = None
        assert await api.seconds_until_hit() < RECOVERY_S


@pytest.mark.parametrize("way", ["cut_after", "reset_after", "garbage_after"])
@pytest.mark.parametrize(
    "places",
    [range(0, 80, 3), pytest.param(range(1_200), marks=pytest.mark.nightly)],
    ids=["some-bytes", "every-byte"],
)
async def test_broken_after_every_byte_is_no_wrong_answer(
    proxy: FaultProxy, way: str, places: range
) -> None:
    for at in places:
        proxy.fault = Fault(**{way: at})  # type: ignore[arg-type]  # a number
        api = Api(through(proxy))
        api.cache.timeout_s = 0.02
        for _ in range(2):
            await api.ask("same")
            api.cache.breaker.succeeded()
        await api.cache.close()
    proxy.fault = None
    async with opened(through(proxy)) as healthy:
        assert await healthy.seconds_until_hit() < RECOVERY_S


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"$-1\r\n" * 50, id="nulls"),
        pytest.param(b":1\r\n" * 50, id="numbers"),
        pytest.param(b"+OK\r\n" * 50, id="ok"),
        pytest.param(b"*2\r\n$3\r\nabc\r\n$3\r\ndef\r\n" * 20, id="two-values"),
        pytest.param(b"*-1\r\n" * 50, id="null-lists"),
        pytest.param(b"*1\r\n*1\r\n:1\r\n" * 20, id="nested"),
        pytest.param(b"-MOVED 1 127.0.0.1:1\r\n" * 20, id="moved"),
        pytest.param(b"$999999999\r\nabc", id="endless"),
    ],
)
async def test_wrong_words_of_the_protocol(proxy: FaultProxy, garbage: bytes) -> None:
    """They can be read, but are no answer to what was asked."""
    proxy.fault = Fault(garbage_after=0, garbage=garbage)
    async with opened(through(proxy)) as api:
        for _ in range(20):
            await api.ask("same")
            api.cache.breaker.succeeded()
        proxy.fault = None
        proxy.break_all()
        assert await api.seconds_until_hit() < RECOVERY_S


async def test_late_answers_are_never_given_to_the_next_question(proxy: FaultProxy) -> None:
    """A connection whose answer came too late is thrown away with the answer."""
    async with opened(through(proxy)) as api:
        for number in range(20):
            await api.ask(f"{number:040}")
        proxy.is_frozen = True
        for number in range(20):
            asyncio.get_running_loop().call_later(0.03, setattr, proxy, "is_frozen", False)
            api.cache.timeout_s = 0.01
            await api.ask(f"{number:040}")  # compares every byte
            api.cache.breaker.succeeded()
            proxy.is_frozen = number % 2 == 0


async def test_connections_do_not_grow(proxy: FaultProxy) -> None:
    async with opened(through(proxy)) as api:
        for at in (None, 3, 40, None, 200) * 10:
            proxy.fault = None if at is None else Fault(reset_after=at)
            proxy.break_all()
            api.cache.breaker.succeeded()
            await asyncio.gather(*(api.ask() for _ in range(4)))
        await asyncio.sleep(0.05)
        assert proxy.open_now <= 8


async def test_write_that_is_slow_delays_the_answer_by_a_few_milliseconds(
    proxy: FaultProxy,
) -> None:
    async with opened(through(proxy)) as api:
        await api.seconds_until_hit()
        held: list[float] = []
        for number in range(20):

            async def compute(deadline: Deadline) -> Answer:
                proxy.is_frozen = True
                held.append(time.perf_counter())
                return Answer(BODY, lifetime=POLICY.lifetime)

            await api.responses.answer(f"slow {number}", POLICY, compute, Deadline.after(5))
            held[-1] = time.perf_counter() - held[-1]
            proxy.is_frozen = False
            api.cache.breaker.succeeded()
        assert sorted(held)[10] < 0.010
        assert api.responses.counts["not kept"] >= 10
