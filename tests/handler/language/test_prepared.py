"""The schema that is prepared with the archive: the same schema, and never that of another SDL."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from handler.errors import SchemaError
from handler.language import prepared
from handler.language.prepared import FILE, FORMAT, load_prepared_schema, prepare_schema
from handler.language.sdl import load_schema

ROOT = Path(__file__).parents[3]
SDL = """
"A shop."
schema { query: Query }
type Query { thing(id: ID! = "1", kinds: [Kind!] = [BIG]): Thing }
interface Named { name: String! }
interface Sized { size: Int }
type Cat implements Named & Sized { name: String! size: Int }
type Dog implements Named & Sized { name: String! size: Int }
type Emu implements Named { name: String! wings: Int @deprecated(reason: "no") }
union Thing = Cat | Dog | Emu
enum Kind { BIG SMALL }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.graphql").write_text(SDL)
    return tmp_path


def refuse_sdl(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a read of the SDL fails the test."""

    def load_schema(directory: Path) -> None:
        raise AssertionError(f"the SDL of {directory} was read")

    monkeypatch.setattr(prepared, "load_schema", load_schema)


@pytest.mark.parametrize("example", [False, True], ids=["every-kind-of-type", "orders"])
def test_it_is_the_schema_of_the_sdl(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, example: bool
) -> None:
    if example:
        (folder / "shop.graphql").write_bytes((ROOT / "sdl" / "orders.graphql").read_bytes())
    expected = load_schema(folder)
    (folder / FILE).write_bytes(prepare_schema(folder))
    refuse_sdl(monkeypatch)
    assert load_prepared_schema(folder) == expected


def test_without_a_file_the_sdl_is_read(folder: Path) -> None:
    assert load_prepared_schema(folder) == load_schema(folder)


def change_sdl(folder: Path) -> None:
    (folder / "shop.graphql").write_text(SDL.replace("Emu", "Fox"))


def rename_sdl(folder: Path) -> None:
    (folder / "shop.graphql").rename(folder / "store.graphql")


def add_sdl(folder: Path) -> None:
    (folder / "more.graphql").write_text("type Gnu { name: String! }")


def change_format(folder: Path) -> None:
    content = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content.replace(FORMAT, b"schema 0\n", 1))


def cut_in_the_head(folder: Path) -> None:
    (folder / FILE).write_bytes((folder / FILE).read_bytes()[:20])


@pytest.mark.parametrize(
    "change", [change_sdl, rename_sdl, add_sdl, change_format, cut_in_the_head]
)
def test_a_stale_file_is_left_alone(folder: Path, change: Callable[[Path], None]) -> None:
    (folder / FILE).write_bytes(prepare_schema(folder))
    change(folder)
    assert load_prepared_schema(folder) == load_schema(folder)


def test_the_same_sdl_gives_the_same_bytes_in_every_process(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from handler.language.prepared import prepare_schema;"
        "sys.stdout.buffer.write(prepare_schema(Path(sys.argv[1])))"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", program, folder],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert written == {prepare_schema(folder)}


def test_bad_sdl_is_refused_when_it_is_prepared(folder: Path) -> None:
    (folder / "shop.graphql").write_text("type Query { a: Nothing }")
    with pytest.raises(SchemaError, match=r"shop\.graphql:1:17"):
        prepare_schema(folder)


def test_a_file_makes_nothing_but_a_schema(folder: Path) -> None:
    head = prepare_schema(folder)[: len(FORMAT) + 32]
    (folder / FILE).write_bytes(head + pickle.dumps((Path("/"), {})))
    with pytest.raises(pickle.UnpicklingError, match="is no part of a schema"):
        load_prepared_schema(folder)
