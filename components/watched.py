"""What the monitoring of a stack looks at: its functions, database, proxy and cache.

Plain values, of which the alarms and the dashboard are computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.settings import CacheSettings, DatabaseSettings, ProxySettings

HANDLER_NAMESPACE: Final = "aurora-graphql"
"""Of the metrics that the API's function writes into its log; they are by ``FunctionName``."""

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
