"""Which rows: how arguments compare to columns."""

from __future__ import annotations

from handler.model.column import Column
from handler.records import dataclass
from handler.sql.operators import Operator


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument that chooses rows. A null or absent argument chooses all."""

    argument: str
    column: Column
    operator: Operator
    is_always_given: bool = False  # the argument must not be null
