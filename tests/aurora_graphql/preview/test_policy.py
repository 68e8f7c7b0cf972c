"""Both stacks meet the policies, or say why not; and every excuse is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora_graphql.preview.checkov import Report, check, installed
from aurora_graphql.preview.controls import BEYOND, CONTROLS
from aurora_graphql.preview.policy import Excuse, Finding, find, judge, load_excuses, stack_prefix
from aurora_graphql.preview.terraform import build_plan
from tests.recorded import Recorded

STACKS = ("dev", "prod")
EXCUSES = load_excuses()

EXPECTED_CONTROLS = """
Lambda.1 .2 .3 .5; APIGateway.1 .3 .4 .5 .8;
RDS.2 .3 .5 .6 .7 .9 .10 .11 .12 .13 .14 .15 .16 .17 .18 .23 .24 .25 .27 .34 .35;
ElastiCache.2 .3 .4 .5 .7; SecretsManager.1 .2 .3 .4; KMS.1 .2 .4 .5; CloudTrail.1 .2 .4 .5 .6 .7;
WAF.10 .11 .12; SNS.1; EC2.2 .6 .15 .18 .19; S3.1 .5 .8 .9 .13 .17
"""


def _expected_controls() -> Iterator[str]:
    for group in EXPECTED_CONTROLS.split(";"):
        service, *numbers = re.split(r"\s*\.", group.strip())
        yield from (f"{service}.{number}" for number in numbers)


def test_every_control_of_the_design_is_judged_or_named() -> None:
    judged = [control.id for control in CONTROLS]
    assert len(judged) == len(set(judged))
    assert {*judged, *BEYOND} == set(_expected_controls())


@pytest.fixture(scope="session")
def report(recorded: Recorded) -> dict[str, Report]:
    if not installed():
        pytest.skip("checkov is not installed: make test installs it")
    return {
        stack: check(build_plan(recorded(stack)), prefix=stack_prefix(recorded(stack)))
        for stack in STACKS
    }


@pytest.mark.parametrize("outputs_known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("stack", STACKS)
def test_rules_and_controls_find_nothing_but_what_is_excused(
    recorded: Recorded, stack: str, outputs_known: bool
) -> None:
    found = find(recorded(stack, outputs_known=outputs_known))
    assert judge(found, EXCUSES, stack=stack).open == ()


@pytest.mark.parametrize("stack", STACKS)
def test_checkov_finds_nothing_but_what_is_excused(report: dict[str, Report], stack: str) -> None:
    assert judge(report[stack].failed, EXCUSES, stack=stack).open == ()
    assert report[stack].passed > 250  # it has read the plan, not an empty one


def test_prod_answers_checkov_with_ten_excuses_at_most() -> None:
    answers = [
        excuse.title
        for excuse in EXCUSES
        if excuse.checks and (not excuse.stacks or "prod" in excuse.stacks)
    ]
    assert len(answers) <= 10


@pytest.mark.parametrize("excuse", EXCUSES, ids=lambda excuse: excuse.title)
def test_every_excuse_and_every_id_in_it_is_needed(
    recorded: Recorded, report: dict[str, Report], excuse: Excuse
) -> None:
    for stack in excuse.stacks or STACKS:
        found = [*find(recorded(stack)), *report[stack].failed]
        covered = [finding for finding in found if excuse.covers(finding)]
        assert covered, f"{excuse.title} excuses nothing in {stack}"
    everywhere = [
        finding.id
        for stack in excuse.stacks or STACKS
        for finding in [*find(recorded(stack)), *report[stack].failed]
        if excuse.covers(finding)
    ]
    assert set(everywhere) == set(excuse.ids)
    assert len(excuse.reason) > 60


def test_excuse_covers_its_resources_only() -> None:
    excuse = Excuse(title="t", reason="r", resources="api-gateway-stage", checks=("CKV_AWS_1",))
    finding = Finding(id="CKV_AWS_1", resource="api-gateway-stage", text="")
    assert excuse.covers(finding)
    assert not excuse.covers(Finding(id="CKV_AWS_1", resource="api-gateway-stage-2", text=""))
    assert not excuse.covers(Finding(id="CKV_AWS_12", resource="api-gateway-stage", text=""))


def test_excuse_of_another_stack_does_not_count() -> None:
    excuse = Excuse(title="t", reason="r", resources=".*", controls=("RDS.7",), stacks=("dev",))
    finding = Finding(id="RDS.7", resource="data-database-cluster", text="")
    assert judge([finding], [excuse], stack="dev").open == ()
    assert judge([finding], [excuse], stack="prod").open == (finding,)


def test_unknown_key_of_an_excuse_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text('[[exception]]\ntitle = "t"\nreason = "r"\nresources = "x"\ncheck = ["A"]\n')
    with pytest.raises(TypeError, match="check"):
        load_excuses(path)


@pytest.mark.parametrize(("stack", "prefix"), [("dev", "aurora-graphql-dev-")])
def test_stack_prefix_is_what_all_names_share(recorded: Recorded, stack: str, prefix: str) -> None:
    assert stack_prefix(recorded(stack)) == prefix
