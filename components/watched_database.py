"""What is watched of a cluster, and how many connections one of its size takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pulumi

from components.api_settings import MonitoringSettings
from components.data_settings import SERVERLESS, DatabaseSettings
from components.signals import CPU_PERCENT, Alarm, Line, Signals, Station, lines_of

CAPACITY_PERCENT: Final = 90  # of the largest capacity in ACU
CONNECTIONS_PERCENT: Final = 80
REPLICA_LAG_MS: Final = 1000
FREE_STORAGE_BYTES: Final = 2 * 1024**3  # local: temporary tables and sorts


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

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Its alarms and its station."""
        del namespace, settings  # all metrics are RDS's own, and no limit is chosen
        return Signals(alarms=[*self._alarms()], stations=[self._station()])

    def _alarm(self, name: str, meaning: str, metric: str, threshold: float) -> Alarm:
        return Alarm(
            name=f"database-{name}",
            meaning=meaning,
            namespace="AWS/RDS",
            metric=metric,
            dimensions={"DBClusterIdentifier": self.cluster_identifier},
            statistic="Maximum",
            threshold=threshold,
        )

    def _alarms(self) -> Iterator[Alarm]:
        yield self._alarm("cpu", f"CPU over {CPU_PERCENT} %", "CPUUtilization", CPU_PERCENT)
        yield self._alarm(
            "connections",
            f"Over {CONNECTIONS_PERCENT} % of the connections are used",
            "DatabaseConnections",
            self.max_connections * CONNECTIONS_PERCENT / 100,
        )
        yield self._alarm("deadlocks", "Transactions block each other", "Deadlocks", 0)
        yield replace(
            self._alarm(
                "storage",
                "Less than 2 GiB are left for temporary tables",
                "FreeLocalStorage",
                FREE_STORAGE_BYTES,
            ),
            statistic="Minimum",
            comparison="LessThanThreshold",
        )
        if self.serverless:
            yield self._alarm(
                "capacity",
                f"Over {CAPACITY_PERCENT} % of the largest capacity is used",
                "ACUUtilization",
                CAPACITY_PERCENT,
            )
        if self.readers:
            yield self._alarm(
                "replica-lag",
                f"Readers are more than {REPLICA_LAG_MS} ms behind the writer",
                "AuroraReplicaLagMaximum",
                REPLICA_LAG_MS,
            )

    def _station(self) -> Station:
        def lines(*metrics: tuple[str, str, str]) -> Sequence[Line]:
            return lines_of("AWS/RDS", {"DBClusterIdentifier": self.cluster_identifier}, *metrics)

        lag = [("AuroraReplicaLagMaximum", "Maximum", "replica lag")] if self.readers else []
        capacity = [("ACUUtilization", "Maximum", "ACU %")] if self.serverless else []
        return Station(
            title="Aurora",
            traffic=lines(("Queries", "Average", "statements/s")),
            latency=lines(("SelectLatency", "Average", "select"), *lag),
            errors=lines(
                ("Deadlocks", "Average", "deadlocks/s"),
                ("LoginFailures", "Average", "failed log-ins/s"),
            ),
            saturation=lines(
                ("CPUUtilization", "Maximum", "CPU %"),
                *capacity,
                ("DatabaseConnections", "Maximum", "connections"),
            ),
        )


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
    if instance_class == SERVERLESS:
        limit = max(
            (limit for acu, limit in _CONNECTIONS_BY_ACU if acu <= max_acu),
            default=_CONNECTIONS_BY_ACU[0][1],
        )
        return min(limit, 2000) if min_acu <= 0.5 else limit
    _, family, size = instance_class.split(".")
    if family.startswith("t"):
        return 135 if size == "large" else 90
    return _CONNECTIONS_BY_SIZE.get(size, max(_CONNECTIONS_BY_SIZE.values()))
