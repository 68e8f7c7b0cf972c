"""What ``Date`` and ``DateTime`` share: the texts of stored dates, such as 0000-00-00, too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from handler.scalars.scalar import Scalar, compiled
from handler.sql.statement import SqlValue

_DATE_TIME = r"(?a)(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?\Z"
_NO_DATE = rb"0000|\d{4}-00|\d{4}-\d\d-00"


class Day(Scalar):
    """A scalar over columns of dates, with or without a time."""

    has_zero_dates = True

    def parameter_of_text(self, text: str) -> SqlValue:
        return day_and_time(text)


def without_zeros(column: Sequence[bytes | None]) -> list[bytes | None]:
    """A column of dates with null for those that have no year, no month or no day."""
    is_none = compiled(_NO_DATE).match
    return [None if value is None or is_none(value) else value for value in column]


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
