"""What is watched of a Lambda function, by its purpose in the stack.

Lambda counts an invocation that raises as an error. The authorizer raises for every caller without
a good token, because API Gateway asks for its 401 that way; and ``graphql`` never raises, since it
tells the caller of a failure in GraphQL's words, often with status 200. So these two are watched by
the line that they log when something of ours broke, and by their crashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.api_settings import MonitoringSettings
from components.contract import FUNCTION, NAMESPACE, OPERATION, OTHERS
from components.queries import QUERIES
from components.signals import MINUTE_S, Alarm, Graph, LineCount, Query, Signals, Station, lines_of

KEPT_ANSWERS: Final = (("CacheHits", "Sum", "answers kept"), ("CacheMisses", "Sum", "answers made"))
"""Metrics of the handler: how often the response cache had the answer."""

FAILURE_PATTERN: Final = '{ $.message = "failure" }'
"""Lines of a function's log that say that something broke which the caller is not told of.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

DURATION_SHARE: Final = 0.9  # of a function's timeout
CONCURRENCY_SHARE: Final = 0.8  # of what is reserved, or of the account's quota
HIT_RATE_PERCENT: Final = 50

_TITLES: Final[Mapping[str, str]] = {"graphql": "GraphQL", "authorizer": "Authorizer"}
"""Purposes that a caller of the API waits for, and the titles of their stations."""

_FAILURES: Final[Mapping[str, str]] = {
    "graphql": "The API could not answer for a reason of ours; the log says which",
    "authorizer": "The authorizer could not decide, so callers get 500; the log says why",
}

_ERRORS: Final[Mapping[str, str]] = {
    "graphql": "The API's function crashes",
    "migrate": "A migration failed; the API still runs on its old version",
    "ingest": "An object could not be loaded; Lambda tries again",
}


@dataclass(frozen=True, kw_only=True)
class WatchedFunction:
    """A function. ``purpose``: graphql, authorizer, migrate or ingest.

    With ``reserved_concurrency`` -1 it runs in the account's pool. ``caches``: whether it has a
    response cache, of which it writes metrics; ``operations``: those that it writes metrics of.
    """

    purpose: str
    function_name: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    timeout_s: int
    reserved_concurrency: int = -1
    caches: bool = False
    operations: tuple[str, ...] = ()

    @property
    def synchronous(self) -> bool:
        """Whether a caller of the API waits for it."""
        return self.purpose in _TITLES

    @property
    def _dimensions(self) -> dict[str, pulumi.Input[str]]:
        return {FUNCTION: self.function_name}

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Its alarms and its station; a graph below instead, where no caller waits for it."""
        if not self.synchronous:
            return Signals(alarms=[*self._alarms()], beside=[self._graph()])
        failures = LineCount(
            namespace=namespace,
            metric=f"{self.purpose}-failures",
            pattern=FAILURE_PATTERN,
            log_group_name=self.log_group_name,
        )
        alarms = [*self._alarms(), *self._alarms_of_callers(failures)]
        stations = [self._station(failures)]
        if self.purpose == "graphql":
            alarms.append(self._concurrency(settings.account_concurrency))
        if self.caches:
            alarms.append(self._hit_rate())
            answers = lines_of(NAMESPACE, self._dimensions, *KEPT_ANSWERS)
            stations.append(Station(title="Cache", traffic=answers))
        return Signals(
            alarms=alarms,
            counts=[failures],
            stations=stations,
            rows=[self._row(name) for name in (*self.operations, OTHERS) if self.operations],
            queries=[*self._queries()],
        )

    def _alarms(self) -> Iterator[Alarm]:
        if self.purpose in _ERRORS:
            yield Alarm(
                name=f"{self.purpose}-errors",
                meaning=_ERRORS[self.purpose],
                namespace="AWS/Lambda",
                metric="Errors",
                dimensions=self._dimensions,
                statistic="Sum",
                threshold=0,
                periods=1,
                bad_periods=1,
            )
        yield Alarm(
            name=f"{self.purpose}-duration",
            meaning=f"Close to the timeout of {self.timeout_s} s",
            namespace="AWS/Lambda",
            metric="Duration",
            dimensions=self._dimensions,
            statistic="p99" if self.synchronous else "Maximum",
            threshold=self.timeout_s * 1000 * DURATION_SHARE,
            periods=5 if self.synchronous else 1,
            bad_periods=3 if self.synchronous else 1,
        )

    def _alarms_of_callers(self, failures: LineCount) -> Iterator[Alarm]:
        yield Alarm(
            name=failures.metric,
            meaning=_FAILURES[self.purpose],
            namespace=failures.namespace,
            metric=failures.metric,
            dimensions={},
            statistic="Sum",
            threshold=0,
            periods=1,
            bad_periods=1,
        )
        yield Alarm(
            name=f"{self.purpose}-throttles",
            meaning="Requests are refused because no concurrency is left",
            namespace="AWS/Lambda",
            metric="Throttles",
            dimensions=self._dimensions,
            statistic="Sum",
            threshold=0,
        )

    def _concurrency(self, account_concurrency: int) -> Alarm:
        if self.reserved_concurrency > 0:
            return Alarm(
                name="concurrency",
                meaning="The API's function uses most of what is reserved for it",
                namespace="AWS/Lambda",
                metric="ConcurrentExecutions",
                dimensions=self._dimensions,
                statistic="Maximum",
                threshold=self.reserved_concurrency * CONCURRENCY_SHARE,
            )
        return Alarm(
            name="concurrency",
            meaning="The functions of the account use most of its quota",
            namespace="AWS/Lambda",
            metric="ClaimedAccountConcurrency",
            dimensions={},
            statistic="Maximum",
            threshold=account_concurrency * CONCURRENCY_SHARE,
        )

    def _hit_rate(self) -> Alarm:
        """ElastiCache's own rate is of keys: an answer that is missing finds four versions."""
        return Alarm(
            name="cache-hit-rate",
            meaning=f"Fewer than {HIT_RATE_PERCENT} % of the answers that may be kept were",
            namespace=NAMESPACE,
            metric="CacheHitRate",
            dimensions=self._dimensions,
            statistic="Average",
            threshold=HIT_RATE_PERCENT,
            comparison="LessThanThreshold",
            periods=6,
            bad_periods=6,
            period_s=10 * MINUTE_S,
            missing="ignore",
        )

    def _station(self, failures: LineCount) -> Station:
        raised = "401s and crashes" if self.purpose == "authorizer" else "crashes"
        return Station(
            title=_TITLES[self.purpose],
            traffic=lines_of("AWS/Lambda", self._dimensions, ("Invocations", "Sum", "calls")),
            latency=lines_of(
                "AWS/Lambda",
                self._dimensions,
                ("Duration", "p50", "p50"),
                ("Duration", "p99", "p99"),
            ),
            errors=[
                *lines_of(failures.namespace, {}, (failures.metric, "Sum", "failures")),
                *lines_of(
                    "AWS/Lambda",
                    self._dimensions,
                    ("Errors", "Sum", raised),
                    ("Throttles", "Sum", "throttles"),
                ),
            ],
            saturation=lines_of(
                "AWS/Lambda",
                self._dimensions,
                ("ConcurrentExecutions", "Maximum", "environments"),
            ),
        )

    def _queries(self) -> Iterator[Query]:
        for name, text in QUERIES.items() if self.purpose == "graphql" else ():
            yield Query(name=name, text=text, log_group_name=self.log_group_name)

    def _row(self, operation: str) -> Sequence[Graph]:
        """Graphs of one operation, of the metrics that the handler writes of it."""

        def graph(title: str, *metrics: tuple[str, str, str]) -> Graph:
            dimensions = {**self._dimensions, OPERATION: operation}
            return Graph(
                title=f"{operation}: {title}", lines=lines_of(NAMESPACE, dimensions, *metrics)
            )

        return (
            graph(
                "requests",
                ("Latency", "SampleCount", "requests"),
                ("Errors", "Sum", "with errors"),
            ),
            graph("milliseconds", ("Latency", "p50", "p50"), ("Latency", "p99", "p99")),
            graph(
                "work of each",
                ("Statements", "Average", "statements"),
                ("Rows", "Average", "rows"),
            ),
            graph(
                "cost and cache",
                ("Cost", "Average", "cost"),
                ("HitRate", "Average", "% from the cache"),
            ),
        )

    def _graph(self) -> Graph:
        return Graph(
            title=self.purpose.capitalize(),
            lines=lines_of(
                "AWS/Lambda",
                self._dimensions,
                ("Invocations", "Sum", "calls"),
                ("Errors", "Sum", "errors"),
                ("Duration", "Maximum", "ms at most"),
            ),
        )
