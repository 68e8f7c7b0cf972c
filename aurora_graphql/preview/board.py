"""Draw a dashboard of CloudWatch as SVG, from its definition: its graphs with what they show.

No curves: nobody has measured anything yet. Colours follow the reader's light or dark mode.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final
from xml.sax.saxutils import escape

from aurora_graphql.preview.graph import Graph

WIDTH: Final = 1440
_COLUMNS: Final = 24  # of CloudWatch
_ROW: Final = 26  # height of one of CloudWatch's rows
_UNIT: Final = WIDTH / _COLUMNS
_GAP: Final = 4
_LETTER: Final = 5.6  # width of a small one, nearly
_SMALL: Final = 11  # height of a line of alarms
_PALETTE: Final = ("#2f6fdb", "#e8821e", "#3d9142", "#d23f4f", "#8753d1", "#8a5a2b", "#c2278f")

_STYLE: Final = """
  text { font: 10px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
  .ground { fill: #f2f4f7; } .card { fill: #ffffff; stroke: #d8dee6; }
  .station { font-size: 15px; font-weight: 600; fill: #1c2733; }
  .title { font-size: 11px; font-weight: 600; fill: #1c2733; }
  .note { fill: #536273; } .small { font-size: 9px; } .axis { stroke: #c2cbd6; fill: none; }
  .grid { stroke: #e7ebf0; fill: none; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0f151c; } .card { fill: #19222c; stroke: #2b3643; }
    .station, .title { fill: #eef3f8; } .note { fill: #aab8c7; }
    .axis { stroke: #4a5a6b; } .grid { stroke: #26313c; }
  }
"""


def board_of(graph: Graph) -> dict[str, Any] | None:
    """The body of a stack's dashboard, None where it has none."""
    for found in graph.of_type("aws:cloudwatch/dashboard:Dashboard"):
        body: dict[str, Any] = json.loads(str(found.inputs["dashboardBody"]))
        return body
    return None


def alarm_names(arns: Sequence[str]) -> list[str]:
    """Without what all of them begin with, which names the stack."""
    names = [str(arn).rpartition(":")[2] for arn in arns]
    letters = zip(min(names), max(names), strict=False)
    shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], letters))
    return [name[shared.rfind("-") + 1 :] for name in names]


def draw_board(body: Mapping[str, Any], title: str) -> str:
    """The SVG. ``title``: what a screen reader says first."""
    widgets: Sequence[Mapping[str, Any]] = body["widgets"]
    height = max(each["y"] + each["height"] for each in widgets) * _ROW + _GAP
    parts = [part for widget in widgets for part in _widget(widget)]
    lines = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">\n'
        f'  <title id="title">{escape(title)}</title>\n'
        f"  <style>{_STYLE}  </style>\n"
        f'  <rect class="ground" width="{WIDTH}" height="{height}"/>\n'
        f"{lines}\n"
        "</svg>\n"
    )


def _widget(widget: Mapping[str, Any]) -> Iterator[str]:
    x, y = widget["x"] * _UNIT + _GAP, widget["y"] * _ROW + _GAP
    width, height = widget["width"] * _UNIT - _GAP, widget["height"] * _ROW - _GAP
    yield (f'<rect class="card" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"/>')
    properties = widget["properties"]
    if widget["type"] == "text":
        words = properties["markdown"].lstrip("# ")
        yield _text(x + 10, y + height / 2 + 5, words, "station")
        return
    yield _text(x + 8, y + 15, properties["title"], "title")
    if widget["type"] == "alarm":
        yield from _alarms(alarm_names(properties["alarms"]), x, y, width, height)
        return
    labels = [str(metric[-1]["label"]) for metric in properties["metrics"]]
    legend = _rows(labels, width - 16)
    bottom = y + height - 10 - 13 * len(legend)
    for part in (1, 2, 3):
        level = y + 24 + (bottom - y - 24) * part / 4
        yield f'<path class="grid" d="M{x + 12:g} {level:g} h{width - 24:g}"/>'
    yield f'<path class="axis" d="M{x + 12:g} {y + 24:g} V{bottom:g} h{width - 24:g}"/>'
    for number, row in enumerate(legend):
        yield from _legend(row, x + 12, bottom + 14 + 13 * number)


def _rows(labels: Sequence[str], width: float) -> list[list[tuple[int, str]]]:
    """Labels with their numbers, as many in a row as there is room for."""
    rows: list[list[tuple[int, str]]] = [[]]
    left = width
    for number, label in enumerate(labels):
        need = _space(label)
        if rows[-1] and need > left:
            rows.append([])
            left = width
        rows[-1].append((number, label))
        left -= need
    return rows


def _space(label: str) -> float:
    return 20 + len(label) * _LETTER


def _legend(row: Sequence[tuple[int, str]], x: float, y: float) -> Iterator[str]:
    for number, label in row:
        colour = _PALETTE[number % len(_PALETTE)]
        yield f'<circle cx="{x + 3:g}" cy="{y - 4:g}" r="3.5" fill="{colour}"/>'
        yield _text(x + 10, y, label, "note")
        x += _space(label)


def _alarms(names: Sequence[str], x: float, y: float, width: float, height: float) -> Iterator[str]:
    """All names, in columns."""
    rows = int((height - 24) // _SMALL)
    columns = -(-len(names) // rows)
    for number, name in enumerate(names):
        left = x + 10 + (number // rows) * (width - 10) / columns
        top = y + 28 + (number % rows) * _SMALL
        yield f'<circle cx="{left + 3:g}" cy="{top - 3:g}" r="3" fill="{_PALETTE[2]}"/>'
        yield _text(left + 10, top, name, "note small")


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
