"""The benchmarks measure what the API does today: each stage of each document can be run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.__main__ import main
from benchmarks.bench_environments import format_results
from benchmarks.bench_environments import measure as measure_environments
from benchmarks.bench_growth import GROWING, PAGE, read
from benchmarks.bench_growth import fill as growth_fill
from benchmarks.bench_growth import statements as growth_statements
from benchmarks.bench_questions import compiled, fill, measure, table
from benchmarks.bench_request import check_answers
from benchmarks.bench_stages import WARM, stage_calls
from benchmarks.cases import CASES, Case
from benchmarks.contestants import Contestants
from benchmarks.northwind import open_app, settings_of
from benchmarks.peers.processes import NODE, OURS
from benchmarks.questions import questions
from handler.stores.url import DatabaseUrl
from tests.integration.servers import fresh_database

if TYPE_CHECKING:
    from aurora_graphql.dev.servers import DatabaseServer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_every_stage_of_a_document_can_be_measured(
    case: Case, northwind_database: DatabaseUrl
) -> None:
    settings = settings_of(northwind_database)
    async with open_app(settings) as app:
        calls = await stage_calls(app, settings, case)
        assert set(WARM) - calls.keys() == {"waiting for the server"}  # computed of another
        for call in calls.values():
            await call()


async def test_everybody_gives_the_same_answers(northwind_database: DatabaseUrl) -> None:
    async with Contestants.open(northwind_database) as contestants:
        for case in CASES:
            calls = contestants.calls(case)
            assert await check_answers(calls) > 100
            assert calls.keys() == contestants.turns(case).keys()
            for turn in contestants.turns(case).values():
                assert [len(each) for each in await turn(2)] == [2, 2]


async def test_environments_are_measured_beside_those_of_node(
    northwind_database: DatabaseUrl,
) -> None:
    found = await measure_environments(northwind_database, most=1, seconds=0.2, warm_up=5)
    for case in found.values():
        assert list(case["contestants"]) == [OURS, *NODE]
        for steps in case["contestants"].values():
            assert [step["environments"] for step in steps] == [1]
            assert min(min(step.values()) for step in steps) > 0
    assert found["page"]["contestants"][OURS][0]["statements"] == 2
    assert format_results(found).count("written by hand") == len(found)


def test_questions_and_what_an_expert_writes_for_them_give_rows(mariadb: DatabaseServer) -> None:
    with fresh_database(mariadb) as url:
        fill(url, orders=2_000)
        measured = [measure(url, each, rounds=1) for each in questions()]
        assert [each.question.name for each in measured if each.ratio.median <= 0] == []
        assert "by hand, statement 1" in table(measured)
        sent = {each.name: asyncio.run(compiled(url, each))[-1] for each in questions()}
    # What the server plans well: one EXISTS for a chain of relations, and one pass over all parents
    # where no index has the order.
    words = ("EXISTS", "JOIN `products` f2", "UNION ALL", "ROW_NUMBER")
    assert {name: [text.count(word) for word in words] for name, text in sent.items()} == {
        "faceted_list": [1, 0, 0, 0],
        "many_to_many": [0, 0, 0, 1],
        "many_to_many_back": [0, 0, 19, 0],
        "monthly_revenue": [0, 0, 0, 0],
        "nested_filter": [2, 1, 0, 0],
        "rare_filter": [1, 1, 0, 0],
    }


def test_a_page_reads_as_many_rows_of_a_large_table_as_of_a_small_one(
    mariadb: DatabaseServer,
) -> None:
    found = []
    for orders in (3_000, 9_000):
        with fresh_database(mariadb) as url:
            growth_fill(url, orders)
            found.append([read(url, growth_statements(url, each, orders)) for each in GROWING])
    small, large = ([each.rows for each in reads] for reads in found)
    lookup, _, middle, customer, faceted, revenue = range(len(GROWING))
    assert large[lookup] == small[lookup]
    assert large[customer] == small[customer]
    assert abs(large[middle] - small[middle]) <= PAGE  # orders of one instant are looked at twice
    assert large[revenue] > 2 * small[revenue]  # these read all there is, and say so
    assert large[faceted] > 2 * small[faceted]
    assert [each.statements for each in found[0]] == [2, 1, 1, 2, 3, 1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param("faults --only cache", ["bench_faults --only cache"], id="a-value-is-no-name"),
        pytest.param(
            "cold stages --save", ["bench_cold --save", "bench_stages --save"], id="two-by-name"
        ),
        pytest.param("fault", [], id="no-name"),
        pytest.param("cold fault --save", [], id="no-second-name"),
    ],
)
def test_benchmarks_are_chosen_by_the_names_in_front(
    arguments: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        assert command[:2] == [sys.executable, "-m"]
        started.append(" ".join(command[2:]).removeprefix("benchmarks."))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert (main(arguments.split()), started) == (0 if expected else 2, expected)
