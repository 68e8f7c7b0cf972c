"""The servers, the tables and the data of one API on this machine, made ready and taken down.

Servers are private ones below a folder, or those that DATABASE_URL and CACHE_URL name. Every set of
migrations has a private database of its own, so that APIs in one checkout do not meet. Into a
database that DATABASE_URL names nothing is written that was not asked for: see ``Writes``.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql.err

from aurora_graphql.dev import graphiql
from aurora_graphql.dev.choice import cache_server, database_server
from aurora_graphql.dev.claim import Claim, ClaimedError
from aurora_graphql.dev.steps import Steps
from handler.stores.mysql.server_errors import describe
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE_SDL = ROOT / "sdl"
EXAMPLE_MIGRATIONS = ROOT / "migrations"
EXAMPLE_DATA = ROOT / "data" / "northwind-orders.jsonl"
EXAMPLE_MAPPING = ROOT / "data" / "mappings" / "default.toml"
EXAMPLE_TABLES = ("customers", "orders", "order_items", "products")


class StackError(Exception):
    """The stack cannot be made ready; the text says what to do."""


@dataclass(frozen=True)
class Writes:
    """What is written to the database before it is used."""

    migrations: bool
    example_data: bool
    left_alone: str = ""  # what is said where there are no migrations to apply

    @classmethod
    def choose(cls, given: Mapping[str, str], *, serves: bool) -> Writes:
        """By the environment, and by whether the command serves the API or only reads.

        A private database gets what it needs. One that DATABASE_URL names gets the migrations of
        MIGRATIONS_DIR when the API is served, the example's data only with the example's ones, and
        nothing else. Raises ``StackError`` where a private database would stay empty.
        """
        folder = given.get("MIGRATIONS_DIR", "")
        is_example = bool(folder) and _is_folder(folder, EXAMPLE_MIGRATIONS)
        if given.get("DATABASE_URL"):
            if serves and folder:
                return cls(migrations=True, example_data=is_example)
            how = "MIGRATIONS_DIR=..." if serves else "make run with MIGRATIONS_DIR=..."
            told = f"left alone, DATABASE_URL is yours; {how} applies them"
            return cls(migrations=False, example_data=False, left_alone=told)
        if not folder and not is_example_api(given):
            raise StackError(
                f"SDL_DIR is {given['SDL_DIR']}, and nothing says where its tables are: a private"
                " database would be empty; add DATABASE_URL=mysql://... of the database that has"
                " them, or MIGRATIONS_DIR=... with the files that create them (those of the example"
                f" are in {EXAMPLE_MIGRATIONS.name}/)"
            )
        return cls(migrations=True, example_data=is_example or not folder)


@dataclass(frozen=True)
class Stack:
    """Where everything is: ``environ`` is the environment for the handler and its commands."""

    environ: Mapping[str, str]
    database_url: DatabaseUrl
    is_private: bool  # the database server is ours

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses of database and cache, passwords included."""
        return {
            "database_url": self.environ["DATABASE_URL"],
            "cache_url": self.environ["CACHE_URL"],
        }

    @classmethod
    def build(cls, given: Mapping[str, str], database_url: DatabaseUrl, cache_url: str) -> Stack:
        """Addresses over the environment given; a developer's conveniences are on."""
        environ = {
            "GRAPHIQL": "on",
            "GRAPHIQL_DIR": str(graphiql.FOLDER),
            "INTROSPECTION": "on",
            "AUTH": "off",
            "STAGE": "local",
            # Lambda's rules, which may be played here, refuse it for any other stage.
            "LOG_TRACEBACKS": "on" if given.get("STAGE", "local") == "local" else "off",
            **given,
            "GZIP_MIN_BYTES": "off",  # the gateway packs answers, here as on AWS
            "DATABASE_URL": database_url.text(),
            "CACHE_URL": cache_url,
        }
        return cls(environ, database_url, is_private=not given.get("DATABASE_URL"))


def is_example_api(given: Mapping[str, str]) -> bool:
    """Whether the SDL is the example's, which it is unless SDL_DIR names another folder."""
    sdl = given.get("SDL_DIR")
    return not sdl or _is_folder(sdl, EXAMPLE_SDL)


@contextmanager
def open_stack(
    claim: Claim, folder: Path, given: Mapping[str, str], steps: Steps, *, serves: bool
) -> Iterator[Stack]:
    """Start what ``given`` does not name, and write what ``Writes`` says for it."""
    writes = Writes.choose(given, serves=serves)
    with ExitStack() as stopping:
        if given.get("DATABASE_URL"):
            database_url = DatabaseUrl.parse(given["DATABASE_URL"])
        else:
            kind = database_server(given)
            with steps.step(kind.title) as outcome:
                server = stopping.enter_context(kind(folder / kind.name))
                database_url = server.create_database(database_name(given))
                outcome.text = f"ready, {server.socket_file}"
        cache_url = given.get("CACHE_URL")
        if cache_url is None:
            cache_kind = cache_server(given)
            with steps.step(cache_kind.title) as outcome:
                cache = stopping.enter_context(cache_kind(folder / cache_kind.name))
                cache_url = cache.url
                outcome.text = f"ready, {cache.socket_file}"
        stack = Stack.build(given, database_url, cache_url)
        claim.tell(stack.addresses)
        _prepare(stack, writes, folder, steps)
        yield stack


@contextmanager
def join_stack(folder: Path, given: Mapping[str, str], steps: Steps) -> Iterator[Stack]:
    """The stack of a ``make run`` under way, or one for the length of the block, to read only."""
    try:
        claim = Claim(folder)
    except ClaimedError as error:
        notice = error.notice
        if "cache_url" not in notice:
            raise StackError(f"{error} (it is still starting: try again in a moment)") from error
        database_url = DatabaseUrl.parse(given.get("DATABASE_URL") or notice["database_url"])
        yield Stack.build(given, database_url, given.get("CACHE_URL", notice["cache_url"]))
    else:
        with claim, open_stack(claim, folder, given, steps, serves=False) as stack:
            yield stack


def database_name(given: Mapping[str, str]) -> str:
    """``orders`` for the example's migrations, else a name made of the folder's."""
    folder = Path(given.get("MIGRATIONS_DIR") or EXAMPLE_MIGRATIONS).resolve()
    if folder == EXAMPLE_MIGRATIONS:
        return "orders"
    return re.sub(r"[^a-z0-9]+", "_", str(folder).lower(), flags=re.ASCII).strip("_")[-64:]


def _is_folder(text: str, folder: Path) -> bool:
    return Path(text).resolve() == folder


def _prepare(stack: Stack, writes: Writes, folder: Path, steps: Steps) -> None:
    with steps.step("migrations") as outcome:
        outcome.text = (
            _command(stack, "handler.jobs.migrate") if writes.migrations else writes.left_alone
        )
    if not writes.example_data:
        return
    # The data lies where the tables are, and goes away with them.
    loaded = folder / database_server(stack.environ).name / "data" / "northwind.loaded"
    if stack.is_private:
        if loaded.exists():
            return
    elif asyncio.run(_has_rows(stack.database_url)):
        with steps.step("data") as outcome:
            outcome.text = "left alone, the example's tables have rows already"
        return
    steps.say("  loading the Northwind orders")
    _command(
        stack,
        *("handler.jobs.ingest", str(EXAMPLE_DATA), "--mapping", str(EXAMPLE_MAPPING)),
        shown=True,
    )
    if stack.is_private:
        loaded.touch()


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


async def _has_rows(url: DatabaseUrl) -> bool:
    """Whether somebody's rows are in the example's tables; then they stay alone."""
    async with open_session(url) as session:
        for table in EXAMPLE_TABLES:
            try:
                found = await session.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 # a constant
            except pymysql.err.Error as error:
                raise StackError(
                    f"nobody can tell whether {table} has rows, so the example's data is not "
                    f"loaded: {describe(error)}"
                ) from error
            if found.rows:
                return True
    return False
