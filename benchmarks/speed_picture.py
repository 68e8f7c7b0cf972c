"""The picture of README: how long whole requests take, drawn from ``results/request.json``.

``python -m benchmarks.speed_picture`` writes ``docs/speed.svg``. Each question has a scale of its
own that begins at zero; the numbers are medians of the time on the clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from benchmarks.latency_picture import STYLE

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results" / "request.json"
PICTURE: Final = ROOT / "docs" / "speed.svg"
SHOWN: Final = {  # contestants of the results, and what they are called here
    "hand-written aiomysql + orjson": "written by hand",
    "compiled, gateway event to response": "aurora-graphql",
    "graphql-core with loaders": "graphql-core, loaders",
    "Tartiflette with loaders": "Tartiflette, loaders",
    "Ariadne with loaders": "Ariadne, loaders",
    "Strawberry with loaders": "Strawberry, loaders",
    "graphql-jit on Node": "graphql-jit on Node.js",
    "graphql-yoga on Node": "graphql-yoga on Node.js",
}
OURS: Final = "compiled, gateway event to response"
WIDTH: Final = 960
BAR, GAP, HEAD, LEFT, NUMBER = 16, 6, 30, 190, 70  # pixels


def draw(results: Mapping[str, Any]) -> str:
    """The picture as SVG, light and dark."""
    cases = list(results["cases"].values())
    bars = max(len(SHOWN.keys() & case["contestants"].keys()) for case in cases)
    panel = HEAD + bars * (BAR + GAP) + 18
    height = 44 + panel * ((len(cases) + 1) // 2) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">',
        "<title>Milliseconds of whole requests, beside other ways to answer them</title>",
        f"<style>{STYLE} .ours {{ fill: #0969da }} .other {{ fill: #8c959f }}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        '<text class="text" x="20" y="28" font-size="16">'
        "Milliseconds from the request to its answer, less is better</text>",
    ]
    for number, case in enumerate(cases):
        left, top = (number % 2) * (WIDTH / 2), 44 + (number // 2) * panel
        parts.append(f'<g transform="translate({left:.0f} {top})">')
        parts += _panel(case)
        parts.append("</g>")
    told = f"medians of {results['rounds']} rounds on {results['machine']}, "
    told += f"MariaDB {results['server']}, Python {results['python']}, {results['date']}"
    parts.append(f'<text class="soft" x="20" y="{height - 14}">{escape(told)}</text>')
    return "\n".join((*parts, "</svg>")) + "\n"


def _panel(case: Mapping[str, Any]) -> Iterator[str]:
    """The bars of one question."""
    took_ms = {
        name: case["contestants"][name]["wall_ms"]["median"]
        for name in SHOWN
        if name in case["contestants"]
    }
    room = WIDTH / 2 - LEFT - NUMBER
    yield f'<text class="text" x="20" y="20" font-weight="600">{escape(case["title"])}</text>'
    for number, name in enumerate(took_ms):
        y = HEAD + number * (BAR + GAP)
        width = took_ms[name] / max(took_ms.values()) * room
        kind = "ours" if name == OURS else "other"
        shown = SHOWN[name]
        yield f'<text class="text" x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{shown}</text>'
        yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}"/>'
        at = LEFT + width + 6
        yield f'<text class="soft" x="{at:.1f}" y="{y + 13}">{took_ms[name]:.2g} ms</text>'


def main() -> None:
    """Write the picture anew."""
    PICTURE.write_text(draw(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
