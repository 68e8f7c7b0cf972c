"""The wheel as a release builds it, from a copy, so that nothing is left beside the sources."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from aurora_graphql.archive.brought import bring
from aurora_graphql.dev.graphiql import BUNDLED
from tests.once import made_once

ROOT: Final = Path(__file__).resolve().parents[1]
PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
_SOURCES: Final = (
    *("pyproject.toml", "README.md", "LICENSE"),
    *("components", "handler", "aurora_graphql"),
)


def built_wheel(factory: pytest.TempPathFactory) -> Path:
    """Its file, built by the process that asks first."""
    folder = made_once(factory, "wheel", partial(_build, factory))
    (built,) = folder.glob("*.whl")
    return built


def _build(factory: pytest.TempPathFactory, target: Path) -> None:
    source = factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, source)
    bring(source / "aurora_graphql" / "dev" / "browser" / BUNDLED.name)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [*PIP, "wheel", *options, "--wheel-dir", str(target), str(source)],
        check=True,
        capture_output=True,
    )
