"""The four tiers in a program of one's own, each with what it needs from the one before."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.api_settings import ApiSettings, MonitoringSettings
from components.api_tier import ApiTier, ApiTierArgs
from components.archive import Archive
from components.data_settings import CacheSettings, DatabaseSettings, ProxySettings
from components.data_tier import DataTier, DataTierArgs
from components.encryption import Encryption, EncryptionArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.network import Network, NetworkArgs

TAGS = {"team": "shop"}

key = Encryption("shop-key", EncryptionArgs(alias="shop", tags=TAGS)).key_arn
network = Network("shop-network", NetworkArgs(key_arn=key, tags=TAGS))
data = DataTier(
    "shop-data",
    DataTierArgs(
        identifier="shop",
        network=network.access,
        key_arn=key,
        database=DatabaseSettings(min_capacity_acu=0),
        proxy=ProxySettings(enabled=False),
        cache=CacheSettings(mode="none"),
        tags=TAGS,
    ),
)
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
        tags=TAGS,
    ),
)
Monitoring(
    "shop-monitoring",
    MonitoringArgs(
        settings=MonitoringSettings(alarm_emails=("ops@shop.example",)),
        key_arn=key,
        namespace="shop",
        api=api.watched,
        data=data.watched,
        tags=TAGS,
    ),
)
pulumi.export("url", api.url)
