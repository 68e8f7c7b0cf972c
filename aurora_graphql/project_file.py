"""Where a project's files are: ``aurora-graphql.toml``, or the conventions where it says nothing.

The file is looked for in the current directory and upward; its folder is the project's, and what it
names is relative to that. Without a file the current directory is the project. An option counts
before the environment (``SDL_DIR``, ``MIGRATIONS_DIR``, ``RESOLVERS``), that before the file, and
the file before the conventions. Standard library only: the stack's program reads it, too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from aurora_graphql.errors import ToolError

FILE: Final = "aurora-graphql.toml"
_KEYS: Final = ("name", "sdl", "migrations", "mappings", "resolvers", "data")
_DATA_KEYS: Final = ("file", "mapping")


class ProjectFileError(ToolError):
    """The file says what cannot be; the text names the file and the key."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """Rows to load once into a database of one's own. ``mapping``: how the lines are read."""

    file: Path
    mapping: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Project:
    """One API: where its files are."""

    folder: Path  # absolute; of the file, or the current directory
    name: str  # of the private database, among others
    sdl: Path  # with operations/ in it
    migrations: Path
    mappings: Path  # of the ingest: what feeds which tables
    resolvers: str = ""  # the module of the Python resolvers
    data: tuple[Data, ...] = ()

    @classmethod
    def find(cls, start: Path) -> Self:
        """The project that ``start`` is in. Raises ``ProjectFileError``."""
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / FILE).is_file():
                return cls.of(folder)
        return cls.of(start)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The project in exactly this folder. Raises ``ProjectFileError``."""
        folder = folder.resolve()
        if folder.is_file():
            raise ProjectFileError(f"{folder} is a file; name the folder of a project")
        written = _Reader.read(folder / FILE)
        return cls(
            folder=folder,
            name=written.text("name") or folder.name,
            sdl=folder / (written.text("sdl") or "sdl"),
            migrations=folder / (written.text("migrations") or "migrations"),
            mappings=folder / (written.text("mappings") or "data/mappings"),
            resolvers=written.text("resolvers"),
            data=written.data(folder),
        )

    @property
    def local(self) -> Path:
        """What the commands keep: servers' data, keys, GraphiQL's files. Not for git."""
        return self.folder / ".local"

    @property
    def dist(self) -> Path:
        """Where the archive for Lambda is written."""
        return self.folder / "dist"

    @property
    def stacks(self) -> Path:
        """Where ``Pulumi.yaml`` and the stacks' files are."""
        return self.folder

    @property
    def database(self) -> str:
        """The name as one of a database: small letters, digits and underscores."""
        return re.sub(r"[^a-z0-9]+", "_", self.name.lower(), flags=re.ASCII).strip("_") or "api"

    def sdl_in_use(self, given: Mapping[str, str]) -> Path:
        """The folder of the SDL: that of the environment, or else the project's."""
        return Path(given["SDL_DIR"]).resolve() if given.get("SDL_DIR") else self.sdl

    def migrations_in_use(self, given: Mapping[str, str]) -> Path | None:
        """The folder of the migrations: that of the environment, or else the project's.

        The project's belong to its own SDL; None where the environment names another SDL alone,
        and where there is no such folder.
        """
        if given.get("MIGRATIONS_DIR"):
            return Path(given["MIGRATIONS_DIR"]).resolve()
        is_own = self.sdl_in_use(given) == self.sdl.resolve()
        return self.migrations if is_own and self.migrations.is_dir() else None

    def environ(self, given: Mapping[str, str]) -> dict[str, str]:
        """``given`` with what it does not name of this project, as the handler is told it."""
        environ = dict(given)
        environ["SDL_DIR"] = str(self.sdl_in_use(given))
        if (migrations := self.migrations_in_use(given)) is not None:
            environ["MIGRATIONS_DIR"] = str(migrations)
        if not given.get("INGEST_MAPPINGS_DIR"):
            environ["INGEST_MAPPINGS_DIR"] = str(self.mappings)
        if self.resolvers and self.sdl_in_use(given) == self.sdl.resolve():
            environ["RESOLVERS"] = given.get("RESOLVERS") or self.resolvers
        return environ


@dataclass(frozen=True)
class _Reader:
    """What a file says. Every message names it."""

    file: Path
    values: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> Self:
        try:
            values = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return cls(file, {})
        except (OSError, ValueError) as error:  # tomllib's is one, and so is bad UTF-8
            raise ProjectFileError(f"{file}: {error}") from error
        reader = cls(file, values)
        reader.check(values, _KEYS, "")
        return reader

    def check(self, values: Mapping[str, Any], known: tuple[str, ...], before: str) -> None:
        for key in values:
            if key not in known:
                names = ", ".join(f"{before}{each}" for each in known)
                raise ProjectFileError(f"{self.file}: no such key as {before}{key}; write {names}")

    def text(self, key: str, values: Mapping[str, Any] | None = None, before: str = "") -> str:
        """A text; empty where it is absent."""
        value = (self.values if values is None else values).get(key, "")
        if not isinstance(value, str):
            raise ProjectFileError(f'{self.file}: {before}{key} must be "text", got {value!r}')
        return value

    def data(self, folder: Path) -> tuple[Data, ...]:
        entries = self.values.get("data", [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise ProjectFileError(
                f"{self.file}: data is a table for each file; write [[data]] and below it file ="
            )
        return tuple(self._entry(folder, each) for each in entries)

    def _entry(self, folder: Path, values: Mapping[str, Any]) -> Data:
        self.check(values, _DATA_KEYS, "data.")
        file = folder / self.text("file", values, "data.")
        if not file.is_file():
            raise ProjectFileError(f"{self.file}: data.file is {str(file)!r}, which is no file")
        mapping = self.text("mapping", values, "data.")
        if mapping and not (folder / mapping).is_file():
            raise ProjectFileError(f"{self.file}: data.mapping is {mapping!r}, which is no file")
        return Data(file=file, mapping=folder / mapping if mapping else None)
