"""Fixtures: real servers for the session, an empty database and an empty cache per test.

The servers live in pytest's temporary directory and end with the session; if pytest is killed, the
kernel ends them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from handler.stores.url import DatabaseUrl
from local.lambda_task import Task, checkout, unpack
from local.servers import MariaDb, RedisServer
from tests.integration.servers import fresh_database


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of tests that take minutes: ``pytest -m nightly`` runs them."""
    config.addinivalue_line("markers", "nightly: takes minutes; not run unless asked for by -m")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``-m`` the tests of the night are left out."""
    if config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """The session's MariaDB, reachable through its socket."""
    with MariaDb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's Redis, reachable through its socket."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def database(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    """An empty database of this test alone."""
    with fresh_database(mariadb) as url:
        yield url


@pytest.fixture
def cache_url(redis_server: RedisServer) -> str:
    """An empty cache, in the form of ``CACHE_URL``."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def archive_task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The example's archive, built and unpacked, with the runtime client of its Python."""
    from archive.build import build
    from archive.bytecode import find_python
    from archive.options import Options
    from archive.target import PYTHONS, Target, this_architecture

    targets = [Target.choose(python, this_architecture()) for python in reversed(PYTHONS)]
    target = next((each for each in targets if find_python(each)), None)
    if target is None:
        pytest.skip(f"none of python{', python'.join(PYTHONS)} is on this machine")
    output: Path = tmp_path_factory.mktemp("dist")
    built = build(Options(target=target, output=output))
    return unpack(built.archive, tmp_path_factory.mktemp("lambda"))


@pytest.fixture(scope="session", params=["checkout", "archive"])
def task(request: pytest.FixtureRequest) -> Task:
    """What the real runtime client runs."""
    if request.param == "checkout":
        return checkout()
    found: Task = request.getfixturevalue("archive_task")
    return found
