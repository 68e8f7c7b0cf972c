"""A whole API in a VPC that stands already: its subnets are asked for, by their tags."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.api_settings import ApiSettings
from components.api_tier import ApiTier, ApiTierArgs
from components.archive import Archive
from components.data_tier import DataTier, DataTierArgs
from components.encryption import Encryption, EncryptionArgs
from components.network import Network, NetworkArgs

vpc = aws.ec2.get_vpc_output(tags={"Name": "company"})
isolated = aws.ec2.get_subnets_output(
    filters=vpc.id.apply(lambda vpc_id: [{"name": "vpc-id", "values": [vpc_id]}]),
    tags={"tier": "isolated"},
)
key = Encryption("shop-key", EncryptionArgs(alias="shop")).key_arn
# Adds the interface endpoint of Secrets Manager, by which the migration reads its secret.
network = Network("shop-network", NetworkArgs(key_arn=key, vpc_id=vpc.id, subnet_ids=isolated.ids))
data = DataTier("shop-data", DataTierArgs(identifier="shop", network=network.access, key_arn=key))
api = ApiTier(
    "shop-api",
    ApiTierArgs(
        archive=Archive.load(Path(__file__).parent / "dist"),
        stage=pulumi.get_stack(),
        key_arn=key,
        network=network.access,
        database=data.access,
        cache=data.cache,
        api=ApiSettings(auth_issuers=("https://login.shop.example/",), auth_audience="shop"),
    ),
)
pulumi.export("url", api.url)
