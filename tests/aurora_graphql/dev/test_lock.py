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

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ("build", "run", "infra", "server", "dev")
ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)(?: ;[^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def locked(lock: str) -> dict[str, str]:
    """Versions by name."""
    lines = (ROOT / "requirements" / f"{lock}.lock").read_text().splitlines()
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
    lines = (ROOT / "requirements" / f"{lock}.lock").read_text().splitlines()
    assert [line for line in lines if not ENTRY.match(line) and not HASH.match(line)] == []
    follows = itertools.pairwise(lines)
    assert [entry for entry, after in follows if ENTRY.match(entry) and not HASH.match(after)] == []


@pytest.mark.parametrize("lock", ["run", "infra", "server"])
def test_serving_and_deploying_use_the_versions_that_are_tested(lock: str) -> None:
    tested = locked("dev")
    assert {name: tested.get(name) for name in locked(lock)} == locked(lock)


def test_deploying_needs_no_package_of_the_handler() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    handler = {canonical(re.split(r"[\[=>]", each)[0]) for each in extras["handler"]}
    assert handler & locked("infra").keys() == set()


def test_the_installed_packages_are_the_locked_ones() -> None:
    """Only those that this platform needs are installed; these must agree."""
    wanted = locked("dev")
    used = {canonical(name) for names in packages_distributions().values() for name in names}
    installed = {name: version(name) for name in used & wanted.keys()}
    assert installed == {name: wanted[name] for name in installed}


# Part of Lambda's Python runtime: one is imported where an object store is asked for and nowhere
# else, the other where a snapshot can be taken.
OF_THE_RUNTIME = {"botocore", "snapshot_restore_py"}


@pytest.mark.parametrize(
    ("folder", "lock"),
    [
        ("aurora_graphql", "dev"),
        ("handler", "run"),
        ("aurora_graphql/dev", "run"),
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
        for name in sorted(imports(folder) - OF_THE_RUNTIME)
        if not any(canonical(each) in wanted for each in distributions.get(name, [name]))
    ]
    assert missing == []


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [
        *project["project"]["optional-dependencies"]["handler"],
        *project["project"]["optional-dependencies"]["infra"],
        *project["dependency-groups"]["dev"],
        *project["dependency-groups"]["local"],
    ]
    names = {
        canonical(re.split(r"[\[<>=!~; ]", each)[0]) for each in declared if isinstance(each, str)
    }
    assert names - locked("dev").keys() == set()


def test_the_node_packages_have_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
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
