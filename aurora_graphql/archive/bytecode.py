"""Bytecode for the target, if its Python is on this machine: without, every cold start compiles.

Lambda's /var/task cannot be written to, so what is not compiled here is compiled again by every
new environment.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from aurora_graphql.archive.command import run
from aurora_graphql.archive.target import Target

_TASK_FOLDER = "/var/task"
# Unchecked: no time of a source file is in it, and none is looked at. Sorted, in one process and
# with a fixed seed of hashes: the same bytes each time.
_PROGRAM = """
import compileall, py_compile, sys
done = compileall.compile_dir(
    sys.argv[1],
    stripdir=sys.argv[1],
    prependdir=sys.argv[2],
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    quiet=1,
    workers=1,
)
print(sys.implementation.cache_tag)
sys.exit(not done)
"""
_VERSION = "import platform; print(platform.python_implementation(), platform.python_version())"


def compile_bytecode(stage: Path, python: Path) -> str:
    """Write the bytecode beside the sources. Returns its tag, such as ``cpython-313``."""
    done = run(
        [python, "-I", "-W", "ignore", "-c", _PROGRAM, stage, _TASK_FOLDER],
        {"PYTHONHASHSEED": "0"},
        remedy="a file is no Python of that version",
    )
    return done.stdout.split()[-1]


def find_python(target: Target, environ: Mapping[str, str] = os.environ) -> Path | None:
    """A CPython of the target's version: this one, one on the path, one of pyenv or uv."""
    for candidate in _candidates(target.python, environ):
        # A shim of pyenv is there for versions that are not chosen, and then fails: status 127.
        done = run([candidate, "-I", "-c", _VERSION], remedy="", statuses=range(256))
        if re.fullmatch(rf"CPython {re.escape(target.python)}\.\S+", done.stdout.strip()):
            return candidate
    return None


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    yield Path(sys.executable)
    for folder in environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(f"python{version}", path=folder)
        if found is not None:
            yield Path(found)
    home = Path(environ.get("HOME") or "/nonexistent")
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))
    uv = Path(environ.get("XDG_DATA_HOME") or home / ".local/share") / "uv"
    yield from sorted(uv.glob(f"python/cpython-{version}.*/bin/python{version}"))
