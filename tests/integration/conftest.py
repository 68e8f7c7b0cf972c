"""Fixtures of the Lambda archive, and of the two things that the real runtime client can run."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.lambda_task import Task, checkout, unpack


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
