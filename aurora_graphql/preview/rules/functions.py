"""Lambda functions: where they are, and where they log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.rule import Problem, Rule, each

FUNCTION: Final = "aws:lambda/function:Function"


def _in_two_subnets(_: Graph, function: Resource) -> bool:
    network = function.inputs.get("vpcConfig")
    return network is None or len(network["subnetIds"]) >= 2


def _placed(graph: Graph) -> Iterator[Problem]:
    groups = [one.urn for one in graph.of_type("aws:ec2/securityGroup:SecurityGroup")]
    for function in graph.of_type(FUNCTION):
        config = function.inputs.get("vpcConfig")
        if config is None:
            continue
        if not config.get("subnetIds"):
            yield function.name, "has no subnets"
        used = function.property_dependencies.get("vpcConfig", frozenset())
        if not config.get("securityGroupIds") or not used.intersection(groups):
            yield function.name, "has no security group of its own"


def _own_log_group(graph: Graph) -> Iterator[Problem]:
    for function in graph.of_type(FUNCTION):
        if not (function.inputs.get("loggingConfig") or {}).get("logGroup"):
            yield function.name, "logs to a group that Lambda makes, kept for ever"


RULES: Final = (
    Rule(
        id="Lambda.5",
        holds="functions in a VPC use more than one zone",
        why="The API would fail with the zone.",
        remedy="pass the subnets of all zones",
        check=each(FUNCTION, met=_in_two_subnets, problem="has a subnet of one zone only"),
    ),
    Rule(
        id="functions-are-placed",
        holds="a function in a VPC has subnets and a security group of its own",
        why="Rules of the database and the cache name that group.",
        remedy="set subnet_ids and security_group_ids in vpc_config",
        check=_placed,
    ),
    Rule(
        id="functions-log-to-their-group",
        holds="a function logs to a log group of the stack",
        why="Lambda's own group is unencrypted, and is kept after the stack is gone.",
        remedy="set log_group in logging_config",
        check=_own_log_group,
    ),
)
