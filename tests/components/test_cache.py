"""The cache: both kinds, and the one user that may use it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.answers import ZONES
from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.recording import declare
from components.cache import Cache, CacheArgs
from components.data_settings import CacheSettings
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, LOCATION, SUBNET_IDS, TAGS, VPC_ID
from tests.components.weaknesses import weaknesses

SERVERLESS = CacheArgs(
    location=LOCATION,
    identifier="shop-dev",
    vpc_id=VPC_ID,
    subnet_ids=SUBNET_IDS,
    key_arn=KEY_ARN,
    tags=TAGS,
)
FIXED = replace(
    SERVERLESS,
    settings=CacheSettings(mode="replication-group", engine_version="8.1", shards=2, replicas=2),
)
VARIANTS = [pytest.param(SERVERLESS, id="serverless"), pytest.param(FIXED, id="fixed")]


def outputs(graph: Graph) -> dict[str, Any]:
    return dict(graph.component_outputs[graph.named("cache").urn]["access"])


def test_identities_of_a_serverless_cache_are_frozen(declared: Declare) -> None:
    assert declared(partial(Cache, "cache", SERVERLESS)).types_and_names() == [
        ("aurora-graphql:index:Cache", "cache"),
        ("aws:ec2/securityGroup:SecurityGroup", "cache-group"),
        ("aws:elasticache/serverlessCache:ServerlessCache", "cache-cache"),
        ("aws:elasticache/user:User", "cache-user"),
        ("aws:elasticache/userGroup:UserGroup", "cache-users"),
    ]


def test_identities_of_a_replication_group_are_frozen(declared: Declare) -> None:
    assert declared(partial(Cache, "cache", FIXED)).types_and_names() == [
        ("aurora-graphql:index:Cache", "cache"),
        ("aws:cloudwatch/logGroup:LogGroup", "cache-engine-log"),
        ("aws:cloudwatch/logGroup:LogGroup", "cache-slow-log"),
        ("aws:ec2/securityGroup:SecurityGroup", "cache-group"),
        ("aws:elasticache/parameterGroup:ParameterGroup", "cache-parameters"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "cache-cache"),
        ("aws:elasticache/subnetGroup:SubnetGroup", "cache-subnets"),
        ("aws:elasticache/user:User", "cache-user"),
        ("aws:elasticache/userGroup:UserGroup", "cache-users"),
    ]


@pytest.mark.parametrize("args", VARIANTS)
def test_invariants_hold(declared: Declare, args: CacheArgs) -> None:
    assert weaknesses(declared(partial(Cache, "cache", args))) == {}


def test_two_caches_coexist(declared: Declare) -> None:
    def both() -> None:
        Cache("one", SERVERLESS)
        Cache("other", replace(FIXED, identifier="shop-other"))

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == len(graph.resources)
    users = {user.inputs["userId"] for user in graph.of_type("aws:elasticache/user:User")}
    assert users == {"shop-dev-api", "shop-other-api"}
    assert weaknesses(graph) == {}


def test_serverless_cache_cannot_grow_past_its_limits() -> None:
    cache = declare(partial(Cache, "cache", SERVERLESS)).named("cache-cache").inputs
    assert cache["cacheUsageLimits"] == {
        "dataStorage": {"maximum": 1, "unit": "GB"},
        "ecpuPerSeconds": [{"maximum": 5000}],
    }
    assert cache["snapshotRetentionLimit"] == 0
    assert "dailySnapshotTime" not in cache


def test_snapshots_are_taken_when_asked() -> None:
    settings = CacheSettings(snapshot_retention_days=3)
    args = replace(SERVERLESS, settings=settings)
    cache = declare(partial(Cache, "cache", args)).named("cache-cache").inputs
    assert (cache["snapshotRetentionLimit"], cache["dailySnapshotTime"]) == (3, "01:00")


def test_replication_group_is_a_cluster_over_zones_with_tls() -> None:
    graph = declare(partial(Cache, "cache", FIXED))
    cache = graph.named("cache-cache").inputs
    assert (cache["numNodeGroups"], cache["replicasPerNodeGroup"]) == (2, 2)
    assert cache["multiAzEnabled"] is True
    assert cache["transitEncryptionMode"] == "required"
    parameters = graph.named("cache-parameters").inputs
    assert parameters["family"] == "valkey8"
    assert parameters["parameters"] == [
        {"name": "cluster-enabled", "value": "yes"},
        {"name": "maxmemory-policy", "value": "allkeys-lru"},
    ]


def test_one_user_logs_in_by_iam_under_its_own_identifier() -> None:
    graph = declare(partial(Cache, "cache", SERVERLESS))
    user = graph.named("cache-user").inputs
    assert user["userId"] == user["userName"] == "shop-dev-api"
    assert user["authenticationMode"] == {"type": "iam"}
    assert graph.named("cache-users").inputs["userIds"] == ["shop-dev-api"]


@pytest.mark.parametrize("command", ["@all", "@dangerous", "@admin", "flushall", "keys", "config"])
def test_user_may_not(command: str) -> None:
    access = declare(partial(Cache, "cache", SERVERLESS)).named("cache-user").inputs["accessString"]
    assert f"+{command}" not in access.split()
    assert access.index("-@all") < access.index("+@read") < access.index("-@dangerous")


def test_longest_identifier_leaves_names_that_aws_takes() -> None:
    graph = declare(partial(Cache, "cache", replace(SERVERLESS, identifier="a" * 40)))
    user = graph.named("cache-user").inputs["userId"]
    assert len(user) == 40
    assert user != "a" * 40


def test_address_is_known_when_the_cache_is(declared: Declare) -> None:
    for args in (SERVERLESS, FIXED):
        graph = declared(partial(Cache, "cache", args))
        found = outputs(graph)
        assert found["host"] == UNKNOWN or found["host"].endswith(".cache.amazonaws.com")
        assert found["port"] == 6379
        assert found["user"] == "shop-dev-api"
    known = outputs(declare(partial(Cache, "cache", FIXED)))
    assert known["host"].startswith("clustercfg.shop-dev.")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"identifier": "a" * 41}, "identifier must be 2 to 40", id="long"),
        pytest.param(
            {"settings": CacheSettings(mode="none")}, "mode none is no cache", id="no-cache"
        ),
        pytest.param(
            {"subnet_ids": [f"subnet-{zone}" for zone in (*ZONES, "d")]},
            "subnet_ids must be 2 to 3, in different zones, got 4",
            id="four-subnets",
        ),
    ],
)
def test_args_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SERVERLESS, **values)
