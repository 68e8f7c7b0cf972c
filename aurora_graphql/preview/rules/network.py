"""The network: isolated subnets, and security groups that name who comes and to which port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules.rule import Problem, Rule

SUBNET: Final = "aws:ec2/subnet:Subnet"
EVERYWHERE: Final = ("0.0.0.0/0", "::/0")

_PLACED: Final = (
    ("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
    ("aws:rds/proxy:Proxy", "vpcSubnetIds"),
    ("aws:rds/proxyEndpoint:ProxyEndpoint", "vpcSubnetIds"),
    ("aws:elasticache/serverlessCache:ServerlessCache", "subnetIds"),
    ("aws:elasticache/subnetGroup:SubnetGroup", "subnetIds"),
)


_GROUPED: Final = (
    ("aws:ec2/instance:Instance", "vpcSecurityGroupIds"),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "securityGroupIds"),
    ("aws:elasticache/serverlessCache:ServerlessCache", "securityGroupIds"),
    ("aws:rds/cluster:Cluster", "vpcSecurityGroupIds"),
    ("aws:rds/proxy:Proxy", "vpcSecurityGroupIds"),
    ("aws:rds/proxyEndpoint:ProxyEndpoint", "vpcSecurityGroupIds"),
)
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"


def _isolated(graph: Graph) -> set[str]:
    return {
        subnet.urn
        for subnet in graph.of_type(SUBNET)
        if (subnet.inputs.get("tags") or {}).get("tier") == "isolated"
    }


def _data_is_isolated(graph: Graph) -> Iterator[Problem]:
    isolated = _isolated(graph)
    subnets = {subnet.urn for subnet in graph.of_type(SUBNET)}
    for typ, name in _PLACED:
        for resource in graph.of_type(typ):
            used = resource.property_dependencies.get(name, frozenset()) & subnets
            if not used <= isolated:
                yield resource.name, "is in a subnet that is not isolated"
            if not resource.inputs.get(name):
                yield resource.name, "has no subnets"


def _no_way_out(graph: Graph) -> Iterator[Problem]:
    isolated = _isolated(graph)
    tables: set[str] = set()
    for association in graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
        if association.property_dependencies.get("subnetId", frozenset()) & isolated:
            tables |= association.property_dependencies.get("routeTableId", frozenset())
    for route in graph.of_type("aws:ec2/route:Route"):
        if route.property_dependencies.get("routeTableId", frozenset()) & tables:
            yield route.name, "leads out of an isolated subnet"


def _rules_name_their_source(graph: Graph) -> Iterator[Problem]:
    for kind in ("Ingress", "Egress"):
        for resource in graph.of_type(f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule"):
            inputs = resource.inputs
            addresses = (inputs.get("cidrIpv4"), inputs.get("cidrIpv6"))
            if kind == "Ingress" and any(address in EVERYWHERE for address in addresses):
                yield resource.name, "is open to everybody"
            if not inputs.get("referencedSecurityGroupId") and not inputs.get("prefixListId"):
                yield resource.name, "names no security group or prefix list"
            if inputs.get("ipProtocol") in ("-1", "all") or (
                inputs.get("fromPort") != inputs.get("toPort")
            ):
                yield resource.name, "opens more than one port"
    for group in graph.of_type("aws:ec2/securityGroup:SecurityGroup"):
        if group.inputs.get("ingress") or group.inputs.get("egress"):
            yield group.name, "has rules of its own beside those of whoever uses it"


def _have_groups(graph: Graph) -> Iterator[Problem]:
    found = [(each, name) for typ, name in _GROUPED for each in graph.of_type(typ)]
    found += [
        (each, "securityGroupIds")
        for each in graph.of_type(_ENDPOINT)
        if each.inputs.get("vpcEndpointType") == "Interface"
    ]
    for resource, name in found:
        if not resource.inputs.get(name):
            yield resource.name, "joins the VPC's default security group"


RULES: Final = (
    Rule(
        id="nothing-joins-the-default-group",
        holds="whatever has a network interface names its security groups",
        why="The default group is shared by all that names none, whatever it lets in.",
        remedy="set vpc_security_group_ids or security_group_ids",
        check=_have_groups,
    ),
    Rule(
        id="data-is-isolated",
        holds="database, proxy and cache are in isolated subnets",
        why="Nothing outside the VPC can reach them, whatever a security group says.",
        remedy="give them the network's isolated_subnet_ids",
        check=_data_is_isolated,
    ),
    Rule(
        id="isolated-subnets-have-no-way-out",
        holds="the route tables of isolated subnets have no route to a gateway",
        why="Code that was taken over could send data out.",
        remedy="remove the route, or use private subnets",
        check=_no_way_out,
    ),
    Rule(
        id="security-group-rules-name-their-source",
        holds="a rule names a security group or a prefix list, and one port",
        why="An address range also lets in whoever gets one of its addresses later.",
        remedy="set referenced_security_group_id or prefix_list_id, from_port equal to to_port",
        check=_rules_name_their_source,
        also=("EC2.18", "EC2.19"),
    ),
)
