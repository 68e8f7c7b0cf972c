"""A record becomes an order line: typed and checked, never cut to fit.

Each ``read_`` function takes a value of JSON or the text of a CSV field that is not blank, and
raises ``ValueError`` with what is wrong with it.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from handler.jobs.ingest.mapping import FIELDS, REQUIRED, InputMapping
from handler.jobs.ingest.numbering import NUMBER_MAX
from handler.jobs.ingest.report import IngestError

IDENTIFIER_CHARACTERS = 64
NAME_CHARACTERS = 255
COUNTRY_CHARACTERS = 100
CACHED_VALUES = 4096  # dates and prices repeat from line to line
SHOWN_CHARACTERS = 40

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_NEGATIVE = re.compile(r"-\d+(\.\d*)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MONEY_STEP = Decimal("0.0001")  # DECIMAL(19, 4)
_MONEY_LIMIT = Decimal(10**15)
_LONG = 10**18
_INT_LIMIT = 2**31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS_S = Decimal(366 * 86_400 * 10_000)  # no date is that many seconds from 1970


class LineError(ValueError):
    """A record is no order line; names the column and what is wrong with it."""


class OrderLine(NamedTuple):
    """One order line. Dates are in UTC without a zone, as the database keeps them."""

    order_id: str
    order_ref: str | None
    ordered_at: datetime | None
    order_item_id: int | None
    customer_id: str
    customer_name: str | None
    country: str | None
    product_id: str
    product_name: str | None
    unit_price: Decimal
    product_price: Decimal | None
    quantity: int
    discount: Decimal


class LineReader:
    """Reads records by one mapping."""

    def __init__(self, mapping: InputMapping) -> None:
        readers = _readers(mapping)
        defaults: dict[str, Any] = {}
        for name, text in ({"quantity": "1", "discount": "0"} | dict(mapping.defaults)).items():
            try:
                defaults[name] = readers[name](text)
            except ValueError as error:
                raise IngestError(f"the default of {name}, {_shown(text)}, {error}") from error
        self._fields = tuple(
            (mapping.column(name), readers[name], defaults.get(name), name in REQUIRED)
            for name in FIELDS
        )
        self._number_column = mapping.column("orderItemId")
        self.unseen = set(mapping.columns.values())  # mapped columns that no record had so far

    def read(self, values: Mapping[str, object]) -> OrderLine:
        """Check all fields. Raises ``LineError`` for the first that cannot be used."""
        if self.unseen:
            self.unseen.difference_update(values)
        line: list[Any] = []
        for column, reader, default, required in self._fields:
            value = values.get(column)
            try:
                found = None if value is None else reader(value)
            except ValueError as error:
                raise LineError(f"{column} {_shown(value)} {error}") from error
            except TypeError as error:  # the caches cannot hold a list or an object
                raise LineError(f"{column} {_shown(value)} is not a single value") from error
            if found is None:
                found = default
                if found is None and required:
                    raise LineError(f"{column} is missing")
            line.append(found)
        return OrderLine._make(line)

    def unnumbered_order(self, values: Mapping[str, object]) -> str | None:
        """The order of a line that cannot be used but takes a number of it, if that can be read."""
        declared = values.get(self._number_column)
        if declared is not None and str(declared).strip():
            return None
        column, reader, default, _ = self._fields[0]
        value = values.get(column)
        try:
            found = None if value is None else reader(value)
        except (ValueError, TypeError):
            return None
        order_id: str | None = default if found is None else found
        return order_id


def _readers(mapping: InputMapping) -> dict[str, Callable[[Any], Any]]:
    """A reader for each field: ``None`` for blank text. They remember values of late."""

    def reader(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        # typed: True is not 1, and 1.0 is not the text that 1 is
        return functools.lru_cache(CACHED_VALUES, typed=True)(
            lambda value: None if type(value) is str and not value.strip() else read(value)
        )

    def number(convert: Callable[[Decimal], Any]) -> Callable[[Any], Any]:
        comma = mapping.decimal_comma
        return reader(lambda value: convert(read_number(value, decimal_comma=comma)))

    def text(limit: int) -> Callable[[Any], Any]:
        return reader(lambda value: read_text(value, limit=limit))

    zone = zoneinfo.ZoneInfo(mapping.time_zone)
    return {
        "orderId": reader(read_identifier),
        "orderRef": text(IDENTIFIER_CHARACTERS),
        "orderedAt": reader(
            lambda value: read_instant(value, date_format=mapping.date_format, zone=zone)
        ),
        "orderItemId": number(to_line_number),
        "customerId": reader(read_identifier),
        "customerName": text(NAME_CHARACTERS),
        "country": text(COUNTRY_CHARACTERS),
        "productId": reader(read_identifier),
        "productName": text(NAME_CHARACTERS),
        "price": number(to_money),
        "productPrice": number(to_money),
        "quantity": number(to_quantity),
        "discount": number(to_fraction),
    }


def read_identifier(value: object) -> str:
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
    return _checked(text, IDENTIFIER_CHARACTERS)


def read_text(value: object, *, limit: int) -> str:
    """Text without the blanks around it; a number is taken as it is written."""
    if type(value) is str:
        return _checked(value.strip(), limit)
    if type(value) is int or type(value) is Decimal:
        return _checked(str(value), limit)
    raise ValueError("is not text")


def read_number(value: object, *, decimal_comma: bool) -> Decimal:
    """An exact number. Text may have blanks around it, but no currency and no thousands."""
    if type(value) is str:
        text = value.strip()
        if decimal_comma:
            if "." in text:
                raise ValueError("is not a number with a decimal comma")
            text = text.replace(",", ".")
        if not _NUMBER.fullmatch(text):
            raise ValueError("is not a number")
        return Decimal(text)
    if type(value) is int or type(value) is Decimal:
        return Decimal(value)
    raise ValueError("is not a number")


def read_instant(value: object, *, date_format: str, zone: tzinfo) -> datetime:
    """An instant in UTC; ``zone`` holds where the text names none."""
    try:
        if date_format == "unix":
            seconds = read_number(value, decimal_comma=False)
            if not -_YEARS_S < seconds < _YEARS_S:  # before it becomes a million digits
                raise ValueError
            found = _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
        elif type(value) is not str:
            raise ValueError
        elif date_format == "iso":
            found = datetime.fromisoformat(value.strip())
        else:
            found = datetime.strptime(value.strip(), date_format)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        found = found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, ArithmeticError):  # out of the range of dates
        wanted = (
            "an ISO 8601 date" if date_format == "iso" else f"a date in the format {date_format}"
        )
        raise ValueError(f"is not {wanted}") from None
    if found.year < 1000:
        raise ValueError("is before the year 1000, which MySQL cannot keep")
    return found


def to_money(number: Decimal) -> Decimal:
    """An amount with four decimals, the fifth rounded half up; below zero for a credit."""
    if not -_MONEY_LIMIT < number < _MONEY_LIMIT:  # comparing is exact, abs() can overflow
        raise ValueError("is too large: 15 digits before the point are the most")
    return number.quantize(_MONEY_STEP, ROUND_HALF_UP) + 0  # no negative zero


def to_quantity(number: Decimal) -> int:
    """A whole number of pieces, below zero for pieces that came back."""
    return _whole(number, -_INT_LIMIT, _INT_LIMIT)


def to_line_number(number: Decimal) -> int:
    """The declared number of a line within its order."""
    return _whole(number, 0, NUMBER_MAX + 1)


def to_fraction(number: Decimal) -> Decimal:
    """A discount: the part that is let off."""
    if not 0 <= number <= 1:
        raise ValueError("is not a part from 0 to 1")
    return number.quantize(_MONEY_STEP, ROUND_HALF_UP) + 0


def _whole(number: Decimal, low: int, end: int) -> int:
    if not low <= number < end:
        raise ValueError("is negative" if low == 0 and number < 0 else "is too large")
    if number != number.to_integral_value():
        raise ValueError("is not a whole number")
    return int(number)


def _checked(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"is longer than {limit} characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("holds half of a surrogate pair") from None
    return text


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."
