"""Alarms, dashboard, topic, budget and trail: from what is watched to what is declared."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.alarms import Alarm, build_alarms
from components.api_settings import MonitoringSettings
from components.dashboard import COLUMNS, QUESTIONS, build_dashboard, build_stations
from components.monitoring import Monitoring, MonitoringArgs
from components.settings import CacheSettings, DatabaseSettings, ProxySettings
from components.watched import (
    Watched,
    WatchedCache,
    WatchedDatabase,
    WatchedFunction,
    WatchedProxy,
    connection_limit,
)
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.weaknesses import weaknesses

FUNCTIONS = [
    WatchedFunction(
        purpose=purpose,
        function_name=f"{purpose}-1",
        log_group_name=f"{purpose}-log",
        timeout_s=timeout_s,
    )
    for purpose, timeout_s in (
        ("graphql", 15),
        ("authorizer", 10),
        ("migrate", 600),
        ("ingest", 900),
    )
]
SMALL = Watched(
    namespace="shop",
    api_name="api",
    stage_name="live",
    latency_p99_ms=500,
    functions=FUNCTIONS[:3],
    reserved_concurrency=-1,
    account_concurrency=1000,
    database=WatchedDatabase(
        cluster_identifier="cluster", serverless=False, readers=0, max_connections=1000
    ),
)
FULL = dataclasses.replace(
    SMALL,
    functions=FUNCTIONS,
    reserved_concurrency=50,
    database=WatchedDatabase(
        cluster_identifier="cluster", serverless=True, readers=2, max_connections=2000
    ),
    proxy=WatchedProxy(proxy_name="proxy", borrow_timeout_s=3),
    cache=WatchedCache(serverless_name="cache"),
    dead_letter_queue_name="letters",
)
ARGS = MonitoringArgs(
    location=LOCATION, settings=MonitoringSettings(), key_arn=KEY_ARN, watched=FULL, tags=TAGS
)
LINE_COUNT = "aws:cloudwatch/logMetricFilter:LogMetricFilter"


def alarms(watched: Watched = FULL) -> dict[str, Alarm]:
    return {alarm.name: alarm for alarm in build_alarms(watched)}


def test_alarms_cover_every_service() -> None:
    assert list(alarms()) == [
        "api-errors",
        "api-latency",
        "graphql-failures",
        "graphql-errors",
        "graphql-duration",
        "graphql-throttles",
        "authorizer-failures",
        "authorizer-duration",
        "authorizer-throttles",
        "migrate-errors",
        "migrate-duration",
        "ingest-errors",
        "ingest-duration",
        "concurrency",
        "proxy-borrow-latency",
        "proxy-pinned-sessions",
        "database-cpu",
        "database-connections",
        "database-deadlocks",
        "database-storage",
        "database-capacity",
        "database-replica-lag",
        "cache-evictions",
        "cache-throttles",
        "cache-hit-rate",
        "dead-letters",
    ]


def test_alarms_leave_out_what_is_not_there() -> None:
    gone = {
        name.rpartition("-")[0] if name.startswith("ingest") else name
        for name in set(alarms()) - set(alarms(SMALL))
    }
    assert gone == {
        "ingest",
        "proxy-borrow-latency",
        "proxy-pinned-sessions",
        "database-capacity",
        "database-replica-lag",
        "cache-evictions",
        "cache-hit-rate",
        "cache-throttles",
        "dead-letters",
    }


@pytest.mark.parametrize(
    ("name", "metric", "statistic", "threshold"),
    [
        ("api-errors", "5XXError", "Average", 0.01),
        ("api-latency", "Latency", "p99", 500),
        ("graphql-duration", "Duration", "p99", 13_500),
        ("migrate-duration", "Duration", "Maximum", 540_000),
        ("concurrency", "ConcurrentExecutions", "Maximum", 40),
        ("proxy-borrow-latency", "DatabaseConnectionsBorrowLatency", "Average", 1_500_000),
        ("database-connections", "DatabaseConnections", "Maximum", 1600),
        ("database-storage", "FreeLocalStorage", "Minimum", 2 * 1024**3),
        ("dead-letters", "ApproximateNumberOfMessagesVisible", "Maximum", 0),
    ],
)
def test_alarm_measures_in_the_unit_of_its_metric(
    name: str, metric: str, statistic: str, threshold: float
) -> None:
    alarm = alarms()[name]
    assert (alarm.metric, alarm.statistic) == (metric, statistic)
    assert alarm.threshold == pytest.approx(threshold)


def test_concurrency_is_of_the_account_where_nothing_is_reserved() -> None:
    alarm = alarms(SMALL)["concurrency"]
    assert (alarm.metric, alarm.dimensions, alarm.threshold) == (
        "ClaimedAccountConcurrency",
        {},
        800,
    )


def test_refused_caller_is_no_failure_of_the_authorizer() -> None:
    """API Gateway wants its 401 as an error, and Lambda counts it as one."""
    measured = [
        (alarm.namespace, alarm.metric)
        for alarm in build_alarms(FULL)
        if alarm.name.startswith("authorizer")
    ]
    assert measured == [
        ("shop", "authorizer-failures"),
        ("AWS/Lambda", "Duration"),
        ("AWS/Lambda", "Throttles"),
    ]


@pytest.mark.parametrize("purpose", ["graphql", "authorizer"])
def test_failures_are_counted_in_the_log_and_one_is_enough(purpose: str) -> None:
    lines = build().named(f"m-{purpose}-failures", LINE_COUNT).inputs
    alarm = alarms()[f"{purpose}-failures"]
    assert lines == {
        "logGroupName": f"{purpose}-log",
        "pattern": '{ $.message = "failure" }',
        "metricTransformation": {
            "namespace": alarm.namespace,
            "name": alarm.metric,
            "value": "1",
            "defaultValue": "0",
        },
    }
    assert (alarm.dimensions, alarm.threshold, alarm.periods, alarm.bad_periods) == ({}, 0, 1, 1)


def test_one_failed_migration_is_enough() -> None:
    alarm = alarms()["migrate-errors"]
    assert (alarm.threshold, alarm.periods, alarm.bad_periods) == (0, 1, 1)


@pytest.mark.parametrize("watched", [SMALL, FULL], ids=["small", "full"])
def test_no_alarm_looks_back_further_than_cloudwatch_does(watched: Watched) -> None:
    for alarm in build_alarms(watched):
        assert alarm.bad_periods <= alarm.periods
        assert alarm.periods * alarm.period_s <= 24 * 3600
        assert alarm.period_s % 60 == 0


@pytest.mark.parametrize(
    ("instance_class", "min_acu", "max_acu", "connections"),
    [
        pytest.param("db.serverless", 0.5, 1, 90, id="smallest"),
        pytest.param("db.serverless", 1, 6, 135, id="between-two-steps"),
        pytest.param("db.serverless", 1, 256, 6000, id="largest"),
        pytest.param("db.serverless", 0.5, 256, 2000, id="capped-by-the-minimum"),
        pytest.param("db.t4g.medium", 0.5, 4, 90, id="burstable"),
        pytest.param("db.r8g.large", 0.5, 4, 1000, id="provisioned"),
        pytest.param("db.r8g.24xlarge", 0.5, 4, 7000, id="largest-provisioned"),
    ],
)
def test_connections_are_what_aurora_computes(
    instance_class: str, min_acu: float, max_acu: float, connections: int
) -> None:
    found = connection_limit(instance_class=instance_class, min_acu=min_acu, max_acu=max_acu)
    assert found == connections


def test_watched_parts_follow_the_settings() -> None:
    settings = DatabaseSettings(min_capacity_acu=2, max_capacity_acu=8, readers=1)
    assert WatchedDatabase.of(settings, "c") == WatchedDatabase(
        cluster_identifier="c", serverless=True, readers=1, max_connections=1000
    )
    assert WatchedProxy.of(ProxySettings(), None) is None
    assert WatchedProxy.of(ProxySettings(borrow_timeout_s=2), "p") == WatchedProxy(
        proxy_name="p", borrow_timeout_s=2
    )
    assert WatchedCache.of(CacheSettings(), None) is None
    assert WatchedCache.of(CacheSettings(), "c") == WatchedCache(serverless_name="c")


def test_nodes_of_a_replication_group_are_watched_one_by_one() -> None:
    settings = CacheSettings(mode="replication-group", engine_version="8.1", shards=2, replicas=1)
    cache = WatchedCache.of(settings, "c")
    assert cache is not None
    assert len(cache.node_ids) == 4
    watched = dataclasses.replace(SMALL, cache=WatchedCache(node_ids=["c-0001-001", "c-0001-002"]))
    assert [name for name in alarms(watched) if name.startswith("cache")] == [
        "cache-1-evictions",
        "cache-1-cpu",
        "cache-2-evictions",
        "cache-2-cpu",
        "cache-hit-rate",
    ]


def test_cache_is_of_one_kind() -> None:
    with pytest.raises(ValueError, match="serverless or has nodes"):
        WatchedCache()
    with pytest.raises(ValueError, match="serverless or has nodes"):
        WatchedCache(serverless_name="c", node_ids=["n"])


def dashboard(watched: Watched = FULL) -> list[dict[str, Any]]:
    body = build_dashboard(watched, region="eu-central-1", alarm_arns=["arn:alarm"])
    widgets: list[dict[str, Any]] = json.loads(json.dumps(body))["widgets"]
    return widgets


def test_stations_stand_in_the_order_of_a_request() -> None:
    assert [station.title for station in build_stations(FULL)] == [
        "Gateway",
        "Authorizer",
        "GraphQL",
        "Cache",
        "Proxy",
        "Aurora",
    ]
    titles = [widget for widget in dashboard() if widget["type"] == "text"]
    assert [widget["properties"]["markdown"] for widget in titles] == [
        "### 1. Gateway →",
        "### 2. Authorizer →",
        "### 3. GraphQL →",
        "### 4. Cache →",
        "### 5. Proxy →",
        "### 6. Aurora",
    ]
    assert [widget["x"] for widget in titles] == [0, 4, 8, 12, 16, 20]


def test_every_station_answers_every_question_in_its_row() -> None:
    graphs = [
        widget
        for widget in dashboard()
        if widget["type"] == "metric" and widget["properties"]["title"] in QUESTIONS
    ]
    rows: dict[str, set[int]] = {}
    for widget in graphs:
        rows.setdefault(widget["properties"]["title"], set()).add(widget["y"])
    assert list(rows) == list(QUESTIONS)
    assert all(len(places) == 1 for places in rows.values())
    assert len(graphs) == 6 * len(QUESTIONS)


@pytest.mark.parametrize("watched", [SMALL, FULL], ids=["small", "full"])
def test_widgets_fill_the_grid_without_overlap(watched: Watched) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(watched):
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert max(x for x, _ in cells) < COLUMNS
        assert not taken & cells
        taken |= cells


def test_every_metric_is_a_list_of_pairs_and_options() -> None:
    for widget in dashboard():
        for metric in widget["properties"].get("metrics", []):
            *names, options = metric
            assert len(names) % 2 == 0
            assert all(isinstance(name, str) for name in names)
            assert set(options) == {"stat", "label"}


def test_alarms_are_on_the_dashboard() -> None:
    assert dashboard()[-1]["properties"] == {"title": "Alarms", "alarms": ["arn:alarm"]}


def build(**changes: Any) -> Graph:
    settings = MonitoringSettings(**changes)
    return declare(partial(Monitoring, "m", dataclasses.replace(ARGS, settings=settings)))


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Monitoring, "m", ARGS))
    assert graph.types_and_names() == sorted(
        [
            ("aurora-graphql:component:Monitoring", "m"),
            ("aws:cloudwatch/dashboard:Dashboard", "m-dashboard"),
            ("aws:sns/topic:Topic", "m-alarms"),
            ("aws:sns/topicPolicy:TopicPolicy", "m-alarms-policy"),
            *((LINE_COUNT, f"m-{purpose}-failures") for purpose in ("authorizer", "graphql")),
            *(("aws:cloudwatch/metricAlarm:MetricAlarm", f"m-{name}") for name in alarms()),
        ]
    )
    assert weaknesses(graph) == {}


def test_options_add_their_resources() -> None:
    plain = set(build().types_and_names())
    graph = build(alarm_emails=("ops@example.com",), budget_usd=200, trail=True)
    added = [pair for pair in graph.types_and_names() if pair not in plain]
    assert [name for typ, name in added if not name.startswith("m-trail")] == [
        "m-budget",
        "m-email-1",
    ]
    assert ("aws:cloudtrail/trail:Trail", "m-trail-trail") in added
    assert weaknesses(graph) == {}


def test_every_alarm_tells_the_topic_when_it_begins_and_when_it_ends() -> None:
    graph = build()
    topic = graph.named("m-alarms", "aws:sns/topic:Topic")
    for alarm in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        assert alarm.property_dependencies["alarmActions"] == {topic.urn}
        assert alarm.property_dependencies["okActions"] == {topic.urn}


def test_alarm_is_declared_as_it_was_built() -> None:
    inputs = dict(build().named("m-api-latency").inputs)
    del inputs["tags"], inputs["alarmActions"], inputs["okActions"]
    assert inputs == {
        "alarmDescription": "1 % of the callers wait longer than 500 ms",
        "namespace": "AWS/ApiGateway",
        "metricName": "Latency",
        "dimensions": {"ApiName": "api", "Stage": "live"},
        "extendedStatistic": "p99",
        "period": 60,
        "evaluationPeriods": 5,
        "datapointsToAlarm": 3,
        "threshold": 500,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
    }


def test_dashboard_shows_the_alarms_by_name() -> None:
    body = json.loads(build().named("m-dashboard").inputs["dashboardBody"])
    names = [arn.rpartition(":m-")[2] for arn in body["widgets"][-1]["properties"]["alarms"]]
    assert names == sorted(alarms())


def test_topic_is_encrypted_and_takes_messages_from_alarms_of_this_account() -> None:
    graph = build()
    assert graph.named("m-alarms").inputs["kmsMasterKeyId"] == KEY_ARN
    publish, tls = json.loads(graph.named("m-alarms-policy").inputs["policy"])["Statement"]
    assert publish["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert publish["Condition"] == {"StringEquals": {"aws:SourceAccount": LOCATION.account_id}}
    assert (tls["Effect"], tls["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_budget_counts_this_stack_and_tells_the_topic() -> None:
    graph = build(budget_usd=200)
    budget = graph.named("m-budget").inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == (
        "200",
        "USD",
        "MONTHLY",
    )
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:stack$dev"]}]
    assert [item["threshold"] for item in budget["notifications"]] == [80, 100]
    statement = json.loads(graph.named("m-alarms-policy").inputs["policy"])["Statement"][0]
    assert "budgets.amazonaws.com" in statement["Principal"]["Service"]


def test_budget_without_the_tag_of_a_stack_is_refused() -> None:
    with pytest.raises(ValueError, match="a budget needs the tag stack"):
        dataclasses.replace(ARGS, settings=MonitoringSettings(budget_usd=1), tags={})


def test_dashboard_can_be_left_out() -> None:
    graph = build(dashboard=False)
    assert graph.of_type("aws:cloudwatch/dashboard:Dashboard") == []
    assert "dashboard_url" not in graph.component_outputs[graph.named("m").urn]


def test_stations_without_a_question_are_noticed() -> None:
    for first, second in pairwise(build_stations(FULL)):
        assert len(first.graphs) == len(second.graphs) == len(QUESTIONS)
