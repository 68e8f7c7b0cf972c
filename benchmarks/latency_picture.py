"""A picture of requests over time: one mark for each, a band for each fault; light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT = 960, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 56, 74
SCALE = ((0.0003, ""), (0.001, "1 ms"), (0.01, "10 ms"), (0.1, "100 ms"), (1.0, "1 s"), (3.0, ""))
STYLE = """
.page { fill: #ffffff } .grid { stroke: #d8dee4 } .text { fill: #1f2328 }
.soft { fill: #59636e } .band { fill: #fff1e5 } .edge { stroke: #bc4c00 }
.right { fill: #0969da } .wrong { stroke: #cf222e }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } .grid { stroke: #30363d } .text { fill: #f0f6fc }
.soft { fill: #9198a1 } .band { fill: #2d1f12 } .edge { stroke: #db6d28 }
.right { fill: #58a6ff } .wrong { stroke: #ff7b72 }
}
""".strip()


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it began, how long it took, and how it ended: ``right`` or a code."""

    at_s: float
    took_s: float
    end: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A fault, from and to, and what each of the two moments is called."""

    from_s: float
    to_s: float
    name: str
    cure: str


def draw(samples: Sequence[Sample], marks: Sequence[Mark]) -> str:
    """The picture as SVG: time to the right, latency upwards by powers of ten."""
    start = samples[0].at_s
    end = max(sample.at_s + sample.took_s for sample in samples)
    low, high = log10(SCALE[0][0]), log10(SCALE[-1][0])

    def x(at_s: float) -> float:
        return LEFT + (at_s - start) / (end - start) * (WIDTH - LEFT - RIGHT)

    def y(took_s: float) -> float:
        share = (min(max(log10(took_s), low), high) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    floor = HEIGHT - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">',
        "<title>Latency of each request while Redis dies and the database fails over</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
    ]
    for mark in marks:
        left, right = x(mark.from_s), x(mark.to_s)
        parts += [
            f'<rect class="band" x="{left:.0f}" y="{TOP}" width="{right - left:.0f}" '
            f'height="{floor - TOP}"/>',
            f'<path class="edge" d="M{left:.0f} {TOP - 30}V{floor}"/>',
            f'<path class="edge" stroke-dasharray="4 3" d="M{right:.0f} {TOP - 10}V{floor}"/>',
            f'<text class="text" font-weight="600" x="{left + 6:.0f}" y="{TOP - 20}">'
            f"{mark.name}</text>",
            f'<text class="soft" x="{right + 6:.0f}" y="{TOP - 3}">{mark.cure}</text>',
        ]
    for took_s, name in SCALE:
        if name:
            at = y(took_s)
            parts.append(
                f'<path class="grid" d="M{LEFT} {at:.0f}H{WIDTH - RIGHT}"/>'
                f'<text class="soft" x="{LEFT - 8}" y="{at + 4:.0f}" text-anchor="end">'
                f"{name}</text>"
            )
    for second in range(0, int(end - start) + 1, 2):
        parts.append(
            f'<text class="soft" x="{x(start + second):.0f}" y="{floor + 20}" '
            f'text-anchor="middle">{second} s</text>'
        )
    for sample in samples:
        at, up = x(sample.at_s), y(sample.took_s)
        if sample.end == "right":
            parts.append(f'<circle class="right" cx="{at:.1f}" cy="{up:.1f}" r="2.2"/>')
        else:
            parts.append(
                f'<path class="wrong" stroke-width="1.4" '
                f'd="M{at - 3:.1f} {up - 3:.1f}l6 6m0 -6l-6 6"/>'
            )
    legend = HEIGHT - 22
    parts += [
        f'<circle class="right" cx="{LEFT + 6}" cy="{legend - 4}" r="4"/>',
        f'<text class="text" x="{LEFT + 18}" y="{legend}">right answer</text>',
        f'<path class="wrong" stroke-width="2" d="M{LEFT + 126} {legend - 8}l8 8m0 -8l-8 8"/>',
        f'<text class="text" x="{LEFT + 142}" y="{legend}">typed error</text>',
        f'<text class="soft" x="{WIDTH - RIGHT}" y="{legend}" text-anchor="end">'
        "one mark for each request, by when it began</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
