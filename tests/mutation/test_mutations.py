"""Every safety setting, once broken, is noticed: by an invariant or by a test of its module.

The default suite breaks every fourth, in one process beside those that run the other tests; the
nightly one all, in two. What a process does before its first mutant costs as much as 30 of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

from tests.mutation.changes import Edit, Mutant, argument, entry, expression, nothing, without
from tests.mutation.mutants import mutants
from tests.mutation.workers import ROOT, Judgement, judge_all

pytestmark = pytest.mark.timeout(1800)  # all are about three minutes of CPU over two processes

LEAST: Final = 60
LEAST_SHARE: Final = 0.95

SURVIVORS: Final[Mapping[str, str]] = {
    "database_secret: the password stands in the state in the clear": (
        "the SDK itself marks secretString of a SecretVersion as secret, so the graph is the same"
    ),
    "usage_plan: keys stand in the state in the clear": (
        "the SDK itself adds `value` to the secret outputs of an ApiKey"
    ),
}
"""Mutant -> why nobody notices it, and why that may be so."""


SAMPLE: Final = 4


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SAMPLE, id="every-fourth"),
        pytest.param(1, id="all", marks=pytest.mark.nightly),
    ],
)
def step(request: pytest.FixtureRequest) -> int:
    chosen: int = request.param
    return chosen


def witnesses() -> dict[str, str]:
    """Mutant -> the test that noticed it last time."""
    path = ROOT / "tests/mutation/witnesses.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory, step: int) -> Judgement:
    processes = 2 if step == 1 else 1
    return judge_all(tmp_path_factory.mktemp("mutants"), step=step, processes=processes)


def test_nothing_is_found_without_a_mutant(judgement: Judgement) -> None:
    assert judgement.sound == []


def test_every_mutant_is_judged_once(judgement: Judgement, step: int) -> None:
    judged = Counter(verdict["mutant"] for verdict in judgement.verdicts)
    assert judged == Counter(mutant.name for mutant in list(mutants())[::step])
    assert set(judged.values()) == {1}
    assert len(judged) >= LEAST


def test_nearly_all_are_caught_and_the_others_have_a_reason(judgement: Judgement) -> None:
    missed = {verdict["mutant"] for verdict in judgement.verdicts if not verdict["caught_by"]}
    judged = {verdict["mutant"] for verdict in judgement.verdicts}
    assert missed == SURVIVORS.keys() & judged
    assert 1 - len(missed) / len(judgement.verdicts) >= LEAST_SHARE


def test_invariants_alone_catch_the_most(judgement: Judgement) -> None:
    """They hold for every graph, so also for what nobody has written yet."""
    by = Counter(verdict["caught_by"] for verdict in judgement.verdicts)
    assert by["invariant"] > len(judgement.verdicts) * 0.5


def test_who_is_noticed_by_a_test_has_a_witness(judgement: Judgement) -> None:
    """One that has none is asked of whole files, for seconds: ``python -m tests.mutation``."""
    by_a_test = {each["mutant"] for each in judgement.verdicts if each["caught_by"] == "test"}
    assert by_a_test - witnesses().keys() == set()


@pytest.mark.parametrize("mutant", list(mutants()), ids=lambda mutant: mutant.name)
def test_mutant_fits_the_source(mutant: Mutant) -> None:
    source = (ROOT / mutant.path).read_text(encoding="utf-8")
    compile(mutant.apply(source), mutant.path, "exec")


SOURCE: Final = """
def build(name, args):
    Key(f"{name}-one", rotate=True, tags=args.tags)
    Key(f"{name}-two", rotate=True)
    return {"Sid": "Read", "Resource": args.arn}
"""


@pytest.mark.parametrize(
    ("edit", "gone", "there"),
    [
        pytest.param(
            argument("Key", "rotate", "False", named="-two"), "-two', rotate=True", "rotate=False"
        ),
        pytest.param(
            argument("Key", "rotate", "False", having="tags"), "rotate=True, tags", "rotate=False"
        ),
        pytest.param(without("Key", "tags"), "tags=", "-one', rotate=True"),
        pytest.param(entry("Read", "Resource", "'*'"), "args.arn", "'Resource': '*'"),
        pytest.param(entry("Read", "Resource", None), "Resource", "'Sid': 'Read'"),
        pytest.param(expression("args.arn", "0", within="build"), "args.arn", "'Resource': 0"),
        pytest.param(nothing("build"), "Key", "pass"),
    ],
)
def test_edit_changes_what_it_names(edit: Edit, gone: str, there: str) -> None:
    changed = Mutant(name="m", path="p", edit=edit).apply(SOURCE)
    assert gone not in changed
    assert there in changed


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(argument("Key", "rotate", "False"), id="two-calls"),
        pytest.param(argument("Lock", "rotate", "False"), id="no-call"),
        pytest.param(argument("Key", "rotate", "True", named="-two"), id="no-change"),
        pytest.param(without("Key", "color"), id="no-argument"),
        pytest.param(entry("Write", "Resource", None), id="no-statement"),
        pytest.param(expression("args.color", "0"), id="no-expression"),
        pytest.param(nothing("destroy"), id="no-function"),
    ],
)
def test_edit_that_fits_nothing_is_an_error(edit: Edit) -> None:
    with pytest.raises(LookupError):
        Mutant(name="m", path="p", edit=edit).apply(SOURCE)


def test_witnesses_are_of_mutants_that_exist() -> None:
    assert witnesses().keys() <= {mutant.name for mutant in mutants()}
