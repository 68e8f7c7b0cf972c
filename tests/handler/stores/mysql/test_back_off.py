"""Pauses after failures to connect: they grow, they end, and they say what failed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from handler.errors import UpstreamError
from handler.stores.mysql.back_off import CONNECT_TIMEOUT_S, BackOff


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_failure_is_no_reason_to_pause() -> None:
    back_off = BackOff(Clock())
    back_off.failed(OSError("refused"))
    assert back_off.limit_s() == CONNECT_TIMEOUT_S


def test_a_pause_says_how_often_and_why_the_last_time() -> None:
    clock = Clock()
    back_off = BackOff(clock)
    for number in range(750):
        back_off.failed(UpstreamError(f"cause {number}"))
    with pytest.raises(UpstreamError) as caught:
        back_off.limit_s()
    assert str(caught.value) == (
        "the database refused 750 connections: a pause; the last one: cause 749"
    )
    clock.now += 1.0
    assert back_off.limit_s() == 1.0, "a probe"


def test_a_success_forgets_what_was() -> None:
    back_off = BackOff(Clock())
    for _ in range(3):
        back_off.failed(OSError("refused"))
    back_off.succeeded()
    assert back_off.limit_s() == CONNECT_TIMEOUT_S
    assert back_off.with_cause("no answer") == "no answer"
