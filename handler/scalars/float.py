"""``Float``: a number of 64 bits, or a FLOAT of 24."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import orjson

from handler.errors import InputError
from handler.scalars.numbers import Number, bits_of, decode_float
from handler.scalars.scalar import NotSureError, cut, refuse
from handler.sql.stored_type import NUMBERS, Kind

_EXACT_BITS: Final = 53


class Float(Number):
    """See the module."""

    name = "Float"
    fits = NUMBERS
    preferred_by = frozenset(("float", "double"))
    is_quoted = False
    is_read_by_type = True
    is_compared_by_type = True
    literals = frozenset(("int", "float"))
    not_literal = "non numeric value"

    def parse(self, value: Any) -> float:
        if not isinstance(value, bool) and isinstance(value, int | float):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return number
        raise refuse("Float cannot represent non numeric value: ", value)

    def read_literal(self, text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            raise InputError(f"Float cannot represent non numeric value: {cut(text)}")
        return number

    def passes(self, data_type: str, column_type: str) -> bool:
        """Whole numbers of more bits are shown rounded, and no argument finds them."""
        if data_type == "bit":
            return bits_of(column_type) > _EXACT_BITS
        return data_type == "bigint"

    def decode(self, kind: Kind, value: bytes) -> float:
        return decode_float(value)

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind in (Kind.TEXT, Kind.BYTES):
            raise NotSureError
        joined = b",".join(column)
        if kind is Kind.DECIMAL and joined.count(b".") == len(column):  # none is whole
            try:
                return orjson.dumps(orjson.loads(b"[%b]" % joined))[1:-1].split(b",")
            except orjson.JSONDecodeError:  # zeros in front of a number that is padded with them
                pass
        return orjson.dumps([float(value) for value in column])[1:-1].split(b",")

    def serialize(self, value: Any) -> float:
        if isinstance(value, str):
            raise TypeError(value)
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(value)
        return number
