"""Reads SDL and documents: those of a directory, and the SDL that is part of every schema.

Every ``read_`` returns texts by file name, in the order of their paths, and raises ``SchemaError``
for a file that cannot be read, or is not in UTF-8. Hidden files are left out: editors and file
systems put locks and notes of their own beside a file, under its name behind a dot. ``quoting``
shows the lines that errors are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    paths = [each for each in _documents(directory) if operations not in each.parents]
    if not paths:
        raise SchemaError(f"No *.graphql file under {directory}; put the types of the API there.")
    return _read(directory, paths)


def read_operations(directory: Path) -> dict[str, str]:
    """The documents beside the SDL of a directory; none if there is no such folder."""
    return _read(directory, _documents(directory / OPERATIONS_FOLDER))


def read_package() -> dict[str, str]:
    """The texts of ``PACKAGE_FILES``. Raises ``OSError`` where one is missing, as code may be."""
    package = Path(__file__).parent
    files = {name: (package / name).read_bytes().decode() for name in _SHIPPED}
    return files | {_SCALARS: scalars.sdl()}


@contextmanager
def quoting(directory: Path) -> Iterator[None]:
    """Lets a ``SchemaError`` about a file below a directory name its path and show its line."""
    try:
        yield
    except SchemaError as error:
        path = directory / error.file
        if error.location is None or error.excerpt or not path.is_file():
            raise
        from handler.language.excerpt import excerpt  # late: no start that succeeds needs it

        text = path.read_bytes().decode(errors="replace")
        if directory / OPERATIONS_FOLDER not in path.parents:
            text = text.removeprefix("\ufeff")  # of SDL it counts as nothing
        place = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        error.file = place.as_posix()
        error.excerpt = excerpt(text, error.location)
        raise


def _documents(directory: Path) -> list[Path]:
    """The ``*.graphql`` below it, in order, without hidden ones."""
    return sorted(each for each in directory.rglob("*.graphql") if not each.name.startswith("."))


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
        except OSError as error:
            raise SchemaError(f"{name}: cannot be read: {error.strerror}.", file=name) from error
    return sources
