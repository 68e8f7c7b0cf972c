"""Ingest: lines per second and peak memory, on a private MariaDB.

``python -m benchmarks.bench_ingest [--lines N] [--runs N]``. The first run of each row fills empty
tables, the second finds everything there. Orders are two lines apart from their neighbours' lines,
as a shop writes them; ``scattered`` spreads each order over the whole file, which is the worst case
for the numbers of lines.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from aurora_graphql.dev.servers import MariaDb

ROOT = Path(__file__).parents[1]
LINES_PER_ORDER = 2.5
PRODUCTS = 4_000
CUSTOMERS = 20_000


def write_lines(file: Path, count: int, *, scattered: bool) -> None:
    """A made-up shop's export, the same each time."""
    chance = random.Random(20261123)
    orders = max(1, int(count / LINES_PER_ORDER))
    with file.open("w", encoding="utf-8") as out:
        for at in range(count):
            order = chance.randrange(orders) if scattered else int(at / LINES_PER_ORDER)
            product = int(PRODUCTS * chance.random() ** 2)
            record = {
                "orderId": 500_000 + order,
                "orderRef": f"SO-{500_000 + order}",
                "orderedAt": f"2026-{order % 12 + 1:02}-{order % 28 + 1:02}T12:{order % 60:02}:00Z",
                "customerId": f"C{order * 7919 % CUSTOMERS:05}",
                "customerName": f"Käufer {order * 7919 % CUSTOMERS}",
                "country": ("Deutschland", "France", "United Kingdom")[
                    order * 7919 % CUSTOMERS % 3
                ],
                "productId": f"P{product:05}",
                "productName": f"Product number {product} of the catalogue",
                "price": product % 9_000 / 100 + 0.99,
                "quantity": chance.randrange(1, 12),
            }
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def run(url: str, file: Path) -> tuple[float, float]:
    """Seconds and peak MiB of one ingest process."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "handler.jobs.ingest", str(file)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"handler.jobs.ingest ended with status {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


@contextlib.contextmanager
def migrated(server: MariaDb) -> Iterator[str]:
    """An empty database with the order tables."""
    url = server.create_database("bench").text()
    try:
        environ = os.environ | {"DATABASE_URL": url}
        migrate = [sys.executable, "-m", "handler.jobs.migrate"]
        subprocess.run(migrate, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        yield url
    finally:
        server.drop_database("bench")


def main() -> None:
    """Print one row per case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"python {platform.python_version()}, {os.cpu_count()} cpus, {options.lines:,} lines")
    print(f"{'case':24}{'lines/s median':>16}{'lowest':>10}{'highest':>10}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as directory, MariaDb(Path(directory) / "db") as server:
        for scattered in (False, True):
            file = Path(directory) / "lines.jsonl"
            write_lines(file, options.lines, scattered=scattered)
            cases: dict[str, list[tuple[float, float]]] = {"empty tables": [], "same again": []}
            for _ in range(options.runs):
                with migrated(server) as url:
                    for results in cases.values():
                        results.append(run(url, file))
            for name, results in cases.items():
                speeds = [options.lines / seconds for seconds, _ in results]
                print(
                    f"{name + (', scattered' if scattered else ''):24}"
                    f"{statistics.median(speeds):16,.0f}{min(speeds):10,.0f}{max(speeds):10,.0f}"
                    f"{max(peak for _, peak in results):10.0f}"
                )


if __name__ == "__main__":
    main()
