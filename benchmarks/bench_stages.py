"""Where the time of one compiled request goes, stage by stage.

``python -m benchmarks.bench_stages [--case NAME] [--rounds N] [--save]``. Each stage runs alone on
what the stage before it gave, with everything else warm; stages that a warm request skips (first
sight of a document) have lines of their own. ``--save`` writes ``results/stages.json`` and the
table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiomysql
from pymysql.constants import COMMAND

from benchmarks.cases import CASES, Case
from benchmarks.measure import Call, Samples, Spread, interleave
from benchmarks.northwind import northwind, open_app, separate_processors, settings_of
from benchmarks.report import caption, format_table, save, surroundings
from handler.access.principal import Principal
from handler.answer import Answer
from handler.app import App
from handler.compiler.plan import Plan
from handler.compiler.values import bind
from handler.execution.run import run_plan
from handler.fields.planner import compile_plan
from handler.fields.writing import Writing, write_answer
from handler.http.graphql import GraphqlRequest
from handler.http.response import build_response
from handler.http.routing import receive
from handler.language.document import DocumentCache
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.literals import literal
from handler.stores.mysql.resultset import read_result
from handler.stores.request_budget import RequestBudget
from handler.stores.url import DatabaseUrl

BUDGET_S = 20.0
WHOLE = "whole event"
WAITING = "waiting for the server"
FETCH = "send, receive and read rows"
# The stages of a warm request in their order; their sum should be near the whole.
WARM = (
    "event to request",
    "document: known text",
    "plan: known",
    "values of arguments",
    "keys and SQL",
    FETCH,
    WAITING,
    "JSON of the rows",
    "response",
)


CHUNK_BYTES = 256 * 1024  # as the loop reads them


@dataclass
class _Recorder:
    """A database that remembers its answers, in order."""

    database: MySqlDatabase
    answers: dict[str, RowSet] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        self.statements.append(statement)
        found = await self.database.fetch(statement, deadline)
        self.answers[statement.text] = found
        return found


@dataclass
class _Replay:
    """A database that answers at once what was recorded."""

    answers: Mapping[str, RowSet]

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        return self.answers[statement.text]


async def record_wire(url: DatabaseUrl, statements: Sequence[Statement]) -> list[list[bytes]]:
    """The bytes that the server answers to each statement, as they come."""
    connection = await aiomysql.connect(
        unix_socket=url.unix_socket, user=url.user, db=url.database, charset="utf8mb4"
    )
    wires = []
    for statement in statements:
        text = (statement.text % tuple(map(literal, statement.parameters))).encode()
        await connection._execute_command(COMMAND.COM_QUERY, text)
        chunks = [await connection._reader.read(CHUNK_BYTES)]
        reading = read_result(chunks[0], RequestBudget())
        with suppress(StopIteration):
            next(reading)
            while True:
                chunks.append(await connection._reader.read(CHUNK_BYTES))
                reading.send(chunks[-1])
        wires.append(chunks)
    await connection.ensure_closed()
    return wires


def read_again(chunks: Sequence[bytes]) -> None:
    """Make rows of what came."""
    reading = read_result(chunks[0], RequestBudget())
    with suppress(StopIteration):
        next(reading)
        for chunk in chunks[1:]:
            reading.send(chunk)


def with_literals(case: Case) -> Callable[[], str]:
    """Texts of the document with literals instead of variables, never those of the first text."""
    text = re.sub(r"\A(query \w+)\([^)]*\)", r"\1", case.document)
    numbers = count()

    def write() -> str:
        number = next(numbers)
        written = text
        for name, value in case.variables.items():
            other = f'"{number}"' if isinstance(value, str) else str(value - min(number, 1))
            written = written.replace(f"${name}", other)
        return written

    return write


def renamed(case: Case) -> Callable[[], str]:
    """Texts of the document under a new operation name each time, so that none is known."""
    numbers = count(1)
    return lambda: case.document.replace("query ", f"query A{next(numbers)}", 1)


async def stage_calls(app: App, settings: Settings, case: Case) -> dict[str, Call]:
    """A call for each stage of one document."""
    engine = app.engine
    event, document, variables = case.event(), case.document, dict(case.variables)
    received = receive(event, settings.http)
    assert isinstance(received, GraphqlRequest)
    grant = engine.access.grant(Principal.development())
    prepared = engine.prepare(document, None, variables, grant)
    compiled = engine.plan(prepared, grant)
    operation = prepared.operation

    def bind_values() -> Any:
        return bind(
            compiled.plan,
            engine.schema,
            prepared.variables,
            prepared.literals,
            prepared.locate,
            grant.claims,
        )

    def plan_anew() -> Plan:
        return compile_plan(
            engine.schema,
            engine.model,
            operation.definition,
            operation.fragments,
            {},
            engine.permissions,
            compiled.visibility,
            grant.satisfied,
        )

    values = bind_values()
    recorder = _Recorder(app.database)
    results = await run_plan(compiled.plan, values, recorder, Deadline.after(BUDGET_S))
    wires = await record_wire(settings.database_url, recorder.statements)
    replay = _Replay(recorder.answers)
    writing = Writing(compiled.plan, results, values, {}, RequestBudget())
    data = write_answer(writing)
    cache = DocumentCache(
        engine.schema,
        settings.limits,
        introspection=False,
        sizes=lambda: engine.list_sizes,
        capacity_bytes=100_000,
    )
    other_literals, other_name = with_literals(case), renamed(case)
    engine.prepare(other_literals(), None, {}, grant)

    async def fetch() -> None:
        for statement in recorder.statements:
            await app.database.fetch(statement, Deadline.after(BUDGET_S))

    def read_rows() -> None:
        for chunks in wires:
            read_again(chunks)

    return {
        WHOLE: _answering(lambda: app.handle(event, budget_s=BUDGET_S)),
        "event to request": _plain(lambda: receive(event, settings.http)),
        "document: known text": _plain(lambda: engine.prepare(document, None, variables, grant)),
        "plan: known": _plain(lambda: engine.plan(prepared, grant)),
        "values of arguments": _plain(bind_values),
        "keys and SQL": _answering(
            lambda: run_plan(
                compiled.plan, values, replay, Deadline.after(BUDGET_S), compiled.finished
            )
        ),
        FETCH: _answering(fetch),
        "  of these: rows from bytes": _plain(read_rows),
        "JSON of the rows": _plain(lambda: write_answer(writing)),
        "response": _plain(
            lambda: build_response(
                Answer(data),
                http=received.http,
                media_type=received.media_type,
                settings=settings.http,
            )
        ),
        "document: known but for its literals": _plain(
            lambda: engine.prepare(other_literals(), None, {}, grant)
        ),
        "document: parsed and validated": _plain(
            lambda: cache.prepare(other_name(), None, variables)
        ),
        "plan: compiled": _plain(plan_anew),
    }


def _plain(function: Callable[[], object]) -> Call:
    async def call() -> bytes:
        function()
        return b""

    return call


def _answering(start: Callable[[], Any]) -> Call:
    async def call() -> bytes:
        await start()
        return b""

    return call


def summarize(samples: Mapping[str, Samples]) -> dict[str, dict[str, float]]:
    """Microseconds of each stage. The wait for the server is what takes time but no processor."""
    found = {name: Spread.of(each.wall_ns).over(1000).digits(1) for name, each in samples.items()}
    fetch = samples[FETCH]
    waits = [wall - cpu for wall, cpu in zip(fetch.wall_ns, fetch.cpu_ns, strict=True)]
    found[FETCH] = Spread.of(fetch.cpu_ns).over(1000).digits(1)
    found[WAITING] = Spread.of(waits).over(1000).digits(1)
    return found


def format_results(results: Mapping[str, Any]) -> str:
    """One row for each stage, one column for each document; medians in microseconds."""
    cases = results["cases"]
    names = list(next(iter(cases.values())))
    rest = [name for name in names if name not in (*WARM, WHOLE) and not name.startswith(" ")]
    rows = []
    for name in WARM:
        rows.append(_row(name, cases))
        rows += [_row(each, cases) for each in names if name == FETCH and each.startswith(" ")]
    total = [f"{sum(found[name]['median'] for name in WARM):,.0f}" for found in cases.values()]
    rows.append(("sum of these stages", *total))
    rows += [_row(name, cases) for name in (WHOLE, *rest)]
    return format_table(("µs", *cases), rows)


def _row(name: str, cases: Mapping[str, Any]) -> Sequence[str]:
    return (name, *(f"{found[name]['median']:,.0f}" for found in cases.values()))


async def _run(url: DatabaseUrl, options: argparse.Namespace) -> dict[str, Any]:
    settings = settings_of(url)
    found = {}
    async with open_app(settings) as app:
        for case in CASES:
            if options.case in (None, case.name):
                calls = await stage_calls(app, settings, case)
                samples = await interleave(
                    calls, rounds=options.rounds, burst=options.burst, warm_up=20
                )
                found[case.name] = summarize(samples)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and save if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--case", choices=[case.name for case in CASES])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--burst", type=int, default=9, help="measured calls in one turn")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args(arguments)
    with northwind() as (server, url):
        processors = separate_processors(server)
        results = surroundings(url, processors) | {
            "rounds": options.rounds,
            "burst": options.burst,
            "cases": asyncio.run(_run(url, options)),
        }
    table = format_results(results)
    print(f"{table}\n\n{caption(results)}")
    if options.save:
        save("stages", results, table)


if __name__ == "__main__":
    main()
