"""The token bucket, with a clock of the test."""

from __future__ import annotations

import pytest

from aurora_graphql.gateway.throttle import Throttle


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def admitted(throttle: Throttle, count: int) -> int:
    """How many of so many requests at once are let in."""
    return sum(throttle.admits() for _ in range(count))


def test_a_burst_is_let_in_and_what_comes_on_top_is_not(clock: Clock) -> None:
    assert admitted(Throttle(10, 25, clock), 40) == 25


def test_the_bucket_fills_at_the_rate_and_never_over_the_burst(clock: Clock) -> None:
    throttle = Throttle(10, 25, clock)
    admitted(throttle, 40)
    clock.now_s += 0.375
    assert admitted(throttle, 40) == 3
    clock.now_s += 0.03125  # with the half token that was left
    assert admitted(throttle, 40) == 1
    clock.now_s += 1_000
    assert admitted(throttle, 40) == 25


def test_a_steady_stream_at_the_rate_is_let_in_for_ever(clock: Clock) -> None:
    throttle = Throttle(8, 1, clock)
    for _ in range(100):
        clock.now_s += 0.125
        assert throttle.admits()
        assert not throttle.admits()
