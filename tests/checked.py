"""What the check says of an SDL over a database, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from aurora_graphql.check.accepted import read_acceptances
from aurora_graphql.check.compare import Checked, check
from aurora_graphql.check.finding import Finding, Severity
from aurora_graphql.check.live import read_live
from aurora_graphql.check.operations import check_operations
from aurora_graphql.check.paths import Judge
from handler.engine.engine import Engine
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.model import Model
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL

MANY = 10_000_000  # rows by which the empty tables of a test are judged
ACCEPTED = [each.finding for each in read_acceptances(SDL)]  # of the example


class NoDatabase:
    """One that is asked nothing."""

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        raise AssertionError(statement)


def model_of(sdl: str) -> Model:
    """The model of an SDL in one file."""
    return build_model(build_schema({"a.graphql": sdl}))


def checked(model: Model, url: DatabaseUrl, least_rows: int = 0) -> Checked:
    """All that is found."""

    async def ask() -> Checked:
        database = MySqlDatabase(url)
        try:
            return await check(model, database, Deadline.after(60), least_rows=least_rows)
        finally:
            await database.close()

    return asyncio.run(ask())


def findings(model: Model, url: DatabaseUrl) -> list[Finding]:
    """What is wrong if the tables are large."""
    return checked(model, url, MANY).of(Severity.ERROR, Severity.WARNING)


def not_accepted(found: Iterable[Finding]) -> list[Finding]:
    """What is found in the example's SDL beside that with which it lives."""
    return [each for each in found if each.name not in ACCEPTED]


def checked_operations(directory: Path, url: DatabaseUrl, least_rows: int = 0) -> list[Finding]:
    """What is found about the operations beside an SDL."""

    async def ask() -> list[Finding]:
        engine = Engine.from_sdl(
            Settings.from_environ({"SDL_DIR": str(directory), "DATABASE_URL": url.text()})
        )
        database = MySqlDatabase(url)
        try:
            live = await read_live(engine.model, database, Deadline.after(60), least_rows)
            return await check_operations(engine, Judge(live))
        finally:
            await database.close()

    return asyncio.run(ask())
