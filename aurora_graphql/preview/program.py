"""Run the stack program of a checkout on mocks, with the configuration of one of its stacks."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import yaml

from aurora_graphql.preview.answers import REGION
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import RecordingMocks, declare

REGION_KEY: Final = "aws:region"
ARCHIVE_KEY: Final = "functionArchiveDirectory"
ARCHIVE_FOLDER: Final = "dist"  # as the components have it


def project_of(root: Path) -> dict[str, Any]:
    """``Pulumi.yaml`` as it is written."""
    found: dict[str, Any] = yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))
    return found


def declared_settings(root: Path) -> dict[str, dict[str, Any]]:
    """The keys that ``Pulumi.yaml`` declares with type, default and description; it need not."""
    settings: dict[str, dict[str, Any]] = project_of(root).get("config") or {}
    return settings


def stack_names(root: Path) -> list[str]:
    """The stacks that have a file of their own."""
    return sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))


def stack_file(root: Path, stack: str) -> dict[str, Any]:
    """``Pulumi.<stack>.yaml`` as it is written."""
    text = (root / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = (yaml.safe_load(text) or {}).get("config") or {}
    return config


def stack_settings(root: Path, stack: str) -> dict[str, Any]:
    """The values of a stack's file, keys without the project's name."""
    prefix = f"{project_of(root)['name']}:"
    return {
        key.removeprefix(prefix): value
        for key, value in stack_file(root, stack).items()
        if key.startswith(prefix)
    }


def stack_region(root: Path, stack: str) -> str:
    """Where the stack stands."""
    return str(stack_file(root, stack).get(REGION_KEY, REGION))


def archive_folder(root: Path, stack: str) -> Path:
    """Where ``aurora-graphql package`` writes the archive that the stack deploys."""
    default = declared_settings(root).get(ARCHIVE_KEY, {}).get("default", ARCHIVE_FOLDER)
    return root / str(stack_settings(root, stack).get(ARCHIVE_KEY, default))


def encode(value: Any) -> str:
    """As the engine hands a value to the program: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def run_program(
    root: Path,
    stack: str,
    *,
    settings_of: str = "",
    outputs_known: bool = True,
    changes: Mapping[str, Any] | None = None,
) -> Graph:
    """What ``__main__.py`` of ``root`` declares.

    ``settings_of``: take another stack's settings, and keep the name and the region of ``stack``,
    so that the graphs of two stacks can be compared. ``changes``: settings over those of the file.
    Raises what the program raises, such as ``ArchiveError`` without a fresh archive.
    """
    region = stack_region(root, stack)
    settings = {  # the engine hands over the project's defaults, too
        **{
            key: entry["default"]
            for key, entry in declared_settings(root).items()
            if "default" in entry
        },
        **stack_settings(root, settings_of or stack),
        **(changes or {}),
    }
    project = project_of(root)["name"]
    config = {f"{project}:{key}": encode(value) for key, value in settings.items()}

    def build() -> None:
        pulumi.runtime.set_all_config({REGION_KEY: region, **config})
        runpy.run_path(str(root / "__main__.py"), run_name="__main__")

    mocks = RecordingMocks(outputs_known=outputs_known, region=region)
    return declare(build, stack=stack, mocks=mocks, project=project)
