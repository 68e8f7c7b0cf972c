"""What is prepared with the archive is what would be made anew, and never of something else."""

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
from typing import Any

import pytest

from aurora_graphql.archive.prepare import known_grants, prepare, shapes
from handler.access.grant import Grant
from handler.app import App
from handler.compiler import collect
from handler.compiler.plan import Plan
from handler.compiler.sql import compile_facts, compile_rows
from handler.compiler.values import bind
from handler.engine.engine import Engine, shaping
from handler.engine.plans import CompiledPlan
from handler.errors import Location, RequestError, SchemaError
from handler.fields import planner
from handler.language import lexer, operations, parser, validation
from handler.language import prepared as prepared_module
from handler.language.document import BoundOperation
from handler.language.operations import load_operations
from handler.language.prepared import FILE, FORMAT, PreparedFile, StaleError, encode, encode_file
from handler.language.sdl import build_schema, load_schema
from handler.settings import AUTOMATIC, HIDDEN, SAFELIST, Settings
from handler.sql.statement import Statement
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL as EXAMPLE
from tests.rooms import read_rooms

ROOT = Path(__file__).parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
URL = DatabaseUrl(user="reader", database="d", host="h", port=1)
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
VALUES = {"first": 3, "orderId": "10248", "productId": "1", "customerId": "1"}
CLAIMS = {"customer_id": "VINET"}


def settings_of(folder: Path, **changes: Any) -> Settings:
    return Settings(database_url=URL, sdl_dir=folder, **changes)


def find(folder: Path) -> PreparedFile | None:
    return PreparedFile.find(folder, shaping(settings_of(folder)))


def write(*choices: Settings, python: str = PYTHON) -> bytes:
    """The content of the file for functions with any of these settings."""
    sections = {shaping(settings): prepare(settings) for settings in choices}
    return encode_file(choices[0].sdl_dir, python, sections)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's SDL and operations with what is prepared of them; not to be changed."""
    folder = tmp_path_factory.mktemp("whole") / "sdl"
    shutil.copytree(EXAMPLE, folder)
    (folder / FILE).write_bytes(write(settings_of(folder)))
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """The same, for one test to change."""
    copied = tmp_path / "sdl"
    shutil.copytree(whole, copied)
    return copied


def work(*given: object, **named: object) -> None:
    """Stands for what must not be done."""
    raise AssertionError("something was made that is prepared")


def statements(engine: Engine, plan: Plan, prepared: BoundOperation) -> list[Statement]:
    """All that a plan can ask the database, with some keys of parents."""
    literals, locate = prepared.literals, prepared.locate
    values = bind(plan, engine.schema, prepared.variables, literals, locate, CLAIMS)
    found: list[Statement] = []
    for batch in plan.batches:
        keys = None if batch.parent is None else [("k",) * len(batch.parent_slots)]
        if batch.reads_rows:
            found += compile_rows(plan, batch, values, keys)
        if batch.facts and batch.parent is None:
            found.append(compile_facts(plan, batch, values))
    return found


def ask_all(engine: Engine) -> list[tuple[str, Grant, BoundOperation, CompiledPlan]]:
    """Every listed operation for every known kind of caller and every shape; made by the engine."""
    found = []
    folder = EXAMPLE
    for known in load_operations(folder, load_schema(folder)):
        for satisfied in known_grants(engine):
            grant = Grant(satisfied, CLAIMS, "")
            try:
                document, operation = engine.operation(known.text, satisfied)
            except RequestError:
                continue  # hidden from this caller
            names = engine.plans(document, operation).variables
            wanted = {each.variable.name for each in operation.definition.variables}
            values = {name: value for name, value in VALUES.items() if name in wanted}
            for shape in shapes(engine.schema, operation, names):
                prepared = engine.prepare(known.text, None, values | dict(shape), grant)
                found.append((known.text, grant, prepared, engine.plan(prepared, grant)))
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"introspection": True},
        {"persisted_queries": AUTOMATIC},
        {"persisted_queries": SAFELIST},
        {"forbidden_fields": HIDDEN},
    ],
    ids=["default", "introspection", "automatic", "safelist", "hidden"],
)
def test_known_operations_are_as_if_made_anew(
    whole: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    settings = settings_of(whole, **changes)
    anew = Engine.from_sdl(settings)
    cases = ask_all(anew)
    listed = anew.list_operations()
    assert len({text for text, *_ in cases}) == len([*(EXAMPLE / "operations").iterdir()])
    assert len({grant.satisfied for _, grant, *_ in cases}) == len(known_grants(anew))
    for module, name in (
        (lexer, "scan"),
        (lexer, "normalize"),
        (parser, "parse_document"),
        (validation, "examine"),
        (planner, "compile_plan"),
        (collect, "shape_variables"),
        (operations, "load_operations"),
        (Engine, "from_sdl"),
    ):
        monkeypatch.setattr(module, name, work)
    engine = Engine.load(settings)
    assert (engine.schema, engine.model) == (anew.schema, anew.model)
    assert engine.list_operations() == listed
    for text, grant, expected, plan in cases:
        for sent in (text, text.strip()):
            prepared = engine.prepare(sent, None, expected.variables, grant)
            assert prepared.operation == expected.operation
            assert (prepared.literals, prepared.cost) == (expected.literals, expected.cost)
        found = engine.plan(prepared, grant)
        assert str(found.plan) == str(plan.plan)
        assert found.plan == plan.plan
        assert (found.key, found.policy, found.claims) == (plan.key, plan.policy, plan.claims)
        assert found.visibility.claims() == plan.visibility.claims()
        if not plan.plan.has_forbidden:
            asked = statements(engine, found.plan, prepared)
            assert asked == statements(anew, plan.plan, expected)
            assert asked


PRODUCTS_BY_NAME = (
    "SELECT t0.`product_id`, t0.`product_name`, t0.`price` FROM `products` t0 "
    "ORDER BY t0.`product_name`, t0.`product_id` LIMIT %s"
)
PRODUCTS_BY_PREFIX = (
    "SELECT t0.`product_id`, t0.`product_name`, t0.`price` FROM ("
    "(SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id` FROM `products` k "
    "WHERE k.`product_name` LIKE %s ESCAPE '|' "
    "ORDER BY k.`product_name`, k.`product_id` LIMIT %s)) page "
    "JOIN `products` t0 ON t0.`product_id` = page.`product_id` "
    "ORDER BY t0.`product_name`, t0.`product_id` LIMIT %s"
)
COUNT_BY_NAME = "SELECT 0, (SELECT COUNT(*) FROM `products` r{})"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(
            {"namePrefix": "C", "first": 3, "after": None},
            [
                Statement(PRODUCTS_BY_PREFIX, ("C%", 4, 4)),
                Statement(
                    COUNT_BY_NAME.format(" WHERE r.`product_name` LIKE %s ESCAPE '|'"), ("C%",)
                ),
            ],
            id="first-page-of-a-filtered-list-by-a-null-cursor",
        ),
        pytest.param(
            {"first": 3},
            [
                Statement(PRODUCTS_BY_NAME, (4,)),
                Statement(COUNT_BY_NAME.format(""), ()),
            ],
            id="all-that-may-be-left-out",
        ),
    ],
)
def test_a_prepared_plan_asks_what_the_operation_means(
    whole: Path, variables: dict[str, Any], expected: list[Statement]
) -> None:
    """By statements written by hand: both engines make theirs by the same code."""
    engine = Engine.load(settings_of(whole))
    grant = Grant(known_grants(engine)[-1], CLAIMS, "")
    text = (whole / "operations" / "product_list.graphql").read_text()
    prepared = engine.prepare(text, None, variables, grant)
    assert statements(engine, engine.plan(prepared, grant).plan, prepared) == expected


def test_blanks_and_comments_around_known_operations_use_up_no_cache(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its comment a text may be the very one that another entry stands under."""
    monkeypatch.setattr("handler.engine.schema_views.WHOLE_VIEW_BYTES", 200_000)
    engine = Engine.load(settings_of(whole))
    grant = Grant(known_grants(engine)[0], CLAIMS, "")
    text = (whole / "operations" / "product.graphql").read_text()
    documents = engine._views.find(grant.satisfied).documents

    def ask(document: str) -> BoundOperation:
        return engine.prepare(document, None, {"productId": "1"}, grant)

    for size in range(100):
        for sent in (f"{text}{' ' * size}#", f"{text}{' ' * size}"):
            ask(sent)
        cache = documents._documents
        kept = list(cache.values())
        assert cache.currsize == sum(each.used_bytes for each in kept) <= cache.maxsize
        assert set(map(id, cache.by_text.values())) == set(map(id, kept))
    assert ask(text).operation is ask(text).operation
    assert ask("{ products { totalCount } }").operation is not None
    assert len(documents._documents) > 20


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


def test_a_mistake_in_a_known_operation_has_its_place(whole: Path) -> None:
    engine = Engine.load(settings_of(whole))
    text = (whole / "operations" / "order.graphql").read_text()
    grant = Grant(known_grants(engine)[0], {}, "")
    with pytest.raises(RequestError) as raised:
        engine.prepare("\n" + text, None, {}, grant)
    (error,) = raised.value.errors
    assert "orderId" in error.message
    assert error.locations[0].line == 2


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
    for room in sorted(code.iterdir()):
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
    assert set(read_rooms()) - other == makers | {"app", "engine", "entry"}
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
        "from handler.language.prepared import encode_file;"
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


def test_an_operation_that_cannot_run_is_refused(folder: Path) -> None:
    (folder / "operations" / "bad.graphql").write_text("query Bad { nothing }")
    with pytest.raises(SchemaError, match=r"bad\.graphql:1:13"):
        prepare(settings_of(folder))


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


def test_the_place_of_a_literal_is_that_of_the_text_at_hand(whole: Path) -> None:
    engine = Engine.load(settings_of(whole))
    grant = Grant(known_grants(engine)[0], {}, "")
    text = (whole / "operations" / "product.graphql").read_text()
    prepared = engine.prepare(f"\n\n  {text}", None, {"productId": "1"}, grant)
    assert prepared.locate(0) == Location(3, 3)


def test_known_operations_load_no_module_that_checks_or_plans(whole: Path) -> None:
    program = """
import asyncio, json, sys
from pathlib import Path
from handler.access.principal import Principal
from handler.engine.engine import Engine
from handler.settings import Settings
from handler.stores.url import DatabaseUrl

folder = Path(sys.argv[1])
url = DatabaseUrl(user="u", database="d", host="127.0.0.1")
engine = Engine.load(Settings(database_url=url, sdl_dir=folder))
grant = engine.access.grant(Principal.anonymous())
document = (folder / "operations" / "product.graphql").read_text()
engine.plan(engine.prepare(document, None, {"productId": "1"}, grant), grant)
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, whole], cwd=ROOT, capture_output=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert "handler.language.document" in loaded
    assert not loaded & {
        "handler.fields.building",
        "handler.fields.planner",
        "handler.language.introspection",
        "handler.language.parser",
        "handler.language.sdl",
        "handler.language.validation",
    }
