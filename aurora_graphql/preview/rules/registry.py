"""The list of rules, and what several of them ask of a graph.

A rule is a generator from a graph to findings; a finding is a sentence that begins with the
resource's name. Unknown values are not judged: the same program runs with outputs known, where they
are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource

Rule = Callable[[Graph], list[str]]

RULES: Final[dict[str, Rule]] = {}


def rule(check: Callable[[Graph], Iterator[str]]) -> Rule:
    """Add a generator of findings to ``RULES``."""

    def run(graph: Graph) -> list[str]:
        return sorted(check(graph))

    RULES[check.__name__] = run
    return run


def pointing_at(graph: Graph, target: Resource, typ: str, name: str) -> list[Resource]:
    """Resources of ``typ`` whose input ``name`` comes from ``target``."""
    return [
        resource
        for resource in graph.of_type(typ)
        if target.urn in resource.property_dependencies.get(name, frozenset())
    ]


def buckets_named(graph: Graph, resource: Resource, name: str) -> set[str]:
    """URNs of the buckets in input ``name``, named directly or as their policy's bucket."""
    by_urn = {one.urn: one for one in graph.resources}
    urns = resource.property_dependencies.get(name, frozenset())
    through = (by_urn[urn].property_dependencies.get("bucket", frozenset()) for urn in urns)
    return set(urns).union(*through)


def parameters(group: Resource) -> dict[str, str]:
    """The values of a parameter group by their names."""
    return {item["name"]: item["value"] for item in group.inputs.get("parameters") or []}
