"""What the rules find in a part of a stack, less what such a part has on purpose."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules import findings

ON_PURPOSE: Final = frozenset({"RDS.5", "RDS.23"})
"""A database of one instance is a choice; MySQL's usual port is the only one of RDS Proxy."""

UNPROTECTED: Final = frozenset(
    {"RDS.11", "aurora-leaves-a-snapshot", "buckets-not-emptied", "secrets-recoverable"}
)
"""What a stack gives up that is made to be thrown away."""


def weaknesses(graph: Graph, *, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Rules that do not hold -> the resources for which they do not; empty where all is well."""
    found: dict[str, list[str]] = {}
    for finding in findings(graph):
        if finding.id not in ON_PURPOSE and finding.id not in without:
            found.setdefault(finding.id, []).append(f"{finding.resource}: {finding.text}")
    return found
