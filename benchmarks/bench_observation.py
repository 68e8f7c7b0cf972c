"""What it costs to say what was asked: function calls and time of a look-up with less and more log.

``python -m benchmarks.bench_observation [--rounds N] [--save]``. The same request is answered by
Apps that differ in their log alone. Calls are exact; times are medians of turns that alternate, and
processor time, since the log waits for nobody. ``--save`` writes ``results/observation.json`` and
the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from benchmarks.calls.counting import count_calls
from benchmarks.calls.requests import REQUESTS
from benchmarks.measure import Call, Samples, Spread, interleave
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


def measure(url: DatabaseUrl, rounds: int) -> tuple[dict[str, int], dict[str, Samples]]:
    """Function calls and times of the look-up, by log."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    try:
        calls = loop.run_until_complete(_calls(url, stack))
        counts = {name: sum(count_calls(loop, call).values()) for name, call in calls.items()}
        samples = loop.run_until_complete(interleave(calls, rounds=rounds, burst=30, warm_up=100))
        return counts, samples
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()


def summarise(counts: Mapping[str, int], samples: Mapping[str, Samples]) -> dict[str, Any]:
    """Of each log: calls, microseconds of the look-up, and what it adds to that without a log."""
    base = samples[NOTHING].cpu_ns
    found = {}
    for name, taken in samples.items():
        pairs = list(zip(taken.cpu_ns, base, strict=True))
        found[name] = {
            "calls": counts[name],
            "added_calls": counts[name] - counts[NOTHING],
            "cpu_us": Spread.of([one / 1000 for one in taken.cpu_ns]).digits(1),
            "added_us": Spread.of([(one - other) / 1000 for one, other in pairs]).digits(1),
            "added_share": Spread.of([(one - other) / other for one, other in pairs]).digits(4),
        }
    return found


def format_results(found: Mapping[str, Any]) -> str:
    """The table for people."""
    rows = [
        [
            name,
            f"{each['calls']:,}",
            f"{each['added_calls']:,}",
            f"{each['added_calls'] / each['calls']:.1%}",
            f"{each['cpu_us']['median']:.0f}",
            f"{each['added_us']['median']:.1f}",
            f"{each['added_share']['median']:.1%}",
        ]
        for name, each in found.items()
    ]
    head = ["one product", "calls", "added", "share", "CPU, us", "added, us", "share"]
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
