"""Writes the prepared file while the archive is built; ``prepared`` says what is in it."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from enum import Enum
from typing import Any

import orjson
from msgspec import Struct
from msgspec._utils import rebuild  # type: ignore[attr-defined]  # is not in its types

from handler.language.prepared import (
    FORMAT,
    LENGTH_BYTES,
    VALUES,
    Key,
    Preparation,
    checksum_of,
    identity,
    section_name,
)
from handler.paths import StrPath


def encode_file(
    directory: StrPath, python: str, choices: Mapping[str, Mapping[str, bytes]]
) -> bytes:
    """The prepared file for the SDL in a directory.

    ``choices``: the sections by the settings that shape them, which are in any form. ``python``:
    the version of the one that will read it, such as ``3.13``. It need not be the one that writes:
    what is written are texts, numbers and names.
    """
    content = FORMAT
    for settings, sections in choices.items():
        part = _encode_part(sections)
        content += identity(directory, settings, python) + _length(part) + part
    return content


def _encode_part(sections: Mapping[str, bytes]) -> bytes:
    """The checksum of the rest; then the positions of the sections, and the sections."""
    places: dict[str, tuple[int, int]] = {}
    offset = 0
    for name, content in sections.items():
        places[name] = (offset, len(content))
        offset += len(content)
    index = orjson.dumps(places)
    rest = b"".join((_length(index), index, *sections.values()))
    return checksum_of(rest) + rest


class Recorder:
    """Records what is made while the archive is built."""

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
        """None, so that everything is made once."""
        return None

    def made(self, key: Key, value: object) -> None:
        """Encode it now: it may change later."""
        self.recorder.sections[section_name(self.scope, key)] = encode(value, self.roots)


def encode(value: object, roots: Mapping[str, object]) -> bytes:
    """A section: equal values give equal bytes in every process.

    Structs that can be reached from the roots are written as paths to them.
    """
    written = io.BytesIO()
    _Writer(written, roots).dump(value)
    return written.getvalue()


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
        """The path to what the reader has; and sets, whose order differs between processes."""
        way = self._ways.get(id(value))
        if way is not None:
            return way
        if isinstance(value, frozenset):
            return (frozenset, *sorted(value))
        if not (value is None or value is rebuild or isinstance(value, _PLAIN)):
            raise TypeError(f"{type(value).__qualname__} cannot be prepared: {value!r}")
        return None


_PLAIN = (str, int, float, bool, bytes, tuple, list, dict, Enum, Struct, type, *VALUES)


def _length(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH_BYTES, "big")
