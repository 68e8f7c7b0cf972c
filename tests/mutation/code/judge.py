"""Judges mutants of the code, each in a process of its own that is forked from this one.

The parent has imported the handler and the tests, so a child of a change within a function puts the
changed code into that function and asks the tests at once: no start of Python, of a server, or of
the handler. A change of what a module does when it is imported needs all of it imported anew.
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
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mutation.code.operators import CodeMutant, mutate
from tests.mutation.code.targets import ROOT, all_mutants, all_tests, path_of, target_of
from tests.mutation.code.verdict import Verdict
from tests.mutation.code.workers import read_witnesses

TIMEOUT_S: Final = 240  # of one mutant; one that never ends is noticed, too
_FAILED: Final = "the judge failed"
_OURS: Final = ("handler", "local", "tests", "components", "preview", "archive")


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
        self._lend()
        _hurry()
        run_tests(all_tests(), "--collect-only")

    def _lend(self) -> None:
        """Let the tests have the server that runs, whatever they call to start one."""
        servers = importlib.import_module("aurora_graphql.dev.servers")
        server = self.server

        class Lent(servers.MariaDb):  # type: ignore[name-defined, misc]  # imported anew
            def __new__(cls, folder: Path, *, options: Sequence[str] = ()) -> Any:
                return contextlib.nullcontext(server)

        servers.MariaDb = Lent  # type: ignore[attr-defined]
        sys.modules.pop("aurora_graphql.dev.choice", None)

    def judge(self, mutant: CodeMutant) -> Verdict:
        """Ask the tests in a child."""
        tree = mutate(mutant, path_of(mutant.module).read_text(encoding="utf-8"))
        caught_by = self._in_a_child(partial(self._ask, mutant, tree))
        if caught_by.startswith(_FAILED):
            raise RuntimeError(f"{mutant.name}: {caught_by}")
        return Verdict(mutant.name, caught_by)

    def find_unsound(self, tests: Sequence[str]) -> str:
        """The first of these tests that fails without a mutant."""
        return self._in_a_child(partial(run_tests, tests))

    @staticmethod
    def _in_a_child(ask: Callable[[], str]) -> str:
        with tempfile.TemporaryFile("w+") as told:
            child = os.fork()
            if child == 0:
                try:
                    os.setsid()
                    told.write(ask())
                except BaseException as error:
                    told.write(f"{_FAILED}: {error!r}")
                finally:
                    told.flush()
                    os._exit(0)
            ended = _wait(child)
            told.seek(0)
            return told.read() if ended else "timeout"

    def _ask(self, mutant: CodeMutant, tree: ast.Module) -> str:
        if not _put(mutant, tree):
            sys.meta_path.insert(0, _Mutated(mutant, tree))
            for name in [*sys.modules]:
                if name.split(".")[0] in _OURS:
                    del sys.modules[name]
            self._lend()
        hint = self.hints.get(mutant.name, "")
        if "::" in hint and run_tests([hint]) == hint:  # one that is gone has noticed nothing
            return hint
        target = target_of(mutant.module)
        return run_tests(target.quick) or run_tests(target.others)


def _hurry() -> None:
    """Let a test of examples stop at the first that fails, and look for no smaller one."""
    from hypothesis import Phase, settings

    settings.register_profile(
        "mutants",
        max_examples=25,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
    )
    settings.load_profile("mutants")


def _put(mutant: CodeMutant, tree: ast.Module) -> bool:
    """Put the changed function into the imported module, if it is one that can be found there.

    What is in other hands is the function itself, so its code is what changes.
    """
    module = sys.modules.get(mutant.module)
    if module is None or not mutant.function:
        return False
    changed = types.ModuleType(mutant.module)
    changed.__file__ = module.__file__
    try:
        exec(compile(tree, str(module.__file__), "exec"), changed.__dict__)  # noqa: S102
    except Exception:
        return False  # the import tells
    found, other = (_function(each, mutant.function) for each in (module, changed))
    if found is None or other is None:
        return False
    found.__code__ = other.__code__
    found.__defaults__ = other.__defaults__
    found.__kwdefaults__ = other.__kwdefaults__
    return True


def _function(module: types.ModuleType, name: str) -> types.FunctionType | None:
    """The outermost function of a path of names; None where there is only a class."""
    found: Any = module
    for part in name.split("."):
        found = vars(found).get(part)
        if isinstance(found, classmethod | staticmethod):
            found = found.__func__
        elif isinstance(found, property):
            found = found.fget
        if isinstance(found, types.FunctionType):
            return None if hasattr(found, "__wrapped__") else found
        if not isinstance(found, type):
            return None
    return None


def run_tests(tests: Sequence[str], *more: str) -> str:
    """The first of these files or tests that fails, or an empty string."""
    if not tests:
        return ""
    witness = _Witness()
    options = ["-xq", "--rootdir", str(ROOT), "-p", "no:cacheprovider", "--timeout", "200", *more]
    options += ["-p", "no:unraisableexception"]  # of what the parent has left to the child
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # the parent has imported it
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        code = pytest.main([*options, *(str(ROOT / test) for test in tests)], plugins=[witness])
    if witness.failed or code == pytest.ExitCode.OK:
        return witness.failed
    return f"import: pytest ended with {code!r}"


def _wait(child: int) -> bool:
    """Whether the child ended by itself."""
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


@contextlib.contextmanager
def open_judge(hints: Mapping[str, str]) -> Iterator[Judge]:
    """A judge with a MariaDB of its own."""
    import aiomysql  # noqa: F401  # what children then need not import
    import graphql  # noqa: F401
    import hypothesis  # noqa: F401

    from aurora_graphql.dev.servers import MariaDb

    with tempfile.TemporaryDirectory() as folder, MariaDb(Path(folder) / "mariadb") as server:
        yield Judge(server, hints)


def main(names: Sequence[str]) -> None:
    """Judge the mutants of these names; a verdict per line.

    First the code as it is, by the tests that noticed last time, or by all: its name is empty.
    """
    mutants = {mutant.name: mutant for mutant in all_mutants()}
    hints = read_witnesses()
    noticed = {hints.get(name, "") for name in names}
    tests = noticed if all("::" in test for test in noticed) else all_tests()
    with open_judge(hints) as judge:
        _tell(Verdict("", judge.find_unsound(sorted(tests))))
        for name in names:
            _tell(judge.judge(mutants[name]))


def _tell(verdict: Verdict) -> None:
    sys.stdout.write(json.dumps(asdict(verdict)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.load(sys.stdin))
