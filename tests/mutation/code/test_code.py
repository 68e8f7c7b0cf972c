"""Every change of the engine's code is noticed by a test, or has a reason to be none.

The default suite judges a sample by the tests that noticed last time; the nightly one all mutants.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pytest

from tests.mutation.code.operators import CodeMutant, find_mutants, mutate
from tests.mutation.code.survivors import SURVIVORS
from tests.mutation.code.targets import ROOT, TARGETS, all_mutants, all_tests, path_of
from tests.mutation.code.verdict import Verdict
from tests.mutation.code.workers import judge_all, read_witnesses

LEAST: Final = 300
LEAST_SHARE: Final = 0.85
SAMPLE: Final = 12  # mutants of the default suite

MUTANTS: Final = all_mutants()


def sample() -> list[str]:
    """Some mutants that were caught, from all modules."""
    caught = read_witnesses()
    names = [m.name for m in MUTANTS if "::" in caught.get(m.name, "")]
    return names[:: max(1, len(names) // SAMPLE)]


def judge(names: Sequence[str], *, workers: int) -> list[Verdict]:
    """The verdicts; that of the code as it is must be first, for each worker."""
    verdicts: list[Verdict] = []
    judge_all(names, verdicts.append, workers=workers)
    assert [verdict.caught_by for verdict in verdicts if not verdict.mutant] == [""] * workers
    return [verdict for verdict in verdicts if verdict.mutant]


@pytest.mark.timeout(600)
def test_mutants_of_a_sample_are_noticed() -> None:
    names = sample()
    verdicts = judge(names, workers=1)
    assert [verdict.mutant for verdict in verdicts] == names
    assert [verdict.mutant for verdict in verdicts if not verdict.caught_by] == []


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_nearly_all_are_noticed_and_the_others_have_a_reason() -> None:
    names = [mutant.name for mutant in MUTANTS]
    verdicts = judge(names, workers=2)
    assert Counter(verdict.mutant for verdict in verdicts) == Counter(names)
    missed = {verdict.mutant for verdict in verdicts if not verdict.caught_by}
    assert missed == SURVIVORS.keys()
    assert 1 - len(missed) / len(verdicts) >= LEAST_SHARE


# ------------------------------------------------------------------------------- the mutants


def test_there_are_enough_mutants_and_each_has_its_name() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)
    assert set(names.values()) == {1}
    assert len(names) >= LEAST


def test_every_module_has_mutants() -> None:
    assert {mutant.module for mutant in MUTANTS} == {target.module for target in TARGETS}


def test_tests_that_are_asked_exist() -> None:
    assert [test for test in all_tests() if not (ROOT / test.split("::")[0]).is_file()] == []


@pytest.mark.parametrize(
    "step", [pytest.param(8, id="some"), pytest.param(1, id="all", marks=pytest.mark.nightly)]
)
def test_every_mutant_fits_the_source_and_changes_it(step: int) -> None:
    sources = {t.module: path_of(t.module).read_text(encoding="utf-8") for t in TARGETS}
    plain = {module: ast.dump(ast.parse(source)) for module, source in sources.items()}
    for mutant in MUTANTS[::step]:
        changed = mutate(mutant, sources[mutant.module])
        compile(changed, mutant.module, "exec")
        assert ast.dump(changed) != plain[mutant.module], mutant.name


def test_survivors_are_mutants_and_have_a_reason() -> None:
    """Of code that is gone, the reason is gone, too."""
    assert SURVIVORS.keys() - {mutant.name for mutant in MUTANTS} == set()
    assert all(SURVIVORS.values())


def test_nobody_noticed_a_survivor() -> None:
    assert read_witnesses().keys() & SURVIVORS.keys() == set()


# ----------------------------------------------------------------------------- the operators


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("x = 1 < y", ["1 <= y", "2 < y"], id="comparison-and-number"),
        pytest.param("x = a is None", ["a is not None"], id="none-stays"),
        pytest.param("x = a == 'b'", ["a != 'b'", "a == 'spoiled'"], id="text"),
        pytest.param("x = ' '", ["' spoiled'"], id="blank"),
        pytest.param("x = b'a'", ["b'aspoiled'"], id="bytes"),
        pytest.param("x = True", ["False"], id="truth"),
        pytest.param("x = a and b", ["a or b"], id="and"),
        pytest.param("x = a + b", ["a - b"], id="sum"),
        pytest.param("x = not a", ["not not a"], id="not"),
        pytest.param("x = a[b:c]", ["a[:]"], id="slice"),
        pytest.param("x = a['b']", [], id="names-of-entries-stay"),
        pytest.param("x = b if a else c", ["b if not a else c"], id="choice"),
    ],
)
def test_what_may_stand_in_a_place(body: str, expected: list[str]) -> None:
    source = f"def f(a, b, c, y):\n    {body}\n"
    changed = [ast.unparse(mutate(each, source)) for each in find_mutants("m", source)]
    assert [text.splitlines()[1].strip().removeprefix("x = ") for text in changed] == expected


@pytest.mark.parametrize(
    ("source", "names"),
    [
        pytest.param('def f():\n    """Doc."""\n    raise E("text")', [], id="texts-for-people"),
        pytest.param('def f(a: "int") -> "int":\n    assert a', [], id="types-and-assertions"),
        pytest.param(
            "def f():\n    zip(a, b, strict=True)",
            ["f: zip(a, b, strict=True) -> nothing"],
            id="strict",
        ),
        pytest.param('import a\n__all__ = ["a"]', [], id="names-of-the-module"),
        pytest.param("def f():\n    g()", ["f: g() -> nothing"], id="call"),
        pytest.param(
            "def f():\n    return a", ["f: return a -> return None"], id="what-is-returned"
        ),
        pytest.param("def f():\n    return None", [], id="what-is-none-anyway"),
        pytest.param(
            "class C:\n    def f(self):\n        if a: g()",
            ["C.f: if a -> if not a", "C.f: g() -> nothing"],
            id="condition-of-a-method",
        ),
        pytest.param(
            "def f():\n    a = 1\n    b = 1", ["f: 1 -> 2", "f: 1 -> 2 (#1)"], id="twice-the-same"
        ),
        pytest.param("def f(a=1):\n    pass", ["f: 1 -> 2"], id="default"),
    ],
)
def test_what_is_changed_and_what_is_left_alone(source: str, names: list[str]) -> None:
    assert [each.name for each in find_mutants("m", source)] == [f"m.{name}" for name in names]


def test_a_mutant_of_another_source_is_an_error() -> None:
    mutant: CodeMutant = find_mutants("m", "def f():\n    return a\n")[0]
    with pytest.raises(LookupError):
        mutate(mutant, "def f():\n    return b\n")
