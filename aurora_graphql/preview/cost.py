"""A monthly bill of a stack: its floor, and with traffic; by service."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.prices import Prices
from aurora_graphql.preview.services import (
    SERVICES,
    Line,
    awake_after_use_s,
    day_of_use_usd,
    has_cache,
    may_pause,
)
from aurora_graphql.preview.traffic import Traffic


@dataclass(frozen=True, kw_only=True)
class Row:
    """One service: dollars of a month in which nobody asks, and of one with traffic."""

    service: str
    floor_usd: float
    usd: float
    items: tuple[str, ...]  # the lines with traffic, dearest first, each with its price


@dataclass(frozen=True, kw_only=True)
class Pausing:
    """What a database that may pause costs on a day of use, and how long after it is awake."""

    usd_of_a_day: float
    awake_after_use_s: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The rows, dearest first, and what they rest on."""

    rows: tuple[Row, ...]
    traffic: Traffic
    prices: Prices
    cached: bool  # whether the stack has a response cache
    pausing: Pausing | None = None  # where the database may pause

    @property
    def floor_usd(self) -> float:
        """The whole month when nobody asks."""
        return sum(row.floor_usd for row in self.rows)

    @property
    def usd(self) -> float:
        """The whole month with traffic."""
        return sum(row.usd for row in self.rows)


def estimate(graph: Graph, traffic: Traffic, prices: Prices) -> Estimate:
    """Add up a ``graph`` with outputs known. Raises ``PriceError`` where the table has none."""
    floor = _lines(graph, traffic.silenced(), prices)
    full = _lines(graph, traffic, prices)
    rows = [
        Row(
            service=service,
            floor_usd=sum(line.usd for line in floor if line.service == service),
            usd=sum(line.usd for line in full if line.service == service),
            items=tuple(
                f"{line.item}: {dollars(line.usd)}"
                for line in sorted(full, key=lambda line: -line.usd)
                if line.service == service
            ),
        )
        for service in sorted({line.service for line in full})
    ]
    ordered = sorted(rows, key=lambda row: (-row.usd, row.service))
    pausing = None
    if may_pause(graph):
        pausing = Pausing(
            usd_of_a_day=day_of_use_usd(graph, prices, traffic.day_of_use_hours),
            awake_after_use_s=awake_after_use_s(graph),
        )
    return Estimate(
        rows=tuple(ordered),
        traffic=traffic,
        prices=prices,
        cached=has_cache(graph),
        pausing=pausing,
    )


def _lines(graph: Graph, traffic: Traffic, prices: Prices) -> list[Line]:
    return [line for service in SERVICES for line in service(graph, prices, traffic)]


def dollars(usd: float) -> str:
    """``$1,234.50``; what is less than a cent is not nothing."""
    return f"${usd:,.2f}" if usd >= 0.005 or usd == 0 else "<$0.01"


def cost_text(found: Estimate) -> str:
    """The bill as a table, with what it assumes."""
    prices = found.prices
    lines = [
        f"{'':17}{'floor':>9}{'with traffic':>14}",
        *(line for row in found.rows for line in _row_lines(row)),
        f"{'a month':17}{dollars(found.floor_usd):>9}{dollars(found.usd):>14}",
        "",
        "Floor: nobody asks. With traffic: "
        f"{found.traffic.requests:,.0f} requests a month, by day and night alike;",
        f"{_cache_text(found)}; aurora_graphql/preview/traffic.py holds the other assumptions.",
        *_pausing_lines(found),
        *textwrap.wrap(prices.regions, 96),
        "From public pages, not fetched from AWS; aurora_graphql/preview/prices.toml names each.",
        "No free tier, no discount, no tax.",
    ]
    if prices.doubts:
        lines += textwrap.wrap(f"Unsure: {', '.join(sorted(prices.doubts))}.", 96)
    return "\n".join(lines)


def _row_lines(row: Row) -> list[str]:
    first, *others = row.items
    head = f"{row.service:17}{dollars(row.floor_usd):>9}{dollars(row.usd):>14}  {first}"
    return [head, *(f"{'':42}{item}" for item in others)]


def _pausing_lines(found: Estimate) -> list[str]:
    if found.pausing is None:
        return []
    return [
        f"The database pauses {found.pausing.awake_after_use_s / 60:g} minutes after the last "
        f"request: a day of {found.traffic.day_of_use_hours:g} hours of use",
        f"costs {dollars(found.pausing.usd_of_a_day)} of Aurora, and a day of rest nothing beyond "
        "the floor.",
    ]


def _cache_text(found: Estimate) -> str:
    if found.cached:
        return f"the response cache answers {found.traffic.hit_rate:.0%} of them"
    return "this stack has no response cache, so that all of them ask the database"
