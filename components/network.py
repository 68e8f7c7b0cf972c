"""Network: a VPC whose functions and data have no route to the internet, or an existing VPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components import iam, timeouts
from components.access import NetworkAccess
from components.data_settings import NetworkSettings
from components.defaults import settled
from components.identity import formerly
from components.location import HERE, Location, first_zones
from components.naming import merge_tags
from components.outputs import register
from components.subnets import SubnetPlan, check_subnets, is_given, plan_subnets


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a caller chooses about the network, and the key that encrypts its flow log.

    Zones that ``settings`` does not name are the first of the region. Where it names a VPC, only
    the interface endpoints are created, and those only when the VPC has none of its own. A program
    that has the VPC as outputs gives ``vpc_id`` and ``subnet_ids`` (isolated, one per zone) here
    in place of the settings' identifiers.
    """

    location: Location = HERE
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    settings: NetworkSettings = field(default_factory=NetworkSettings)
    vpc_id: pulumi.Input[str] = ""
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if is_given(self.vpc_id) != is_given(self.subnet_ids):
            raise ValueError("vpc_id and subnet_ids belong together: give both or none of them")
        if is_given(self.subnet_ids):
            check_subnets(self.subnet_ids)
            if self.settings.vpc_id:
                raise ValueError(
                    f"vpc_id is given twice, in the settings as {self.settings.vpc_id}"
                )

    @property
    def adopted_vpc(self) -> tuple[pulumi.Input[str], pulumi.Input[Sequence[pulumi.Input[str]]]]:
        """The existing VPC and its isolated subnets; an empty name where there is none."""
        if is_given(self.vpc_id):
            return self.vpc_id, self.subnet_ids
        return self.settings.vpc_id, self.settings.isolated_subnet_ids

    def plan(self) -> SubnetPlan:
        """The CIDRs of every tier."""
        return plan_subnets(
            self.settings.cidr,
            zone_count=self.settings.zone_count,
            public=self.settings.public_subnets,
            private=self.settings.nat != "none",
        )


class Network(pulumi.ComponentResource):
    """Subnets by tier: isolated (no route out), private (out through NAT), public (both ways).

    Outputs: ``access``, the record that the other tiers take: the VPC, its isolated subnets and its
    endpoints; ``private_subnet_ids`` and ``public_subnet_ids`` (one per zone or empty).

    Example, with the key of ``Encryption``'s::

        from components.data_settings import NetworkSettings
        from components.network import Network, NetworkArgs

        network = Network(
            "shop-network",
            NetworkArgs(
                location=location,
                key_arn=encryption.key_arn,
                settings=NetworkSettings(zone_count=3),
            ),
        )
    """

    access: NetworkAccess
    private_subnet_ids: list[pulumi.Output[str]]
    public_subnet_ids: list[pulumi.Output[str]]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Network", name, None, formerly("Network", opts))
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._tags = merge_tags(args.tags, {"component": name})
        self._child = pulumi.ResourceOptions(parent=self)
        access = self._adopt_vpc() if is_given(args.adopted_vpc[0]) else self._declare_vpc()
        if args.settings.interface_endpoints:
            access = self._declare_interface_endpoints(access)
        self.access = access
        register(self)

    def _named(self, suffix: str = "") -> dict[str, str]:
        """Tags with the name that the VPC console shows."""
        return {"Name": self._name + suffix, **self._tags}

    def _adopt_vpc(self) -> NetworkAccess:
        settings = self._args.settings
        vpc_id, subnet_ids = self._args.adopted_vpc
        self.private_subnet_ids = [
            pulumi.Output.from_input(subnet) for subnet in settings.private_subnet_ids
        ]
        self.public_subnet_ids = []
        s3 = aws.ec2.get_managed_prefix_list_output(
            name=f"com.amazonaws.{self._args.location.region}.s3",
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return NetworkAccess(
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            s3_prefix_list_id=s3.id,
            endpoint_security_group_id=settings.endpoint_security_group_id or None,
        )

    def _declare_vpc(self) -> NetworkAccess:
        name, settings = self._name, self._args.settings
        plan = self._args.plan()
        zones = settings.zones or first_zones(settings.zone_count, parent=self)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=settings.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # private names of interface endpoints need both
            tags=self._named(),
            opts=self._child,
        )
        # Without rules: what joins no group of its own neither hears nor says anything.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default",
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._named("-default"),
            opts=self._child,
        )
        isolated_table = self._declare_route_table(vpc, "isolated")
        isolated = [isolated_table] * len(plan.isolated)
        subnet_ids = self._declare_subnets(vpc, "isolated", plan.isolated, zones, isolated)
        tables = [isolated_table]
        self.public_subnet_ids = []
        self.private_subnet_ids = []
        if settings.public_subnets:
            public = [self._declare_public_route(vpc)] * len(plan.public)
            self.public_subnet_ids = self._declare_subnets(
                vpc, "public", plan.public, zones, public
            )
        if settings.nat != "none":
            private = self._declare_nat_routes(vpc)
            self.private_subnet_ids = self._declare_subnets(
                vpc, "private", plan.private, zones, private
            )
            tables += dict.fromkeys(private)
        if settings.flow_logs:
            self._declare_flow_log(vpc)
        return NetworkAccess(
            vpc_id=vpc.id,
            subnet_ids=subnet_ids,
            zones=zones,
            s3_prefix_list_id=self._declare_s3_endpoint(vpc, tables),
        )

    def _declare_route_table(self, vpc: aws.ec2.Vpc, suffix: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{suffix}",
            vpc_id=vpc.id,
            tags=self._named(f"-{suffix}"),
            opts=self._child,
        )

    def _declare_subnets(
        self,
        vpc: aws.ec2.Vpc,
        tier: str,
        cidrs: Sequence[str],
        zones: Sequence[pulumi.Input[str]],
        tables: Sequence[aws.ec2.RouteTable],
    ) -> list[pulumi.Output[str]]:
        """One subnet per zone, on the route table of its zone."""
        ids = []
        for number, (cidr, zone, table) in enumerate(
            zip(cidrs, zones, tables, strict=True), start=1
        ):
            subnet = aws.ec2.Subnet(
                f"{self._name}-{tier}-{number}",
                vpc_id=vpc.id,
                cidr_block=cidr,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags={**self._named(f"-{tier}-{number}"), "tier": tier},
                opts=pulumi.ResourceOptions(parent=self, custom_timeouts=timeouts.INTERFACES),
            )
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{tier}-{number}",
                subnet_id=subnet.id,
                route_table_id=table.id,
                opts=self._child,
            )
            ids.append(subnet.id)
        return ids

    def _declare_public_route(self, vpc: aws.ec2.Vpc) -> aws.ec2.RouteTable:
        name = self._name
        gateway = aws.ec2.InternetGateway(
            f"{name}-internet", vpc_id=vpc.id, tags=self._named(), opts=self._child
        )
        table = self._declare_route_table(vpc, "public")
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self._child,
        )
        return table

    def _declare_nat_routes(self, vpc: aws.ec2.Vpc) -> list[aws.ec2.RouteTable]:
        """A route table per zone, all the same one where there is one NAT gateway."""
        name, settings = self._name, self._args.settings
        count = 1 if settings.nat == "one" else settings.zone_count
        tables = []
        for number in range(1, count + 1):
            address = aws.ec2.Eip(
                f"{name}-nat-{number}",
                domain="vpc",
                tags=self._named(f"-nat-{number}"),
                opts=self._child,
            )
            gateway = aws.ec2.NatGateway(
                f"{name}-nat-{number}",
                allocation_id=address.allocation_id,
                subnet_id=self.public_subnet_ids[number - 1],
                tags=self._named(f"-nat-{number}"),
                opts=self._child,
            )
            table = self._declare_route_table(vpc, f"private-{number}")
            aws.ec2.Route(
                f"{name}-private-{number}-nat",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateway.id,
                opts=self._child,
            )
            tables.append(table)
        return tables if settings.nat == "per-zone" else tables * settings.zone_count

    def _declare_s3_endpoint(
        self, vpc: aws.ec2.Vpc, tables: Sequence[aws.ec2.RouteTable]
    ) -> pulumi.Output[str]:
        location = self._args.location
        endpoint = aws.ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{location.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            policy=iam.encode(iam.endpoint_policy("s3", location=location)),
            tags=self._named("-s3"),
            opts=self._child,
        )
        return endpoint.prefix_list_id

    def _declare_interface_endpoints(self, access: NetworkAccess) -> NetworkAccess:
        """``access`` with endpoints, and one security group whose rules the consumers add."""
        name, location = self._name, self._args.location
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            description=f"Interface endpoints of {name}",
            vpc_id=access.vpc_id,
            revoke_rules_on_delete=True,
            tags=self._named("-endpoints"),
            opts=self._child,
        )
        subnet_ids = _first(access.subnet_ids, self._args.settings.interface_endpoint_zones)
        endpoints = {
            service: aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=access.vpc_id,
                service_name=f"com.amazonaws.{location.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=subnet_ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                policy=iam.encode(iam.endpoint_policy(service, location=location)),
                tags=self._named(f"-{service}"),
                opts=self._child,
            )
            for service in self._args.settings.interface_endpoints
        }
        return replace(
            access,
            endpoint_security_group_id=group.id,
            interface_endpoint_ids={name: one.id for name, one in endpoints.items()},
        )

    def _declare_flow_log(self, vpc: aws.ec2.Vpc) -> None:
        name, args = self._name, self._args
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow-log",
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.key_arn,
            tags=self._tags,
            opts=self._child,
        )
        role = aws.iam.Role(
            f"{name}-flow-log",
            description=f"Writes the flow log of {name}",
            assume_role_policy=iam.encode(
                iam.trust("vpc-flow-logs.amazonaws.com", location=args.location)
            ),
            tags=self._tags,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-flow-log",
            role=role.name,
            policy=iam.encode(iam.document(iam.write_log_group(group.arn))),
            opts=self._child,
        )
        aws.ec2.FlowLog(
            f"{name}-flow-log",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )


def _first(
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]], count: int
) -> pulumi.Input[Sequence[pulumi.Input[str]]]:
    """``count`` of the subnets, of which there is one per zone; 0: all."""
    if not count:
        return subnet_ids
    if isinstance(subnet_ids, Sequence):
        return subnet_ids[:count]
    known: pulumi.Output[Any] = pulumi.Output.from_input(subnet_ids)
    return known.apply(lambda ids: ids[:count])
