"""The dashboard, as a plain value: one request's way from left to right.

A column is a station of the request (gateway, authorizer, function, cache, proxy, database), a row
is a question asked of each: how much, how long, how often wrong, how full. Below them stands what
happens beside the requests: ingest, migrations, alarms; then a row for each operation that has
metrics of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pulumi

from components.signals import Line, Signals, Station

COLUMNS: Final = 24
"""Width of a dashboard of CloudWatch."""

TITLE_HEIGHT: Final = 2
GRAPH_HEIGHT: Final = 5

QUESTIONS: Final[Mapping[str, str]] = {
    "traffic": "Traffic",
    "latency": "Latency",
    "errors": "Errors",
    "saturation": "Saturation",
}
"""What each station is asked: the field of ``Station`` that answers, and the title of the row."""


def build_dashboard(
    signals: Sequence[Signals], *, region: str, alarm_arns: Sequence[pulumi.Input[str]]
) -> dict[str, Any]:
    """The dashboard's body; values of ``signals`` may be outputs.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    stations = merge_stations(station for each in signals for station in each.stations)
    width = COLUMNS // max(1, len(stations))
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
        for row, (field, title) in enumerate(QUESTIONS.items()):
            widgets.append(
                {
                    "type": "metric",
                    "y": TITLE_HEIGHT + row * GRAPH_HEIGHT,
                    **column,
                    "height": GRAPH_HEIGHT,
                    "properties": _graph(title, getattr(station, field), region),
                }
            )
    below = TITLE_HEIGHT + len(QUESTIONS) * GRAPH_HEIGHT
    beside = [graph for each in signals for graph in each.beside]
    share = COLUMNS // (len(beside) + 1)
    for number, graph in enumerate(beside):
        widgets.append(
            {
                "type": "metric",
                "x": number * share,
                "y": below,
                "width": share,
                "height": GRAPH_HEIGHT,
                "properties": _graph(graph.title, graph.lines, region),
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
    rows = [graphs for each in signals for graphs in each.rows]
    for number, graphs in enumerate(rows, start=1):
        share = COLUMNS // len(graphs)
        widgets += [
            {
                "type": "metric",
                "x": place * share,
                "y": below + number * GRAPH_HEIGHT,
                "width": share,
                "height": GRAPH_HEIGHT,
                "properties": _graph(graph.title, graph.lines, region),
            }
            for place, graph in enumerate(graphs)
        ]
    return {"periodOverride": "inherit", "widgets": widgets}


def merge_stations(stations: Iterable[Station]) -> list[Station]:
    """Those of one title as one, in the order in which the titles come."""
    by_title: dict[str, list[Station]] = {}
    for station in stations:
        by_title.setdefault(station.title, []).append(station)
    return [
        Station(
            title=title,
            traffic=[line for one in parts for line in one.traffic],
            latency=[line for one in parts for line in one.latency],
            errors=[line for one in parts for line in one.errors],
            saturation=[line for one in parts for line in one.saturation],
        )
        for title, parts in by_title.items()
    ]


def _graph(title: str, lines: Sequence[Line], region: str) -> dict[str, Any]:
    return {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "period": 60,
        "yAxis": {"left": {"min": 0}},
        "metrics": [_encode(line) for line in lines],
    }


def _encode(line: Line) -> list[Any]:
    """As CloudWatch writes it: names and values in one list, options last."""
    pairs = [part for pair in line.dimensions.items() for part in pair]
    options = {"stat": line.statistic, "label": line.label}
    return [line.namespace, line.metric, *pairs, options]
