"""How a column's text becomes JSON: one value at a time, or a whole column at once.

``decode_value`` is the rule. ``encode_column`` is the same rule for the common case, in bytes and
without a Python object per value; where it is not sure it gives up, and the rule decides.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from handler.language.scalars import BIGINT_MAX, BIGINT_MIN
from handler.stores.mysql.resultset import Kind

_INT_MAX = 2**31 - 1
_INT_MIN = -(2**31)
# Characters of JSON strings that need an escape; UTF-8 above ASCII does not.
_NEEDS_ESCAPE = rb'[\x00-\x1f"\\]'
_TIMESTAMP = rb"(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\Z"
# A column of them, joined by commas, with no fraction but zero.
_WHOLE_SECONDS = rb"(?:(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d \d\d:\d\d:\d\d(?:\.000000)?(?:,|\Z))+\Z"
_DATE = rb"(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d\Z"
_NO_DATE = rb"0000|\d{4}-00|\d{4}-\d\d-00"
_NUMERAL = rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z"
_WHOLE = rb"(-?\d+)(?:\.0*)?\Z"
_STRING_OR_BLANKS = rb'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\n\r]+'
# In a number, or in a string, where it does no harm: more than a float of 64 bits holds for sure.
_MANY_DIGITS = rb"[0-9.]{16}|[0-9][eE][+-]?[0-9]"
_NO_FRACTION = (b"", b".000000", b".000", b".0", b".00", b".0000", b".00000")

# A template for one value, and a column of what fills it.
Cells: TypeAlias = tuple[bytes, Sequence[bytes]]


class UnfitValueError(Exception):
    """A value that the field's type cannot hold. The text names the type, never the value."""


class NotSureError(Exception):
    """The fast way does not know; the exact one has to decide."""


# ------------------------------------------------------------------------- one value, exactly


def decode_value(scalar: str, kind: Kind, value: bytes) -> Any:
    """The value as Python has it. Raises ``UnfitValueError``."""
    try:
        return _DECODERS[scalar](kind, value)
    except (ValueError, OverflowError, KeyError, RecursionError) as exc:
        raise UnfitValueError(f"{scalar} cannot represent the value that is stored") from exc


def without_zeros(column: Sequence[bytes | None]) -> list[bytes | None]:
    """A column of dates with null for those that have no year, no month or no day."""
    is_none = re.compile(_NO_DATE).match
    return [None if value is None or is_none(value) else value for value in column]


def output_value(scalar: str, kind: Kind, value: bytes) -> Any:
    """The value for an answer, which orjson writes with every digit of a number in JSON.

    Raises ``UnfitValueError``.
    """
    found = decode_value(scalar, kind, value)
    if scalar == "JSON" and re.search(_MANY_DIGITS, value):
        return orjson.Fragment(_as_stored(value))
    return found


def decode_enum(names: Mapping[str, str], value: bytes) -> str:
    """The enum's name of a column's value. Raises ``UnfitValueError``."""
    try:
        return names[value.decode()]
    except (KeyError, UnicodeDecodeError) as exc:
        raise UnfitValueError("the enum has no name for the value that is stored") from exc


def _text(kind: Kind, value: bytes) -> str:
    return value.decode()


def _int(kind: Kind, value: bytes) -> int:
    number = _whole(kind, value)
    if not _INT_MIN <= number <= _INT_MAX:
        raise ValueError("over 32 bits")
    return number


def _whole(kind: Kind, value: bytes) -> int:
    if kind is Kind.FLOAT:
        number = float(value)
        if not number.is_integer():
            raise ValueError("not whole")
        return int(number)
    found = re.match(_WHOLE, value)
    if not found:
        raise ValueError("not whole")
    return int(found[1])


def _float(kind: Kind, value: bytes) -> float:
    if not re.match(_NUMERAL, value):
        raise ValueError("no number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _boolean(kind: Kind, value: bytes) -> bool:
    return _whole(kind, value) != 0


def _date_time(kind: Kind, value: bytes) -> str:
    if not re.match(_TIMESTAMP, value):
        raise ValueError("no instant")
    return _instant(value).decode()


def _instant(value: bytes) -> bytes:
    """RFC 3339 of a DATETIME in UTC, without a fraction that is zero."""
    fraction = value[19:]
    tail = b"Z" if fraction in _NO_FRACTION else fraction.rstrip(b"0") + b"Z"
    return value[:10] + b"T" + value[11:19] + tail


def _date(kind: Kind, value: bytes) -> str:
    day = value[:10]
    if not re.match(_DATE, day):
        raise ValueError("no date")
    return day.decode()


def _decimal(kind: Kind, value: bytes) -> str:
    _float(kind, value)  # refuses what is no number
    text = value.decode()
    return format(Decimal(text), "f") if "e" in text.lower() else text


def _big_int(kind: Kind, value: bytes) -> str:
    number = _whole(kind, value)
    if not BIGINT_MIN <= number <= BIGINT_MAX:
        raise ValueError("over 64 bits")
    return str(number)


def _json(kind: Kind, value: bytes) -> Any:
    """Of numbers all digits: orjson, which knows 64 bits, only says whether it is JSON."""
    orjson.loads(value)
    return json.loads(value)


_DECODERS: dict[str, Callable[[Kind, bytes], Any]] = {
    "ID": _text,
    "String": _text,
    "Int": _int,
    "Float": _float,
    "Boolean": _boolean,
    "DateTime": _date_time,
    "Date": _date,
    "Decimal": _decimal,
    "BigInt": _big_int,
    "JSON": _json,
}

# ------------------------------------------------------------------------- a column, in bytes


def encode_cells(scalar: str, kind: Kind, column: Sequence[bytes]) -> Cells:
    """JSON of every value; no value is NULL. Raises ``NotSureError``.

    Returns a template and what fills it: quotes in the template need no formatting of their own.
    """
    contents = _CONTENTS.get(scalar)
    if contents is not None:
        return b'"%b"', contents(kind, column)
    return b"%b", _ENCODERS[scalar](kind, column)


def encode_column(scalar: str, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    """The same as finished values."""
    template, values = encode_cells(scalar, kind, column)
    return values if template == b"%b" else [template % value for value in values]


def encode_enums(names: Mapping[str, str], column: Sequence[bytes]) -> Sequence[bytes]:
    """JSON strings of the names. Raises ``NotSureError`` for an unknown value."""
    quoted = {value.encode(): f'"{name}"'.encode() for value, name in names.items()}
    try:
        return [quoted[value] for value in column]
    except KeyError as exc:
        raise NotSureError from exc


def _strings(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    """Of text columns and of anything else that the server sends as text."""
    if kind is Kind.BYTES:
        raise NotSureError
    search = re.compile(_NEEDS_ESCAPE).search
    if kind is Kind.TEXT and search(b"".join(column)):
        return [orjson.dumps(value.decode())[1:-1] if search(value) else value for value in column]
    return column


def _big_ints(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    if kind is not Kind.INTEGER:
        raise NotSureError
    return column


def _decimals(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    if kind not in (Kind.DECIMAL, Kind.INTEGER):
        raise NotSureError
    return column


def _date_times(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    joined = b",".join(column)
    if re.match(_WHOLE_SECONDS, joined):
        joined = joined.replace(b".000000", b"").replace(b" ", b"T").replace(b",", b"Z,")
        return (joined + b"Z").split(b",")
    if not all(map(re.compile(_TIMESTAMP).match, column)):
        raise NotSureError
    return [_instant(value) for value in column]


def _dates(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    if not all(map(re.compile(_DATE).match, column)):
        raise NotSureError
    return column


# What stands between the quotes of scalars that are strings in JSON.
_CONTENTS: dict[str, Callable[[Kind, Sequence[bytes]], Sequence[bytes]]] = {
    "ID": _strings,
    "String": _strings,
    "Decimal": _decimals,
    "DateTime": _date_times,
    "Date": _dates,
    "BigInt": _big_ints,
}


def _encode_ints(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    if kind is Kind.DECIMAL and b"." not in b"".join(column):  # what SUM gives
        column = [b"%d" % int(value) for value in column]
    elif kind is not Kind.INTEGER:
        raise NotSureError
    # Nine characters are always within 32 bits.
    if max(map(len, column)) > 9:
        numbers = list(map(int, column))
        if min(numbers) < _INT_MIN or max(numbers) > _INT_MAX:
            raise NotSureError
    return column


def _encode_floats(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    if kind in (Kind.TEXT, Kind.BYTES):
        raise NotSureError
    return orjson.dumps([float(value) for value in column])[1:-1].split(b",")


def _encode_booleans(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    if kind is not Kind.INTEGER:
        raise NotSureError
    return [b"false" if value == b"0" else b"true" for value in column]


def _encode_json(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
    has_digits = re.compile(_MANY_DIGITS).search
    try:
        return [
            _as_stored(value) if has_digits(value) else orjson.dumps(orjson.loads(value))
            for value in column
        ]
    except ValueError as exc:
        raise NotSureError from exc


def _as_stored(value: bytes) -> bytes:
    """JSON without the blanks between its parts: a number of many digits, read and written again,
    would be another. Raises ValueError for what is no JSON."""
    orjson.loads(value)
    return re.sub(_STRING_OR_BLANKS, rb"\1", value)


_ENCODERS: dict[str, Callable[[Kind, Sequence[bytes]], Sequence[bytes]]] = {
    "Int": _encode_ints,
    "Float": _encode_floats,
    "Boolean": _encode_booleans,
    "JSON": _encode_json,
}
