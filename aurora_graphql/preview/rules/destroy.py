"""What takes long, or comes back, when a stack is changed or destroyed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.rules.registry import rule

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
"""Type -> what the provider itself waits for. Less would call a failure what goes on."""

_INTERFACE_MINUTES: Final = 45
"""So long Lambda may keep the network interfaces of a function that is gone."""

_UNITS: Final = {"h": 60, "m": 1}

_WRITERS: Final[Mapping[str, tuple[str, str]]] = {
    "cluster": ("aws:rds/cluster:Cluster", "clusterIdentifier"),
    "proxy": ("aws:rds/proxy:Proxy", "name"),
}
"""Part of a log group's name -> the type that writes there, and its input with its name."""


def _minutes(duration: str) -> int:
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([hm])", duration))


@rule
def slow_operations_have_time(graph: Graph) -> Iterator[str]:
    """Nothing is given up while AWS is still at it; functions' interfaces go late."""
    for resource in graph.resources:
        for operation, least in _LEAST_MINUTES.get(resource.typ, {}).items():
            yield from _too_short(resource, operation, least)
    places = {
        urn
        for function in graph.of_type("aws:lambda/function:Function")
        for urn in function.property_dependencies.get("vpcConfig", ())
    }
    for typ in ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/subnet:Subnet"):
        for resource in graph.of_type(typ):
            if resource.urn in places:
                yield from _too_short(resource, "delete", _INTERFACE_MINUTES)


def _too_short(resource: Resource, operation: str, least: int) -> Iterator[str]:
    given = resource.custom_timeouts.get(operation, "")
    if _minutes(given) < least:
        yield f"{resource.name}: {operation} has {given or 'no time of its own'}, not {least}m"


@rule
def log_groups_outlive_who_writes(graph: Graph) -> Iterator[str]:
    """RDS makes a log group that it lacks, unencrypted and for ever: it goes after its writer."""
    for group in graph.of_type("aws:cloudwatch/logGroup:LogGroup"):
        found = re.match(r"/aws/rds/(cluster|proxy)/([^/]+)", group.inputs.get("name") or "")
        if found is None:
            continue
        typ, name = _WRITERS[found[1]]
        for writer in graph.of_type(typ):
            if writer.inputs.get(name) == found[2] and group.urn not in writer.dependencies:
                yield f"{group.name}: {writer.name} could outlive it and make it anew"
