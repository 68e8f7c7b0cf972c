"""Pulumi registers what does not depend on each other in any order: no output may show which."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest

from aurora_graphql.preview.cost import cost_text, estimate
from aurora_graphql.preview.diagram import draw
from aurora_graphql.preview.difference import compare, difference_text
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.picture import build_picture
from aurora_graphql.preview.policy import find, judge, load_excuses, stack_prefix
from aurora_graphql.preview.prices import Prices
from aurora_graphql.preview.report import policy_text, unknowns_text
from aurora_graphql.preview.rules.checkov import Report
from aurora_graphql.preview.terraform import build_plan
from aurora_graphql.preview.traffic import Traffic
from aurora_graphql.preview.tree import tree_text
from tests.recorded import Recorded

NO_REPORT: Final = Report(version="0", passed=0, failed=())


def _policies(graph: Graph) -> str:
    found = find(graph)
    verdict = judge(found, load_excuses())
    return f"{found}\n{policy_text(verdict, NO_REPORT)}"


OUTPUTS: Final[Mapping[str, Callable[[Graph], str]]] = {
    "tree": tree_text,
    "picture": lambda graph: draw(build_picture(graph), "a stack"),
    "bill": lambda graph: cost_text(estimate(graph, Traffic(), Prices.load())),
    "policies": _policies,
    "plan": lambda graph: json.dumps(build_plan(graph)),
    "record": lambda graph: json.dumps(graph.to_json()),
    "difference": lambda graph: difference_text(
        compare(replace(graph, resources=graph.resources[:1]), graph), stack_prefix(graph)
    ),
    "unknowns": lambda graph: unknowns_text(graph, graph),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_output_does_not_show_the_order_of_registration(recorded: Recorded, output: str) -> None:
    graph = recorded(
        "prod",
        networkNat="per-zone",
        networkPublicSubnets=True,
        networkInterfaceEndpoints=["secretsmanager", "kms", "logs"],
        apiKeyNames=["shop", "till"],
    )
    first, *others = graph.resources
    expected = OUTPUTS[output](graph)
    for seed in range(3):
        shuffled = random.Random(seed).sample(others, len(others))
        assert OUTPUTS[output](replace(graph, resources=(first, *shuffled))) == expected
