"""The settings of the network and of the data: cluster, proxy and cache.

Every field is one key of the stack's configuration: section and field name in camel case, so
``DatabaseSettings.min_capacity_acu`` is ``databaseMinCapacityAcu``. Each section checks its own
limits, ``check_data`` what cluster and proxy must agree on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from components.limits import (
    COPY_HOURS,
    LOG_RETENTION_DAYS,
    REGION,
    check_choice,
    check_pattern,
    check_range,
    check_user,
    check_words,
)
from components.subnets import MAX_ZONES, MIN_ZONES, plan_subnets

INTERFACE_ENDPOINTS: Final = (
    "execute-api",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
    "xray",
)
"""Services that something in this network can be asked to reach without the internet."""

CACHE_NODES: Final = 500
"""Of one replication group; more than 90 have to be asked for.

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html
"""

SERVERLESS: Final = "db.serverless"
"""The class of an instance that scales in capacity units instead of having a size."""

RESERVED_DATABASE_USERS: Final = ("rdsadmin", "rdsproxyadmin", "root", "mysql", "sys")

Road = Literal["cluster", "proxy", "proxy-iam"]
"""The way of the API to the data: straight, or through a proxy, which itself logs in with a
password or by IAM. Callers log in by IAM on every one."""

PROXY_USER_SUFFIX: Final = "_proxy"
"""What the name of the account with a password has behind that of the one that logs in by IAM.

An account of MySQL logs in one way. With one for each, both ways are open while the API's traffic
moves from one to the other.
"""

INGEST_USER_SUFFIX: Final = "_write"
"""The same of the account that the ingest writes as, which is no longer than the other's."""

_WINDOW: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY: Final = "(mon|tue|wed|thu|fri|sat|sun)"
_WEEK_WINDOW: Final = rf"{_DAY}:([01][0-9]|2[0-3]):[0-5][0-9]-{_DAY}:([01][0-9]|2[0-3]):[0-5][0-9]"
_API_USER_CHARACTERS: Final = 32 - len(PROXY_USER_SUFFIX)
_AURORA_3: Final = r"8\.0\.mysql_aurora\.3\.(\d{2})\.\d"
_AURORA_8_4: Final = r"8\.4\.mysql_aurora\.8\.4\.\d+"


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """A network of its own, or the identifiers of an existing one."""

    cidr: str = "10.20.0.0/16"
    zone_count: int = 2
    zones: tuple[str, ...] = ()  # names; empty takes the first `zone_count` of the region
    public_subnets: bool = False
    nat: Literal["none", "one", "per-zone"] = "none"
    interface_endpoints: tuple[str, ...] = ("secretsmanager",)
    interface_endpoint_zones: int = 0  # in which each stands, and is paid for; 0: in every zone
    flow_logs: bool = True
    log_retention_days: int = 365
    vpc_id: str = ""  # an existing VPC: of the above only the interface endpoints count then
    isolated_subnet_ids: tuple[str, ...] = ()  # of that VPC, one per zone
    private_subnet_ids: tuple[str, ...] = ()  # of that VPC, with a route out
    endpoint_security_group_id: str = ""  # of that VPC's own interface endpoints; none are added

    def __post_init__(self) -> None:
        try:
            plan_subnets(self.cidr, zone_count=MIN_ZONES, public=False, private=False)
        except ValueError as error:
            raise ValueError(f"networkCidr: {error}") from None
        check_range("networkZoneCount", self.zone_count, MIN_ZONES, MAX_ZONES, "zones")
        for zone in self.zones:
            check_pattern(
                "networkZones", zone, r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "names such as eu-central-1a"
            )
        if self.zones and len(self.zones) != self.zone_count:
            raise ValueError(
                f"networkZones must name networkZoneCount ({self.zone_count}) zones, "
                f"got {len(self.zones)}"
            )
        if len(set(self.zones)) < len(self.zones):
            raise ValueError(f"networkZones must differ from each other, got {self.zones}")
        check_words("network", self)
        if self.nat != "none" and not self.public_subnets:
            raise ValueError(
                f"networkNat {self.nat} needs networkPublicSubnets: a NAT gateway stands in a "
                "public subnet; write true there, or none here"
            )
        for service in self.interface_endpoints:
            check_choice("networkInterfaceEndpoints", service, INTERFACE_ENDPOINTS)
        if len(set(self.interface_endpoints)) < len(self.interface_endpoints):
            raise ValueError(
                "networkInterfaceEndpoints must differ from each other, "
                f"got {self.interface_endpoints}"
            )
        check_range(
            "networkInterfaceEndpointZones", self.interface_endpoint_zones, 0, MAX_ZONES, "zones"
        )
        check_choice("networkLogRetentionDays", self.log_retention_days, LOG_RETENTION_DAYS)
        self._check_existing()

    def _check_existing(self) -> None:
        given = self.isolated_subnet_ids + self.private_subnet_ids
        if not self.vpc_id:
            if given or self.endpoint_security_group_id:
                raise ValueError(
                    "networkIsolatedSubnetIds, networkPrivateSubnetIds and "
                    "networkEndpointSecurityGroupId belong to an existing VPC; name it in "
                    "networkVpcId"
                )
            return
        check_pattern("networkVpcId", self.vpc_id, r"vpc-[0-9a-f]{8,17}", "an identifier vpc-...")
        for subnet in given:
            check_pattern(
                "networkIsolatedSubnetIds and networkPrivateSubnetIds",
                subnet,
                r"subnet-[0-9a-f]{8,17}",
                "identifiers subnet-...",
            )
        if len(set(self.isolated_subnet_ids)) < MIN_ZONES:
            raise ValueError(
                "networkIsolatedSubnetIds must name at least two subnets in different zones when "
                f"networkVpcId is set, got {len(set(self.isolated_subnet_ids))}"
            )
        if self.endpoint_security_group_id:
            check_pattern(
                "networkEndpointSecurityGroupId",
                self.endpoint_security_group_id,
                r"sg-[0-9a-f]{8,17}",
                "an identifier sg-...",
            )
            if self.interface_endpoints:
                raise ValueError(
                    "networkInterfaceEndpoints must be [] when networkEndpointSecurityGroupId "
                    f"names those that the VPC has, got {self.interface_endpoints}"
                )


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """The Aurora MySQL cluster."""

    engine_version: str = "8.0.mysql_aurora.3.10.4"  # RDS Proxy is documented for version 3 only
    name: str = "app"  # the schema that migrations fill
    master_user: str = "stack_admin"
    api_user: str = "api"  # may only SELECT; _proxy or _write is put behind it for others
    instance_class: str = SERVERLESS
    min_capacity_acu: float = 0.5
    max_capacity_acu: float = 4
    auto_pause_s: int = 600  # without connections before a pause; used when the minimum is 0
    readers: int = 0
    max_readers: int = 0  # readers scale up to this many; 0 keeps their number fixed
    reader_target_cpu_percent: int = 60
    io_optimized: bool = False
    backup_retention_days: int = 7
    backup_window: str = "02:00-03:00"  # UTC
    tunnel: bool = False  # people reach the cluster by EC2 Instance Connect
    copy_region: str = ""  # another region that gets copies of snapshots; empty: none
    copy_retention_days: int = 35
    copy_every_hours: int = 24  # how much a lost region takes with it
    maintenance_window: str = "sun:03:30-sun:04:30"  # UTC
    apply_immediately: bool = False  # else changes wait for the maintenance window
    auto_minor_upgrade: bool = True
    insights: Literal["off", "standard", "advanced"] = "standard"
    monitoring_interval_s: int = 60  # of the operating system's metrics; 0 is off
    slow_query_s: float = 1
    log_retention_days: int = 365
    certificate: Literal["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"] = (
        "rds-ca-rsa2048-g1"
    )
    snapshot: str = ""  # identifier or ARN to restore from, at creation only

    def __post_init__(self) -> None:
        self._check_engine()
        self._check_capacity()
        if self.copy_region:
            check_pattern("databaseCopyRegion", self.copy_region, REGION, "a region or empty")
        check_range("databaseCopyRetentionDays", self.copy_retention_days, 1, 36_500, "days")
        check_choice("databaseCopyEveryHours", self.copy_every_hours, COPY_HOURS)
        for key, name in (
            ("databaseName", self.name),
            ("databaseMasterUser", self.master_user),
            ("databaseApiUser", self.api_user),
        ):
            check_user(key, name)
        for key, user in (
            ("databaseMasterUser", self.master_user),
            ("databaseApiUser", self.api_user),
        ):
            if user in RESERVED_DATABASE_USERS:
                raise ValueError(f"{key} must not be {user}, which RDS or MySQL reserves")
        if self.master_user in (
            self.api_user,
            self.api_user + PROXY_USER_SUFFIX,
            self.api_user + INGEST_USER_SUFFIX,
        ):
            raise ValueError(
                "databaseApiUser must differ from databaseMasterUser, with and without "
                f"{PROXY_USER_SUFFIX} or {INGEST_USER_SUFFIX} behind it"
            )
        if len(self.api_user) > _API_USER_CHARACTERS:
            raise ValueError(
                f"databaseApiUser must be at most {_API_USER_CHARACTERS} characters, for "
                f"{PROXY_USER_SUFFIX} has to fit behind it, got {len(self.api_user)}"
            )
        if len(self.master_user) > 16:
            raise ValueError(
                "databaseMasterUser must be at most 16 characters, which RDS takes, "
                f"got {len(self.master_user)}"
            )
        check_range("databaseReaders", self.readers, 0, 15, "readers")
        check_range("databaseMaxReaders", self.max_readers, 0, 15, "readers")
        check_range("databaseReaderTargetCpuPercent", self.reader_target_cpu_percent, 10, 90, "%")
        if self.max_readers and not 1 <= self.readers <= self.max_readers:
            raise ValueError(
                "databaseReaders must be between 1 and databaseMaxReaders "
                f"({self.max_readers}) when readers scale, got {self.readers}"
            )
        check_range("databaseBackupRetentionDays", self.backup_retention_days, 1, 35, "days")
        check_pattern("databaseBackupWindow", self.backup_window, _WINDOW, "hh:mm-hh:mm in UTC")
        check_pattern(
            "databaseMaintenanceWindow",
            self.maintenance_window,
            _WEEK_WINDOW,
            "ddd:hh:mm-ddd:hh:mm in UTC, such as sun:03:30-sun:04:30",
        )
        _check_windows(self.backup_window, self.maintenance_window)
        check_words("database", self)
        check_choice(
            "databaseMonitoringIntervalS", self.monitoring_interval_s, (0, 1, 5, 10, 15, 30, 60)
        )
        check_range("databaseSlowQueryS", self.slow_query_s, 0.01, 60, "seconds")
        check_choice("databaseLogRetentionDays", self.log_retention_days, LOG_RETENTION_DAYS)
        if self.snapshot:
            check_pattern(
                "databaseSnapshot",
                self.snapshot,
                r"[A-Za-z][A-Za-z0-9-]{0,254}|rds:[A-Za-z0-9-]+|arn:aws[a-z-]*:rds:\S+",
                "a snapshot's identifier or ARN",
            )

    @property
    def serverless(self) -> bool:
        """Whether instances scale in capacity units instead of having a size."""
        return self.instance_class == SERVERLESS

    @property
    def may_pause(self) -> bool:
        """Whether the cluster pauses while nobody is connected."""
        return self.serverless and self.min_capacity_acu == 0

    def _check_engine(self) -> None:
        if not re.fullmatch(f"{_AURORA_3}|{_AURORA_8_4}", self.engine_version):
            raise ValueError(
                "databaseEngineVersion must be an Aurora MySQL 3 or 8.4 version in full, such as "
                "8.0.mysql_aurora.3.10.4 or 8.4.mysql_aurora.8.4.7; "
                f"got {self.engine_version!r}. `aws rds describe-db-engine-versions "
                "--engine aurora-mysql` lists them"
            )

    def _check_capacity(self) -> None:
        check_pattern(
            "databaseInstanceClass",
            self.instance_class,
            r"db\.(serverless|(r|x|t)\d[a-z]*\.(\d*xlarge|large|medium))",
            "db.serverless or a class such as db.r8g.large",
        )
        for key, capacity in (
            ("databaseMinCapacityAcu", self.min_capacity_acu),
            ("databaseMaxCapacityAcu", self.max_capacity_acu),
        ):
            check_range(key, capacity, 0, 256, "ACU")
            if capacity * 2 != int(capacity * 2):
                raise ValueError(f"{key} must be a multiple of 0.5 ACU, got {capacity}")
        if self.max_capacity_acu < max(1, self.min_capacity_acu):
            raise ValueError(
                "databaseMaxCapacityAcu must be at least 1 and databaseMinCapacityAcu "
                f"({self.min_capacity_acu}), got {self.max_capacity_acu}"
            )
        check_range("databaseAutoPauseS", self.auto_pause_s, 300, 86_400, "seconds")
        if self.may_pause:
            minor = re.fullmatch(_AURORA_3, self.engine_version)
            if minor and int(minor[1]) < 8:
                raise ValueError(
                    "databaseMinCapacityAcu 0 needs databaseEngineVersion 3.08 or later, "
                    f"got {self.engine_version}; write 0.5 or a later version"
                )
        if self.instance_class.startswith("db.t") and self.insights != "off":
            raise ValueError(
                f"databaseInsights must be off on {self.instance_class}, which has no memory for "
                f"it, got {self.insights}"
            )


@dataclass(frozen=True, kw_only=True)
class ProxySettings:
    """RDS Proxy between the functions and the cluster."""

    enabled: bool = True
    authentication: Literal["secret", "iam"] = "secret"  # from the proxy to the cluster
    password_generation: int = 1  # one more makes a new password for the API's database user
    reader_routing: Literal["auto", "always", "never"] = "auto"  # reads to a READ_ONLY endpoint
    borrow_timeout_s: int = 3  # wait for a free connection
    max_connections_percent: int = 90  # of the cluster's
    max_idle_connections_percent: int = 50  # of the cluster's
    idle_client_timeout_s: int = 1800
    ignore_variable_sets: bool = False  # SET does not pin; only for callers that set no variables
    log_retention_days: int = 365

    def __post_init__(self) -> None:
        check_words("proxy", self)
        check_range("proxyPasswordGeneration", self.password_generation, 1, 1_000_000, "")
        check_range("proxyBorrowTimeoutS", self.borrow_timeout_s, 1, 300, "seconds")
        check_range("proxyMaxConnectionsPercent", self.max_connections_percent, 1, 100, "%")
        check_range(
            "proxyMaxIdleConnectionsPercent",
            self.max_idle_connections_percent,
            0,
            self.max_connections_percent,
            "% (the most is proxyMaxConnectionsPercent)",
        )
        check_range("proxyIdleClientTimeoutS", self.idle_client_timeout_s, 1, 28_800, "seconds")
        check_choice("proxyLogRetentionDays", self.log_retention_days, LOG_RETENTION_DAYS)

    @property
    def road(self) -> Road:
        """How the API connects to the cluster."""
        if not self.enabled:
            return "cluster"
        return "proxy" if self.authentication == "secret" else "proxy-iam"


@dataclass(frozen=True, kw_only=True)
class CacheSettings:
    """ElastiCache for Valkey: paid by use, of a fixed size, or none."""

    mode: Literal["none", "serverless", "replication-group"] = "serverless"
    user: str = "api"
    engine_version: str = "8"  # Valkey; a replication group needs the minor version, such as 8.1
    max_storage_gb: int = 1  # serverless
    max_ecpu_per_second: int = 5000  # serverless
    snapshot_retention_days: int = 0  # what is cached can be computed again
    node_type: str = "cache.t4g.small"  # replication group
    shards: int = 1  # replication group
    replicas: int = 1  # replication group, per shard; failover needs one
    maintenance_window: str = "sun:04:30-sun:05:30"  # UTC; replication group
    log_retention_days: int = 365

    def __post_init__(self) -> None:
        check_words("cache", self)
        check_pattern("cacheUser", self.user, r"[a-z][a-z0-9-]{0,19}", "at most 20 of a-z, 0-9, -")
        if self.user == "default":
            raise ValueError("cacheUser must not be default, which ElastiCache keeps for itself")
        meaning = {
            "none": r"\d+(\.\d+)?",
            "serverless": r"[789]",
            "replication-group": r"[789]\.\d+",
        }
        check_pattern(
            "cacheEngineVersion",
            self.engine_version,
            meaning[self.mode],
            f"a Valkey version: 8 for serverless, 8.1 for a replication group (mode {self.mode})",
        )
        check_range("cacheMaxStorageGb", self.max_storage_gb, 1, 5_000, "GB")
        check_range("cacheMaxEcpuPerSecond", self.max_ecpu_per_second, 1_000, 15_000_000, "ECPU/s")
        check_range("cacheSnapshotRetentionDays", self.snapshot_retention_days, 0, 35, "days")
        check_pattern(
            "cacheNodeType",
            self.node_type,
            r"cache\.[a-z]\d[a-z]*\.[a-z0-9]+",
            "a type such as cache.t4g.small",
        )
        check_range("cacheShards", self.shards, 1, 500, "shards")
        check_range("cacheReplicas", self.replicas, 1, 5, "replicas per shard")
        nodes = self.shards * (1 + self.replicas)
        if nodes > CACHE_NODES:
            raise ValueError(
                f"cacheShards and cacheReplicas must make at most {CACHE_NODES} nodes, got {nodes}"
            )
        check_pattern(
            "cacheMaintenanceWindow",
            self.maintenance_window,
            _WEEK_WINDOW,
            "ddd:hh:mm-ddd:hh:mm in UTC, such as sun:04:30-sun:05:30",
        )
        check_choice("cacheLogRetentionDays", self.log_retention_days, LOG_RETENTION_DAYS)


def check_data(database: DatabaseSettings, proxy: ProxySettings) -> None:
    """Raise ``ValueError`` where a cluster and the way to it do not fit together."""
    if proxy.enabled and database.may_pause:
        raise ValueError(
            "databaseMinCapacityAcu must be at least 0.5 behind a proxy, got 0: the proxy keeps "
            "connections open, so that the database never pauses; write 0.5, or proxyEnabled false"
        )
    if proxy.reader_routing == "always" and database.readers == 0:
        raise ValueError(
            "databaseReaders must be at least 1 when proxyReaderRouting is always, got 0: the "
            "READ_ONLY endpoint would have no instance; write 1 there, or auto here"
        )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _check_windows(backup: str, maintenance: str) -> None:
    """RDS refuses windows under half an hour, maintenance over a day, and windows that overlap."""
    day, week = 24 * 60, 7 * 24 * 60
    start, end = (_minutes(clock) for clock in backup.split("-"))
    backup_length = (end - start) % day
    if backup_length < 30:
        raise ValueError(f"databaseBackupWindow must be at least 30 minutes, got {backup}")
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    first, last = (
        days.index(moment[:3]) * day + _minutes(moment[4:]) for moment in maintenance.split("-")
    )
    length = (last - first) % week
    if not 30 <= length <= day:
        raise ValueError(
            f"databaseMaintenanceWindow must be between 30 minutes and 24 hours, got {maintenance}"
        )
    gap = (start - first) % day  # from the maintenance's start to the next backup's
    if gap < length or (first - start) % day < backup_length:
        raise ValueError(
            f"databaseMaintenanceWindow ({maintenance}) must not overlap databaseBackupWindow "
            f"({backup})"
        )
