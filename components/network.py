"""Network: a VPC in which the work is done without a way out, or an existing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components import iam, timeouts
from components.limits import LOG_RETENTION_DAYS, check_choice
from components.location import Location
from components.naming import merge_tags
from components.subnets import SubnetPlan, plan_subnets


@dataclass(frozen=True, kw_only=True)
class ExistingVpc:
    """A VPC that somebody else owns. Its isolated subnets need a gateway endpoint to S3."""

    vpc_id: str
    isolated_subnet_ids: Sequence[str]
    private_subnet_ids: Sequence[str] = ()
    endpoint_security_group_id: str = ""  # of its interface endpoints; empty: ours are added


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a caller chooses about the network. ``zones``: names, one subnet of each tier in each.

    With ``existing`` only the interface endpoints are created, and those only when the VPC has none
    of its own.
    """

    location: Location
    key_arn: pulumi.Input[str]  # encrypts the flow log
    cidr: str = "10.20.0.0/16"
    zones: Sequence[pulumi.Input[str]] = ()
    public_subnets: bool = False
    nat: Literal["none", "one", "per-zone"] = "none"
    interface_endpoints: Sequence[str] = ()
    flow_logs: bool = True
    log_retention_days: int = 365
    existing: ExistingVpc | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("nat", self.nat, ("none", "one", "per-zone"))
        check_choice("log_retention_days", self.log_retention_days, LOG_RETENTION_DAYS)
        if self.nat != "none" and not self.public_subnets:
            raise ValueError(f"nat {self.nat} needs public_subnets, where its gateway stands")
        if self.existing is None:
            self.plan()  # raises for a block or a number of zones that does not fit

    def plan(self) -> SubnetPlan:
        """The CIDRs of every tier."""
        return plan_subnets(
            self.cidr,
            zone_count=len(self.zones),
            public=self.public_subnets,
            private=self.nat != "none",
        )


class Network(pulumi.ComponentResource):
    """Subnets by tier: isolated (no route out), private (out through NAT), public (both ways).

    Outputs: ``vpc_id``; ``isolated_subnet_ids``, ``private_subnet_ids``, ``public_subnet_ids`` (one
    per zone or empty); ``s3_prefix_list_id``, to which a consumer opens its own egress;
    ``endpoint_security_group_id`` of the interface endpoints, or None without any; and
    ``interface_endpoint_ids`` by service.
    """

    vpc_id: pulumi.Output[str]
    isolated_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    public_subnet_ids: list[pulumi.Output[str]]
    s3_prefix_list_id: pulumi.Output[str]
    endpoint_security_group_id: pulumi.Output[str] | None
    interface_endpoint_ids: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:component:Network", name, None, opts)
        self._name = name
        self._args = args
        self._tags = merge_tags(args.tags, {"component": name})
        self._child = pulumi.ResourceOptions(parent=self)
        self.endpoint_security_group_id = None
        self.interface_endpoint_ids = {}
        if args.existing is None:
            self._declare_vpc()
        else:
            self._adopt_vpc(args.existing)
        if args.interface_endpoints:
            self._declare_interface_endpoints()
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "isolated_subnet_ids": self.isolated_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
                "public_subnet_ids": self.public_subnet_ids,
                "s3_prefix_list_id": self.s3_prefix_list_id,
                "endpoint_security_group_id": self.endpoint_security_group_id,
                "interface_endpoint_ids": self.interface_endpoint_ids,
            }
        )

    def _named(self, suffix: str = "") -> dict[str, str]:
        """Tags with the name that the VPC console shows."""
        return {"Name": self._name + suffix, **self._tags}

    def _adopt_vpc(self, existing: ExistingVpc) -> None:
        self.vpc_id = pulumi.Output.from_input(existing.vpc_id)
        self.isolated_subnet_ids = [
            pulumi.Output.from_input(subnet) for subnet in existing.isolated_subnet_ids
        ]
        self.private_subnet_ids = [
            pulumi.Output.from_input(subnet) for subnet in existing.private_subnet_ids
        ]
        self.public_subnet_ids = []
        self.s3_prefix_list_id = aws.ec2.get_managed_prefix_list_output(
            name=f"com.amazonaws.{self._args.location.region}.s3",
            opts=pulumi.InvokeOutputOptions(parent=self),
        ).id
        if existing.endpoint_security_group_id:
            self.endpoint_security_group_id = pulumi.Output.from_input(
                existing.endpoint_security_group_id
            )

    def _declare_vpc(self) -> None:
        name, args = self._name, self._args
        plan = args.plan()
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # private names of interface endpoints need both
            tags=self._named(),
            opts=self._child,
        )
        self.vpc_id = vpc.id
        # Without rules: what joins no group of its own neither hears nor says anything.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default",
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._named("-default"),
            opts=self._child,
        )
        isolated_table = self._declare_route_table("isolated")
        self.isolated_subnet_ids = self._declare_subnets(
            "isolated", plan.isolated, [isolated_table] * len(plan.isolated)
        )
        tables = [isolated_table]
        self.public_subnet_ids = []
        self.private_subnet_ids = []
        if args.public_subnets:
            public_table = self._declare_public_route()
            self.public_subnet_ids = self._declare_subnets(
                "public", plan.public, [public_table] * len(plan.public)
            )
        if args.nat != "none":
            private_tables = self._declare_nat_routes()
            self.private_subnet_ids = self._declare_subnets("private", plan.private, private_tables)
            tables += dict.fromkeys(private_tables)
        self._declare_s3_endpoint(tables)
        if args.flow_logs:
            self._declare_flow_log()

    def _declare_route_table(self, suffix: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{suffix}",
            vpc_id=self.vpc_id,
            tags=self._named(f"-{suffix}"),
            opts=self._child,
        )

    def _declare_subnets(
        self, tier: str, cidrs: Sequence[str], tables: Sequence[aws.ec2.RouteTable]
    ) -> list[pulumi.Output[str]]:
        """One subnet per zone, on the route table of its zone."""
        ids = []
        for number, (cidr, zone, table) in enumerate(
            zip(cidrs, self._args.zones, tables, strict=True), start=1
        ):
            subnet = aws.ec2.Subnet(
                f"{self._name}-{tier}-{number}",
                vpc_id=self.vpc_id,
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

    def _declare_public_route(self) -> aws.ec2.RouteTable:
        name = self._name
        gateway = aws.ec2.InternetGateway(
            f"{name}-internet", vpc_id=self.vpc_id, tags=self._named(), opts=self._child
        )
        table = self._declare_route_table("public")
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self._child,
        )
        return table

    def _declare_nat_routes(self) -> list[aws.ec2.RouteTable]:
        """A route table per zone, all the same one where there is one NAT gateway."""
        name, args = self._name, self._args
        count = 1 if args.nat == "one" else len(args.zones)
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
            table = self._declare_route_table(f"private-{number}")
            aws.ec2.Route(
                f"{name}-private-{number}-nat",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateway.id,
                opts=self._child,
            )
            tables.append(table)
        return tables if args.nat == "per-zone" else tables * len(args.zones)

    def _declare_s3_endpoint(self, tables: Sequence[aws.ec2.RouteTable]) -> None:
        location = self._args.location
        endpoint = aws.ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{location.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            policy=iam.encode(iam.endpoint_policy("s3", location=location)),
            tags=self._named("-s3"),
            opts=self._child,
        )
        self.s3_prefix_list_id = endpoint.prefix_list_id

    def _declare_interface_endpoints(self) -> None:
        """Endpoints with one security group, whose ingress rules the consumers add."""
        name, location = self._name, self._args.location
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            description=f"Interface endpoints of {name}",
            vpc_id=self.vpc_id,
            revoke_rules_on_delete=True,
            tags=self._named("-endpoints"),
            opts=self._child,
        )
        for service in self._args.interface_endpoints:
            endpoint = aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{location.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=self.isolated_subnet_ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                policy=iam.encode(iam.endpoint_policy(service, location=location)),
                tags=self._named(f"-{service}"),
                opts=self._child,
            )
            self.interface_endpoint_ids[service] = endpoint.id
        self.endpoint_security_group_id = group.id

    def _declare_flow_log(self) -> None:
        name, args = self._name, self._args
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow-log",
            retention_in_days=args.log_retention_days,
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
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
