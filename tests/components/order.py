"""Who waits for whom in a graph, through any number of resources."""

from __future__ import annotations

from aurora_graphql.preview.graph import Graph, Resource


def waits_for(graph: Graph, later: Resource, earlier: Resource) -> bool:
    """Whether ``later`` is created after ``earlier``."""
    by_urn = {resource.urn: resource for resource in graph.resources}
    pending, seen = [later.urn], set[str]()
    while pending:
        urn = pending.pop()
        if urn in seen or urn not in by_urn:
            continue
        seen.add(urn)
        dependencies = by_urn[urn].dependencies
        if earlier.urn in dependencies:
            return True
        pending += dependencies
    return False
