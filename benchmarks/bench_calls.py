"""Function calls per warm request: this project, code written by hand, and the floor of Python.

``python -m benchmarks.bench_calls [--modules] [--rounds N] [--save]``. Calls of Python and of C are
counted, which is exact: no other process and no other machine changes them, so a test holds this
project's (``tests/integration/test_calls.py``). All give the same JSON, which is checked first.
``--modules`` prints where the calls of this project are. After them the same requests are timed in
turns, which is not exact; ``--rounds 0`` leaves that out. ``--save`` writes ``results/calls.json``,
which the test reads, and the tables of docs/performance.md. ``--database URL`` counts this project
alone, over a database that has the Northwind orders, and writes the calls by request and module as
JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import orjson

from benchmarks.calls.by_hand import ByHand
from benchmarks.calls.counting import count_calls
from benchmarks.calls.one_pass import OnePass
from benchmarks.calls.requests import REQUESTS
from benchmarks.cases import PAGE, Case
from benchmarks.handwritten import OrderCursors, open_pool
from benchmarks.measure import Call, Spread, interleave, ratios
from benchmarks.northwind import northwind, open_app, separate_processors, settings_of
from benchmarks.report import caption, format_table, save, surroundings
from handler.app import App
from handler.stores.url import DatabaseUrl

OURS: Final = "this project, event to response"
BY_HAND: Final = "hand-written aiomysql + orjson"
FLOOR: Final = "one pass over the stream, by hand"
GOALS: Final = {"product": 300, "order": 420, "ten": 700, "hundred": 2_400, "ten_variables": 720}
TIME_GOALS: Final = {"product": 1.2, "order": 0.9, "ten": 0.7, "hundred": 0.5, "ten_variables": 0.7}
ROUNDS, BURST, WARM_UP = 20, 40, 60  # of the times
BUDGET_S: Final = 20.0
DEAREST: Final = 25  # modules that are printed for a request

Counts = Mapping[str, Mapping[str, int]]  # by request, by module


def python_version() -> str:
    """That of the counts: another one has another asyncio, and counts calls of C otherwise."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def our_counts(url: DatabaseUrl) -> Counts:
    """Those of this project for every request, over a database with the Northwind orders."""
    loop = asyncio.new_event_loop()
    opened = open_app(settings_of(url))
    try:
        app = loop.run_until_complete(opened.__aenter__())
        try:
            return {case.name: count_calls(loop, _ours(app, case)) for case in REQUESTS}
        finally:
            loop.run_until_complete(opened.__aexit__(None, None, None))
    finally:
        loop.close()


def all_counts(url: DatabaseUrl) -> Mapping[str, Counts]:
    """Those of everybody, after a look at their answers."""
    loop = asyncio.new_event_loop()
    opened = _everybody(url)
    try:
        calls = loop.run_until_complete(opened.__aenter__())
        try:
            for case in REQUESTS:
                loop.run_until_complete(_check_answers({n: c[case.name] for n, c in calls.items()}))
            return {
                name: {request: count_calls(loop, call) for request, call in each.items()}
                for name, each in calls.items()
            }
        finally:
            loop.run_until_complete(opened.__aexit__(None, None, None))
    finally:
        loop.close()


async def all_times(url: DatabaseUrl, rounds: int) -> Mapping[str, Mapping[str, Any]]:
    """Those of everybody in turns, by contestant and request: wall time, and ratios to by hand."""
    times: dict[str, dict[str, Any]] = {}
    async with _everybody(url) as calls:
        for case in REQUESTS:
            samples = await interleave(
                {name: each[case.name] for name, each in calls.items()},
                rounds=rounds,
                burst=BURST,
                warm_up=WARM_UP,
            )
            yardstick = samples[BY_HAND]
            for name, found in samples.items():
                times.setdefault(name, {})[case.name] = {
                    "wall_ms": Spread.of(found.wall_ns).over(1e6).digits(3),
                    "wall_ratio": ratios(found.wall_ns, yardstick.wall_ns).digits(3),
                    "cpu_ratio": ratios(found.cpu_ns, yardstick.cpu_ns).digits(3),
                }
    return times


@asynccontextmanager
async def _everybody(url: DatabaseUrl) -> AsyncIterator[Mapping[str, Mapping[str, Call]]]:
    async with (
        open_app(settings_of(url)) as app,
        open_pool(url) as pool,
        open_pool(url) as other,
        other.acquire() as connection,
    ):
        page = orjson.loads((await app.handle(PAGE.event(), budget_s=BUDGET_S))["body"])
        cursors = OrderCursors(page["data"]["orders"]["pageInfo"]["endCursor"])
        by_hand, one_pass = ByHand(pool, cursors), OnePass(connection, cursors)
        yield {
            BY_HAND: {case.name: by_hand.call(case.name) for case in REQUESTS},
            FLOOR: {case.name: one_pass.call(case.name) for case in REQUESTS},
            OURS: {case.name: _ours(app, case) for case in REQUESTS},
        }


def _ours(app: App, case: Case) -> Call:
    return partial(_answer, app, case.event())


async def _answer(app: App, event: dict[str, Any]) -> bytes:
    body: str = (await app.handle(event, budget_s=BUDGET_S))["body"]
    return body.encode()


async def _check_answers(calls: Mapping[str, Call]) -> None:
    answers = {name: await call() for name, call in calls.items()}
    expected = orjson.loads(answers[BY_HAND])
    for name, answer in answers.items():
        if orjson.loads(answer) != expected:
            raise SystemExit(f"{name} answers {answer[:500]!r}, not {answers[BY_HAND][:500]!r}")


def totals(counts: Counts) -> dict[str, int]:
    """Calls by request."""
    return {request: sum(modules.values()) for request, modules in counts.items()}


def format_results(calls: Mapping[str, Mapping[str, int]]) -> str:
    """The table for people; ``calls`` by contestant and request."""
    rows = [
        [name, *(f"{found[case.name]:,}" for case in REQUESTS)]
        for name, found in (*calls.items(), ("goal", GOALS))
    ]
    return format_table(["calls", *(case.title for case in REQUESTS)], rows)


def format_times(times: Mapping[str, Mapping[str, Any]]) -> str:
    """Medians of wall time and, in parentheses, of CPU, as ratios to code by hand."""
    rows = []
    for name, found in times.items():
        by_hand = name == BY_HAND
        cells = [found[case.name] for case in REQUESTS]
        rows.append(
            [name]
            + [
                f"{each['wall_ms']['median']:.2f} ms"
                if by_hand
                else f"{each['wall_ratio']['median']:.2f} ({each['cpu_ratio']['median']:.2f})"
                for each in cells
            ]
        )
    rows.append(["goal", *(f"{TIME_GOALS[case.name]:.2f}" for case in REQUESTS)])
    return format_table(["time, as a ratio (CPU)", *(case.title for case in REQUESTS)], rows)


def format_modules(counts: Counts) -> str:
    """Where the calls of these requests are, the dearest modules first."""
    parts = []
    for case in REQUESTS:
        if case.name not in counts:
            continue
        found = sorted(counts[case.name].items(), key=lambda pair: (-pair[1], pair[0]))
        rows = [[module, f"{times:,}"] for module, times in found[:DEAREST]]
        if rest := sum(times for _, times in found[DEAREST:]):
            rows.append([f"{len(found) - DEAREST} more", f"{rest:,}"])
        parts.append(format_table([case.title, "calls"], rows))
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--modules", action="store_true", help="where this project's calls are")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the times; 0: none")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--database", type=DatabaseUrl.parse, metavar="URL")
    options = parser.parse_args(arguments)
    if options.database:
        print(orjson.dumps(our_counts(options.database)).decode())
        return
    times: Mapping[str, Mapping[str, Any]] = {}
    with northwind() as (server, url):
        counts = all_counts(url)
        results = surroundings(url, separate_processors(server)) | {"rounds": options.rounds}
        if options.rounds:
            times = asyncio.run(all_times(url, options.rounds))
    calls = {name: totals(found) for name, found in counts.items()}
    table = format_results(calls)
    if times:
        table += f"\n\n{format_times(times)}"
    print(f"{table}\n\n{caption(results)}")
    if options.modules:
        print(f"\n{format_modules(counts[OURS])}")
    if options.save:
        counted = {"counted_by": python_version(), "calls": calls, "times": times}
        save("calls", results | counted, table)


if __name__ == "__main__":
    main()
