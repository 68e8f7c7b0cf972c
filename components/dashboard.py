"""The dashboard, as a plain value: one request's way from left to right.

A column is a station of the request (gateway, authorizer, function, proxy, database, cache), a row
is a question asked of each: how much, how long, how often wrong, how full. Below them stands what
happens beside the requests: ingest, migrations, alarms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components.watched import HANDLER_NAMESPACE, Watched, WatchedCache, WatchedFunction

COLUMNS: Final = 24
"""Width of a dashboard of CloudWatch."""

TITLE_HEIGHT: Final = 2
GRAPH_HEIGHT: Final = 5

QUESTIONS: Final = ("Traffic", "Latency", "Errors", "Saturation")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One metric in a graph."""

    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    label: str

    def encode(self) -> list[Any]:
        """As CloudWatch writes it: names and values in one list, options last."""
        pairs = [part for pair in self.dimensions.items() for part in pair]
        options = {"stat": self.statistic, "label": self.label}
        return [self.namespace, self.metric, *pairs, options]


@dataclass(frozen=True, kw_only=True)
class Station:
    """One column: a title, and for each of ``QUESTIONS`` the lines that answer it."""

    title: str
    graphs: Sequence[Sequence[Line]]

    def __post_init__(self) -> None:
        if len(self.graphs) != len(QUESTIONS):
            raise ValueError(f"{self.title} must answer {len(QUESTIONS)} questions")


def build_dashboard(
    watched: Watched, *, region: str, alarm_arns: Sequence[pulumi.Input[str]]
) -> dict[str, Any]:
    """The dashboard's body; values of ``watched`` may be outputs.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    stations = build_stations(watched)
    width = COLUMNS // len(stations)
    widgets: list[dict[str, Any]] = []
    for number, station in enumerate(stations):
        arrow = "" if number == len(stations) - 1 else " →"
        column = {"x": number * width, "width": width}
        widgets.append(
            {
                "type": "text",
                "y": 0,
                **column,
                "height": TITLE_HEIGHT,
                "properties": {"markdown": f"### {number + 1}. {station.title}{arrow}"},
            }
        )
        for row, (question, lines) in enumerate(zip(QUESTIONS, station.graphs, strict=True)):
            widgets.append(
                {
                    "type": "metric",
                    "y": TITLE_HEIGHT + row * GRAPH_HEIGHT,
                    **column,
                    "height": GRAPH_HEIGHT,
                    "properties": _graph(question, lines, region),
                }
            )
    below = TITLE_HEIGHT + len(QUESTIONS) * GRAPH_HEIGHT
    beside = _beside(watched)
    share = COLUMNS // (len(beside) + 1)
    for number, (title, lines) in enumerate(beside):
        widgets.append(
            {
                "type": "metric",
                "x": number * share,
                "y": below,
                "width": share,
                "height": GRAPH_HEIGHT,
                "properties": _graph(title, lines, region),
            }
        )
    widgets.append(
        {
            "type": "alarm",
            "x": len(beside) * share,
            "y": below,
            "width": COLUMNS - len(beside) * share,
            "height": GRAPH_HEIGHT,
            "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
        }
    )
    return {"periodOverride": "inherit", "widgets": widgets}


def build_stations(watched: Watched) -> list[Station]:
    """The stations that this stack has, in the order in which a request meets them."""
    stations = [
        _gateway(watched),
        _function("Authorizer", watched, "authorizer"),
        _function("GraphQL", watched, "graphql"),
    ]
    if watched.cache is not None:
        stations.append(_cache(watched.cache, watched.function("graphql")))
    if watched.proxy is not None:
        stations.append(_proxy({"ProxyName": watched.proxy.proxy_name}))
    stations.append(_database(watched))
    return stations


def _graph(title: str, lines: Sequence[Line], region: str) -> dict[str, Any]:
    return {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "period": 60,
        "yAxis": {"left": {"min": 0}},
        "metrics": [line.encode() for line in lines],
    }


def _lines(
    namespace: str,
    dimensions: Mapping[str, pulumi.Input[str]],
    *metrics: tuple[str, str, str],
) -> list[Line]:
    """Lines over the same dimensions: metric, statistic, label."""
    return [
        Line(
            namespace=namespace,
            metric=metric,
            dimensions=dimensions,
            statistic=statistic,
            label=label,
        )
        for metric, statistic, label in metrics
    ]


def _gateway(watched: Watched) -> Station:
    api = {"ApiName": watched.api_name, "Stage": watched.stage_name}
    return Station(
        title="Gateway",
        graphs=[
            _lines("AWS/ApiGateway", api, ("Count", "Sum", "requests")),
            _lines(
                "AWS/ApiGateway",
                api,
                ("Latency", "p50", "p50"),
                ("Latency", "p99", "p99"),
                ("IntegrationLatency", "p99", "p99 behind it"),
            ),
            _lines("AWS/ApiGateway", api, ("5XXError", "Sum", "5xx"), ("4XXError", "Sum", "4xx")),
            _lines(
                "AWS/ApiGateway",
                api,
                ("CacheHitCount", "Sum", "cache hits"),
                ("CacheMissCount", "Sum", "cache misses"),
            ),
        ],
    )


def _function(title: str, watched: Watched, purpose: str) -> Station:
    function = watched.function(purpose)
    dimensions = {"FunctionName": function.function_name}
    failures = watched.failures(function)
    raised = "401s and crashes" if purpose == "authorizer" else "crashes"
    return Station(
        title=title,
        graphs=[
            _lines("AWS/Lambda", dimensions, ("Invocations", "Sum", "calls")),
            _lines(
                "AWS/Lambda", dimensions, ("Duration", "p50", "p50"), ("Duration", "p99", "p99")
            ),
            [
                *_lines(failures.namespace, {}, (failures.metric, "Sum", "failures")),
                *_lines(
                    "AWS/Lambda",
                    dimensions,
                    ("Errors", "Sum", raised),
                    ("Throttles", "Sum", "throttles"),
                ),
            ],
            _lines("AWS/Lambda", dimensions, ("ConcurrentExecutions", "Maximum", "environments")),
        ],
    )


def _proxy(proxy: Mapping[str, pulumi.Input[str]]) -> Station:
    return Station(
        title="Proxy",
        graphs=[
            _lines("AWS/RDS", proxy, ("QueryRequests", "Sum", "statements")),
            _lines(
                "AWS/RDS",
                proxy,
                ("DatabaseConnectionsBorrowLatency", "Average", "borrow, us"),
                ("QueryDatabaseResponseLatency", "Average", "answer, us"),
            ),
            _lines(
                "AWS/RDS",
                proxy,
                ("DatabaseConnectionsSetupFailed", "Sum", "failed to the database"),
                ("ClientConnectionsSetupFailedAuth", "Sum", "failed log-ins"),
            ),
            _lines(
                "AWS/RDS",
                proxy,
                ("ClientConnections", "Maximum", "clients"),
                ("DatabaseConnections", "Maximum", "connections"),
                ("DatabaseConnectionsCurrentlySessionPinned", "Maximum", "pinned"),
            ),
        ],
    )


def _database(watched: Watched) -> Station:
    cluster = {"DBClusterIdentifier": watched.database.cluster_identifier}
    capacity = [("ACUUtilization", "Maximum", "ACU %")] if watched.database.serverless else []
    lag = [("AuroraReplicaLagMaximum", "Maximum", "replica lag")]
    return Station(
        title="Aurora",
        graphs=[
            _lines("AWS/RDS", cluster, ("Queries", "Average", "statements/s")),
            _lines(
                "AWS/RDS",
                cluster,
                ("SelectLatency", "Average", "select"),
                *(lag if watched.database.readers else []),
            ),
            _lines(
                "AWS/RDS",
                cluster,
                ("Deadlocks", "Average", "deadlocks/s"),
                ("LoginFailures", "Average", "failed log-ins/s"),
            ),
            _lines(
                "AWS/RDS",
                cluster,
                ("CPUUtilization", "Maximum", "CPU %"),
                *capacity,
                ("DatabaseConnections", "Maximum", "connections"),
            ),
        ],
    )


KEPT_ANSWERS: Final = (("CacheHits", "Sum", "answers kept"), ("CacheMisses", "Sum", "answers made"))


def _cache(cache: WatchedCache, function: WatchedFunction) -> Station:
    answers = _lines(HANDLER_NAMESPACE, {"FunctionName": function.function_name}, *KEPT_ANSWERS)
    nodes: Sequence[Mapping[str, pulumi.Input[str]]]
    if cache.serverless_name is not None:
        nodes = [{"clusterId": cache.serverless_name}]
        busy = ("ElastiCacheProcessingUnits", "Sum", "ECPU")
        latency = ("SuccessfulReadRequestLatency", "Average", "read, us")
        wrong = ("ThrottledCmds", "Sum", "throttled")
    else:
        nodes = [{"CacheClusterId": node_id} for node_id in cache.node_ids]
        busy = ("EngineCPUUtilization", "Maximum", "CPU %")
        latency = ("SuccessfulReadRequestLatency", "Average", "read, us")
        wrong = ("AuthenticationFailures", "Sum", "failed log-ins")

    def on_all(*metrics: tuple[str, str, str]) -> list[Line]:
        return [line for node in nodes for line in _lines("AWS/ElastiCache", node, *metrics)]

    return Station(
        title="Cache",
        graphs=[
            [*answers, *on_all(("CacheHits", "Sum", "hits"), ("CacheMisses", "Sum", "misses"))],
            on_all(latency),
            on_all(("Evictions", "Sum", "evictions"), wrong),
            on_all(busy, ("BytesUsedForCache", "Maximum", "bytes")),
        ],
    )


def _beside(watched: Watched) -> list[tuple[str, list[Line]]]:
    graphs = [
        (
            function.purpose.capitalize(),
            _lines(
                "AWS/Lambda",
                {"FunctionName": function.function_name},
                ("Invocations", "Sum", "calls"),
                ("Errors", "Sum", "errors"),
                ("Duration", "Maximum", "ms at most"),
            ),
        )
        for function in watched.functions
        if not function.synchronous
    ]
    if watched.dead_letter_queue_name is not None:
        graphs.append(
            (
                "Dead letters",
                _lines(
                    "AWS/SQS",
                    {"QueueName": watched.dead_letter_queue_name},
                    ("ApproximateNumberOfMessagesVisible", "Maximum", "waiting"),
                ),
            )
        )
    return graphs
