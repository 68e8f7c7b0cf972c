"""Values as parameters of SQL, by the scalar of their column: what each may be, and its form.

A value comes as an argument, coerced by its scalar (``parameter_of``), or as the text that stands
for a stored value: in a cursor, in a claim, in a resolver's key (``parameter_of_text``). Both ways
lead to the same parameter, of the column's own type, so that SQL compares without a cast.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from handler.language.scalars import BIGINT_MAX, BIGINT_MIN
from handler.model.column import Column
from handler.sql.statement import SqlValue

_WHOLE_NUMBER = r"-?(?:0|[1-9][0-9]{0,19})\Z"
_NUMBER = r"-?[0-9]{1,65}(?:\.[0-9]{1,38})?(e[+-]?[0-9]{1,3})?\Z"
_DATE_TIME = r"(?a)(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?\Z"


def parameter_of_text(column: Column, text: str | None) -> SqlValue:
    """A stored value's text as a parameter. Raises ValueError for what no such column can hold."""
    if text is None:
        return None
    scalar = "Int" if column.is_integer else column.scalar
    return _OF_TEXT.get(scalar, _text)(text)


def parameter_of(column: Column, value: Any) -> SqlValue:
    """A coerced argument as a parameter; None where no row can have it."""
    if column.enum_values is not None:
        return column.enum_values[value]
    if column.scalar == "JSON":
        return json.dumps(value, ensure_ascii=False)  # all digits, which orjson does not write
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float | Decimal):
        return value
    if column.is_integer:
        try:
            return parameter_of_text(column, str(value))
        except ValueError:
            return None
    return str(value)


def _text(text: str) -> SqlValue:
    return text


def whole_number(text: str) -> SqlValue:
    """A number of 64 bits, signed or not. Raises ValueError for any other text."""
    if not re.match(_WHOLE_NUMBER, text):
        raise ValueError(text)
    number = int(text)
    if not BIGINT_MIN <= number <= BIGINT_MAX:
        raise ValueError(text)
    return number


def _number(text: str) -> SqlValue:
    found = re.match(_NUMBER, text)
    if not found or not math.isfinite(float(text)):
        raise ValueError(text)
    return float(text) if found[1] else Decimal(text)


def day_and_time(text: str) -> SqlValue:
    """A date, with or without a time. Raises ValueError for any other text.

    One without a month or a day, which old tables have, is written as a number: MySQL 8 takes no
    such text (error 1525), and no other impossible one.
    """
    found = re.match(_DATE_TIME, text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    datetime(2000, 1, 1, hour, minute, second)
    if month and day:
        # the year 0, which Python does not know, has 365 days in MySQL
        date(year or 1900, month, day)
        return text
    if month > 12 or day > 31:
        raise ValueError(text)
    if 0 < year < 1000 or (not year and (month or day)):
        return text  # as a number it would be one of this century
    digits = "".join(found.groups(default="")[:6])
    fraction = (found[7] or "").rstrip("0")
    return Decimal(f"{digits}.{fraction}") if fraction else int(digits)


_OF_TEXT: dict[str, Callable[[str], SqlValue]] = {
    "Int": whole_number,
    "BigInt": whole_number,
    "Boolean": whole_number,
    "Float": _number,
    "Decimal": _number,
    "DateTime": day_and_time,
    "Date": day_and_time,
}
