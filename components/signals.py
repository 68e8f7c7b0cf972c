"""How a part of a stack is monitored: the records for alarms, metrics and graphs.

The alarms of a resource stand beside it, in its component's module, as the method ``signals`` of a
record of plain facts. The monitoring makes alarms and a dashboard of all of them, and knows no
service by its name.

An alarm on a rate or a latency wants three bad minutes of five; one on something that must never
happen wants one. Silence is good news everywhere except for the hit rate, where it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import pulumi

from components.api_settings import MonitoringSettings

MINUTE_S: Final = 60

CPU_PERCENT: Final = 80
"""Above this share a server has no room for a peak."""

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]

Dimensions = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. ``statistic`` may be a percentile, such as ``p99``.

    It rings after ``bad_periods`` of ``periods``, each of ``period_s``, on the wrong side of
    ``threshold``. ``name`` is unique in the stack.
    """

    name: str
    meaning: str
    namespace: str
    metric: str
    dimensions: Dimensions
    statistic: str
    threshold: float
    comparison: Comparison = "GreaterThanThreshold"
    periods: int = 5
    bad_periods: int = 3
    period_s: int = MINUTE_S
    missing: Literal["notBreaching", "ignore"] = "notBreaching"

    @property
    def section(self) -> str:
        """Its section in ``docs/runbook.md``, which alarms of several nodes share."""
        return re.sub(r"-\d+", "", self.name)


@dataclass(frozen=True, kw_only=True)
class LineCount:
    """A metric of our own: how many lines of a log match a pattern."""

    namespace: str
    metric: str
    pattern: str
    log_group_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One metric in a graph."""

    namespace: str
    metric: str
    dimensions: Dimensions
    statistic: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Lines under one title, for what happens beside the requests."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class Station:
    """One column of the dashboard: what a request meets, and the lines that answer four questions.

    Several parts may add to the station of one ``title``.
    """

    title: str
    traffic: Sequence[Line] = ()
    latency: Sequence[Line] = ()
    errors: Sequence[Line] = ()
    saturation: Sequence[Line] = ()


@dataclass(frozen=True, kw_only=True)
class Query:
    """A saved query of CloudWatch Logs Insights. ``name`` is unique in the stack."""

    name: str
    text: str
    log_group_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Signals:
    """All that is watched of one part. ``counts`` are made of logs before an alarm looks at them.

    ``stations`` stand on the way of a request, ``beside`` below it, and each of ``rows`` is a row
    of graphs at the end.
    """

    alarms: Sequence[Alarm] = ()
    counts: Sequence[LineCount] = ()
    stations: Sequence[Station] = ()
    beside: Sequence[Graph] = ()
    rows: Sequence[Sequence[Graph]] = ()
    queries: Sequence[Query] = ()


class Part(Protocol):
    """A part of a stack that can be monitored."""

    def signals(self, namespace: str, settings: MonitoringSettings) -> Signals:
        """Its alarms and graphs. ``namespace``: of metrics made of logs."""


def lines_of(
    namespace: str, dimensions: Dimensions, *metrics: tuple[str, str, str]
) -> Sequence[Line]:
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
