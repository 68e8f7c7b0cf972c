"""What the production stack needs at a load, what it costs, and which quota it meets first.

``python -m benchmarks.bench_capacity [--requests N ...] [--save]``. A simulation of some seconds
gives environments and refused requests, the bill of ``aurora-graphql preview`` the dollars of a
month at that load by day and night. Nothing is measured and nothing asked of AWS. A stack takes
what API Gateway lets through in one region of one account; more is a number of stacks. ``--save``
writes the tables of docs/capacity.md.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aurora_graphql.preview.cost import Estimate, estimate
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.prices import Prices
from aurora_graphql.preview.program import ARCHIVE_KEY, run_program, stack_region
from aurora_graphql.preview.traffic import SECONDS as MONTH_S
from aurora_graphql.preview.traffic import Traffic
from aurora_graphql.project_file import Project
from benchmarks.capacity import READER_ACUS, Capacity, capacity
from benchmarks.northwind import ROOT
from benchmarks.report import format_table, write_block
from handler.settings import Settings
from tests.domains.orders import PROJECT

LOADS: Final = (1_000, 10_000, 100_000)
STACK: Final = "prod"
MOST_OF_STACK: Final = 10_000  # requests a second, which apiThrottleRate takes at most
PAGE: Final = ROOT / "docs" / "capacity.md"
POOL_SIZE: Final = Settings.__struct_defaults__[Settings.__struct_fields__.index("pool_size")]


def settings_for(found: Capacity) -> dict[str, Any]:
    """The settings of the stack that the load asks to be changed."""
    return {
        "apiThrottleRate": str(found.requests_s),
        "apiThrottleBurst": min(5_000, found.requests_s),
        "monitoringAccountConcurrency": found.concurrency + 1_000,  # others live there, too
        "functionReservedConcurrency": found.concurrency,
        "databaseReaders": min(15, found.readers),
        "databaseMaxReaders": 15,
        "databaseMaxCapacityAcu": str(max(READER_ACUS, math.ceil(found.acus / 15))),
    }


def graph_for(found: Capacity) -> Graph:
    """The stack with these settings, as the preview runs it."""
    with tempfile.TemporaryDirectory(prefix="capacity-") as folder:
        write_archive(Path(folder), Project.of(PROJECT))
        return run_program(PROJECT, STACK, changes={ARCHIVE_KEY: folder, **settings_for(found)})


def stacks_for(requests_s: int) -> int:
    """How many stacks share a load, each in a region or an account of its own."""
    return math.ceil(requests_s / MOST_OF_STACK)


def bill_of(share: Capacity) -> Estimate:
    """A month of one stack, at its settings and its share of the load."""
    prices = Prices.load(stack_region(PROJECT, STACK))
    return estimate(graph_for(share), of_month(share.requests_s), prices)


def of_month(requests_s: int) -> Traffic:
    """The usual shares and times, with so many requests in every second of a month."""
    return Traffic(requests=requests_s * MONTH_S)


def needs_table(found: Sequence[Capacity], bills: Sequence[Estimate]) -> str:
    """A line for each thing that a load needs."""
    lines: list[tuple[str, list[str]]] = [
        ("environments of the function, warm", [f"{each.load.environments:,}" for each in found]),
        (
            "requests refused while they start, of all at once",
            [f"{each.load.refused:,} in {each.load.refused_until_s:.1f} s" for each in found],
        ),
        ("concurrency that Lambda wants", [f"{each.concurrency:,}" for each in found]),
        ("requests a second at the database", [f"{each.misses_s:,.0f}" for each in found]),
        ("ACUs at work", [f"{each.acus:,.0f}" for each in found]),
        (f"readers of {READER_ACUS} ACU", [f"{each.readers:,}" for each in found]),
        (
            "connections to the proxy, at most",
            [f"{each.client_connections:,}" for each in found],
        ),
        (
            "connections of the database that work at once",
            [f"{each.busy_connections:,}" for each in found],
        ),
        ("units of the serverless cache a second", [f"{each.ecpus_s:,.0f}" for each in found]),
        (
            "stacks, each in a region or an account of its own",
            [str(stacks_for(each.requests_s)) for each in found],
        ),
        (
            "dollars a month",
            [
                f"{bill.usd * stacks_for(each.requests_s):,.0f}"
                for each, bill in zip(found, bills, strict=True)
            ],
        ),
        ("dollars for a million requests", [_each_million(bill) for bill in bills]),
    ]
    head = ["requests a second", *(f"{each.requests_s:,}" for each in found)]
    return format_table(head, [[name, *cells] for name, cells in lines])


def _each_million(bill: Estimate) -> str:
    return f"{bill.usd / bill.traffic.requests * 1e6:.2f}"


def services_table(found: Sequence[Capacity], bills: Sequence[Estimate]) -> str:
    """Where the dollars are."""
    names = [row.service for row in bills[-1].rows]
    shown = {
        name: [
            stacks_for(each.requests_s) * sum(row.usd for row in bill.rows if row.service == name)
            for each, bill in zip(found, bills, strict=True)
        ]
        for name in names
    }
    head = ["dollars a month", *(f"{each.requests_s:,} a second" for each in found)]
    rows = [[name, *(f"{usd:,.0f}" for usd in each)] for name, each in shown.items()]
    return format_table(head, rows)


def quotas_table(found: Sequence[Capacity]) -> str:
    """How much of each quota a load takes; above 100 % it breaks there."""
    head = ["quota of AWS", "limit", *(f"{each.requests_s:,} a second" for each in found), "then"]
    rows = []
    for at, need in enumerate(found[-1].needs):
        shares = [f"{each.needs[at].share:,.0%}" for each in found]
        name = f"[{need.quota.name}]({need.quota.source})"
        rows.append([name, f"{need.quota.limit:,.0f}", *shares, need.quota.raised_by])
    return format_table(head, rows)


def settings_table(found: Sequence[Capacity]) -> str:
    """What to write into the file of a stack; ``found``: the shares of one."""
    wanted = [settings_for(each) for each in found]
    head = ["setting", *(f"{each.requests_s:,} a second" for each in found)]
    rows = [[f"`{name}`", *(f"{each[name]}" for each in wanted)] for name in wanted[0]]
    return format_table(head, rows)


def _capacity(requests_s: int) -> Capacity:
    return capacity(requests_s, of_month(requests_s), pool_size=POOL_SIZE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, nargs="+", default=list(LOADS))
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args(arguments)
    found = [_capacity(each) for each in given.requests]
    shares = {each.requests_s: each for each in found}
    for each in given.requests:
        share = math.ceil(each / stacks_for(each))
        if share not in shares:
            shares[share] = _capacity(share)
    of_stack = [shares[math.ceil(each / stacks_for(each))] for each in given.requests]
    known = {each.requests_s: bill_of(each) for each in of_stack}
    bills = [known[each.requests_s] for each in of_stack]
    parts = {
        "capacity-needs": needs_table(found, bills),
        "capacity-quotas": quotas_table(found),
        "capacity-settings": settings_table(
            list({one.requests_s: one for one in of_stack}.values())
        ),
        "capacity-bill": services_table(found, bills),
    }
    print("\n\n".join(parts.values()))
    if given.save:
        for name, table in parts.items():
            write_block(PAGE, name, table)


if __name__ == "__main__":
    main()
