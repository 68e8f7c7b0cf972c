"""The program itself: both stacks and many settings, outputs known and as in a first preview."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.program import declared_settings, stack_names
from components.settings import declared_keys
from tests.components.order import waits_for
from tests.components.weaknesses import UNPROTECTED, weaknesses
from tests.domains.orders import PROJECT
from tests.recorded import ROOT, Recorded

pytestmark = pytest.mark.slow

DECLARED = declared_settings(ROOT)

Settings = Mapping[str, Any]

STACKS = stack_names(PROJECT)
VARIANTS: dict[str, tuple[str, Settings]] = {
    "iam-from-proxy-to-cluster": ("prod", {"proxyAuthentication": "iam"}),
    "no-proxy": ("prod", {"proxyEnabled": False, "databaseReaders": 1, "databaseMaxReaders": 0}),
    "proxy-in-dev": ("dev", {"proxyEnabled": True, "databaseMinCapacityAcu": "0.5"}),
    "provisioned-database": ("prod", {"databaseInstanceClass": "db.r8g.large"}),
    "aurora-8.4": ("prod", {"databaseEngineVersion": "8.4.mysql_aurora.8.4.7"}),
    "replication-group": (
        "prod",
        {"cacheMode": "replication-group", "cacheEngineVersion": "8.1", "cacheShards": 2},
    ),
    "no-cache": ("prod", {"cacheMode": "none"}),
    "nat-per-zone": ("prod", {"networkNat": "per-zone", "networkPublicSubnets": True}),
    "existing-vpc": (
        "dev",
        {
            "networkVpcId": "vpc-0123456789abcdef0",
            "networkIsolatedSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "networkInterfaceEndpoints": [],
            "networkEndpointSecurityGroupId": "sg-0123456789abcdef0",
        },
    ),
    "private-api": (
        "prod",
        {
            "apiEndpointType": "private",
            "networkInterfaceEndpoints": ["secretsmanager", "execute-api"],
        },
    ),
    "edge-api-with-issued-certificate": (
        "prod",
        {
            "apiEndpointType": "edge",
            "apiDomainName": "api.shop.example",
            "apiHostedZoneId": "Z0123456789",
        },
    ),
    "keys-cors-and-gateway-cache": (
        "prod",
        {
            "apiKeyNames": ["shop", "till"],
            "apiKeyQuota": 100_000,
            "apiCorsOrigins": ["https://shop.example", "https://till.example"],
            "apiCacheSizeGb": "0.5",
        },
    ),
    "provisioned-by-utilization": (
        "prod",
        {"functionColdStart": "provisioned", "functionProvisionedScaling": "utilization"},
    ),
    "provisioned-by-schedule": (
        "prod",
        {"functionColdStart": "provisioned", "functionProvisionedScaling": "schedule"},
    ),
    "warmup": ("dev", {"functionColdStart": "warmup"}),
    "snapstart-in-dev": ("dev", {"functionColdStart": "snapstart"}),
    "no-ingest": ("prod", {"ingestEnabled": False}),
    "told-and-budgeted": (
        "prod",
        {"monitoringAlarmEmails": ["ops@shop.example"], "monitoringBudgetUsd": 500},
    ),
    "quiet": ("dev", {"apiTracing": False, "apiAccountLogRole": False}),
    "copied-backups": ("prod", {"databaseCopyRegion": "eu-west-1"}),
    "copied-every-hours-in-dev": (
        "dev",
        {
            "databaseCopyRegion": "eu-west-1",
            "databaseCopyEveryHours": 6,
            "databaseCopyRetentionDays": 3,
        },
    ),
    "tunnel": ("prod", {"databaseTunnel": True}),
    "tunnel-in-dev": ("dev", {"databaseTunnel": True}),
    "canary": ("prod", {"functionShiftTraffic": "canary10Percent5Minutes"}),
    "linear-in-dev": ("dev", {"functionShiftTraffic": "linear10PercentEvery1Minute"}),
}


@pytest.mark.parametrize("outputs_known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("stack", STACKS)
def test_stack_builds_and_holds_the_invariants(
    recorded: Recorded, stack: str, outputs_known: bool
) -> None:
    graph = recorded(stack, outputs_known=outputs_known)
    without = UNPROTECTED if stack == "dev" else ()
    assert weaknesses(graph, without=without) == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_builds_in_a_first_preview_as_it_does_later(
    recorded: Recorded, variant: str
) -> None:
    stack, changes = VARIANTS[variant]
    known = recorded(stack, **changes)
    unknown = recorded(stack, **changes, outputs_known=False)
    assert known.types_and_names() == unknown.types_and_names()
    without = UNPROTECTED if stack == "dev" else ()
    assert weaknesses(known, without=without) == {}
    assert weaknesses(unknown, without=without) == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_differs_from_its_stack(recorded: Recorded, variant: str) -> None:
    stack, changes = VARIANTS[variant]
    assert _inputs(recorded(stack, **changes)) != _inputs(recorded(stack))


def _inputs(graph: Graph) -> list[tuple[str, str]]:
    return sorted(
        (resource.urn, json.dumps(resource.inputs, sort_keys=True, default=str))
        for resource in graph.resources
    )


@pytest.mark.parametrize("stack", STACKS)
def test_two_runs_declare_the_same(recorded: Recorded, archive_directory: Path, stack: str) -> None:
    # An archive under another path makes another run; nothing but that path may differ.
    again = {"functionArchiveDirectory": f"{archive_directory}/."}
    assert recorded(stack).types_and_names() == recorded(stack, **again).types_and_names()


@pytest.mark.parametrize("stack", STACKS)
def test_stack_exports_what_a_person_needs_and_nothing_secret(
    recorded: Recorded, stack: str
) -> None:
    exports = recorded(stack).exports
    assert list(exports) == [
        "url",
        "apiId",
        "curl",
        "goBack",
        "dashboardUrl",
        "databaseHost",
        "databaseReaderHost",
        "databaseSecretArn",
        "databaseTunnel",
        "ingestBucket",
    ]
    assert not [key for key, export in exports.items() if export.secret]
    assert exports["url"].value.startswith("https://")
    assert exports["curl"].value.endswith(exports["url"].value)
    words = exports["goBack"].value.split()
    assert words[:3] == ["aws", "lambda", "update-alias"]
    assert words[-5:] == [
        *("--name", "live", "--routing-config", "AdditionalVersionWeights={}"),
        "--function-version",
    ]


def test_migration_waits_for_the_writer_and_traffic_for_the_migration(recorded: Recorded) -> None:
    graph = recorded("prod")
    name = "aurora-graphql-prod"
    call = graph.named(f"{name}-api-migration-call")
    writer = graph.of_type("aws:rds/clusterInstance:ClusterInstance")[0]
    alias = graph.named(f"{name}-api-graphql-alias")
    assert waits_for(graph, call, writer)
    assert waits_for(graph, alias, call)
    secrets = graph.named(f"{name}-network-secretsmanager")
    assert waits_for(graph, call, secrets)


def test_reads_go_to_the_read_only_endpoint_of_the_proxy(recorded: Recorded) -> None:
    graph = recorded("prod")
    function = graph.named("aurora-graphql-prod-api-graphql", "aws:lambda/function:Function")
    variables = function.inputs["environment"]["variables"]
    assert "read-only" in variables["DATABASE_READER_HOST"]
    assert variables["DATABASE_READER_HOST"] != variables["DATABASE_HOST"]


def test_the_api_waits_for_a_database_that_the_stack_lets_pause(recorded: Recorded) -> None:
    for stack, expected in (("dev", "on"), ("prod", None)):
        name = f"aurora-graphql-{stack}-api-graphql"
        function = recorded(stack).named(name, "aws:lambda/function:Function")
        variables = function.inputs["environment"]["variables"]
        assert variables.get("DATABASE_MAY_PAUSE") == expected


def test_dev_destroys_cleanly_and_prod_refuses(recorded: Recorded) -> None:
    def kept(graph: Graph) -> set[str]:
        return {resource.typ for resource in graph.resources if resource.protect}

    assert kept(recorded("dev")) == set()
    assert {"aws:rds/cluster:Cluster", "aws:s3/bucket:Bucket"} <= kept(recorded("prod"))
    buckets = recorded("dev").of_type("aws:s3/bucket:Bucket")
    assert [bucket.inputs["forceDestroy"] for bucket in buckets] == [True, True]


def test_two_stacks_share_no_name_that_aws_keeps_once(recorded: Recorded) -> None:
    """Names without Pulumi's suffix, of things that are unique in an account and region."""
    unique = ("name", "clusterIdentifier", "identifier", "dashboardName", "bucket", "userId")

    def names(stack: str) -> set[tuple[str, str]]:
        return {
            (resource.typ, str(resource.inputs[key]))
            for resource in recorded(stack, cacheMode="serverless").resources
            for key in unique
            if key in resource.inputs
            and resource.typ.startswith("aws:")
            and not resource.typ.startswith(("aws:s3/bucket", "aws:lambda/alias", "aws:route53/"))
        }

    assert names("dev") & names("prod") == set()


def test_project_declares_every_setting_with_type_and_default() -> None:
    declared = {
        setting.key: {"type": setting.kind, "default": setting.default}
        | ({"items": {"type": "string"}} if setting.kind == "array" else {})
        for setting in declared_keys()
    }
    written = {
        key: {name: value for name, value in entry.items() if name != "description"}
        for key, entry in DECLARED.items()
    }
    assert written == declared
    assert list(written) == list(declared)


def test_every_setting_is_described_on_one_line() -> None:
    for key, entry in DECLARED.items():
        assert 10 <= len(entry["description"]) <= 140, key
        assert "\n" not in entry["description"], key


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"proxyEnabled": True}, "databaseMinCapacityAcu must be", id="pause-by-proxy"),
        pytest.param({"apiThrottleRat": "1"}, "is no setting of this program", id="typing-error"),
        pytest.param({"functionTimeoutS": 30}, "functionTimeoutS must be between", id="limit"),
        pytest.param(
            {"functionArchiveDirectory": "nowhere"}, "run aurora-graphql package", id="no-archive"
        ),
    ],
)
def test_program_says_what_to_write(recorded: Recorded, changes: Settings, message: str) -> None:
    with pytest.raises(Exception, match=message):
        recorded("dev", **changes)
