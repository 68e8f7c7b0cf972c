"""What the tests of this folder share: real archives and a prepared SDL, made once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora_graphql.archive.build import Built
from aurora_graphql.archive.target import Target, this_architecture
from handler.language.prepared import FILE
from tests.archives import built_archive
from tests.aurora_graphql.archive.prepared import settings_of, write
from tests.conftest import SDL as EXAMPLE
from tests.recorded import allow_deprecated_classes

BuildArchive = Callable[[str, str], Built]


def pytest_configure(config: pytest.Config) -> None:
    allow_deprecated_classes(config)


@pytest.fixture(scope="session")
def archive_of(tmp_path_factory: pytest.TempPathFactory) -> BuildArchive:
    """The example's archive for a Python and a CPU, built when first asked for."""

    def built(python: str, architecture: str) -> Built:
        return built_archive(tmp_path_factory, Target.choose(python, architecture))

    return built


@pytest.fixture(scope="session")
def native(archive_of: BuildArchive) -> Built:
    """The example's archive for this machine's CPU."""
    return archive_of("3.13", this_architecture())


@pytest.fixture
def unzipped(tmp_path: Path) -> Path:
    """An empty folder in the place of Lambda's /var/task."""
    folder = tmp_path / "task"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's SDL and operations with what is prepared of them; not to be changed."""
    folder = tmp_path_factory.mktemp("whole") / "sdl"
    shutil.copytree(EXAMPLE, folder)
    (folder / FILE).write_bytes(write(settings_of(folder)))
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """The same, for one test to change."""
    copied = tmp_path / "sdl"
    shutil.copytree(whole, copied)
    return copied
