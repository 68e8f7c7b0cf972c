"""``Decimal``: an exact decimal number, a string in JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal as Number_
from typing import Any, Final

from handler.scalars.numbers import Number, decode_float
from handler.scalars.scalar import NotSureError, refuse
from handler.sql.stored_type import WHOLE_NUMBERS, Kind

_DIGITS: Final = 65  # what MySQL's DECIMAL can hold
_SCALE: Final = 30  # of them after the point
_DECIMAL = r"(?a)(-?)(\d+)(?:\.(\d+))?"


class Decimal(Number):
    """See the module."""

    name = "Decimal"
    description = 'An exact decimal number as a string, such as `"19.90"`.'
    fits = frozenset(("decimal",)) | (WHOLE_NUMBERS - {"year"})
    preferred_by = frozenset(("decimal",))
    literals = frozenset(("int", "float", "string"))
    not_literal = "non numeric value"

    def parse(self, value: Any) -> Number_:
        text = value
        if isinstance(value, float) and math.isfinite(value) and abs(value) < 1e15:
            # The shortest text that gives this float; exact while the client wrote few digits.
            shortest = format(Number_(repr(value)), "f")
            if len(shortest.strip("-0.").replace(".", "")) <= 15:
                text = shortest
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**65:
            text = str(value)
        found = re.fullmatch(_DECIMAL, text) if isinstance(text, str) else None
        if found is not None:
            # zeros at either end are no digits of it
            sign, whole, fraction = found[1], found[2].lstrip("0"), (found[3] or "").rstrip("0")
            if len(fraction) <= _SCALE and len(whole) + len(fraction) <= _DIGITS:
                return Number_(f"{sign}{whole or 0}.{fraction}")
        raise refuse(
            f'Decimal needs a string such as "19.90" with at most {_DIGITS} digits,'
            f" {_SCALE} of them after the point, found ",
            value,
        )

    def decode(self, kind: Kind, value: bytes) -> str:
        decode_float(value)  # refuses what is no number
        text = value.decode()
        return format(Number_(text), "f") if "e" in text.lower() else text

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind not in (Kind.DECIMAL, Kind.INTEGER):
            raise NotSureError
        return column

    def serialize(self, value: Any) -> str:
        number = Number_(value)
        if isinstance(value, float) or not number.is_finite():
            raise TypeError(value)
        return value if isinstance(value, str) else f"{number:f}"
