"""Fixtures of the Lambda archive, and of the two things that the real runtime client can run."""

from __future__ import annotations

import pytest

from aurora_graphql.dev.lambda_task import Task, checkout, unpack


@pytest.fixture(scope="session")
def archive_task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The example's archive, built and unpacked, with the runtime client of its Python."""
    from aurora_graphql.archive.bytecode import find_python
    from aurora_graphql.archive.target import PYTHONS, Target, this_architecture
    from tests.archives import built_archive

    targets = [Target.choose(python, this_architecture()) for python in reversed(PYTHONS)]
    target = next((each for each in targets if find_python(each)), None)
    if target is None:
        pytest.skip(f"none of python{', python'.join(PYTHONS)} is on this machine")
    archive = built_archive(tmp_path_factory, target).archive
    return unpack(archive, tmp_path_factory.mktemp("lambda"))


@pytest.fixture(scope="session", params=["checkout", "archive"])
def task(request: pytest.FixtureRequest) -> Task:
    """What the real runtime client runs."""
    if request.param == "checkout":
        return checkout()
    found: Task = request.getfixturevalue("archive_task")
    return found
