"""Rows that the database reads for one answer, as the tables grow: by the server's own counters.

``python -m benchmarks.bench_growth [--orders N ...] [--save]``. Every document is asked over tables
of several sizes, of whose orders every tenth is of one customer. A row or an entry of an index
counts each time that it is read, those of temporary tables included (``Handler_read``), which is
exact, whatever else the machine does. *Needed* is the least that any statement could read: the rows
of the page, one more that tells whether the list goes on, and those that they lead to.

``SERVER=mysql`` asks a MySQL. ``--save`` writes ``results/growth-SERVER.json`` and the table of
docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from msgspec.structs import replace
from pymysql.connections import Connection

from aurora_graphql.dev.choice import database_server
from aurora_graphql.explain import RecordingDatabase
from benchmarks.bench_questions import BUDGET_S, connect, explained, rows_of
from benchmarks.northwind import settings_of
from benchmarks.questions import SDL, TABLES
from benchmarks.report import caption, format_table, save, surroundings
from handler.access.principal import Principal
from handler.app import start_engine
from handler.engine.engine import Engine
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.literals import literal
from handler.stores.url import DatabaseUrl

SIZES: Final = (10_000, 100_000, 1_000_000)
PASSES: Final = 3
LARGE_CUSTOMER: Final = 1
PAGE: Final = 50
_NEWEST = "{ orders(first: 50) { nodes { orderId orderedAt customer { name } } } }"
_AFTER = (
    "query ($after: String) { orders(first: 50, after: $after)"
    " { nodes { orderId orderedAt customer { name } } } }"
)
_CUSTOMER = "{ customer(customerId: 1) { orders(first: 50) { nodes { orderId orderedAt } } } }"
_FACETED = (
    "{ customer(customerId: 1) { orders(first: 50) { nodes { orderId orderedAt }"
    " years { year orders } } } }"
)


@dataclass(frozen=True)
class Growing:
    """A document, and the least rows that any statement reads for it, by the number of orders."""

    title: str
    document: str
    needed: str  # in words
    is_deep: bool = False


GROWING: Final = (
    Growing(
        "one order with its items", "{ order(orderId: 7) { orderId items { quantity } } }", "3"
    ),
    Growing("the newest 50 orders with their customers", _NEWEST, "101"),
    Growing("50 orders in the middle of the list", _AFTER, "101", is_deep=True),
    Growing("the newest 50 of the customer with a tenth of all orders", _CUSTOMER, "52"),
    Growing("the same, beside its orders by year", _FACETED, "52 + orders of the customer"),
    Growing("revenue by month of all items", "{ revenueByMonth { month lines revenue } }", "items"),
)


@dataclass(frozen=True)
class Read:
    """What the answer took."""

    rows: int  # those of temporary tables included
    statements: int
    plans: list[list[str]]


def fill(url: DatabaseUrl, orders: int) -> None:
    """The tables of the questions, with so many orders; a tenth is of one customer."""
    text = TABLES.read_text().replace("n <= 100000", f"n <= {orders}")
    if orders > 100_000:  # numbers have a digit more
        text = text.replace("10000 * f.d + 1", "10000 * f.d + 100000 * g.d + 1")
        text = text.replace("digits e, digits f;", "digits e, digits f, digits g;")
    text = text.replace(
        "1 + MOD(CRC32(n), 2000)", f"IF(MOD(n, 10), 1 + MOD(CRC32(n), 2000), {LARGE_CUSTOMER})"
    )
    with connect(url) as connection, connection.cursor() as cursor:
        for statement in text.split(";\n"):
            if statement.strip():
                cursor.execute(statement)


@contextmanager
def opened(
    url: DatabaseUrl,
) -> Iterator[tuple[asyncio.AbstractEventLoop, Engine, RecordingDatabase]]:
    """An engine over the tables, and a database that records what is sent to it."""
    loop = asyncio.new_event_loop()
    database = MySqlDatabase(url)
    try:
        engine = loop.run_until_complete(start_engine(replace(settings_of(url), sdl_dir=SDL)))
        yield loop, engine, RecordingDatabase(database)
    finally:
        loop.run_until_complete(database.close())
        loop.close()


def statements(url: DatabaseUrl, growing: Growing, orders: int) -> list[str]:
    """What the API sends for it, with the values written in."""
    with opened(url) as (loop, engine, recording):
        grant = engine.access.grant(Principal.development())

        def ask(document: str, variables: Mapping[str, Any]) -> Any:
            async def run() -> Any:
                recording.seen.clear()
                prepared = engine.prepare(document, None, variables, grant)
                return await engine.execute(prepared, grant, recording, Deadline.after(BUDGET_S))

            answer = loop.run_until_complete(run())
            assert not answer.errors, answer.errors
            return orjson.loads(answer.data)

        variables = {}
        if growing.is_deep:
            first = ask("{ orders(first: 1) { pageInfo { endCursor } } }", {})
            variables["after"] = middle(url, first["orders"]["pageInfo"]["endCursor"], orders)
        ask(growing.document, variables)
        return [
            each.statement.text % tuple(map(literal, each.statement.parameters))
            for each in recording.seen
            if "information_schema" not in each.statement.text
        ]


def middle(url: DatabaseUrl, example: str, orders: int) -> str:
    """The cursor of an order in the middle, made of that of another one."""
    head = orjson.loads(urlsafe_b64decode(example + "=" * (-len(example) % 4)))[:2]
    with connect(url) as connection:
        text = (
            "SELECT DATE_FORMAT(ordered_at, '%Y-%m-%d %H:%i:%s.%f'), order_id FROM orders"
            f" ORDER BY ordered_at DESC, order_id DESC LIMIT {orders // 2}, 1"
        )
        ((ordered_at, order_id),) = rows_of(connection, text)
    values = [*head, ordered_at, str(order_id)]
    return urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


def read(url: DatabaseUrl, sent: Sequence[str]) -> Read:
    """What the server reads for these statements; the least of several passes."""
    with connect(url) as connection:
        passes = [_pass(connection, sent) for _ in range(PASSES)]
        plans = list(explained(connection, sent))
    return Read(min(passes), len(sent), plans)


def _pass(connection: Connection, sent: Sequence[str]) -> int:
    count = 0
    for statement in sent:
        rows_of(connection, "FLUSH STATUS")
        rows_of(connection, statement)
        counters = rows_of(connection, "SHOW SESSION STATUS LIKE 'Handler_read%'")
        count += sum(int(str(counter[1])) for counter in counters)
    return count


def table(found: Mapping[int, Sequence[Read]]) -> str:
    """Rows by document and size, then the plans over the largest tables."""
    head = ["rows read of", *(f"{orders:,} orders" for orders in found), "needed", "statements"]
    largest = found[max(found)]
    rows = [
        [
            growing.title,
            *(f"{found[orders][at].rows:,}" for orders in found),
            growing.needed,
            str(largest[at].statements),
        ]
        for at, growing in enumerate(GROWING)
    ]
    parts = [
        format_table(head, rows),
        "Over the largest tables, by `EXPLAIN` (table, type, key, rows, Extra):",
    ]
    lines = []
    for growing, each in zip(GROWING, largest, strict=True):
        for number, plan in enumerate(each.plans, start=1):
            lines += [f"{growing.title}, statement {number}", *(f"  {line}" for line in plan)]
    parts.append("\n".join(["```text", *lines, "```"]))
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args(arguments)
    kind = database_server(os.environ)
    found: dict[int, list[Read]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, kind(Path(folder)) as server:
        for orders in given.orders:
            url = server.create_database(f"growth_{orders}")
            fill(url, orders)
            found[orders] = [read(url, statements(url, each, orders)) for each in GROWING]
        results = surroundings(url, "processors not chosen")
    results |= {
        "kind": kind.title,
        "rounds": PASSES,
        "rows": {
            growing.title: {str(orders): each[at].rows for orders, each in found.items()}
            for at, growing in enumerate(GROWING)
        },
    }
    shown = f"On {kind.title} {results['server']}:\n\n{table(found)}"
    print(f"{shown}\n\n{caption(results)}")
    if given.save:
        save(f"growth-{kind.name}", results, shown)


if __name__ == "__main__":
    main()
