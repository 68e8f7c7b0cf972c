"""What it costs to say what was asked: function calls and time of a look-up with less and more log.

``python -m benchmarks.bench_observation [--rounds N] [--save]``. The same request is answered by
Apps that differ in their log alone. Calls are exact; times are processor time, the least of many
turns. ``--save`` writes ``results/observation.json`` and the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import timeit
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from benchmarks.calls.counting import count_calls
from benchmarks.calls.requests import REQUESTS
from benchmarks.measure import Call, Samples, interleave
from benchmarks.northwind import northwind, open_app, separate_processors, settings_of
from benchmarks.report import caption, format_table, save, surroundings
from handler.app import App
from handler.observe.log import Log
from handler.observe.record import RequestRecord
from handler.stores.url import DatabaseUrl

BUDGET_S: Final = 20.0
LOOK_UP: Final = REQUESTS[0]
NOTHING: Final = "nothing is written"
LINE: Final = "a line for each request"
OPERATION: Final = "and metrics of its operation"
GOAL: Final = 0.05  # of the look-up


class _Nowhere(io.StringIO):
    """A stream that encodes what is written and drops it."""

    def write(self, text: str) -> int:
        return len(text.encode())


class SilentLog(Log):
    """Takes what is known of a request and writes nothing."""

    def request(self, record: RequestRecord) -> None:
        """Nothing."""


def logs() -> dict[str, Log]:
    """By name, the one with less first. All write to where nobody reads."""
    stream = _Nowhere()
    return {
        NOTHING: SilentLog("INFO", stream),
        LINE: Log("INFO", stream, stage="prod", release="0123456789ab", function_name="graphql"),
        OPERATION: Log(
            "INFO",
            stream,
            stage="prod",
            release="0123456789ab",
            function_name="graphql",
            operations=("Orders", "Products"),
        ),
    }


async def _answer(app: App, event: dict[str, Any]) -> bytes:
    body: str = (await app.handle(event, budget_s=BUDGET_S))["body"]
    return body.encode()


async def _calls(url: DatabaseUrl, stack: AsyncExitStack) -> dict[str, Call]:
    found: dict[str, Call] = {}
    for name, log in logs().items():
        app = await stack.enter_async_context(open_app(settings_of(url)))
        app.log = log
        found[name] = partial(_answer, app, LOOK_UP.event())
    return found


Counts = Mapping[str, Mapping[str, int]]  # by log, by module


def measure(url: DatabaseUrl, rounds: int) -> tuple[Counts, dict[str, Samples]]:
    """Function calls and times of the look-up, by log."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    try:
        calls = loop.run_until_complete(_calls(url, stack))
        counts = {name: count_calls(loop, call) for name, call in calls.items()}
        samples = loop.run_until_complete(interleave(calls, rounds=rounds, burst=30, warm_up=100))
        return counts, samples
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()


def summarise(counts: Counts, samples: Mapping[str, Samples]) -> dict[str, Any]:
    """Of each log: calls and microseconds of the look-up, and what observing takes of them.

    Calls are those of the rooms of ``handler.observe``, which also gather what is known before
    anything is written. Times are the least of many turns, which other processes disturb least.
    """
    found = {}
    for name, taken in samples.items():
        observing = sum(
            times for room, times in counts[name].items() if room.startswith("handler.observe")
        )
        found[name] = {
            "calls": sum(counts[name].values()),
            "observing": observing,
            "cpu_us": round(min(taken.cpu_ns) / 1000, 1),
            "line_us": round(_line_us(logs()[name]), 1),
        }
    return found


def _line_us(log: Log) -> float:
    """Microseconds of telling of one look-up: the least of many turns, as of the look-up."""
    record = RequestRecord(
        request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        invocation_id="8f5f6c5a-9a0c-4a6c-8d2b-3a2f0d6c1b7e",
        trace_id="1-58406520-a006649127e371903a2de979",
        operation="Products",
        operation_hash="96ac26b90097ad9270a590c2bc4a09a8",
        client="web",
        client_version="7.1",
        caller="token",
        cost=5,
        cost_limit=5000,
        statements=1,
        rows=2,
        status=200,
        duration_s=0.0012,
        database_s=0.0007,
        body_bytes=64,
    )
    turns = timeit.repeat(lambda: log.request(record), number=20, repeat=2_000)
    return min(turns) / 20 * 1_000_000


def format_results(found: Mapping[str, Any]) -> str:
    """The table for people."""
    rows = [
        [
            name,
            f"{each['calls']:,}",
            f"{each['observing']:,}",
            f"{each['observing'] / each['calls']:.1%}",
            f"{each['cpu_us']:.0f}",
            f"{each['line_us']:.1f}",
            f"{each['line_us'] / each['cpu_us']:.1%}",
        ]
        for name, each in found.items()
    ]
    head = ["one product", "calls", "observing", "share", "CPU, us", "its line, us", "share"]
    return format_table(head, rows)


def main() -> None:
    """Measure, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    with northwind() as (server, url):
        processors = separate_processors(server)
        results = surroundings(url, processors) | {"rounds": options.rounds}
        found = summarise(*measure(url, options.rounds))
    table = format_results(found)
    print(f"{table}\n\n{caption(results)}")
    if options.save:
        save("observation", results | {"logs": found}, table)


if __name__ == "__main__":
    main()
