"""The file of what is prepared: it is read back as it was made, and left alone when it is stale."""

from __future__ import annotations

import asyncio
import json
import pickle
import pickletools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aurora_graphql.archive.prepare import prepare
from handler.app import App
from handler.engine.engine import Engine, shaping
from handler.errors import SchemaError
from handler.language import prepared as prepared_module
from handler.language.prepared import FILE, FORMAT, PreparedFile, StaleError
from handler.language.preparing import encode, encode_file
from handler.language.sdl import build_schema, load_schema
from tests.aurora_graphql.archive.prepared import PYTHON, ROOT, settings_of, write
from tests.rooms import read_rooms

EVERY_KIND = """
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


def find(folder: Path) -> PreparedFile | None:
    return PreparedFile.find(folder, shaping(settings_of(folder)))


def test_one_file_serves_functions_with_different_settings(folder: Path) -> None:
    choices = [settings_of(folder, page_size=size) for size in (7, 50, 20)]
    content = write(*choices)
    (folder / FILE).write_bytes(content)
    for settings in choices:
        engine = Engine.load(settings)
        assert not engine.is_stale
        assert engine.model == Engine.from_sdl(settings).model
    assert Engine.load(settings_of(folder, page_size=8)).is_stale
    damaged = bytearray(content)
    damaged[-1] ^= 1
    (folder / FILE).write_bytes(damaged)
    assert not Engine.load(choices[0]).is_stale
    with pytest.raises(SchemaError, match="is damaged"):
        Engine.load(choices[2])
    (folder / FILE).write_bytes(content[:-1])
    with pytest.raises(SchemaError, match="is damaged"):
        Engine.load(choices[2])


def test_every_kind_of_type_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "shop.graphql").write_text(EVERY_KIND)
    schema = load_schema(tmp_path)
    content = encode_file(tmp_path, PYTHON, {"": {"schema": encode(schema, {})}})
    (tmp_path / FILE).write_bytes(content)
    file = PreparedFile.find(tmp_path, "")
    assert file is not None
    assert file.read("schema", {}) == schema


def test_without_a_file_all_is_made_from_the_sdl(folder: Path) -> None:
    (folder / FILE).unlink()
    engine = Engine.load(settings_of(folder))
    assert engine.schema == load_schema(folder)
    assert not engine.is_stale


def change_sdl(folder: Path, _: pytest.MonkeyPatch) -> None:
    path = folder / "orders.graphql"
    path.write_text(path.read_text() + "\n# changed\n")


def rename_sdl(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "orders.graphql").rename(folder / "shop.graphql")


def add_an_operation(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "operations" / "more.graphql").write_text("query More { __typename }")


def change_format(folder: Path, _: pytest.MonkeyPatch) -> None:
    content = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content.replace(FORMAT, b"prepared 2\n", 1))


def cut_in_the_head(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / FILE).write_bytes((folder / FILE).read_bytes()[:20])


def change_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = folder.parent / "handler"
    shutil.copytree(ROOT / "handler", code, ignore=shutil.ignore_patterns("__pycache__"))
    planner = code / "fields" / "planner.py"
    planner.write_text(planner.read_text() + "\n")
    monkeypatch.setattr(prepared_module, "_CODE", code)


def change_python(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / FILE).write_bytes(write(settings_of(folder), python="3.9"))


def change_settings(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / FILE).write_bytes(write(settings_of(folder, page_size=7)))


@pytest.mark.parametrize(
    "change",
    [
        change_sdl,
        rename_sdl,
        add_an_operation,
        change_format,
        cut_in_the_head,
        change_code,
        change_python,
        change_settings,
    ],
)
def test_a_stale_file_is_left_alone_and_told_once(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    change(folder, monkeypatch)
    with pytest.raises(StaleError):
        find(folder)

    async def start() -> Engine:
        app = await App.start(settings_of(folder))
        await app.close()
        return app.engine

    engine = asyncio.run(start())
    assert engine.is_stale
    assert engine.schema == load_schema(folder)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["level"] == "WARNING"
    assert "build and deploy the archive again" in json.loads(line)["text"]


def test_every_room_that_has_a_part_in_what_is_prepared_is_in_its_hash(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "handler"
    shutil.copytree(ROOT / "handler", code, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "new").mkdir()
    (code / "new" / "__init__.py").write_text("")
    monkeypatch.setattr(prepared_module, "_CODE", code)
    (folder / FILE).write_bytes(write(settings_of(folder)))
    other: set[str] = set()
    for room in sorted(each for each in code.iterdir() if each.name != "py.typed"):
        file = room / "__init__.py" if room.is_dir() else room
        text = file.read_text()
        file.write_text(text + "\n")
        try:
            find(folder)
            other.add(room.name)
        except StaleError:
            file.write_text(text)
            assert find(folder) is not None
    # A room that is new here has to be one whose code no prepared plan depends on.
    assert other == {
        "cache",  # what was computed by requests
        "execution",  # runs statements
        "http",
        "jobs",
        "observe",
        "resolvers",  # run by Tartiflette
        "settings",  # of which those that shape plans are in the hash by their values
        "stores",  # the edges
        "tracing",  # spans of requests
    }
    classes = {
        text.split(".")[1]
        for content in prepare(settings_of(folder)).values()
        for _, text, _ in pickletools.genops(content)
        if isinstance(text, str) and text.startswith("handler.")
    }
    assert {"answer", "compiler", "fields", "language", "model", "sql"} <= classes
    assert not classes & other, "what is prepared holds objects of them"
    makers = {"access", "answer", "compiler", "errors", "fields", "language", "model"}
    makers |= {"scalars", "sql"}
    others = {"app", "engine", "entry", "later", "packed", "paths"}
    assert set(read_rooms()) - other == makers | others
    known = {(room, below) for room in makers for below in read_rooms()[room] & other}
    assert known == {("fields", "stores")}  # the size of a value, for what a request may write


def test_a_damaged_file_is_refused(folder: Path) -> None:
    path = folder / FILE
    content = bytearray(path.read_bytes())
    content[-1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(SchemaError, match="is damaged; build and deploy the archive again"):
        Engine.load(settings_of(folder))


def test_the_same_sdl_gives_the_same_bytes_in_every_process(whole: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from handler.engine.engine import shaping;"
        "from handler.language.preparing import encode_file;"
        "from aurora_graphql.archive.prepare import prepare;"
        "from handler.settings import Settings; from handler.stores.url import DatabaseUrl;"
        "url = DatabaseUrl(user='u', database='d', host='h', port=1);"
        "settings = Settings(database_url=url, sdl_dir=Path(sys.argv[1]));"
        "sections = {shaping(settings): prepare(settings)};"
        "sys.stdout.buffer.write(encode_file(settings.sdl_dir, sys.argv[2], sections))"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", program, whole, PYTHON],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert written == {(whole / FILE).read_bytes()}


def test_a_file_makes_nothing_but_records(tmp_path: Path) -> None:
    content = encode_file(tmp_path, PYTHON, {"": {"schema": pickle.dumps((Path("/"), {}))}})
    (tmp_path / FILE).write_bytes(content)
    file = PreparedFile.find(tmp_path, "")
    assert file is not None
    with pytest.raises(pickle.UnpicklingError, match="is no part of what is prepared"):
        file.read("schema", {})


def test_what_cannot_be_read_back_is_not_written() -> None:
    with pytest.raises(TypeError, match="PosixPath cannot be prepared"):
        encode((Path("/"),), {})


def test_defaults_of_every_scalar_are_read_back(tmp_path: Path) -> None:
    schema = build_schema(
        {
            "a.graphql": """
            type Query {
              a(
                date: Date = "2020-01-01", moment: DateTime = "2020-01-01T00:00:00.5+02:00"
                time: Time = "10:00:00", amount: Decimal = "1.50", large: BigInt = "5"
                id: UUID = "00000000-0000-0000-0000-00000000000A", bytes: Bytes = "YQ=="
                json: JSON = {a: [1, null]}
              ): Int
            }
            """
        }
    )
    content = encode_file(tmp_path, PYTHON, {"": {"schema": encode(schema, {})}})
    (tmp_path / FILE).write_bytes(content)
    file = PreparedFile.find(tmp_path, "")
    assert file is not None
    assert file.read("schema", {}) == schema
