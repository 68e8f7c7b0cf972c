"""What must hold for every graph, whatever the settings: one list of rules, one list of findings.

``rule`` says what a rule and a finding are. One module for each service or idea holds its rules:
``network``, ``aurora``, ``elasticache``, ``functions``, ``gateway``, ``buckets``, ``policies``,
``secrets``, ``logs``, ``lifecycle`` (changing and destroying a stack) and ``form`` (names, tags).
What checkov already says is not written again here; ``checkov`` asks it, and ``standard`` lists
the controls of AWS Foundational Security Best Practices that are left to it.
"""

from __future__ import annotations

from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules import (
    aurora,
    buckets,
    elasticache,
    form,
    functions,
    gateway,
    lifecycle,
    logs,
    network,
    policies,
    secrets,
)
from aurora_graphql.preview.rules.rule import Finding

RULES: Final = (
    *network.RULES,
    *aurora.RULES,
    *elasticache.RULES,
    *functions.RULES,
    *gateway.RULES,
    *buckets.RULES,
    *policies.RULES,
    *secrets.RULES,
    *logs.RULES,
    *lifecycle.RULES,
    *form.RULES,
)


def findings(graph: Graph) -> list[Finding]:
    """What these rules object to, in their order."""
    return [finding for rule in RULES for finding in rule.findings(graph)]
