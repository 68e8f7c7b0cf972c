"""No ordinary change of a setting takes a resource away before its successor is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from aurora_graphql.preview.replacement import Outage, find_outages, outages_lines
from aurora_graphql.preview.resource_types import TYPES
from components.settings import declared_keys
from tests.aurora_graphql.preview.graphs import graph, resource
from tests.recorded import Recorded

KNOWN = {typ for typ, facts in TYPES.items() if facts.known_by}
NAMES = {"domainName", "name", "stageName"}
"""Inputs that hold a name, of any type; some types have one besides."""
CERTIFICATE = "aws:acm/certificate:Certificate"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"
PROXY = "aws:rds/proxy:Proxy"
REPLICATION: Final[Mapping[str, Any]] = {
    "cacheMode": "replication-group",
    "cacheEngineVersion": "8.0",
}
OWN_VPC: Final[Mapping[str, Any]] = {
    "networkVpcId": "vpc-0123456789abcdef0",
    "networkIsolatedSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "networkInterfaceEndpoints": [],
    "networkEndpointSecurityGroupId": "sg-0123456789abcdef0",
}
TWO_ZONES: Final[Mapping[str, Any]] = {"networkZoneCount": 2}

# What the stack begins with -> what is changed later. Together they change every setting.
CHANGES: Final[dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "a-further-zone": (TWO_ZONES, {"networkZoneCount": 3}),
    "a-further-zone-of-ones-own-vpc": (
        OWN_VPC,
        {
            "networkIsolatedSubnetIds": [
                *OWN_VPC["networkIsolatedSubnetIds"],
                "subnet-0123456789abcdef2",
            ],
            "networkPrivateSubnetIds": ["subnet-0123456789abcdef3"],
            "networkEndpointSecurityGroupId": "sg-0123456789abcdef1",
        },
    ),
    "all-that-fits-together": (
        {},
        {
            "networkPublicSubnets": True,
            "networkNat": "per-zone",
            "networkInterfaceEndpoints": ["secretsmanager", "execute-api"],
            "networkInterfaceEndpointZones": 1,
            "networkFlowLogs": False,
            "networkLogRetentionDays": 30,
            "tags": ["a=b"],
            "deletionProtection": False,
            "keyDeletionDays": 8,
            "policyExceptions": ["RDS.5 at data-database-cluster: one instance is enough here"],
            "databaseEngineVersion": "8.4.mysql_aurora.8.4.7",
            "databaseApiUser": "other",
            "databaseInstanceClass": "db.r8g.large",
            "databaseReaders": 3,
            "databaseMaxReaders": 6,
            "databaseReaderTargetCpuPercent": 70,
            "databaseIoOptimized": True,
            "databaseBackupRetentionDays": 8,
            "databaseBackupWindow": "03:00-04:00",
            "databaseMaintenanceWindow": "mon:05:30-mon:06:30",
            "databaseApplyImmediately": True,
            "databaseAutoMinorUpgrade": False,
            "databaseInsights": "standard",
            "databaseMonitoringIntervalS": 15,
            "databaseSlowQueryS": "2",
            "databaseLogRetentionDays": 30,
            "databaseCertificate": "rds-ca-rsa4096-g1",
            "databaseSnapshot": "snapshot-1",
            "proxyAuthentication": "iam",
            "proxyBorrowTimeoutS": 4,
            "proxyMaxConnectionsPercent": 80,
            "proxyMaxIdleConnectionsPercent": 40,
            "proxyIdleClientTimeoutS": 900,
            "proxyIgnoreVariableSets": True,
            "proxyLogRetentionDays": 30,
            "functionMemoryMb": 2048,
            "functionTimeoutS": 20,
            "functionReservedConcurrency": -1,
            "functionVariables": ["DOCUMENT_COST_MAX=8000"],
            "functionLogLevel": "DEBUG",
            "functionLogRetentionDays": 30,
            "functionMigrateTimeoutS": 700,
            "functionSmokeTest": False,
            "functionVersionsKept": 2,
            "functionColdStart": "warmup",
            "functionWarmupMinutes": 6,
            "ingestMemoryMb": 2048,
            "ingestTimeoutS": 800,
            "ingestRetries": 1,
            "ingestEventAgeS": 600,
            "ingestExpirationDays": 30,
            "ingestForceDestroy": True,
            "monitoringAlarmEmails": ["ops@shop.example"],
            "monitoringLatencyP99Ms": 600,
            "monitoringAccountConcurrency": 2000,
            "monitoringRunbookUrl": "https://wiki.shop.example/runbook",
            "monitoringTrailRetentionDays": 30,
            "monitoringTrailForceDestroy": True,
            "monitoringBudgetUsd": 500,
        },
    ),
    "cache-and-what-else-there-is": (
        {},
        {
            "apiKeyNames": ["shop"],
            "apiKeyRate": "10",
            "apiKeyBurst": 20,
            "apiKeyQuota": 100,
            "apiKeyQuotaPeriod": "DAY",
            "cacheUser": "other",
            "cacheEngineVersion": "9",
            "cacheMaxStorageGb": 2,
            "cacheMaxEcpuPerSecond": 6000,
            "cacheSnapshotRetentionDays": 1,
            "cacheLogRetentionDays": 30,
            "proxyPasswordGeneration": 2,
            "proxyReaderRouting": "never",
            "apiFirewall": False,
            "monitoringDashboard": False,
            "monitoringTrail": False,
        },
    ),
    "copies-a-way-in-and-shifted-traffic": (
        {},
        {
            "databaseCopyRegion": "eu-west-1",
            "databaseCopyRetentionDays": 10,
            "databaseCopyEveryHours": 6,
            "databaseTunnel": True,
            "functionGeneration": 2,
            "functionShiftTraffic": "canary10Percent5Minutes",
        },
    ),
    "capacity": (
        {"proxyEnabled": False},
        {
            "databaseMinCapacityAcu": "0",
            "databaseMaxCapacityAcu": "8",
            "databaseAutoPauseS": 900,
        },
    ),
    "no-proxy": ({}, {"proxyEnabled": False}),
    "cache-of-nodes": (
        {**TWO_ZONES, **REPLICATION},
        {
            **REPLICATION,
            "networkZoneCount": 3,
            "cacheEngineVersion": "8.1",
            "cacheSnapshotRetentionDays": 1,
            "cacheNodeType": "cache.r7g.large",
            "cacheShards": 2,
            "cacheReplicas": 2,
            "cacheMaintenanceWindow": "mon:04:30-mon:05:30",
        },
    ),
    "api": (
        {},
        {
            "apiStageName": "other",
            "apiAuthIssuers": ["https://other.invalid/"],
            "apiAuthAudience": "other",
            "apiStaticKeys": ["a=" + "0" * 64],
            "apiAnonymous": True,
            "apiAuthorizerCacheS": 0,
            "apiIntrospection": True,
            "apiGraphiql": True,
            "apiCorsOrigins": ["https://shop.example"],
            "apiOperationMetrics": ["Orders"],
            "apiThrottleRate": "50",
            "apiThrottleBurst": 100,
            "apiCacheSizeGb": "0.5",
            "apiCacheTtlS": 30,
            "apiCompressionBytes": 2048,
            "apiTracing": False,
            "apiLogRetentionDays": 30,
            "apiAccountLogRole": False,
            "apiDomainName": "api.shop.example",
            "apiHostedZoneId": "Z0123456789",
        },
    ),
    "endpoint": (
        {"apiDomainName": "api.shop.example", "apiHostedZoneId": "Z0123456789"},
        {
            "apiDomainName": "api.shop.example",
            "apiCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a",
            "apiEndpointType": "edge",
            "apiFirewallRate": 3000,
        },
    ),
    "private": (
        {},
        {"apiEndpointType": "private", "apiVpcEndpointIds": ["vpce-0123456789abcdef0"]},
    ),
    "provisioned": (
        {
            "functionColdStart": "provisioned",
            "functionProvisionedScaling": "schedule",
            "functionReservedConcurrency": -1,
        },
        {
            "functionColdStart": "provisioned",
            "functionProvisionedScaling": "utilization",
            "functionProvisionedMin": 2,
            "functionProvisionedMax": 6,
            "functionProvisionedUtilization": "0.8",
            "functionProvisionedStart": "cron(0 8 ? * MON-FRI *)",
            "functionProvisionedStop": "cron(0 18 ? * MON-FRI *)",
            "functionProvisionedTimezone": "Europe/Berlin",
        },
    ),
    "no-ingest": ({}, {"ingestEnabled": False}),
}

# docs/operations.md, "Replacing resources safely", has each of them.
ANOTHER_STACK: Final = {
    *("databaseMasterUser", "databaseName", "name"),
    *("networkCidr", "networkVpcId", "networkZones"),
}
LOSES_THE_CACHE: Final = {"cacheMode"}
OF_THE_ARCHIVE: Final = {"functionArchiveDirectory"}


@pytest.mark.parametrize("change", CHANGES)
def test_change_takes_nothing_away_before_its_successor_is_there(
    recorded: Recorded, change: str
) -> None:
    before, after = CHANGES[change]
    found = list(find_outages(recorded("prod", **before), recorded("prod", **{**before, **after})))
    assert outages_lines(found, "") == []


def test_every_setting_is_changed_or_said_to_need_another_stack() -> None:
    changed = {key for _, after in CHANGES.values() for key in after}
    changed -= OF_THE_ARCHIVE | LOSES_THE_CACHE | ANOTHER_STACK
    every = {declared.key for declared in declared_keys()}
    assert changed == every - OF_THE_ARCHIVE - LOSES_THE_CACHE - ANOTHER_STACK


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="serverless"),
        pytest.param(REPLICATION, id="nodes"),
        pytest.param(
            {"apiDomainName": "api.shop.example", "apiHostedZoneId": "Z0123456789"}, id="domain"
        ),
        pytest.param({"monitoringBudgetUsd": 5, "apiKeyNames": ["shop"]}, id="keys"),
        pytest.param({"databaseCopyRegion": "eu-west-1", "databaseTunnel": True}, id="copies"),
        pytest.param({"functionShiftTraffic": "canary10Percent5Minutes"}, id="shifted"),
    ],
)
def test_whatever_has_a_name_of_ours_is_in_the_table(
    recorded: Recorded, changes: Mapping[str, Any]
) -> None:
    """A type that is declared with a fixed name needs its facts before anybody relies on them."""
    named = {
        each.typ
        for each in recorded("prod", **changes).resources
        if each.custom and {*NAMES, *_own_name(each.typ)} & {*each.inputs}
    }
    assert named <= {*KNOWN, CERTIFICATE, QUERY}  # of these a name may have several


def _own_name(typ: str) -> set[str]:
    facts = TYPES.get(typ)
    return {facts.name[0]} if facts and facts.name else set()


def proxy(ignore_changes: tuple[str, ...] = (), **inputs: Any) -> Any:
    return resource(PROXY, "shop-proxy", inputs=inputs, ignore_changes=ignore_changes)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            proxy(name="a", vpcSubnetIds=["s1"]),
            proxy(name="a", vpcSubnetIds=["s1", "s2"]),
            ("vpcSubnetIds",),
            id="the-same-name",
        ),
        pytest.param(
            proxy(name="a", vpcSubnetIds=["s1"]),
            proxy(name="b", vpcSubnetIds=["s1", "s2"]),
            (),
            id="another-name",
        ),
        pytest.param(
            proxy(name="a", vpcSubnetIds=["s1"]),
            proxy(("vpcSubnetIds",), name="a", vpcSubnetIds=["s2"]),
            (),
            id="frozen",
        ),
        pytest.param(
            proxy(name="a", vpcSubnetIds=["s1", "s2"]),
            proxy(name="a", vpcSubnetIds=["s2", "s1"]),
            (),
            id="another-order",
        ),
        pytest.param(
            proxy(name="a", idleClientTimeout=1),
            proxy(name="a", idleClientTimeout=2),
            (),
            id="in-place",
        ),
    ],
)
def test_what_is_deleted_first_is_found(before: Any, after: Any, expected: tuple[str, ...]) -> None:
    found = list(find_outages(graph(before), graph(after)))
    assert found == ([Outage(resource=after, inputs=expected)] if expected else [])


def test_what_is_deleted_first_is_told_with_the_reason() -> None:
    outage = Outage(resource=proxy(name="a"), inputs=("engineFamily", "vpcSubnetIds"))
    assert outages_lines([outage], "shop-") == [
        "! Proxy proxy is deleted before its successor is made: engineFamily, vpcSubnetIds"
    ]
