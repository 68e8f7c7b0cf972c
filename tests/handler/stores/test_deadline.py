"""The time that a request has left."""

from __future__ import annotations

import pytest

from handler.stores.deadline import Deadline


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        pytest.param(0.0, 5.0, id="at-the-start"),
        pytest.param(4.5, 0.5, id="shortly-before"),
        pytest.param(5.0, 0.0, id="just-then"),
        pytest.param(60.0, 0.0, id="never-below-zero"),
    ],
)
def test_remaining_time(passed: float, expected: float) -> None:
    clock = Clock()
    deadline = Deadline.after(5.0, clock)
    clock.now += passed
    assert deadline.remaining_s() == expected


def test_real_clock_is_monotonic() -> None:
    deadline = Deadline.after(10)
    first = deadline.remaining_s()
    assert 9 < deadline.remaining_s() <= first <= 10
