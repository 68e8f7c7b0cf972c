"""A function: its rights, its roads, and that both are there before it."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import botocore.session  # type: ignore[import-untyped]  # no type information published
import pulumi
import pytest

from aurora_graphql.preview.answers import ACCOUNT_ID, REGION
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.function import Destination, Function, FunctionArgs, FunctionNetwork
from tests.components.conftest import Declare
from tests.components.order import waits_for
from tests.components.surroundings import (
    KEY_ARN,
    LOCATION,
    SUBNET_IDS,
    TAGS,
    VPC_ID,
    example_archive,
)
from tests.components.weaknesses import weaknesses

PLAIN = FunctionArgs(
    location=LOCATION,
    archive=example_archive(),
    handler="handler.entry.authorize",
    description="Decides",
    key_arn=KEY_ARN,
    memory_mb=512,
    timeout_s=10,
    log_retention_days=30,
    environment={"STAGE": "dev"},
    tags=TAGS,
)
INSIDE = dataclasses.replace(
    PLAIN,
    publish=True,
    statements=[
        {
            "Sid": "Own",
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": f"arn:aws:rds-db:{REGION}:{ACCOUNT_ID}:dbuser:prx-1/api",
        }
    ],
    network=FunctionNetwork(
        vpc_id=VPC_ID,
        subnet_ids=SUBNET_IDS,
        destinations=[
            Destination(name="database", port=3306, security_group_id="sg-database"),
            Destination(name="s3", port=443, prefix_list_id="pl-s3"),
        ],
    ),
)


def policy(graph: Graph, name: str = "f-policy") -> dict[str, dict[str, Any]]:
    """Statements of a role's policy by their name."""
    text = graph.named(name).inputs["policy"]
    return {statement["Sid"]: statement for statement in json.loads(text)["Statement"]}


def test_identities_are_frozen(declared: Declare) -> None:
    assert declared(partial(Function, "f", PLAIN)).types_and_names() == [
        ("aurora-graphql:index:Function", "f"),
        ("aws:cloudwatch/logGroup:LogGroup", "f-log"),
        ("aws:iam/role:Role", "f-role"),
        ("aws:iam/rolePolicy:RolePolicy", "f-policy"),
        ("aws:lambda/function:Function", "f"),
    ]


def test_identities_inside_a_network_are_frozen(declared: Declare) -> None:
    plain = set(declared(partial(Function, "f", PLAIN)).types_and_names())
    inside = declared(partial(Function, "f", INSIDE)).types_and_names()
    assert [pair for pair in inside if pair not in plain] == [
        ("aws:ec2/securityGroup:SecurityGroup", "f-group"),
        ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "f-to-database"),
        ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "f-to-s3"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "f-into-database"),
    ]


@pytest.mark.parametrize("args", [PLAIN, INSIDE], ids=["plain", "inside"])
def test_invariants_hold(declared: Declare, args: FunctionArgs) -> None:
    assert weaknesses(declared(partial(Function, "f", args))) == {}


def test_function_is_the_archive_as_its_manifest_says() -> None:
    function = declare(partial(Function, "f", PLAIN)).named("f", "aws:lambda/function:Function")
    archive = PLAIN.archive
    assert {
        key: function.inputs[key]
        for key in ("runtime", "architectures", "sourceCodeHash", "handler", "memorySize")
    } == {
        "runtime": archive.runtime,
        "architectures": [archive.architecture],
        "sourceCodeHash": archive.sha256,
        "handler": "handler.entry.authorize",
        "memorySize": 512,
    }


def test_environment_is_encrypted_with_the_key() -> None:
    function = declare(partial(Function, "f", PLAIN)).named("f", "aws:lambda/function:Function")
    assert function.inputs["kmsKeyArn"] == KEY_ARN
    assert function.inputs["environment"] == {"variables": {"STAGE": "dev"}}


def test_function_waits_for_its_rights_its_roads_and_its_log_group() -> None:
    graph = declare(partial(Function, "f", INSIDE))
    function = graph.named("f", "aws:lambda/function:Function")
    for name in ("f-policy", "f-log", "f-to-database", "f-into-database", "f-to-s3"):
        assert waits_for(graph, function, graph.named(name)), name


def test_log_group_is_the_functions_own() -> None:
    graph = declare(partial(Function, "f", PLAIN))
    function = graph.named("f", "aws:lambda/function:Function")
    group = graph.named("f-log")
    assert function.inputs["loggingConfig"] == {
        "logFormat": "JSON",
        "logGroup": "f-log-1a2b3c4",
        "applicationLogLevel": "INFO",
        "systemLogLevel": "INFO",
    }
    assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (30, KEY_ARN)


@pytest.mark.parametrize(
    ("level", "lambdas"),
    [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "INFO"), ("ERROR", "INFO")],
)
def test_lambda_drops_no_line_that_the_handler_writes(level: str, lambdas: str) -> None:
    """A line without a timestamp is INFO to Lambda, an error's line, too."""
    args = dataclasses.replace(PLAIN, log_level=level)
    function = declare(partial(Function, "f", args)).named("f", "aws:lambda/function:Function")
    assert function.inputs["loggingConfig"]["applicationLogLevel"] == lambdas


def test_role_may_do_what_it_was_given_and_what_running_needs() -> None:
    assert sorted(policy(declare(partial(Function, "f", PLAIN)))) == [
        "DecryptEnvironment",
        "WriteLogs",
        "WriteTraces",
    ]
    inside = policy(declare(partial(Function, "f", INSIDE)))
    assert sorted(inside) == [
        "DecryptEnvironment",
        "KeepCodeFromInterfaces",
        "ManageInterfaces",
        "Own",
        "WriteLogs",
        "WriteTraces",
    ]
    assert inside["WriteLogs"]["Resource"].endswith(":log-group:f-log-1a2b3c4:*")


def test_lambda_may_manage_interfaces_and_the_functions_code_may_not() -> None:
    """As AWSLambdaVPCAccessExecutionRole: Lambda asks for it before there is an interface."""
    inside = policy(declare(partial(Function, "f", INSIDE)))
    of_lambda = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ]
    assert inside["ManageInterfaces"] == {
        "Sid": "ManageInterfaces",
        "Effect": "Allow",
        "Action": of_lambda,
        "Resource": "*",
    }
    assert inside["KeepCodeFromInterfaces"] == {
        "Sid": "KeepCodeFromInterfaces",
        "Effect": "Deny",
        "Action": sorted([*of_lambda, "ec2:DetachNetworkInterface"]),
        "Resource": "*",
        "Condition": {
            "ArnLike": {
                "lambda:SourceFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:*"
            }
        },
    }


@pytest.mark.parametrize("sid", ["ManageInterfaces", "KeepCodeFromInterfaces"])
def test_actions_on_interfaces_are_such_that_ec2_has(sid: str) -> None:
    """By EC2's own service model, as botocore carries it."""
    known = set(botocore.session.get_session().get_service_model("ec2").operation_names)
    actions = policy(declare(partial(Function, "f", INSIDE)))[sid]["Action"]
    assert {action.removeprefix("ec2:") for action in actions} <= known


def test_role_keeps_its_rights_until_the_interfaces_are_gone() -> None:
    """Pulumi deletes backwards: function, security group (which waits for interfaces), policy."""
    graph = declare(partial(Function, "f", INSIDE))
    group, rights = graph.named("f-group"), graph.named("f-policy")
    assert waits_for(graph, graph.named("f", "aws:lambda/function:Function"), group)
    assert waits_for(graph, group, rights)
    assert waits_for(graph, rights, graph.named("f-role"))


def test_tracing_off_gives_no_right_to_trace() -> None:
    graph = declare(partial(Function, "f", dataclasses.replace(PLAIN, tracing=False)))
    assert "WriteTraces" not in policy(graph)
    function = graph.named("f", "aws:lambda/function:Function")
    assert function.inputs["tracingConfig"] == {"mode": "PassThrough"}


def test_road_is_a_pair_of_rules_between_two_security_groups() -> None:
    graph = declare(partial(Function, "f", INSIDE))
    group = graph.named("f-group")
    leave, enter = graph.named("f-to-database"), graph.named("f-into-database")
    assert leave.property_dependencies["securityGroupId"] == {group.urn}
    assert leave.inputs["referencedSecurityGroupId"] == "sg-database"
    assert enter.inputs["securityGroupId"] == "sg-database"
    assert enter.property_dependencies["referencedSecurityGroupId"] == {group.urn}
    assert (enter.inputs["fromPort"], enter.inputs["toPort"]) == (3306, 3306)
    assert graph.named("f-to-s3").inputs["prefixListId"] == "pl-s3"


def test_snapshot_is_made_of_published_versions() -> None:
    args = dataclasses.replace(INSIDE, snapstart=True)
    function = declare(partial(Function, "f", args)).named("f", "aws:lambda/function:Function")
    assert function.inputs["snapStart"] == {"applyOn": "PublishedVersions"}
    assert function.inputs["publish"] is True


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"snapstart": True}, "snapstart needs publish", id="unpublished-snapshot"),
        pytest.param(
            {"snapstart": True, "publish": True, "archive": example_archive(runtime="python3.11")},
            "needs python3.12 or newer, the archive has python3.11",
            id="snapshot-of-old-python",
        ),
        pytest.param({"memory_mb": 64}, "memory_mb must be between 128", id="memory"),
        pytest.param({"timeout_s": 901}, "timeout_s must be between 1 and 900", id="timeout"),
        pytest.param({"log_level": "LOUD"}, "log_level must be one of", id="log-level"),
    ],
)
def test_impossible_function_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(PLAIN, **changes)


def test_destination_is_a_security_group_or_a_prefix_list() -> None:
    with pytest.raises(ValueError, match="not both"):
        Destination(name="both", port=443, security_group_id="sg", prefix_list_id="pl")
    with pytest.raises(ValueError, match="needs a security group or a prefix list"):
        Destination(name="neither", port=443)


def test_two_functions_live_in_one_stack(declared: Declare) -> None:
    def two() -> None:
        Function("a", INSIDE)
        Function("b", INSIDE)

    names = [(resource.typ, resource.name) for resource in declared(two).resources]
    assert len(names) == len(set(names)) == 18


def test_outputs_are_strings_a_stack_can_export() -> None:
    def export() -> None:
        function = Function("f", PLAIN)
        pulumi.export("name", function.function_name)
        pulumi.export("version", function.version)

    exports = declare(export).exports
    assert {key: item.value for key, item in exports.items()} == {
        "name": "f-1a2b3c4",
        "version": "1",
    }
