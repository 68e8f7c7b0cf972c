"""Alarms, dashboard, topic, budget and trail: from what is watched to what is declared."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any

import pytest

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.recording import declare
from components.api_settings import MonitoringSettings
from components.cache import WatchedCache
from components.dashboard import COLUMNS, QUESTIONS, build_dashboard, merge_stations
from components.data_settings import CacheSettings, DatabaseSettings
from components.gateway import WatchedGateway
from components.ingest_store import WatchedQueue
from components.monitoring import Monitoring, MonitoringArgs
from components.proxy import WatchedProxy
from components.queries import QUERIES
from components.signals import Alarm, Line, Signals, Station
from components.watched import WatchedApi, WatchedData, parts_of
from components.watched_database import WatchedDatabase, connection_limit
from components.watched_function import WatchedFunction
from tests.components.conftest import Declare
from tests.components.surroundings import KEY_ARN, LOCATION, TAGS
from tests.components.weaknesses import weaknesses

FUNCTIONS = {
    purpose: WatchedFunction(
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
}
SETTINGS = MonitoringSettings(latency_p99_ms=500)
GATEWAY = WatchedGateway(api_name="api", stage_name="live")
SMALL = (
    WatchedApi(gateway=GATEWAY, functions=[FUNCTIONS["authorizer"], FUNCTIONS["graphql"]]),
    WatchedData(
        database=WatchedDatabase(
            cluster_identifier="cluster", serverless=False, readers=0, max_connections=1000
        )
    ),
)
FULL = (
    WatchedApi(
        gateway=GATEWAY,
        functions=[
            FUNCTIONS["authorizer"],
            dataclasses.replace(FUNCTIONS["graphql"], reserved_concurrency=50, caches=True),
            FUNCTIONS["migrate"],
            FUNCTIONS["ingest"],
        ],
        dead_letters=WatchedQueue(queue_name="letters", function_name="ingest-1"),
    ),
    WatchedData(
        cache=WatchedCache(serverless_name="cache"),
        proxy=WatchedProxy(proxy_name="proxy", borrow_timeout_s=3),
        database=WatchedDatabase(
            cluster_identifier="cluster", serverless=True, readers=2, max_connections=2000
        ),
    ),
)
NODES = dataclasses.replace(SMALL[1], cache=WatchedCache(node_ids=["c-0001-001", "c-0001-002"]))
ARGS = MonitoringArgs(
    location=LOCATION,
    settings=SETTINGS,
    key_arn=KEY_ARN,
    namespace="shop",
    api=FULL[0],
    data=FULL[1],
    tags=TAGS,
)
LINE_COUNT = "aws:cloudwatch/logMetricFilter:LogMetricFilter"


Tiers = tuple[WatchedApi | WatchedData | None, ...]


def signals(*tiers: WatchedApi | WatchedData | None) -> list[Signals]:
    return [part.signals("shop", SETTINGS) for part in parts_of(*(tiers or FULL))]


def alarms(*tiers: WatchedApi | WatchedData | None) -> dict[str, Alarm]:
    return {alarm.name: alarm for each in signals(*tiers) for alarm in each.alarms}


def test_alarms_cover_every_service() -> None:
    assert sorted(alarms()) == [
        "api-errors",
        "api-latency",
        "authorizer-duration",
        "authorizer-failures",
        "authorizer-throttles",
        "cache-evictions",
        "cache-hit-rate",
        "cache-throttles",
        "concurrency",
        "database-capacity",
        "database-connections",
        "database-cpu",
        "database-deadlocks",
        "database-replica-lag",
        "database-storage",
        "dead-letters",
        "graphql-duration",
        "graphql-errors",
        "graphql-failures",
        "graphql-throttles",
        "ingest-duration",
        "ingest-errors",
        "ingest-lost",
        "migrate-duration",
        "migrate-errors",
        "proxy-borrow-latency",
        "proxy-pinned-sessions",
    ]


def test_alarms_leave_out_what_is_not_there() -> None:
    gone = {
        name.partition("-")[0] if name.startswith(("ingest", "migrate")) else name
        for name in set(alarms()) - set(alarms(*SMALL))
    }
    assert gone == {
        "ingest",
        "migrate",
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
    alarm = alarms(*SMALL)["concurrency"]
    assert (alarm.metric, alarm.dimensions, alarm.threshold) == (
        "ClaimedAccountConcurrency",
        {},
        800,
    )


def test_refused_caller_is_no_failure_of_the_authorizer() -> None:
    """API Gateway wants its 401 as an error, and Lambda counts it as one."""
    measured = [
        (alarm.namespace, alarm.metric)
        for alarm in alarms().values()
        if alarm.name.startswith("authorizer")
    ]
    assert sorted(measured) == [
        ("AWS/Lambda", "Duration"),
        ("AWS/Lambda", "Throttles"),
        ("shop", "authorizer-failures"),
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


def test_one_event_that_reaches_no_queue_is_enough() -> None:
    alarm = alarms()["ingest-lost"]
    assert (alarm.metric, alarm.dimensions, alarm.threshold, alarm.periods) == (
        "DestinationDeliveryFailures",
        {"FunctionName": "ingest-1"},
        0,
        1,
    )


def test_one_failed_migration_is_enough() -> None:
    alarm = alarms()["migrate-errors"]
    assert (alarm.threshold, alarm.periods, alarm.bad_periods) == (0, 1, 1)


@pytest.mark.parametrize("tiers", [SMALL, FULL, (NODES,)], ids=["small", "full", "nodes"])
def test_no_alarm_looks_back_further_than_cloudwatch_does(tiers: Tiers) -> None:
    for alarm in alarms(*tiers).values():
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
    assert WatchedCache.of(CacheSettings(), "c") == WatchedCache(serverless_name="c")


def test_nodes_of_a_replication_group_are_watched_one_by_one() -> None:
    settings = CacheSettings(mode="replication-group", engine_version="8.1", shards=2, replicas=1)
    cache = WatchedCache.of(settings, "c")
    assert len(cache.node_ids) == 4
    assert [name for name in alarms(NODES) if name.startswith("cache")] == [
        "cache-1-evictions",
        "cache-1-cpu",
        "cache-2-evictions",
        "cache-2-cpu",
    ]


def test_cache_of_either_kind_has_the_alarm_on_answers_of_the_function_that_uses_it() -> None:
    assert alarms(FULL[0])["cache-hit-rate"] == alarms()["cache-hit-rate"]
    assert "cache-hit-rate" not in alarms(SMALL[0], FULL[1])


def test_cache_is_of_one_kind() -> None:
    with pytest.raises(ValueError, match="serverless or has nodes"):
        WatchedCache()
    with pytest.raises(ValueError, match="serverless or has nodes"):
        WatchedCache(serverless_name="c", node_ids=["n"])


def dashboard(*tiers: WatchedApi | WatchedData | None) -> list[dict[str, Any]]:
    body = build_dashboard(signals(*tiers), region="eu-central-1", alarm_arns=["arn:alarm"])
    widgets: list[dict[str, Any]] = json.loads(json.dumps(body))["widgets"]
    return widgets


def stations(*tiers: WatchedApi | WatchedData | None) -> list[Station]:
    return merge_stations(station for each in signals(*tiers) for station in each.stations)


def test_stations_stand_in_the_order_of_a_request() -> None:
    assert [station.title for station in stations()] == [
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
        if widget["type"] == "metric" and widget["properties"]["title"] in QUESTIONS.values()
    ]
    rows: dict[str, set[int]] = {}
    for widget in graphs:
        rows.setdefault(widget["properties"]["title"], set()).add(widget["y"])
    assert list(rows) == list(QUESTIONS.values())
    assert all(len(places) == 1 for places in rows.values())
    assert len(graphs) == 6 * len(QUESTIONS)


@pytest.mark.parametrize("tiers", [SMALL, FULL, (NODES,)], ids=["small", "full", "nodes"])
def test_widgets_fill_the_grid_without_overlap(tiers: Tiers) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(*tiers):
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


def test_each_listed_operation_has_a_row_and_the_others_one() -> None:
    function = dataclasses.replace(FUNCTIONS["graphql"], operations=("Orders", "Order"))
    api = dataclasses.replace(SMALL[0], functions=[function])
    before, after = dashboard(SMALL[0]), dashboard(api)
    below = max(widget["y"] for widget in before)
    rows = [widget for widget in after if widget["y"] > below]
    assert [(each["x"], each["width"]) for each in rows] == [(x, 6) for x in (0, 6, 12, 18)] * 3
    assert [each["y"] - below for each in rows] == [5] * 4 + [10] * 4 + [15] * 4
    assert [each["properties"]["title"] for each in rows] == [
        f"{name}: {title}"
        for name in ("Orders", "Order", "(other)")
        for title in ("requests", "milliseconds", "work of each", "cost and cache")
    ]
    assert rows[0]["properties"]["metrics"] == [
        [
            "aurora-graphql",
            metric,
            "FunctionName",
            "graphql-1",
            "Operation",
            "Orders",
            {"stat": statistic, "label": label},
        ]
        for metric, statistic, label in (
            ("Latency", "SampleCount", "requests"),
            ("Errors", "Sum", "with errors"),
        )
    ]


def build(**changes: Any) -> Graph:
    settings = dataclasses.replace(SETTINGS, **changes)
    return declare(partial(Monitoring, "m", dataclasses.replace(ARGS, settings=settings)))


def test_identities_are_frozen(declared: Declare) -> None:
    graph = declared(partial(Monitoring, "m", ARGS))
    assert graph.types_and_names() == sorted(
        [
            ("aurora-graphql:index:Monitoring", "m"),
            ("aws:cloudwatch/dashboard:Dashboard", "m-dashboard"),
            ("aws:sns/topic:Topic", "m-alarms"),
            ("aws:sns/topicPolicy:TopicPolicy", "m-alarms-policy"),
            *(
                ("aws:cloudwatch/queryDefinition:QueryDefinition", f"m-query-{name}")
                for name in (name.replace(" ", "-") for name in QUERIES)
            ),
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
    policy = graph.named("m-alarms-policy")  # without which nothing may publish
    for alarm in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        assert alarm.property_dependencies["alarmActions"] == {topic.urn, policy.urn}
        assert alarm.property_dependencies["okActions"] == {topic.urn, policy.urn}


def test_alarm_is_declared_as_it_was_built() -> None:
    inputs = dict(build().named("m-api-latency").inputs)
    del inputs["tags"], inputs["alarmActions"], inputs["okActions"]
    assert inputs == {
        "alarmDescription": "1 % of the callers wait longer than 500 ms. What to do: "
        "docs/runbook.md#api-latency",
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


def test_alarms_link_to_their_sections_of_the_page_that_is_chosen() -> None:
    page = "https://wiki.example/runbook.html"
    nodes = dataclasses.replace(ARGS, data=NODES)
    settings = dataclasses.replace(SETTINGS, runbook_url=page)
    graph = declare(partial(Monitoring, "m", dataclasses.replace(nodes, settings=settings)))
    for name, section in (("api-latency", "api-latency"), ("cache-2-cpu", "cache-cpu")):
        text = graph.named(f"m-{name}").inputs["alarmDescription"]
        assert text.endswith(f". What to do: {page}#{section}")


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
    assert graph.named("m-alarms-policy").urn in graph.named("m-budget").dependencies


def test_budget_without_the_tag_of_a_stack_is_refused() -> None:
    with pytest.raises(ValueError, match="a budget needs the tag stack"):
        dataclasses.replace(ARGS, settings=MonitoringSettings(budget_usd=1), tags={})


def test_dashboard_can_be_left_out() -> None:
    graph = build(dashboard=False)
    assert graph.of_type("aws:cloudwatch/dashboard:Dashboard") == []
    assert "dashboard_url" not in graph.component_outputs[graph.named("m").urn]


@pytest.mark.parametrize("tiers", [SMALL, FULL, (NODES,)], ids=["small", "full", "nodes"])
def test_every_station_answers_every_question(tiers: Tiers) -> None:
    for station in stations(*tiers):
        assert all(getattr(station, question) for question in QUESTIONS), station.title


def test_parts_of_one_station_answer_together() -> None:
    def line(label: str) -> Line:
        return Line(namespace="n", metric="m", dimensions={}, statistic="Sum", label=label)

    merged = merge_stations(
        [
            Station(title="Cache", traffic=[line("answers")]),
            Station(title="Aurora", errors=[line("deadlocks")]),
            Station(title="Cache", traffic=[line("hits")], latency=[line("read")]),
        ]
    )
    assert merged == [
        Station(
            title="Cache",
            traffic=[line("answers"), line("hits")],
            latency=[line("read")],
            errors=[],
            saturation=[],
        ),
        Station(title="Aurora", traffic=[], latency=[], errors=[line("deadlocks")], saturation=[]),
    ]


def test_a_tier_can_be_watched_alone() -> None:
    graph = declare(partial(Monitoring, "m", dataclasses.replace(ARGS, api=None)))
    found = graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {alarm.name.removeprefix("m-") for alarm in found} == set(alarms(FULL[1]))
    assert graph.of_type(LINE_COUNT) == []


def test_watching_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is watched"):
        dataclasses.replace(ARGS, api=None, data=None)
