"""The lock files: exact, with hashes, without addresses, and enough for what the code imports."""

from __future__ import annotations

import ast
import itertools
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from aurora_graphql.archive.lock import declared
from aurora_graphql.dev import graphiql

ROOT = Path(__file__).resolve().parents[3]
LOCKS = {
    name: ROOT / "requirements" / f"{name}.lock"
    for name in ("build", "run", "infra", "server", "dev")
}
LOCKS["peers"] = ROOT / "benchmarks" / "peers" / "python" / "requirements.txt"
LOCKS["handler"] = ROOT / "aurora_graphql" / "archive" / "packages.lock"
NAME = re.compile(r"[\[<>=!~; ]")
ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)(?: ;[^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def locked(lock: str) -> dict[str, str]:
    """Versions by name."""
    lines = LOCKS[lock].read_text().splitlines()
    return {found["name"]: found["version"] for line in lines if (found := ENTRY.match(line))}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imports(folder: str) -> set[str]:
    """First names of all modules that a folder's files import absolutely."""
    names = set()
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {each.name for each in ROOT.iterdir()}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock: str) -> None:
    lines = LOCKS[lock].read_text().splitlines()
    assert [line for line in lines if not ENTRY.match(line) and not HASH.match(line)] == []
    follows = itertools.pairwise(lines)
    assert [entry for entry, after in follows if ENTRY.match(entry) and not HASH.match(after)] == []


@pytest.mark.parametrize("lock", ["run", "infra", "server", "handler"])
def test_serving_and_deploying_use_the_versions_that_are_tested(lock: str) -> None:
    tested = locked("dev")
    assert {name: tested.get(name) for name in locked(lock)} == locked(lock)


def test_deploying_needs_no_package_of_the_handler() -> None:
    assert {name_of(each) for each in declared()} & locked("infra").keys() == set()


def test_what_the_archive_holds_is_declared_for_every_other_environment() -> None:
    """By ranges; and Tartiflette, which needs a compiler, only where it is asked for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ranges = {name_of(each) for each in project["dependencies"]}
    (engine,) = project["optional-dependencies"]["resolvers"]
    assert {name_of(each) for each in declared()} - ranges == {name_of(engine)}


def test_the_installed_packages_are_the_locked_ones() -> None:
    """Only those that this platform needs are installed; these must agree."""
    wanted = locked("dev")
    used = {canonical(name) for names in packages_distributions().values() for name in names}
    installed = {name: version(name) for name in used & wanted.keys()}
    assert installed == {name: wanted[name] for name in installed}


# Part of Lambda's Python runtime: one is imported where an object store is asked for and nowhere
# else, the other where a snapshot can be taken.
WITHOUT_PULUMI = tuple(
    sorted(
        file.parent.name
        for file in (ROOT / "aurora_graphql").glob("*/__init__.py")
        if file.parent.name != "preview"
    )
)
OF_THE_RUNTIME = {"botocore", "snapshot_restore_py"}
# What users install if they want what it is for: traces elsewhere, tests, the log in CloudWatch.
OF_USERS = {
    "handler": {"opentelemetry"},
    "aurora_graphql/testing": {"pytest"},
    "aurora_graphql/usage": {"boto3"},
    "benchmarks": {"aiodataloader", "ariadne", "strawberry"},  # of an environment of their own
}


def name_of(requirement: str) -> str:
    return canonical(NAME.split(requirement)[0])


@pytest.mark.parametrize(
    ("folder", "lock"),
    [
        *((f"aurora_graphql/{each}", "run") for each in WITHOUT_PULUMI),
        ("aurora_graphql", "dev"),
        ("handler", "run"),
        ("components", "infra"),
        ("plugin", "infra"),
        ("tests", "dev"),
        ("benchmarks", "dev"),
    ],
)
def test_what_is_imported_is_locked(folder: str, lock: str) -> None:
    distributions = packages_distributions()
    wanted = locked(lock)
    missing = [
        name
        for name in sorted(imports(folder) - OF_THE_RUNTIME - OF_USERS.get(folder, set()))
        if not any(canonical(each) in wanted for each in distributions.get(name, [name]))
    ]
    assert missing == []


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    given = [
        *project["project"]["dependencies"],
        *itertools.chain(*project["project"]["optional-dependencies"].values()),
        *(each for each in project["dependency-groups"]["dev"] if isinstance(each, str)),
        *project["dependency-groups"]["server"],
    ]
    names = {name_of(each) for each in given}
    assert names - locked("dev").keys() == set()


def test_the_node_packages_have_hashes_and_no_addresses() -> None:
    lock = json.loads(graphiql.LOCK.read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_the_parser_of_tartiflette_loads_with_the_newer_cffi() -> None:
    """It asks for cffi below 2, which the lock overrides."""
    program = (
        "import cffi, json;"
        "from tartiflette.language.parsers.libgraphqlparser import parse_to_document;"
        "from tartiflette.schema.schema import GraphQLSchema;"
        "schema = GraphQLSchema('lock'); schema.json_loader = json.loads;"
        "document = parse_to_document('{ a(b: 1) { c } }', schema);"
        "print(cffi.__version__, document.definitions[0].selection_set.selections[0].name.value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded, field = done.stdout.split()
    assert int(loaded.partition(".")[0]) >= 2
    assert field == "a"
