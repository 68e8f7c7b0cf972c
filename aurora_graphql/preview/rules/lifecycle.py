"""What takes long, or is deleted first, when a stack is changed or destroyed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.resource_types import facts_of
from aurora_graphql.preview.rules.network import SUBNET
from aurora_graphql.preview.rules.rule import Problem, Rule

_LEAST_MINUTES: Final[Mapping[str, Mapping[str, int]]] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "create": 60,
        "update": 40,
        "delete": 45,
    },
    "aws:elasticache/serverlessCache:ServerlessCache": {"create": 40, "update": 80, "delete": 40},
    "aws:lambda/function:Function": {"create": 10, "update": 10, "delete": 10},
    "aws:rds/cluster:Cluster": {"create": 120, "update": 120, "delete": 120},
    "aws:rds/clusterInstance:ClusterInstance": {"create": 90, "update": 90, "delete": 90},
    "aws:rds/proxy:Proxy": {"create": 30, "update": 30, "delete": 60},
    "aws:rds/proxyEndpoint:ProxyEndpoint": {"create": 30, "update": 30, "delete": 60},
}
"""Type -> how long the provider itself waits. Less would call a failure what still goes on."""

_INTERFACE_MINUTES: Final = 45
"""So long Lambda may keep the network interfaces of a function that is gone."""

_UNITS: Final = {"h": 60, "m": 1}

PLACES: Final = ("availabilityZone", "subnetIds", "vpcSubnetIds")
"""Inputs that change with a further zone."""


def _minutes(duration: str) -> int:
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([hm])", duration))


def _slow_operations(graph: Graph) -> Iterator[Problem]:
    for resource in graph.resources:
        for operation, least in _LEAST_MINUTES.get(resource.typ, {}).items():
            yield from _too_short(resource, operation, least)
    places = {
        urn
        for function in graph.of_type("aws:lambda/function:Function")
        for urn in function.property_dependencies.get("vpcConfig", ())
    }
    for typ in ("aws:ec2/securityGroup:SecurityGroup", SUBNET):
        for resource in graph.of_type(typ):
            if resource.urn in places:
                yield from _too_short(resource, "delete", _INTERFACE_MINUTES)


def _too_short(resource: Resource, operation: str, least: int) -> Iterator[Problem]:
    given = resource.custom_timeouts.get(operation, "")
    if _minutes(given) < least:
        yield resource.name, f"{operation} has {given or 'no time of its own'}, not {least}m"


def _frozen_places(graph: Graph) -> Iterator[Problem]:
    for resource in graph.resources:
        if resource.typ == SUBNET:
            continue  # a subnet of another zone is another network, which is another stack
        for place in PLACES:
            if (
                place in facts_of(resource.typ).forced_by
                and resource.inputs.get(place) is not None
                and place not in resource.ignore_changes
            ):
                yield resource.name, f"another {place} would delete it before it is made anew"


RULES: Final = (
    Rule(
        id="slow-operations-have-time",
        holds="Pulumi waits as long as AWS may take",
        why="A deployment that gives up early leaves a stack half changed.",
        remedy="set custom_timeouts",
        check=_slow_operations,
    ),
    Rule(
        id="places-are-frozen",
        holds="what AWS cannot move stays where it was made",
        why="Under its fixed name it would be deleted before its successor is made.",
        remedy="name the input in ignore_changes",
        check=_frozen_places,
    ),
)
