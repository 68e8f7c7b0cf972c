"""Modules that are imported from one file: as from their sources, and where that is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_graphql.archive.bytecode import compile_bytecode
from aurora_graphql.archive.modules import pack_modules
from handler.packed import FILE, HEAD_BYTES, PackedModules

# Loads the copy of handler/packed.py, and prints what a module has of itself.
PROGRAM = """
import importlib, importlib.resources, inspect, json, sys, traceback
sys.path.insert(0, sys.argv[1])
from handler import packed
packed.install()
found = {}
for name in ("shop", "shop.rooms", "shop.rooms.tea", "alone"):
    module = importlib.import_module(name)
    spec = module.__spec__
    found[name] = {
        "file": module.__file__,
        "path": list(getattr(module, "__path__", [])),
        "package": module.__package__,
        "origin": spec.origin,
        "places": spec.submodule_search_locations,
        "source": inspect.getsource(module),
        "names": sorted(name for name in vars(module) if name.isupper()),
    }
found["resource"] = importlib.resources.files("shop").joinpath("data.txt").read_text()
try:
    sys.modules["shop.rooms.tea"].fail()
except ZeroDivisionError:
    found["traceback"] = traceback.format_exc()
digest = packed.sources_digest()
loader = type(sys.modules["alone"].__loader__).__module__
print(json.dumps([found, digest.hex() if digest else None, loader]))
"""


def lay_out(folder: Path) -> Path:
    """The finder's package and some modules, as an archive has them."""
    files = {
        "handler/__init__.py": "",
        "handler/entry.py": "",
        "handler/packed.py": Path("handler/packed.py").read_text(),
        "handler/language/specification.graphql": "",
        "shop/__init__.py": "'''A shop.'''\nOPEN = True\n",
        "shop/data.txt": "data",
        "shop/rooms/__init__.py": "from shop import OPEN\n",
        "shop/rooms/tea.py": "from . import OPEN\n\n\ndef fail():\n    return 1 / 0\n",
        "alone.py": "NUMBER = 1\n",
    }
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def pack(folder: Path) -> Path:
    compile_bytecode(folder, Path(sys.executable))
    pack_modules(folder)
    return folder / FILE


def run(folder: Path) -> tuple[str, str | None, str]:
    """What the program prints: all that it found; the digest; the loader of one module."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", PROGRAM, folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, digest, loader = json.loads(done.stdout)
    return json.dumps(found, indent=1), digest, loader


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])


def test_a_module_is_the_same_as_from_its_source(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    expected, no_digest, _ = run(folder)
    assert no_digest is None
    pack(folder)
    found, digest, loader = run(folder)
    assert found == expected
    assert "return 1 / 0" in found  # the traceback shows the line of the source
    assert digest is not None
    assert len(digest) == 64
    assert loader == "handler.packed"


def test_it_is_what_runs(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    pack(folder)
    (folder / "alone.py").write_text("no python")
    assert run(folder)[2] == "handler.packed"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"modules 0\n", id="another-layout"),
        pytest.param(b"modules 1\nXXXX" + bytes(200), id="another-python"),
    ],
)
def test_a_file_for_something_else_is_left_alone(tmp_path: Path, content: bytes | None) -> None:
    folder = lay_out(tmp_path)
    expected, _, _ = run(folder)
    file = pack(folder)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    found, digest, loader = run(folder)
    assert (found, digest) == (expected, None)
    assert loader != "handler.packed"


def test_the_bytes_depend_on_the_sources_alone(tmp_path: Path) -> None:
    one, two = lay_out(tmp_path / "one"), lay_out(tmp_path / "two")
    os.utime(two / "alone.py", (5, 5))
    assert pack(one).read_bytes() == pack(two).read_bytes()
    compiled = sorted(path.name.split(".")[0] for path in one.rglob("*.pyc"))
    assert compiled == ["__init__", "entry", "packed"]
    assert not (one / "shop" / "__pycache__").exists()


def test_a_module_in_c_is_left_to_python(tmp_path: Path) -> None:
    """Packages bring the same module in Python for where theirs in C cannot be had."""
    folder = lay_out(tmp_path)
    (folder / "shop" / "rooms" / "tea.cpython-313-x86_64-linux-gnu.so").write_bytes(b"")
    pack(folder)
    assert "shop.rooms.tea" not in PackedModules(str(folder)).places
    (compiled,) = (folder / "shop" / "rooms").rglob("*.pyc")
    assert compiled.name.startswith("tea.")


def test_a_file_that_is_cut_is_an_error_that_names_it(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    file = pack(folder)
    file.write_bytes(file.read_bytes()[:-1])
    modules = PackedModules(str(folder))
    last = max(modules.places, key=lambda name: modules.places[name][0])
    with pytest.raises(ImportError, match=r"modules\.bin is cut"):
        modules.read(last, modules.places[last])


def test_one_that_is_cut_before_any_module_is_told_at_once(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    file = pack(folder)
    start = PackedModules(str(folder)).start
    for length in (HEAD_BYTES - 1, HEAD_BYTES, start - 1):
        file.write_bytes(file.read_bytes()[:length])
        with pytest.raises(ImportError, match=r"modules\.bin is cut"):
            PackedModules(str(folder))
        file = pack(folder)


def test_what_is_not_in_it_is_not_found_by_it(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    pack(folder)
    modules = PackedModules(str(folder))
    assert modules.find_spec("json") is None
    assert modules.find_spec("shop.rooms.coffee") is None
    assert {*modules.places} == {
        *("alone", "handler", "handler.entry", "handler.packed", "shop", "shop.rooms"),
        "shop.rooms.tea",
    }
