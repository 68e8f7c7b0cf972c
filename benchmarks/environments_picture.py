"""The picture of docs/performance.md: requests per second and their p99 as environments grow.

``python -m benchmarks.environments_picture`` draws ``docs/environments.svg`` anew from
``results/environments.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log, log10
from typing import Any, Final, TypeAlias
from xml.sax.saxutils import escape

from benchmarks.latency_picture import STYLE
from benchmarks.peers.processes import OURS
from benchmarks.report import RESULTS, ROOT

PICTURE: Final = ROOT / "docs" / "environments.svg"
FILE: Final = RESULTS / "environments.json"
# Marks, and the share of the height of a value.
Scale: TypeAlias = tuple[list[float], Callable[[float], float]]
WIDTH: Final = 960
LEFT, RIGHT, TOP, BOTTOM, PANEL = 60, 24, 34, 30, 210  # pixels of a panel
DASHES: Final = {"graphql-jit": "6 3", "graphql-yoga": "2 3"}
PANELS: Final = (("per_second", "requests/s"), ("p99_ms", "p99, ms"))


def draw(results: Mapping[str, Any]) -> str:
    """The picture as SVG, light and dark: a row for each case."""
    cases = list(results["cases"].values())
    height = 44 + PANEL * len(cases) + 46
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">',
        "<title>Requests per second and their 99th percentile as environments grow</title>",
        f"<style>{STYLE} .ours {{ stroke: #0969da }} .other {{ stroke: #8c959f }}"
        " path.line { fill: none; stroke-width: 2.5 }</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        '<text class="text" x="20" y="28" font-size="16">'
        "Environments that answer without a pause, all on one processor</text>",
    ]
    for row, case in enumerate(cases):
        for column, (measure, name) in enumerate(PANELS):
            left, top = column * WIDTH / 2, 44 + row * PANEL
            parts.append(f'<g transform="translate({left:.0f} {top})">')
            parts += _panel(case, measure, name)
            parts.append("</g>")
    parts += _legend(results, height)
    return "\n".join((*parts, "</svg>")) + "\n"


def _panel(case: Mapping[str, Any], measure: str, name: str) -> Iterator[str]:
    lines = {
        engine: [(step["environments"], step[measure]) for step in found]
        for engine, found in case["contestants"].items()
    }
    counts = [count for count, _ in lines[OURS]]
    scale = _logarithmic if measure == "p99_ms" else _linear
    marks, share = scale([value for line in lines.values() for _, value in line])
    right, floor = WIDTH / 2 - RIGHT, PANEL - BOTTOM

    def x(count: int) -> float:
        return LEFT + (right - LEFT) * (log(count) / max(log(counts[-1]), 1e-9))

    def y(value: float) -> float:
        return floor - share(value) * (floor - TOP)

    yield f'<text class="text" x="20" y="18" font-weight="600">{escape(case["title"])}</text>'
    yield f'<text class="soft" x="{right:.0f}" y="18" text-anchor="end">{name}</text>'
    for mark in marks:
        yield f'<path class="grid" d="M{LEFT} {y(mark):.0f}H{right:.0f}"/>'
        yield (
            f'<text class="soft" x="{LEFT - 8}" y="{y(mark) + 4:.0f}" text-anchor="end">'
            f"{mark:,g}</text>"
        )
    for count in counts:
        yield (
            f'<text class="soft" x="{x(count):.0f}" y="{floor + 18}" text-anchor="middle">'
            f"{count}</text>"
        )
    for engine, line in lines.items():
        path = "L".join(f"{x(count):.0f} {y(value):.0f}" for count, value in line)
        yield f'<path class="{_kind(engine)}" {_dashes(engine)}d="M{path}"/>'


def _linear(values: Sequence[float]) -> Scale:
    most = max(values)
    step = 10 ** int(log10(most))
    step = step / 2 if most < 2 * step else step
    top = (most // step + 1) * step
    return [step * number for number in range(int(top / step) + 1)], lambda value: value / top


def _logarithmic(values: Sequence[float]) -> Scale:
    low, high = int(log10(min(values)) // 1), int(-(-log10(max(values)) // 1))
    marks = [10.0**power for power in range(low, high + 1)]
    return marks, lambda value: (log10(value) - low) / max(high - low, 1)


def _legend(results: Mapping[str, Any], height: int) -> Iterator[str]:
    at = LEFT
    for engine in next(iter(results["cases"].values()))["contestants"]:
        line = f'd="M{at} {height - 34}h34"'
        yield f'<path class="{_kind(engine)}" {_dashes(engine)}{line}/>'
        yield f'<text class="text" x="{at + 42}" y="{height - 30}">{engine}</text>'
        at += 170
    told = f"{results['seconds']:g} s each on {results['machine']}, MariaDB {results['server']}"
    told += f" on one of its own, Python {results['python']}, {results['date']}"
    yield f'<text class="soft" x="20" y="{height - 10}">{escape(told)}</text>'


def _kind(engine: str) -> str:
    return "line ours" if engine == OURS else "line other"


def _dashes(engine: str) -> str:
    return f'stroke-dasharray="{DASHES[engine]}" ' if engine in DASHES else ""


def main() -> None:
    """Write the picture anew."""
    PICTURE.write_text(draw(json.loads(FILE.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
