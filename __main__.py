"""One stack: settings -> Network -> DataTier -> ApiTier -> Monitoring -> exports."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.api_tier import ApiTier, ApiTierArgs
from components.archive import Archive
from components.data_tier import DataTier, DataTierArgs
from components.encryption import Encryption, EncryptionArgs
from components.location import Location
from components.monitoring import Monitoring, MonitoringArgs
from components.naming import stack_tags
from components.network import Network, NetworkArgs
from components.settings import StackSettings

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
        users=("logs", *settings.monitoring.key_users),
        deletion_days=settings.general.key_deletion_days,
        tags=tags,
    ),
)
network = Network(
    f"{name}-network",
    NetworkArgs(
        location=location, key_arn=encryption.key_arn, settings=settings.network, tags=tags
    ),
)
data = DataTier(
    f"{name}-data",
    DataTierArgs(
        location=location,
        identifier=name,
        network=network.access,
        key_arn=encryption.key_arn,
        database=settings.database,
        proxy=settings.proxy,
        cache=settings.cache,
        deletion_protection=settings.general.deletion_protection,
        tags=tags,
    ),
)
api = ApiTier(
    f"{name}-api",
    ApiTierArgs(
        location=location,
        archive=archive,
        stage=pulumi.get_stack(),
        key_arn=encryption.key_arn,
        network=network.access,
        database=data.access,
        cache=data.cache,
        api=settings.api,
        function=settings.function,
        ingest=settings.ingest,
        protect=settings.general.deletion_protection,
        tags=tags,
    ),
)
monitoring = Monitoring(
    f"{name}-monitoring",
    MonitoringArgs(
        location=location,
        settings=settings.monitoring,
        key_arn=encryption.key_arn,
        namespace=name,
        api=api.watched,
        data=data.watched,
        protect=settings.general.deletion_protection,
        tags=tags,
    ),
)

pulumi.export("url", api.url)
pulumi.export("apiId", api.api_id)
pulumi.export("curl", api.curl)
pulumi.export("goBack", api.go_back)
pulumi.export("dashboardUrl", monitoring.dashboard_url)
pulumi.export("databaseHost", data.access.host)
pulumi.export("databaseReaderHost", data.access.reader_host)
pulumi.export("databaseSecretArn", data.access.master_secret_arn)
pulumi.export("ingestBucket", api.bucket_name)
