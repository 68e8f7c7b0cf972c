"""Fixtures of the stacks' graphs, for ``tests/components`` and ``tests/aurora_graphql/preview``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.program import run_program
from aurora_graphql.project_file import Project
from tests.domains.orders import PROJECT

ROOT: Final = Path(__file__).resolve().parents[1]

Recorded = Callable[..., Graph]


def allow_deprecated_classes(config: pytest.Config) -> None:
    """Let ``pulumi_aws`` define its deprecated classes; using one is still an error.

    Importing a module of the SDK defines every class of it, and Python warns for the deprecated
    ones. ``declare`` fails on the warning that *constructing* one logs.
    """
    config.addinivalue_line(
        "filterwarnings", r"ignore:\S+ has been deprecated in favor of:DeprecationWarning"
    )


@pytest.fixture(scope="session")
def archive_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh archive of the orders' SDL and migrations."""
    folder = tmp_path_factory.mktemp("dist")
    write_archive(folder, Project.of(PROJECT))
    return folder


@pytest.fixture(scope="session")
def recorded(archive_directory: Path) -> Recorded:
    """``recorded("prod", cacheMode="none")``: the graph of a stack. Equal arguments run it once."""

    @cache
    def run(stack: str, known: bool, settings_of: str, changes: tuple[tuple[str, Any], ...]) -> Any:
        return run_program(
            PROJECT,
            stack,
            settings_of=settings_of,
            outputs_known=known,
            changes={"functionArchiveDirectory": str(archive_directory), **dict(changes)},
        )

    def record(
        stack: str, *, outputs_known: bool = True, settings_of: str = "", **changes: Any
    ) -> Graph:
        items = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in changes.items()
        }
        graph: Graph = run(stack, outputs_known, settings_of, tuple(sorted(items.items())))
        return graph

    return record
