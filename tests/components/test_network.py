"""The network: its tiers, its routes, and what may pass its edges."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pulumi
import pytest

from aurora_graphql.preview.answers import ZONES
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.data_settings import NetworkSettings
from components.network import Network, NetworkArgs
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, LOCATION, SUBNET_IDS, TAGS, TWO_ZONES, VPC_ID
from tests.components.weaknesses import weaknesses

PLAIN = NetworkArgs(
    location=LOCATION,
    key_arn=KEY_ARN,
    settings=NetworkSettings(zones=TWO_ZONES, interface_endpoints=()),
    tags=TAGS,
)
FULL = replace(
    PLAIN,
    settings=NetworkSettings(
        zones=ZONES,
        zone_count=3,
        public_subnets=True,
        nat="per-zone",
        interface_endpoints=("secretsmanager", "execute-api"),
    ),
)
EXISTING = replace(PLAIN, settings=NetworkSettings(vpc_id=VPC_ID, isolated_subnet_ids=SUBNET_IDS))
VARIANTS = [
    pytest.param(PLAIN, id="isolated-only"),
    pytest.param(FULL, id="every-tier"),
    pytest.param(EXISTING, id="existing"),
]


def with_settings(**changes: Any) -> NetworkArgs:
    return replace(PLAIN, settings=replace(PLAIN.settings, **changes))


def access(graph: Graph) -> dict[str, Any]:
    return dict(graph.component_outputs[graph.named("net").urn]["access"])


def routes(graph: Graph) -> dict[str, str]:
    """Name of every default route -> kind of gateway."""
    return {
        route.name: "nat" if "natGatewayId" in route.property_dependencies else "internet"
        for route in graph.of_type("aws:ec2/route:Route")
        if route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
    }


def test_identities_are_frozen(declared: Declare) -> None:
    assert declared(partial(Network, "net", PLAIN)).types_and_names() == [
        ("aurora-graphql:index:Network", "net"),
        ("aws:cloudwatch/logGroup:LogGroup", "net-flow-log"),
        ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "net-default"),
        ("aws:ec2/flowLog:FlowLog", "net-flow-log"),
        ("aws:ec2/routeTable:RouteTable", "net-isolated"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "net-isolated-1"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "net-isolated-2"),
        ("aws:ec2/subnet:Subnet", "net-isolated-1"),
        ("aws:ec2/subnet:Subnet", "net-isolated-2"),
        ("aws:ec2/vpc:Vpc", "net-vpc"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "net-s3"),
        ("aws:iam/role:Role", "net-flow-log"),
        ("aws:iam/rolePolicy:RolePolicy", "net-flow-log"),
    ]


def test_identities_of_every_tier_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Network, "net", FULL))
    plain = set(declared(partial(Network, "net", PLAIN)).types_and_names())
    added = [pair for pair in graph.types_and_names() if pair not in plain]
    zones = ("1", "2", "3")
    assert added == sorted(
        [("aws:ec2/eip:Eip", f"net-nat-{zone}") for zone in zones]
        + [("aws:ec2/natGateway:NatGateway", f"net-nat-{zone}") for zone in zones]
        + [("aws:ec2/route:Route", f"net-private-{zone}-nat") for zone in zones]
        + [("aws:ec2/routeTable:RouteTable", f"net-private-{zone}") for zone in zones]
        + [
            (typ, f"net-{tier}-{zone}")
            for typ in (
                "aws:ec2/subnet:Subnet",
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
            )
            for tier in ("private", "public")
            for zone in zones
        ]
        + [
            ("aws:ec2/internetGateway:InternetGateway", "net-internet"),
            ("aws:ec2/route:Route", "net-public-internet"),
            ("aws:ec2/routeTable:RouteTable", "net-public"),
            ("aws:ec2/routeTableAssociation:RouteTableAssociation", "net-isolated-3"),
            ("aws:ec2/securityGroup:SecurityGroup", "net-endpoints"),
            ("aws:ec2/subnet:Subnet", "net-isolated-3"),
            ("aws:ec2/vpcEndpoint:VpcEndpoint", "net-execute-api"),
            ("aws:ec2/vpcEndpoint:VpcEndpoint", "net-secretsmanager"),
        ]
    )


@pytest.mark.parametrize("args", VARIANTS)
def test_invariants_hold(declared: Declare, args: NetworkArgs) -> None:
    assert weaknesses(declared(partial(Network, "net", args))) == {}


def test_two_networks_coexist(declared: Declare) -> None:
    def both() -> None:
        Network("one", FULL)
        Network("other", FULL)

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == len(graph.resources)
    assert weaknesses(graph) == {}


@pytest.mark.parametrize(
    ("zones", "expected"),
    [pytest.param(0, 2, id="every-zone"), pytest.param(1, 1, id="one"), (3, 2)],
)
@pytest.mark.parametrize("given", ["plain", "outputs"])
def test_interface_endpoints_stand_in_as_many_zones_as_are_asked_for(
    given: str, zones: int, expected: int
) -> None:
    settings = NetworkSettings(interface_endpoint_zones=zones)
    args = NetworkArgs(location=LOCATION, key_arn=KEY_ARN, settings=settings)
    if given == "outputs":
        subnets = pulumi.Output.from_input(["subnet-1", "subnet-2"])
        args = replace(args, vpc_id="vpc-1", subnet_ids=subnets)
    endpoint = declare(partial(Network, "net", args)).named("net-secretsmanager")
    assert len(endpoint.inputs["subnetIds"]) == expected
    if given == "outputs":
        assert endpoint.inputs["subnetIds"] == ["subnet-1", "subnet-2"][:expected]


def test_default_network_has_no_route_out() -> None:
    assert routes(declare(partial(Network, "net", PLAIN))) == {}


def test_one_nat_gateway_serves_every_zone() -> None:
    args = with_settings(zones=ZONES, zone_count=3, public_subnets=True, nat="one")
    graph = declare(partial(Network, "net", args))
    assert routes(graph) == {"net-public-internet": "internet", "net-private-1-nat": "nat"}
    assert len(graph.of_type("aws:ec2/natGateway:NatGateway")) == 1
    private = [
        association.inputs["routeTableId"]
        for association in graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if "private" in association.name
    ]
    assert private == ["net-private-1-id"] * 3


def test_nat_per_zone_survives_the_loss_of_one() -> None:
    graph = declare(partial(Network, "net", FULL))
    tables = {
        association.name: association.inputs["routeTableId"]
        for association in graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if "private" in association.name
    }
    assert tables == {f"net-private-{zone}": f"net-private-{zone}-id" for zone in (1, 2, 3)}
    gateways = graph.of_type("aws:ec2/natGateway:NatGateway")
    public = [graph.named(f"net-public-{zone}", "aws:ec2/subnet:Subnet") for zone in (1, 2, 3)]
    assert [gateway.property_dependencies["subnetId"] for gateway in gateways] == [
        {subnet.urn} for subnet in public
    ]


def test_s3_is_reached_from_every_tier_that_works() -> None:
    graph = declare(partial(Network, "net", FULL))
    assert graph.named("net-s3").inputs["routeTableIds"] == [
        "net-isolated-id",
        "net-private-1-id",
        "net-private-2-id",
        "net-private-3-id",
    ]


def test_endpoints_admit_this_account_only_and_are_known_at_once() -> None:
    graph = declare(partial(Network, "net", FULL), outputs_known=False)
    policies = {
        endpoint.name: json.loads(endpoint.inputs["policy"])["Statement"][0]
        for endpoint in graph.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    }
    assert {name: policy["Action"] for name, policy in policies.items()} == {
        "net-execute-api": "execute-api:Invoke",
        "net-s3": "s3:*",
        "net-secretsmanager": "secretsmanager:*",
    }


def test_zones_that_nobody_names_are_the_first_of_the_region(declared: Declare) -> None:
    graph = declared(partial(Network, "net", with_settings(zones=())))
    subnets = graph.of_type("aws:ec2/subnet:Subnet")
    assert [subnet.inputs["availabilityZone"] for subnet in subnets] == list(TWO_ZONES)
    assert access(graph)["zones"] == list(TWO_ZONES)


def test_zones_of_existing_subnets_are_not_known() -> None:
    assert access(declare(partial(Network, "net", EXISTING)))["zones"] == []


def test_existing_vpc_gets_endpoints_and_nothing_else(declared: Declare) -> None:
    graph = declared(partial(Network, "net", EXISTING))
    assert graph.types_and_names() == [
        ("aurora-graphql:index:Network", "net"),
        ("aws:ec2/securityGroup:SecurityGroup", "net-endpoints"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "net-secretsmanager"),
    ]
    found = access(graph)
    assert found["vpc_id"] == VPC_ID
    assert found["subnet_ids"] == list(SUBNET_IDS)
    assert found["s3_prefix_list_id"] == "pl-6ea54007"


def test_existing_endpoints_are_used() -> None:
    settings = replace(
        EXISTING.settings,
        interface_endpoints=(),
        endpoint_security_group_id="sg-0123456789abcdef0",
    )
    graph = declare(partial(Network, "net", replace(EXISTING, settings=settings)))
    assert graph.types_and_names() == [("aurora-graphql:index:Network", "net")]
    assert access(graph)["endpoint_security_group_id"] == "sg-0123456789abcdef0"


def test_network_without_endpoints_names_no_group_of_them() -> None:
    assert "endpoint_security_group_id" not in access(declare(partial(Network, "net", PLAIN)))


def test_flow_log_can_be_left_out() -> None:
    args = with_settings(flow_logs=False)
    graph = declare(partial(Network, "net", args))
    assert graph.of_type("aws:ec2/flowLog:FlowLog") == []
    assert graph.of_type("aws:iam/role:Role") == []
