"""What the scalars that are numbers share."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

from handler.scalars.scalar import Scalar, Tests
from handler.scalars.single import compare_single, nearest
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind, StoredType

BIGINT_MIN: Final = -(2**63)  # of BIGINT, signed and unsigned
BIGINT_MAX: Final = 2**64 - 1

_FIRST_YEAR, _LAST_YEAR = 1901, 2155
_NUMERAL = rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z"
_WHOLE = rb"(-?\d+)(?:\.0*)?\Z"
_WHOLE_NUMBER = r"-?(?:0|[1-9][0-9]{0,19})\Z"
_NUMBER = r"-?[0-9]{1,65}(?:\.[0-9]{1,38})?(e[+-]?[0-9]{1,3})?\Z"


class Number(Scalar):
    """A scalar over columns of numbers."""

    can_be_summed = True

    def parameter(self, value: Any) -> SqlValue:
        found: SqlValue = value
        return found

    def parameter_of_text(self, text: str) -> SqlValue:
        found = re.match(_NUMBER, text)
        if not found or not math.isfinite(float(text)):
            raise ValueError(text)
        return float(text) if found[1] else Decimal(text)

    def as_stored(self, part: SqlValue, stored: StoredType) -> SqlValue:
        if stored.data_type == "float" and isinstance(part, int | float | Decimal):
            return nearest(part)  # shown by fewer digits than it has
        return part

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        if stored.data_type == "float":
            return compare_single(operator, given)
        return ((operator, given),)


class WholeNumber(Number):
    """A scalar over columns of whole numbers."""

    is_compared_by_type = True

    def parameter_of_text(self, text: str) -> SqlValue:
        return whole_number(text)

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        if stored.data_type == "year" and isinstance(given, int):
            return _year(operator, given)
        return ((operator, given),)


def whole_number(text: str) -> SqlValue:
    """A number of 64 bits, signed or not. Raises ValueError for any other text."""
    if not re.match(_WHOLE_NUMBER, text):
        raise ValueError(text)
    number = int(text)
    if not BIGINT_MIN <= number <= BIGINT_MAX:
        raise ValueError(text)
    return number


def bits_of(column_type: str) -> int:
    """How many a BIT column has."""
    return int(column_type.strip("bit()") or 1)


def whole_of(value: Any) -> int | None:
    """The integer that a JSON number is; 1.0 is 1, true is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def exact_whole_of(value: Any) -> int | None:
    """The same, and none where JSON's digits are lost: 2^53 + 1 with a point is read as 2^53."""
    if isinstance(value, float) and abs(value) >= 2**53:
        return None
    return whole_of(value)


def decode_whole(kind: Kind, value: bytes) -> int:
    """A stored number that is whole. Raises ValueError."""
    if kind is Kind.FLOAT:
        number = float(value)
        if not number.is_integer():
            raise ValueError("not whole")
        return int(number)
    found = re.match(_WHOLE, value)
    if not found:
        raise ValueError("not whole")
    return int(found[1])


def decode_float(value: bytes) -> float:
    """A stored number of 64 bits. Raises ValueError."""
    if not re.match(_NUMERAL, value):
        raise ValueError("no number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _year(operator: Operator, given: int) -> Tests:
    """A YEAR is 0 or 1901 to 2155.

    The server reads two digits as a year of this century or the last, and MySQL compares others
    that no YEAR can be as it likes.
    """
    if given == 0 or _FIRST_YEAR <= given <= _LAST_YEAR:
        return ((operator, given),)
    if operator is Operator.EQUAL:
        return None
    if 0 < given < _FIRST_YEAR:
        return ((Operator.EQUAL if operator.is_less else Operator.GREATER, 0),)
    return ((Operator.GREATER_OR_EQUAL, 0),) if operator.is_less == (given > 0) else None
