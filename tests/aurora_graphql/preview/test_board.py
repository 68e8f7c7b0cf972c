"""The picture of the dashboard: all of its widgets, and in the docs that of today."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from aurora_graphql.preview.board import alarm_names, board_of, draw_board
from tests.aurora_graphql.preview import golden
from tests.recorded import ROOT, Recorded

OPERATIONS = ["CustomerOrders", "Product"]
SVG = "{http://www.w3.org/2000/svg}"


def picture(recorded: Recorded) -> tuple[dict[str, object], str]:
    body = board_of(recorded("prod", apiOperationMetrics=OPERATIONS))
    assert body is not None
    return body, draw_board(body, "The dashboard of prod, with two listed operations")


def test_picture_in_the_docs_is_that_of_prod(
    recorded: Recorded, request: pytest.FixtureRequest
) -> None:
    _, text = picture(recorded)
    golden.check(request, ROOT / "docs" / "dashboard.svg", text)


def test_every_title_label_and_alarm_is_drawn(recorded: Recorded) -> None:
    body, text = picture(recorded)
    drawn = [each.text for each in ElementTree.fromstring(text).iter(f"{SVG}text")]  # noqa: S314  # our own
    widgets = body["widgets"]
    assert isinstance(widgets, list)
    expected: list[str] = []
    for widget in widgets:
        properties = widget["properties"]
        expected.append(properties.get("title") or properties["markdown"].removeprefix("### "))
        expected += [metric[-1]["label"] for metric in properties.get("metrics", ())]
        expected += alarm_names(properties["alarms"]) if "alarms" in properties else []
    assert {"api-errors", "cache-evictions", "proxy-pinned-sessions"} <= set(expected)
    assert drawn == expected
    assert {f"{name}: requests" for name in (*OPERATIONS, "(other)")} <= set(expected)


def test_nothing_is_fetched_and_nothing_leaves_the_sheet(recorded: Recorded) -> None:
    _, text = picture(recorded)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    root = ElementTree.fromstring(text)  # noqa: S314  # our own
    height = float(root.attrib["height"])
    for card in root.iter(f"{SVG}rect"):
        at = {name: float(card.attrib.get(name, 0)) for name in ("x", "y", "width", "height")}
        assert at["x"] + at["width"] <= float(root.attrib["width"])
        assert at["y"] + at["height"] <= height


def test_a_stack_without_a_dashboard_has_no_picture(recorded: Recorded) -> None:
    assert board_of(recorded("dev")) is None
