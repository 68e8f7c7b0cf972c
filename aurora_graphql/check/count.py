"""A number of rows, as people write it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from aurora_graphql.errors import ToolError


def parse_count(text: str) -> int:
    """``1e7`` or ``10000000``. Raises ``ToolError`` for what is no whole number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not (number.is_finite() and number >= 0 and number == int(number)):
        raise ToolError(f"--rows must be a whole number such as 1e7, got {text!r}")
    return int(number)
