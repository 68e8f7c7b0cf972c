"""What Python answers of these lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handler.resolvers.registry import ResolverContext


async def twice(
    parent: Mapping[str, Any], arguments: Mapping[str, Any], context: ResolverContext
) -> int:
    """Twice the quantity."""
    return 2 * int(parent["quantity"])


async def given(
    parent: Mapping[str, Any], arguments: Mapping[str, Any], context: ResolverContext
) -> list[dict[str, int]]:
    """The same line as often as is asked for."""
    return [{"orderId": 2, "lineId": 1}] * int(arguments["count"])


RESOLVERS = {"Line.twice": twice, "Query.given": given}
