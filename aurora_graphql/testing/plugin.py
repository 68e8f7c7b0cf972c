"""Fixtures of pytest: ``pytest_plugins = ["aurora_graphql.testing.plugin"]`` in conftest.py.

``aurora_servers`` run for the whole session. ``aurora_database`` is an empty database, and
``aurora_api`` the API of the project over it, migrated: both new for each test. The project is that
of ``aurora-graphql.toml``, from the root of the tests upward; the options ``--aurora-sdl`` and
``--aurora-migrations`` of pytest (or of its ini file, with underscores) name other folders.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_graphql.project_file import Project
from aurora_graphql.testing import Api, Servers, TestDatabase, open_api, start_servers


def pytest_addoption(parser: pytest.Parser) -> None:
    """Other folders than the project's, counted from the root of the tests."""
    for name in ("sdl", "migrations"):
        told = f"folder of the {name}; default: that of the project"
        parser.addoption(f"--aurora-{name}", default=None, help=told)
        parser.addini(f"aurora_{name}", help=told, default="")


@pytest.fixture(scope="session")
def aurora_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A private MariaDB (``SERVER=mysql``: MySQL) and a Redis for the session."""
    with start_servers(cache=True, folder=tmp_path_factory.mktemp("aurora")) as servers:
        yield servers


@pytest.fixture
def aurora_database(aurora_servers: Servers) -> Iterator[TestDatabase]:
    """An empty database."""
    with aurora_servers.database() as database:
        yield database


@pytest.fixture
def aurora_api(aurora_database: TestDatabase, request: pytest.FixtureRequest) -> Iterator[Api]:
    """The API of the project over the tables of its migrations."""
    migrations = _folder(request.config, "migrations")
    if migrations.is_dir():
        aurora_database.migrate(migrations)
    with open_api(aurora_database, _folder(request.config, "sdl")) as api:
        yield api


def _folder(config: pytest.Config, name: str) -> Path:
    given = config.getoption(f"--aurora-{name}") or config.getini(f"aurora_{name}")
    if given:
        return config.rootpath / str(given)
    project = Project.find(config.rootpath)
    return project.sdl if name == "sdl" else project.migrations
