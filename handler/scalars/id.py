"""``ID``: a text, or the digits of a whole number."""

from __future__ import annotations

from typing import Any

from handler.scalars.numbers import WholeNumber, exact_whole_of, whole_number
from handler.scalars.scalar import refuse
from handler.scalars.string import Text
from handler.sql.statement import SqlValue
from handler.sql.stored_type import TEXTS, WHOLE_NUMBERS


class Id(Text):
    """See the module."""

    name = "ID"
    fits = TEXTS | (WHOLE_NUMBERS - {"bit"})
    literals = frozenset(("int", "string"))
    not_literal = "a non-string and non-integer value"

    def parse(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        whole = exact_whole_of(value)
        if whole is None:
            raise refuse("ID cannot represent a non-string and non-integer value: ", value)
        return str(whole)

    def serialize(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise TypeError(value)
        return str(value)


class IntegerId(Id):
    """Over a column of whole numbers (``@column(integer: true)``): compared as a number."""

    def parameter(self, value: str) -> SqlValue:
        try:
            return whole_number(value)
        except ValueError:
            return None

    def parameter_of_text(self, text: str) -> SqlValue:
        return whole_number(text)

    tests = WholeNumber.tests
