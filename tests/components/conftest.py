"""Fixtures of the infrastructure tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from tests.recorded import allow_deprecated_classes, archive_directory, recorded

__all__ = ["archive_directory", "recorded"]


class Declare(Protocol):
    """Runs a program on mocks; ``declared`` gives it to a test."""

    def __call__(self, build: Callable[[], object]) -> Graph: ...


def pytest_configure(config: pytest.Config) -> None:
    allow_deprecated_classes(config)


@pytest.fixture(params=[True, False], ids=["outputs-known", "outputs-unknown"])
def declared(request: pytest.FixtureRequest) -> Declare:
    """Run a program; a test that takes this runs twice, the second time as a first preview."""
    outputs_known: bool = request.param

    def run(build: Callable[[], object]) -> Graph:
        return declare(build, outputs_known=outputs_known)

    return run
