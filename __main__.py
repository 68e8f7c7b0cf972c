"""One stack: settings -> Network -> DataTier -> ApiTier -> Monitoring -> exports."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.api_access import ApiTierArgs, CacheAccess, DatabaseAccess, NetworkAccess
from components.api_tier import ApiTier
from components.archive import Archive
from components.data_tier import DataTier, DataTierArgs
from components.encryption import Encryption, EncryptionArgs
from components.location import Location, first_zones
from components.monitoring import Monitoring, MonitoringArgs
from components.naming import stack_tags
from components.network import ExistingVpc, Network, NetworkArgs
from components.settings import StackSettings
from components.watched import Watched, WatchedCache, WatchedDatabase, WatchedFunction, WatchedProxy

ROOT = Path(__file__).resolve().parent

settings = StackSettings.load(pulumi.Config())
name = settings.general.name
location = Location.current()
tags = {
    **stack_tags(project=pulumi.get_project(), stack=pulumi.get_stack()),
    **settings.general.tag_map(),
}
archive = Archive.load(
    ROOT / settings.function.archive_directory,
    sdl=ROOT / "sdl",
    migrations=ROOT / "migrations",
    handler=ROOT / "handler",
)

encryption = Encryption(
    f"{name}-encryption",
    EncryptionArgs(
        location=location,
        alias=name,
        users=(
            "logs",
            "alarms",
            *(("budgets",) if settings.monitoring.budget_usd else ()),
            *(("trail",) if settings.monitoring.trail else ()),
        ),
        deletion_days=settings.general.key_deletion_days,
        tags=tags,
    ),
)
zones = settings.network.zones or first_zones(settings.network.zone_count)
network = Network(
    f"{name}-network",
    NetworkArgs(
        location=location,
        key_arn=encryption.key_arn,
        cidr=settings.network.cidr,
        zones=zones,
        public_subnets=settings.network.public_subnets,
        nat=settings.network.nat,
        interface_endpoints=settings.network.interface_endpoints,
        flow_logs=settings.network.flow_logs,
        log_retention_days=settings.network.log_retention_days,
        existing=(
            ExistingVpc(
                vpc_id=settings.network.vpc_id,
                isolated_subnet_ids=settings.network.isolated_subnet_ids,
                private_subnet_ids=settings.network.private_subnet_ids,
                endpoint_security_group_id=settings.network.endpoint_security_group_id,
            )
            if settings.network.vpc_id
            else None
        ),
        tags=tags,
    ),
)
data = DataTier(
    f"{name}-data",
    DataTierArgs(
        location=location,
        identifier=name,
        vpc_id=network.vpc_id,
        subnet_ids=network.isolated_subnet_ids,
        zones=() if settings.network.vpc_id else zones,
        key_arn=encryption.key_arn,
        database=settings.database,
        proxy=settings.proxy,
        cache=settings.cache,
        deletion_protection=settings.general.deletion_protection,
        tags=tags,
    ),
)
assert network.endpoint_security_group_id is not None  # StackSettings: Secrets Manager is reachable
api = ApiTier(
    f"{name}-api",
    ApiTierArgs(
        location=location,
        archive=archive,
        stage=pulumi.get_stack(),
        key_arn=encryption.key_arn,
        network=NetworkAccess(
            vpc_id=network.vpc_id,
            subnet_ids=network.isolated_subnet_ids,
            s3_prefix_list_id=network.s3_prefix_list_id,
            secrets_security_group_id=network.endpoint_security_group_id,
            interface_endpoint_ids=network.interface_endpoint_ids,
        ),
        database=DatabaseAccess(
            host=data.api_host,
            reader_host=data.api_reader_host,
            port=data.port,
            security_group_id=data.api_security_group_id,
            connect_id=data.api_resource_id,
            name=data.database_name,
            api_user=data.api_user,
            writer_host=data.writer_endpoint,
            writer_security_group_id=data.database_security_group_id,
            cluster_id=data.cluster_resource_id,
            master_secret_arn=data.master_secret_arn,
            road=data.road,
            former_api_users=data.former_api_users,
            api_secret_arn=data.api_secret_arn,
            password_generation=settings.proxy.password_generation,
            may_pause=settings.database.may_pause,
        ),
        cache=(
            CacheAccess(
                kind=settings.cache.mode,
                host=data.cache.host,
                port=data.cache.port,
                security_group_id=data.cache.security_group_id,
                cache_arn=data.cache.cache_arn,
                user_arn=data.cache.user_arn,
                user=data.cache.user_name,
            )
            if data.cache
            else None
        ),
        api=settings.api,
        function=settings.function,
        ingest=settings.ingest,
        protect=settings.general.deletion_protection and not settings.ingest.force_destroy,
        tags=tags,
    ),
)
monitoring = Monitoring(
    f"{name}-monitoring",
    MonitoringArgs(
        location=location,
        settings=settings.monitoring,
        key_arn=encryption.key_arn,
        watched=Watched(
            namespace=name,
            api_name=api.api_name,
            stage_name=api.stage_name,
            latency_p99_ms=settings.monitoring.latency_p99_ms,
            functions=[
                WatchedFunction(
                    purpose=purpose,
                    function_name=function,
                    log_group_name=api.log_group_names[purpose],
                    timeout_s=api.timeouts_s[purpose],
                )
                for purpose, function in api.function_names.items()
            ],
            reserved_concurrency=settings.function.reserved_concurrency,
            account_concurrency=settings.monitoring.account_concurrency,
            database=WatchedDatabase.of(settings.database, data.cluster_identifier),
            proxy=WatchedProxy.of(settings.proxy, data.proxy_name),
            cache=WatchedCache.of(settings.cache, data.cache.cache_name if data.cache else None),
            dead_letter_queue_name=api.dead_letter_queue_name,
        ),
        protect=settings.general.deletion_protection,
        tags=tags,
    ),
)

pulumi.export("url", api.url)
pulumi.export("apiId", api.api_id)
pulumi.export("curl", api.curl)
pulumi.export("dashboardUrl", monitoring.dashboard_url)
pulumi.export("databaseHost", data.api_host)
pulumi.export("databaseReaderHost", data.api_reader_host)
pulumi.export("databaseSecretArn", data.master_secret_arn)
pulumi.export("ingestBucket", api.bucket_name)
