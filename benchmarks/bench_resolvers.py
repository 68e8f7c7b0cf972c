"""What a field with a Python function adds: to a page of 100 orders, and to a start.

``python -m benchmarks.bench_resolvers [--rounds N] [--save]``. The page is asked for alone and with
fields of ``examples/delivery``; a ratio is made within a round, and calls of functions are counted.
A start is that of a process with the SDL of the example alone, and with these fields.
``--save`` writes ``results/resolvers.json`` and the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import orjson
from msgspec.structs import replace

from benchmarks.measure import Call, Samples, Spread, interleave, ratios
from benchmarks.northwind import ROOT, northwind, open_app, separate_processors, settings_of
from benchmarks.report import caption, format_table, save, surroundings
from examples.delivery import resolvers
from handler.app import App
from handler.resolvers.registry import Batched
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.handler.http.events import post_event

SDL = ROOT / "examples" / "delivery" / "sdl"
PAGE = "the page"
FIELDS: Mapping[str, str] = {
    PAGE: "",
    "a scalar": "arrivesOn",
    "two scalars": "arrivesOn b: arrivesOn",
    "an object": "delivery { earliest latest }",
    "an object, a list and a function below": (
        'delivery { earliest latest isPossible(on: "1998-05-13") steps { name on } }'
    ),
}
_START = """
import asyncio, json, sys, time
from handler.app import App
from handler.settings import Settings
import os
app = asyncio.run(App.start(Settings.from_environ(os.environ)))
print(json.dumps({"cpu_ms": time.process_time() * 1e3, "modules": sorted(sys.modules)}))
"""


def document(fields: str) -> str:
    """A page of 100 orders with their customers and items."""
    return (
        "{ orders(first: 100) { nodes { orderId orderRef orderedAt total customer { name }"
        f" items {{ quantity lineTotal product {{ productName }} }} {fields} }} }} }}"
    )


def counting(calls: list[str]) -> None:
    """Let each function of the example tell of its calls."""
    for name, function in list(resolvers.RESOLVERS.items()):

        async def call(parents: Any, *others: Any, name: str = name, f: Batched = function) -> Any:
            calls.append(name)
            return await f(parents, *others)

        resolvers.RESOLVERS[name] = Batched(call)


async def measure(settings: Settings, rounds: int) -> tuple[dict[str, Samples], dict[str, int]]:
    """The pages by what is asked of each order, and the calls of one answer."""
    called: list[str] = []
    counting(called)
    async with open_app(settings) as app:
        calls: dict[str, Call] = {
            name: _asking(app, post_event({"query": document(fields)}))
            for name, fields in FIELDS.items()
        }
        counts = {}
        for name, call in calls.items():
            called.clear()
            body = await call()
            assert b'"errors"' not in body, body[:500]
            counts[name] = len(called)
        return await interleave(calls, rounds=rounds, burst=5, warm_up=5), counts


def _asking(app: App, event: dict[str, Any]) -> Call:
    async def ask() -> bytes:
        response = await app.handle(event, budget_s=20.0)
        return response["body"].encode()

    return ask


def start(settings: Mapping[str, str]) -> dict[str, Any]:
    """A fresh process up to its App: CPU milliseconds, and the modules that it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", _START],
        env=dict(settings),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return found


def starts(url: DatabaseUrl, rounds: int) -> dict[str, Any]:
    """Starts with functions against starts without them, in turns."""
    common = {"DATABASE_URL": url.text(), "AUTH": "off"}
    without = {**common, "SDL_DIR": str(PROJECT / "sdl")}
    module = resolvers.__name__
    with_them = {**common, "SDL_DIR": str(SDL), "RESOLVERS": module}
    pairs = [(start(with_them), start(without)) for _ in range(rounds)]
    more, less = (set(each["modules"]) for each in pairs[0])
    return {
        "cpu": ratios([a["cpu_ms"] for a, _ in pairs], [b["cpu_ms"] for _, b in pairs]).digits(2),
        "cpu_ms": Spread.of([b["cpu_ms"] for _, b in pairs]).digits(1),
        "modules": len(less),
        "more_modules": sorted(more - less),
    }


def main() -> None:
    """Measure, print, and save if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    with northwind() as (server, url):
        processors = separate_processors(server)
        about = surroundings(url, processors)
        settings = replace(settings_of(url), sdl_dir=SDL, resolvers=resolvers.__name__)
        samples, counts = asyncio.run(measure(settings, options.rounds))
        started = starts(url, 9)
    page = samples[PAGE].cpu_ns
    rows = {
        name: {
            "cpu_ms": Spread.of(found.cpu_ns).over(1e6).digits(2),
            "ratio": ratios(found.cpu_ns, page).digits(2),
            "calls": counts[name],
        }
        for name, found in samples.items()
    }
    results = {**about, "rounds": options.rounds, "pages": rows, "start": started}
    table = table_of(results)
    print(table, "", caption(results), sep="\n")
    if options.save:
        save("resolvers", results, table)


def table_of(results: Mapping[str, Any]) -> str:
    """What docs/performance.md shows of it."""
    lines = [
        [
            name if name == PAGE else f"with {name}",
            f"{each['cpu_ms']['median']:.2f}",
            f"{each['ratio']['median']:.2f}",
            str(each["calls"]),
        ]
        for name, each in results["pages"].items()
    ]
    started = results["start"]
    more = started["more_modules"]
    return "\n".join(
        (
            format_table(["100 orders", "CPU ms", "ratio", "calls"], lines),
            "",
            f"A start with these functions takes {started['cpu']['median']:.2f} times the CPU of"
            f" one without: {len(more)} modules more than {started['modules']},"
            f" {'Tartiflette' if 'tartiflette' in more else 'none of Tartiflette'} among them.",
        )
    )


if __name__ == "__main__":
    main()
