"""The table of types is about inputs that exist, prices that there are, bills that are made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aurora_graphql.preview.prices import Prices
from aurora_graphql.preview.resource_types import TYPES, Cost, Each, facts_of
from aurora_graphql.preview.sdk import arguments_of
from aurora_graphql.preview.services import Line, pieces
from aurora_graphql.preview.traffic import Traffic
from tests.aurora_graphql.preview.graphs import graph, resource

SERVICES = Path(__file__).resolve().parents[3] / "aurora_graphql/preview/services.py"


@pytest.mark.parametrize("typ", TYPES)
def test_facts_are_about_inputs_that_the_provider_has(typ: str) -> None:
    """A typing mistake in the table would find nothing, for ever."""
    facts = TYPES[typ]
    named = {facts.name[0]} if facts.name else set()
    assert {*facts.known_by, *facts.forced_by, *named} <= {*(arguments_of(typ) or {})}
    assert facts.known_by or not facts.forced_by


def test_a_type_that_needs_more_than_its_number_has_lines_of_a_service() -> None:
    read = set(re.findall(r'_of\(graph, "(\w+)"\)', SERVICES.read_text(encoding="utf-8")))
    billed = {typ.rpartition(":")[2] for typ, facts in TYPES.items() if facts.cost is Cost.BILLED}
    assert billed <= read


def test_a_piece_is_paid_by_its_number_and_its_price() -> None:
    def found(*names: str) -> list[Line]:
        alarms = (resource("aws:cloudwatch/metricAlarm:MetricAlarm", name) for name in names)
        return [*pieces(graph(*alarms), Prices.load(), Traffic())]

    assert found() == []
    assert found("a", "b") == [Line(service="CloudWatch", item="2 alarms", usd=0.2)]


def test_every_piece_has_a_price() -> None:
    prices = Prices.load()
    for facts in TYPES.values():
        if isinstance(facts.cost, Each):
            assert prices.of(facts.cost.group, facts.cost.price) > 0


def test_a_type_without_a_row_has_no_facts() -> None:
    facts = facts_of("aurora-graphql:index:Network")
    assert (facts.cost, facts.name, facts.known_by) == (Cost.FREE, None, ())
