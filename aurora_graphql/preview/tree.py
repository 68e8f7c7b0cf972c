"""The resources of a stack by tier, as an indented tree with counts."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Final

from aurora_graphql.preview.graph import Graph, Resource

TIERS: Final = ("Encryption", "Network", "DataTier", "ApiTier", "Monitoring")
"""The order in which the program makes them, and in which a reader understands them."""

WIDTH: Final = 100


def tree_text(graph: Graph) -> str:
    """Components as branches with the number of resources below, resources gathered by type."""
    urns = {resource.urn for resource in graph.resources}
    tiers = [one for one in graph.resources if one.parent not in urns and not one.custom]
    loose = [one for one in graph.resources if one.parent not in urns and one.custom]
    lines = [line for tier in sorted(tiers, key=_order) for line in _branch(graph, tier, 0)]
    if loose:
        lines.append(f"without a component: {_kinds(loose)}")
    made = sum(resource.custom for resource in graph.resources)
    parts = len(graph.resources) - made
    protected = sum(resource.protect for resource in graph.resources)
    title = f"{made} resources in {parts} components, {protected} of them protected"
    return "\n".join([title, *lines])


def _order(tier: Resource) -> tuple[int, str, str]:
    kind = _kind(tier)
    return (TIERS.index(kind) if kind in TIERS else len(TIERS), tier.name, tier.typ)


def _kind(resource: Resource) -> str:
    return resource.typ.rpartition(":")[2]


def _kinds(resources: list[Resource]) -> str:
    counts = Counter(_kind(resource) for resource in resources)
    return ", ".join(f"{kind} x{n}" if n > 1 else kind for kind, n in sorted(counts.items()))


def _below(graph: Graph, component: Resource) -> int:
    return sum(
        1 if child.custom else _below(graph, child) for child in graph.children(component.urn)
    )


def _branch(graph: Graph, component: Resource, depth: int) -> list[str]:
    children = graph.children(component.urn)
    indent = "  " * depth
    own = _kinds([child for child in children if child.custom])
    head = f"{indent}{_kind(component)} {_title(graph, component)}".ljust(40)
    lines = [f"{head}{_below(graph, component):>4}"]
    if own:
        first = f"{lines[0]}  "
        lines = textwrap.wrap(
            own,
            WIDTH,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
    for child in sorted(children, key=_order):
        if not child.custom:
            lines += _branch(graph, child, depth + 1)
    return lines


def _title(graph: Graph, component: Resource) -> str:
    """What the name adds to that of the component around it."""
    parents = {resource.urn: resource.name for resource in graph.resources}
    around = parents.get(component.parent, "")
    return component.name.removeprefix(f"{around}-") if around else ""
