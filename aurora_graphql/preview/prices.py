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
class Regional:
    """What is known of one more region. ``same``, ``unsure``: names of groups."""

    written: datetime.date
    source: str
    prices: Mapping[str, Mapping[str, float]]
    same: frozenset[str]
    unsure: frozenset[str]

    @classmethod
    def of(cls, table: dict[str, Any]) -> Regional:
        """Read the table of one region; what is a table in it are prices."""
        return cls(
            written=table["written"],
            source=table["source"],
            prices={name: group for name, group in table.items() if isinstance(group, dict)},
            same=frozenset(table["same"]),
            unsure=frozenset(table["unsure"]),
        )


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices of one region. ``base``: the region of which all are known.

    ``regional``: what is known of another one, None where that is nothing. ``doubts`` collects the
    unsure ones that were used, ``elsewhere`` those that were taken from ``base``.
    """

    region: str
    base: str
    written: datetime.date
    groups: Mapping[str, Group]
    regional: Regional | None = None
    doubts: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, region: str = "", path: Path = PRICES) -> Prices:
        """Read the table, for its own region by default. Raises ``KeyError`` if it is not whole."""
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        base, written = table.pop("region_of_all"), table.pop("written")
        found = table.pop("region").get(region)
        return cls(
            region=region or base,
            base=base,
            written=written,
            groups={
                name: Group(
                    source=group.pop("source"),
                    unsure=frozenset(group.pop("unsure", ())),
                    prices=group,
                )
                for name, group in table.items()
            },
            regional=Regional.of(found) if found else None,
        )

    def of(self, group: str, name: str) -> float:
        """Dollars for one unit. Raises ``PriceError`` where the table has none."""
        found = self.groups[group]
        if name not in found.prices:
            known = ", ".join(found.prices)
            raise PriceError(f"prices.toml has no {group} price of {name}, only of {known}")
        own = self.regional
        if own and name in own.prices.get(group, {}):
            if group in own.unsure:
                self.doubts.add(f"{group}.{name}")
            return own.prices[group][name]
        same = own is not None and group in own.same
        if self.region != self.base and not same:
            self.elsewhere.add(f"{group}.{name}")
        if name in found.unsure or (same and own is not None and group in own.unsure):
            self.doubts.add(f"{group}.{name}")
        return found.prices[name]

    @property
    def regions(self) -> str:
        """Whose prices were used, and when they were written down, as a sentence."""
        if self.region == self.base:
            return f"Prices of {self.base}, written down by hand on {self.written}."
        if self.regional is None:
            return (
                f"Prices of {self.base}, written down by hand on {self.written}: those of "
                f"{self.region} are not known here. Most are somewhat higher elsewhere."
            )
        text = f"Prices of {self.region}, written down by hand on {self.regional.written}"
        if self.elsewhere:
            text += f"; of {self.base} for {', '.join(sorted(self.elsewhere))}"
        return f"{text}."


class PriceError(Exception):
    """The table lacks a price that the graph needs."""
