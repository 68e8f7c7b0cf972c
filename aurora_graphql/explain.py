"""``python -m aurora_graphql.explain 'query'``: plan, SQL and the server's plan of a document.

The document comes as an argument or from standard input; ``--variables`` takes JSON. The statements
are really run, because children need the keys of their parents. ``--scopes`` and ``--claim`` say
who asks: a caller with a token that has these; without either, one who meets all rules.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from dataclasses import dataclass, field

import orjson
from msgspec.structs import replace

from aurora_graphql.check.live import EXPLAIN
from handler.access.principal import CallerKind, Principal
from handler.access.scopes import split_scopes
from handler.app import start_engine
from handler.errors import HandlerError, RequestError
from handler.settings import Settings
from handler.settings.stores import open_database
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError

_TIMEOUT_S = 30.0
_SHOWN = ("table", "type", "possible_keys", "key", "rows", "Extra")


@dataclass(slots=True)
class Seen:
    statement: Statement
    rows: int
    milliseconds: float
    failure: str = ""  # what the database said in place of rows


@dataclass(slots=True)
class RecordingDatabase:
    """Passes statements on, and keeps them."""

    inner: Database
    seen: list[Seen] = field(default_factory=list)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run and record one statement."""
        seen = Seen(statement, 0, 0.0)
        self.seen.append(seen)  # now: their numbers tell in which order they were asked
        started = time.perf_counter()
        try:
            found = await self.inner.fetch(statement, deadline)
            seen.rows = len(found.rows)
        except HandlerError as error:
            seen.failure = str(error)
            raise
        finally:
            seen.milliseconds = (time.perf_counter() - started) * 1000
        return found


async def explain(
    document: str, variables: dict[str, object], settings: Settings, principal: Principal
) -> str:
    """The report as text, for that caller. Raises what a request of this document would."""
    engine = await start_engine(settings)
    database = open_database(settings)
    recording = RecordingDatabase(database)
    try:
        grant = engine.access.grant(principal)
        prepared = engine.prepare(document, None, variables, grant)
        deadline = Deadline.after(_TIMEOUT_S)
        execution = await engine.execute(prepared, grant, recording, deadline)
        lines = [str(engine.plan(prepared, grant).plan), ""]
        for number, seen in enumerate(recording.seen, start=1):
            came = seen.failure or f"{seen.rows} rows"
            lines.append(f"statement {number}: {came} in {seen.milliseconds:.1f} ms")
            lines.append(f"  {shown_sql(seen.statement)}")
            lines += [f"  {line}" for line in await _explained(seen, database, deadline)]
            lines.append("")
        lines.append(f"answer: {len(execution.data or b'')} bytes, {len(execution.errors)} errors")
    finally:
        await database.close()
    return "\n".join(lines)


async def _explained(seen: Seen, database: Database, deadline: Deadline) -> list[str]:
    """The server's plan, or why it gives none."""
    if seen.failure:
        return []
    asked = Statement(f"{EXPLAIN} {seen.statement.text}", seen.statement.parameters)
    try:
        return _table(await database.fetch(asked, deadline))
    except RightsError as error:
        return [f"EXPLAIN: {error}"]


def shown_sql(statement: Statement) -> str:
    """The statement with its values, for people; ``stores/mysql/literals`` writes what is sent."""
    values = tuple(repr(value) if value is not None else "NULL" for value in statement.parameters)
    return statement.text % values


def _table(found: RowSet) -> list[str]:
    columns = [name for name in _SHOWN if name in found.names]
    rows = [columns]
    for row in found.rows:
        by_name = dict(zip(found.names, row, strict=True))
        rows.append([(by_name[name] or b"-").decode() for name in columns])
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _claim(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    return name, value


def _caller(arguments: argparse.Namespace) -> Principal:
    if arguments.scopes is None and arguments.claim is None:
        return Principal.development()
    return Principal(
        kind=CallerKind.TOKEN,
        subject="explain",
        scopes=frozenset(split_scopes(arguments.scopes or "")),
        claims=dict(arguments.claim or ()),
    )


def _main() -> int:
    parser = argparse.ArgumentParser(prog="aurora_graphql.explain", description=__doc__)
    parser.add_argument("document", nargs="?", help="the document; without it standard input")
    parser.add_argument("--variables", default="{}", help="JSON object")
    parser.add_argument("--scopes", help="scopes of the caller, separated by spaces")
    parser.add_argument(
        "--claim", action="append", type=_claim, metavar="NAME=VALUE", help="a claim of the caller"
    )
    arguments = parser.parse_args()
    document = arguments.document if arguments.document is not None else sys.stdin.read()
    try:
        # Whoever has the SDL at hand may be told its names.
        settings = replace(Settings.from_environ(os.environ), introspection=True)
        variables = orjson.loads(arguments.variables)
        report = asyncio.run(explain(document, variables, settings, _caller(arguments)))
    except RequestError as error:
        sys.stderr.write("\n".join(each.message for each in error.errors) + "\n")
        return 1
    except HandlerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except orjson.JSONDecodeError as error:
        sys.stderr.write(f"--variables is not JSON: {error}\n")
        return 2
    sys.stdout.write(report + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
