"""The modules that are mutated, how many of their mutants are judged, and by which tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutation.code.operators import CodeMutant, find_mutants

ROOT: Final = Path(__file__).resolve().parents[3]

_SQL: Final = "tests/handler/compiler/test_sql.py"
_VALUES: Final = "tests/handler/compiler/test_values.py"
_STATES: Final = "tests/handler/compiler/test_argument_states.py"
_ENCODER: Final = "tests/handler/execution/test_encoder.py"
_STAFF: Final = "tests/integration/test_staff.py"
_RELATIONS: Final = "tests/integration/test_relations.py"
_GOLDEN: Final = "tests/handler/test_golden.py::test_plan_statements_and_answer"

# Every test that a mutant may fail, quick ones first.
ALL_TESTS: Final = (
    _SQL,
    _VALUES,
    "tests/handler/compiler/test_cursor.py",
    "tests/handler/compiler/test_row_rules.py",
    _ENCODER,
    _STATES,
    _STAFF,
    _RELATIONS,
    "tests/integration/test_argument_states.py",
    _GOLDEN,
    "tests/integration/test_reference.py",
)


@dataclass(frozen=True)
class Target:
    """A module: every how-manieth of its mutants is judged, by these tests before all others."""

    module: str
    step: int
    tests: tuple[str, ...]


TARGETS: Final = (
    Target("handler.compiler.statement", 1, (_SQL, _STATES)),
    Target("handler.compiler.sql", 3, (_SQL, _STATES)),
    Target("handler.compiler.values", 2, (_VALUES, _STATES)),
    Target("handler.compiler.cursor", 2, ("tests/handler/compiler/test_cursor.py",)),
    Target("handler.compiler.tables", 3, (_SQL, "tests/handler/compiler/test_row_rules.py")),
    Target("handler.execution.run", 2, (_STAFF, _RELATIONS)),
    Target("handler.execution.collated", 1, (_RELATIONS,)),
    Target("handler.execution.encoder", 3, (_ENCODER, _STAFF)),
    Target("handler.execution.tree", 2, (_ENCODER, _STAFF)),
)


def tests_of(module: str) -> Sequence[str]:
    """The tests of a module's mutants, in the order in which they are asked."""
    first = next(target.tests for target in TARGETS if target.module == module)
    return [*first, *(test for test in ALL_TESTS if test not in first)]


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / f"{module.replace('.', '/')}.py"


def all_mutants() -> Sequence[CodeMutant]:
    """The mutants that are judged, always the same ones in the same order."""
    found: list[CodeMutant] = []
    for target in TARGETS:
        source = path_of(target.module).read_text(encoding="utf-8")
        found += find_mutants(target.module, source)[:: target.step]
    return found
