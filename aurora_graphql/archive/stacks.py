"""What the stacks choose that the archive must fit, read from ``Pulumi.<stack>.yaml``.

One archive serves all stacks, so it is prepared for each choice that one of them makes, knows the
authorities of each region that one of them names, and holds GraphiQL if one of them shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from handler.settings import VARIABLES

_OF_EACH_REQUEST: Final = ("limits.cost", "limits.errors")

SHAPING: Final = tuple(
    variable.name
    for variable in VARIABLES
    if variable.field.startswith(("page_size", "list_max", "limits."))
    and variable.field not in _OF_EACH_REQUEST
)
"""The variables that ``handler.engine.engine.shaping`` looks at."""

_KEY: Final = "functionVariables"
_REGION: Final = "aws:region"


def chosen_variables(folder: Path) -> list[dict[str, str]]:
    """Each choice of shaping variables once; an empty one, the defaults, comes first.

    ``folder``: where ``Pulumi.yaml`` and the stacks' files are. Without any stack it is the
    project's own choice.
    """
    found = {tuple(sorted(_shaping(written))) for written in _written(folder, _KEY)}
    return [dict(choice) for choice in sorted(found)]


def chosen_regions(folder: Path) -> frozenset[str] | None:
    """The regions of the stacks; None where there is no stack, or one that does not name its own.

    ``folder``: as above.
    """
    configs = [_read(path).get("config") or {} for path in sorted(folder.glob("Pulumi.*.yaml"))]
    regions = [config.get(_REGION) for config in configs]
    if not regions or not all(isinstance(region, str) for region in regions):
        return None
    return frozenset(map(str, regions))


def wants_graphiql(folder: Path) -> bool:
    """Whether a stack shows GraphiQL to browsers. ``folder``: as above."""
    return any(written is True for written in _written(folder, "apiGraphiql"))


def _written(folder: Path, key: str) -> Iterator[Any]:
    file = folder / "Pulumi.yaml"
    project = _read(file) if file.is_file() else {}
    declared = (project.get("config") or {}).get(key)
    default = declared.get("default") if isinstance(declared, dict) else None
    stacks = sorted(folder.glob("Pulumi.*.yaml"))
    for path in stacks:
        yield (_read(path).get("config") or {}).get(f"{project.get('name')}:{key}", default)
    if not stacks:
        yield default


def _shaping(written: Any) -> Iterator[tuple[str, str]]:
    """The program refuses what is no list of ``NAME=value``; what is encrypted shapes nothing."""
    for text in written if isinstance(written, list) else ():
        if isinstance(text, str):
            name, _, value = text.partition("=")
            if name in SHAPING:
                yield name, value


def _read(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return found
