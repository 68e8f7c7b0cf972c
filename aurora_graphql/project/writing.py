"""Files of a folder: new ones, and words behind those of an author; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from handler.errors import SchemaError
from handler.language.files import OPERATIONS_FOLDER, read_operations, read_sdl
from handler.language.operations import check_operations
from handler.language.sdl import build_schema
from handler.model.builder import build_model


@dataclass(slots=True)
class Changes:
    """Texts by the path of a file below the folder."""

    new: dict[str, str] = field(default_factory=dict)
    appended: dict[str, str] = field(default_factory=dict)

    def operations(self, documents: Mapping[str, str]) -> None:
        """Documents are files of the folder's ``operations``."""
        self.new.update({f"{OPERATIONS_FOLDER}/{name}": text for name, text in documents.items()})


def has_sdl(folder: Path) -> bool:
    """Whether somebody has put SDL there."""
    operations = folder / OPERATIONS_FOLDER
    return any(operations not in path.parents for path in folder.rglob("*.graphql"))


def write(folder: Path, changes: Changes) -> None:
    """Write, if the whole then is a schema. Raises ``SchemaError``, and FileExistsError."""
    existing = read_sdl(folder) if has_sdl(folder) else {}
    _prove(folder, existing, changes)
    for name in changes.new:
        if (folder / name).exists():
            raise FileExistsError(f"{folder / name} is there already, and is not overwritten")
    for name, text in changes.new.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name, text in changes.appended.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)


def _prove(folder: Path, existing: Mapping[str, str], changes: Changes) -> None:
    """Raises ``SchemaError`` with the file and the line of what would be written."""
    sources = dict(existing)
    documents = read_operations(folder)
    for name, text in changes.new.items():
        part = name.removeprefix(f"{OPERATIONS_FOLDER}/")
        (sources if part == name else documents)[part if part != name else name] = text
    for name, text in changes.appended.items():
        sources[name] += text
    try:
        schema = build_schema({name: sources[name] for name in sorted(sources)})
        build_model(schema)
        check_operations(documents, schema)
    except SchemaError as error:
        raise SchemaError(f"what would be written does not start: {error}") from error
