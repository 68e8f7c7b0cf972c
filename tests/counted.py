"""What is counted during the suite, over all processes that run tests.

Each worker of pytest-xdist counts for itself and hands its counts on when it ends (``conftest.py``
has the hooks). So what judges the counts when the session ends, or prints them, finds all of them
in the process that reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

Counts = dict[str, dict[str, int]]

_counters: dict[str, Counter[str]] = {}


def counter(name: str) -> Counter[str]:
    """The counter of that name, the same for all who ask."""
    return _counters.setdefault(name, Counter())


def counts() -> Counts:
    """All that was counted in this process, in a form that another process can be sent."""
    return {name: dict(counted) for name, counted in _counters.items()}


def add(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Add what another process has counted."""
    for name, counted in counts.items():
        counter(name).update(counted)
