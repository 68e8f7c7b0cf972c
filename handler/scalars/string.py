"""``String``: a text, or the text of a date or a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

import orjson

from handler.scalars.dates import day_and_time
from handler.scalars.numbers import whole_number
from handler.scalars.scalar import NotSureError, Scalar, Tests, compiled, refuse
from handler.scalars.seconds import compare_seconds
from handler.scalars.time import stored_time
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue
from handler.sql.stored_type import TEXTS, Kind, StoredType

# Characters of JSON strings that need an escape; UTF-8 above ASCII does not.
_NEEDS_ESCAPE = rb'[\x00-\x1f"\\]'


MANY: Final = 64  # values that are worth more calls


class Text(Scalar):
    """A scalar over columns of texts, also ENUM and SET, which sort by the places of labels."""

    is_placed_by_type = True
    has_prefixes = True
    can_be_claimed = True

    def as_stored(self, part: SqlValue, stored: StoredType) -> SqlValue:
        return stored.number(part) if stored.labels and isinstance(part, str) else part

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        if stored.labels and isinstance(given, str) and operator is not Operator.EQUAL:
            number = stored.number(given)
            return None if number is None else ((operator, number),)
        return ((operator, given),)

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        """Of text columns and of anything else that the server sends as text."""
        if kind is Kind.BYTES:
            raise NotSureError
        search = compiled(_NEEDS_ESCAPE).search
        find = needs_escape if column[MANY:] else search
        if kind is Kind.TEXT and find(b"".join(column)):
            return [
                orjson.dumps(value.decode())[1:-1] if search(value) else value for value in column
            ]
        return column


def needs_escape(text: bytes) -> bool:
    """Whether JSON has an escape somewhere in it, or it is no text.

    The encoder, whose result is longer then, looks through many bytes at once.
    """
    try:
        return len(orjson.dumps(text.decode())) != len(text) + 2
    except UnicodeDecodeError:
        return True


class String(Text):
    """See the module."""

    name = "String"
    fits = TEXTS | {"date", "datetime", "timestamp", "time"}
    preferred_by = TEXTS - {"enum", "set", "uuid"}
    is_compared_by_type = True

    def parse(self, value: Any) -> str:
        if not isinstance(value, str):
            raise refuse("String cannot represent a non string value: ", value)
        return value

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        if stored.labels or not isinstance(given, str):
            return super().tests(operator, given, stored)
        fitting = fit_text(stored, given)
        if isinstance(fitting, str) and stored.data_type in _WITH_SECONDS:
            return compare_seconds(operator, fitting, stored)
        return None if fitting is None else ((operator, fitting),)

    def serialize(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str | int | float | Decimal):
            raise TypeError(value)
        return str(value)


def fit_text(stored: StoredType, text: str) -> SqlValue:
    """A text for a column that holds no texts; None where it is not the text of such a value.

    The server would read 00:00:00 from what is no time, and MySQL 8 refuses what is no date.
    """
    read = _READERS.get(stored.data_type)
    if read is None:
        return text
    try:
        return read(text)
    except ValueError:
        return None


def is_impossible(stored: StoredType | None, text: SqlValue) -> bool:
    """Whether a column of dates, times or labels is compared with a text that is none."""
    if stored is None or not isinstance(text, str):
        return False
    if stored.labels:
        return stored.number(text) is None
    return stored.data_type in _DATES and fit_text(stored, text) is None


def _read_date(text: str) -> SqlValue:
    if len(text) != len("2020-01-01"):
        raise ValueError(text)
    return day_and_time(text)


def _read_date_time(text: str) -> SqlValue:
    if len(text) < len("2020-01-01 00:00:00"):
        raise ValueError(text)
    return day_and_time(text)


_WITH_SECONDS: Final = frozenset(("time", "datetime", "timestamp"))
_DATES: Final = _WITH_SECONDS | {"date"}
_READERS: dict[str, Callable[[str], SqlValue]] = {
    "time": stored_time,
    "date": _read_date,
    "datetime": _read_date_time,
    "timestamp": _read_date_time,
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), whole_number),
}
