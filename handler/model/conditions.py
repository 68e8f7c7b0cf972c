"""Which rows: how arguments compare to columns."""

from __future__ import annotations

from msgspec import Struct

from handler.model.column import Column
from handler.sql.operators import Operator


class Filter(Struct, frozen=True):
    """An argument that chooses rows. A null or absent argument chooses all."""

    argument: str
    column: Column
    operator: Operator
    is_always_given: bool = False  # the argument must not be null
