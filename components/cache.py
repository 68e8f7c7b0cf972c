"""Cache: ElastiCache for Valkey, over TLS, for one user that logs in by IAM.

Both kinds are clusters to a client (``CLUSTER SLOTS``, one slot per command), so that the handler
needs one way of talking to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import timeouts
from components.access import CacheAccess
from components.api_settings import MonitoringSettings
from components.data_settings import CacheSettings
from components.defaults import settled
from components.identity import formerly
from components.limits import check_identifier
from components.location import HERE, Location
from components.naming import merge_tags, physical_name
from components.outputs import register
from components.readiness import known_after
from components.signals import (
    CPU_PERCENT,
    Alarm,
    Dimensions,
    Line,
    Signals,
    Station,
    lines_of,
)
from components.subnets import MAX_ZONES, check_subnets

PORT: Final = 6379

_SERVICE: Final = "AWS/ElastiCache"

IDENTIFIER_LIMIT: Final = 40  # of caches, replication groups, users and user groups alike

ACCESS: Final = (
    "on ~* -@all +@read +@write +@connection +@transaction +@scripting -@dangerous "
    "+cluster|nodes +cluster|shards +cluster|slots +info"
)
"""What the API's user may do: read, write and find the nodes; no FLUSHALL, KEYS, CONFIG or ACL."""


EVICTIONS: Final = 1000  # a minute


@dataclass(frozen=True, kw_only=True)
class WatchedCache:
    """A cache: the name of a serverless one, or the identifiers of a replication group's nodes."""

    serverless_name: pulumi.Input[str] | None = None
    node_ids: Sequence[pulumi.Input[str]] = ()

    def __post_init__(self) -> None:
        if (self.serverless_name is None) == (not self.node_ids):
            raise ValueError("a watched cache is serverless or has nodes, one of the two")

    @classmethod
    def of(cls, settings: CacheSettings, cache_name: pulumi.Input[str]) -> WatchedCache:
        """The cache of this name; ElastiCache numbers a group's nodes."""
        if settings.mode == "serverless":
            return cls(serverless_name=cache_name)
        return cls(
            node_ids=[
                pulumi.Output.concat(cache_name, f"-{shard:04}-{node:03}")
                for shard in range(1, settings.shards + 1)
                for node in range(1, settings.replicas + 2)
            ]
        )

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Alarms of the whole or of each node, and one station."""
        del namespace, settings  # all metrics are ElastiCache's own, and no limit is chosen
        if self.serverless_name is not None:
            whole = {"clusterId": self.serverless_name}
            alarms = [_evictions("cache", whole), _throttles(whole)]
            wrong = ("ThrottledCmds", "Sum", "throttled")
            return _signals(alarms, [whole], ("ElastiCacheProcessingUnits", "Sum", "ECPU"), wrong)
        nodes = [{"CacheClusterId": node_id} for node_id in self.node_ids]
        alarms = [
            alarm
            for number, node in enumerate(nodes, start=1)
            for alarm in (_evictions(f"cache-{number}", node), _cpu(f"cache-{number}", node))
        ]
        wrong = ("AuthenticationFailures", "Sum", "failed log-ins")
        return _signals(alarms, nodes, ("EngineCPUUtilization", "Maximum", "CPU %"), wrong)


def _signals(
    alarms: Sequence[Alarm],
    nodes: Sequence[Dimensions],
    busy: tuple[str, str, str],
    wrong: tuple[str, str, str],
) -> Signals:
    def on_all(*metrics: tuple[str, str, str]) -> list[Line]:
        return [line for node in nodes for line in lines_of(_SERVICE, node, *metrics)]

    return Signals(
        alarms=alarms,
        stations=[
            Station(
                title="Cache",
                traffic=on_all(("CacheHits", "Sum", "hits"), ("CacheMisses", "Sum", "misses")),
                latency=on_all(("SuccessfulReadRequestLatency", "Average", "read, us")),
                errors=on_all(("Evictions", "Sum", "evictions"), wrong),
                saturation=on_all(busy, ("BytesUsedForCache", "Maximum", "bytes")),
            )
        ],
    )


def _evictions(prefix: str, dimensions: Dimensions) -> Alarm:
    return Alarm(
        name=f"{prefix}-evictions",
        meaning="Answers are dropped before their time: the cache is too small",
        namespace=_SERVICE,
        metric="Evictions",
        dimensions=dimensions,
        statistic="Sum",
        threshold=EVICTIONS,
    )


def _throttles(dimensions: Dimensions) -> Alarm:
    return Alarm(
        name="cache-throttles",
        meaning="The cache refuses commands: its limit of ECPU a second is too low",
        namespace=_SERVICE,
        metric="ThrottledCmds",
        dimensions=dimensions,
        statistic="Sum",
        threshold=0,
    )


def _cpu(prefix: str, dimensions: Dimensions) -> Alarm:
    return Alarm(
        name=f"{prefix}-cpu",
        meaning=f"The one thread that runs commands is over {CPU_PERCENT} %",
        namespace=_SERVICE,
        metric="EngineCPUUtilization",
        dimensions=dimensions,
        statistic="Maximum",
        threshold=CPU_PERCENT,
    )


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    """What a caller chooses about the cache. ``identifier`` is unique in account and region."""

    location: Location = HERE
    identifier: str
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    settings: CacheSettings = field(default_factory=CacheSettings)
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_identifier("identifier", self.identifier, IDENTIFIER_LIMIT)
        if self.settings.mode == "none":
            raise ValueError("mode none is no cache: leave the component out")
        check_subnets(self.subnet_ids, most=MAX_ZONES)


class Cache(pulumi.ComponentResource):
    """An encrypted cache that nobody may reach until a consumer adds an ingress rule.

    Outputs: ``access``, the record that a consumer takes; ``watched`` for the monitoring.
    """

    access: CacheAccess
    watched: WatchedCache

    def __init__(
        self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:Cache", name, None, formerly("Cache", opts))
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._tags = merge_tags(args.tags, {"component": name})
        self._child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            description=f"Nodes of {name}",
            vpc_id=args.vpc_id,
            revoke_rules_on_delete=True,
            tags=self._tags,
            opts=self._child,
        )
        # IAM logs in a user whose name is its identifier, which is unique in account and region.
        user_id = physical_name(f"{args.identifier}-{args.settings.user}", limit=IDENTIFIER_LIMIT)
        user = aws.elasticache.User(
            f"{name}-user",
            user_id=user_id,
            user_name=user_id,
            engine="valkey",
            access_string=ACCESS,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
            tags=self._tags,
            opts=self._child,
        )
        # Without the user `default`, so that nobody gets in without naming himself.
        user_group = aws.elasticache.UserGroup(
            f"{name}-users",
            user_group_id=args.identifier,
            engine="valkey",
            user_ids=[user.user_id],
            tags=self._tags,
            opts=self._child,
        )
        host, cache_arn = (
            self._declare_serverless(group, user_group)
            if args.settings.mode == "serverless"
            else self._declare_replication_group(group, user_group)
        )
        self.access = CacheAccess(
            kind=args.settings.mode,
            host=host,
            port=PORT,
            security_group_id=group.id,
            cache_arn=cache_arn,
            user_arn=user.arn,
            user=user.user_name,
        )
        register(self)

    def _declare_serverless(
        self, group: aws.ec2.SecurityGroup, user_group: aws.elasticache.UserGroup
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """Its host and its ARN."""
        args, settings = self._args, self._args.settings
        snapshots = settings.snapshot_retention_days
        cache = aws.elasticache.ServerlessCache(
            f"{self._name}-cache",
            name=args.identifier,
            description=f"Answers of {args.identifier}",
            engine="valkey",
            major_engine_version=settings.engine_version,
            kms_key_id=args.key_arn,
            subnet_ids=args.subnet_ids,
            security_group_ids=[group.id],
            user_group_id=user_group.user_group_id,
            cache_usage_limits=aws.elasticache.ServerlessCacheCacheUsageLimitsArgs(
                data_storage=aws.elasticache.ServerlessCacheCacheUsageLimitsDataStorageArgs(
                    maximum=settings.max_storage_gb, unit="GB"
                ),
                ecpu_per_seconds=[
                    aws.elasticache.ServerlessCacheCacheUsageLimitsEcpuPerSecondArgs(
                        maximum=settings.max_ecpu_per_second
                    )
                ],
            ),
            snapshot_retention_limit=snapshots,
            daily_snapshot_time="01:00" if snapshots else None,
            tags=self._tags,
            # Its subnets are those of its creation: AWS gives it no others later, so that the
            # provider would replace it, and by its name the old one would have to go first.
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["subnetIds"], custom_timeouts=timeouts.CACHE
            ),
        )
        self.watched = WatchedCache.of(settings, cache.name)
        return cache.endpoints.apply(lambda endpoints: str(endpoints[0].address)), cache.arn

    def _declare_replication_group(
        self, group: aws.ec2.SecurityGroup, user_group: aws.elasticache.UserGroup
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """Its host and its ARN."""
        name, args, settings = self._name, self._args, self._args.settings
        subnet_group = aws.elasticache.SubnetGroup(
            f"{name}-subnets",
            description=f"Isolated subnets of {name}",
            subnet_ids=args.subnet_ids,
            tags=self._tags,
            opts=self._child,
        )
        parameters = aws.elasticache.ParameterGroup(
            f"{name}-parameters",
            description=f"Parameters of {name}",
            family=f"valkey{settings.engine_version.partition('.')[0]}",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name="cluster-enabled", value="yes"),
                # Counters of versions have no lifetime; they may go like any other key.
                aws.elasticache.ParameterGroupParameterArgs(
                    name="maxmemory-policy", value="allkeys-lru"
                ),
            ],
            tags=self._tags,
            opts=self._child,
        )
        logs = {kind: self._declare_log_group(kind) for kind in ("engine-log", "slow-log")}
        cache = aws.elasticache.ReplicationGroup(
            f"{name}-cache",
            replication_group_id=args.identifier,
            description=f"Answers of {args.identifier}",
            engine="valkey",
            engine_version=settings.engine_version,
            node_type=settings.node_type,
            num_node_groups=settings.shards,
            replicas_per_node_group=settings.replicas,
            port=PORT,
            parameter_group_name=parameters.name,
            subnet_group_name=subnet_group.name,
            security_group_ids=[group.id],
            user_group_ids=[user_group.user_group_id],
            at_rest_encryption_enabled=True,
            kms_key_id=args.key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            auto_minor_version_upgrade=True,
            maintenance_window=settings.maintenance_window,
            snapshot_retention_limit=settings.snapshot_retention_days,
            snapshot_window="01:00-02:00" if settings.snapshot_retention_days else None,
            log_delivery_configurations=[
                aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=log_group.name,
                    destination_type="cloudwatch-logs",
                    log_format="json",
                    log_type=kind,
                )
                for kind, log_group in logs.items()
            ],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=timeouts.CACHE),
        )
        name_once_there = known_after(cache.replication_group_id, cache)
        self.watched = WatchedCache.of(settings, name_once_there)
        return cache.configuration_endpoint_address, cache.arn

    def _declare_log_group(self, kind: str) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-{kind}",
            # AWS lets its services write below this name without a policy for each group.
            name=f"/aws/vendedlogs/elasticache/{self._args.identifier}/{kind}",
            retention_in_days=self._args.settings.log_retention_days,
            kms_key_id=self._args.key_arn,
            tags=self._tags,
            opts=self._child,
        )
