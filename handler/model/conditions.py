"""Which rows: how arguments compare to columns."""

from __future__ import annotations

from enum import Enum

from handler.model.column import Column
from handler.records import dataclass


class Operator(Enum):
    """How a column compares to an argument; the names are those of ``FilterOperator``."""

    EQUAL = "="
    IN = "IN"
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    PREFIX = "LIKE"


RANGES = frozenset(
    (Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)
)


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument that chooses rows. A null or absent argument chooses all."""

    argument: str
    column: Column
    operator: Operator
    is_always_given: bool = False  # the argument must not be null
