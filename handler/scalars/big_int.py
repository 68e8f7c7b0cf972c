"""``BigInt``: a whole number of 64 bits, a string in JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from handler.scalars.numbers import (
    BIGINT_MAX,
    BIGINT_MIN,
    WholeNumber,
    decode_whole,
    exact_whole_of,
)
from handler.scalars.scalar import NotSureError, refuse
from handler.sql.stored_type import WHOLE_NUMBERS, Kind

_BIGINT = r"(?a)-?\d{1,20}"


class BigInt(WholeNumber):
    """See the module."""

    name = "BigInt"
    description = (
        "A whole number of 64 bits, signed or not, as a string because JSON readers lose digits"
        " over 2^53."
    )
    fits = WHOLE_NUMBERS
    preferred_by = frozenset(("int unsigned", "bigint", "bit"))
    can_be_claimed = True
    literals = frozenset(("int", "float", "string"))
    not_literal = "non numeric value"

    def parse(self, value: Any) -> int:
        whole = exact_whole_of(value)
        if isinstance(value, str) and re.fullmatch(_BIGINT, value):
            whole = int(value)
        if whole is None or not BIGINT_MIN <= whole <= BIGINT_MAX:
            raise refuse(
                'BigInt needs a whole number of 64 bits, as a string such as "42", found ', value
            )
        return whole

    def decode(self, kind: Kind, value: bytes) -> str:
        number = decode_whole(kind, value)
        if not BIGINT_MIN <= number <= BIGINT_MAX:
            raise ValueError("over 64 bits")
        return str(number)

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind is not Kind.INTEGER:
            raise NotSureError
        return column

    def serialize(self, value: Any) -> str:
        number = int(value)
        if isinstance(value, float) and number != value:
            raise ValueError(value)
        return str(number)
