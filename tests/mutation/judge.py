"""Judges mutants in a process of its own: ``python -m tests.mutation.judge <repository's copy>``.

Reads the number of a mutant per line, writes a verdict per line; ``--afresh`` takes no hint.
Everything but the components stays imported, so that a mutant costs a fraction of a second and not
a start of Pulumi.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from tests.components.weaknesses import weaknesses
from tests.domains.orders import PROJECT
from tests.mutation.changes import Mutant
from tests.mutation.mutants import mutants

_KEPT: Final = frozenset(sys.modules)
_MADE_ANEW: Final = ("components", "aurora_graphql", "tests")

_GRAPHS: Final[Mapping[str, Sequence[str]]] = {
    "api_functions": ("api",),
    "api_on_aurora": ("program",),
    "api_tier": ("api",),
    "bucket": ("store",),
    "cache": ("cache",),
    "copied_backups": ("copies",),
    "data_tier": ("data",),
    "database": ("database",),
    "database_secret": ("secret",),
    "definition": ("gateway",),
    "domain": ("gateway",),
    "encryption": ("key",),
    "firewall": ("gateway",),
    "function": ("function",),
    "gateway": ("gateway",),
    "iam": ("key", "network", "proxy", "function", "api", "copies", "prune", "shift"),
    "ingest_store": ("store",),
    "migration": ("api",),
    "monitoring": ("watch",),
    "network": ("network",),
    "proxy": ("proxy",),
    "pruning": ("prune",),
    "release": ("release",),
    "shifting": ("shift",),
    "trail": ("watch",),
    "tunnel": ("tunnel",),
    "usage_plan": ("gateway",),
}
"""Module -> what is built with it; a module that is not here only checks settings."""

_TESTS: Final[Mapping[str, Sequence[str]]] = {
    "api_on_aurora": ("program",),
    "iam": ("iam", "copied_backups", "pruning", "shifting"),
    "watched": ("monitoring",),
    "watched_database": ("monitoring",),
    "watched_function": ("monitoring", "agreement"),
    "api_functions": ("api_functions", "api_tier"),
    "api_settings": ("api_settings", "settings"),
    "bucket": ("ingest_store",),
    "data_settings": ("data_settings", "settings", "data_tier"),
    "definition": ("definition", "gateway"),
    "domain": ("domain", "gateway"),
    "firewall": ("firewall", "gateway"),
    "trail": ("ingest_store", "monitoring"),
    "usage_plan": ("usage_plan", "gateway"),
}
"""Module -> its tests, where they are not those of its own name."""

_OF_EVERYBODY: Final = "passed_on"
"""Tests that belong to no single module."""

_NO_PROGRAM: Final = (AttributeError, ImportError, NameError, SyntaxError, TypeError)
"""What a mutant must not raise: it would be caught by nobody's merit."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Who noticed: ``invariant``, ``refusal`` (the program does not build), ``test`` or nobody."""

    mutant: str
    caught_by: str
    detail: str


_FOLDER: Final = "tests/components/"


class _Witness:
    """Remembers which tests there are, and the first that failed; both below ``_FOLDER``."""

    def __init__(self) -> None:
        self.failed = ""
        self.collected: set[str] = set()

    def _see(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid.removeprefix(_FOLDER)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self.collected.add(item.nodeid.removeprefix(_FOLDER))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._see(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._see(report)


def judge(mutant: Mutant, root: Path, *, moment: int, hint: str) -> Verdict:
    """Break ``root`` by ``mutant``, ask, and mend it.

    ``moment`` differs from call to call. ``hint``: the test that noticed last time; it is asked
    before all others.
    """
    with _broken(mutant, root, moment):
        if hint and (failed := _ask_tests([hint], root).failed):
            return Verdict(mutant=mutant.name, caught_by="test", detail=failed)
        module = Path(mutant.path).stem
        for graph in _GRAPHS.get(module, ()):
            caught_by, detail = _ask_invariants(graph, root)
            if caught_by:
                return Verdict(mutant=mutant.name, caught_by=caught_by, detail=detail)
        modules = (_OF_EVERYBODY, *_TESTS.get(module, (module,)))
        failed = _ask_tests([f"test_{name}.py" for name in modules], root).failed
        return Verdict(mutant=mutant.name, caught_by="test" if failed else "", detail=failed)


def ask_everybody(root: Path, hints: Mapping[str, str]) -> list[str]:
    """What is found in a sound copy: nothing, or no verdict would mean anything.

    Also the hints that name no test any more: they would cost time and help nobody.
    """
    graphs = sorted({graph for asked in _GRAPHS.values() for graph in asked})
    found = [detail for graph in graphs if (detail := _ask_invariants(graph, root)[1])]
    # Tests that cannot even be collected would seem to notice every mutant.
    asked = _ask_tests([""], root, "--collect-only")
    gone = sorted(set(hints.values()) - asked.collected)
    return [*found, *filter(None, [asked.failed]), *(f"there is no test {each}" for each in gone)]


@contextlib.contextmanager
def _broken(mutant: Mutant, root: Path, moment: int) -> Iterator[None]:
    path = root / mutant.path
    sound = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutant.apply(sound), encoding="utf-8")
        os.utime(path, (moment, moment))  # or Python would take the compiled module for this one
        _forget_components()
        yield
    finally:
        path.write_text(sound, encoding="utf-8")
        os.utime(path, (1, 1))
        _forget_components()


def _forget_components() -> None:
    """Import the components anew, and whatever imported them."""
    for name in [*sys.modules]:
        if name not in _KEPT and name.startswith(_MADE_ANEW):
            del sys.modules[name]


def _ask_invariants(graph: str, root: Path) -> tuple[str, str]:
    try:
        found = weaknesses(_build(graph, root))
    except _NO_PROGRAM:
        raise
    except Exception as error:
        return "refusal", f"{type(error).__name__}: {error}"
    rules = ", ".join(f"{rule}: {lines[0]}" for rule, lines in found.items())
    return ("invariant" if found else ""), rules


def _build(graph: str, root: Path) -> Graph:
    if graph == "program":
        program = importlib.import_module("aurora_graphql.preview.program")
        built: Graph = program.run_program(
            PROJECT, "prod", changes={"functionArchiveDirectory": str(root / "dist")}
        )
        return built
    build = importlib.import_module("tests.components.parts").GRAPHS[graph]
    return declare(build, stack="prod")


def _ask_tests(tests: Sequence[str], root: Path, *more: str) -> _Witness:
    """Run these files or tests up to the first that fails."""
    witness = _Witness()
    files = [str(root / _FOLDER / test) for test in tests]
    # Collecting garbage five times after each session would cost more than the tests.
    options = [
        "-xq",
        "--rootdir",
        str(root),
        "-p",
        "no:cacheprovider",
        "-p",
        "no:unraisableexception",
    ]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = pytest.main([*options, *more, *files], plugins=[witness])
    assert code not in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
    return witness


def main(root: Path, *, afresh: bool) -> None:
    """Answer until there is no more input. The first line says what is wrong without a mutant."""
    every = list(mutants())
    hints = json.loads((root / "tests/mutation/witnesses.json").read_text(encoding="utf-8"))
    if afresh:
        hints = {}
    _write({"sound": ask_everybody(root, hints)})
    gc.freeze()  # Pulumi's classes for AWS stay; looking at them again takes a second each time
    for moment, line in enumerate(sys.stdin, start=1_000_000_000):
        mutant = every[int(line)]
        hint = hints.get(mutant.name, "")
        _write(asdict(judge(mutant, root, moment=moment, hint=hint)))


def _write(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), afresh="--afresh" in sys.argv)
