"""The modules of an archive, from one file, found by a look-up.

Python looks for each module in several folders and opens a file for it: for the hundreds of modules
of a start that is a tenth of it. So the bytecode of all modules of an archive is in one file beside
them, ``modules.bin``, which ``aurora_graphql/archive/modules.py`` writes. Sources stay where they
are: for tracebacks, for ``inspect``, and for a Python that is not the one of the bytecode. Without
such a file, as in a checkout, everything is imported as always.

The file has ``FORMAT``, the number of Python's bytecode, the hash of the sources that take part in
prepared files, the length of the index, the index and the bytecode. The index is a marshalled dict
of module names: offset and length of the bytecode, and whether the module is a package.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType

FILE = "modules.bin"
FORMAT = b"modules 1\n"  # another one for every change of the layout of the file
DIGEST_BYTES = 32
LENGTH_BYTES = 4
HEAD_BYTES = len(FORMAT) + len(MAGIC_NUMBER) + DIGEST_BYTES + LENGTH_BYTES

Place = tuple[int, int, bool]  # offset and length of the bytecode; whether it is of a package


class _Loader(SourceFileLoader):
    """Python's own loader of a source file, but for the bytecode."""

    def __init__(self, name: str, path: str, modules: PackedModules, place: Place) -> None:
        super().__init__(name, path)
        self._modules = modules
        self._place = place

    def get_code(self, fullname: str) -> CodeType:
        """Raises ``ImportError`` if the file is cut."""
        code = self._modules.read(fullname, self._place)
        # As Python's own loader does, for an archive that is not in /var/task.
        _imp._fix_co_filename(code, self.path)  # type: ignore[attr-defined]  # is not in its types
        return code


class PackedModules:
    """A finder of ``sys.meta_path``."""

    def __init__(self, folder: str) -> None:
        """Raises ``OSError`` if there is no file, ``ValueError`` if it is none for this Python, and
        ``ImportError`` if it is cut.
        """
        self._folder = folder
        self._path = f"{folder}/{FILE}"
        self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        head = os.pread(self._file, HEAD_BYTES, 0)
        known = FORMAT + MAGIC_NUMBER
        if head[: len(known)] != known:
            os.close(self._file)
            raise ValueError(f"{self._path} is not for this Python")
        self.digest = head[len(known) : len(known) + DIGEST_BYTES]
        length = int.from_bytes(head[-LENGTH_BYTES:], "little")
        self.start = HEAD_BYTES + length
        index = self._read("", HEAD_BYTES, length)
        self.places: dict[str, Place] = marshal.loads(index)  # noqa: S302  # see `read`

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See ``importlib.abc.MetaPathFinder``. None for what is not in the file."""
        place = self.places.get(name)
        if place is None:
            return None
        stem = f"{self._folder}/{name.replace('.', '/')}"
        is_package = place[2]
        source = f"{stem}/__init__.py" if is_package else f"{stem}.py"
        spec = ModuleSpec(name, _Loader(name, source, self, place), origin=source)
        if is_package:
            spec.submodule_search_locations = [stem]
        spec.has_location = True
        spec.cached = self._path
        return spec

    def read(self, name: str, place: Place) -> CodeType:
        """The bytecode of a module. Raises ``ImportError`` if the file is cut."""
        offset, length, _ = place
        content = self._read(name, self.start + offset, length)
        found: CodeType = marshal.loads(content)  # noqa: S302  # bytecode, as Python reads it
        return found

    def _read(self, name: str, offset: int, length: int) -> bytes:
        content = os.pread(self._file, length, offset)
        if len(content) != length:
            raise ImportError(f"{self._path} is cut", name=name, path=self._path)
        return content


def install() -> None:
    """Import from the file beside this package from now on, if there is one for this Python."""
    folder = os.path.dirname(os.path.dirname(__file__))
    try:
        found = PackedModules(folder)
    except (OSError, ValueError):
        return
    sys.meta_path.insert(0, found)


def sources_digest() -> bytes | None:
    """The hash of the sources of what is imported; None if that is not from such a file."""
    for finder in sys.meta_path:
        if isinstance(finder, PackedModules):
            return finder.digest
    return None
