"""The archive and its manifest: what is accepted, and what a person is told otherwise."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.project_file import Project
from components.archive import Archive, ArchiveError, package_files, package_sha256, tree_sha256

ROOT = Path(__file__).parents[2]
HANDLER_DATA = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.json", "*.graphql")
    for path in (ROOT / "handler").rglob(pattern)
)


def load(folder: Path, *, handler: Path | None = None) -> Archive:
    return Archive.load(
        folder / "dist", sdl=folder / "sdl", migrations=folder / "migrations", handler=handler
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sources with a fresh archive."""
    (tmp_path / "sdl" / "more").mkdir(parents=True)
    (tmp_path / "migrations").mkdir()
    (tmp_path / "sdl" / "a.graphql").write_text("type Query { a: Int }\n")
    (tmp_path / "sdl" / "more" / "b.graphql").write_text("type B { b: Int }\n")
    (tmp_path / "migrations" / "0001_create_a.sql").write_text("CREATE TABLE a (a INT);\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "settings.md").write_text("| `PAGE_SIZE` | 50 |\n| `STAGE` | x |\n")
    write_archive(tmp_path / "dist", Project.of(tmp_path))
    return tmp_path


def change_manifest(project: Path, **changes: Any) -> None:
    path = project / "dist" / "manifest.json"
    manifest = json.loads(path.read_text())
    for key, value in changes.items():
        if value is None:
            del manifest[key]
        else:
            manifest[key] = value
    path.write_text(json.dumps(manifest))


def test_fresh_archive_gives_runtime_and_cpu_of_its_manifest(project: Path) -> None:
    archive = load(project)
    zipped = (project / "dist" / "handler.zip").read_bytes()
    assert archive == Archive(
        path=project / "dist" / "handler.zip",
        sha256=base64.b64encode(hashlib.sha256(zipped).digest()).decode(),
        runtime="python3.13",
        architecture="arm64",
        sdl_sha256=tree_sha256(project / "sdl", "*.graphql"),
        migrations_sha256=tree_sha256(project / "migrations", "*.sql"),
        mappings_sha256=tree_sha256(project / "data" / "mappings", "*.toml"),
        handler_sha256=package_sha256(ROOT / "handler"),
        variables=("PAGE_SIZE", "STAGE"),
        prepared=({},),
        authorities=("Amazon RDS eu-central-1 Root CA RSA2048 G1", "Amazon Root CA 1"),
        resolvers="",
        graphiql=True,
    )


def test_module_of_resolvers_is_the_archives(project: Path) -> None:
    change_manifest(project, resolvers_module="shop.resolvers")
    assert load(project).resolvers == "shop.resolvers"


@pytest.mark.parametrize("source", ["handler/entry.py", *HANDLER_DATA])
def test_handler_that_changed_since_needs_a_new_archive(project: Path, source: str) -> None:
    for name in ("handler/entry.py", *HANDLER_DATA):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes((ROOT / name).read_bytes())
    write_archive(project / "dist", Project.of(project))
    assert load(project, handler=project / "handler") == load(project)
    with (project / source).open("a") as file:
        file.write("\n")
    with pytest.raises(
        ArchiveError, match=r"handler/ changed since .*: run aurora-graphql package"
    ):
        load(project, handler=project / "handler")


def test_data_of_the_handler_is_what_gateway_and_checks_are_made_from() -> None:
    assert HANDLER_DATA == [
        "handler/access/contract.json",
        "handler/http/surface.json",
        "handler/language/directives.graphql",
        "handler/language/specification.graphql",
        "handler/observe/contract.json",
    ]


def test_package_has_modules_and_data_without_caches_and_pages(tmp_path: Path) -> None:
    kept = ["a.py", "room/b.py", "room/surface.json"]
    for name in (*kept, "README.md", "room/__pycache__/b.cpython-313.pyc", "old.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert package_files(tmp_path) == [tmp_path / name for name in kept]


@pytest.mark.parametrize("name", ["manifest.json", "handler.zip"])
def test_absent_file_says_what_to_run(project: Path, name: str) -> None:
    (project / "dist" / name).unlink()
    with pytest.raises(ArchiveError, match=rf"{name} does not exist: run aurora-graphql package"):
        load(project)


@pytest.mark.parametrize("source", ["sdl/a.graphql", "migrations/0001_create_a.sql"])
def test_changed_source_makes_the_archive_stale(project: Path, source: str) -> None:
    with (project / source).open("a") as file:
        file.write("# more\n")
    folder = source.partition("/")[0]
    with pytest.raises(
        ArchiveError, match=rf"{folder}/ changed since .* run aurora-graphql package"
    ):
        load(project)


@pytest.mark.parametrize(
    "source", ["sdl/c.graphql", "sdl/more/d.graphql", "migrations/0002_add_b.sql"]
)
def test_new_source_makes_the_archive_stale(project: Path, source: str) -> None:
    (project / source).write_text("")
    with pytest.raises(ArchiveError, match="changed since"):
        load(project)


def test_renamed_source_makes_the_archive_stale(project: Path) -> None:
    (project / "sdl" / "a.graphql").rename(project / "sdl" / "z.graphql")
    with pytest.raises(ArchiveError, match="changed since"):
        load(project)


def test_other_files_beside_the_sources_do_not_matter(project: Path) -> None:
    before = load(project)
    (project / "sdl" / "README.md").write_text("not SDL")
    assert load(project) == before


def test_damaged_zip_is_refused(project: Path) -> None:
    with (project / "dist" / "handler.zip").open("ab") as file:
        file.write(b"x")
    with pytest.raises(
        ArchiveError, match="not the file its manifest describes: run aurora-graphql"
    ):
        load(project)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"version": 2}, "not a manifest of version 1", id="newer-manifest"),
        pytest.param({"python": None}, "has no python", id="no-python"),
        pytest.param({"python": "3.10"}, "python must be one of .*got 3.10", id="old-python"),
        pytest.param({"architecture": "riscv"}, "architecture is riscv", id="unknown-cpu"),
        pytest.param({"bytes_unzipped": 262_144_001}, "at most 262144000", id="too-large"),
        pytest.param({"sdl_sha256": ""}, "has no sdl_sha256", id="no-hash"),
        pytest.param(
            {"variables": None}, "has no variables: run aurora-graphql", id="of-an-older-build"
        ),
        pytest.param(
            {"prepared": None}, "has no prepared: run aurora-graphql", id="of-before-it-said-so"
        ),
        pytest.param(
            {"prepared": []}, "has no prepared: run aurora-graphql", id="prepared-for-nobody"
        ),
        pytest.param({"prepared": [{"A": 1}]}, "has no prepared", id="prepared-for-numbers"),
    ],
)
def test_unusable_manifest_is_refused(project: Path, changes: dict[str, Any], message: str) -> None:
    change_manifest(project, **changes)
    with pytest.raises(ArchiveError, match=message):
        load(project)


def test_broken_manifest_is_refused(project: Path) -> None:
    (project / "dist" / "manifest.json").write_text("{")
    with pytest.raises(ArchiveError, match="is not JSON"):
        load(project)


@pytest.mark.parametrize(("python", "able"), [("3.11", False), ("3.12", True), ("3.13", True)])
def test_snapstart_needs_python_3_12(project: Path, python: str, able: bool) -> None:
    change_manifest(project, python=python)
    assert load(project).supports_snapstart is able


PREPARED = [
    {"LIST_MAX": None, "PAGE_SIZE": None},
    {"LIST_MAX": "10", "PAGE_SIZE": "20"},
]


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({}, id="defaults"),
        pytest.param({"AUTH_CLAIMS": "a"}, id="a-variable-that-shapes-nothing"),
        pytest.param({"PAGE_SIZE": "20", "LIST_MAX": "10"}, id="chosen"),
    ],
)
def test_archive_that_is_prepared_for_the_variables_is_taken(
    project: Path, variables: dict[str, str]
) -> None:
    change_manifest(project, prepared=PREPARED)
    load(project).check_prepared(variables)


@pytest.mark.parametrize(
    ("variables", "prepared", "message"),
    [
        pytest.param(
            {"PAGE_SIZE": "30", "LIST_MAX": "10", "AUTH_CLAIMS": "a"},
            PREPARED,
            "functionVariables has LIST_MAX=10 PAGE_SIZE=30, and {path} is prepared for the default"
            " page sizes and limits or LIST_MAX=10 PAGE_SIZE=20: run aurora-graphql package, which"
            " reads functionVariables in every Pulumi.<stack>.yaml",
            id="another-value",
        ),
        pytest.param(
            {"PAGE_SIZE": "20"},
            PREPARED,
            "functionVariables has PAGE_SIZE=20, and {path} is prepared for the default page sizes"
            " and limits or LIST_MAX=10 PAGE_SIZE=20: run aurora-graphql package, which"
            " reads functionVariables in every Pulumi.<stack>.yaml",
            id="one-of-two",
        ),
        pytest.param(
            {},
            PREPARED[1:],
            "functionVariables has the default page sizes and limits, and {path} is prepared for"
            " LIST_MAX=10 PAGE_SIZE=20: run aurora-graphql package, which reads functionVariables"
            " in every Pulumi.<stack>.yaml",
            id="taken-out",
        ),
    ],
)
def test_archive_that_is_not_prepared_for_the_variables_is_refused(
    project: Path, variables: dict[str, str], prepared: list[Any], message: str
) -> None:
    change_manifest(project, prepared=prepared)
    archive = load(project)
    with pytest.raises(ArchiveError) as caught:
        archive.check_prepared(variables)
    assert str(caught.value) == message.format(path=archive.path)


OF_RDS, OF_TRUST_SERVICES = "Amazon RDS eu-west-1 Root CA ECC384 G1", "Amazon Root CA 3"


@pytest.mark.parametrize("trust_services", [False, True])
def test_archive_that_knows_whom_the_stack_meets_is_taken(
    project: Path, *, trust_services: bool
) -> None:
    known = [OF_RDS, OF_TRUST_SERVICES] if trust_services else [OF_RDS]
    change_manifest(project, rds_ca_authorities=known)
    load(project).check_trust(region="eu-west-1", trust_services=trust_services)


@pytest.mark.parametrize(
    ("authorities", "message"),
    [
        pytest.param(
            [],
            "{path} holds no certificates, by which the functions know the database: run"
            " aurora-graphql package, which fetches them",
            id="none",
        ),
        pytest.param(
            ["Amazon RDS eu-west-11 Root CA ECC384 G1", OF_TRUST_SERVICES],
            "{path} holds no certificate authority of RDS in eu-west-1: write aws:region in"
            " Pulumi.<stack>.yaml and run aurora-graphql package, or RDS_CA_BUNDLE=file"
            " aurora-graphql package with the bundle of that region (docs/packaging.md)",
            id="of-another-region",
        ),
        pytest.param(
            [OF_RDS],
            "{path} holds no certificate authority of Amazon Trust Services, by which RDS Proxy"
            " and ElastiCache are known: add AmazonRootCA1.pem to 4 to the file of RDS_CA_BUNDLE"
            " (docs/packaging.md)",
            id="of-rds-alone",
        ),
    ],
)
def test_archive_whose_functions_cannot_start_is_refused(
    project: Path, authorities: list[str], message: str
) -> None:
    change_manifest(project, rds_ca_authorities=authorities)
    archive = load(project)
    with pytest.raises(ArchiveError) as caught:
        archive.check_trust(region="eu-west-1", trust_services=True)
    assert str(caught.value) == message.format(path=archive.path)


def test_archive_of_before_the_certificates_were_listed_is_refused(project: Path) -> None:
    change_manifest(project, rds_ca_authorities=None)
    with pytest.raises(ArchiveError, match="has no rds_ca_authorities: run aurora-graphql package"):
        load(project)


def test_tree_hash_is_what_sha256sum_says(project: Path) -> None:
    shell = "find . -name '*.graphql' | sed 's|^./||' | LC_ALL=C sort | xargs sha256sum | sha256sum"
    printed = subprocess.run(
        ["sh", "-c", shell], cwd=project / "sdl", capture_output=True, text=True, check=True
    )
    assert tree_sha256(project / "sdl", "*.graphql") == printed.stdout.split()[0]
