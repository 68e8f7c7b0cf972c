"""The alarms of a stack, as plain values: what is measured, over which limit somebody is told.

An alarm on a rate or a latency wants three bad minutes of five; one on something that must never
happen wants one. Silence is good news everywhere except for the hit rate, where it says nothing.

Lambda counts an invocation that raises as an error. The authorizer raises for every caller without
a good token, because API Gateway asks for its 401 that way; and ``graphql`` never raises, since it
tells the caller of a failure in GraphQL's words, often with status 200. So these two are watched by
the line that they log when something of ours broke, and by their crashes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

from components.settings import CacheSettings, DatabaseSettings, ProxySettings

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

HANDLER_NAMESPACE: Final = "aurora-graphql"
"""Of the metrics that the API's function writes into its log; they are by ``FunctionName``."""

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


FAILURE_PATTERN: Final = '{ $.message = "failure" }'
"""Lines of a function's log that say that something broke which the caller is not told of.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""


@dataclass(frozen=True, kw_only=True)
class LineCount:
    """A metric of our own: how many lines of a log match a pattern."""

    namespace: str
    metric: str
    pattern: str
    log_group_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class WatchedFunction:
    """A function, by its purpose in the stack: graphql, authorizer, migrate or ingest."""

    purpose: str
    function_name: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    timeout_s: int

    @property
    def synchronous(self) -> bool:
        """Whether a caller of the API waits for it."""
        return self.purpose in ("graphql", "authorizer")


@dataclass(frozen=True, kw_only=True)
class WatchedDatabase:
    """A cluster. ``max_connections``: what its largest size allows, as Aurora computes it."""

    cluster_identifier: pulumi.Input[str]
    serverless: bool
    readers: int
    max_connections: int

    @classmethod
    def of(
        cls, settings: DatabaseSettings, cluster_identifier: pulumi.Input[str]
    ) -> WatchedDatabase:
        """What these settings make of the cluster."""
        return cls(
            cluster_identifier=cluster_identifier,
            serverless=settings.serverless,
            readers=settings.readers,
            max_connections=connection_limit(
                instance_class=settings.instance_class,
                min_acu=settings.min_capacity_acu,
                max_acu=settings.max_capacity_acu,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class WatchedProxy:
    """A proxy in front of the cluster."""

    proxy_name: pulumi.Input[str]
    borrow_timeout_s: int

    @classmethod
    def of(
        cls, settings: ProxySettings, proxy_name: pulumi.Input[str] | None
    ) -> WatchedProxy | None:
        """The proxy of this name, if there is one."""
        if proxy_name is None:
            return None
        return cls(proxy_name=proxy_name, borrow_timeout_s=settings.borrow_timeout_s)


@dataclass(frozen=True, kw_only=True)
class WatchedCache:
    """A cache: the name of a serverless one, or the identifiers of a replication group's nodes."""

    serverless_name: pulumi.Input[str] | None = None
    node_ids: Sequence[pulumi.Input[str]] = ()

    def __post_init__(self) -> None:
        if (self.serverless_name is None) == (not self.node_ids):
            raise ValueError("a watched cache is serverless or has nodes, one of the two")

    @classmethod
    def of(
        cls, settings: CacheSettings, cache_name: pulumi.Input[str] | None
    ) -> WatchedCache | None:
        """The cache of this name, if there is one; ElastiCache numbers a group's nodes."""
        if cache_name is None:
            return None
        if settings.mode == "serverless":
            return cls(serverless_name=cache_name)
        return cls(
            node_ids=[
                pulumi.Output.concat(cache_name, f"-{shard:04}-{node:03}")
                for shard in range(1, settings.shards + 1)
                for node in range(1, settings.replicas + 2)
            ]
        )


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Everything a stack's monitoring looks at. ``namespace``: of metrics made of its logs."""

    namespace: str
    api_name: pulumi.Input[str]
    stage_name: pulumi.Input[str]
    latency_p99_ms: int
    functions: Sequence[WatchedFunction]
    reserved_concurrency: int  # of the graphql function; -1: the account's quota counts
    account_concurrency: int
    database: WatchedDatabase
    proxy: WatchedProxy | None = None
    cache: WatchedCache | None = None
    dead_letter_queue_name: pulumi.Input[str] | None = None

    def function(self, purpose: str) -> WatchedFunction:
        """The function with this purpose."""
        return next(each for each in self.functions if each.purpose == purpose)

    def failures(self, function: WatchedFunction) -> LineCount:
        """How often a function that a caller waits for logs a failure of ours."""
        return LineCount(
            namespace=self.namespace,
            metric=f"{function.purpose}-failures",
            pattern=FAILURE_PATTERN,
            log_group_name=function.log_group_name,
        )

    def line_counts(self) -> list[LineCount]:
        """The metrics that must be made of logs before an alarm can look at them."""
        return [self.failures(each) for each in self.functions if each.synchronous]


_CONNECTIONS_BY_ACU: Final = (
    (1, 90), (4, 135), (8, 1000), (16, 2000), (32, 3000), (64, 4000), (128, 5000), (256, 6000)
)  # fmt: skip
_CONNECTIONS_BY_SIZE: Final[Mapping[str, int]] = {
    "large": 1000,
    "xlarge": 2000,
    "2xlarge": 3000,
    "4xlarge": 4000,
    "8xlarge": 5000,
    "12xlarge": 6000,
    "16xlarge": 6000,
    "24xlarge": 7000,
}


def connection_limit(*, instance_class: str, min_acu: float, max_acu: float) -> int:
    """Connections that a writer of this class takes by default, at most.

    A serverless one that may shrink to 0.5 ACU or less takes no more than 2,000. Source:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
    """
    if instance_class == "db.serverless":
        limit = max(
            (limit for acu, limit in _CONNECTIONS_BY_ACU if acu <= max_acu),
            default=_CONNECTIONS_BY_ACU[0][1],
        )
        return min(limit, 2000) if min_acu <= 0.5 else limit
    _, family, size = instance_class.split(".")
    if family.startswith("t"):
        return 135 if size == "large" else 90
    return _CONNECTIONS_BY_SIZE.get(size, max(_CONNECTIONS_BY_SIZE.values()))


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
