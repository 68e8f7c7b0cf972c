"""Values of an input for columns of a table: typed and checked, never cut to fit.

Each reader takes a value of JSON or the text of a CSV field, and raises ``ValueError`` with what is
wrong with it. Blank text is no value.
"""

from __future__ import annotations

import functools
import json
import math
import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from handler.jobs.ingest.catalog import ColumnType
from handler.jobs.ingest.formats import (
    fitting_dates,
    fitting_numbers,
    read_date,
    read_number,
)
from handler.jobs.ingest.mapping import ColumnRule, Dialect
from handler.jobs.ingest.report import IngestError

CACHED_VALUES = 4096  # dates and prices repeat from line to line
SAMPLES = 50  # values that did not fit, of which another format is guessed
LONG_TEXT_BYTES = 1 << 24  # of the kinds of TEXT that no line fills

_NEGATIVE = re.compile(r"-\d+(\.\d*)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONG = 10**18
_EXACT = Context(prec=100)  # DECIMAL has 65 digits at most
_BITS: Final = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_TRUE: Final = ("true", "yes", "y", "t", "on", "1")
_FALSE: Final = ("false", "no", "n", "f", "off", "0")
_NUMBERS: Final = frozenset({*_BITS, "year", "decimal", "float", "double"})
_DATES: Final = frozenset({"date", "datetime", "timestamp"})

Read = Callable[[Any], Any]


class Reader:
    """Reads the values of one column by ``read``, which remembers values of late.

    It also knows whether any value has fitted the format so far, and which did not.
    """

    def __init__(self, place: str, kind: ColumnType, rule: ColumnRule, dialect: Dialect) -> None:
        self.place = place  # table.column
        self.kind = kind
        self.dialect = Dialect(
            date_format=rule.date_format or dialect.date_format,
            time_zone=rule.time_zone or dialect.time_zone,
            number_format=rule.number_format or dialect.number_format,
        )
        self.misfits: list[object] = []
        self.has_fitted = False
        self._check = _check_of(place, kind, rule, self.dialect)
        # The value for the column, None for blank text. Raises ValueError, and TypeError for a
        # list or an object, which the cache cannot hold.
        # typed: True is not 1, and 1.0 is not the text that 1 is
        self.read: Read = functools.lru_cache(CACHED_VALUES, typed=True)(self._read)
        if kind.kind in ("json", "longtext"):
            self.read = self._read

    def better_format(self) -> str | None:
        """Where no value fits: what they are not and what the first ones are; no values in it."""
        if self.has_fitted or not self.misfits:
            return None
        if self.kind.kind in _DATES:
            name, format_, fits = (
                "date_format",
                self.dialect.date_format,
                fitting_dates(self.misfits, self.dialect.date_format),
            )
        elif self.kind.kind in _NUMBERS:
            name, format_, fits = (
                "number_format",
                self.dialect.number_format,
                fitting_numbers(self.misfits),
            )
        else:
            return None
        fits = [each for each in fits if each != format_]
        if not fits:
            return None
        others = f" ({', '.join(fits[1:3])} would fit, too)" if len(fits) > 1 else ""
        return (
            f"no line fits {format_}; the first lines fit {fits[0]}{others}: "
            f'write {name} = "{fits[0]}"'
        )

    def _read(self, value: object) -> Any:
        if type(value) is str and not value.strip():
            return None
        try:
            found = self._check(value)
        except ValueError:
            if len(self.misfits) < SAMPLES:
                self.misfits.append(value)
            raise
        self.has_fitted = True
        return found


def _check_of(place: str, kind: ColumnType, rule: ColumnRule, dialect: Dialect) -> Read:
    """What reads a value of this column that is not blank."""

    def number(convert: Callable[[Decimal], Any]) -> Read:
        bounded = _bounded(rule)
        return lambda value: convert(bounded(read_number(value, dialect.number_format)))

    match kind.kind:
        case "tinyint" if kind.text.startswith("tinyint(1)"):
            return _read_truth
        case "tinyint" | "smallint" | "mediumint" | "int" | "bigint":
            low, end = whole_range(kind)
            return number(lambda found: to_whole(found, low, end))
        case "year":
            return number(lambda found: to_whole(found, 1901, 2156))
        case "decimal":
            return number(functools.partial(to_decimal, kind=kind))
        case "float" | "double":
            return number(_to_float)
        case "char" | "varchar" | "uuid" | "inet4" | "inet6":
            limit = kind.characters or 64
            if rule.identifier:
                return functools.partial(read_identifier, limit=limit)
            return functools.partial(read_text, limit=limit)
        case "tinytext" | "text" | "mediumtext":
            return functools.partial(_read_long_text, limit_bytes=kind.characters)
        case "longtext" | "json":
            return functools.partial(_read_document, is_json=kind.kind == "json")
        case "enum":
            return functools.partial(_read_member, members=_members(kind.text))
        case "date":
            return functools.partial(_read_day, dialect=dialect)
        case "datetime" | "timestamp":
            return functools.partial(read_instant, dialect=dialect)
        case "time":
            return _read_time
    raise IngestError(f"{place} is {kind.text}, which cannot be loaded; leave it out")


def read_identifier(value: object, *, limit: int) -> str:
    """Text or a whole number, without the blanks around it; never negative."""
    if type(value) is str:
        text = value.strip()
    elif type(value) is int:
        text = str(value)
    elif type(value) is Decimal and -_LONG < value < _LONG and value == int(value):
        text = str(int(value))
    else:
        raise ValueError("is neither text nor a whole number")
    if _NEGATIVE.fullmatch(text):
        raise ValueError("is negative")
    if not text.isprintable() and _CONTROL.search(text):
        raise ValueError("holds a control character")
    return _checked(text, limit)


def read_text(value: object, *, limit: int) -> str:
    """Text without the blanks around it; a number is taken as it is written."""
    if type(value) is str:
        return _checked(value.strip(), limit)
    if type(value) is int or type(value) is Decimal:
        return _checked(str(value), limit)
    raise ValueError("is not text")


def read_instant(value: object, *, dialect: Dialect) -> datetime:
    """An instant in UTC, without a zone, as the database keeps it."""
    found = read_date(value, dialect.date_format)
    try:
        if found.tzinfo is None:
            found = found.replace(tzinfo=zoneinfo.ZoneInfo(dialect.time_zone))
        found = found.astimezone(UTC).replace(tzinfo=None)
    except ArithmeticError:
        raise ValueError("is out of the range of dates") from None
    return _kept(found)


def whole_range(kind: ColumnType) -> tuple[int, int]:
    """The least whole number of the column, and the first beyond its largest."""
    bits = _BITS[kind.kind]
    return (0, 1 << bits) if kind.is_unsigned else (-(1 << (bits - 1)), 1 << (bits - 1))


def to_whole(number: Decimal, low: int, end: int) -> int:
    """A whole number within the limits."""
    if not low <= number < end:
        raise ValueError("is negative" if low == 0 and number < 0 else "is too large")
    if number != number.to_integral_value():
        raise ValueError("is not a whole number")
    return int(number)


def to_decimal(number: Decimal, *, kind: ColumnType) -> Decimal:
    """An exact number with the column's decimals, rounded half up."""
    scale = kind.scale or 0
    whole = (kind.precision or 10) - scale
    limit = Decimal(10**whole)
    if not -limit < number < limit:  # comparing is exact, abs() can overflow
        raise ValueError(f"is too large: {whole} digits before the point are the most")
    if kind.is_unsigned and number < 0:
        raise ValueError("is negative")
    rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _EXACT)
    if abs(rounded) >= limit:
        raise ValueError(f"is too large: {whole} digits before the point are the most")
    return rounded.copy_abs() if rounded == 0 else rounded  # no negative zero


def _to_float(number: Decimal) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise ValueError("is too large")
    return found


def _bounded(rule: ColumnRule) -> Callable[[Decimal], Decimal]:
    least, most = rule.min, rule.max
    if least is None and most is None:
        return lambda number: number
    words = (
        f"from {least:g} to {most:g}"
        if least is not None and most is not None
        else f"from {least:g} on"
        if least is not None
        else f"up to {most:g}"
    )

    def check(number: Decimal) -> Decimal:
        if (least is not None and number < Decimal(str(least))) or (
            most is not None and number > Decimal(str(most))
        ):
            raise ValueError(f"is not {words}")
        return number

    return check


def _read_truth(value: object) -> int:
    """1 or 0, of a ``BOOLEAN``."""
    if type(value) is bool:
        return int(value)
    text = str(value).strip().lower() if type(value) in (str, int) else ""
    if text in _TRUE:
        return 1
    if text in _FALSE:
        return 0
    raise ValueError("is neither true nor false")


def _read_long_text(value: object, *, limit_bytes: int | None) -> str:
    text = read_text(value, limit=LONG_TEXT_BYTES)
    if limit_bytes is not None and len(text.encode()) > limit_bytes:
        raise ValueError(f"is longer than {limit_bytes} bytes")
    return text


def _read_document(value: object, *, is_json: bool) -> str:
    """JSON as it is for a list or an object; text as text, which a JSON column wants as JSON."""
    if isinstance(value, dict | list) or (is_json and not isinstance(value, str)):
        return json.dumps(value, ensure_ascii=False, default=_exact)
    text = read_text(value, limit=LONG_TEXT_BYTES)
    if is_json:
        try:
            json.loads(text)
        except ValueError:
            raise ValueError("is not JSON") from None
    return text


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise ValueError("is not a value of JSON")


def _read_member(value: object, *, members: tuple[str, ...]) -> str:
    text = read_text(value, limit=255)
    if text in members:
        return text
    alike = [each for each in members if each.casefold() == text.casefold()]
    if len(alike) != 1:
        raise ValueError(f"is none of {', '.join(members)}")
    return alike[0]


def _members(text: str) -> tuple[str, ...]:
    return tuple(each.replace("''", "'") for each in re.findall(r"'((?:[^']|'')*)'", text))


def _read_day(value: object, *, dialect: Dialect) -> date:
    """The day as it is written, whatever the hour; of seconds the day in the time zone."""
    found = read_date(value, dialect.date_format)
    if dialect.date_format == "unix":
        found = found.astimezone(zoneinfo.ZoneInfo(dialect.time_zone))
    return _kept(found).date()


def _kept(found: datetime) -> datetime:
    if found.year < 1000:
        raise ValueError("is before the year 1000, which MySQL cannot keep")
    return found


def _read_time(value: object) -> timedelta:
    try:
        if type(value) is not str:
            raise ValueError
        found = time.fromisoformat(value.strip())
        if found.tzinfo is not None:
            raise ValueError
    except ValueError:
        raise ValueError("is not a time of day such as 08:30:00") from None
    return timedelta(
        hours=found.hour,
        minutes=found.minute,
        seconds=found.second,
        microseconds=found.microsecond,
    )


def _checked(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"is longer than {limit} characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("holds half of a surrogate pair") from None
    return text
