"""What a stack may be configured to be, and how it is told when it may not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import set_all_config
from pulumi.runtime.settings import reset_options

from aurora_graphql.preview.recording import PROJECT
from components.data_settings import (
    INTERFACE_ENDPOINTS,
    CacheSettings,
    DatabaseSettings,
    NetworkSettings,
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
