"""How an input writes dates and numbers, and which way would fit values that do not.

A date format is ``iso``, ``unix`` or one of ``strptime``; a number format is an example of itself.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS_S = Decimal(366 * 86_400 * 10_000)  # no date is that many seconds from 1970

NUMBER_FORMATS: Final = {  # thousands, decimals
    "1234.5": ("", "."),
    "1234,5": ("", ","),
    "1,234.5": (",", "."),
    "1.234,5": (".", ","),
    "1 234,5": (" ", ","),
    "1'234.5": ("'", "."),
}


def read_number(value: object, number_format: str = "1234.5") -> Decimal:
    """An exact number. Text may have blanks around it, but no currency."""
    if type(value) is str:
        text = value.strip()
        if number_format != "1234.5":
            text = _plain(text, number_format)
        if not _NUMBER.fullmatch(text):
            raise ValueError("is not a number")
        return Decimal(text)
    if type(value) is int or type(value) is Decimal:
        return Decimal(value)
    raise ValueError("is not a number")


def _plain(text: str, number_format: str) -> str:
    thousands, point = NUMBER_FORMATS[number_format]
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    whole, found, rest = text.partition(point)
    grouped = rf"[+-]?\d{{1,3}}({re.escape(thousands)}\d{{3}})+" if thousands else None
    if grouped and thousands in whole and re.fullmatch(grouped, whole, re.ASCII):
        whole = whole.replace(thousands, "")
    text = f"{whole}.{rest}" if found else whole
    if not _NUMBER.fullmatch(text) or (point != "." and "." in whole):
        raise ValueError(f"is not a number as {number_format}")
    return text


def read_date(value: object, date_format: str) -> datetime:
    """The instant that is written, with a zone where it names one. Raises ``ValueError``."""
    try:
        if date_format == "unix":
            seconds = read_number(value)
            if not -_YEARS_S < seconds < _YEARS_S:  # before it becomes a million digits
                raise ValueError
            return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
        if type(value) is not str:
            raise ValueError
        if date_format == "iso":
            return datetime.fromisoformat(value.strip())
        return datetime.strptime(value.strip(), date_format)
    except (ValueError, ArithmeticError):  # out of the range of dates
        wanted = (
            "an ISO 8601 date" if date_format == "iso" else f"a date in the format {date_format}"
        )
        raise ValueError(f"is not {wanted}") from None


def fitting_dates(values: Sequence[object], wanted: str) -> list[str]:
    """Formats that all values fit, the likest to ``wanted`` first."""
    found = [each for each in _date_formats() if _fits(values, each, read_date)]
    return sorted(found, key=lambda each: _letters(each) != _letters(wanted))


def fitting_numbers(values: Sequence[object]) -> list[str]:
    """Number formats that all values fit."""
    return [each for each in NUMBER_FORMATS if _fits(values, each, read_number)]


def _fits(values: Sequence[object], format_: str, read: Callable[[object, str], object]) -> bool:
    try:
        for value in values:
            read(value, format_)
    except ValueError:
        return False
    return bool(values)


def _letters(date_format: str) -> list[str]:
    return re.findall(r"%(\w)", date_format.lower())


@functools.cache
def _date_formats() -> tuple[str, ...]:
    return ("iso", *_made(), "%Y%m%d", "%Y%m%d%H%M%S", "unix")


def _made() -> Iterator[str]:
    days = [
        sep.join(order)
        for sep in "/.-"
        for order in (
            ("%d", "%m", "%Y"),
            ("%m", "%d", "%Y"),
            ("%Y", "%m", "%d"),
            ("%d", "%m", "%y"),
            ("%m", "%d", "%y"),
            ("%y", "%m", "%d"),
        )
    ]
    for month, year in itertools.product(("%b", "%B"), ("%Y", "%y")):
        days += [f"%d {month} {year}", f"%d-{month}-{year}", f"{month} %d, {year}"]
    clocks = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
    for day in days:
        yield day
        for blank, clock, zone in itertools.product((" ", "T", ", "), clocks, ("", "%z", " %z")):
            yield f"{day}{blank}{clock}{zone}"
