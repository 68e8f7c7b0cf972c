"""The prepared file: schema, model, documents and plans that were made when the archive was built.

It is beside the SDL and has a part for each choice of the settings that shape plans. A part is
identified by one hash of all that it was made from: SDL, known operations, those settings, the
code, and the version of Python. If no part matches, everything is made from the SDL at start: a
stale file makes a start slower, never wrong. A damaged part is refused.

A part consists of sections, each read when it is first needed: ``schema``, ``model``, and one for
each document and plan of the known operations. A section is a pickle that can hold nothing but the
structs and enums of this package; it refers to parts of schema and model by their paths. It is
written by ``preparing``.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys

# What ``pickle`` gives; that module has all of it in Python as well, which takes 1 % of a start.
from _pickle import Unpickler, UnpicklingError
from collections.abc import Container, Hashable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any, Protocol
from zlib import crc32

import orjson
from msgspec import Struct

from handler import packed
from handler.errors import SchemaError
from handler.paths import StrPath

FILE = "prepared.bin"
FORMAT = b"prepared 6\n"  # another one for every change of the layout of the file

Key = tuple[Hashable, ...]
_HASH_BYTES = 32
_CHECKSUM_BYTES = 4
LENGTH_BYTES = 4
_CODE = os.path.dirname(os.path.dirname(__file__))  # handler/
# The rooms that take no part in making the content; whatever else there is may take one.
_OTHER_ROOMS = (
    "cache",
    "execution",
    "http",
    "jobs",
    "observe",
    "resolvers",
    "settings",
    "stores",
    "tracing",
)
_PACKAGE = "handler."


class Preparation(Protocol):
    """What was prepared for operations; asked before something is made for one."""

    def find(self, key: Key) -> Any:
        """What was prepared for a key; None if nothing was."""

    def made(self, key: Key, value: object) -> None:
        """Record what was not found and has been made, while the archive is built."""


class Sections(Protocol):
    """A source of preparations: a file, its recorder, or none."""

    def parts(self, scope: str, roots: Mapping[str, object]) -> Preparation:
        """The preparation for the operations of one schema; ``scope`` is its name.

        ``roots``: the schema and other objects that reader and writer share, see ``preparing``.
        """


class NothingPrepared:
    """No preparation: there is no matching file."""

    def parts(self, scope: str, roots: Mapping[str, object]) -> NothingPrepared:
        """See ``Sections``."""
        return self

    def find(self, key: Key) -> Any:
        """None."""
        return None

    def made(self, key: Key, value: object) -> None:
        """Nothing is recorded."""


class StaleError(Exception):
    """The file was made from other SDL, settings or code."""


class PreparedFile(Struct, eq=False):
    """The prepared file of a directory, if it matches the SDL there."""

    _content: memoryview
    _places: Mapping[str, tuple[int, int]]

    @classmethod
    def find(cls, directory: StrPath, settings: str) -> PreparedFile | None:
        """The file of a directory; None if there is none.

        ``settings``: those that shape plans, as a text. Raises ``StaleError`` if no part matches,
        and ``SchemaError`` for a damaged file.
        """
        path = os.path.join(directory, FILE)
        try:
            with open(path, "rb") as file:
                content = memoryview(file.read())
        except FileNotFoundError:
            return None
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        part = _find_part(content, identity(directory, settings, version))
        if part is None:
            raise StaleError
        checksum, rest = part[:_CHECKSUM_BYTES], part[_CHECKSUM_BYTES:]
        if checksum_of(rest) != checksum:
            raise SchemaError(
                f"{path} is damaged; build and deploy the archive again: aurora-graphql package"
            )
        index, sections = _cut(rest)
        return cls(sections, orjson.loads(index))

    def parts(self, scope: str, roots: Mapping[str, object]) -> Preparation:
        """See ``Sections``."""
        return _FileParts(self, scope, roots)

    def read(self, name: str, roots: Mapping[str, object]) -> Any:
        """The content of a section; None if there is none of that name.

        ``roots``: as it was written with.
        """
        place = self._places.get(name)
        if place is None:
            return None
        offset, length = place
        return _Reader(bytes(self._content[offset : offset + length]), roots).load()


def is_prepared(directory: StrPath) -> bool:
    """Whether a directory has a prepared file, whatever it was made from."""
    return os.path.exists(os.path.join(directory, FILE))


def _find_part(content: memoryview, identity: bytes) -> memoryview | None:
    """The part with that identity; None if there is none, or the file has another format."""
    rest = content[len(FORMAT) :] if content[: len(FORMAT)] == FORMAT else content[:0]
    while rest:
        found = rest[:_HASH_BYTES]
        part, rest = _cut(rest[_HASH_BYTES:])
        if found == identity:
            return part
    return None


def _cut(content: memoryview) -> tuple[memoryview, memoryview]:
    """The bytes that a length precedes, and the rest."""
    end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "big")
    return content[LENGTH_BYTES:end], content[end:]


def checksum_of(content: bytes | memoryview) -> bytes:
    """Against accidents, such as a copy that was cut; SHA-256 takes more of a start."""
    return crc32(content).to_bytes(_CHECKSUM_BYTES, "big")


class _FileParts(Struct, frozen=True):
    file: PreparedFile
    scope: str
    roots: Mapping[str, object]

    def find(self, key: Key) -> Any:
        """See ``Preparation``."""
        return self.file.read(section_name(self.scope, key), self.roots)

    def made(self, key: Key, value: object) -> None:
        """Nothing is recorded: the operation is not a known one."""


def section_name(scope: str, key: Key) -> str:
    """The name of a section: a hash of its key, whose ``repr`` is the same in every process."""
    return hashlib.sha256(repr((scope, key)).encode("utf-8", "surrogatepass")).hexdigest()


def identity(directory: StrPath, settings: str, python: str) -> bytes:
    """The hash of all that a part is made from, of files by name, length and checksum."""
    # Of the sources, which are hundreds, an archive has the hash.
    code = packed.sources_digest() or digest_sources(_CODE)
    folder = os.path.normpath(directory)
    sdl = _digest(folder, _files(folder, ".graphql", deep=True))
    return hashlib.sha256(f"{python}\n{settings}\n".encode() + code + sdl).digest()


def digest_sources(package: StrPath) -> bytes:
    """The hash of the sources of this package that take part in making the content."""
    code = os.fspath(package)
    sources = _files(code, ".py", deep=True, without=_OTHER_ROOMS)
    return _digest(code, sources + _files(f"{code}/language", ".graphql"))


def _digest(root: str, paths: list[str]) -> bytes:
    """The hash of files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        with open(path, "rb", buffering=0) as file:
            content = file.read()
        digest.update(f"{path[len(root) :]}\n{len(content)}\n".encode())
        digest.update(checksum_of(content))
    return digest.digest()


def _files(
    folder: str, ending: str, *, deep: bool = False, without: Container[str] = ()
) -> list[str]:
    """The files below a folder."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in without:
                continue
            if deep and entry.is_dir():
                found += _files(entry.path, ending, deep=True)
            elif entry.name.endswith(ending):
                found.append(entry.path)
    return found


# Defaults of arguments are among what is prepared, as their scalars coerce them.
VALUES = (date, datetime, timedelta, timezone, Decimal)

# What the pickle of a frozen set, of a ``Struct`` with fields by name and of a value asks for.
_FOREIGN = frozenset(
    {
        ("builtins", "frozenset"),
        ("msgspec._utils", "rebuild"),
        *((each.__module__, each.__name__) for each in VALUES),
    }
)


class _Reader(Unpickler):
    """Makes structs and enums of this package and nothing else, whatever the file holds."""

    def __init__(self, content: bytes, roots: Mapping[str, object]) -> None:
        super().__init__(io.BytesIO(content))
        self._roots = roots

    def persistent_load(self, way: tuple[Any, ...]) -> Any:
        """See the writer's ``persistent_id``."""
        first, *steps = way
        if first is frozenset:
            return frozenset(steps)
        value: Any = self._roots[first]
        for step in steps:
            value = getattr(value, step) if isinstance(value, Struct) else value[step]
        return value

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _FOREIGN:
            return super().find_class(module, name)
        if module.startswith(_PACKAGE):
            found = getattr(import_module(module), name, None)
            if isinstance(found, type) and issubclass(found, Struct | Enum):
                return found
        raise UnpicklingError(f"{module}.{name} is no part of what is prepared")
