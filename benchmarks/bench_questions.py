"""Nested filters and pages through link tables, beside the SQL that an expert writes by hand.

``python -m benchmarks.bench_questions [NAME ...] [--rounds N] [--explain] [--save]``. Both ask the
same server for the same rows of 100,000 orders, by turns, each by its own statements; the time is
that of the statements from the first byte sent to the last one read. ``SERVER=mysql`` asks a MySQL.
``--save`` writes ``results/questions-SERVER.json`` and the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from msgspec.structs import replace
from pymysql.connections import Connection

from aurora_graphql.check.live import EXPLAIN
from aurora_graphql.dev.choice import database_server
from aurora_graphql.explain import RecordingDatabase
from benchmarks.measure import Spread, interleave, ratios
from benchmarks.northwind import settings_of
from benchmarks.questions import SDL, TABLES, Question, questions
from benchmarks.report import caption, format_table, save, surroundings
from handler.access.principal import Principal
from handler.app import start_engine
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.literals import literal
from handler.stores.url import DatabaseUrl

BUDGET_S = 60.0
GOAL = 1.15  # times the statements by hand
ORDERS = 100_000
_SHOWN = ("table", "type", "key", "rows", "Extra")


@dataclass(frozen=True)
class Measured:
    """One question: times in milliseconds, and the plans of the server."""

    question: Question
    compiled: Spread
    by_hand: Spread
    ratio: Spread
    rows_read: tuple[int, int]  # by the server, for the compiled statements and those by hand
    plans: dict[str, list[list[str]]]  # of each contestant, a table for each statement


def fill(url: DatabaseUrl, orders: int = ORDERS) -> None:
    """Make the tables, with so many orders."""
    text = TABLES.read_text().replace(f"n <= {ORDERS}", f"n <= {orders}")
    with connect(url) as connection, connection.cursor() as cursor:
        for statement in text.split(";\n"):
            if statement.strip():
                cursor.execute(statement)


def connect(url: DatabaseUrl) -> Connection:
    """A connection that gives values as tuples."""
    return pymysql.connect(
        unix_socket=url.unix_socket,
        user=url.user,
        password=url.password,
        database=url.database,
        charset="utf8mb4",
        autocommit=True,
    )


async def compiled(url: DatabaseUrl, question: Question) -> list[str]:
    """The statements that the API sends for a question."""
    engine = await start_engine(replace(settings_of(url), sdl_dir=SDL))
    database = MySqlDatabase(url)
    recording = RecordingDatabase(database)
    try:
        grant = engine.access.grant(Principal.development())
        prepared = engine.prepare(question.document, None, {}, grant)
        deadline = Deadline.after(BUDGET_S)
        execution = await engine.execute(prepared, grant, recording, deadline)
        assert not execution.errors, execution.errors
    finally:
        await database.close()
    statements = [seen.statement for seen in recording.seen]
    return [
        each.text % tuple(map(literal, each.parameters))
        for each in statements
        if "information_schema" not in each.text
    ]


def rows_of(connection: Connection, statement: str) -> Sequence[Sequence[object]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def rows_read(connection: Connection, statements: Sequence[str]) -> int:
    """How many rows and entries of indexes the server reads, those of its own temporary tables
    included: the same however busy the machine is."""
    rows_of(connection, "FLUSH STATUS")
    for statement in statements:
        rows_of(connection, statement)
    found = rows_of(connection, "SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(str(count)) for _, count in found)


def explained(connection: Connection, statements: Sequence[str]) -> Iterator[list[str]]:
    """What the server says it does for each statement."""
    for statement in statements:
        with connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(f"{EXPLAIN} {statement}")
            steps = cursor.fetchall()
        yield [
            "  ".join(f"{'-' if step[name] is None else step[name]}" for name in _SHOWN).rstrip()
            for step in steps
        ]


def measure(url: DatabaseUrl, question: Question, rounds: int) -> Measured:
    """Both ways by turns."""
    with connect(url) as connection:
        ours = asyncio.run(compiled(url, question))
        theirs = list(question.by_hand(lambda text: rows_of(connection, text)))
        last = [rows_of(connection, each[-1]) for each in (ours, theirs)]
        # Pages read a row more of each list, which tells whether it goes on.
        assert len(last[0]) >= len(last[1]) > 0, (question.name, *map(len, last))

        def asked(statements: Sequence[str]) -> Any:
            async def call() -> bytes:
                for statement in statements:
                    rows_of(connection, statement)
                return b""

            return call

        calls = {"compiled": asked(ours), "by hand": asked(theirs)}
        samples = asyncio.run(interleave(calls, rounds=rounds, burst=3, warm_up=2))
        read = rows_read(connection, ours), rows_read(connection, theirs)
        plans = {
            name: list(explained(connection, statements))
            for name, statements in (("compiled", ours), ("by hand", theirs))
        }
    mine, other = (samples[name].wall_ns for name in ("compiled", "by hand"))
    return Measured(
        question,
        Spread.of(mine).over(1e6),
        Spread.of(other).over(1e6),
        ratios(mine, other),
        read,
        plans,
    )


def table(found: Sequence[Measured]) -> str:
    """Times and ratios for people, then the plans."""
    rows = [
        [
            each.question.title,
            f"{each.compiled.median:.2f}",
            f"{each.by_hand.median:.2f}",
            f"{each.ratio.median:.2f}",
            f"{each.ratio.low:.2f} to {each.ratio.high:.2f}",
            f"{each.rows_read[0]:,}",
            f"{each.rows_read[1]:,}",
        ]
        for each in found
    ]
    head = ["", "compiled, ms", "by hand, ms", f"ratio (goal {GOAL})", "quartiles"]
    head += ["rows read", "by hand"]
    parts = [format_table(head, rows)]
    for each in found:
        parts.append(f"**{each.question.title}**, by `EXPLAIN` ({', '.join(_SHOWN)}):")
        lines = []
        for name, plans in each.plans.items():
            for number, plan in enumerate(plans, start=1):
                lines += [f"{name}, statement {number}", *(f"  {line}" for line in _short(plan))]
        parts.append("\n".join(["```text", *lines, "```"]))
    return "\n\n".join(parts)


def _short(plan: Sequence[str]) -> Iterator[str]:
    """A plan whose equal steps, of the parts of a UNION, stand there once."""
    known: dict[str, int] = {}
    for line in plan:
        shape = re.sub(r"<[\w,]+>|\b\d+\b", "", line)
        known[shape] = known.get(shape, 0) + 1
    for line in plan:
        times = known.pop(re.sub(r"<[\w,]+>|\b\d+\b", "", line), 0)
        if times:
            short = re.sub(r"<union[\d,.]+>", "<union>", line)
            yield short if times == 1 else f"{short}  (and {times - 1} more like it)"


def main() -> None:
    """Measure, print, and save if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="questions; without any, all")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--explain", action="store_true", help="print the statements, too")
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    chosen = [each for each in questions() if not given.names or each.name in given.names]
    kind = database_server(os.environ)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        kind(Path(directory)) as server,
    ):
        url = server.create_database("questions")
        fill(url)
        results = surroundings(url, "processors not chosen") | {
            "rounds": given.rounds,
            "kind": kind.title,
        }
        found = [measure(url, each, given.rounds) for each in chosen]
        if given.explain:
            for each in chosen:
                print("\n".join(asyncio.run(compiled(url, each))), "\n")
        results["questions"] = {
            each.question.name: {
                "compiled_ms": each.compiled.digits(3),
                "by_hand_ms": each.by_hand.digits(3),
                "ratio": each.ratio.digits(2),
                "rows_read": list(each.rows_read),
            }
            for each in found
        }
        shown = f"On {kind.title} {results['server']}:\n\n{table(found)}"
        print(f"{shown}\n\n{caption(results)}")
        if given.save:
            save(f"questions-{kind.name}", results, shown)


if __name__ == "__main__":
    main()
