"""What must hold for every graph, whatever the settings: functions from a graph to findings.

``registry`` holds the list, ``storage``, ``network``, ``edge``, ``access``, ``form`` and
``destroy`` fill it.
"""

from __future__ import annotations

from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules import access, destroy, edge, form, network, storage
from aurora_graphql.preview.rules.registry import RULES

__all__ = [
    "PRODUCTION_RULES",
    "RULES",
    "access",
    "destroy",
    "edge",
    "findings",
    "form",
    "network",
    "storage",
]

PRODUCTION_RULES: Final = ("deletion_protected",)
"""Rules that a stack may switch off by ``deletionProtection: false``."""


def findings(graph: Graph, *, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Findings by rule; empty where all is well."""
    found = {name: check(graph) for name, check in RULES.items() if name not in without}
    return {name: lines for name, lines in found.items() if lines}
