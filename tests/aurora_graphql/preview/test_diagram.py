"""The picture: what it shows comes from the graph, and nothing in it overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
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
    "prod": ("prod", {}),
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
