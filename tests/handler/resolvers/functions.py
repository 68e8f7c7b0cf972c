"""Python behind the fields of ``test_executor``; the module that ``RESOLVERS`` names."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from handler.errors import ClientError
from handler.resolvers.registry import ResolverContext

Arguments = Mapping[str, Any]


@dataclass
class Weather:
    """A plain type of the SDL: no table."""

    text: str
    degrees: float
    tomorrow: Weather | None = None


async def stock(parent: Arguments, arguments: Arguments, context: ResolverContext) -> int | None:
    """From a table that the SDL does not know."""
    rows = await context.fetch(
        "SELECT pieces FROM stock WHERE good_id = %s LIMIT 1", parent["goodId"]
    )
    return int(rows[0]["pieces"] or 0) if rows else None


async def label(parent: Arguments, arguments: Arguments, context: ResolverContext) -> str:
    """Shows what it was given."""
    return f"{parent['name']}/{parent['price']}/{arguments['style']}/{arguments.get('at')}"


async def similar(
    parent: Arguments, arguments: Arguments, context: ResolverContext
) -> list[dict[str, Any] | None]:
    """Keys of rows; one that does not exist, and a null."""
    return [{"goodId": "b"}, {"goodId": "gone"}, None, {"goodId": "a"}]


async def best(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """The key of one row, as the caller says."""
    return {"goodId": arguments["id"]} if arguments.get("id") else None


async def weather(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """An object and a mapping inside it."""
    return Weather("sunny", 21.5, Weather("rain", 3.0))


async def broken(parent: Arguments, arguments: Arguments, context: ResolverContext) -> str:
    """Fails in the way that it is told."""
    match arguments["how"]:
        case "CLIENT":
            raise ClientError("ask again later")
        case "SECRET":
            raise RuntimeError("the password is hunter2")
        case "SQL":
            await context.fetch("SELECT 1 FROM nothing")
        case "NULL":
            return None  # type: ignore[return-value]  # a mistake on purpose
        case "TYPE":
            return object()  # type: ignore[return-value]  # a mistake on purpose
    raise AssertionError(arguments)


async def naps(parent: Arguments, arguments: Arguments, context: ResolverContext) -> int:
    """Takes longer than the request has."""
    await asyncio.sleep(0)
    await context.fetch("SELECT SLEEP(n) FROM (SELECT 5 AS n UNION SELECT 6) s")
    return 1


async def now(parent: Arguments, arguments: Arguments, context: ResolverContext) -> datetime:
    """A scalar at the root."""
    assert context.remaining_s() > 0
    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


async def total(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Decimal:
    """A scalar that needs coercion."""
    return Decimal("12.50")


async def percent(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """SQL with percent signs of all kinds, with parameters and without."""
    text = "SELECT name, 7 % 4 AS n, DATE_FORMAT('2026-11-23 09:30:05', '%H:%i:%s') AS t FROM goods"
    without = await context.fetch(f"{text} WHERE name LIKE '%fel' LIMIT 1")
    both = await context.fetch(f"{text} WHERE name LIKE '%%fel' AND good_id = %s LIMIT 1", "a")
    assert without == both
    return "/".join(str(value) for value in without[0].values())


async def raw(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Bytes that are no text."""
    return (await context.fetch("SELECT X'FF' AS b"))[0]["b"]


RESOLVERS = {
    "Query.percent": percent,
    "Query.raw": raw,
    "Good.stock": stock,
    "Good.label": label,
    "Good.similar": similar,
    "Good.broken": broken,
    "Query.best": best,
    "Query.weather": weather,
    "Query.naps": naps,
    "Query.now": now,
    "Query.total": total,
}
