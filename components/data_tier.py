"""DataTier: the cluster, the API's way to it (a proxy or none), and the cache (or none)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.cache import IDENTIFIER_LIMIT as CACHE_IDENTIFIER_LIMIT
from components.cache import Cache, CacheArgs
from components.data_settings import (
    PROXY_USER_SUFFIX,
    CacheSettings,
    DatabaseSettings,
    ProxySettings,
    Road,
    check_data,
)
from components.database import Database, DatabaseArgs
from components.database_secret import DatabaseSecret, DatabaseSecretArgs
from components.limits import check_pattern
from components.location import Location
from components.naming import physical_name
from components.proxy import DatabaseProxy, DatabaseProxyArgs

IDENTIFIER_LIMIT = 44
"""RDS's 63 characters less what this tier and its components append."""


@dataclass(frozen=True, kw_only=True)
class DataTierArgs:
    """What a caller chooses about the tier. ``identifier`` is unique in account and region."""

    location: Location
    identifier: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]  # isolated, one per zone
    zones: Sequence[pulumi.Input[str]] = ()  # of those subnets
    key_arn: pulumi.Input[str]
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    proxy: ProxySettings = field(default_factory=ProxySettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    deletion_protection: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_pattern(
            "identifier",
            self.identifier,
            rf"[a-z](?!.*--)[a-z0-9-]{{0,{IDENTIFIER_LIMIT - 2}}}[a-z0-9]",
            f"2 to {IDENTIFIER_LIMIT} of a-z, 0-9 and single -, a letter first and no - last",
        )
        check_data(self.database, self.proxy)

    @property
    def routes_reads(self) -> bool:
        """Whether the API's reads go to the readers' endpoint."""
        match self.proxy.reader_routing:
            case "auto":
                return self.database.readers > 0
            case "always":
                return True
            case "never":
                return False


@dataclass(frozen=True, kw_only=True)
class CacheAccess:
    """How to reach the cache: what the API needs, and the name that metrics carry."""

    host: pulumi.Output[str]
    port: int
    cache_name: pulumi.Output[str]
    cache_arn: pulumi.Output[str]
    user_name: pulumi.Output[str]
    user_arn: pulumi.Output[str]
    security_group_id: pulumi.Output[str]


class DataTier(pulumi.ComponentResource):
    """Where the data is.

    Outputs for the API: ``api_host`` and ``api_reader_host`` (through the proxy where there is one;
    the same where reads are not routed), ``port``, ``database_name``, ``api_resource_id`` (what
    ``rds-db:connect`` names) and ``api_security_group_id``; ``cache`` or None. The API logs in by
    IAM either way, as ``api_user``: another one for another way from the proxy to the cluster, so
    that ``former_api_users`` still log in while traffic moves from the old ``road``.

    Outputs for migrations and ingest, which go to the cluster itself: ``writer_endpoint``,
    ``cluster_resource_id`` (another for every cluster, even one of the same name),
    ``database_security_group_id``, ``master_secret_arn`` and ``api_secret_arn``: the password that
    migrations give to the API's user, or None when that user logs in to the cluster by IAM.

    Outputs for people and monitoring: ``reader_endpoint`` of the cluster, ``cluster_identifier``,
    ``instance_identifiers``, and ``proxy_name`` or None.
    """

    api_host: pulumi.Output[str]
    api_reader_host: pulumi.Output[str]
    port: pulumi.Output[int]
    database_name: str
    api_user: str
    former_api_users: tuple[str, ...]
    road: Road
    api_resource_id: pulumi.Output[str]
    api_security_group_id: pulumi.Output[str]
    cache: CacheAccess | None
    cluster_resource_id: pulumi.Output[str]
    writer_endpoint: pulumi.Output[str]
    reader_endpoint: pulumi.Output[str]
    database_security_group_id: pulumi.Output[str]
    master_secret_arn: pulumi.Output[str]
    api_secret_arn: pulumi.Output[str] | None
    cluster_identifier: pulumi.Output[str]
    instance_identifiers: list[pulumi.Output[str]]
    proxy_name: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: DataTierArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:component:DataTier", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        database = Database(
            f"{name}-database",
            DatabaseArgs(
                location=args.location,
                identifier=args.identifier,
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                zones=args.zones,
                key_arn=args.key_arn,
                settings=args.database,
                deletion_protection=args.deletion_protection,
                tags=args.tags,
            ),
            self._child,
        )
        self.port = database.port
        self.database_name = args.database.name
        self.road = args.proxy.road
        by_iam = args.database.api_user
        by_password = by_iam + PROXY_USER_SUFFIX
        self.api_user, former = (
            (by_password, by_iam) if self.road == "proxy" else (by_iam, by_password)
        )
        self.former_api_users = (former,)
        self.cluster_resource_id = database.cluster_resource_id
        self.writer_endpoint = database.writer_endpoint
        self.reader_endpoint = database.reader_endpoint
        self.database_security_group_id = database.security_group_id
        self.master_secret_arn = database.master_secret_arn
        self.cluster_identifier = database.cluster_identifier
        self.instance_identifiers = database.instance_identifiers
        self.api_secret_arn = None
        if args.proxy.enabled:
            self._reach_through_proxy(database)
        else:
            self._reach_directly(database)
        self.cache = self._declare_cache() if args.cache.mode != "none" else None
        self.register_outputs(
            {
                "api_host": self.api_host,
                "api_reader_host": self.api_reader_host,
                "api_resource_id": self.api_resource_id,
                "api_secret_arn": self.api_secret_arn,
                "cache_host": self.cache.host if self.cache else None,
                "cluster_identifier": self.cluster_identifier,
                "cluster_resource_id": self.cluster_resource_id,
                "master_secret_arn": self.master_secret_arn,
                "proxy_name": self.proxy_name,
                "reader_endpoint": self.reader_endpoint,
                "writer_endpoint": self.writer_endpoint,
            }
        )

    def _reach_directly(self, database: Database) -> None:
        self.proxy_name = None
        self.api_host = database.writer_endpoint
        self.api_reader_host = (
            database.reader_endpoint if self._args.routes_reads else database.writer_endpoint
        )
        self.api_resource_id = database.cluster_resource_id
        self.api_security_group_id = database.security_group_id

    def _reach_through_proxy(self, database: Database) -> None:
        """A proxy for each way to log in: another way is another proxy, made before the old goes.

        Changed in place, it would log in the new way while versions of the API still serve whose
        account takes the old one.
        """
        name, args = self._name, self._args
        if args.proxy.authentication == "secret":
            secret = DatabaseSecret(
                f"{name}-api-secret",
                DatabaseSecretArgs(
                    user=self.api_user,
                    key_arn=args.key_arn,
                    generation=args.proxy.password_generation,
                    recovery_days=30 if args.deletion_protection else 0,
                    tags=args.tags,
                ),
                self._child,
            )
            self.api_secret_arn = secret.secret_arn
        proxy = DatabaseProxy(
            f"{name}-{self.road}",
            DatabaseProxyArgs(
                location=args.location,
                identifier=f"{args.identifier}-{'proxy' if self.api_secret_arn else 'iam'}",
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                key_arn=args.key_arn,
                cluster_identifier=database.available_cluster_identifier,
                cluster_resource_id=database.cluster_resource_id,
                cluster_security_group_id=database.security_group_id,
                cluster_port=database.port,
                user=self.api_user,
                secret_arn=self.api_secret_arn,
                read_only_endpoint=args.routes_reads,
                settings=args.proxy,
                tags=args.tags,
            ),
            self._child,
        )
        self.proxy_name = proxy.proxy_name
        self.api_host = proxy.endpoint
        self.api_reader_host = proxy.read_only_endpoint or proxy.endpoint
        self.api_resource_id = proxy.resource_id
        self.api_security_group_id = proxy.security_group_id

    def _declare_cache(self) -> CacheAccess:
        args = self._args
        cache = Cache(
            f"{self._name}-cache",
            CacheArgs(
                location=args.location,
                identifier=physical_name(args.identifier, limit=CACHE_IDENTIFIER_LIMIT),
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                key_arn=args.key_arn,
                settings=args.cache,
                tags=args.tags,
            ),
            self._child,
        )
        return CacheAccess(
            host=cache.host,
            port=cache.port,
            cache_name=cache.cache_name,
            cache_arn=cache.cache_arn,
            user_name=cache.user_name,
            user_arn=cache.user_arn,
            security_group_id=cache.security_group_id,
        )
