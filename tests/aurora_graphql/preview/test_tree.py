"""The tree of a stack, and of a small graph."""

from __future__ import annotations

import pytest

from aurora_graphql.preview.tree import tree_text
from tests.aurora_graphql.preview import golden
from tests.aurora_graphql.preview.graphs import graph, resource
from tests.recorded import Recorded

NETWORK = resource("aurora-graphql:index:Network", "shop-network")
KEYS = resource("aurora-graphql:index:Encryption", "shop-encryption")


@pytest.mark.parametrize("stack", ["dev", "small", "prod"])
def test_tree_of_a_stack(recorded: Recorded, request: pytest.FixtureRequest, stack: str) -> None:
    text = tree_text(recorded(stack)) + "\n"
    golden.check(request, golden.GOLDEN / f"{stack}.tree.txt", text)


def test_tree_counts_below_gathers_types_and_orders_tiers() -> None:
    inner = resource("aurora-graphql:index:Doors", "shop-network-doors", parent=NETWORK.urn)
    found = graph(
        NETWORK,
        KEYS,
        inner,
        resource("aws:kms/key:Key", "shop-key", parent=KEYS.urn, protect=True),
        resource("aws:ec2/subnet:Subnet", "shop-1", parent=NETWORK.urn),
        resource("aws:ec2/subnet:Subnet", "shop-2", parent=NETWORK.urn),
        resource("aws:ec2/vpcEndpoint:VpcEndpoint", "shop-s3", parent=inner.urn),
    )
    assert [line.split() for line in tree_text(found).splitlines()] == [
        ["4", "resources", "in", "3", "components,", "1", "of", "them", "protected"],
        ["Encryption", "1", "Key"],
        ["Network", "3", "Subnet", "x2"],
        ["Doors", "doors", "1", "VpcEndpoint"],
    ]


def test_resource_outside_of_every_component_is_not_hidden() -> None:
    assert tree_text(graph(resource("aws:sns/topic:Topic", "loose"))).endswith(
        "without a component: Topic"
    )
