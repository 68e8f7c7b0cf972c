"""The benchmarks measure what the API does today: each stage of each document can be run."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.bench_stages import WARM, stage_calls
from benchmarks.cases import CASES, Case
from benchmarks.northwind import open_app, settings_of
from handler.stores.url import DatabaseUrl


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
