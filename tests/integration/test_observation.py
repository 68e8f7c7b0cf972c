"""What it costs to say what was asked: a share of the calls of a look-up, which are exact."""

from __future__ import annotations

from benchmarks.bench_observation import GOAL, LINE, NOTHING, OPERATION, measure
from handler.stores.url import DatabaseUrl


def test_observing_takes_less_than_a_twentieth_of_the_calls_of_a_look_up(
    northwind_database: DatabaseUrl,
) -> None:
    counts, _ = measure(northwind_database, rounds=0)
    totals = {name: sum(found.values()) for name, found in counts.items()}
    assert totals[NOTHING] < totals[LINE] < totals[OPERATION]
    for name in (LINE, OPERATION):
        assert totals[name] - totals[NOTHING] < GOAL * totals[name], name
