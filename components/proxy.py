"""DatabaseProxy: RDS Proxy in front of one cluster, for callers that log in by IAM over TLS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import iam, timeouts
from components.api_settings import MonitoringSettings
from components.data_settings import ProxySettings
from components.defaults import settled
from components.identity import formerly
from components.limits import check_identifier
from components.location import HERE, Location
from components.naming import merge_tags
from components.outputs import register
from components.readiness import known_after
from components.signals import Alarm, Signals, Station, lines_of
from components.subnets import check_subnets

PORT: Final = 3306
"""A proxy for MySQL listens here and nowhere else, whatever the cluster's own port."""

IDENTIFIER_LIMIT: Final = 50
"""RDS takes 63 characters; the READ_ONLY endpoint's name is longer by a suffix."""


BORROW_LATENCY_SHARE: Final = 0.5  # of the borrow timeout
PINNED_SESSIONS: Final = 1


@dataclass(frozen=True, kw_only=True)
class WatchedProxy:
    """A proxy in front of a cluster, as its metrics name it."""

    proxy_name: pulumi.Input[str]
    borrow_timeout_s: int

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Its alarms and its station."""
        del namespace, settings  # all metrics are RDS's own, and no limit is chosen
        proxy = {"ProxyName": self.proxy_name}
        service = "AWS/RDS"
        return Signals(
            alarms=[
                Alarm(
                    name="proxy-borrow-latency",
                    meaning="Requests wait long for a database connection",
                    namespace=service,
                    metric="DatabaseConnectionsBorrowLatency",
                    dimensions=proxy,
                    statistic="Average",
                    threshold=self.borrow_timeout_s * 1_000_000 * BORROW_LATENCY_SHARE,  # us
                ),
                Alarm(
                    name="proxy-pinned-sessions",
                    meaning="A statement pins connections, so they are not shared any more",
                    namespace=service,
                    metric="DatabaseConnectionsCurrentlySessionPinned",
                    dimensions=proxy,
                    statistic="Maximum",
                    threshold=PINNED_SESSIONS,
                ),
            ],
            stations=[
                Station(
                    title="Proxy",
                    traffic=lines_of(service, proxy, ("QueryRequests", "Sum", "statements")),
                    latency=lines_of(
                        service,
                        proxy,
                        ("DatabaseConnectionsBorrowLatency", "Average", "borrow, us"),
                        ("QueryDatabaseResponseLatency", "Average", "answer, us"),
                    ),
                    errors=lines_of(
                        service,
                        proxy,
                        ("DatabaseConnectionsSetupFailed", "Sum", "failed to the database"),
                        ("ClientConnectionsSetupFailedAuth", "Sum", "failed log-ins"),
                    ),
                    saturation=lines_of(
                        service,
                        proxy,
                        ("ClientConnections", "Maximum", "clients"),
                        ("DatabaseConnections", "Maximum", "connections"),
                        ("DatabaseConnectionsCurrentlySessionPinned", "Maximum", "pinned"),
                    ),
                )
            ],
        )


@dataclass(frozen=True, kw_only=True)
class DatabaseProxyArgs:
    """What a caller chooses about the proxy. ``identifier`` is unique in account and region.

    ``secret_arn`` is of ``user``'s password when ``settings.authentication`` is ``secret``, and
    None when it is ``iam``. ``read_only_endpoint`` needs a cluster with at least one reader.
    """

    location: Location = HERE
    identifier: str
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    cluster_identifier: pulumi.Input[str]  # known once the instances run
    cluster_resource_id: pulumi.Input[str]
    cluster_security_group_id: pulumi.Input[str]
    cluster_port: pulumi.Input[int]
    user: str
    secret_arn: pulumi.Input[str] | None = None
    read_only_endpoint: bool = False
    settings: ProxySettings = field(default_factory=ProxySettings)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_identifier("identifier", self.identifier, IDENTIFIER_LIMIT)
        check_subnets(self.subnet_ids)
        if (self.secret_arn is None) == (self.settings.authentication == "secret"):
            raise ValueError(
                "secret_arn must be given exactly when the proxy's authentication is secret, "
                f"got authentication {self.settings.authentication}"
            )


class DatabaseProxy(pulumi.ComponentResource):
    """A connection pool that nobody may use until a consumer adds an ingress rule.

    Outputs: ``endpoint`` (reads and writes, at the writer) and ``read_only_endpoint`` (or None),
    both known once the cluster is behind them; ``port``, ``resource_id`` (for IAM),
    ``security_group_id``; ``watched`` for the monitoring.
    """

    endpoint: pulumi.Output[str]
    read_only_endpoint: pulumi.Output[str] | None
    port: int
    watched: WatchedProxy
    resource_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: DatabaseProxyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aurora-graphql:index:DatabaseProxy", name, None, formerly("DatabaseProxy", opts)
        )
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._tags = merge_tags(args.tags, {"component": name})
        self._child = pulumi.ResourceOptions(parent=self)
        security_group, rules = self._join_network()
        proxy = self._declare_proxy(security_group)
        target = self._declare_target(proxy, rules)
        self.endpoint = known_after(proxy.endpoint, target)
        self.read_only_endpoint = None
        if args.read_only_endpoint:
            read_only = aws.rds.ProxyEndpoint(
                f"{name}-read-only",
                db_proxy_name=proxy.name,
                db_proxy_endpoint_name=f"{args.identifier}-read-only",
                vpc_subnet_ids=args.subnet_ids,
                vpc_security_group_ids=[security_group.id],
                target_role="READ_ONLY",
                tags=self._tags,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    ignore_changes=["vpcSubnetIds"],
                    custom_timeouts=timeouts.PROXY,
                ),
            )
            self.read_only_endpoint = known_after(read_only.endpoint, target)
        self.port = PORT
        self.watched = WatchedProxy(
            proxy_name=proxy.name, borrow_timeout_s=args.settings.borrow_timeout_s
        )
        self.resource_id = proxy.arn.apply(lambda arn: arn.rpartition(":")[2])
        self.security_group_id = security_group.id
        register(self)

    def _join_network(self) -> tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]:
        """The proxy's security group and the pair of rules between it and the cluster."""
        name, args = self._name, self._args
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            description=f"Network interfaces of {name}",
            vpc_id=args.vpc_id,
            revoke_rules_on_delete=True,
            tags=self._tags,
            opts=self._child,
        )
        egress = aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-database",
            description=f"{name} to its cluster",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=args.cluster_port,
            to_port=args.cluster_port,
            referenced_security_group_id=args.cluster_security_group_id,
            tags=self._tags,
            opts=self._child,
        )
        ingress = aws.vpc.SecurityGroupIngressRule(
            f"{name}-into-database",
            description=f"{name} to its cluster",
            security_group_id=args.cluster_security_group_id,
            ip_protocol="tcp",
            from_port=args.cluster_port,
            to_port=args.cluster_port,
            referenced_security_group_id=group.id,
            tags=self._tags,
            opts=self._child,
        )
        return group, [egress, ingress]

    def _declare_role(self) -> pulumi.Output[str]:
        """The role by which the proxy logs in: to one secret and its key, or as one user."""
        name, args = self._name, self._args
        role = aws.iam.Role(
            f"{name}-role",
            description=f"Logs {name} in to its cluster",
            assume_role_policy=iam.encode(iam.trust("rds.amazonaws.com")),
            tags=self._tags,
            opts=self._child,
        )
        if args.secret_arn is None:
            statements = [
                iam.connect_database(args.cluster_resource_id, args.user, location=args.location)
            ]
        else:
            statements = [
                iam.read_secrets([args.secret_arn], described=True),
                iam.decrypt_secrets(args.key_arn, [args.secret_arn], location=args.location),
            ]
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=iam.encode(iam.document(*statements)),
            opts=self._child,
        )
        return known_after(role.arn, policy)

    def _declare_proxy(self, security_group: aws.ec2.SecurityGroup) -> aws.rds.Proxy:
        name, args = self._name, self._args
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/rds/proxy/{args.identifier}",
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.key_arn,
            tags=self._tags,
            opts=self._child,
        )
        secret_login = aws.rds.ProxyAuthArgs(
            auth_scheme="SECRETS",
            description=f"Password of {args.user}; callers log in by IAM",
            iam_auth="REQUIRED",
            secret_arn=args.secret_arn,
        )
        by_secret = args.secret_arn is not None
        return aws.rds.Proxy(
            f"{name}-proxy",
            name=args.identifier,
            engine_family="MYSQL",
            role_arn=self._declare_role(),
            default_auth_scheme="NONE" if by_secret else "IAM_AUTH",
            auths=[secret_login] if by_secret else None,
            require_tls=True,
            debug_logging=False,  # it would write statements, and with them values, to the log
            idle_client_timeout=args.settings.idle_client_timeout_s,
            vpc_subnet_ids=args.subnet_ids,
            vpc_security_group_ids=[security_group.id],
            tags=self._tags,
            # The proxy would make its log group itself: unencrypted, kept for ever. Its subnets are
            # those of its creation: AWS gives a proxy no others later, so that the provider would
            # replace it, and by its name the old one would have to go first. It reaches the
            # database in every zone of the VPC from where it is.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[log_group],
                ignore_changes=["vpcSubnetIds"],
                custom_timeouts=timeouts.PROXY,
            ),
        )

    def _declare_target(
        self, proxy: aws.rds.Proxy, rules: Sequence[pulumi.Resource]
    ) -> aws.rds.ProxyTarget:
        name, settings = self._name, self._args.settings
        group = aws.rds.ProxyDefaultTargetGroup(
            f"{name}-pool",
            db_proxy_name=proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                connection_borrow_timeout=settings.borrow_timeout_s,
                max_connections_percent=settings.max_connections_percent,
                max_idle_connections_percent=settings.max_idle_connections_percent,
                session_pinning_filters=(
                    ["EXCLUDE_VARIABLE_SETS"] if settings.ignore_variable_sets else []
                ),
            ),
            opts=self._child,
        )
        return aws.rds.ProxyTarget(
            f"{name}-target",
            db_proxy_name=proxy.name,
            target_group_name=group.name,
            db_cluster_identifier=self._args.cluster_identifier,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(rules)),
        )
