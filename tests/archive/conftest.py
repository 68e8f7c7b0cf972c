"""What the tests of this folder share: real archives, built once, and a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from archive.build import Built, build
from archive.options import Options
from archive.target import Target, this_architecture
from handler.stores.url import DatabaseUrl
from local.servers import MariaDb
from tests.integration.servers import fresh_database
from tests.recorded import allow_deprecated_classes

BuildArchive = Callable[[str, str], Built]


def pytest_configure(config: pytest.Config) -> None:
    allow_deprecated_classes(config)


@pytest.fixture(scope="session")
def archive_of(tmp_path_factory: pytest.TempPathFactory) -> BuildArchive:
    """The example's archive for a Python and a CPU, built when first asked for."""

    @cache
    def built(python: str, architecture: str) -> Built:
        output = tmp_path_factory.mktemp(f"dist-{python}-{architecture}")
        return build(Options(target=Target.choose(python, architecture), output=output))

    return built


@pytest.fixture(scope="session")
def native(archive_of: BuildArchive) -> Built:
    """The example's archive for this machine's CPU."""
    return archive_of("3.13", this_architecture())


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """The session's MariaDB, reachable through its socket."""
    with MariaDb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def database(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    """An empty database of this test alone."""
    with fresh_database(mariadb) as url:
        yield url


@pytest.fixture
def unzipped(tmp_path: Path) -> Path:
    """An empty folder in the place of Lambda's /var/task."""
    folder = tmp_path / "task"
    folder.mkdir()
    return folder
