"""The benchmarks measure what the API does today: each stage of each document can be run."""

from __future__ import annotations

import pytest

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
