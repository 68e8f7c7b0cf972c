"""The file with the bytecode of all modules of an archive, which ``handler/packed.py`` reads."""

from __future__ import annotations

import marshal
from pathlib import Path, PurePosixPath

from handler.language.prepared import digest_sources
from handler.packed import DIGEST_BYTES, FILE, FORMAT, LENGTH_BYTES, Place

_MAGIC_BYTES = 4  # https://peps.python.org/pep-0552/: the number of the bytecode comes first,
_HEAD_BYTES = 16  # then flags and a hash
_VERSION = 2  # of marshal: in later ones equal values may be written in different ways
# What is imported before the file is read.
_FIRST = ("handler", "handler.entry", "handler.packed")


def pack_modules(stage: Path) -> None:
    """Put the bytecode beside the sources of a folder into one file.

    Bytecode that is imported before that file is read stays beside its source as well, and that of
    a module in C, which Python prefers, stays there alone. The bytes depend on the sources and on
    the Python of the bytecode alone.
    """
    in_c = {path.with_name(path.name.partition(".")[0]) for path in stage.rglob("*.so")}
    places: dict[str, Place] = {}
    parts: list[bytes] = []
    offset = 0
    magic = b""
    for path in sorted(stage.rglob("*.pyc")):
        if path.parents[1] / path.name.partition(".")[0] in in_c:
            continue
        name, is_package = _module(path.relative_to(stage))
        content = path.read_bytes()
        magic, code = content[:_MAGIC_BYTES], content[_HEAD_BYTES:]
        places[name] = (offset, len(code), is_package)
        parts.append(code)
        offset += len(code)
        if name not in _FIRST:
            path.unlink()
    for folder in sorted(stage.rglob("__pycache__")):
        if not any(folder.iterdir()):
            folder.rmdir()
    index = marshal.dumps(places, _VERSION)
    digest = digest_sources(stage / "handler")
    assert len(digest) == DIGEST_BYTES
    length = len(index).to_bytes(LENGTH_BYTES, "little")
    (stage / FILE).write_bytes(b"".join((FORMAT, magic, digest, length, index, *parts)))


def _module(path: Path) -> tuple[str, bool]:
    """The name of a module by the place of its bytecode, and whether it is a package."""
    source = PurePosixPath(*path.parts[:-2], path.name.partition(".")[0])
    is_package = source.name == "__init__"
    found = source.parent if is_package else source
    return ".".join(found.parts), is_package
