"""Plan, SQL and the server's plan of a document.

The statements are really run, because children need the keys of their parents.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from aurora_graphql.check.live import EXPLAIN
from aurora_graphql.errors import ToolError
from aurora_graphql.plan_view import Explained, ShownStatement
from handler.access.principal import CallerKind, Principal
from handler.access.scopes import split_scopes
from handler.app import start_engine
from handler.errors import HandlerError
from handler.language.operations import load_operations
from handler.language.sdl import load_schema
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
) -> Explained:
    """What is shown of it, for that caller. Raises what a request of this document would."""
    engine = await start_engine(settings)
    database = open_database(settings)
    recording = RecordingDatabase(database)
    try:
        grant = engine.access.grant(principal)
        prepared = engine.prepare(document, None, variables, grant)
        deadline = Deadline.after(_TIMEOUT_S)
        execution = await engine.execute(prepared, grant, recording, deadline)
        return Explained(
            plan=engine.plan(prepared, grant).plan,
            statements=[await _shown(each, database, deadline) for each in recording.seen],
            size=len(execution.data or b""),
            errors=len(execution.errors),
        )
    finally:
        await database.close()


async def _shown(seen: Seen, database: Database, deadline: Deadline) -> ShownStatement:
    """With the server's plan, or why it gives none."""
    table, error = None, ""
    if not seen.failure:
        asked = Statement(f"{EXPLAIN} {seen.statement.text}", seen.statement.parameters)
        try:
            table = _table(await database.fetch(asked, deadline))
        except RightsError as refused:
            error = str(refused)
    return ShownStatement(
        statement=seen.statement,
        batch=seen.statement.batch,
        rows=seen.rows,
        milliseconds=seen.milliseconds,
        failure=seen.failure,
        explain=table,
        error=error,
    )


def _table(found: RowSet) -> list[list[str]]:
    columns = [name for name in _SHOWN if name in found.names]
    rows = [columns]
    for row in found.rows:
        by_name = dict(zip(found.names, row, strict=True))
        rows.append([(by_name[name] or b"-").decode() for name in columns])
    return rows


def caller(scopes: str | None, claims: Mapping[str, str] | None) -> Principal:
    """Who asks: with a token that has these; without either, one who meets all rules."""
    if scopes is None and claims is None:
        return Principal.development()
    return Principal(
        kind=CallerKind.TOKEN,
        subject="explain",
        scopes=frozenset(split_scopes(scopes or "")),
        claims=dict(claims or {}),
    )


def known_document(sdl: Path, name: str) -> str:
    """The text of a known operation. Raises ``ToolError`` where there is none of that name."""
    operations = {each.name: each.text for each in load_operations(sdl, load_schema(sdl))}
    if name not in operations:
        known = ", ".join(sorted(operations)) or "none, there is nothing in operations/"
        raise ToolError(f"{sdl} has no known operation {name!r}; there are: {known}")
    return operations[name]


async def run(
    document: str,
    variables: dict[str, object],
    environ: Mapping[str, str],
    principal: Principal,
) -> Explained:
    """What is shown of it, by the handler's environment."""
    # Whoever has the SDL at hand may be told its names.
    settings = replace(Settings.from_environ(environ), introspection=True)
    return await explain(document, variables, settings, principal)
