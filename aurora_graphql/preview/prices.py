"""The table of prices: what a unit costs, where and when the number was found."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PRICES: Final = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Prices from one page."""

    source: str
    prices: Mapping[str, float]
    unsure: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Prices:
    """All prices of one region and one day. ``doubts`` collects the unsure ones that were used."""

    region: str
    written: datetime.date
    groups: Mapping[str, Group]
    doubts: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, path: Path = PRICES) -> Prices:
        """Read the table. Raises ``KeyError`` where it is not whole."""
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        region, written = table.pop("region"), table.pop("written")
        return cls(
            region=region,
            written=written,
            groups={
                name: Group(
                    source=group.pop("source"),
                    unsure=frozenset(group.pop("unsure", ())),
                    prices=group,
                )
                for name, group in table.items()
            },
        )

    def of(self, group: str, name: str) -> float:
        """Dollars for one unit. Raises ``PriceError`` where the table has none."""
        found = self.groups[group]
        if name not in found.prices:
            known = ", ".join(found.prices)
            raise PriceError(f"prices.toml has no {group} price of {name}, only of {known}")
        if name in found.unsure:
            self.doubts.add(f"{group}.{name}")
        return found.prices[name]


class PriceError(Exception):
    """The table lacks a price that the graph needs."""
