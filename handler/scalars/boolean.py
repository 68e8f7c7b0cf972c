"""``Boolean``: everything but zero is true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from handler.scalars.numbers import decode_whole, whole_number
from handler.scalars.scalar import NotSureError, Scalar, refuse
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue
from handler.sql.stored_type import WHOLE_NUMBERS, Kind


class Boolean(Scalar):
    """See the module."""

    name = "Boolean"
    fits = WHOLE_NUMBERS - {"year"}
    preferred_by = frozenset(("tinyint(1)", "bit(1)"))
    is_quoted = False
    compares_itself = True
    offers_ranges = False
    literals = frozenset(("boolean",))
    not_literal = "a non boolean value"

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("Boolean cannot represent a non boolean value: ", value)
        return value

    def parameter(self, value: bool) -> SqlValue:
        return int(value)

    def parameter_of_text(self, text: str) -> SqlValue:
        return whole_number(text)

    def compare(
        self, name: str, operator: Operator, given: Sequence[SqlValue], *, is_mariadb: bool
    ) -> Sql:
        wanted = {bool(item) for item in given if item is not None}
        if operator not in (Operator.EQUAL, Operator.IN):
            wanted = {
                each for each in (False, True) for item in wanted if _ORDERED[operator](each, item)
            }
        if not wanted:
            return Sql("FALSE")
        if len(wanted) == 2:
            return Sql(f"{name} IS NOT NULL")
        return Sql(f"{name} <> 0" if wanted.pop() else f"{name} = 0")

    def range_of(self, data_type: str) -> str:
        return "true is every number but 0"

    def decode(self, kind: Kind, value: bytes) -> bool:
        return decode_whole(kind, value) != 0

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind is not Kind.INTEGER:
            raise NotSureError
        return [b"false" if value == b"0" else b"true" for value in column]

    def serialize(self, value: Any) -> bool:
        if not isinstance(value, bool | int):
            raise TypeError(value)
        return bool(value)


_ORDERED: dict[Operator, Callable[[bool, bool], bool]] = {
    Operator.LESS: bool.__lt__,
    Operator.LESS_OR_EQUAL: bool.__le__,
    Operator.GREATER: bool.__gt__,
    Operator.GREATER_OR_EQUAL: bool.__ge__,
}
