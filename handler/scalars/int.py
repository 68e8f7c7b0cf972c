"""``Int``: a whole number of 32 bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from handler.errors import InputError
from handler.scalars.numbers import WholeNumber, bits_of, decode_whole, whole_of
from handler.scalars.scalar import NotSureError, cut, refuse
from handler.sql.stored_type import WHOLE_NUMBERS, Kind

INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1


class Int(WholeNumber):
    """See the module."""

    name = "Int"
    fits = WHOLE_NUMBERS
    preferred_by = frozenset(("tinyint", "smallint", "mediumint", "int", "year"))
    is_quoted = False
    can_be_claimed = True
    literals = frozenset(("int",))
    not_literal = "non-integer value"

    def parse(self, value: Any) -> int:
        whole = whole_of(value)
        if whole is None:
            raise refuse("Int cannot represent non-integer value: ", value)
        if not INT_MIN <= whole <= INT_MAX:
            raise refuse("Int cannot represent non 32-bit signed integer value: ", value)
        return whole

    def read_literal(self, text: str) -> int:
        # Python refuses to convert more than 4,300 digits; ten are enough here.
        if len(text) <= 11 and INT_MIN <= (whole := int(text)) <= INT_MAX:
            return whole
        raise InputError(f"Int cannot represent non 32-bit signed integer value: {cut(text)}")

    def passes(self, data_type: str, column_type: str) -> bool:
        if data_type == "int":
            return "unsigned" in column_type
        if data_type == "bit":
            return bits_of(column_type) > INT_MAX.bit_length()
        return data_type == "bigint"

    def decode(self, kind: Kind, value: bytes) -> int:
        number = decode_whole(kind, value)
        if not INT_MIN <= number <= INT_MAX:
            raise ValueError("over 32 bits")
        return number

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind is Kind.DECIMAL and b"." not in b"".join(column):  # what SUM gives
            column = [b"%d" % int(value) for value in column]
        elif kind is not Kind.INTEGER:
            raise NotSureError
        # Nine characters are always within 32 bits.
        if max(map(len, column)) > 9:
            numbers = list(map(int, column))
            if min(numbers) < INT_MIN or max(numbers) > INT_MAX:
                raise NotSureError
        return column

    def serialize(self, value: Any) -> int:
        number = int(value)
        if isinstance(value, str) or number != value or not INT_MIN <= number <= INT_MAX:
            raise ValueError(value)
        return number
