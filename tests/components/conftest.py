"""Fixtures of the infrastructure tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from preview.graph import Graph
from preview.recording import declare


class Declare(Protocol):
    """Runs a program on mocks; ``declared`` gives it to a test."""

    def __call__(self, build: Callable[[], object]) -> Graph: ...


def pytest_configure(config: pytest.Config) -> None:
    """Let ``pulumi_aws`` define its deprecated classes; using one is still an error.

    Importing a module of the SDK defines every class of it, and Python warns for the deprecated
    ones. ``declare`` fails on the warning that *constructing* one logs.
    """
    config.addinivalue_line(
        "filterwarnings", r"ignore:\S+ has been deprecated in favor of:DeprecationWarning"
    )


@pytest.fixture(params=[True, False], ids=["outputs-known", "outputs-unknown"])
def declared(request: pytest.FixtureRequest) -> Declare:
    """Run a program; a test that takes this runs twice, the second time as a first preview."""
    outputs_known: bool = request.param

    def run(build: Callable[[], object]) -> Graph:
        return declare(build, outputs_known=outputs_known)

    return run
