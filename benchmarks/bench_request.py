"""Whole requests: the compiled API beside code written by hand and engines with resolvers.

``python -m benchmarks.bench_request [--case NAME] [--rounds N] [--save]``. All ask the same private
MariaDB and must give the same JSON, which is checked first. They are timed in turns, in one process
of Python, one each of Ariadne and Strawberry and one of Node.js; the ratios are to the hand-written
code (see ``measure``). ``--save`` writes ``results/request.json`` and the table of
docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from benchmarks.cases import CASES, Case
from benchmarks.contestants import YARDSTICK, Contestants
from benchmarks.measure import Call, Samples, Spread, ratios, take_turns
from benchmarks.northwind import northwind, separate_processors
from benchmarks.peers.processes import LIBRARIES as NODE_LIBRARIES
from benchmarks.peers.processes import PYTHON_LIBRARIES
from benchmarks.report import caption, cursor_of, format_table, save, surroundings
from handler.stores.url import DatabaseUrl

HEAD = ("", "wall ms", "quartiles", "ratio", "quartiles", "CPU ms", "CPU ratio", "statements")


async def measure_case(
    contestants: Contestants, case: Case, url: DatabaseUrl, options: argparse.Namespace
) -> dict[str, Any]:
    """The results of one document as they are written to JSON."""
    calls = contestants.calls(case)
    answer_bytes = await check_answers(calls)
    statements = {name: await count_statements(call, url) for name, call in calls.items()}
    samples = await take_turns(
        contestants.turns(case),
        rounds=options.rounds,
        burst=options.burst,
        warm_up=options.warm_up,
    )
    return {
        "title": case.title,
        "answer_bytes": answer_bytes,
        "contestants": {
            name: _summary(samples[name], samples[YARDSTICK]) | {"statements": statements[name]}
            for name in calls
        },
    }


async def check_answers(calls: Mapping[str, Call]) -> int:
    """Bytes of the answer; stops the program if two contestants give different JSON."""
    answers = {name: await call() for name, call in calls.items()}
    expected = orjson.loads(answers[YARDSTICK])
    for name, answer in answers.items():
        if orjson.loads(answer) != expected:
            raise SystemExit(f"{name} answers {answer[:500]!r}")
    return len(answers[YARDSTICK])


async def count_statements(call: Call, url: DatabaseUrl) -> int:
    """How many SELECTs the server sees of one call."""
    with cursor_of(url) as cursor:
        counts = []
        for _ in range(2):
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Com_select'")
            counts.append(int((cursor.fetchone() or ("", 0))[1]))
            await call()
        return counts[1] - counts[0]


def _summary(samples: Samples, yardstick: Samples) -> dict[str, Any]:
    return {
        "wall_ms": Spread.of(samples.wall_ns).over(1e6).digits(3),
        "wall_ratio": ratios(samples.wall_ns, yardstick.wall_ns).digits(3),
        "cpu_ms": Spread.of(samples.cpu_ns).over(1e6).digits(3),
        "cpu_ratio": ratios(samples.cpu_ns, yardstick.cpu_ns).digits(3),
    }


def format_results(results: Mapping[str, Any]) -> str:
    """A table for each document."""
    parts = []
    for case in results["cases"].values():
        rows = [_row(name, found) for name, found in case["contestants"].items()]
        title = f"**{case['title']}** ({case['answer_bytes']:,} bytes)"
        parts.append(f"{title}\n\n{format_table(HEAD, rows)}")
    return "\n\n".join(parts)


def _row(name: str, found: Mapping[str, Any]) -> Sequence[str]:
    wall, ratio = found["wall_ms"], found["wall_ratio"]
    return (
        name,
        f"{wall['median']:.2f}",
        f"{wall['low']:.2f} to {wall['high']:.2f}",
        f"{ratio['median']:.2f}",
        f"{ratio['low']:.2f} to {ratio['high']:.2f}",
        f"{found['cpu_ms']['median']:.2f}",
        f"{found['cpu_ratio']['median']:.2f}",
        str(found["statements"]),
    )


async def _run(url: DatabaseUrl, options: argparse.Namespace) -> dict[str, Any]:
    async with Contestants.open(url) as contestants:
        return {
            case.name: await measure_case(contestants, case, url, options)
            for case in CASES
            if options.case in (None, case.name)
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--case", choices=[case.name for case in CASES])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--burst", type=int, default=3, help="measured calls in one turn")
    parser.add_argument("--warm-up", type=int, default=20, help="calls before the first round")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args(arguments)
    with northwind() as (server, url):
        processors = separate_processors(server)
        results = surroundings(url, processors, {**PYTHON_LIBRARIES, **NODE_LIBRARIES}) | {
            "rounds": options.rounds,
            "burst": options.burst,
            "warm_up": options.warm_up,
            "cases": asyncio.run(_run(url, options)),
        }
    table = format_results(results)
    print(f"{table}\n\n{caption(results)}")
    if options.save:
        save("request", results, table)


if __name__ == "__main__":
    main()
