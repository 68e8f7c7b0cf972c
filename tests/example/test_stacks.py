"""The example's stacks: what their files say, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora_graphql.preview.policy import SETTING, find, judge, load_excuses, stack_excuses
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.program import (
    declared_settings,
    run_program,
    stack_names,
    stack_settings,
)
from aurora_graphql.project_file import Project
from tests.components.weaknesses import UNPROTECTED, weaknesses
from tests.recorded import ROOT

DECLARED = declared_settings(ROOT)
STACKS = stack_names(ROOT)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that fits the example, without a handler in it."""
    folder = tmp_path_factory.mktemp("dist")
    write_archive(folder, Project.of(ROOT))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("stack", STACKS)
def test_stack_builds_and_breaks_no_rule(stack: str, archive: Path) -> None:
    graph = run_program(ROOT, stack, changes={"functionArchiveDirectory": str(archive)})
    assert weaknesses(graph, without=UNPROTECTED if stack == "dev" else ()) == {}
    written = stack_settings(ROOT, stack).get(SETTING, ())
    excuses = [*load_excuses(), *stack_excuses(written, f"Pulumi.{stack}.yaml")]
    assert judge(find(graph), excuses).open == ()


@pytest.mark.parametrize("stack", STACKS)
def test_stack_file_writes_the_types_that_the_project_declares(stack: str) -> None:
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list}
    for key, value in stack_settings(ROOT, stack).items():
        assert type(value) is kinds[DECLARED[key]["type"]], key


@pytest.mark.parametrize("stack", STACKS)
def test_stack_file_changes_something_with_every_line(stack: str) -> None:
    same = {
        key
        for key, value in stack_settings(ROOT, stack).items()
        if DECLARED[key]["default"] == value
    }
    assert same == set()
