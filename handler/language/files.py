"""Reads SDL and documents: those of a directory, and the SDL that is part of every schema.

Every function returns texts by file name, in the order of their paths, and raises ``SchemaError``
for a file that is not in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from handler import scalars
from handler.errors import SchemaError

OPERATIONS_FOLDER = "operations"  # below the directory of the SDL; holds documents of clients
_SHIPPED = ("specification.graphql", "directives.graphql")
_SCALARS = "scalars.graphql"  # written anew from the scalars of the package
PACKAGE_FILES = (*_SHIPPED, _SCALARS)  # part of every schema


def read_sdl(directory: Path) -> dict[str, str]:
    """All ``*.graphql`` below a directory but for the operations.

    Raises ``SchemaError`` if there is none.
    """
    operations = directory / OPERATIONS_FOLDER
    paths = [
        each for each in sorted(directory.rglob("*.graphql")) if operations not in each.parents
    ]
    if not paths:
        raise SchemaError(f"No *.graphql file under {directory}; put the types of the API there.")
    return _read(directory, paths)


def read_operations(directory: Path) -> dict[str, str]:
    """The documents beside the SDL of a directory; none if there is no such folder."""
    return _read(directory, sorted((directory / OPERATIONS_FOLDER).rglob("*.graphql")))


def read_package() -> dict[str, str]:
    """The texts of ``PACKAGE_FILES``."""
    package = Path(__file__).parent
    files = _read(package, [package / name for name in _SHIPPED])
    return files | {_SCALARS: scalars.sdl()}


def _read(directory: Path, paths: Iterable[Path]) -> dict[str, str]:
    sources: dict[str, str] = {}
    for path in paths:
        name = path.relative_to(directory).as_posix()
        try:
            sources[name] = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise SchemaError(
                f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8.", file=name
            ) from error
    return sources
