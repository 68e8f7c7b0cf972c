"""What a stack may be configured to be, and how it is told when it may not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import set_all_config
from pulumi.runtime.settings import reset_options

from aurora_graphql.preview.recording import PROJECT
from components.data_settings import (
    INTERFACE_ENDPOINTS,
    CacheSettings,
    DatabaseSettings,
    NetworkSettings,
    ProxySettings,
)
from components.settings import GeneralSettings, StackSettings, declared_keys


@pytest.fixture(autouse=True)
def _no_config() -> Iterator[None]:
    reset_options(project=PROJECT, stack="dev")
    yield
    set_all_config({})


def load(**values: Any) -> StackSettings:
    """Settings as if ``values`` stood in ``Pulumi.<stack>.yaml``."""
    set_all_config(
        {
            f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in values.items()
        }
    )
    return StackSettings.load(pulumi.Config(PROJECT))


def test_empty_configuration_takes_every_default_and_a_name() -> None:
    assert load() == StackSettings(general=GeneralSettings(name="aurora-graphql-dev"))


def test_values_of_every_kind_are_read() -> None:
    settings = load(
        name="shop",
        tags=["team=web", "cost-centre=42=a"],
        deletionProtection=False,
        databaseMinCapacityAcu="1.5",
        databaseReaders=2,
        networkInterfaceEndpoints=["secretsmanager", "kms"],
        cacheMode="none",
    )
    assert settings == StackSettings(
        general=GeneralSettings(
            name="shop", tags=("team=web", "cost-centre=42=a"), deletion_protection=False
        ),
        database=DatabaseSettings(min_capacity_acu=1.5, readers=2),
        network=NetworkSettings(interface_endpoints=("secretsmanager", "kms")),
        cache=CacheSettings(mode="none"),
    )
    assert settings.general.tag_map() == {"team": "web", "cost-centre": "42=a"}


def test_declared_keys_read_back_as_the_defaults() -> None:
    declared = {key.key: key.default for key in declared_keys()}
    assert load(**{key: value for key, value in declared.items() if key != "name"}) == load()


def test_keys_are_flat_camel_case_and_unique() -> None:
    keys = [key.key for key in declared_keys()]
    assert len(set(keys)) == len(keys)
    assert all(key.isalnum() and key[0].islower() for key in keys)
    assert {"name", "networkCidr", "databaseMinCapacityAcu", "proxyBorrowTimeoutS"} <= set(keys)


def test_fractions_are_declared_as_strings_because_project_files_know_none() -> None:
    declared = {key.key: key for key in declared_keys()}
    assert declared["databaseMinCapacityAcu"].kind == "string"
    assert declared["databaseMinCapacityAcu"].default == "0.5"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(
            {"databaseMinCapcityAcu": "1"},
            "aurora-graphql:databaseMinCapcityAcu is no setting of this program",
            id="unknown-key",
        ),
        pytest.param(
            {"databaseReaders": "two"},
            "databaseReaders must be a whole number, got 'two'",
            id="wrong-type",
        ),
        pytest.param(
            {"networkZones": [1, 2]},
            "networkZones must be a list of texts, such as [one, two], got [1, 2]",
            id="list-of-numbers",
        ),
        pytest.param(
            {"networkZones": "eu-central-1a"},
            "networkZones must be a list of texts, such as [one, two], got 'eu-central-1a'",
            id="not-a-list",
        ),
    ],
)
def test_configuration_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=_starts(message)):
        load(**values)


def _starts(message: str) -> str:
    return "^" + re.escape(message)


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        pytest.param(GeneralSettings, {"name": "-x"}, "name must be 2 to 26 of", id="name"),
        pytest.param(GeneralSettings, {"name": "a--b"}, "name must be", id="name-double-dash"),
        pytest.param(GeneralSettings, {"name": "a" * 27}, "name must be", id="name-long"),
        pytest.param(GeneralSettings, {"tags": ("team",)}, "tags must be a list of", id="tag"),
        pytest.param(
            GeneralSettings, {"tags": ("aws:x=1",)}, "tags must not begin with aws:", id="aws-tag"
        ),
        pytest.param(
            GeneralSettings, {"tags": ("a=1", "a=2")}, "tags must have different", id="tag-twice"
        ),
        pytest.param(
            GeneralSettings,
            {"tags": tuple(f"t{number}=1" for number in range(41))},
            "tags must be at most 40",
            id="tags-many",
        ),
        pytest.param(
            GeneralSettings,
            {"key_deletion_days": 6},
            "keyDeletionDays must be between 7 and 30 days, got 6",
            id="key-days",
        ),
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
            "databaseApiUser must differ from databaseMasterUser, with and without _proxy behind",
            id="one-user-by-password",
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
    with pytest.raises(ValueError, match=_starts(message)):
        section(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(
            {"databaseMinCapacityAcu": "0"},
            "databaseMinCapacityAcu must be at least 0.5 behind a proxy, got 0",
            id="pause-behind-a-proxy",
        ),
        pytest.param(
            {"proxyReaderRouting": "always"},
            "databaseReaders must be at least 1 when proxyReaderRouting is always, got 0",
            id="forced-routing-without-readers",
        ),
        pytest.param(
            {"proxyEnabled": False, "proxyReaderRouting": "always"},
            "databaseReaders must be at least 1 when proxyReaderRouting is always, got 0",
            id="forced-routing-without-readers-or-proxy",
        ),
        pytest.param(
            {"proxyBorrowTimeoutS": 29, "functionTimeoutS": 29},
            "proxyBorrowTimeoutS must be less than functionTimeoutS (29), got 29",
            id="borrow-over-the-apis",
        ),
        pytest.param(
            {"functionReservedConcurrency": 901},
            "functionReservedConcurrency must be -1 or at most 900, got 901",
            id="more-than-the-account-has",
        ),
        pytest.param(
            {"functionReservedConcurrency": 1, "monitoringAccountConcurrency": 10},
            "functionReservedConcurrency must be -1, got 1: Lambda keeps 100",
            id="reserved-in-a-new-account",
        ),
        pytest.param(
            {
                "cacheMode": "replication-group",
                "cacheEngineVersion": "8.1",
                "cacheShards": 251,
                "cacheReplicas": 1,
            },
            "cacheShards and cacheReplicas must make at most 500 nodes, got 502",
            id="more-nodes-than-a-cache-has",
        ),
        pytest.param(
            {"networkInterfaceEndpoints": []},
            "networkInterfaceEndpoints must contain secretsmanager",
            id="no-way-to-the-secret",
        ),
        pytest.param(
            {"apiEndpointType": "private"},
            "networkInterfaceEndpoints must contain execute-api when apiEndpointType is private",
            id="private-api-without-endpoint",
        ),
        pytest.param(
            {
                "apiEndpointType": "private",
                "networkVpcId": "vpc-0123456789abcdef0",
                "networkIsolatedSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcde1"],
                "networkEndpointSecurityGroupId": "sg-0123456789abcdef0",
                "networkInterfaceEndpoints": [],
            },
            "networkInterfaceEndpoints must contain execute-api when apiEndpointType is private",
            id="private-api-in-a-foreign-network",
        ),
        pytest.param(
            {
                "networkVpcId": "vpc-0123456789abcdef0",
                "networkIsolatedSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcde1"],
                "networkEndpointSecurityGroupId": "sg-0123456789abcdef0",
            },
            "networkInterfaceEndpoints must be [] when networkEndpointSecurityGroupId",
            id="endpoints-twice",
        ),
    ],
)
def test_combination_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=_starts(message)):
        load(**values)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"databaseMinCapacityAcu": "0", "proxyEnabled": False}, id="pause"),
        pytest.param(
            {
                "apiEndpointType": "private",
                "networkInterfaceEndpoints": ["secretsmanager", "execute-api"],
            },
            id="private-api",
        ),
        pytest.param(
            {"databaseReaders": 1, "databaseMaxReaders": 4, "proxyReaderRouting": "always"},
            id="routing-to-readers-that-scale",
        ),
        pytest.param({"databaseEngineVersion": "8.4.mysql_aurora.8.4.7"}, id="aurora-8-4"),
        pytest.param(
            {"databaseInstanceClass": "db.t4g.medium", "databaseInsights": "off"}, id="burstable"
        ),
        pytest.param({"networkPublicSubnets": True, "networkNat": "per-zone"}, id="nat"),
        pytest.param({"networkInterfaceEndpoints": list(INTERFACE_ENDPOINTS)}, id="every-endpoint"),
        pytest.param(
            {
                "databaseBackupWindow": "23:00-23:30",
                "databaseMaintenanceWindow": "sun:23:30-mon:00:30",
            },
            id="windows-that-touch",
        ),
    ],
)
def test_combination_is_accepted(values: dict[str, Any]) -> None:
    load(**values)


def test_name_from_a_stack_that_aws_would_refuse_is_refused() -> None:
    reset_options(project=PROJECT, stack="feature_x")
    with pytest.raises(ValueError, match="name must be 2 to 26"):
        load()


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
