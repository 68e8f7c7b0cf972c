"""What callers see while cache or database break, and how soon it is over.

``python -m benchmarks.bench_faults [--save] [--seconds N]``. One environment answers a steady
stream of mixed reads through proxies that break on purpose, or on servers that are frozen and
killed. ``--save`` writes the table and the picture of docs/resilience.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson

from benchmarks.northwind import northwind, open_app, settings_of
from benchmarks.report import format_table
from handler.app import App
from handler.stores.cache import RedisCache
from handler.stores.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from local.servers import MariaDb, RedisServer
from tests.faults.proxy import Fault, FaultProxy

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "resilience.md"
PICTURE = ROOT / "docs" / "resilience.svg"
BUDGET_S = 2.0
RATE = 50.0  # requests a second
RECOVERED = 10  # good answers in a row
DOCUMENT = "{ orders(first: 10, customerId: %s) { nodes { orderRef total customer { name } } } }"
CUSTOMERS = ("ALFKI", "ANATR", "ANTON", "AROUT", "BERGS", "BLAUS", "BLONP", "BOLID")


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it began, how long it took, and how it ended."""

    at_s: float
    took_s: float
    end: str


@dataclass
class Scene:
    """One environment between its proxies."""

    app: App
    mariadb: MariaDb
    redis: RedisServer
    database: FaultProxy
    cache: FaultProxy
    samples: list[Sample] = field(default_factory=list)
    number: int = 0

    async def stream(self, seconds: float) -> list[Sample]:
        """Requests at a steady rate, one after the other; a late one delays the next."""
        taken: list[Sample] = []
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            began = time.monotonic()
            taken.append(await self.ask())
            await asyncio.sleep(max(0.0, 1 / RATE - (time.monotonic() - began)))
        return taken

    async def ask(self) -> Sample:
        """One request; every fourth is new to the cache."""
        self.number += 1
        known = CUSTOMERS[self.number % len(CUSTOMERS)]
        customer = known if self.number % 4 else f"new {self.number}"
        began = time.monotonic()
        response = await self.app.handle(
            event(DOCUMENT % orjson.dumps(customer).decode()), budget_s=BUDGET_S
        )
        took_s = time.monotonic() - began
        answer = orjson.loads(response["body"])
        codes = sorted({each["extensions"]["code"] for each in answer.get("errors", ())})
        sample = Sample(began, took_s, codes[0] if codes else "right")
        self.samples.append(sample)
        return sample


def event(document: str) -> dict[str, Any]:
    """A POST as the gateway sends it."""
    return {
        "httpMethod": "POST",
        "path": "/graphql",
        "headers": {"content-type": "application/json", "accept": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "bench", "stage": "bench"},
        "body": orjson.dumps({"query": document}).decode(),
        "isBase64Encoded": False,
    }


Switch = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """A fault and its cure."""

    name: str
    breaks: Switch
    cures: Switch


def proxied(name: str, which: str, fault: Fault | str) -> Case:
    """A fault of the proxy before the cache or the database."""

    async def breaks(scene: Scene) -> None:
        proxy: FaultProxy = getattr(scene, which)
        proxy.is_refusing, proxy.is_frozen = fault == "refused", fault == "frozen"
        proxy.fault = fault if isinstance(fault, Fault) else None
        if fault != "frozen":
            proxy.break_all()

    async def cures(scene: Scene) -> None:
        proxy: FaultProxy = getattr(scene, which)
        proxy.is_refusing = proxy.is_frozen = False
        proxy.fault = None

    return Case(name, breaks, cures)


def killed(name: str, which: str) -> Case:
    """The server killed, and started again."""

    async def breaks(scene: Scene) -> None:
        server: MariaDb | RedisServer = getattr(scene, which)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)

    async def cures(scene: Scene) -> None:
        await asyncio.to_thread(getattr(scene, which).start)

    return Case(name, breaks, cures)


def stopped(name: str, which: str) -> Case:
    """The server's process stopped, and going on."""

    async def send(scene: Scene, number: int) -> None:
        pid = getattr(scene, which).pid
        assert pid is not None
        os.kill(pid, number)

    return Case(
        name, lambda scene: send(scene, signal.SIGSTOP), lambda scene: send(scene, signal.SIGCONT)
    )


CASES = (
    killed("Redis killed", "redis"),
    stopped("Redis frozen", "redis"),
    proxied("Redis slow by 500 ms", "cache", Fault(delay_s=0.5)),
    proxied("Redis resets within an answer", "cache", Fault(reset_after=100)),
    proxied("Redis sends garbage", "cache", Fault(garbage_after=0)),
    killed("database killed and restarted", "mariadb"),
    stopped("database frozen", "mariadb"),
    proxied("database refuses connections", "database", "refused"),
    proxied("database slow by 50 ms", "database", Fault(delay_s=0.05)),
    proxied("database frozen in the handshake", "database", Fault(hole_after=10)),
    proxied("database resets within rows", "database", Fault(reset_after=400)),
    proxied("database sends garbage", "database", Fault(garbage_after=200)),
)


async def measure(scene: Scene, case: Case, seconds: float) -> list[str]:
    """One line of the table."""
    usual = await scene.stream(5.0)  # long enough for the breaker of the case before
    await case.breaks(scene)
    broken = await scene.stream(seconds)
    await case.cures(scene)
    cured_at = time.monotonic()
    responses = scene.app._responses
    assert responses is not None
    hits, hit_s = responses.counts["hit"], 0.0
    good, recovered_s = 0, 0.0
    while good < RECOVERED or not hit_s:
        sample = await scene.ask()
        good = good + 1 if sample.end == "right" else 0
        if good == 1:
            recovered_s = sample.at_s + sample.took_s - cured_at
        if not hit_s and responses.counts["hit"] > hits:
            hit_s = time.monotonic() - cured_at
        if time.monotonic() - cured_at > 30:
            raise SystemExit(f"{case.name}: not recovered within 30 s")
        await asyncio.sleep(1 / RATE)
    ends = Counter(sample.end for sample in broken)
    seen = ", ".join(f"{count * 100 // len(broken)} % {end}" for end, count in ends.most_common())
    late = max(sample.took_s for sample in broken) > BUDGET_S + 0.1
    return [
        case.name,
        seen,
        f"{_p99(broken) - _p99(usual):+.0f}",
        f"{max(sample.took_s for sample in broken) * 1e3:.0f}",
        "LATE" if late else "yes",
        f"{recovered_s:.2f}",
        f"{hit_s:.2f}",
    ]


def _p99(samples: list[Sample]) -> float:
    return quantiles([sample.took_s * 1e3 for sample in samples], n=100, method="inclusive")[98]


@contextlib.asynccontextmanager
async def scene_of(mariadb: MariaDb, redis: RedisServer, url: DatabaseUrl) -> AsyncIterator[Scene]:
    """One environment behind two proxies."""
    database = FaultProxy(("127.0.0.1", mariadb.port or 0))
    cache = FaultProxy(("127.0.0.1", redis.port or 0))
    async with database.running(), cache.running():
        through = DatabaseUrl(
            user=url.user, database=url.database, host="127.0.0.1", port=database.port
        )
        async with open_app(settings_of(through)) as started:
            app = App(
                started.settings,
                started.engine,
                MySqlDatabase(through),
                RedisCache(f"redis://127.0.0.1:{cache.port}"),
            )
            app._log = started._log  # writes to where nobody reads
            yield Scene(app, mariadb, redis, database, cache)
            await app.close()


async def film(scene: Scene) -> tuple[list[Sample], list[tuple[float, str]]]:
    """Requests across a death of Redis and a failover of the database, and when things happened."""
    scene.samples.clear()
    await scene.stream(2)
    marks = []
    for name, case in (
        ("Redis killed", killed("", "redis")),
        ("database fails over", proxied("", "database", "refused")),
    ):
        marks.append((time.monotonic(), name))
        await case.breaks(scene)
        await scene.stream(3)
        await case.cures(scene)
        marks.append((time.monotonic(), "cured"))
        await scene.stream(3)
    return list(scene.samples), marks


def draw(samples: list[Sample], marks: list[tuple[float, str]]) -> str:
    """The picture: a dot for each request, time to the right, latency upwards by powers of ten."""
    width, height, left, top = 900, 320, 60, 30
    start, end = samples[0].at_s, samples[-1].at_s

    def x(at_s: float) -> float:
        return left + (at_s - start) / (end - start) * (width - left - 20)

    def y(took_s: float) -> float:
        from math import log10

        return top + (4 - min(4.0, max(0.0, log10(took_s * 1e4)))) / 4 * (height - top - 40)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for took_s, text in (
        (1e-4, "0.1 ms"),
        (1e-3, "1 ms"),
        (1e-2, "10 ms"),
        (0.1, "100 ms"),
        (1, "1 s"),
    ):
        parts.append(
            f'<path d="M{left} {y(took_s):.0f}H{width - 20}" stroke="#ddd"/>'
            f'<text x="{left - 6}" y="{y(took_s) + 4:.0f}" text-anchor="end">{text}</text>'
        )
    for at_s, name in marks:
        parts.append(
            f'<path d="M{x(at_s):.0f} {top}V{height - 40}" stroke="#888" stroke-dasharray="4"/>'
            f'<text x="{x(at_s) + 4:.0f}" y="{top - 8}">{name}</text>'
        )
    for sample in samples:
        colour = "#1b7f4d" if sample.end == "right" else "#c0392b"
        parts.append(
            f'<circle cx="{x(sample.at_s):.1f}" cy="{y(sample.took_s):.1f}" r="2" fill="{colour}"/>'
        )
    parts.append(
        f'<text x="{left}" y="{height - 12}">seconds: 0 to {end - start:.0f}; green: right; '
        "red: typed error</text></svg>"
    )
    return "\n".join(parts) + "\n"


def save(table: str) -> None:
    """Put the table between its marks."""
    text = PAGE.read_text()
    block = re.compile("<!-- faults -->.*?<!-- end of faults -->", re.DOTALL)
    note = (
        f"{date.today().isoformat()}, {os.cpu_count()} processors shared with other work, load "
        f"{os.getloadavg()[0]:.1f}; budget {BUDGET_S:g} s, {RATE:.0f} requests a second, MariaDB "
        "and Redis on loopback."
    )
    text, count = block.subn(
        lambda _: f"<!-- faults -->\n\n{table}\n\n{note}\n\n<!-- end of faults -->", text
    )
    if count != 1:
        raise SystemExit(f"{PAGE.name} needs the marks of the table exactly once")
    PAGE.write_text(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def run(
    mariadb: MariaDb, redis: RedisServer, url: DatabaseUrl, seconds: float
) -> tuple[str, str]:
    """The table and the picture."""
    head = [
        "fault",
        "callers see",
        "p99 added, ms",
        "slowest, ms",
        "in time",
        "served after, s",
        "hits after, s",
    ]
    async with scene_of(mariadb, redis, url) as scene:
        await scene.stream(0.5)
        rows = []
        for case in CASES:
            rows.append(await measure(scene, case, seconds))
            print(" | ".join(rows[-1]), flush=True)
        picture = draw(*await film(scene))
    return format_table(head, rows), picture


def main() -> None:
    """Print, and save if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each fault lasts")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer(Path(folder), port=_free_port()) as redis,
        northwind(port=_free_port()) as (mariadb, url),
    ):
        table, picture = asyncio.run(run(mariadb, redis, url, options.seconds))
    print(f"\n{table}")
    if options.save:
        save(table)
        PICTURE.write_text(picture)


if __name__ == "__main__":
    main()
