"""What the tiers give the monitoring: every part that can be watched, as a record of plain facts.

A new part is a field here; its alarms and graphs stand in the module of its component.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.cache import WatchedCache
from components.gateway import WatchedGateway
from components.ingest_store import WatchedQueue
from components.proxy import WatchedProxy
from components.signals import Part
from components.watched_database import WatchedDatabase
from components.watched_function import WatchedFunction


@dataclass(frozen=True, kw_only=True)
class WatchedApi:
    """The parts of the API's tier. ``dead_letters``: the queue of what could not be loaded."""

    gateway: WatchedGateway
    functions: Sequence[WatchedFunction]
    dead_letters: WatchedQueue | None = None


@dataclass(frozen=True, kw_only=True)
class WatchedData:
    """The parts of the data's tier."""

    cache: WatchedCache | None = None
    proxy: WatchedProxy | None = None
    database: WatchedDatabase


def parts_of(*tiers: WatchedApi | WatchedData | None) -> Iterator[Part]:
    """Every part of these tiers, in the order of their fields, which is that of a request."""
    for tier in tiers:
        for field in dataclasses.fields(tier) if tier is not None else ():
            value = getattr(tier, field.name)
            if value is not None:
                yield from value if isinstance(value, Sequence) else [value]
