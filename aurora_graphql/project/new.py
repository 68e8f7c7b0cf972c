"""A new project: a folder of files to begin with, as ``templates`` holds them.

``pulumi new`` makes the same of ``templates/project``: the two placeholders are Pulumi's.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from aurora_graphql.errors import ToolError
from aurora_graphql.project.command import Options, run

TEMPLATES: Final = Path(__file__).parent.with_name("templates")
WHOLE: Final = TEMPLATES / "project"
EXISTING: Final = TEMPLATES / "existing"
"""What is otherwise over a database that is there already."""

WHEELS: Final = "wheels"
"""Where requirements.txt of a project expects the wheel of these packages."""
_OF_OWN_TABLES: Final = ("sdl", "migrations", "data", "tests")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")
_DESCRIPTION: Final = "A GraphQL API from SDL files and SQL files"


class NewError(ToolError):
    """The project cannot be made; nothing is left of it."""


def create(folder: Path, *, database_url: str = "", access: str = "") -> list[Path]:
    """Write the project into a folder that is empty or not there; its files, sorted.

    ``database_url``: its tables are described, and it gets nothing. ``access``: a rule on each of
    its types. Raises ``NewError``, and what stops the description of a database.
    """
    name = folder.name
    if not _NAME.fullmatch(name):
        raise NewError(
            f"{name!r} cannot begin the names of things in AWS: write 2 to 20 small letters, digits"
            " and dashes, a letter first and no dash last"
        )
    if folder.exists() and not folder.is_dir():
        raise NewError(f"{folder} is a file; choose another name")
    if folder.exists() and any(folder.iterdir()):
        raise NewError(f"{folder} is there already, and not empty; choose another name")
    was_there = folder.exists()
    try:
        _write(folder, name, with_tables=not database_url)
        if (wheel := own_wheel()) is not None:
            (folder / WHEELS).mkdir()
            shutil.copy(wheel, folder / WHEELS)
        if database_url:
            options = Options(folder=folder / "sdl", access=access, filters=True, says_next=False)
            run(options, {"DATABASE_URL": database_url})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if was_there:
            folder.mkdir()
        raise
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write(folder: Path, name: str, *, with_tables: bool) -> None:
    for place, source in _files(with_tables=with_tables):
        text = source.read_text("utf-8")
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            text.replace("${PROJECT}", name).replace("${DESCRIPTION}", _DESCRIPTION), "utf-8"
        )


def own_wheel() -> Path | None:
    """The file that this program was installed from, if it is a wheel and still there.

    Source: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    try:
        told = distribution("aurora-graphql").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    address = urlsplit(json.loads(told)["url"] if told else "")
    file = Path(unquote(address.path))
    return file if address.scheme == "file" and file.suffix == ".whl" and file.is_file() else None


def _files(*, with_tables: bool) -> Iterator[tuple[Path, Path]]:
    """Where each file goes, and which one it is."""
    for source in sorted(WHOLE.rglob("*")):
        place = source.relative_to(WHOLE)
        if not source.is_file() or "__pycache__" in place.parts:
            continue
        if with_tables:
            yield place, source
        elif (own := EXISTING / place).is_file():
            yield place, own
        elif place.parts[0] not in _OF_OWN_TABLES:
            yield place, source
