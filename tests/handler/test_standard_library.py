"""Python's own modules: found by their names as Python finds them, or left to it."""

from __future__ import annotations

import json
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from handler.standard_library import StandardLibrary
from tests.handler.test_packed import lay_out, pack

NAMES = ("uuid", "colorsys", "xml.dom.minidom", "logging.config", "email.message", "wave", "math")
# What modules have of themselves, with and without the finder; the folder may replace one.
PROGRAM = """
import importlib, inspect, json, sys
sys.path[:0] = sys.argv[1:3]
if sys.argv[3] == "with":
    from handler import packed
    packed.install()
found = {}
for name in sys.argv[4:]:
    module = importlib.import_module(name)
    spec = module.__spec__
    found[name] = {
        "file": getattr(module, "__file__", None),
        "cached": module.__cached__ if hasattr(module, "__cached__") else None,
        "path": list(getattr(module, "__path__", [])),
        "package": module.__package__,
        "origin": spec.origin,
        "parent": spec.parent,
        "places": spec.submodule_search_locations,
        "names": sorted(name for name in vars(module)),
        "source": len(inspect.getsource(module)) if spec.origin.endswith(".py") else 0,
        "code": spec.loader.get_code(name) is not None if spec.origin.endswith(".py") else False,
    }
found["files"] = sorted(
    value.__code__.co_filename for value in vars(sys.modules["uuid"]).values()
    if hasattr(value, "__code__")
)
loaders = {name: type(sys.modules[name].__loader__).__module__ for name in sys.argv[4:]}
print(json.dumps([found, loaders]))
"""


def run(archive: Path, before: Path, how: str, *options: str) -> tuple[str, dict[str, str]]:
    """All that modules have of themselves, and who loaded them."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", *options, "-c", PROGRAM, before, archive, how, *NAMES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, loaders = json.loads(done.stdout)
    return json.dumps(found, indent=1), loaders


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A packed folder with the finders."""
    monkeypatch.chdir(Path(__file__).parents[2])
    folder = lay_out(tmp_path / "task")
    pack(folder)
    return folder


def test_a_module_is_the_same_as_python_finds_it(archive: Path, tmp_path: Path) -> None:
    for name in NAMES:  # which has bytecode then, as in Lambda's Python
        subprocess.run([sys.executable, "-I", "-c", f"import {name}"], check=True)
    expected, _ = run(archive, tmp_path, "without")
    found, loaders = run(archive, tmp_path, "with")
    assert found == expected
    assert {name for name in NAMES if loaders[name] == "handler.standard_library"} == {
        name for name in NAMES if name != "math"
    }


def test_a_folder_before_it_goes_on_replacing_modules(archive: Path, tmp_path: Path) -> None:
    before = tmp_path / "layer"
    before.mkdir()
    (before / "uuid.py").write_text("def own(): ...\n")
    (before / "wave").mkdir()
    (before / "wave" / "__init__.py").write_text("OWN = True\n")
    expected, _ = run(archive, before, "without")
    found, _ = run(archive, before, "with")
    assert found == expected
    assert str(before / "uuid.py") in found
    assert "OWN" in found


def test_asserts_are_left_out_where_python_is_asked_to(archive: Path, tmp_path: Path) -> None:
    _, loaders = run(archive, tmp_path, "with", "-O")
    assert "handler.standard_library" not in loaders.values()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder in the place of the standard library, with one module and one package."""
    for place in ("one.py", "many/__init__.py", "many/two.py"):
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"NAME = {place!r}\n")
        py_compile.compile(str(path), doraise=True)
    return tmp_path


def compiled(library: Path) -> Path:
    return library / "__pycache__" / f"one.{sys.implementation.cache_tag}.pyc"


def test_what_it_has_is_found(library: Path) -> None:
    finder = StandardLibrary(str(library), {"one", "many"})
    for name, place in (("one", "one.py"), ("many", "many/__init__.py")):
        spec = finder.find_spec(name)
        assert spec is not None
        assert spec.origin == str(library / place)
    package = str(library / "many")
    spec = finder.find_spec("many.two", [package])
    assert spec is not None
    assert spec.origin == f"{package}/two.py"


def test_what_is_not_its_own_is_left_to_others(library: Path) -> None:
    finder = StandardLibrary(str(library), {"many", "os"})
    assert finder.find_spec("one") is None
    assert finder.find_spec("os") is None  # frozen
    assert finder.find_spec("many.three", [str(library / "many")]) is None
    assert finder.find_spec("many.two", ["/elsewhere/many"]) is None  # another package's path
    assert finder.find_spec("many.two") is None


@pytest.mark.parametrize("how", ["time", "size", "no-source", "no-bytecode", "python", "checked"])
def test_bytecode_that_does_not_fit_is_left_to_python(library: Path, how: str) -> None:
    source, bytecode = library / "one.py", compiled(library)
    finder = StandardLibrary(str(library), {"one"})
    assert finder.find_spec("one") is not None
    if how == "time":
        os.utime(source, (5, 5))
    elif how == "size":
        found = source.stat()
        source.write_text("NAME = 'another'\n")
        os.utime(source, ns=(found.st_atime_ns, found.st_mtime_ns))
    elif how == "no-source":
        source.unlink()
    elif how == "no-bytecode":
        bytecode.unlink()
    elif how == "python":
        bytecode.write_bytes(b"XXXX" + bytecode.read_bytes()[4:])
    else:
        mode = py_compile.PycInvalidationMode.CHECKED_HASH
        py_compile.compile(str(source), invalidation_mode=mode, doraise=True)
    assert finder.find_spec("one") is None


def test_bytecode_that_is_not_to_be_checked_is_not(library: Path) -> None:
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(library / "one.py"), invalidation_mode=mode, doraise=True)
    (library / "one.py").unlink()
    assert StandardLibrary(str(library), {"one"}).find_spec("one") is not None
