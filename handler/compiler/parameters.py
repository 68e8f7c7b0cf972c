"""Values as parameters of SQL, by what stands behind their column.

A value comes as an argument, coerced by its scalar (``parameter_of``), or as the text that stands
for a stored value: in a cursor, in a claim, in a resolver's key (``parameter_of_text``). Both ways
lead to the same parameter, of the column's own type, so that SQL compares without a cast.
"""

from __future__ import annotations

from typing import Any

from handler.model.column import Column
from handler.scalars import COLUMNS, INTEGER_ID
from handler.scalars.scalar import Scalar
from handler.sql.statement import SqlValue


def scalar_of(column: Column) -> Scalar:
    """What reads and compares the values of a column."""
    return INTEGER_ID if column.is_integer else COLUMNS[column.scalar]


def parameter_of_text(column: Column, text: str | None) -> SqlValue:
    """A stored value's text as a parameter. Raises ValueError for what no such column can hold."""
    if text is None:
        return None
    return scalar_of(column).parameter_of_text(text)


def parameter_of(column: Column, value: Any) -> SqlValue:
    """A coerced argument as a parameter; None where no row can have it."""
    if column.enum_values is not None:
        return column.enum_values[value]
    return scalar_of(column).parameter(value)
