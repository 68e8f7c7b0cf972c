"""The roads: closed unless a rule names who comes, and no way out of an isolated subnet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.replacement import FACTS
from aurora_graphql.preview.rules.registry import pointing_at, rule


@rule
def database_private(graph: Graph) -> Iterator[str]:
    """Database, proxy and cache stand in isolated subnets and have no public address."""
    for instance in graph.of_type("aws:rds/clusterInstance:ClusterInstance"):
        if instance.inputs.get("publiclyAccessible") is not False:
            yield f"{instance.name}: has a public address"
    for subnet in graph.of_type("aws:ec2/subnet:Subnet"):
        if subnet.inputs.get("mapPublicIpOnLaunch") is not False:
            yield f"{subnet.name}: gives out public addresses"
    isolated = {
        resource.urn
        for resource in graph.of_type("aws:ec2/subnet:Subnet")
        if (resource.inputs.get("tags") or {}).get("tier") == "isolated"
    }
    subnets = {resource.urn for resource in graph.of_type("aws:ec2/subnet:Subnet")}
    for typ, name in (
        ("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
        ("aws:rds/proxy:Proxy", "vpcSubnetIds"),
        ("aws:rds/proxyEndpoint:ProxyEndpoint", "vpcSubnetIds"),
        ("aws:elasticache/serverlessCache:ServerlessCache", "subnetIds"),
        ("aws:elasticache/subnetGroup:SubnetGroup", "subnetIds"),
    ):
        for resource in graph.of_type(typ):
            used = resource.property_dependencies.get(name, frozenset()) & subnets
            if not used <= isolated:
                yield f"{resource.name}: stands in a subnet that is not isolated"
            if not resource.inputs.get(name):
                yield f"{resource.name}: no subnets"


@rule
def isolated_subnets_have_no_way_out(graph: Graph) -> Iterator[str]:
    """No default route on the route table of an isolated subnet."""
    isolated = {
        resource.urn
        for resource in graph.of_type("aws:ec2/subnet:Subnet")
        if (resource.inputs.get("tags") or {}).get("tier") == "isolated"
    }
    tables: set[str] = set()
    for association in graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
        if association.property_dependencies.get("subnetId", frozenset()) & isolated:
            tables |= association.property_dependencies.get("routeTableId", frozenset())
    for route in graph.of_type("aws:ec2/route:Route"):
        if route.property_dependencies.get("routeTableId", frozenset()) & tables:
            yield f"{route.name}: leads out of an isolated subnet"


@rule
def functions_are_placed(graph: Graph) -> Iterator[str]:
    """A function in a network has subnets and a security group of its own."""
    groups = [one.urn for one in graph.of_type("aws:ec2/securityGroup:SecurityGroup")]
    for function in graph.of_type("aws:lambda/function:Function"):
        config = function.inputs.get("vpcConfig")
        if config is None:
            continue
        if not config.get("subnetIds"):
            yield f"{function.name}: no subnets"
        used = function.property_dependencies.get("vpcConfig", frozenset())
        if not config.get("securityGroupIds") or not used.intersection(groups):
            yield f"{function.name}: no security group of its own"


EVERYWHERE: Final = ("0.0.0.0/0", "::/0")

PUBLIC_ACCESS_BLOCKS: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)

PLACES: Final = ("availabilityZone", "subnetIds", "vpcSubnetIds")
"""Inputs that change with a further zone."""


@rule
def places_are_frozen(graph: Graph) -> Iterator[str]:
    """What AWS cannot move stays where it was made: under its fixed name it would go first.

    A subnet of another zone is another network, which is another stack.
    """
    for resource in graph.resources:
        facts = FACTS.get(resource.typ)
        if facts is None or resource.typ == "aws:ec2/subnet:Subnet":
            continue
        for place in PLACES:
            if (
                place in facts.forced_by
                and resource.inputs.get(place) is not None
                and place not in resource.ignore_changes
            ):
                yield f"{resource.name}: another {place} would delete it before it is made anew"


@rule
def no_open_ingress(graph: Graph) -> Iterator[str]:
    """Rules name a security group or a prefix list, one port, and a reason; none is inline."""
    for kind in ("Ingress", "Egress"):
        typ = f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule"
        for resource in graph.of_type(typ):
            inputs = resource.inputs
            if kind == "Ingress" and (
                inputs.get("cidrIpv4") in EVERYWHERE or inputs.get("cidrIpv6") in EVERYWHERE
            ):
                yield f"{resource.name}: open to everybody"
            if not inputs.get("referencedSecurityGroupId") and not inputs.get("prefixListId"):
                yield f"{resource.name}: names no security group or prefix list"
            if inputs.get("ipProtocol") in ("-1", "all") or (
                inputs.get("fromPort") != inputs.get("toPort")
            ):
                yield f"{resource.name}: more than one port"
            if not inputs.get("description"):
                yield f"{resource.name}: no description"
    for group in graph.of_type("aws:ec2/securityGroup:SecurityGroup"):
        if group.inputs.get("ingress") or group.inputs.get("egress"):
            yield f"{group.name}: inline rules"
        if not group.inputs.get("description"):
            yield f"{group.name}: no description"
    for group in graph.of_type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"):
        if group.inputs.get("ingress") or group.inputs.get("egress"):
            yield f"{group.name}: the default security group lets something through"
    for vpc in graph.of_type("aws:ec2/vpc:Vpc"):
        typ = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
        if not pointing_at(graph, vpc, typ, "vpcId"):
            yield f"{vpc.name}: the default security group is left as AWS makes it"
    for block in graph.of_type("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"):
        for name in PUBLIC_ACCESS_BLOCKS:
            if block.inputs.get(name) is not True:
                yield f"{block.name}: {name} is not set"
    for bucket in graph.of_type("aws:s3/bucket:Bucket"):
        typ = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
        if not pointing_at(graph, bucket, typ, "bucket"):
            yield f"{bucket.name}: no public access block"
