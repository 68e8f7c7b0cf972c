"""Judges mutants of the code, each in a process of its own that is forked from this one.

The parent has imported what all tests need and nothing of this project, so a child costs the import
of the handler and the tests that it asks, no start of Python and no start of a server.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import os
import signal
import sys
import tempfile
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mutation.code.operators import CodeMutant, mutate
from tests.mutation.code.targets import ROOT, path_of, tests_of

TIMEOUT_S: Final = 240  # of one mutant; one that never ends is noticed, too
_FAILED: Final = "the judge failed"
_OURS: Final = ("handler", "local", "tests", "components", "preview", "archive")


@dataclass(frozen=True)
class Verdict:
    """``caught_by``: the test that failed, ``import``, ``timeout``, or nothing: a survivor."""

    mutant: str
    caught_by: str


class _Witness:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = f"import of {report.nodeid}"


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module from a tree instead of from its file."""

    def __init__(self, mutant: CodeMutant, tree: ast.Module) -> None:
        self.module = mutant.module
        self.path = str(path_of(mutant.module))
        self.tree = tree

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The mutated module, and none of the others."""
        if fullname != self.module:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=self.path)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the changed source."""
        module.__file__ = self.path
        exec(compile(self.tree, self.path, "exec"), module.__dict__)  # noqa: S102


class Judge:
    """One server for all mutants; ``hints`` are the tests that noticed last time."""

    def __init__(self, server: Any, hints: Mapping[str, str]) -> None:
        self.server = server
        self.hints = hints

    def judge(self, mutant: CodeMutant) -> Verdict:
        """Ask the tests in a child."""
        source = path_of(mutant.module).read_text(encoding="utf-8")
        tree = mutate(mutant, source)
        with tempfile.TemporaryFile("w+") as told:
            child = os.fork()
            if child == 0:
                try:
                    os.setsid()
                    told.write(self._ask(mutant, tree))
                except BaseException as error:
                    told.write(f"{_FAILED}: {error!r}")
                finally:
                    told.flush()
                    os._exit(0)
            ended = _wait(child)
            told.seek(0)
            caught_by = told.read() if ended else "timeout"
            if caught_by.startswith(_FAILED):
                raise RuntimeError(f"{mutant.name}: {caught_by}")
            return Verdict(mutant.name, caught_by)

    def _ask(self, mutant: CodeMutant, tree: ast.Module) -> str:
        sys.meta_path.insert(0, _Mutated(mutant, tree))
        for name in [*sys.modules]:
            if name.split(".")[0] in _OURS:
                del sys.modules[name]
        servers = importlib.import_module("local.servers")
        server = self.server
        servers.MariaDb = lambda folder: contextlib.nullcontext(server)  # type: ignore[attr-defined]
        from hypothesis import settings

        settings.register_profile("mutants", max_examples=25, deadline=None, derandomize=True)
        settings.load_profile("mutants")
        hint = self.hints.get(mutant.name, "")
        if hint and "::" in hint and (failed := run_tests([hint])):
            return failed
        for test in tests_of(mutant.module):
            if failed := run_tests([test]):
                return failed
        return ""


def run_tests(tests: Sequence[str]) -> str:
    """The first of these files or tests that fails, or an empty string."""
    witness = _Witness()
    options = ["-xq", "--rootdir", str(ROOT), "-p", "no:cacheprovider", "--timeout", "200"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # the parent has imported it
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        code = pytest.main([*options, *(str(ROOT / test) for test in tests)], plugins=[witness])
    if witness.failed or code == pytest.ExitCode.OK:
        return witness.failed
    return f"import: pytest ended with {code!r}"


def _wait(child: int) -> bool:
    """Whether the child ended by itself."""
    import time

    until = time.monotonic() + TIMEOUT_S
    pause_s = 0.01
    while time.monotonic() < until:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return True
        time.sleep(pause_s)
        pause_s = min(0.1, pause_s * 1.5)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def judge_all(
    mutants: Sequence[CodeMutant], hints: Mapping[str, str], seen: Callable[[Verdict], None]
) -> None:
    """Judge one after the other on a MariaDB of its own; ``seen`` is called for each verdict."""
    import aiomysql  # noqa: F401  # what children then need not import
    import graphql  # noqa: F401
    import hypothesis  # noqa: F401

    from local.servers import MariaDb

    with tempfile.TemporaryDirectory() as folder, MariaDb(Path(folder) / "mariadb") as server:
        judge = Judge(server, hints)
        for mutant in mutants:
            seen(judge.judge(mutant))


def main(part: int, parts: int, step: int) -> None:
    """Judge every how-manieth mutant of one part; a verdict per line."""
    from tests.mutation.code.targets import all_mutants

    witnesses = Path(__file__).with_name("witnesses.json")
    hints = json.loads(witnesses.read_text(encoding="utf-8")) if witnesses.exists() else {}

    def tell(verdict: Verdict) -> None:
        sys.stdout.write(json.dumps(asdict(verdict)) + "\n")
        sys.stdout.flush()

    judge_all(all_mutants()[::step][part::parts], hints, tell)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
