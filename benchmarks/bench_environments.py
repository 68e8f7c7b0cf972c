"""Environments of a function as they grow, all busy, beside servers of Node.js.

``python -m benchmarks.bench_environments [--most N] [--seconds S] [--save]``. An environment is a
process that answers one request after the other without a pause, as Lambda's does under load. All
share one processor here and MariaDB has the other, so requests per second tell what a request costs
and do not grow with environments; what is asked is whether they fall, how long the last of a
hundred waits, what memory each environment takes, and what the database does for a request.
``--save`` writes ``results/environments.json``, the table of docs/performance.md and
docs/environments.svg.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import mean
from typing import Any, Final, TypeAlias

import orjson

from benchmarks.cases import CASES, PAGE
from benchmarks.environments_picture import PICTURE, draw
from benchmarks.handwritten import Handwritten, OrderCursors, open_pool
from benchmarks.northwind import northwind, open_app, separate_processors, settings_of
from benchmarks.peers.processes import (
    LIBRARIES,
    NODE,
    OURS,
    Peer,
    Turn,
    open_environment,
    open_node,
)
from benchmarks.report import caption, cursor_of, format_table, save, surroundings
from handler.stores.url import DatabaseUrl

LOOKUP: Final = next(case for case in CASES if case.name == "lookup")
ASKED: Final = (LOOKUP, PAGE)
LEAST: Final = "written by hand"
WARM_UP: Final = 100
Work: TypeAlias = tuple[int, int]  # statements, rows
CONNECTIONS: Final = 600  # more than 64 environments of 4
HEAD: Final = (
    "",
    "environments",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "statements",
    "rows read",
    "MB",
)


async def measure(
    url: DatabaseUrl, *, most: int, seconds: float, warm_up: int = WARM_UP
) -> dict[str, Any]:
    """Everybody, by case and number of environments."""
    first = work(url)
    own = difference(first, work(url))
    async with open_app(settings_of(url)) as app, open_pool(url) as pool:
        page = orjson.loads((await app.handle(PAGE.event(), budget_s=20))["body"])
        cursors = OrderCursors(page["data"]["orders"]["pageInfo"]["endCursor"])
        by_hand = Handwritten(pool, cursors)
        least = {}
        for case in ASKED:
            call = by_hand.call(case.name, case.variables)
            await call()
            before = work(url)
            for _ in range(warm_up):
                await call()
            least[case.name] = per_request(before, work(url), warm_up, own=own)
    found: dict[str, Any] = {}
    for engine in (OURS, *NODE):
        async with _opened(engine, url, cursors, most) as environments:
            found[engine] = await _measure_engine(
                engine, environments, url, seconds=seconds, warm_up=warm_up, own=own
            )
            print(f"{engine}: done", flush=True)
    return {
        case.name: {
            "title": case.title,
            "least": least[case.name],
            "contestants": {engine: each[case.name] for engine, each in found.items()},
        }
        for case in ASKED
    }


@asynccontextmanager
async def _opened(
    engine: str, url: DatabaseUrl, cursors: OrderCursors, count: int
) -> AsyncIterator[Sequence[Peer]]:
    """So many processes; they are started one after the other, so that none hinders the next."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                open_environment(url) if engine == OURS else open_node(url, cursors)
            )
            for _ in range(count)
        ]


async def _measure_engine(
    engine: str,
    environments: Sequence[Peer],
    url: DatabaseUrl,
    *,
    seconds: float,
    warm_up: int,
    own: Work,
) -> dict[str, list[dict[str, Any]]]:
    """By case, an entry for each number of environments."""
    found: dict[str, list[dict[str, Any]]] = {}
    for case in ASKED:
        for each in environments:
            await each.turn(engine, case, calls=warm_up)
        found[case.name] = []
        for count in steps(len(environments)):
            busy = environments[:count]
            before = work(url)
            turns = await asyncio.gather(
                *(each.turn(engine, case, seconds=seconds) for each in busy)
            )
            found[case.name].append(
                {"environments": count, "resident_mb": round(mean(map(Peer.resident_mb, busy)), 1)}
                | _times(turns, seconds)
                | per_request(before, work(url), sum(len(t.wall_ns) for t in turns), own=own)
            )
    return found


def steps(most: int) -> list[int]:
    """1, 4, 16, ... environments."""
    return [4**power for power in range(most.bit_length()) if 4**power <= most]


def _times(turns: Sequence[Turn], seconds: float) -> dict[str, float]:
    wall_ms = sorted(each / 1e6 for turn in turns for each in turn.wall_ns)
    return {
        "per_second": round(len(wall_ms) / seconds, 1),
        "p50_ms": round(wall_ms[len(wall_ms) // 2], 3),
        "p99_ms": round(wall_ms[len(wall_ms) * 99 // 100], 3),
    }


def work(url: DatabaseUrl) -> Work:
    """What the server has done so far: statements, and rows that it read by an index or without."""
    with cursor_of(url) as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Com_select'")
        statements = sum(int(value) for _, value in cursor.fetchall())
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
        rows = sum(int(value) for _, value in cursor.fetchall())
    return statements, rows


def difference(before: Work, after: Work) -> Work:
    """What was done between."""
    return after[0] - before[0], after[1] - before[1]


def per_request(before: Work, after: Work, requests: int, *, own: Work) -> dict[str, float]:
    """Statements and rows of one, without those of looking (``own``)."""
    statements, rows = difference(own, difference(before, after))
    return {
        "statements": round(statements / requests, 2),
        "rows_read": round(rows / requests, 1),
    }


def format_results(cases: Mapping[str, Any]) -> str:
    """A table for each case."""
    parts = []
    for case in cases.values():
        least = case["least"]
        rows = [[LEAST, *[""] * 4, f"{least['statements']:.0f}", f"{least['rows_read']:.0f}", ""]]
        rows += [
            _row(engine, step) for engine, found in case["contestants"].items() for step in found
        ]
        parts.append(f"**{case['title']}**\n\n{format_table(HEAD, rows)}")
    return "\n\n".join(parts)


def _row(engine: str, step: Mapping[str, float]) -> list[str]:
    return [
        engine,
        f"{step['environments']}",
        f"{step['per_second']:,.0f}",
        f"{step['p50_ms']:,.2f}",
        f"{step['p99_ms']:,.2f}",
        f"{step['statements']:.0f}",
        f"{step['rows_read']:.0f}",
        f"{step['resident_mb']:.0f}",
    ]


def allow_connections(url: DatabaseUrl) -> None:
    """As many as the environments of all may hold."""
    with cursor_of(url) as cursor:
        cursor.execute("SET GLOBAL max_connections = %s", (CONNECTIONS,))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=64, help="environments")
    parser.add_argument("--seconds", type=float, default=4, help="of each number of them")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args(arguments)
    with northwind() as (server, url):
        allow_connections(url)
        processors = separate_processors(server)
        results = surroundings(url, processors, LIBRARIES) | {
            "rounds": 1,
            "seconds": options.seconds,
            "cases": asyncio.run(measure(url, most=options.most, seconds=options.seconds)),
        }
    table = format_results(results["cases"])
    print(f"{table}\n\n{caption(results)}")
    if options.save:
        save("environments", results, table)
        PICTURE.write_text(draw(results), encoding="utf-8")


if __name__ == "__main__":
    main()
