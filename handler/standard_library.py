"""Python's own modules, found by their names.

For each module Python looks through the folders of ``sys.path`` up to its own, and there for six
kinds of files. A start imports a hundred modules of the standard library. Here one of those is
where it must be, and its bytecode is read if it fits its source, by the rules of Python's own
loader. What is not as expected is left to Python: no bytecode, modules in C, frozen ones.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
from collections.abc import Container, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.importlib import MetaPathFinderProtocol

# https://peps.python.org/pep-0552/: number of the bytecode, flags, time and size of the source
_FLAGS = slice(len(MAGIC_NUMBER), 8)
_SOURCE = slice(8, 16)
_HEAD_BYTES = 16
_BY_TIME = bytes(4)
_UNCHECKED = b"\1\0\0\0"


class _Loader(SourceFileLoader):
    """Python's own loader, but the bytecode has been read."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        """What was read when the module was found; once, because it need not stay in memory."""
        code, self._code = self._code, None
        return code or super().get_code(fullname)


class StandardLibrary:
    """A finder of ``sys.meta_path``."""

    def __init__(self, folder: str, names: Container[str]) -> None:
        """``names``: the top level modules that are looked for in this folder."""
        self._folder = folder
        self._names = names
        self._ending = f".{sys.implementation.cache_tag}.pyc"

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See ``importlib.abc.MetaPathFinder``. None for what others are to look for."""
        top, _, below = name.partition(".")
        if top not in self._names or _imp.is_frozen(name):
            return None
        stem = f"{self._folder}/{top}"
        if below:
            if not path or not path[0].startswith(stem):
                return None
            stem = f"{path[0]}/{below.rpartition('.')[2]}"
        folder, _, tail = stem.rpartition("/")
        return self._read(
            name, f"{stem}.py", f"{folder}/__pycache__/{tail}{self._ending}"
        ) or self._read(
            name, f"{stem}/__init__.py", f"{stem}/__pycache__/__init__{self._ending}", [stem]
        )

    def _read(
        self, name: str, source: str, compiled: str, places: list[str] | None = None
    ) -> ModuleSpec | None:
        """None if there is no bytecode of this Python, or none of the source as it stands."""
        try:
            file = os.open(compiled, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            content = os.read(file, os.fstat(file).st_size)
        finally:
            os.close(file)
        if content[: len(MAGIC_NUMBER)] != MAGIC_NUMBER or not _fits(content, source):
            return None
        code = marshal.loads(memoryview(content)[_HEAD_BYTES:])  # noqa: S302  # as Python does
        _imp._fix_co_filename(code, source)  # type: ignore[attr-defined]  # is not in its types
        spec = ModuleSpec(name, _Loader(name, source, code), origin=source)
        spec.submodule_search_locations = places
        spec.has_location = True
        spec.cached = compiled
        return spec


def _fits(content: bytes, source: str) -> bool:
    """Whether this is the bytecode of the source: its time and size are noted in it."""
    flags = content[_FLAGS]
    if flags == _UNCHECKED:
        return True
    if flags != _BY_TIME:
        return False
    try:
        found = os.stat(source)
    except OSError:
        return False
    noted = (int(found.st_mtime) & 0xFFFFFFFF) | (found.st_size & 0xFFFFFFFF) << 32
    return content[_SOURCE] == noted.to_bytes(8, "little")


def install(*, behind: MetaPathFinderProtocol) -> None:
    """Find Python's own modules by their names from now on, but those that others replace.

    What stands in a folder before that of the standard library goes on taking its place, and so
    does what the finder ``behind`` which this one stands has.
    """
    folder = os.path.dirname(os.__file__)
    if folder not in sys.path or sys.flags.optimize or sys.pycache_prefix:
        return
    names = set(sys.stdlib_module_names.difference(sys.builtin_module_names))
    for before in sys.path[: sys.path.index(folder)]:
        try:
            names.difference_update([each.partition(".")[0] for each in os.listdir(before or ".")])
        except OSError:
            continue  # Python's own zip file, which is hardly ever there
    sys.meta_path.insert(sys.meta_path.index(behind) + 1, StandardLibrary(folder, names))
