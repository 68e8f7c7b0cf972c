"""The servers, the tables and the data of one API on this machine, made ready and taken down.

Servers are private ones below a folder, or those that DATABASE_URL and CACHE_URL name. Every set of
migrations has a private database of its own, so that APIs in one checkout do not meet. Into a
database that DATABASE_URL names nothing is written that was not asked for: see ``Writes``.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql.err
import redis

from aurora_graphql.dev import graphiql
from aurora_graphql.dev.choice import cache_server, database_server
from aurora_graphql.dev.claim import Claim, ClaimedError
from aurora_graphql.dev.steps import Steps
from aurora_graphql.errors import ToolError
from aurora_graphql.installed import PACKAGES
from aurora_graphql.project_file import Data, Project
from handler.errors import SettingsError, UpstreamError
from handler.jobs.script import ScriptError, ScriptStatement, split_script
from handler.settings import Settings
from handler.settings.stores import open_cache
from handler.sql.names import quote
from handler.stores.mysql.server_errors import describe
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl

_TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_type = 'BASE TABLE' AND table_name <> 'schema_migrations' ORDER BY table_name"
)


_CACHE_S = 2.0  # for a first sign of life


class StackError(ToolError):
    """The stack cannot be made ready; the text says what to do."""


@dataclass(frozen=True)
class Writes:
    """What is written to the database before it is used."""

    migrations: bool
    data: tuple[Data, ...] = ()
    left_alone: str = ""  # what is said where there are no migrations to apply

    @classmethod
    def choose(cls, project: Project, given: Mapping[str, str], *, serves: bool) -> Writes:
        """By project and environment, and by whether the command serves the API or only reads.

        A private database gets what it needs. One that DATABASE_URL names gets the migrations of
        MIGRATIONS_DIR when the API is served, the project's data only with the project's ones, and
        nothing else. Raises ``StackError`` where a private database would stay empty.
        """
        folder = project.migrations_in_use(given)
        data = project.data if _is_own(project, folder) else ()
        if given.get("DATABASE_URL"):
            if serves and given.get("MIGRATIONS_DIR"):
                return cls(migrations=True, data=data)
            how = "MIGRATIONS_DIR=..." if serves else "serving it with MIGRATIONS_DIR=..."
            return cls(
                migrations=False,
                left_alone=f"left alone, DATABASE_URL is yours; {how} applies them",
            )
        if folder is None:
            raise StackError(
                f"the SDL is in {project.sdl_in_use(given)}, and nothing says where its tables are:"
                " a private database would be empty; add DATABASE_URL=mysql://... of the database"
                " that has them, or MIGRATIONS_DIR=... with the files that create them"
            )
        return cls(migrations=True, data=data)


@dataclass(frozen=True)
class Stack:
    """Where everything is: ``environ`` is the environment for the handler and its commands."""

    environ: Mapping[str, str]
    database_url: DatabaseUrl
    is_private: bool  # the database server is ours
    has_private_cache: bool = False  # the cache is

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses of database and cache, passwords included."""
        return {
            "database_url": self.environ["DATABASE_URL"],
            "cache_url": self.environ["CACHE_URL"],
        }

    @classmethod
    def build(
        cls, project: Project, given: Mapping[str, str], database_url: DatabaseUrl, cache_url: str
    ) -> Stack:
        """Addresses over the environment given; a developer's conveniences are on."""
        paths = [project.folder, PACKAGES, *filter(None, [given.get("PYTHONPATH")])]
        environ = {
            "GRAPHIQL": "on",
            "GRAPHIQL_DIR": str(graphiql.folder()),
            "INTROSPECTION": "on",
            "AUTH": "off",
            "STAGE": "local",
            # Lambda's rules, which may be played here, refuse it for any other stage.
            "LOG_TRACEBACKS": "on" if given.get("STAGE", "local") == "local" else "off",
            **project.environ(given),
            "PYTHONPATH": os.pathsep.join(map(str, paths)),  # the resolvers are the project's
            "GZIP_MIN_BYTES": "off",  # the gateway packs answers, here as on AWS
            "DATABASE_URL": database_url.text(),
            "CACHE_URL": cache_url,
        }
        return cls(
            environ,
            database_url,
            is_private=not given.get("DATABASE_URL"),
            has_private_cache=given.get("CACHE_URL") is None,
        )


@contextmanager
def open_stack(
    claim: Claim,
    project: Project,
    folder: Path,
    given: Mapping[str, str],
    steps: Steps,
    *,
    serves: bool,
) -> Iterator[Stack]:
    """Start what ``given`` does not name, and write what ``Writes`` says for it."""
    writes = Writes.choose(project, given, serves=serves)
    with ExitStack() as stopping:
        if given.get("DATABASE_URL"):
            database_url = DatabaseUrl.parse(given["DATABASE_URL"])
            if serves:
                with steps.step("database") as outcome:
                    outcome.text = asyncio.run(_look(database_url))
        else:
            kind = database_server(given)
            with steps.step(kind.title) as outcome:
                server = stopping.enter_context(kind(folder / kind.name))
                database_url = server.create_database(database_name(project, given))
                outcome.text = f"ready, {server.socket_file}"
        cache_url = given.get("CACHE_URL")
        if cache_url is None:
            cache_kind = cache_server(given)
            with steps.step(cache_kind.title) as outcome:
                cache = stopping.enter_context(cache_kind(folder / cache_kind.name))
                cache_url = cache.url
                outcome.text = f"ready, {cache.socket_file}"
        stack = Stack.build(project, given, database_url, cache_url)
        if serves and given.get("CACHE_URL"):
            with steps.step("cache") as outcome:
                outcome.text = asyncio.run(_look_at_cache(stack))
        claim.tell(stack.addresses)
        _prepare(stack, writes, folder, steps)
        yield stack


@contextmanager
def join_stack(
    project: Project, folder: Path, given: Mapping[str, str], steps: Steps
) -> Iterator[Stack]:
    """The stack that is served at the moment, or one for the length of the block, to read only."""
    try:
        claim = Claim(folder)
    except ClaimedError as error:
        notice = error.notice
        if "cache_url" not in notice:
            raise StackError(f"{error} (it is still starting: try again in a moment)") from error
        database_url = DatabaseUrl.parse(given.get("DATABASE_URL") or notice["database_url"])
        cache_url = given.get("CACHE_URL", notice["cache_url"])
        yield Stack.build(project, given, database_url, cache_url)
    else:
        with claim, open_stack(claim, project, folder, given, steps, serves=False) as stack:
            yield stack


def served_cache(folder: Path) -> str | None:
    """The cache of the API that is served at the moment; None: none is served."""
    if not folder.is_dir():
        return None
    try:
        Claim(folder).release()
    except ClaimedError as error:
        return error.notice.get("cache_url")
    return None


def database_name(project: Project, given: Mapping[str, str]) -> str:
    """The project's for its own migrations, else a name made of their folder's."""
    folder = project.migrations_in_use(given)
    if folder is None or _is_own(project, folder):
        return project.database
    return re.sub(r"[^a-z0-9]+", "_", str(folder).lower(), flags=re.ASCII).strip("_")[-64:]


def _is_own(project: Project, migrations: Path | None) -> bool:
    return migrations is not None and migrations.resolve() == project.migrations.resolve()


def _prepare(stack: Stack, writes: Writes, folder: Path, steps: Steps) -> None:
    with steps.step("migrations") as outcome:
        outcome.text = (
            _command(stack, "handler.jobs.migrate") if writes.migrations else writes.left_alone
        )
    if not writes.data:
        return
    # The mark lies where the tables are, and goes away with them.
    loaded = folder / database_server(stack.environ).name / "data" / "data.loaded"
    if stack.is_private:
        if loaded.exists():
            return
    elif found := asyncio.run(_table_with_rows(stack.database_url)):
        with steps.step("data") as outcome:
            outcome.text = f"left alone, {found} has rows already"
        return
    for each in writes.data:
        if each.file.suffix == ".sql":
            with steps.step("data") as outcome:
                outcome.text = f"{_run_script(stack, each.file)} of {each.file.name}"
            continue
        steps.say(f"  loading {each.file.name}")
        mapping = ["--mapping", str(each.mapping)] if each.mapping else []
        _command(stack, "handler.jobs.ingest", str(each.file), *mapping, shown=True)
    if stack.is_private:
        loaded.touch()


def migrate(stack: Stack) -> str:
    """Apply new migrations to a private database, and forget cached answers over its tables.

    What was applied. Raises ``StackError`` with the file, the statement and the server's words.
    """
    said = _command(stack, "handler.jobs.migrate")
    if stack.has_private_cache:
        with redis.Redis.from_url(stack.environ["CACHE_URL"]) as cache:
            cache.flushdb()
    return said


def _command(stack: Stack, module: str, *arguments: str, shown: bool = False) -> str:
    """Run a command of the handler; its last line, or ``StackError`` with all it said."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=dict(stack.environ),
        stdin=subprocess.DEVNULL,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = (done.stdout or "").strip()
    if done.returncode != 0:
        raise StackError(said or f"{module} ended with status {done.returncode}")
    return said.rpartition("\n")[2]


def _run_script(stack: Stack, file: Path) -> str:
    """Send the statements of a file; how many there were. Raises ``StackError``."""
    try:
        statements = split_script(file.read_text("utf-8"))
    except (ScriptError, UnicodeDecodeError) as error:
        raise StackError(f"{file.name}, {error}") from error
    asyncio.run(_send(stack.database_url, file.name, statements))
    return "1 statement" if len(statements) == 1 else f"{len(statements)} statements"


async def _look(url: DatabaseUrl) -> str:
    """Whether a database of somebody's own answers: if not now, then perhaps when it is asked."""
    try:
        async with open_session(url) as session:
            ((version,),) = (await session.execute("SELECT VERSION()")).rows
            return f"{url.database}, {version}"
    except (UpstreamError, pymysql.err.Error) as error:
        told = describe(error) if isinstance(error, pymysql.err.Error) else str(error)
        return f"DOES NOT ANSWER, every question will fail until it does: {told}"


async def _look_at_cache(stack: Stack) -> str:
    """Whether a cache of somebody's own answers, by the settings that the handler has."""
    try:
        cache = open_cache(Settings.from_environ(stack.environ))
    except SettingsError as error:
        return f"not asked: {error}"  # as the API will say, which does not start then
    assert cache is not None  # it is named
    cache.timeout_s = _CACHE_S
    try:
        if await cache.read(["aurora-graphql"], _CACHE_S) is None:
            return f"DOES NOT ANSWER, every answer is computed until it does: {cache.breaker.cause}"
        return "answers"
    finally:
        await cache.close()


async def _send(url: DatabaseUrl, name: str, statements: Sequence[ScriptStatement]) -> None:
    """All of them, or none of the rows: data is loaded once."""
    async with open_session(url) as session:
        await session.begin()
        for each in statements:
            try:
                await session.execute(each.text)
            except pymysql.err.Error as error:
                raise StackError(f"{name}:{each.line}: {describe(error)}") from error
        await session.commit()


async def _table_with_rows(url: DatabaseUrl) -> str:
    """A table in which somebody's rows are, so that they all stay alone; empty if there is none."""
    async with open_session(url) as session:
        try:
            for (table,) in (await session.execute(_TABLES)).rows:
                asked = f"SELECT 1 FROM {quote(table)} LIMIT 1"  # noqa: S608 # an identifier
                if (await session.execute(asked)).rows:
                    return str(table)
        except pymysql.err.Error as error:
            raise StackError(
                "nobody can tell whether the tables have rows, so the data is not loaded: "
                f"{describe(error)}"
            ) from error
    return ""
