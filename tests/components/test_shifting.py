"""Traffic that moves to a new version by CodeDeploy: what it owns, and what it looks at."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.function import FunctionArgs
from components.shifting import TrafficShift, TrafficShiftArgs
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS, example_archive
from tests.components.test_function import policy
from tests.components.weaknesses import weaknesses
from tests.recorded import Recorded

FUNCTION_ARN = LOCATION.arn("lambda", "function:graphql-1a2b3c4")
ARGS = TrafficShiftArgs(
    location=LOCATION,
    function=FunctionArgs(
        location=LOCATION,
        archive=example_archive(),
        handler="handler.entry.shift",
        description="Has traffic moved to a new version, and waits for that",
        key_arn=KEY_ARN,
        memory_mb=512,
        timeout_s=900,
        log_retention_days=30,
        tags=TAGS,
    ),
    shifting="canary10Percent5Minutes",
    function_name="graphql-1a2b3c4",
    function_arn=FUNCTION_ARN,
    alias_name="live",
    version="8",
    release="0a1b2c3d4e5f",
    log_group_name="graphql-log",
    tags=TAGS,
)
SHIFTED = {"functionShiftTraffic": "canary10Percent5Minutes"}


def build(**changes: Any) -> Graph:
    return declare(partial(TrafficShift, "s", dataclasses.replace(ARGS, **changes)))


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(TrafficShift, "s", ARGS))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:Function", "s-function"),
        ("aurora-graphql:index:TrafficShift", "s"),
        ("aws:cloudwatch/logGroup:LogGroup", "s-function-log"),
        ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "s-failures"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "s-crashes"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "s-failures-alarm"),
        ("aws:codedeploy/application:Application", "s-application"),
        ("aws:codedeploy/deploymentGroup:DeploymentGroup", "s-group"),
        ("aws:iam/role:Role", "s-function-role"),
        ("aws:iam/role:Role", "s-role"),
        ("aws:iam/rolePolicy:RolePolicy", "s-function-policy"),
        ("aws:iam/rolePolicy:RolePolicy", "s-policy"),
        ("aws:lambda/function:Function", "s-function"),
        ("aws:lambda/invocation:Invocation", "s-call"),
    ]
    assert weaknesses(graph) == {}


@pytest.mark.parametrize(
    ("shifting", "configuration"),
    [
        ("canary10Percent5Minutes", "CodeDeployDefault.LambdaCanary10Percent5Minutes"),
        ("canary10Percent10Minutes", "CodeDeployDefault.LambdaCanary10Percent10Minutes"),
        ("linear10PercentEvery1Minute", "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"),
    ],
)
def test_group_moves_traffic_as_it_is_told_and_takes_it_back(
    shifting: Any, configuration: str
) -> None:
    group = build(shifting=shifting).named("s-group").inputs
    assert group["deploymentConfigName"] == configuration
    assert group["deploymentStyle"] == {
        "deploymentOption": "WITH_TRAFFIC_CONTROL",
        "deploymentType": "BLUE_GREEN",
    }
    assert group["alarmConfiguration"] == {
        "enabled": True,
        "alarms": ["s-crashes-1a2b3c4", "s-failures-alarm-1a2b3c4"],
    }
    assert group["autoRollbackConfiguration"] == {
        "enabled": True,
        "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
    }


def test_alarms_look_at_the_new_version_alone() -> None:
    """A version in service that fails does not stop the one that mends it."""
    graph = build()
    assert graph.named("s-crashes").inputs["dimensions"] == {
        "FunctionName": "graphql-1a2b3c4",
        "Resource": "graphql-1a2b3c4:live",
        "ExecutedVersion": "8",
    }
    for name in ("s-crashes", "s-failures-alarm"):
        alarm = graph.named(name).inputs
        assert (alarm["threshold"], alarm["evaluationPeriods"]) == (0, 1)  # one is enough
        assert alarm["treatMissingData"] == "notBreaching"  # nobody called it yet
    pattern = graph.named("s-failures").inputs["pattern"]
    assert pattern == '{ ($.message = "failure") && ($.release = "0a1b2c3d4e5f") }'


def test_call_names_the_version_and_comes_after_the_alarms() -> None:
    graph = build()
    call = graph.named("s-call")
    assert json.loads(call.inputs["input"]) == {
        "action": "shift",
        "application": "s",
        "group": "s",
        "function": "graphql-1a2b3c4",
        "alias": "live",
        "version": "8",
    }
    assert call.inputs["lifecycleScope"] == "CREATE_ONLY"
    for name in ("s-crashes", "s-failures-alarm", "s-group", "s-policy", "s-function-policy"):
        assert waits_for(graph, call, graph.named(name)), name


def test_each_side_may_do_its_part_and_no_more() -> None:
    graph = build()
    moves = policy(graph, "s-policy")
    assert moves["MoveAlias"]["Resource"] == [FUNCTION_ARN, f"{FUNCTION_ARN}:*"]
    starts = policy(graph, "s-function-policy")
    assert starts["StartDeployments"]["Resource"] == [
        LOCATION.arn("codedeploy", "application:s"),
        LOCATION.arn(
            "codedeploy", "deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes"
        ),
        LOCATION.arn("codedeploy", "deploymentgroup:s/s"),
    ]
    assert starts["ReadAlias"]["Resource"] == FUNCTION_ARN


def test_what_moves_at_once_needs_none_of_this() -> None:
    with pytest.raises(ValueError, match="got allAtOnce: the alias moves at once without"):
        dataclasses.replace(ARGS, shifting="allAtOnce")


def named(graph: Graph, suffix: str) -> Any:
    (found,) = (one for one in graph.resources if one.name.endswith(suffix) and one.custom)
    return found


def test_pulumi_leaves_an_alias_alone_that_codedeploy_moves(recorded: Recorded) -> None:
    """The provider sends the version of its state with any change: nothing else may change."""
    alias = named(recorded("prod", **SHIFTED), "-graphql-alias")
    assert alias.ignore_changes == ("description", "functionVersion", "routingConfig")
    assert alias.inputs["description"] == "Receives the traffic"
    changeable = {*alias.inputs} - {"name", "functionName"}  # which replace it
    assert changeable <= {*alias.ignore_changes}
    at_once = named(recorded("prod"), "-graphql-alias")
    assert at_once.ignore_changes == ()


def test_old_versions_go_after_the_last_of_the_traffic(recorded: Recorded) -> None:
    graph = recorded("prod", **SHIFTED)
    shift, prune = named(graph, "-shift-call"), named(graph, "-prune-call")
    assert waits_for(graph, prune, shift)
    assert waits_for(graph, shift, named(graph, "-graphql-smoke"))
    assert waits_for(graph, shift, named(graph, "-migration-call"))


def test_without_the_setting_there_is_no_codedeploy(recorded: Recorded) -> None:
    assert not [one for one in recorded("prod").resources if "codedeploy" in one.typ]
