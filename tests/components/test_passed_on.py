"""What a caller asks for, and what was meant, arrives in AWS: single inputs, part by part.

The mutation test found each of these unguarded: it could be broken and nobody spoke.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.answers import ACCOUNT_ID
from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.program import run_program
from aurora_graphql.preview.recording import declare
from aurora_graphql.project_file import Project
from components.data_settings import DatabaseSettings, ProxySettings
from components.data_tier import DataTier, DataTierArgs
from components.database import Database, DatabaseArgs
from components.encryption import Encryption, EncryptionArgs
from components.function import Function
from tests.components.order import waits_for
from tests.components.parts import COMMON, FUNCTION, GRAPHS, KEY_ARN, NETWORK, PLACED
from tests.components.surroundings import LOCATION
from tests.domains.orders import PROJECT

pytestmark = pytest.mark.slow


def build(part: str | Callable[[], object]) -> Graph:
    program = GRAPHS[part] if isinstance(part, str) else part
    return declare(program)


def only(graph: Graph, kind: str, name: str = "") -> Resource:
    """The only resource of AWS whose type ends with ``kind`` (and of this name)."""
    (found,) = (
        one
        for one in graph.resources
        if one.typ.startswith("aws:") and one.typ.endswith(f":{kind}") and name in ("", one.name)
    )
    return found


@pytest.mark.parametrize(
    ("part", "kind", "name", "meant"),
    [
        pytest.param(
            "network", "FlowLog", "", {"trafficType": "ALL"}, id="every-connection-is-logged"
        ),
        pytest.param(
            "database", "Cluster", "", {"allowMajorVersionUpgrade": False}, id="no-major-version"
        ),
        pytest.param(
            "function",
            "Function",
            "function",
            {"tracingConfig": {"mode": "Active"}},
            id="functions-are-traced",
        ),
        pytest.param(
            "gateway",
            "Certificate",
            "",
            {"validationMethod": "DNS", "domainName": "api.shop.example"},
            id="the-name-is-proven",
        ),
        pytest.param(
            "store",
            "BucketOwnershipControls",
            "store-bucket-ownership",
            {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
            id="the-bucket-owns-its-objects",
        ),
        pytest.param("watch", "Trail", "", {"enableLogging": True}, id="the-trail-is-on"),
        pytest.param("release", "Schedule", "", {"kmsKeyArn": KEY_ARN}, id="schedule-has-our-key"),
    ],
)
def test_input_is_what_was_meant(part: str, kind: str, name: str, meant: Mapping[str, Any]) -> None:
    inputs = only(build(part), kind, name).inputs
    assert {key: inputs.get(key) for key in meant} == meant


def test_objects_and_their_old_versions_are_deleted_in_time() -> None:
    for rules in (
        one.inputs["rules"]
        for one in build("store").of_type(
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
        )
    ):
        assert [rule["status"] for rule in rules] == ["Enabled"]


def test_managed_rules_of_the_firewall_decide_themselves() -> None:
    acl = only(build("gateway"), "WebAcl").inputs
    managed = [rule for rule in acl["rules"] if "managedRuleGroupStatement" in rule["statement"]]
    assert len(managed) == 3
    assert all(set(rule["overrideAction"]) == {"none"} for rule in managed)


def test_firewall_keeps_no_samples_of_requests() -> None:
    acl = only(build("gateway"), "WebAcl").inputs
    shown = [acl["visibilityConfig"], *(rule["visibilityConfig"] for rule in acl["rules"])]
    assert {config["sampledRequestsEnabled"] for config in shown} == {False}


@pytest.mark.parametrize(
    ("part", "role"),
    [
        pytest.param("function", "function-role", id="function"),
        pytest.param("release", "release-warmup-role", id="scheduler"),
    ],
)
def test_role_is_taken_for_our_account_only(part: str, role: str) -> None:
    (statement,) = json.loads(build(part).named(role).inputs["assumeRolePolicy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}


def test_private_api_lets_in_its_endpoints_and_refuses_everybody_else() -> None:
    policy = json.loads(build("gateway").named("private-doors").inputs["policy"])
    endpoints = {"aws:SourceVpce": ["vpce-1"]}
    assert [(one["Effect"], one["Condition"]) for one in policy["Statement"]] == [
        ("Allow", {"StringEquals": endpoints}),
        ("Deny", {"StringNotEquals": endpoints}),
    ]


@pytest.mark.parametrize(
    ("part", "kind", "name", "group"),
    [
        pytest.param(
            "network", "VpcEndpoint", "net-secretsmanager", "net-endpoints", id="endpoint"
        ),
        pytest.param("database", "Cluster", "", "db-group", id="cluster"),
        pytest.param("proxy", "ProxyEndpoint", "by-iam-read-only", "by-iam-group", id="read-only"),
        pytest.param("cache", "ServerlessCache", "", "serverless-group", id="serverless-cache"),
        pytest.param("cache", "ReplicationGroup", "", "nodes-group", id="nodes"),
        pytest.param("function", "Function", "function", "function-group", id="function"),
    ],
)
def test_each_stands_in_its_own_group_and_subnets(
    part: str, kind: str, name: str, group: str
) -> None:
    graph = build(part)
    resource = only(graph, kind, name)
    inputs = {**resource.inputs, **resource.inputs.get("vpcConfig", {})}
    groups = inputs.get("vpcSecurityGroupIds") or inputs.get("securityGroupIds")
    assert groups is not None
    assert len(groups) == 1
    own = graph.named(group, "aws:ec2/securityGroup:SecurityGroup")
    assert own.urn in resource.dependencies
    assert any("ubnet" in key and value for key, value in inputs.items())


def test_secret_is_known_once_it_has_its_value() -> None:
    graph = build("data")
    version = graph.named("data-api-secret-version")
    assert waits_for(graph, graph.named("data-proxy-proxy"), version)


def test_proxy_logs_in_as_the_users_of_the_api_only() -> None:
    args = DataTierArgs(
        **COMMON, network=NETWORK, identifier="shop", proxy=ProxySettings(authentication="iam")
    )
    policy = json.loads(
        build(partial(DataTier, "d", args)).named("d-proxy-iam-policy").inputs["policy"]
    )
    (resource,) = (one["Resource"] for one in policy["Statement"])
    assert resource.endswith("/api")


@pytest.mark.parametrize("part", ["store", "watch", "api"])
def test_every_bucket_is_protected_unless_asked_otherwise(part: str) -> None:
    buckets = build(part).of_type("aws:s3/bucket:Bucket")
    assert buckets
    assert [bucket.name for bucket in buckets if not bucket.protect] == []


def test_deletion_window_is_the_callers() -> None:
    args = EncryptionArgs(location=LOCATION, alias="shop", deletion_days=21)
    assert only(build(partial(Encryption, "k", args)), "Key").inputs["deletionWindowInDays"] == 21


def test_backups_and_certificate_are_the_callers() -> None:
    settings = DatabaseSettings(backup_retention_days=35, certificate="rds-ca-ecc384-g1")
    args = DatabaseArgs(**PLACED, identifier="shop", settings=settings)
    graph = build(partial(Database, "d", args))
    assert only(graph, "Cluster").inputs["backupRetentionPeriod"] == 35
    assert only(graph, "ClusterInstance").inputs["caCertIdentifier"] == "rds-ca-ecc384-g1"


def test_concurrency_is_the_callers() -> None:
    args = dataclasses.replace(FUNCTION, reserved_concurrency=7)
    function = only(build(partial(Function, "f", args)), "Function")
    assert function.inputs["reservedConcurrentExecutions"] == 7


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("dist")
    write_archive(folder, Project.of(PROJECT))
    changes = {"functionArchiveDirectory": str(folder), "keyDeletionDays": 21}
    return run_program(PROJECT, "prod", changes=changes)


def test_program_protects_every_bucket_and_the_cluster(prod: Graph) -> None:
    kinds = ("aws:s3/bucket:Bucket", "aws:rds/cluster:Cluster")
    held = [one for one in prod.resources if one.typ in kinds]
    assert len(held) == 5
    assert [one.name for one in held if not one.protect] == []


def test_program_passes_settings_on(prod: Graph) -> None:
    assert only(prod, "Key").inputs["deletionWindowInDays"] == 21
    function = only(prod, "Function", "aurora-graphql-prod-api-graphql")
    assert function.inputs["reservedConcurrentExecutions"] == 200
