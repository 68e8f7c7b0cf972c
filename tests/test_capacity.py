"""What docs/capacity.md says, held to the simulation, the stack's settings and arithmetic."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from aurora_graphql.preview.traffic import Traffic
from benchmarks.bench_capacity import PAGE, POOL_SIZE, STACK, quotas_table, stacks_for
from benchmarks.capacity import capacity, simulate
from tests.domains.orders import PROJECT

USUAL = Traffic()
MEAN_S = (USUAL.hit_rate * USUAL.hit_ms + (1 - USUAL.hit_rate) * USUAL.miss_ms) / 1000


def test_a_simulation_needs_what_littles_law_says() -> None:
    load = simulate(2_000, USUAL)
    mean = 2_000 * MEAN_S
    assert load.requests == pytest.approx(2_000 * 20, rel=0.02)
    assert mean < load.environments < mean + 6 * mean**0.5
    assert simulate(2_000, USUAL) == load  # the same every time


def test_nobody_is_refused_while_lambda_has_environments_to_give() -> None:
    few, many = simulate(1_000, USUAL), simulate(10_000, USUAL)
    assert (few.refused, few.refused_until_s) == (0, 0)
    assert many.refused > 0
    assert many.refused_until_s < 1
    assert many.cold_starts >= 1_000


def test_a_function_with_fewer_environments_than_it_needs_refuses_to_the_end() -> None:
    load = simulate(1_000, USUAL, concurrency=5)
    assert (load.environments, load.cold_starts) == (5, 5)
    assert load.refused_until_s > 19


def test_what_is_beyond_a_quota_is_named_and_the_worst_comes_first() -> None:
    found = capacity(12_000, replace(USUAL, hit_rate=0), pool_size=POOL_SIZE)
    assert [round(need.share, 2) for need in found.broken()] == [1.2, 1.2]
    assert (found.misses_s, found.acus, found.busy_connections) == (12_000, 120, 240)
    assert stacks_for(12_000) == 2


def test_the_page_has_the_quotas_that_are_computed() -> None:
    line = quotas_table([capacity(1_000, USUAL, pool_size=POOL_SIZE)]).splitlines()[2]
    quota, limit, share = [cell.strip() for cell in line.split("|")][1:4]
    (shown,) = [each for each in PAGE.read_text().splitlines() if quota in each]
    assert [cell.strip() for cell in shown.split("|")][1:4] == [quota, limit, share]


def test_the_page_names_the_settings_of_the_stack() -> None:
    text = (PROJECT / f"Pulumi.{STACK}.yaml").read_text()
    found = dict(re.findall(r"aurora-graphql:(\w+): \"?(\d+)\"?", text))
    says = re.search(
        r"takes (\d+) requests a second \(`apiThrottleRate`\) in (\d+) environments",
        PAGE.read_text(),
    )
    assert says is not None
    assert says.groups() == (found["apiThrottleRate"], found["functionReservedConcurrency"])
