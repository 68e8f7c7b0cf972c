"""The tier: which way the API takes to the data under which settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pulumi
import pytest

from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.recording import declare
from components.data_settings import CacheSettings, DatabaseSettings, ProxySettings
from components.data_tier import DataTier, DataTierArgs
from tests.components.conftest import Declare
from tests.components.surroundings import (
    KEY_ARN,
    LOCATION,
    SUBNET_IDS,
    TAGS,
    TWO_ZONES,
    example_network,
)
from tests.components.weaknesses import UNPROTECTED, weaknesses

DEFAULT = DataTierArgs(
    location=LOCATION,
    identifier="shop-dev",
    network=example_network(),
    key_arn=KEY_ARN,
    tags=TAGS,
)
AVAILABLE = replace(
    DEFAULT,
    database=DatabaseSettings(readers=1, max_readers=3),
    cache=CacheSettings(mode="replication-group", engine_version="8.1"),
)
SLEEPING = replace(
    DEFAULT,
    database=DatabaseSettings(min_capacity_acu=0, insights="off"),
    proxy=ProxySettings(enabled=False),
    cache=CacheSettings(mode="none"),
    deletion_protection=False,
)
WITHOUT_SECRET = replace(DEFAULT, proxy=ProxySettings(authentication="iam"))
VARIANTS = [
    pytest.param(DEFAULT, (), id="default"),
    pytest.param(AVAILABLE, (), id="available"),
    pytest.param(WITHOUT_SECRET, (), id="without-secret"),
    pytest.param(SLEEPING, UNPROTECTED, id="sleeping"),
]


def outputs(graph: Graph) -> dict[str, Any]:
    return dict(graph.component_outputs[graph.named("data").urn])


def access(graph: Graph) -> dict[str, Any]:
    return dict(outputs(graph)["access"])


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(DataTier, "data", DEFAULT))
    tier = graph.named("data")
    assert [(child.typ, child.name) for child in graph.children(tier.urn)] == [
        ("aurora-graphql:index:DatabaseSecret", "data-api-secret"),
        ("aurora-graphql:index:Cache", "data-cache"),
        ("aurora-graphql:index:Database", "data-database"),
        ("aurora-graphql:index:DatabaseProxy", "data-proxy"),
    ]
    assert len(graph.resources) == 1 + 4 + 5 + 13 + 10


@pytest.mark.parametrize(
    ("args", "road", "user", "former"),
    [
        pytest.param(DEFAULT, "proxy", "api_proxy", "api", id="password"),
        pytest.param(WITHOUT_SECRET, "proxy-iam", "api", "api_proxy", id="iam"),
        pytest.param(SLEEPING, "cluster", "api", "api_proxy", id="no-proxy"),
    ],
)
def test_each_way_to_log_in_has_an_account_and_a_proxy_of_its_own(
    args: DataTierArgs, road: str, user: str, former: str
) -> None:
    tiers: list[DataTier] = []
    graph = declare(lambda: tiers.append(DataTier("data", args)))
    (tier,) = tiers
    roads = tier.access
    assert (roads.road, roads.api_user, roads.former_api_users) == (road, user, (former,))
    proxies = [one.name for one in graph.of_type("aurora-graphql:index:DatabaseProxy")]
    assert proxies == ([] if road == "cluster" else [f"data-{road}"])


@pytest.mark.parametrize(("args", "without"), VARIANTS)
def test_invariants_hold(declared: Declare, args: DataTierArgs, without: tuple[str, ...]) -> None:
    assert weaknesses(declared(partial(DataTier, "data", args)), without=without) == {}


def test_two_tiers_coexist(declared: Declare) -> None:
    def both() -> None:
        DataTier("one", AVAILABLE)
        DataTier("other", replace(AVAILABLE, identifier="shop-other"))

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == len(graph.resources)
    for typ, name in (
        ("aws:cloudwatch/logGroup:LogGroup", "name"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId"),
        ("aws:elasticache/user:User", "userId"),
        ("aws:elasticache/userGroup:UserGroup", "userGroupId"),
        ("aws:rds/cluster:Cluster", "clusterIdentifier"),
        ("aws:rds/clusterInstance:ClusterInstance", "identifier"),
        ("aws:rds/proxy:Proxy", "name"),
        ("aws:rds/proxyEndpoint:ProxyEndpoint", "dbProxyEndpointName"),
    ):
        names = [resource.inputs[name] for resource in graph.of_type(typ)]
        assert len(names) > 1
        assert len(set(names)) == len(names), typ
    assert weaknesses(graph) == {}


def test_api_reads_and_writes_through_the_proxy() -> None:
    graph = declare(partial(DataTier, "data", DEFAULT))
    found = access(graph)
    assert found["host"].startswith("data-proxy-proxy.proxy-")
    assert found["reader_host"] == found["host"]
    assert found["connect_id"].startswith("prx-")
    assert outputs(graph)["watched"]["proxy"]["proxy_name"] == "shop-dev-proxy"


def test_reads_go_to_the_readers_where_there_are_any() -> None:
    found = access(declare(partial(DataTier, "data", AVAILABLE)))
    assert found["reader_host"].startswith("data-proxy-read-only.endpoint.proxy-")


def test_routing_can_be_switched_off() -> None:
    args = replace(AVAILABLE, proxy=ProxySettings(reader_routing="never"))
    graph = declare(partial(DataTier, "data", args))
    assert access(graph)["reader_host"] == access(graph)["host"]
    assert graph.of_type("aws:rds/proxyEndpoint:ProxyEndpoint") == []


@pytest.mark.parametrize(
    ("readers", "reader_host"),
    [
        pytest.param(0, ".cluster-", id="no-readers"),
        pytest.param(1, ".cluster-ro-", id="one-reader"),
    ],
)
def test_without_a_proxy_the_api_goes_to_the_cluster_itself(readers: int, reader_host: str) -> None:
    args = replace(
        SLEEPING, database=DatabaseSettings(min_capacity_acu=0, insights="off", readers=readers)
    )
    graph = declare(partial(DataTier, "data", args))
    found = access(graph)
    assert found["host"] == found["writer_host"]
    assert reader_host in found["reader_host"]
    assert found["connect_id"].startswith("cluster-")
    assert "proxy" not in outputs(graph)["watched"]
    assert graph.of_type("aws:secretsmanager/secret:Secret") == []


def test_proxy_that_logs_in_by_iam_needs_no_secret() -> None:
    graph = declare(partial(DataTier, "data", WITHOUT_SECRET))
    assert graph.of_type("aws:secretsmanager/secret:Secret") == []
    assert "api_secret_arn" not in access(graph)


def test_proxy_waits_for_every_instance() -> None:
    graph = declare(partial(DataTier, "data", AVAILABLE))
    target = graph.named("data-proxy-target")
    assert target.inputs["dbClusterIdentifier"] == "shop-dev"
    running = {
        instance.urn for instance in graph.of_type("aws:rds/clusterInstance:ClusterInstance")
    }
    assert running <= target.property_dependencies["dbClusterIdentifier"]


def test_secret_of_a_stack_that_may_go_is_gone_at_once() -> None:
    args = replace(DEFAULT, deletion_protection=False)
    secret = declare(partial(DataTier, "data", args)).named("data-api-secret-secret")
    assert secret.inputs["recoveryWindowInDays"] == 0


def test_names_are_known_in_a_first_preview_and_addresses_are_not() -> None:
    found = outputs(declare(partial(DataTier, "data", AVAILABLE), outputs_known=False))
    assert found["watched"]["database"]["cluster_identifier"] == "shop-dev"
    roads = found["access"]
    assert {
        found["cache"]["host"],
        found["reader_endpoint"],
        *(roads[key] for key in ("host", "reader_host", "connect_id", "master_secret_arn")),
        roads["writer_host"],
    } == {UNKNOWN}


def test_longest_identifier_leaves_names_that_aws_takes() -> None:
    args = replace(AVAILABLE, identifier="a" * 44)
    graph = declare(partial(DataTier, "data", args))
    limits = {
        ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId"): 40,
        ("aws:elasticache/user:User", "userId"): 40,
        ("aws:elasticache/userGroup:UserGroup", "userGroupId"): 40,
        ("aws:rds/cluster:Cluster", "clusterIdentifier"): 63,
        ("aws:rds/clusterInstance:ClusterInstance", "identifier"): 63,
        ("aws:rds/proxy:Proxy", "name"): 63,
        ("aws:rds/proxyEndpoint:ProxyEndpoint", "dbProxyEndpointName"): 63,
        ("aws:cloudwatch/logGroup:LogGroup", "name"): 512,
    }
    for (typ, name), limit in limits.items():
        for resource in graph.of_type(typ):
            assert len(resource.inputs[name]) <= limit, resource.name


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"identifier": "a" * 45}, "identifier must be 2 to 44", id="identifier"),
        pytest.param(
            {"database": DatabaseSettings(min_capacity_acu=0)},
            "databaseMinCapacityAcu must be at least 0.5 behind a proxy",
            id="pause-behind-a-proxy",
        ),
        pytest.param(
            {"proxy": ProxySettings(reader_routing="always")},
            "databaseReaders must be at least 1 when proxyReaderRouting is always",
            id="routing-to-no-readers",
        ),
    ],
)
def test_args_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(DEFAULT, **values)


@pytest.mark.parametrize("zones", [TWO_ZONES, ()], ids=["zones", "no-zones"])
def test_lists_of_the_network_may_be_outputs_as_a_whole(zones: Sequence[str]) -> None:
    """Such as the subnets of another program's VPC."""
    plain = replace(example_network(), zones=zones)

    def given() -> DataTier:
        network = replace(
            plain,
            subnet_ids=pulumi.Output.from_input(list(SUBNET_IDS)),
            zones=pulumi.Output.from_input(list(zones)),
        )
        return DataTier("data", replace(AVAILABLE, network=network))

    found = declare(partial(DataTier, "data", replace(AVAILABLE, network=plain)))
    assert {one.name: one.inputs for one in declare(given).resources} == {
        one.name: one.inputs for one in found.resources
    }
