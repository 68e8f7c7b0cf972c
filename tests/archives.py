"""Archives of the orders, each built once in a session, whatever number of processes runs tests."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.archive.build import Built, build
from aurora_graphql.archive.options import Options
from aurora_graphql.archive.target import Target
from aurora_graphql.project_file import Project
from tests.domains.orders import PROJECT
from tests.once import made_once

ORDERS = Project.of(PROJECT)


def orders_options(target: Target, output: Path, **others: Any) -> Options:
    """What is built of the orders, into ``output``; ``others`` differ from what it says."""
    own: dict[str, Any] = {
        "sdl": ORDERS.sdl,
        "migrations": ORDERS.migrations,
        "mappings": ORDERS.mappings,
        "stacks": ORDERS.stacks,
        "resolvers_root": ORDERS.folder,
    }
    return Options(target=target, output=output, **{**own, **others})


def built_archive(factory: pytest.TempPathFactory, target: Target) -> Built:
    """The archive for a target, built by the process that asks first."""
    name = f"dist-{target.python}-{target.architecture}"
    folder = made_once(factory, name, partial(_build, target))
    notes = json.loads((folder / "notes.json").read_text())
    archive, manifest = folder / "dist" / "handler.zip", folder / "dist" / "manifest.json"
    return Built(archive, json.loads(manifest.read_text()), notes)


def _build(target: Target, folder: Path) -> None:
    built = build(orders_options(target, folder / "dist"))
    (folder / "notes.json").write_text(json.dumps(built.notes))
