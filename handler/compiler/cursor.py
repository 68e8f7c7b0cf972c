"""Cursors: the opaque, versioned position of a row in an ordered list.

A cursor is the base64url of a JSON list: version, fingerprint of the order, and the row's values of
the ordered columns as text or null. It stays right when rows are inserted or deleted, because it
names a position and not a number of rows.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from zlib import crc32

import orjson

from handler.compiler.parameters import parameter_of_text
from handler.errors import InputError
from handler.model.lists import Order
from handler.scalars import COLUMNS
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind

VERSION = 1
# Bytes of one value: the longest key of an index of InnoDB, so whatever an index orders fits.
# Source: https://dev.mysql.com/doc/refman/8.0/en/innodb-limits.html
MAX_VALUE_BYTES = 3072
_MOST_ESCAPED = 6  # characters of JSON for one of a text, such as \u0000


def fingerprint(place: str, order: Order) -> str:
    """Eight hex digits that tell lists and orders apart.

    ``place``: the field that gives the list, such as ``Query.orders``; the type for a row that
    stands in no list, whose position serves in every list of the type in that order.
    """
    text = f"{place}:" + ",".join(f"{t.column.field}{'-' if t.descending else '+'}" for t in order)
    return f"{crc32(text.encode()):08x}"


def encode_cursor(order_fingerprint: str, values: tuple[bytes | None, ...]) -> bytes:
    """``values``: of the columns of ``texts_of``. Returns ASCII.

    Raises ValueError for bytes that are no text (UnicodeDecodeError), and for a value over
    ``MAX_VALUE_BYTES``, which could not be sent back.
    """
    texts = [None if value is None else value.decode() for value in values]
    found = orjson.dumps([VERSION, order_fingerprint, *texts])
    if len(found) > MAX_VALUE_BYTES and not all(map(_is_sendable, texts)):
        raise ValueError(f"a value over {MAX_VALUE_BYTES} bytes is too long for a cursor")
    return urlsafe_b64encode(found).rstrip(b"=")


def texts_of(scalar: str, kind: Kind, column: Sequence[bytes | None]) -> Sequence[bytes | None]:
    """A column of stored values as ``encode_cursor`` takes them. Raises ValueError."""
    if kind is not Kind.BYTES:
        return column
    text = COLUMNS[scalar].text_of
    return [None if value is None else text(kind, value).encode() for value in column]


def decode_cursor(text: str, places: Sequence[str], order: Order) -> tuple[SqlValue, ...]:
    """The values of the ordered columns, fit to be parameters.

    ``places``: those that it may come from, as for ``fingerprint``. Raises ``InputError`` for
    anything that is not a cursor of just this list and order.
    """
    refused = refused_cursor()
    if len(text) > (MAX_VALUE_BYTES * _MOST_ESCAPED * len(order) + 100) * 4 // 3:
        raise refused
    try:
        raw = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        raise refused from None
    if not isinstance(raw, list) or len(raw) != len(order) + 2:
        raise refused
    if type(raw[0]) is not int or raw[0] != VERSION:  # true and 1.0 equal 1
        raise refused
    if raw[1] not in [fingerprint(place, order) for place in places]:
        raise refused
    values = raw[2:]
    if not all(map(_is_sendable, values)):
        raise refused
    try:
        return tuple(
            parameter_of_text(term.column, value) for term, value in zip(order, values, strict=True)
        )
    except ValueError:
        raise refused from None


def refused_cursor() -> InputError:
    """The one wording for whatever is no cursor of a list."""
    return InputError("the cursor is not one of this list; take one from its last answer")


def _is_sendable(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, str) and len(value.encode(errors="surrogatepass")) <= MAX_VALUE_BYTES
