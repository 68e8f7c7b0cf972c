"""What was made when the archive was built, so that no start and no first request makes it again.

The file stands beside the SDL. It has a part for each choice of settings that shape plans, and each
part names by one hash everything that it was made from: the SDL, the known operations, those
settings, the code that made it, and the version of Python. If no part fits, the file is left alone
and all is made from the SDL: stale is slower, never wrong. A part that was damaged is refused.

A part is a list of sections, each read when first asked for: ``schema``, ``model``, and for
the known operations what ``Preparation`` was told of. A section is a pickle that can make nothing
but the records of this package; parts of the schema and the model are in it by their paths.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
from collections.abc import Hashable, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import orjson
from msgspec import Struct
from msgspec._utils import rebuild  # type: ignore[attr-defined]  # is not in its types

from handler.errors import SchemaError

FILE = "prepared.bin"
FORMAT = b"prepared 4\n"  # another one for every change of the layout of the file

Key = tuple[Hashable, ...]
_HASH_BYTES = 32
_LENGTH_BYTES = 4
_CODE = Path(__file__).parents[1]  # handler/
# What the content was made by, beside the files that stand in handler/ itself.
_CODE_FOLDERS = ("access", "compiler", "engine", "fields", "language", "model", "scalars", "sql")
_PACKAGE = "handler."


class Preparation(Protocol):
    """What the stages ask before they make something for an operation."""

    def find(self, key: Key) -> Any:
        """What was made for that key when the archive was built; None if nothing was."""

    def made(self, key: Key, value: object) -> None:
        """Tell that something was not found and has been made."""


class Sections(Protocol):
    """Where a ``Preparation`` comes from."""

    def parts(self, scope: str, roots: Mapping[str, object]) -> Preparation:
        """What belongs to the operations of one schema; ``scope`` keeps several apart.

        ``roots``: the schema and what else both sides have, see ``encode``.
        """


class NothingPrepared:
    """Without a file that fits."""

    def parts(self, scope: str, roots: Mapping[str, object]) -> NothingPrepared:
        """See ``Sections``."""
        return self

    def find(self, key: Key) -> Any:
        """None."""
        return None

    def made(self, key: Key, value: object) -> None:
        """Nobody keeps it."""


class StaleError(Exception):
    """The file was made from something else; all has to be made again."""


class PreparedFile:
    """The file of a directory, if it fits what stands beside it."""

    def __init__(self, content: memoryview, places: Mapping[str, tuple[int, int]]) -> None:
        self._content = content
        self._places = places

    @classmethod
    def find(cls, directory: Path, settings: str) -> PreparedFile | None:
        """None if there is no file.

        ``settings``: those that shape what is in it, in any form.

        Raises ``StaleError`` for a file that was made from something else, and ``SchemaError`` for
        a damaged one.
        """
        path = directory / FILE
        try:
            content = memoryview(path.read_bytes())
        except FileNotFoundError:
            return None
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        part = _find_part(content, _identity(directory, settings, version))
        if part is None:
            raise StaleError
        digest, rest = part[:_HASH_BYTES], part[_HASH_BYTES:]
        if hashlib.sha256(rest).digest() != digest:
            raise SchemaError(
                f"{path} is damaged; build and deploy the archive again: make package"
            )
        index, sections = _cut(rest)
        return cls(sections, orjson.loads(index))

    def parts(self, scope: str, roots: Mapping[str, object]) -> Preparation:
        """See ``Sections``."""
        return _FileParts(self, scope, roots)

    def read(self, name: str, roots: Mapping[str, object]) -> Any:
        """What a section holds; None if there is no such section.

        ``roots``: those that it was written with.
        """
        place = self._places.get(name)
        if place is None:
            return None
        offset, length = place
        return _Reader(bytes(self._content[offset : offset + length]), roots).load()


def encode_file(directory: Path, python: str, choices: Mapping[str, Mapping[str, bytes]]) -> bytes:
    """The content of the file for what stands in a directory now.

    ``choices``: the sections by the settings that shape them, which are in any form. ``python``:
    the version of the one that will read it, such as ``3.13``. It need not be the one that writes:
    what is written are texts, numbers and names.
    """
    content = FORMAT
    for settings, sections in choices.items():
        part = _encode_part(sections)
        content += _identity(directory, settings, python) + _length(part) + part
    return content


def _encode_part(sections: Mapping[str, bytes]) -> bytes:
    """A hash, and then what it is of: where sections begin, and the sections."""
    places: dict[str, tuple[int, int]] = {}
    offset = 0
    for name, content in sections.items():
        places[name] = (offset, len(content))
        offset += len(content)
    index = orjson.dumps(places)
    rest = b"".join((_length(index), index, *sections.values()))
    return hashlib.sha256(rest).digest() + rest


def _find_part(content: memoryview, identity: bytes) -> memoryview | None:
    """The part of that identity, if the file is one of ours and has it."""
    rest = content[len(FORMAT) :] if content[: len(FORMAT)] == FORMAT else content[:0]
    while rest:
        found = rest[:_HASH_BYTES]
        part, rest = _cut(rest[_HASH_BYTES:])
        if found == identity:
            return part
    return None


def _cut(content: memoryview) -> tuple[memoryview, memoryview]:
    """What a length stands in front of, and what comes after it."""
    end = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")
    return content[_LENGTH_BYTES:end], content[end:]


def _length(content: bytes) -> bytes:
    return len(content).to_bytes(_LENGTH_BYTES, "big")


class _FileParts(Struct, frozen=True):
    file: PreparedFile
    scope: str
    roots: Mapping[str, object]

    def find(self, key: Key) -> Any:
        """See ``Preparation``."""
        return self.file.read(_section(self.scope, key), self.roots)

    def made(self, key: Key, value: object) -> None:
        """Of an operation that is not known, most likely."""


class Recorder:
    """Writes down what is made while the archive is built."""

    def __init__(self) -> None:
        self.sections: dict[str, bytes] = {}

    def parts(self, scope: str, roots: Mapping[str, object]) -> Preparation:
        """See ``Sections``."""
        return _RecordedParts(self, scope, roots)


class _RecordedParts(Struct, frozen=True):
    recorder: Recorder
    scope: str
    roots: Mapping[str, object]

    def find(self, key: Key) -> Any:
        """None: everything is made once."""
        return None

    def made(self, key: Key, value: object) -> None:
        """Keep it as it is now."""
        self.recorder.sections[_section(self.scope, key)] = encode(value, self.roots)


def _section(scope: str, key: Key) -> str:
    """The name of a section. Equal keys have equal ``repr``s: texts, numbers, names of enums."""
    return hashlib.sha256(repr((scope, key)).encode("utf-8", "surrogatepass")).hexdigest()


def encode(value: object, roots: Mapping[str, object]) -> bytes:
    """A section. Records that can be reached from the roots are written as the way to them.

    The same value gives the same bytes in every process.
    """
    written = io.BytesIO()
    _Writer(written, roots).dump(value)
    return written.getvalue()


def _identity(directory: Path, settings: str, python: str) -> bytes:
    """Hash of everything that the content of the file was made from."""
    digest = hashlib.sha256(f"{python}\n{settings}\n".encode())
    code = str(_CODE)
    sources = _files(code, ".py")
    for name in _CODE_FOLDERS:
        sources += _files(f"{code}/{name}", ".py", deep=True)
    sources += _files(f"{code}/language", ".graphql")
    for root, found in (
        (code, sources),
        (str(directory), _files(directory, ".graphql", deep=True)),
    ):
        for path in sorted(found):
            with open(path, "rb", buffering=0) as file:
                content = file.read()
            digest.update(f"{path[len(root) :]}\n{len(content)}\n".encode())
            digest.update(content)
    return digest.digest()


def _files(folder: str | Path, ending: str, *, deep: bool = False) -> list[str]:
    """Paths below a folder. Each start asks for a hundred: ``pathlib`` would take milliseconds."""
    found = []
    with os.scandir(str(folder)) as entries:
        for entry in entries:
            if deep and entry.is_dir():
                found += _files(entry.path, ending, deep=True)
            elif entry.name.endswith(ending):
                found.append(entry.path)
    return found


class _Writer(pickle.Pickler):
    def __init__(self, written: io.BytesIO, roots: Mapping[str, object]) -> None:
        super().__init__(written, protocol=5)
        self._ways: dict[int, tuple[str | int, ...]] = {}
        for name, root in roots.items():
            self._walk(root, (name,))

    def _walk(self, value: object, way: tuple[str | int, ...]) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if isinstance(key, str):
                    self._walk(inner, (*way, key))
        elif isinstance(value, tuple | list):
            for number, inner in enumerate(value):
                self._walk(inner, (*way, number))
        elif isinstance(value, Struct) and id(value) not in self._ways:
            self._ways[id(value)] = way
            for name in value.__struct_fields__:
                self._walk(getattr(value, name), (*way, name))

    def persistent_id(self, value: object) -> Any:
        """The way to what the reader has; and sets, whose order is another in every process."""
        way = self._ways.get(id(value))
        if way is not None:
            return way
        if isinstance(value, frozenset):
            return (frozenset, *sorted(value))
        if not (value is None or value is rebuild or isinstance(value, _PLAIN)):
            raise TypeError(f"{type(value).__qualname__} cannot be prepared: {value!r}")
        return None


_PLAIN = (str, int, float, bool, bytes, tuple, list, dict, Enum, Struct, type)


# What the pickle of a frozen set and of a ``Struct`` with fields by name asks for.
_FOREIGN = frozenset({("builtins", "frozenset"), ("msgspec._utils", "rebuild")})


class _Reader(pickle.Unpickler):
    """Makes records and enums of this package and nothing else, whatever the file asks for."""

    def __init__(self, content: bytes, roots: Mapping[str, object]) -> None:
        super().__init__(io.BytesIO(content))
        self._roots = roots

    def persistent_load(self, way: tuple[Any, ...]) -> Any:
        """See ``_Writer.persistent_id``."""
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
        raise pickle.UnpicklingError(f"{module}.{name} is no part of what is prepared")
