"""How many functions one warm request calls: held to the figures of ``benchmarks/results``.

A count is exact where a time is not, so it can be compared: work that comes back for every request
fails here. Fewer calls than the figure are free; the command below writes the lower figures.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import partial

import orjson
import pytest

from benchmarks import bench_calls
from benchmarks.bench_calls import OURS, format_modules, python_version, totals
from benchmarks.calls.counting import count_calls
from benchmarks.report import RESULTS
from handler.stores.url import DatabaseUrl
from tests.integration.servers import is_mysql

REWRITE = 'make bench ARGS="calls --save"'
SAVED = orjson.loads((RESULTS / "calls.json").read_bytes())


def test_a_warm_request_calls_no_more_functions_than_the_saved_figures(
    northwind_database: DatabaseUrl,
) -> None:
    if (counted_by := SAVED["counted_by"]) != python_version():
        pytest.skip(f"the figures are of Python {counted_by}, whose asyncio calls otherwise")
    if is_mysql(northwind_database):
        pytest.skip("the figures are of a MariaDB")
    # In a process of its own: this one may have looked into the handler, or be traced.
    command = [sys.executable, "-m", bench_calls.__name__, "--database", northwind_database.text()]
    counted = subprocess.run(command, check=True, capture_output=True, cwd=RESULTS.parents[1])
    counts = orjson.loads(counted.stdout)
    figures, found = SAVED["calls"][OURS], totals(counts)
    assert figures.keys() == found.keys()
    risen = {name: (figures[name], found[name]) for name in found if found[name] > figures[name]}
    if risen:
        shown = "\n".join(f"{name}: {now}, and {was} before" for name, (was, now) in risen.items())
        where = format_modules({name: counts[name] for name in risen})
        pytest.fail(
            f"a warm request calls more functions:\n{shown}\n\n{where}\n\n"
            f"Find what every request does anew. If that is what you want: {REWRITE}, and say why"
            " in the commit.",
            pytrace=False,
        )


async def _calls_of_c(times: int) -> bytes:
    for _ in range(times):
        len(b"")
    return b""


def test_calls_are_counted_by_module_and_the_smallest_pass_counts() -> None:
    loop = asyncio.new_event_loop()
    passes = iter([*[0] * 60, 7, 5, 9])
    try:
        five = count_calls(loop, lambda: _calls_of_c(next(passes)), passes=3)
        none = count_calls(loop, partial(_calls_of_c, 0), passes=3)
    finally:
        loop.close()
    here = "tests.integration.test_calls"
    assert (five[here] - none[here], five["asyncio"]) == (5 + 2, none["asyncio"])
    assert sys.getprofile() is None
