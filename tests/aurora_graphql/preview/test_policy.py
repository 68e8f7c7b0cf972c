"""Every stack meets the policies, or says why not; and every excuse is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.policy import (
    SETTING,
    ExceptionError,
    Excuse,
    find,
    judge,
    load_excuses,
    stack_excuses,
    stack_prefix,
)
from aurora_graphql.preview.program import stack_settings
from aurora_graphql.preview.report import policy_text
from aurora_graphql.preview.rules import RULES
from aurora_graphql.preview.rules.checkov import Report, check, installed
from aurora_graphql.preview.rules.rule import Finding
from aurora_graphql.preview.rules.standard import BEYOND, BY_CHECKOV
from aurora_graphql.preview.terraform import build_plan
from tests.domains.orders import PROJECT
from tests.recorded import Recorded

CHOSEN: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "dev": ("dev", {}),
    "small": ("small", {}),
    "prod": ("prod", {}),
    "prod-with-all-choices": (
        "prod",
        {
            "apiDomainName": "api.shop.example",
            "apiHostedZoneId": "Z0123456789",
            "apiKeyNames": ["shop"],
            "cacheMode": "replication-group",
            "cacheEngineVersion": "8.1",
            "databaseCopyRegion": "eu-west-1",
            "databaseTunnel": True,
            "functionShiftTraffic": "canary10Percent5Minutes",
            "monitoringBudgetUsd": 500,
            "networkNat": "per-zone",
            "networkPublicSubnets": True,
            "proxyAuthentication": "iam",
        },
    ),
}
"""What somebody may have chosen -> the stack, and its settings."""
STACKS = tuple(CHOSEN)
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


def test_every_control_of_the_design_is_judged_once_or_named() -> None:
    ours = [control for rule in RULES for control in rule.controls]
    judged = [*ours, *BY_CHECKOV, *BEYOND]
    assert len(judged) == len(set(judged))
    assert set(judged) == set(_expected_controls())


def test_every_rule_says_what_holds_why_and_what_to_do() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[A-Z]\w+\.\d+|[a-z][a-z-]+", rule.id)
        assert min(len(rule.holds), len(rule.why), len(rule.remedy)) > 10, rule.id


@pytest.fixture(scope="session")
def report(recorded: Recorded) -> Callable[[str], Report]:
    """What checkov says of each, asked once: it takes ten seconds and more."""
    if not installed():
        pytest.skip("checkov is not installed: make test installs it")

    @cache
    def ask(name: str) -> Report:
        graph = graph_of(recorded, name)
        return check(build_plan(graph), prefix=stack_prefix(graph))

    return ask


def graph_of(recorded: Recorded, name: str, *, outputs_known: bool = True) -> Graph:
    stack, changes = CHOSEN[name]
    return recorded(stack, outputs_known=outputs_known, **changes)


def excuses(name: str) -> list[Excuse]:
    """Those of every stack, then those of its own file."""
    stack, _ = CHOSEN[name]
    written = stack_settings(PROJECT, stack).get(SETTING, ())
    return [*EXCUSES, *stack_excuses(written, f"Pulumi.{stack}.yaml")]


@pytest.mark.parametrize("outputs_known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("stack", STACKS)
def test_rules_find_nothing_but_what_is_excused(
    recorded: Recorded, stack: str, outputs_known: bool
) -> None:
    found = find(graph_of(recorded, stack, outputs_known=outputs_known))
    assert judge(found, excuses(stack)).open == ()


@pytest.mark.parametrize("stack", STACKS)
def test_checkov_finds_nothing_but_what_is_excused(
    report: Callable[[str], Report], stack: str
) -> None:
    assert judge(report(stack).failed, excuses(stack)).open == ()
    assert report(stack).passed > 250  # it has read the plan, not an empty one


def test_checkov_is_answered_with_eleven_excuses_at_most() -> None:
    answers = [
        excuse.title for excuse in EXCUSES if any(name.startswith("CKV") for name in excuse.ids)
    ]
    assert len(answers) <= 11


def test_every_excuse_and_every_id_in_it_is_needed(
    recorded: Recorded, report: Callable[[str], Report]
) -> None:
    found = {stack: [*find(graph_of(recorded, stack)), *report(stack).failed] for stack in STACKS}
    for excuse in EXCUSES:
        covered = {one.id for findings in found.values() for one in findings if excuse.covers(one)}
        assert covered == set(excuse.ids), excuse.title
        assert len(excuse.reason) > 60
    for stack in STACKS:
        for excuse in excuses(stack)[len(EXCUSES) :]:
            covered = {one.id for one in found[stack] if excuse.covers(one)}
            assert covered == set(excuse.ids), excuse.title
        assert judge(found[stack], excuses(stack)).unused == ()


def finding(rule: str, resource: str) -> Finding:
    return Finding(id=rule, resource=resource, text="is so", holds="it is not so")


def test_excuse_covers_its_resources_only() -> None:
    excuse = Excuse(title="t", reason="r", resources="api-gateway-stage", ids=("CKV_AWS_1",))
    assert excuse.covers(finding("CKV_AWS_1", "api-gateway-stage"))
    assert not excuse.covers(finding("CKV_AWS_1", "api-gateway-stage-2"))
    assert not excuse.covers(finding("CKV_AWS_12", "api-gateway-stage"))


def test_excuse_in_the_file_of_a_stack_names_rules_resources_and_a_reason() -> None:
    written = "RDS.5  CKV_AWS_118 at data-database-(cluster|instance-1): one instance, in one zone"
    (excuse,) = stack_excuses([written], "Pulumi.dev.yaml")
    assert excuse == Excuse(
        title="one instance, in one zone",
        reason="one instance, in one zone",
        resources="data-database-(cluster|instance-1)",
        ids=("RDS.5", "CKV_AWS_118"),
        place="Pulumi.dev.yaml",
    )
    there, elsewhere = finding("RDS.5", "data-database-cluster"), finding("RDS.5", "x")
    verdict = judge([there, elsewhere], [excuse])
    assert (verdict.open, verdict.excused) == ((elsewhere,), ((excuse, (there,)),))
    assert judge([], [excuse]).unused == (excuse,)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        pytest.param("RDS.5: for a good reason that is long", "number 1 is not", id="no-resources"),
        pytest.param("RDS.5 at data-database-cluster", "number 1 is not", id="no-reason"),
        pytest.param("RDS.5 at x: because", "at least 20 characters, got 'because'", id="short"),
        pytest.param("RDS.5 at x(: for a good reason that is long", "x\\(", id="no-expression"),
    ],
)
def test_excuse_that_cannot_be_read_is_named(written: str, message: str) -> None:
    with pytest.raises(ExceptionError, match=f"policyExceptions in Pulumi.dev.yaml.*{message}"):
        stack_excuses([written], "Pulumi.dev.yaml")


def test_unknown_key_of_an_excuse_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text('[[exception]]\ntitle = "t"\nreason = "r"\nresources = "x"\ncheck = ["A"]\n')
    with pytest.raises(TypeError, match="check"):
        load_excuses(path)


def test_report_groups_findings_by_resource_with_reason_and_remedy() -> None:
    report = Report(version="3", passed=7, failed=())
    (rule,) = (one for one in RULES if one.id == "RDS.11")
    weak = Finding(
        id=rule.id,
        resource="data-database-cluster",
        text="keeps backups for less than a week",
        holds=rule.holds,
        why=rule.why,
        remedy=rule.remedy,
    )
    other = finding("CKV_AWS_1", "api-graphql")
    again = finding("CKV_AWS_2", "data-database-cluster")
    text = policy_text(judge([weak, other, again], []), report)
    assert (
        text.partition("OPEN: 3\n")[2]
        == """\
  api-graphql
    CKV_AWS_1: is so
      rule: it is not so
  data-database-cluster
    RDS.11: keeps backups for less than a week
      rule: automatic backups are kept for at least a week
      why: A mistake in the data is often found days later.
      remedy: write databaseBackupRetentionDays 7 or more
    CKV_AWS_2: is so
      rule: it is not so
excepted by name (exceptions.toml and the stack's file): 0"""
    )


@pytest.mark.parametrize(("stack", "prefix"), [("dev", "aurora-graphql-dev-")])
def test_stack_prefix_is_what_all_names_share(recorded: Recorded, stack: str, prefix: str) -> None:
    assert stack_prefix(recorded(stack)) == prefix
