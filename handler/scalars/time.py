"""``Time``: a TIME of MySQL, a time of the day or a duration of up to 838 hours either way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any, Final

from handler.scalars.scalar import Scalar, Tests, match_all, refuse
from handler.scalars.seconds import compare_seconds
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind, StoredType

MOST_HOURS: Final = 838
_TIME = r"(?a)(-?)(\d{2,3}):([0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?\Z"
_STORED = rb"-?\d{2,3}:[0-5]\d:[0-5]\d(?:\.\d{1,6})?\Z"


class Time(Scalar):
    """A value is its shortest text, such as ``-00:30:00.5``: no class of Python's has them all."""

    name = "Time"
    description = (
        "A time of the day or a duration, `08:30:00` or `-120:00:00.5`: from -838:59:59 to"
        " 838:59:59, with up to six digits of a second. Stored as TIME."
    )
    fits = frozenset(("time",))
    preferred_by = fits
    is_compared_by_type = True

    def parse(self, value: Any) -> str:
        found = re.match(_TIME, value) if isinstance(value, str) else None
        if found is not None:
            sign, hours, rest, fraction = found.groups()
            fraction = (fraction or "").rstrip("0")
            if (int(hours), rest, fraction) <= (MOST_HOURS, "59:59", ""):
                text = f"{int(hours):02}:{rest}" + (f".{fraction}" if fraction else "")
                return text if text == "00:00:00" else sign + text
        raise refuse(
            'Time needs a string such as "08:30:00" or "-120:00:00.5", from "-838:59:59" to'
            ' "838:59:59" with at most six digits of a second, found ',
            value,
        )

    def parameter_of_text(self, text: str) -> SqlValue:
        return stored_time(text)

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        return compare_seconds(operator, str(given), stored)

    def decode(self, kind: Kind, value: bytes) -> str:
        if not re.match(_STORED, value):
            raise ValueError("no time")
        return _without_zeros(value).decode()

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        match_all(_STORED, column)
        if b"." in b"".join(column):
            return list(map(_without_zeros, column))
        return column

    def serialize(self, value: Any) -> str:
        if isinstance(value, timedelta):
            value = _clock(value)
        elif isinstance(value, time) and value.tzinfo is None:
            value = value.isoformat()
        return self.parse(value)


def stored_time(text: str) -> SqlValue:
    """The text of a TIME. Raises ValueError for what is none, of which MySQL would make 00:00:00.

    MariaDB stores parts of the last second, too.
    """
    found = re.match(_TIME, text)
    if not found or int(found[2]) > MOST_HOURS:
        raise ValueError(text)
    return text


def _without_zeros(value: bytes) -> bytes:
    """Without a fraction that is zero, and without the zeros at its end."""
    return value.rstrip(b"0").rstrip(b".") if b"." in value else value


def _clock(value: timedelta) -> str:
    whole = abs(value)
    minutes, seconds = divmod(whole.days * 86_400 + whole.seconds, 60)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{whole.microseconds:06}"
