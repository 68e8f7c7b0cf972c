"""The alarms of a stack, as plain values: what is measured, over which limit somebody is told.

An alarm on a rate or a latency wants three bad minutes of five; one on something that must never
happen wants one. Silence is good news everywhere except for the hit rate, where it says nothing.

Lambda counts an invocation that raises as an error. The authorizer raises for every caller without
a good token, because API Gateway asks for its 401 that way; and ``graphql`` never raises, since it
tells the caller of a failure in GraphQL's words, often with status 200. So these two are watched by
the line that they log when something of ours broke, and by their crashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

from components.watched import (
    HANDLER_NAMESPACE,
    Watched,
    WatchedCache,
    WatchedDatabase,
    WatchedFunction,
    WatchedProxy,
)

MINUTE_S: Final = 60

API_ERROR_SHARE: Final = 0.01
DURATION_SHARE: Final = 0.9  # of a function's timeout
CONCURRENCY_SHARE: Final = 0.8  # of what is reserved, or of the account's quota
CPU_PERCENT: Final = 80
CAPACITY_PERCENT: Final = 90  # of the largest capacity in ACU
CONNECTIONS_PERCENT: Final = 80
REPLICA_LAG_MS: Final = 1000
FREE_STORAGE_BYTES: Final = 2 * 1024**3  # local: temporary tables and sorts
BORROW_LATENCY_SHARE: Final = 0.5  # of the borrow timeout
PINNED_SESSIONS: Final = 1
HIT_RATE_PERCENT: Final = 50
EVICTIONS: Final = 1000  # a minute

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. ``statistic`` may be a percentile, such as ``p99``."""

    name: str
    meaning: str
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    threshold: float
    comparison: Comparison = "GreaterThanThreshold"
    periods: int = 5
    bad_periods: int = 3
    period_s: int = MINUTE_S
    missing: Literal["notBreaching", "ignore"] = "notBreaching"


def build_alarms(watched: Watched) -> list[Alarm]:
    """All alarms, along a request's way, then what happens beside it."""
    alarms = [*_api_alarms(watched)]
    for function in watched.functions:
        if function.synchronous:
            alarms.append(_failure_alarm(watched, function))
        alarms += _function_alarms(function)
    alarms.append(_concurrency_alarm(watched))
    if watched.proxy is not None:
        alarms += _proxy_alarms(watched.proxy)
    alarms += _database_alarms(watched.database)
    if watched.cache is not None:
        alarms += [*_cache_alarms(watched.cache), _hit_rate_alarm(watched.function("graphql"))]
    if watched.dead_letter_queue_name is not None:
        alarms.append(
            Alarm(
                name="dead-letters",
                meaning="An object could not be loaded; its event waits in the queue",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": watched.dead_letter_queue_name},
                statistic="Maximum",
                threshold=0,
                periods=1,
                bad_periods=1,
                period_s=5 * MINUTE_S,
            )
        )
    return alarms


def _api_alarms(watched: Watched) -> list[Alarm]:
    dimensions = {"ApiName": watched.api_name, "Stage": watched.stage_name}
    return [
        Alarm(
            name="api-errors",
            meaning="More than 1 % of the requests end in a 5xx",
            namespace="AWS/ApiGateway",
            metric="5XXError",
            dimensions=dimensions,
            statistic="Average",  # the metric is 0 or 1 for each request
            threshold=API_ERROR_SHARE,
        ),
        Alarm(
            name="api-latency",
            meaning=f"1 % of the callers wait longer than {watched.latency_p99_ms} ms",
            namespace="AWS/ApiGateway",
            metric="Latency",
            dimensions=dimensions,
            statistic="p99",
            threshold=watched.latency_p99_ms,
        ),
    ]


def _failure_alarm(watched: Watched, function: WatchedFunction) -> Alarm:
    meanings = {
        "graphql": "The API could not answer for a reason of ours; the log says which",
        "authorizer": "The authorizer could not decide, so callers get 500; the log says why",
    }
    lines = watched.failures(function)
    return Alarm(
        name=lines.metric,
        meaning=meanings[function.purpose],
        namespace=lines.namespace,
        metric=lines.metric,
        dimensions={},
        statistic="Sum",
        threshold=0,
        periods=1,
        bad_periods=1,
    )


def _function_alarms(function: WatchedFunction) -> list[Alarm]:
    dimensions = {"FunctionName": function.function_name}
    meanings = {
        "graphql": "The API's function crashes",
        "migrate": "A migration failed; the API still runs on its old version",
        "ingest": "An object could not be loaded; Lambda tries again",
    }
    alarms = []
    if function.purpose in meanings:
        alarms.append(
            Alarm(
                name=f"{function.purpose}-errors",
                meaning=meanings[function.purpose],
                namespace="AWS/Lambda",
                metric="Errors",
                dimensions=dimensions,
                statistic="Sum",
                threshold=0,
                periods=1,
                bad_periods=1,
            )
        )
    alarms.append(
        Alarm(
            name=f"{function.purpose}-duration",
            meaning=f"Close to the timeout of {function.timeout_s} s",
            namespace="AWS/Lambda",
            metric="Duration",
            dimensions=dimensions,
            statistic="p99" if function.synchronous else "Maximum",
            threshold=function.timeout_s * 1000 * DURATION_SHARE,
            periods=5 if function.synchronous else 1,
            bad_periods=3 if function.synchronous else 1,
        )
    )
    if function.synchronous:
        alarms.append(
            Alarm(
                name=f"{function.purpose}-throttles",
                meaning="Requests are refused because no concurrency is left",
                namespace="AWS/Lambda",
                metric="Throttles",
                dimensions=dimensions,
                statistic="Sum",
                threshold=0,
            )
        )
    return alarms


def _concurrency_alarm(watched: Watched) -> Alarm:
    if watched.reserved_concurrency > 0:
        return Alarm(
            name="concurrency",
            meaning="The API's function uses most of what is reserved for it",
            namespace="AWS/Lambda",
            metric="ConcurrentExecutions",
            dimensions={"FunctionName": watched.function("graphql").function_name},
            statistic="Maximum",
            threshold=watched.reserved_concurrency * CONCURRENCY_SHARE,
        )
    return Alarm(
        name="concurrency",
        meaning="The functions of the account use most of its quota",
        namespace="AWS/Lambda",
        metric="ClaimedAccountConcurrency",
        dimensions={},
        statistic="Maximum",
        threshold=watched.account_concurrency * CONCURRENCY_SHARE,
    )


def _proxy_alarms(proxy: WatchedProxy) -> list[Alarm]:
    dimensions = {"ProxyName": proxy.proxy_name}
    return [
        Alarm(
            name="proxy-borrow-latency",
            meaning="Requests wait long for a database connection",
            namespace="AWS/RDS",
            metric="DatabaseConnectionsBorrowLatency",
            dimensions=dimensions,
            statistic="Average",
            threshold=proxy.borrow_timeout_s * 1_000_000 * BORROW_LATENCY_SHARE,  # microseconds
        ),
        Alarm(
            name="proxy-pinned-sessions",
            meaning="A statement pins connections, so they are not shared any more",
            namespace="AWS/RDS",
            metric="DatabaseConnectionsCurrentlySessionPinned",
            dimensions=dimensions,
            statistic="Maximum",
            threshold=PINNED_SESSIONS,
        ),
    ]


def _database_alarms(database: WatchedDatabase) -> list[Alarm]:
    dimensions = {"DBClusterIdentifier": database.cluster_identifier}

    def alarm(
        name: str,
        meaning: str,
        metric: str,
        threshold: float,
        statistic: str = "Maximum",
        comparison: Comparison = "GreaterThanThreshold",
    ) -> Alarm:
        return Alarm(
            name=f"database-{name}",
            meaning=meaning,
            namespace="AWS/RDS",
            metric=metric,
            dimensions=dimensions,
            statistic=statistic,
            threshold=threshold,
            comparison=comparison,
        )

    alarms = [
        alarm("cpu", f"CPU over {CPU_PERCENT} %", "CPUUtilization", CPU_PERCENT),
        alarm(
            "connections",
            f"Over {CONNECTIONS_PERCENT} % of the connections are used",
            "DatabaseConnections",
            database.max_connections * CONNECTIONS_PERCENT / 100,
        ),
        alarm("deadlocks", "Transactions block each other", "Deadlocks", 0),
        alarm(
            "storage",
            "Less than 2 GiB are left for temporary tables",
            "FreeLocalStorage",
            FREE_STORAGE_BYTES,
            "Minimum",
            "LessThanThreshold",
        ),
    ]
    if database.serverless:
        alarms.append(
            alarm(
                "capacity",
                f"Over {CAPACITY_PERCENT} % of the largest capacity is used",
                "ACUUtilization",
                CAPACITY_PERCENT,
            )
        )
    if database.readers:
        alarms.append(
            alarm(
                "replica-lag",
                f"Readers are more than {REPLICA_LAG_MS} ms behind the writer",
                "AuroraReplicaLagMaximum",
                REPLICA_LAG_MS,
            )
        )
    return alarms


def _cache_alarms(cache: WatchedCache) -> list[Alarm]:
    if cache.serverless_name is not None:
        dimensions = {"clusterId": cache.serverless_name}
        return [
            _eviction_alarm("cache", dimensions),
            Alarm(
                name="cache-throttles",
                meaning="The cache refuses commands: its limit of ECPU a second is too low",
                namespace="AWS/ElastiCache",
                metric="ThrottledCmds",
                dimensions=dimensions,
                statistic="Sum",
                threshold=0,
            ),
        ]
    alarms = []
    for number, node_id in enumerate(cache.node_ids, start=1):
        node: Mapping[str, pulumi.Input[str]] = {"CacheClusterId": node_id}
        alarms += [
            _eviction_alarm(f"cache-{number}", node),
            Alarm(
                name=f"cache-{number}-cpu",
                meaning=f"The one thread that runs commands is over {CPU_PERCENT} %",
                namespace="AWS/ElastiCache",
                metric="EngineCPUUtilization",
                dimensions=node,
                statistic="Maximum",
                threshold=CPU_PERCENT,
            ),
        ]
    return alarms


def _eviction_alarm(prefix: str, dimensions: Mapping[str, pulumi.Input[str]]) -> Alarm:
    return Alarm(
        name=f"{prefix}-evictions",
        meaning="Answers are dropped before their time: the cache is too small",
        namespace="AWS/ElastiCache",
        metric="Evictions",
        dimensions=dimensions,
        statistic="Sum",
        threshold=EVICTIONS,
    )


def _hit_rate_alarm(function: WatchedFunction) -> Alarm:
    """ElastiCache's own rate is of keys: an answer that is missing still finds four versions."""
    return Alarm(
        name="cache-hit-rate",
        meaning=f"Fewer than {HIT_RATE_PERCENT} % of the answers that may be kept were",
        namespace=HANDLER_NAMESPACE,
        metric="CacheHitRate",
        dimensions={"FunctionName": function.function_name},
        statistic="Average",
        threshold=HIT_RATE_PERCENT,
        comparison="LessThanThreshold",
        periods=6,
        bad_periods=6,
        period_s=10 * MINUTE_S,
        missing="ignore",
    )
