"""How a column compares to a value: all that is known of each operator of the SDL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from handler.sql.statement import Sql, SqlValue, sql, value, values

Given = SqlValue | tuple[SqlValue, ...]


class Operator(Enum):
    """How a column compares to an argument; the names are those of ``FilterOperator``.

    A new one is a member here, with a case in each of the methods that it differs in.
    """

    EQUAL = "="
    NOT_EQUAL = "<>"
    IN = "IN"
    NOT_IN = "NOT IN"
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    PREFIX = "LIKE"
    CONTAINS = "LIKE %"
    MATCH = "MATCH"  # of several columns, written by ``handler/compiler/search.py``
    HAS = "FIND_IN_SET"  # written by the scalar of the column
    IS_NULL = "IS NULL"

    opposite: Operator | None  # of one that finds the other values, the one that finds these

    @property
    def is_less(self) -> bool:
        """Whether it finds what stands before the value."""
        return self in (Operator.LESS, Operator.LESS_OR_EQUAL)

    @property
    def is_range(self) -> bool:
        """Whether it finds what stands before or after the value."""
        return self.is_less or self in (Operator.GREATER, Operator.GREATER_OR_EQUAL)

    @property
    def takes_list(self) -> bool:
        """Whether the argument is a list of values."""
        return self in (Operator.IN, Operator.NOT_IN)

    @property
    def is_equality(self) -> bool:
        """Whether an index is followed at the values themselves; else it is read by a range."""
        return self in (Operator.EQUAL, Operator.IN, Operator.IS_NULL)

    @property
    def is_served(self) -> bool:
        """Whether an index with an order can find what it finds; else all rows are looked at, or
        for ``MATCH`` an index of words."""
        return self.opposite is None and self not in _UNSERVED

    @property
    def reads_text(self) -> bool:
        """Whether it compares the text of a column, whatever its type."""
        return self in (Operator.PREFIX, Operator.CONTAINS)

    def parameter(self, given: Any, convert: Callable[[Any], SqlValue]) -> Given:
        """An argument for SQL; None or an empty tuple where no row can have it.

        ``convert``: one value of the argument, for the column.
        """
        if self is Operator.EQUAL:  # most arguments
            return convert(given)
        if self is Operator.IS_NULL:
            return bool(given)
        if self.takes_list:
            items = (convert(item) for item in given if item is not None)
            return tuple(dict.fromkeys(item for item in items if item is not None))
        if self.reads_text:
            # The driver escapes the text; LIKE has wildcards of its own.
            text = str(given).replace("|", "||").replace("%", "|%").replace("_", "|_")
            return f"%{text}%" if self is Operator.CONTAINS else f"{text}%"
        return convert(given)

    def write(self, name: str, given: Given) -> Sql:
        """The comparison of a column, whose SQL is ``name``, with what ``parameter`` gave."""
        if isinstance(given, tuple):
            return sql(f"{name} {self.value} (", values(given), ")") if given else Sql("FALSE")
        if self.reads_text:
            return sql(f"{name} LIKE ", value(given), " ESCAPE '|'")
        return sql(f"{name} {self.value} ", value(given))


_UNSERVED = (Operator.CONTAINS, Operator.HAS, Operator.MATCH)

# Plain attributes: each condition of each request asks for it.
for _each in Operator:
    _each.opposite = None
Operator.NOT_EQUAL.opposite = Operator.EQUAL
Operator.NOT_IN.opposite = Operator.IN

# ------------------------------------------------------------------------- of filter inputs

COMBINED = ("and", "or", "not")  # members that are filters of the same rows
NODE = "node"  # of an input over edges: a filter of the edge's row
QUANTIFIERS = ("some", "none", "every")  # of the rows that a relation leads to
MEMBERS: Mapping[str, Operator] = {
    "eq": Operator.EQUAL,
    "ne": Operator.NOT_EQUAL,
    "in": Operator.IN,
    "notIn": Operator.NOT_IN,
    "lt": Operator.LESS,
    "lte": Operator.LESS_OR_EQUAL,
    "gt": Operator.GREATER,
    "gte": Operator.GREATER_OR_EQUAL,
    "startsWith": Operator.PREFIX,
    "contains": Operator.CONTAINS,
    "has": Operator.HAS,
    "isNull": Operator.IS_NULL,
}
