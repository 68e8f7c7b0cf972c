"""DataTier: the cluster, the API's way to it (a proxy or none), and the cache (or none)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pulumi

from components.access import CacheAccess, DatabaseAccess, NetworkAccess
from components.cache import IDENTIFIER_LIMIT as CACHE_IDENTIFIER_LIMIT
from components.cache import Cache, CacheArgs
from components.copied_backups import CopiedBackups, CopiedBackupsArgs
from components.data_settings import (
    INGEST_USER_SUFFIX,
    PROXY_USER_SUFFIX,
    CacheSettings,
    DatabaseSettings,
    ProxySettings,
    check_data,
)
from components.database import Database, DatabaseArgs
from components.database_secret import DatabaseSecret, DatabaseSecretArgs
from components.defaults import settled
from components.identity import formerly
from components.limits import check_identifier
from components.location import HERE, Location
from components.naming import physical_name
from components.outputs import register
from components.proxy import DatabaseProxy, DatabaseProxyArgs
from components.tunnel import Tunnel, TunnelArgs
from components.watched import WatchedData

IDENTIFIER_LIMIT = 44
"""RDS's 63 characters less what this tier and its components append."""


@dataclass(frozen=True, kw_only=True)
class DataTierArgs:
    """What a caller chooses about the tier. ``identifier`` is unique in account and region."""

    location: Location = HERE
    identifier: str
    network: NetworkAccess
    key_arn: pulumi.Input[str] = ""  # empty: one of its own
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    proxy: ProxySettings = field(default_factory=ProxySettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    deletion_protection: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_identifier("identifier", self.identifier, IDENTIFIER_LIMIT)
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


class DataTier(pulumi.ComponentResource):
    """The data: an Aurora cluster, how the API connects to it, and a cache.

    Outputs for the API: ``access``, how to connect to the database, and ``cache``, how to connect
    to the cache, or None. The API always logs in by IAM, as ``access.api_user``. Each way from the
    proxy to the cluster has a user of its own, so that ``access.former_api_users`` can still log in
    while traffic moves from the old way to the new one.

    Outputs for the monitoring: ``watched``; for people: ``reader_endpoint`` of the cluster,
    ``instance_identifiers``, and ``tunnel``, the command that opens a way to it, or None.

    Example, in the network of ``Network``'s::

        from components.data_settings import CacheSettings, DatabaseSettings
        from components.data_tier import DataTier, DataTierArgs

        data = DataTier(
            "shop-data",
            DataTierArgs(
                location=location,
                identifier="shop",
                network=network.access,
                key_arn=encryption.key_arn,
                database=DatabaseSettings(readers=1),
                cache=CacheSettings(mode="none"),
            ),
        )
    """

    access: DatabaseAccess
    cache: CacheAccess | None
    reader_endpoint: pulumi.Output[str]
    instance_identifiers: list[pulumi.Output[str]]
    tunnel: pulumi.Output[str] | None
    watched: WatchedData

    def __init__(
        self, name: str, args: DataTierArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:DataTier", name, None, formerly("DataTier", opts))
        args = settled(self, name, args)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        database = Database(
            f"{name}-database",
            DatabaseArgs(
                location=args.location,
                identifier=args.identifier,
                vpc_id=args.network.vpc_id,
                subnet_ids=args.network.subnet_ids,
                zones=args.network.zones,
                key_arn=args.key_arn,
                settings=args.database,
                deletion_protection=args.deletion_protection,
                tags=args.tags,
            ),
            self._child,
        )
        if args.database.copy_region:
            self._copy_backups(database)
        self.access = self._straight(database)
        self.tunnel = self._open_tunnel(database) if args.database.tunnel else None
        proxy = self._declare_proxy(database) if args.proxy.enabled else None
        cache = self._declare_cache() if args.cache.mode != "none" else None
        self.cache = cache.access if cache else None
        self.reader_endpoint = database.reader_endpoint
        self.instance_identifiers = database.instance_identifiers
        self.watched = WatchedData(
            cache=cache.watched if cache else None,
            proxy=proxy.watched if proxy else None,
            database=database.watched,
        )
        register(self)

    def _straight(self, database: Database) -> DatabaseAccess:
        """Access to the cluster itself. Each way to log in has an account of its own."""
        args = self._args
        by_iam = args.database.api_user
        by_password = by_iam + PROXY_USER_SUFFIX
        user, former = (
            (by_password, by_iam) if args.proxy.road == "proxy" else (by_iam, by_password)
        )
        return DatabaseAccess(
            host=database.writer_endpoint,
            reader_host=(
                database.reader_endpoint if args.routes_reads else database.writer_endpoint
            ),
            port=database.port,
            security_group_id=database.security_group_id,
            connect_id=database.cluster_resource_id,
            name=args.database.name,
            api_user=user,
            writer_host=database.writer_endpoint,
            writer_security_group_id=database.security_group_id,
            cluster_id=database.cluster_resource_id,
            master_secret_arn=database.master_secret_arn,
            road=args.proxy.road,
            former_api_users=(former,),
            ingest_user=by_iam + INGEST_USER_SUFFIX,
            password_generation=args.proxy.password_generation,
            may_pause=args.database.may_pause,
        )

    def _declare_proxy(self, database: Database) -> DatabaseProxy:
        """One proxy for each way to log in: a new way creates a new proxy before the old one goes.

        Changed in place, it would log in the new way while versions of the API still serve whose
        account takes the old one.
        """
        name, args, access = self._name, self._args, self.access
        secret_arn = None
        if args.proxy.authentication == "secret":
            secret_arn = DatabaseSecret(
                f"{name}-api-secret",
                DatabaseSecretArgs(
                    user=access.api_user,
                    key_arn=args.key_arn,
                    generation=args.proxy.password_generation,
                    recovery_days=30 if args.deletion_protection else 0,
                    tags=args.tags,
                ),
                self._child,
            ).secret_arn
        proxy = DatabaseProxy(
            f"{name}-{access.road}",
            DatabaseProxyArgs(
                location=args.location,
                identifier=f"{args.identifier}-{'iam' if secret_arn is None else 'proxy'}",
                vpc_id=args.network.vpc_id,
                subnet_ids=args.network.subnet_ids,
                key_arn=args.key_arn,
                cluster_identifier=database.available_cluster_identifier,
                cluster_resource_id=database.cluster_resource_id,
                cluster_security_group_id=database.security_group_id,
                cluster_port=database.port,
                user=access.api_user,
                secret_arn=secret_arn,
                read_only_endpoint=args.routes_reads,
                settings=args.proxy,
                tags=args.tags,
            ),
            self._child,
        )
        self.access = replace(
            access,
            host=proxy.endpoint,
            reader_host=proxy.read_only_endpoint or proxy.endpoint,
            security_group_id=proxy.security_group_id,
            connect_id=proxy.resource_id,
            api_secret_arn=secret_arn,
        )
        return proxy

    def _open_tunnel(self, database: Database) -> pulumi.Output[str]:
        args = self._args
        subnet_id = pulumi.Output.from_input(args.network.subnet_ids).apply(lambda ids: ids[0])
        return Tunnel(
            f"{self._name}-tunnel",
            TunnelArgs(
                location=args.location,
                vpc_id=args.network.vpc_id,
                subnet_id=subnet_id,
                key_arn=args.key_arn,
                host=database.writer_endpoint,
                port=database.port,
                security_group_id=database.security_group_id,
                tags=args.tags,
            ),
            self._child,
        ).command

    def _copy_backups(self, database: Database) -> None:
        args = self._args
        CopiedBackups(
            f"{self._name}-copied",
            CopiedBackupsArgs(
                location=args.location,
                identifier=args.identifier,
                cluster_arn=database.cluster_arn,
                key_arn=args.key_arn,
                copy_region=args.database.copy_region,
                retention_days=args.database.copy_retention_days,
                every_hours=args.database.copy_every_hours,
                protect=args.deletion_protection,
                tags=args.tags,
            ),
            self._child,
        )

    def _declare_cache(self) -> Cache:
        args = self._args
        return Cache(
            f"{self._name}-cache",
            CacheArgs(
                location=args.location,
                identifier=physical_name(args.identifier, limit=CACHE_IDENTIFIER_LIMIT),
                vpc_id=args.network.vpc_id,
                subnet_ids=args.network.subnet_ids,
                key_arn=args.key_arn,
                settings=args.cache,
                tags=args.tags,
            ),
            self._child,
        )
