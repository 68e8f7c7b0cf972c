"""The cluster: what it is made of, what it refuses, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.answers import ZONES
from aurora_graphql.preview.graph import UNKNOWN, Graph
from aurora_graphql.preview.recording import declare
from components.data_settings import DatabaseSettings
from components.database import Database, DatabaseArgs
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, LOCATION, SUBNET_IDS, TAGS, VPC_ID
from tests.components.weaknesses import UNPROTECTED, weaknesses

PLAIN = DatabaseArgs(
    location=LOCATION,
    identifier="shop-dev",
    vpc_id=VPC_ID,
    subnet_ids=SUBNET_IDS,
    key_arn=KEY_ARN,
    tags=TAGS,
)
FULL = replace(
    PLAIN,
    zones=ZONES,
    settings=DatabaseSettings(
        engine_version="8.4.mysql_aurora.8.4.7",
        instance_class="db.r8g.large",
        readers=3,
        max_readers=6,
        io_optimized=True,
        insights="advanced",
        snapshot="shop-final-1a2b3c4d",
    ),
)
BARE = replace(
    PLAIN,
    deletion_protection=False,
    settings=DatabaseSettings(
        min_capacity_acu=0, max_capacity_acu=1, insights="off", monitoring_interval_s=0
    ),
)
VARIANTS = [pytest.param(PLAIN, id="plain"), pytest.param(FULL, id="full")]


def cluster_inputs(args: DatabaseArgs) -> Any:
    return declare(partial(Database, "db", args)).of_type("aws:rds/cluster:Cluster")[0].inputs


def instances(graph: Graph) -> list[dict[str, Any]]:
    found = graph.of_type("aws:rds/clusterInstance:ClusterInstance")
    return [dict(instance.inputs) for instance in found]


def test_identities_are_frozen(declared: Declare) -> None:
    assert declared(partial(Database, "db", PLAIN)).types_and_names() == [
        ("aurora-graphql:index:Database", "db"),
        ("aws:cloudwatch/logGroup:LogGroup", "db-audit-log"),
        ("aws:cloudwatch/logGroup:LogGroup", "db-error-log"),
        ("aws:cloudwatch/logGroup:LogGroup", "db-slowquery-log"),
        ("aws:ec2/securityGroup:SecurityGroup", "db-group"),
        ("aws:iam/role:Role", "db-monitoring"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "db-monitoring"),
        ("aws:rds/cluster:Cluster", "db-cluster"),
        ("aws:rds/clusterInstance:ClusterInstance", "db-instance-1"),
        ("aws:rds/clusterParameterGroup:ClusterParameterGroup", "db-cluster"),
        ("aws:rds/parameterGroup:ParameterGroup", "db-instance"),
        ("aws:rds/subnetGroup:SubnetGroup", "db-subnets"),
        ("random:index/randomId:RandomId", "db-final-snapshot"),
    ]


def test_identities_of_readers_and_their_scaling_are_frozen(declared: Declare) -> None:
    plain = set(declared(partial(Database, "db", PLAIN)).types_and_names())
    graph = declared(partial(Database, "db", FULL))
    assert [pair for pair in graph.types_and_names() if pair not in plain] == [
        ("aws:appautoscaling/policy:Policy", "db-readers"),
        ("aws:appautoscaling/target:Target", "db-readers"),
        ("aws:rds/clusterInstance:ClusterInstance", "db-instance-2"),
        ("aws:rds/clusterInstance:ClusterInstance", "db-instance-3"),
        ("aws:rds/clusterInstance:ClusterInstance", "db-instance-4"),
    ]


@pytest.mark.parametrize("args", VARIANTS)
def test_invariants_hold(declared: Declare, args: DatabaseArgs) -> None:
    assert weaknesses(declared(partial(Database, "db", args))) == {}


def test_invariants_of_a_database_that_may_go_hold(declared: Declare) -> None:
    graph = declared(partial(Database, "db", BARE))
    assert weaknesses(graph, without=UNPROTECTED) == {}
    assert set(weaknesses(graph)) == {"aurora-leaves-a-snapshot", "deletionProtection"}


def test_two_clusters_coexist(declared: Declare) -> None:
    def both() -> None:
        Database("one", FULL)
        Database("other", replace(FULL, identifier="shop-other"))

    graph = declared(both)
    assert len({resource.urn for resource in graph.resources}) == len(graph.resources)
    identifiers = [instance["identifier"] for instance in instances(graph)]
    assert len(set(identifiers)) == len(identifiers) == 8
    assert weaknesses(graph) == {}


def test_serverless_capacity_is_given_to_serverless_instances_only() -> None:
    assert cluster_inputs(PLAIN)["serverlessv2ScalingConfiguration"] == {
        "minCapacity": 0.5,
        "maxCapacity": 4,
    }
    assert cluster_inputs(BARE)["serverlessv2ScalingConfiguration"] == {
        "minCapacity": 0,
        "maxCapacity": 1,
        "secondsUntilAutoPause": 600,
    }
    assert "serverlessv2ScalingConfiguration" not in cluster_inputs(FULL)


@pytest.mark.parametrize(
    ("version", "family"),
    [
        pytest.param("8.0.mysql_aurora.3.10.4", "aurora-mysql8.0", id="aurora-3"),
        pytest.param("8.4.mysql_aurora.8.4.7", "aurora-mysql8.4", id="aurora-8-4"),
    ],
)
def test_parameter_groups_follow_the_engine(version: str, family: str) -> None:
    args = replace(PLAIN, settings=DatabaseSettings(engine_version=version))
    graph = declare(partial(Database, "db", args))
    groups = [graph.named("db-instance"), graph.named("db-cluster", CLUSTER_PARAMETERS)]
    assert {group.inputs["family"] for group in groups} == {family}


CLUSTER_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"


@pytest.mark.parametrize(
    ("settings", "idle_s"),
    [
        pytest.param(DatabaseSettings(min_capacity_acu=0), "120", id="may-pause"),
        pytest.param(DatabaseSettings(min_capacity_acu=0.5), None, id="always-awake"),
        pytest.param(
            DatabaseSettings(min_capacity_acu=0, instance_class="db.r8g.large"),
            None,
            id="has-a-size",
        ),
    ],
)
def test_a_database_that_may_pause_closes_what_a_frozen_function_keeps_open(
    settings: DatabaseSettings, idle_s: str | None
) -> None:
    graph = declare(partial(Database, "db", replace(PLAIN, settings=settings)))
    parameters = {
        item["name"]: item["value"] for item in graph.named("db-instance").inputs["parameters"]
    }
    assert parameters.get("wait_timeout") == idle_s


def test_parameters_demand_tls_and_log_who_connected_and_what_was_slow() -> None:
    args = replace(PLAIN, settings=DatabaseSettings(slow_query_s=0.25))
    graph = declare(partial(Database, "db", args))
    parameters = {
        item["name"]: (item["value"], item["applyMethod"])
        for group in (graph.named("db-cluster", CLUSTER_PARAMETERS), graph.named("db-instance"))
        for item in group.inputs["parameters"]
    }
    assert parameters == {
        "character_set_server": ("utf8mb4", "pending-reboot"),
        "innodb_print_all_deadlocks": ("1", "immediate"),
        "local_infile": ("0", "pending-reboot"),
        "log_output": ("FILE", "pending-reboot"),
        "long_query_time": ("0.25", "immediate"),
        "require_secure_transport": ("ON", "immediate"),
        "server_audit_events": ("CONNECT,QUERY_DCL,QUERY_DDL", "immediate"),
        "server_audit_logging": ("1", "immediate"),
        "slow_query_log": ("1", "immediate"),
        "tls_version": ("TLSv1.2,TLSv1.3", "pending-reboot"),
    }


@pytest.mark.parametrize(
    ("slow_query_s", "method"),
    [
        pytest.param(10, "pending-reboot", id="as-aurora-has-it"),
        pytest.param(9.5, "immediate", id="another"),
    ],
)
def test_parameter_that_repeats_a_default_does_not_differ_for_ever(
    slow_query_s: float, method: str
) -> None:
    args = replace(PLAIN, settings=DatabaseSettings(slow_query_s=slow_query_s))
    found = declare(partial(Database, "db", args)).named("db-instance").inputs["parameters"]
    assert {item["name"]: item["applyMethod"] for item in found}["long_query_time"] == method


def test_log_groups_exist_before_the_cluster_would_make_them() -> None:
    graph = declare(partial(Database, "db", PLAIN))
    groups = {group.urn for group in graph.of_type("aws:cloudwatch/logGroup:LogGroup")}
    assert len(groups) == 3
    assert groups <= graph.named("db-cluster", "aws:rds/cluster:Cluster").dependencies


def test_instances_spread_over_zones_and_take_over_in_order() -> None:
    found = instances(declare(partial(Database, "db", FULL)))
    assert [(one["availabilityZone"], one["promotionTier"]) for one in found] == [
        (ZONES[0], 0),
        (ZONES[1], 1),
        (ZONES[2], 2),
        (ZONES[0], 2),
    ]


def test_readers_wait_for_the_writer() -> None:
    graph = declare(partial(Database, "db", FULL))
    writer = graph.named("db-instance-1")
    for number in (2, 3, 4):
        assert writer.urn in graph.named(f"db-instance-{number}").dependencies


def test_readers_scale_between_their_bounds_by_cpu() -> None:
    graph = declare(partial(Database, "db", FULL))
    target = graph.named("db-readers", "aws:appautoscaling/target:Target").inputs
    assert target["resourceId"] == "cluster:shop-dev"
    assert (target["minCapacity"], target["maxCapacity"]) == (3, 6)
    policy = graph.named("db-readers", "aws:appautoscaling/policy:Policy").inputs
    assert policy["policyType"] == "TargetTrackingScaling"
    assert policy["targetTrackingScalingPolicyConfiguration"] == {
        "predefinedMetricSpecification": {"predefinedMetricType": "RDSReaderAverageCPUUtilization"},
        "targetValue": 60,
        "scaleOutCooldown": 300,
        "scaleInCooldown": 900,
    }


def test_advanced_insights_are_kept_as_long_as_they_must_be() -> None:
    inputs = cluster_inputs(FULL)
    assert inputs["databaseInsightsMode"] == "advanced"
    assert inputs["performanceInsightsRetentionPeriod"] == 465
    for instance in instances(declare(partial(Database, "db", FULL))):
        assert instance["performanceInsightsRetentionPeriod"] == 465


def test_storage_is_standard_unless_asked() -> None:
    assert "storageType" not in cluster_inputs(PLAIN)
    assert cluster_inputs(FULL)["storageType"] == "aurora-iopt1"


def test_restored_cluster_is_not_replaced_when_the_snapshot_is_forgotten() -> None:
    graph = declare(partial(Database, "db", FULL))
    cluster = graph.named("db-cluster", "aws:rds/cluster:Cluster")
    assert cluster.inputs["snapshotIdentifier"] == "shop-final-1a2b3c4d"
    assert cluster.ignore_changes == ("snapshotIdentifier",)


def test_final_snapshot_of_a_second_life_has_another_name() -> None:
    graph = declare(partial(Database, "db", PLAIN))
    name = graph.named("db-cluster", "aws:rds/cluster:Cluster").inputs["finalSnapshotIdentifier"]
    assert name.startswith("shop-dev-final-")
    assert len(name) == len("shop-dev-final-") + 8


def test_endpoints_wait_for_the_writer() -> None:
    graph = declare(partial(Database, "db", PLAIN), outputs_known=False)
    outputs = graph.component_outputs[graph.named("db").urn]
    assert outputs["writer_endpoint"] == UNKNOWN
    assert outputs["cluster_identifier"] == "shop-dev"
    assert outputs["port"] == 3306


def test_master_secret_is_rds_own() -> None:
    graph = declare(partial(Database, "db", PLAIN))
    arn = graph.component_outputs[graph.named("db").urn]["master_secret_arn"]
    assert ":secret:rds!cluster-" in arn


def test_longest_identifier_leaves_room_for_every_suffix() -> None:
    args = replace(FULL, identifier="a" * 50)
    graph = declare(partial(Database, "db", args))
    names = [instance["identifier"] for instance in instances(graph)]
    names.append(
        graph.named("db-cluster", "aws:rds/cluster:Cluster").inputs["finalSnapshotIdentifier"]
    )
    assert max(len(name) for name in names) <= 255
    assert max(len(name) for name in names[:-1]) <= 63


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"identifier": "a" * 51}, "identifier must be 2 to 50", id="long"),
        pytest.param({"identifier": "shop--dev"}, "identifier must be", id="double-dash"),
        pytest.param({"identifier": "Shop"}, "identifier must be", id="upper-case"),
        pytest.param(
            {"subnet_ids": SUBNET_IDS[:1]}, "subnet_ids must be at least 2", id="one-subnet"
        ),
    ],
)
def test_args_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PLAIN, **values)
