"""Parts of a second: values that have more of them than a column holds.

Both servers compare a column by ``=`` with such a value cut or rounded to the column's digits, and
MySQL a TIME by any operator; what is shown of a row would not be what an argument finds.
"""

from __future__ import annotations

from handler.scalars.scalar import Tests
from handler.sql.operators import Operator
from handler.sql.stored_type import StoredType


def compare_seconds(operator: Operator, given: str, stored: StoredType) -> Tests:
    """A text that ends in seconds, as a column of that many digits compares to it."""
    whole, _, fraction = given.partition(".")
    digits = stored.second_digits
    if not fraction[digits:].strip("0"):
        return ((operator, given),)
    if operator is Operator.EQUAL:
        return None
    nearest = f"{whole}.{fraction[:digits]}" if digits else whole  # towards zero
    if given.startswith("-"):
        return ((Operator.LESS if operator.is_less else Operator.GREATER_OR_EQUAL, nearest),)
    return ((Operator.LESS_OR_EQUAL if operator.is_less else Operator.GREATER, nearest),)
