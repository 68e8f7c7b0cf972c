"""The picture: what it shows comes from the graph, and nothing in it overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from aurora_graphql.preview.diagram import draw
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.picture import Arrow, build_picture
from aurora_graphql.preview.report import picture_title
from tests.aurora_graphql.preview import golden
from tests.recorded import ROOT, Recorded

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"title": 14, "text": 12, "label": 12, "note": 11}
WIDTH_OF_A_LETTER = 0.58
"""Of the font's size. DejaVu Sans, the widest in the list, has 0.54 to 0.57 on these texts."""

VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "dev": ("dev", {}),
    "small": ("small", {}),
    "prod": ("prod", {}),
    "copies-in-another-region": ("small", {"databaseCopyRegion": "ap-southeast-1"}),
    "many-subnets-readers-and-endpoints": (
        "prod",
        {
            "networkNat": "per-zone",
            "networkPublicSubnets": True,
            "databaseReaders": 5,
            "networkInterfaceEndpoints": ["secretsmanager", "execute-api", "logs"],
            "apiEndpointType": "private",
        },
    ),
    "replication-group": ("prod", {"cacheMode": "replication-group", "cacheEngineVersion": "8.1"}),
    "provisioned": (
        "prod",
        {"databaseInstanceClass": "db.r8g.xlarge", "functionColdStart": "provisioned"},
    ),
    "no-ingest-no-proxy": (
        "prod",
        {"ingestEnabled": False, "proxyEnabled": False, "databaseMaxReaders": 0},
    ),
    "existing-vpc": (
        "dev",
        {
            "networkVpcId": "vpc-0123456789abcdef0",
            "networkIsolatedSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "networkInterfaceEndpoints": [],
            "networkEndpointSecurityGroupId": "sg-0123456789abcdef0",
        },
    ),
}


class Area(NamedTuple):
    """A rectangle and what is in it."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def overlaps(self, other: Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Area) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


def texts(svg: ElementTree.Element) -> Iterator[Area]:
    for element in svg.iter(f"{SVG}text"):
        size = SIZES[element.attrib["class"]]
        words = element.text or ""
        width = len(words) * size * WIDTH_OF_A_LETTER
        left = float(element.attrib["x"])
        if element.get("text-anchor") == "end":
            left -= width
        base = float(element.attrib["y"])
        yield Area(left, base - size * 0.8, left + width, base + size * 0.25, words)


def rectangles(svg: ElementTree.Element, kind: str) -> list[Area]:
    return [
        Area(
            x := float(one.attrib["x"]),
            y := float(one.attrib["y"]),
            x + float(one.attrib["width"]),
            y + float(one.attrib["height"]),
            kind,
        )
        for one in svg.iter(f"{SVG}rect")
        if one.attrib["class"] == kind
    ]


def keys(svg: ElementTree.Element) -> list[Area]:
    found = []
    for one in svg.iter(f"{SVG}path"):
        move = re.fullmatch(r"translate\(([\d.]+) ([\d.]+)\)", one.get("transform", ""))
        if move:
            x, y = float(move[1]), float(move[2])
            found.append(Area(x, y + 2, x + 16, y + 10, "key"))
    return found


@pytest.fixture(params=VARIANTS)
def shown(request: pytest.FixtureRequest, recorded: Recorded) -> Graph:
    stack, changes = VARIANTS[request.param]
    graph: Graph = recorded(stack, **changes)
    return graph


def test_nothing_overlaps_and_every_text_stays_inside(shown: Graph) -> None:
    svg = ElementTree.fromstring(draw(build_picture(shown), "a stack"))  # noqa: S314 - our own
    marks = [*texts(svg), *keys(svg)]
    assert [(a.what, b.what) for a, b in combinations(marks, 2) if a.overlaps(b)] == []
    boxes = rectangles(svg, "box")
    assert [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)] == []
    sheet = rectangles(svg, "ground")[0]
    holders = [*boxes, *rectangles(svg, "tier"), *rectangles(svg, "vpc"), sheet]
    for mark in marks:
        around = next(holder for holder in holders if holder.overlaps(mark))
        assert around.holds(mark), f"{mark.what!r} leaves its box"


Point = tuple[float, float]
Piece = tuple[Point, Point]


def roads(svg: ElementTree.Element) -> list[list[Point]]:
    """The corners of every arrow but those of the legend."""
    foot = max(area.bottom for area in rectangles(svg, "box"))
    found = []
    for one in svg.iter(f"{SVG}path"):
        if one.get("class") in ("road", "way"):
            numbers = [float(text) for text in re.findall(r"[\d.]+", one.attrib["d"])]
            corners = list(zip(numbers[::2], numbers[1::2], strict=True))
            if corners[0][1] <= foot:
                found.append(corners)
    return found


def pieces(corners: list[Point]) -> list[Piece]:
    return list(pairwise(corners))


def cross(one: Piece, other: Piece) -> bool:
    """Whether a piece that lies and one that stands meet anywhere but at an end of both."""
    if one[0][1] != one[1][1]:
        one, other = other, one
    (x1, y), (x2, _), (x, y1), (_, y2) = *one, *other
    lies, stands = one[0][1] == one[1][1], x == other[1][0] and y1 != y2
    inside = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
    return lies and stands and inside and not {*one} & {*other}


def test_no_line_crosses_another_one(shown: Graph) -> None:
    svg = ElementTree.fromstring(draw(build_picture(shown), "a stack"))  # noqa: S314 - our own
    found = roads(svg)
    assert len(found) > 5
    for one, other in combinations(found, 2):
        if one[0] != other[0]:  # two from one place may begin as one
            crossing = [(a, b) for a in pieces(one) for b in pieces(other) if cross(a, b)]
            assert crossing == []


def test_no_line_runs_through_a_box(shown: Graph) -> None:
    svg = ElementTree.fromstring(draw(build_picture(shown), "a stack"))  # noqa: S314 - our own
    boxes = rectangles(svg, "box")
    for corners in roads(svg):
        for (x1, y1), (x2, y2) in pieces(corners):
            line = Area(min(x1, x2) + 1, min(y1, y2), max(x1, x2) - 1, max(y1, y2), "line")
            if line.left < line.right:
                assert [box for box in boxes if box.overlaps(line._replace(bottom=y2 + 0.5))] == []


def test_lines_that_cross_are_seen() -> None:
    assert cross(((0, 5), (10, 5)), ((5, 0), (5, 10)))
    assert not cross(((0, 5), (10, 5)), ((15, 0), (15, 10)))
    assert not cross(((0, 5), (10, 5)), ((10, 5), (10, 10)))  # a corner of one road


def test_zones_are_places_and_one_without_an_instance_says_so(recorded: Recorded) -> None:
    def zones(stack: str, **changes: Any) -> tuple[str, list[str]]:
        drawn = draw(build_picture(recorded(stack, **changes)), "a stack")
        svg = ElementTree.fromstring(drawn)  # noqa: S314 - our own
        words = [one.what for one in texts(svg)]
        return str(len(rectangles(svg, "zone"))), [one for one in words if "zone " in one]

    assert zones("small")[1][-2:] == ["zone a", "zone b: no instance"]
    assert zones("small", databaseReaders=1)[1][-2:] == ["zone a", "zone b"]
    assert zones("prod")[1][-3:] == ["zone a", "zone b", "zone c"]


def test_database_fills_its_box(shown: Graph) -> None:
    svg = ElementTree.fromstring(draw(build_picture(shown), "a stack"))  # noqa: S314 - our own
    (box,) = (one for one in rectangles(svg, "box") if one.bottom - one.top > 300)
    inside = [
        one for kind in ("seat", "zone") for one in rectangles(svg, kind) if box.overlaps(one)
    ]
    assert all(box.holds(one) for one in inside)
    assert box.bottom - max(one.bottom for one in inside) <= 14


def test_arrows_are_the_ingress_rules_of_the_graph(recorded: Recorded) -> None:
    picture = build_picture(recorded("prod"))
    into = {
        (arrow.source, arrow.target)
        for arrow in picture.arrows
        if arrow.target in ("database", "proxy", "cache", "endpoints")
    }
    assert into == {
        ("graphql", "proxy"),
        ("graphql", "cache"),
        ("proxy", "database"),
        ("migrate", "database"),
        ("migrate", "endpoints"),
        ("ingest", "database"),
        ("ingest", "cache"),
    }


def test_stack_without_a_proxy_asks_the_database_itself(recorded: Recorded) -> None:
    picture = build_picture(recorded("dev"))
    assert Arrow(source="graphql", target="database", request=True) in picture.arrows
    assert picture.box("proxy") is None
    assert picture.box("firewall") is None


def test_key_marks_what_the_key_of_the_stack_encrypts(recorded: Recorded) -> None:
    picture = build_picture(recorded("prod"))
    assert {box.role for box in picture.boxes if not box.keyed} == {
        *("callers", "issuers", "firewall", "gateway", "proxy", "endpoints", "s3"),
    }


def test_picture_follows_the_readers_mode(recorded: Recorded) -> None:
    text = draw(build_picture(recorded("prod")), "a stack")
    assert "@media (prefers-color-scheme: dark)" in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)  # nothing is fetched


def test_title_is_escaped(recorded: Recorded) -> None:
    svg = ElementTree.fromstring(draw(build_picture(recorded("dev")), "a < b & c"))  # noqa: S314
    assert svg.findtext(f"{SVG}title") == "a < b & c"


def test_picture_in_the_docs_is_that_of_prod(
    recorded: Recorded, request: pytest.FixtureRequest
) -> None:
    graph = recorded("prod")
    text = draw(build_picture(graph), picture_title(graph, "prod"))
    golden.check(request, ROOT / "docs" / "architecture.svg", text)
