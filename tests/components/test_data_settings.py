"""What the data of a stack may be configured to be: each section refuses what it cannot be."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data_settings import CacheSettings, DatabaseSettings, NetworkSettings, ProxySettings


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        pytest.param(
            NetworkSettings,
            {"cidr": "10.0.0.0/8"},
            "networkCidr: must be between /16 and /22, got 10.0.0.0/8",
            id="cidr",
        ),
        pytest.param(
            NetworkSettings, {"zone_count": 4}, "networkZoneCount must be between 2", id="zones"
        ),
        pytest.param(
            NetworkSettings,
            {"zones": ("eu-central-1a",)},
            "networkZones must name networkZoneCount (2) zones, got 1",
            id="zones-missing",
        ),
        pytest.param(
            NetworkSettings,
            {"zones": ("eu-central-1a", "eu-central-1a")},
            "networkZones must differ",
            id="zones-same",
        ),
        pytest.param(
            NetworkSettings,
            {"zones": ("frankfurt", "b")},
            "networkZones must be names such as eu-central-1a, got 'frankfurt'",
            id="zone-name",
        ),
        pytest.param(
            NetworkSettings,
            {"nat": "one"},
            "networkNat one needs networkPublicSubnets",
            id="nat-without-public",
        ),
        pytest.param(
            NetworkSettings, {"nat": "many"}, "networkNat must be one of none, one", id="nat"
        ),
        pytest.param(
            NetworkSettings,
            {"interface_endpoint_zones": 4},
            "networkInterfaceEndpointZones must be between 0 and 3 zones, got 4",
            id="endpoint-zones",
        ),
        pytest.param(
            NetworkSettings,
            {"interface_endpoints": ("s3",)},
            "networkInterfaceEndpoints must be one of execute-api",
            id="endpoint",
        ),
        pytest.param(
            NetworkSettings,
            {"interface_endpoints": ("kms", "kms")},
            "networkInterfaceEndpoints must differ",
            id="endpoint-twice",
        ),
        pytest.param(
            NetworkSettings,
            {"log_retention_days": 8},
            "networkLogRetentionDays must be one of 1, 3, 5",
            id="retention",
        ),
        pytest.param(
            NetworkSettings,
            {"vpc_id": "vpc-0123456789abcdef0"},
            "networkIsolatedSubnetIds must name at least two subnets",
            id="vpc-without-subnets",
        ),
        pytest.param(
            NetworkSettings,
            {"vpc_id": "main"},
            "networkVpcId must be an identifier vpc-..., got 'main'",
            id="vpc",
        ),
        pytest.param(
            NetworkSettings,
            {"isolated_subnet_ids": ("subnet-0123456789abcdef0",)},
            "networkIsolatedSubnetIds, networkPrivateSubnetIds and networkEndpointSecurityGroupId",
            id="subnets-without-vpc",
        ),
        pytest.param(
            NetworkSettings,
            {"vpc_id": "vpc-0123456789abcdef0", "isolated_subnet_ids": ("a", "b")},
            "networkIsolatedSubnetIds and networkPrivateSubnetIds must be identifiers subnet-...",
            id="subnet",
        ),
        pytest.param(
            DatabaseSettings,
            {"engine_version": "8.0"},
            "databaseEngineVersion must be an Aurora MySQL 3 or 8.4 version in full",
            id="engine-short",
        ),
        pytest.param(
            DatabaseSettings,
            {"engine_version": "5.7.mysql_aurora.2.12.0"},
            "databaseEngineVersion must be an Aurora MySQL 3 or 8.4",
            id="engine-old",
        ),
        pytest.param(
            DatabaseSettings,
            {"name": "my-app"},
            "databaseName must be at most 32 of a-z, 0-9 and _, a letter first, got 'my-app'",
            id="database-name",
        ),
        pytest.param(
            DatabaseSettings,
            {"master_user": "rdsadmin"},
            "databaseMasterUser must not be rdsadmin",
            id="reserved-user",
        ),
        pytest.param(
            DatabaseSettings,
            {"master_user": "a" * 17},
            "databaseMasterUser must be at most 16 characters, which RDS takes, got 17",
            id="master-user-long",
        ),
        pytest.param(
            DatabaseSettings,
            {"master_user": "api"},
            "databaseApiUser must differ from databaseMasterUser",
            id="one-user",
        ),
        pytest.param(
            DatabaseSettings,
            {"master_user": "api_proxy"},
            "databaseApiUser must differ from databaseMasterUser, with and without _proxy or",
            id="one-user-by-password",
        ),
        pytest.param(
            DatabaseSettings,
            {"master_user": "api_write"},
            "databaseApiUser must differ from databaseMasterUser, with and without _proxy or",
            id="one-user-for-the-ingest",
        ),
        pytest.param(
            DatabaseSettings,
            {"api_user": "a" * 27},
            "databaseApiUser must be at most 26 characters, for _proxy has to fit behind it",
            id="long-user",
        ),
        pytest.param(
            DatabaseSettings,
            {"instance_class": "db.huge"},
            "databaseInstanceClass must be db.serverless or a class such as db.r8g.large",
            id="class",
        ),
        pytest.param(
            DatabaseSettings,
            {"min_capacity_acu": 0.3},
            "databaseMinCapacityAcu must be a multiple of 0.5 ACU, got 0.3",
            id="acu-step",
        ),
        pytest.param(
            DatabaseSettings,
            {"max_capacity_acu": 257},
            "databaseMaxCapacityAcu must be between 0 and 256 ACU, got 257",
            id="acu-most",
        ),
        pytest.param(
            DatabaseSettings,
            {"min_capacity_acu": 8, "max_capacity_acu": 4},
            "databaseMaxCapacityAcu must be at least 1 and databaseMinCapacityAcu (8), got 4",
            id="acu-order",
        ),
        pytest.param(
            DatabaseSettings,
            {"min_capacity_acu": 0, "max_capacity_acu": 0.5},
            "databaseMaxCapacityAcu must be at least 1",
            id="acu-max-below-one",
        ),
        pytest.param(
            DatabaseSettings,
            {"min_capacity_acu": 0, "engine_version": "8.0.mysql_aurora.3.07.1"},
            "databaseMinCapacityAcu 0 needs databaseEngineVersion 3.08 or later",
            id="pause-old-engine",
        ),
        pytest.param(
            DatabaseSettings,
            {"auto_pause_s": 60},
            "databaseAutoPauseS must be between 300 and 86400 seconds, got 60",
            id="pause",
        ),
        pytest.param(
            DatabaseSettings,
            {"readers": 16},
            "databaseReaders must be between 0 and 15 readers, got 16",
            id="readers",
        ),
        pytest.param(
            DatabaseSettings,
            {"readers": 0, "max_readers": 3},
            "databaseReaders must be between 1 and databaseMaxReaders (3) when readers scale",
            id="readers-scale-from-none",
        ),
        pytest.param(
            DatabaseSettings,
            {"backup_retention_days": 0},
            "databaseBackupRetentionDays must be between 1 and 35 days, got 0",
            id="backups",
        ),
        pytest.param(
            DatabaseSettings,
            {"backup_window": "02:00-02:15"},
            "databaseBackupWindow must be at least 30 minutes",
            id="backup-window-short",
        ),
        pytest.param(
            DatabaseSettings,
            {"maintenance_window": "sun:02:30-sun:04:00"},
            "databaseMaintenanceWindow (sun:02:30-sun:04:00) must not overlap",
            id="windows-overlap",
        ),
        pytest.param(
            DatabaseSettings,
            {"backup_window": "23:30-00:30", "maintenance_window": "mon:00:00-mon:01:00"},
            "databaseMaintenanceWindow (mon:00:00-mon:01:00) must not overlap",
            id="windows-overlap-at-midnight",
        ),
        pytest.param(
            DatabaseSettings,
            {"maintenance_window": "sunday"},
            "databaseMaintenanceWindow must be ddd:hh:mm-ddd:hh:mm in UTC",
            id="maintenance-window",
        ),
        pytest.param(
            DatabaseSettings,
            {"monitoring_interval_s": 2},
            "databaseMonitoringIntervalS must be one of 0, 1, 5",
            id="monitoring",
        ),
        pytest.param(
            DatabaseSettings,
            {"instance_class": "db.t4g.medium"},
            "databaseInsights must be off on db.t4g.medium",
            id="insights-on-burstable",
        ),
        pytest.param(
            DatabaseSettings,
            {"snapshot": "snap shot"},
            "databaseSnapshot must be a snapshot's identifier or ARN, got 'snap shot'",
            id="snapshot",
        ),
        pytest.param(
            ProxySettings,
            {"borrow_timeout_s": 0},
            "proxyBorrowTimeoutS must be between 1 and 300 seconds, got 0",
            id="borrow",
        ),
        pytest.param(
            ProxySettings,
            {"max_connections_percent": 40},
            "proxyMaxIdleConnectionsPercent must be between 0 and 40 %",
            id="idle-over-most",
        ),
        pytest.param(
            ProxySettings,
            {"authentication": "password"},
            "proxyAuthentication must be one of secret, iam; got password",
            id="authentication",
        ),
        pytest.param(
            CacheSettings, {"mode": "redis"}, "cacheMode must be one of none, serverless", id="mode"
        ),
        pytest.param(
            CacheSettings,
            {"user": "default"},
            "cacheUser must not be default",
            id="cache-user-default",
        ),
        pytest.param(
            CacheSettings,
            {"mode": "replication-group"},
            "cacheEngineVersion must be a Valkey version: 8 for serverless, 8.1 for a",
            id="cache-version",
        ),
        pytest.param(
            CacheSettings,
            {"replicas": 0},
            "cacheReplicas must be between 1 and 5 replicas per shard, got 0",
            id="no-replica",
        ),
        pytest.param(
            CacheSettings,
            {"max_ecpu_per_second": 999},
            "cacheMaxEcpuPerSecond must be between 1000 and 15000000 ECPU/s, got 999",
            id="ecpu",
        ),
    ],
)
def test_section_is_refused(section: type[Any], values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        section(**values)


@given(
    start=st.integers(0, 47),
    maintenance_start=st.integers(0, 7 * 48 - 1),
    backup_halves=st.integers(1, 4),
    maintenance_halves=st.integers(1, 6),
)
def test_windows_are_refused_exactly_when_they_share_a_minute(
    start: int, maintenance_start: int, backup_halves: int, maintenance_halves: int
) -> None:
    def clock(half_hour: int) -> str:
        return f"{half_hour % 48 // 2:02}:{half_hour % 2 * 30:02}"

    def moment(half_hour: int) -> str:
        day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[half_hour // 48 % 7]
        return f"{day}:{clock(half_hour)}"

    backup = {(start + half) % 48 for half in range(backup_halves)}
    maintenance = {(maintenance_start + half) % 48 for half in range(maintenance_halves)}

    def build() -> DatabaseSettings:
        return DatabaseSettings(
            backup_window=f"{clock(start)}-{clock(start + backup_halves)}",
            maintenance_window=(
                f"{moment(maintenance_start)}-{moment(maintenance_start + maintenance_halves)}"
            ),
        )

    if backup & maintenance:
        with pytest.raises(ValueError, match="must not overlap"):
            build()
    else:
        build()
