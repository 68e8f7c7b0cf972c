"""Log groups of what RDS writes: there before it writes, and there until it is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules.aurora import CLUSTER, PROXY
from aurora_graphql.preview.rules.rule import Problem, Rule

GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"

_WRITERS: Final[Mapping[str, tuple[str, str]]] = {
    "cluster": (CLUSTER, "clusterIdentifier"),
    "proxy": (PROXY, "name"),
}
"""Part of a log group's name -> the type that writes there, and its input with its name."""


def _declared(graph: Graph) -> Iterator[Problem]:
    names = {str(group.inputs.get("name")) for group in graph.of_type(GROUP)}
    for cluster in graph.of_type(CLUSTER):
        for log in sorted(cluster.inputs.get("enabledCloudwatchLogsExports") or []):
            if f"/aws/rds/cluster/{cluster.inputs.get('clusterIdentifier')}/{log}" not in names:
                yield cluster.name, f"the {log} log has no log group"
    for proxy in graph.of_type(PROXY):
        if f"/aws/rds/proxy/{proxy.inputs.get('name')}" not in names:
            yield proxy.name, "has no log group"


def _outlive_their_writers(graph: Graph) -> Iterator[Problem]:
    for group in graph.of_type(GROUP):
        found = re.match(r"/aws/rds/(cluster|proxy)/([^/]+)", group.inputs.get("name") or "")
        if found is None:
            continue
        typ, name = _WRITERS[found[1]]
        for writer in graph.of_type(typ):
            if writer.inputs.get(name) == found[2] and group.urn not in writer.dependencies:
                yield group.name, f"{writer.name} could outlive it and make it anew"


RULES: Final = (
    Rule(
        id="rds-logs-have-groups",
        holds="what RDS logs goes to log groups of the stack",
        why="RDS makes a group that it lacks: unencrypted, and kept for ever.",
        remedy="declare a log group of the name that RDS uses",
        check=_declared,
    ),
    Rule(
        id="log-groups-outlive-their-writers",
        holds="a log group of RDS is deleted after what writes to it",
        why="RDS would make it anew, unencrypted, and kept for ever.",
        remedy="let the writer depend on the log group",
        check=_outlive_their_writers,
    ),
)
