"""When an order arrives: computed from its own columns, without the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from handler.resolvers.registry import Parent, ResolverContext, batched

STEPS = {"packed": 1, "shipped": 2, "delivered": 4}  # working days after the order
LATE = 3  # working days that it may take longer


@dataclass(frozen=True)
class Step:
    """One step of a delivery."""

    name: str
    on: date


@dataclass(frozen=True)
class Delivery:
    """What stands behind the type of that name; its attributes are the fields without functions."""

    earliest: date
    latest: date
    steps: list[Step]


def later(day: date, working_days: int) -> date:
    """So many days later, Saturdays and Sundays not counted."""
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5
    return day


def ordered_on(order: Parent) -> date | None:
    """The day of an order; None for one that was not ordered yet."""
    text = order["orderedAt"]
    return datetime.fromisoformat(text).date() if text else None


def delivery_of(day: date) -> Delivery:
    """What was ordered on that day."""
    earliest = later(day, STEPS["delivered"])
    steps = [Step(name, later(day, days)) for name, days in STEPS.items()]
    return Delivery(earliest, later(earliest, LATE), steps)


@batched
async def arrives_on(
    orders: Sequence[Parent], arguments: Mapping[str, Any], context: ResolverContext
) -> list[date | None]:
    """The likely day of each order."""
    days = [ordered_on(order) for order in orders]
    return [day and later(day, STEPS["delivered"]) for day in days]


@batched
async def delivery(
    orders: Sequence[Parent], arguments: Mapping[str, Any], context: ResolverContext
) -> list[Delivery | None]:
    """How each order comes."""
    days = [ordered_on(order) for order in orders]
    return [None if day is None else delivery_of(day) for day in days]


@batched
async def is_possible(
    deliveries: Sequence[Delivery], arguments: Mapping[str, Any], context: ResolverContext
) -> list[bool]:
    """Whether each may arrive on a day."""
    return [each.earliest <= arguments["on"] <= each.latest for each in deliveries]


RESOLVERS = {
    "Order.arrivesOn": arrives_on,
    "Order.delivery": delivery,
    "Delivery.isPossible": is_possible,
}
