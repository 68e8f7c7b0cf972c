"""A schema that was built with the archive: read in a fraction of the time that its SDL takes.

The file stands beside the SDL that it was built from, and names it by hash. A file of another SDL,
or of other code, is left alone and the SDL is read instead: stale is slower, never wrong.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import pickle
from pathlib import Path
from typing import Any

from handler.language import schema as schema_module
from handler.language.schema import Schema
from handler.language.sdl import PACKAGE_FILES, load_schema

FILE = "schema.bin"
FORMAT = b"schema 1\n"  # another one for every change of the layout of the file

_MODULES = frozenset({"handler.language.schema", "handler.errors"})


def prepare_schema(directory: Path) -> bytes:
    """The content of ``schema.bin`` for the SDL of a directory. Raises ``SchemaError``."""
    schema = load_schema(directory)
    # The order of a set is another in every process; a list has one.
    possible = {name: sorted(members) for name, members in schema.possible_types.items()}
    parts = (dataclasses.replace(schema, possible_types={}), possible)
    return FORMAT + _identity(directory) + pickle.dumps(parts, protocol=5)


def load_prepared_schema(directory: Path) -> Schema:
    """The schema of ``schema.bin`` where it fits the SDL beside it, else of that SDL.

    Raises ``SchemaError``.
    """
    try:
        content = (directory / FILE).read_bytes()
    except FileNotFoundError:
        return load_schema(directory)
    head = FORMAT + _identity(directory)
    if not content.startswith(head):
        return load_schema(directory)
    schema, possible = _Reader(io.BytesIO(content[len(head) :])).load()
    assert isinstance(schema, Schema)
    schema.possible_types = {name: frozenset(members) for name, members in possible.items()}
    return schema


def _identity(directory: Path) -> bytes:
    """Hash of everything that the schema was built from, and of the classes that hold it."""
    package = Path(__file__).parent
    files = [package / name for name in (*PACKAGE_FILES, Path(schema_module.__file__ or "").name)]
    files += sorted(directory.rglob("*.graphql"))
    digest = hashlib.sha256()
    for file in files:
        name = file.relative_to(package if file.parent == package else directory).as_posix()
        content = file.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.digest()


class _Reader(pickle.Unpickler):
    """Makes the classes of a schema and no others, whatever the file asks for."""

    def find_class(self, module: str, name: str) -> Any:
        if module not in _MODULES:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a schema")
        return super().find_class(module, name)
