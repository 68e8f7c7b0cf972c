"""Draw a picture as SVG: callers on the left, data on the right, what everything needs below.

The places are fixed, so that the pictures of two stacks can be laid side by side; a box that a
stack does not have leaves its place empty. Colours follow the reader's light or dark mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from aurora_graphql.preview.picture import Arrow, Box, Picture, Role

WIDTH: Final = 1200
STRIP: Final = 40
"""Height of one more tier of subnets, by which everything below it moves down."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A rectangle; x and y of its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


SEATS: Final = 2
"""Instances of a zone that are drawn one by one; of more, the last place counts the rest."""

SEAT: Final = 30
GAP: Final = 8
"""Height of what stands in the database's box, and between two of those."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a box is drawn: the colour of its stripe and its place.

    Boxes without a place share the band below, in the order of the table.
    """

    stripe: str
    place: Place | None = None


_LOOKS: Final[Mapping[Role, Look]] = {
    "callers": Look(stripe="plain", place=Place(x=28, y=152, width=104, height=76)),
    "issuers": Look(stripe="plain", place=Place(x=28, y=264, width=104, height=76)),
    "firewall": Look(stripe="guard", place=Place(x=164, y=152, width=84, height=76)),
    "gateway": Look(stripe="edge", place=Place(x=280, y=152, width=160, height=76)),
    "authorizer": Look(stripe="code", place=Place(x=280, y=264, width=160, height=76)),
    "graphql": Look(stripe="code", place=Place(x=504, y=152, width=168, height=76)),
    "migrate": Look(stripe="code", place=Place(x=504, y=508, width=168, height=76)),
    "ingest": Look(stripe="code", place=Place(x=504, y=372, width=168, height=108)),
    "bucket": Look(stripe="store", place=Place(x=280, y=368, width=160, height=52)),
    "letters": Look(stripe="edge", place=Place(x=280, y=432, width=160, height=52)),
    "proxy": Look(stripe="data", place=Place(x=740, y=152, width=168, height=76)),
    "cache": Look(stripe="data", place=Place(x=740, y=256, width=168, height=76)),
    "database": Look(stripe="data", place=Place(x=964, y=132, width=184, height=472)),
    "endpoints": Look(stripe="edge", place=Place(x=740, y=540, width=168, height=68)),
    "s3": Look(stripe="edge", place=Place(x=740, y=420, width=168, height=56)),
    "key": Look(stripe="guard"),
    "secrets": Look(stripe="guard"),
    "logs": Look(stripe="watch"),
    "alarms": Look(stripe="watch"),
    "trail": Look(stripe="watch"),
}
"""All that is drawn."""

_BAND: Final = tuple(role for role, look in _LOOKS.items() if look.place is None)

_STYLE: Final = """
  text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
  .ground { fill: #ffffff; stroke: #d8dee6; }
  .vpc { fill: #f6f8fb; stroke: #8a97a8; stroke-dasharray: 6 4; }
  .tier { fill: #eaf1f8; stroke: #c3d3e4; }
  .box { fill: #ffffff; stroke: #c2cbd6; }
  .title { font-size: 14px; font-weight: 600; fill: #1c2733; }
  .text { fill: #536273; }
  .label { font-size: 12px; font-weight: 600; fill: #46566a; }
  .note { font-size: 11px; fill: #66768a; }
  .code { fill: #e8821e; } .data { fill: #2f6fdb; } .edge { fill: #8753d1; }
  .store { fill: #3d9142; } .guard { fill: #d23f4f; } .watch { fill: #c2278f; }
  .plain { fill: #8a97a8; }
  .road { fill: none; stroke: #8494a7; stroke-width: 1.4; }
  .way { fill: none; stroke: #0b7a75; stroke-width: 3; }
  .road-head { fill: #8494a7; } .way-head { fill: #0b7a75; }
  .lock { fill: none; stroke: #a97b00; stroke-width: 1.6; stroke-linecap: round; }
  .seat { fill: #ffffff; stroke: #c9d8ee; }
  .zone { fill: #eef3fb; stroke: #b9c9e2; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0f151c; stroke: #2b3643; }
    .vpc { fill: #141c25; stroke: #5d6c7e; }
    .tier { fill: #19242f; stroke: #2e3f51; }
    .box { fill: #202c38; stroke: #3c4c5d; }
    .title { fill: #eef3f8; } .text { fill: #aab8c7; }
    .label { fill: #b9c6d4; } .note { fill: #93a2b3; }
    .road { stroke: #75879b; } .road-head { fill: #75879b; }
    .way { stroke: #3cc8bd; } .way-head { fill: #3cc8bd; }
    .lock { stroke: #e2b84a; }
    .seat { fill: #202c38; stroke: #34495f; }
    .zone { fill: #182431; stroke: #3c5068; }
    .data { fill: #5b93f0; } .edge { fill: #a67ce4; } .store { fill: #58b35e; }
  }
"""


def draw(picture: Picture, title: str) -> str:
    """The SVG. ``title``: what a screen reader says first."""
    canvas = _Canvas(picture)
    parts = [*canvas.ground(), *canvas.arrows(), *canvas.boxes(), *canvas.legend()]
    body = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {canvas.height:g}" '
        f'width="{WIDTH}" height="{canvas.height:g}" role="img" aria-labelledby="title">\n'
        f'  <title id="title">{escape(title)}</title>\n'
        f"  <style>{_STYLE}  </style>\n"
        "  <defs>\n"
        f"    {_head('road', 5)}\n"
        f"    {_head('way', 4)}\n"
        "  </defs>\n"
        f"{body}\n"
        "</svg>\n"
    )


def _head(kind: str, size: float) -> str:
    """The head of an arrow."""
    return (
        f'<marker id="{kind}-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="{size:g}" '
        f'markerHeight="{size:g}" orient="auto-start-reverse">'
        f'<path class="{kind}-head" d="M0 0 L8 4 L0 8 z"/></marker>'
    )


class _Canvas:
    """The parts of one drawing, from the ground up."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.shift = STRIP * len(picture.other_tiers)
        self.vpc = Place(x=472, y=56, width=704, height=584 + self.shift)
        self.tier = Place(x=488, y=92 + self.shift, width=672, height=532)
        self.band_y = self.vpc.bottom + 24
        self.height = self.band_y + 76 + 60

    def place(self, role: Role) -> Place:
        """Where a box stands. The band below is shared by as many as there are."""
        at = _LOOKS[role].place
        if at is None:
            shown = [one for one in _BAND if self.picture.box(one)]
            gap = 16.0
            width = (WIDTH - 48 - gap * (len(shown) - 1)) / len(shown)
            x = 24 + shown.index(role) * (width + gap)
            return Place(x=x, y=self.band_y, width=width, height=76)
        return Place(x=at.x, y=at.y + self.shift, width=at.width, height=at.height)

    def ground(self) -> Iterator[str]:
        """The sheet, the VPC and its subnets."""
        yield _rect(Place(x=0.5, y=0.5, width=WIDTH - 1, height=self.height - 1), "ground", 12)
        yield _text(28, 40, "The way of a request, from left to right", "label")
        yield _rect(self.vpc, "vpc", 10)
        yield _text(self.vpc.x + 16, self.vpc.y + 23, self.picture.vpc, "label")
        for number, tier in enumerate(self.picture.other_tiers):
            y = 92 + STRIP * number
            strip = Place(x=self.tier.x, y=y, width=self.tier.width, height=STRIP - 10)
            yield _rect(strip, "tier", 8)
            yield _text(strip.x + 12, strip.middle + 4, tier, "note")
        yield _rect(self.tier, "tier", 8)
        yield _text(self.tier.x + 12, self.tier.y + 21, self.picture.isolated, "note")

    def boxes(self) -> Iterator[str]:
        """Every box with its title, its details and a lock where it is encrypted by our key."""
        for box in self.picture.boxes:
            yield from self._box(box)
        database = self.picture.box("database")
        if database is not None:
            yield from self._instances(self.place("database"))

    def _box(self, box: Box) -> Iterator[str]:
        at = self.place(box.role)
        yield _rect(at, "box", 7)
        stripe = Place(x=at.x, y=at.y + 8, width=4, height=at.height - 16)
        yield _rect(stripe, _LOOKS[box.role].stripe, 2)
        lines = [box.title, *box.details]
        height = 20 + 16 * (len(lines) - 1)
        top = at.y + 12 if box.role == "database" else at.middle - height / 2
        yield _text(at.x + 14, top + 14, box.title, "title")
        for number, line in enumerate(box.details):
            yield _text(at.x + 14, top + 33 + 16 * number, line, "text")
        if box.keyed:
            yield _lock(at.right - 24, at.y + 8)

    def _instances(self, at: Place) -> Iterator[str]:
        """The zones with the instances that stand in each; below, what all of them share."""
        picture = self.picture
        shared = [("storage", "in 3 zones"), ("backups", picture.backups)]
        if picture.copies:
            shared.append(("copies", picture.copies))
        left, width = at.x + 14, at.width - 28
        top, foot = at.y + 68, at.bottom - 12 - len(shared) * (SEAT + GAP) + GAP
        height = (foot - GAP - top) / len(picture.zones) - GAP
        for number, zone in enumerate(picture.zones):
            place = Place(x=left, y=top + number * (height + GAP), width=width, height=height)
            yield from self._zone(zone, place)
        for number, (name, note) in enumerate(shared):
            seat = Place(x=left, y=foot + number * (SEAT + GAP), width=width, height=SEAT)
            yield _rect(seat, "seat", 6)
            yield _text(seat.x + 12, seat.middle + 4, name, "label")
            yield _text(seat.right - 12, seat.middle + 4, note, "note", "end")

    def _zone(self, zone: str, at: Place) -> Iterator[str]:
        names = [one.name for one in self.picture.instances if one.zone == zone]
        if len(names) > SEATS:
            names = [*names[: SEATS - 1], f"{len(names) - SEATS + 1} more readers"]
        yield _rect(at, "zone", 6)
        label = f"zone {zone}" if zone else "a zone of the VPC"
        yield _text(at.x + 8, at.y + 16, label if names else f"{label}: no instance", "note")
        room = at.height - 24 - GAP
        height = min(56.0, (room - GAP * (len(names) - 1)) / max(len(names), 1))
        spare = room - len(names) * (height + GAP) + GAP
        for number, name in enumerate(names):
            y = at.y + 24 + spare / 2 + number * (height + GAP)
            seat = Place(x=at.x + 8, y=y, width=at.width - 16, height=height)
            yield _rect(seat, "seat", 6)
            yield _text(seat.x + 12, seat.middle + 4, name, "label")

    def arrows(self) -> Iterator[str]:
        """Roads first, so that the way of a request lies above them."""
        for arrow in sorted(self.picture.arrows, key=lambda arrow: arrow.request):
            kind = "way" if arrow.request else "road"
            points = " L".join(f"{x:g} {y:g}" for x, y in self._path(arrow))
            yield f'<path class="{kind}" marker-end="url(#{kind}-head)" d="M{points}"/>'

    def _path(self, arrow: Arrow) -> list[tuple[float, float]]:
        """Right angles only. The numbers keep roads apart and out of boxes, and none crosses."""
        source, target = self.place(arrow.source), self.place(arrow.target)
        x, y = source.right, source.middle
        match arrow.source, arrow.target:
            case "gateway", "authorizer":
                x = source.x + source.width / 2
                return [(x, source.bottom), (x, target.y)]
            case ("authorizer", "issuers") | ("ingest", "letters"):
                return [(source.x, target.middle), (target.right, target.middle)]
            case "graphql", "cache":
                turn = x + 34
                return [(x, y), (turn, y), (turn, target.middle), (target.x, target.middle)]
            case "ingest", "cache":
                turn, start, end = x + 34, source.y + 12, target.bottom - 12
                return [(x, start), (turn, start), (turn, end), (target.x, end)]
            case ("migrate", "database") | ("ingest", "database"):
                y = source.y + (16 if arrow.source == "migrate" else 30)
                return [(x, y), (target.x, y)]
            case ("migrate", "endpoints") | ("ingest", "s3"):
                return [(x, target.middle), (target.x, target.middle)]
        return [(x, y), (target.x, y)]

    def legend(self) -> Iterator[str]:
        """What lines and locks mean."""
        y = self.height - 26
        yield f'<path class="way" marker-end="url(#way-head)" d="M28 {y - 4:g} L68 {y - 4:g}"/>'
        yield _text(80, y, "a request", "note")
        yield f'<path class="road" marker-end="url(#road-head)" d="M160 {y - 4:g} L200 {y - 4:g}"/>'
        yield _text(212, y, "another call", "note")
        yield _lock(302, y - 14)
        yield _text(326, y, "encrypted with the stack's own key", "note")
        yield _text(
            WIDTH - 28, y, "drawn from the resource graph by aurora-graphql preview", "note", "end"
        )


def _rect(at: Place, kind: str, radius: float) -> str:
    return (
        f'<rect class="{kind}" x="{at.x:g}" y="{at.y:g}" width="{at.width:g}" '
        f'height="{at.height:g}" rx="{radius:g}"/>'
    )


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    end = ' text-anchor="end"' if anchor == "end" else ""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}"{end}>{escape(text)}</text>'


def _lock(x: float, y: float) -> str:
    """A small key, 16 by 12."""
    return (
        f'<path class="lock" transform="translate({x:g} {y:g})" '
        'd="M1 6 a3.5 3.5 0 1 0 7 0 a3.5 3.5 0 1 0 -7 0 M8 6 h7 M12 6 v3.5 M15 6 v2.5"/>'
    )
