"""Bytecode by the target's Python, and how that Python is found."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from aurora_graphql.archive.bytecode import compile_bytecode, find_python
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.target import Target

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
UNCHECKED = (1).to_bytes(4, "little")  # PEP 552: by hash, and not compared with the source


def write_tree(folder: Path) -> Path:
    for number, name in enumerate(("a.py", "deep/b.py")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("NAMES = {'x', 'y', 'z'}\ndef f(value):\n    return value in NAMES\n")
        os.utime(path, (number * 1000, number * 1000))
    return folder


def compiled(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.pyc")
    }


def test_the_bytes_depend_on_the_sources_alone(tmp_path: Path) -> None:
    one, two = write_tree(tmp_path / "one"), write_tree(tmp_path / "elsewhere" / "two")
    os.utime(two / "a.py", (5, 5))
    tag = compile_bytecode(one, Path(sys.executable))
    assert tag == sys.implementation.cache_tag
    compile_bytecode(two, Path(sys.executable))
    found = compiled(one)
    assert sorted(found) == [f"__pycache__/a.{tag}.pyc", f"deep/__pycache__/b.{tag}.pyc"]
    assert found == compiled(two)
    for content in found.values():
        assert content[:4] == importlib.util.MAGIC_NUMBER
        assert content[4:8] == UNCHECKED
        assert b"/var/task/" in content
        assert str(tmp_path).encode() not in content


def test_a_file_that_is_no_python_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    with pytest.raises(BuildError, match=r"a file is no Python of that version(.|\n)*broken\.py"):
        compile_bytecode(tmp_path, Path(sys.executable))


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_python_is_taken_first() -> None:
    assert find_python(Target(THIS, "arm64"), {}) == Path(sys.executable)


@pytest.mark.parametrize(
    ("place", "variable"),
    [
        pytest.param("bin/python3.99", None, id="path"),
        pytest.param("home/.pyenv/versions/3.99.1/bin/python3.99", None, id="pyenv"),
        pytest.param("own/versions/3.99.1/bin/python3.99", "PYENV_ROOT", id="pyenv-elsewhere"),
        pytest.param("home/.local/share/uv/python/cpython-3.99.1-x/bin/python3.99", None, id="uv"),
    ],
)
def test_another_one_is_found(tmp_path: Path, place: str, variable: str | None) -> None:
    shims, pypy = tmp_path / "shims", tmp_path / "pypy"
    program(shims / "python3.99", "echo 'pyenv: command not found' >&2; exit 127")
    program(pypy / "python3.99", "echo PyPy 3.99.1")
    expected = program(tmp_path / place, "echo CPython 3.99.1")
    environ = {
        "HOME": str(tmp_path / "home"),
        "PATH": os.pathsep.join(map(str, (shims, pypy, tmp_path / "bin"))),
    }
    if variable:
        environ[variable] = str(tmp_path / "own")
    assert find_python(Target("3.99", "arm64"), environ) == expected


def test_without_one_there_is_none() -> None:
    assert find_python(Target("3.99", "arm64"), {"PATH": "/usr/bin"}) is None
