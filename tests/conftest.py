"""Fixtures: real servers for the session, an empty database and cache per test, and the APIs.

The servers live in pytest's temporary directory and end with the session; if pytest is killed, the
kernel ends them. What the fixtures need is imported by them, so that tests of pure stages do not
wait for it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.counted import add, counter, counts
from tests.domains.orders import PROJECT
from tests.longest_first import place

if TYPE_CHECKING:
    from aurora_graphql.dev.servers import DatabaseServer, RedisServer
    from handler.stores.url import DatabaseUrl
    from tests.apis import Api

SDL = PROJECT / "sdl"

# For the last lines of the output: the servers that were started, and the one that is missing.
_versions = counter("servers")
_missing = counter("missing servers")

# The fixtures that start one, directly or by others.
SERVERS = frozenset(("mariadb", "redis_server", "mysql_program"))

# Nothing of the session's database outlives it: a new one with tables takes a third less time.
HASTY = {
    "mariadb": ("--debug-no-sync", "--innodb-doublewrite=OFF"),
    "mysql": ("--innodb-flush-method=nosync", "--innodb-doublewrite=OFF"),
}

pytest_plugins = ["tests.apart", "tests.faults.pins", "tests.security.listener"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--rewrite-golden`` writes the golden files anew instead of comparing them."""
    parser.addoption("--rewrite-golden", action="store_true", help="write the golden cases anew")


def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: a process for each core that this one may use, and no other for one core."""
    cores = len(os.sched_getaffinity(0))
    return cores if cores > 1 else 0


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Import all tests without a look for garbage; what is there then stays, and no later one
    looks at it again: Pulumi's classes for AWS alone would take a good part of a second each time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(0)  # some of what is imported turns it off and on
    try:
        return (yield)
    finally:
        gc.set_threshold(*usual)
        gc.enable()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a server, leave out the night's tests, and let long files start first."""
    for item in items:
        if SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("server")
    if not config.getoption("markexpr"):
        left_out = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place(item.path))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: hand on what was counted."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["counts"] = counts()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """In the process that reports: a worker has ended. One that was killed hands on nothing."""
    add(getattr(node, "workeroutput", {}).get("counts", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which servers the tests ran on."""
    if _versions:
        terminalreporter.line(f"ran on {' and '.join(_versions)}")
    for missing in _missing:
        terminalreporter.line(missing, red=True)


@pytest.fixture
def in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs in the folder of a project, that of the orders, whose files it then reads."""
    monkeypatch.chdir(PROJECT)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """The session's database server, reachable through its socket: a MySQL with SERVER=mysql."""
    from aurora_graphql.dev.choice import database_server

    kind = database_server(os.environ)
    with kind(tmp_path_factory.mktemp(kind.name), options=HASTY[kind.name]) as server:
        _versions[f"{kind.title} {server.version}"] += 1
        yield server


@pytest.fixture(scope="session")
def mysql_program() -> None:
    """For a test that needs a MySQL whatever SERVER says: it is left out where there is none."""
    from aurora_graphql.dev.mysql import find_mysql
    from aurora_graphql.dev.servers import ServerError

    try:
        find_mysql()
    except ServerError as error:
        if os.environ.get("SERVER") == "mysql":
            raise
        _missing[f"MySQL NOT TESTED: {error}"] += 1
        pytest.skip(f"MySQL is not tested: {error}")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's cache server, through its socket: a Valkey with CACHE_SERVER=valkey."""
    from aurora_graphql.dev.choice import cache_server

    kind = cache_server(os.environ)
    with kind(tmp_path_factory.mktemp(kind.name)) as server:
        _versions[f"{kind.title} {server.version}"] += 1
        yield server


@pytest.fixture
def database(mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    """An empty database of this test alone."""
    from tests.integration.servers import fresh_database

    with fresh_database(mariadb) as url:
        yield url


@pytest.fixture
def cache_url(redis_server: RedisServer) -> str:
    """An empty cache, in the form of ``CACHE_URL``."""
    import redis

    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def northwind_database(mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    """The Northwind orders, loaded by the ingest. Tests only read it."""
    import asyncio

    from handler.jobs.ingest import ingest
    from handler.jobs.migrate import migrate
    from tests.integration.servers import MIGRATIONS, NORTHWIND, ORDERS, fresh_database

    with fresh_database(mariadb) as url:
        asyncio.run(migrate(url, MIGRATIONS))
        report = asyncio.run(ingest(url, NORTHWIND, ORDERS))
        assert report.rejected == 0
        yield url


@pytest.fixture(scope="session")
def northwind(northwind_database: DatabaseUrl) -> Iterator[Api]:
    """The example API over the Northwind orders."""
    from tests.apis import open_api

    with open_api(northwind_database, SDL) as api:
        yield api
