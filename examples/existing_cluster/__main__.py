"""An API before a cluster of Aurora MySQL that stands already, in the network it stands in."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.access import DatabaseAccess
from components.api_settings import ApiSettings, IngestSettings
from components.api_tier import ApiTier, ApiTierArgs
from components.archive import Archive
from components.network import Network, NetworkArgs

config = pulumi.Config()
cluster = aws.rds.get_cluster_output(cluster_identifier=config.require("cluster"))
group = aws.rds.get_subnet_group_output(name=cluster.db_subnet_group_name)
network = Network("shop-network", NetworkArgs(vpc_id=group.vpc_id, subnet_ids=group.subnet_ids))
security_group_id = cluster.vpc_security_group_ids[0]
database = DatabaseAccess(
    host=cluster.endpoint,
    reader_host=cluster.reader_endpoint,
    port=cluster.port,
    security_group_id=security_group_id,
    connect_id=cluster.cluster_resource_id,
    name=config.require("database"),
    api_user="shop_api",  # the migration makes it, with rights to read what the SDL shows
    writer_host=cluster.endpoint,
    writer_security_group_id=security_group_id,
    cluster_id=cluster.cluster_resource_id,
    master_secret_arn=cluster.master_user_secrets[0].secret_arn,
    road="cluster",
)
api = ApiTier(
    "shop-api",
    ApiTierArgs(
        archive=Archive.load(Path(__file__).parent / "dist"),
        stage=pulumi.get_stack(),
        network=network.access,
        database=database,
        api=ApiSettings(auth_issuers=("https://login.shop.example/",), auth_audience="shop"),
        ingest=IngestSettings(enabled=False),
    ),
)
pulumi.export("url", api.url)
