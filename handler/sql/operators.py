"""How a column compares to a value, in SQL and in the SDL."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Operator(Enum):
    """How a column compares to an argument; the names are those of ``FilterOperator``."""

    EQUAL = "="
    IN = "IN"
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    PREFIX = "LIKE"

    @property
    def is_less(self) -> bool:
        """Whether it finds what stands before the value."""
        return self in (Operator.LESS, Operator.LESS_OR_EQUAL)


RANGES: Final = frozenset(
    (Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)
)
