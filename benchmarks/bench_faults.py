"""What callers see while cache or database break, and how soon it is over.

``python -m benchmarks faults [--save] [--seconds N]``. One environment answers a steady stream of
mixed reads; the faults are those that ``tests/faults/cases.py`` survives with 32 environments.
``--save`` writes the table and the picture of docs/resilience.md.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import orjson

from benchmarks.latency_picture import Mark, Sample, draw
from benchmarks.report import format_table
from handler.app import App
from handler.observe.log import Log
from tests.faults.cases import CASES, Case, database_fails_over, killed
from tests.faults.site import Servers, Site, open_servers, open_site
from tests.faults.traffic import event

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "resilience.md"
PICTURE = ROOT / "docs" / "resilience.svg"
BUDGET_S = 2.0
RATE = 50.0  # requests a second
CALM_S = 5.0  # between two faults: longer than the breaker's longest pause
RECOVERED = 10  # good answers in a row
RECOVERY_S = 30.0  # after which there is no hope
KNOWN = '{ orders(first: 10, customerId: "%s") { nodes { orderRef total items { productId } } } }'
NEW = (
    '{ orders(first: 10, to: "%sZ") { nodes { orderRef total items { productId } } } }',
    '{ products(first: 5, namePrefix: "C") { nodes { productName } } orders(to: "%sZ") '
    "{ totalCount } }",
)
CUSTOMERS = ("ALFKI", "ANATR", "ANTON", "AROUT", "BERGS", "BLAUS", "BLONP", "BOLID")


@dataclass
class Stream:
    """Requests to one environment at a steady rate; a late one delays the next."""

    app: App
    samples: list[Sample] = field(default_factory=list)
    number: int = 0

    async def run(self, seconds: float) -> list[Sample]:
        """The requests of so many seconds."""
        before = len(self.samples)
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            began = time.monotonic()
            await self.ask()
            await asyncio.sleep(max(0.0, 1 / RATE - (time.monotonic() - began)))
        return self.samples[before:]

    async def ask(self) -> Sample:
        """One request; every fourth is new to the cache."""
        self.number += 1
        if self.number % 4:
            document = KNOWN % CUSTOMERS[self.number % len(CUSTOMERS)]
        else:
            moment = datetime(2030, 1, 1) + timedelta(seconds=self.number)
            document = NEW[self.number // 4 % 2] % moment.isoformat()
        began = time.monotonic()
        response = await self.app.handle(event(document), budget_s=BUDGET_S)
        took_s = time.monotonic() - began
        answer = orjson.loads(response["body"])
        codes = sorted({each["extensions"]["code"] for each in answer.get("errors", ())})
        sample = Sample(began, took_s, codes[0] if codes else "right")
        self.samples.append(sample)
        return sample


async def measure(site: Site, stream: Stream, case: Case, seconds: float) -> list[str]:
    """One line of the table."""
    responses = site.apps[0]._responses
    assert responses is not None
    usual = await stream.run(CALM_S)
    await case.begin(site)
    broken = await stream.run(seconds)
    await site.cure()
    cured_at = time.monotonic()
    hits, hit_s = responses.counts["hit"], 0.0
    good, recovered_s = 0, 0.0
    while good < RECOVERED or not hit_s:
        sample = await stream.ask()
        good = good + 1 if sample.end == "right" else 0
        if good == 1:
            recovered_s = sample.at_s + sample.took_s - cured_at
        if not hit_s and responses.counts["hit"] > hits:
            hit_s = time.monotonic() - cured_at
        if time.monotonic() - cured_at > RECOVERY_S:
            raise SystemExit(f"{case.name}: not recovered within {RECOVERY_S:g} s")
        await asyncio.sleep(1 / RATE)
    ends = Counter(sample.end for sample in broken)
    seen = ", ".join(
        f"{count * 100 / len(broken):.0f} % {end}" for end, count in ends.most_common()
    )
    late = max(sample.took_s for sample in broken) > BUDGET_S + 0.1
    return [
        case.name,
        seen,
        f"{_p99(broken) - _p99(usual):+.0f}",
        f"{_p99(broken[len(broken) // 2 :]) - _p99(usual):+.0f}",
        f"{max(sample.took_s for sample in broken) * 1e3:.0f}",
        "LATE" if late else "yes",
        f"{recovered_s:.2f}",
        f"{hit_s:.2f}",
    ]


def _p99(samples: list[Sample]) -> float:
    return quantiles([sample.took_s * 1e3 for sample in samples], n=100, method="inclusive")[98]


async def film(site: Site, stream: Stream) -> str:
    """A picture of requests across a death of Redis and a failover of the database."""
    await stream.run(2)
    stream.samples.clear()
    marks = []
    await stream.run(2)
    for name, cure, begin in (
        ("Redis killed", "Redis started again", killed("redis")),
        ("database dies", "its name leads to the standby", database_fails_over),
    ):
        began_s = time.monotonic()
        await begin(site)
        await stream.run(3)
        await site.cure()
        marks.append(Mark(began_s, time.monotonic(), name, cure))
        await stream.run(4)
    return draw(stream.samples, marks)


async def run(servers: Servers, seconds: float, chosen: str) -> tuple[str, str]:
    """The table and the picture."""
    head = [
        "fault",
        "callers see",
        "p99 added, ms",
        "in the second half, ms",
        "slowest, ms",
        "in time",
        "served after, s",
        "hits after, s",
    ]
    rows = []
    async with open_site(servers, 1) as site:
        site.apps[0].log = Log("ERROR", io.StringIO())  # a line for each failure, read by nobody
        stream = Stream(site.apps[0])  # one for all, so that what is new is new in each case
        for case in CASES:
            if chosen in case.name:
                rows.append(await measure(site, stream, case, seconds))
                print(" | ".join(rows[-1]), flush=True)
        return format_table(head, rows), await film(site, stream)


def main() -> None:
    """Print, and save if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each fault lasts")
    parser.add_argument("--only", default="", help="cases whose names hold this text")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    if options.save and options.only:
        parser.error("a table of some cases is not saved: leave out --only")
    with tempfile.TemporaryDirectory() as folder, open_servers(Path(folder)) as servers:
        table, picture = asyncio.run(run(servers, options.seconds, options.only))
    print(f"\n{table}")
    if options.save:
        save(table)
        PICTURE.write_text(picture)


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


if __name__ == "__main__":
    main()
