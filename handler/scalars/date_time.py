"""``DateTime``: an instant, in UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from handler.scalars.dates import Day
from handler.scalars.scalar import Tests, match_all, refuse, serialize_text
from handler.scalars.seconds import compare_seconds
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind, StoredType

_RFC_3339 = (
    r"(?a)(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(?:[Zz]|([+-]\d{2}:\d{2}))"
)
_TIMESTAMP = rb"(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\Z"
# A column of them is looked through at once, by what they are where each digit is 0.
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_WHOLE_SECONDS = b"0000-00-00 00:00:00Z,"
_NO_DATE = (b"0000-", b"-00-", b"-00 ")  # a year, a month and a day that are none
_NO_FRACTION = (b"", b".000000", b".000", b".0", b".00", b".0000", b".00000")


class DateTime(Day):
    """See the module."""

    name = "DateTime"
    description = (
        "An instant: RFC 3339 with any offset in, UTC with `Z` out. Stored as DATETIME in UTC."
    )
    specified_by = "https://scalars.graphql.org/andimarek/date-time"
    fits = frozenset(("datetime", "timestamp"))
    preferred_by = fits
    is_compared_by_type = True

    def parse(self, value: Any) -> datetime:
        found = re.fullmatch(_RFC_3339, value) if isinstance(value, str) else None
        if found is not None and found[3] != "-00:00":
            try:
                return datetime.fromisoformat(
                    f"{found[1]}T{found[2]}{found[3] or '+00:00'}"
                ).astimezone(UTC)
            except (ValueError, OverflowError):
                pass  # a month 13, or an instant outside of the years 1 to 9999
        raise refuse(
            "DateTime needs an RFC 3339 string with at most six digits of a second, such as"
            ' "2026-11-23T08:30:00Z", found ',
            value,
        )

    def parameter(self, value: datetime) -> SqlValue:
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        return compare_seconds(operator, str(given), stored)

    def decode(self, kind: Kind, value: bytes) -> str:
        if not re.match(_TIMESTAMP, value):
            raise ValueError("no instant")
        return _instant(value).decode()

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        joined = b"Z,".join(column) + b"Z"
        if b"." in joined:
            joined = joined.replace(b".000000Z", b"Z")
        is_whole = joined.translate(_DIGITS_TO_ZERO) == (_WHOLE_SECONDS * len(column))[:-1]
        year, month, day = _NO_DATE
        if is_whole and year not in joined and month not in joined and day not in joined:
            return joined.replace(b" ", b"T").split(b",")
        return list(map(_instant, match_all(_TIMESTAMP, column)))

    def serialize(self, value: Any) -> str:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise TypeError(value)
        return serialize_text(value, datetime, _write)


def _write(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(value: bytes) -> bytes:
    """RFC 3339 of a DATETIME in UTC, without a fraction that is zero."""
    fraction = value[19:]
    tail = b"Z" if fraction in _NO_FRACTION else fraction.rstrip(b"0") + b"Z"
    return value[:10] + b"T" + value[11:19] + tail
