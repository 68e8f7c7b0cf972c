"""``UUID``: 128 bits, stored as the text of 36 characters or as BINARY(16)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from handler.scalars.scalar import NotSureError, Scalar, Tests, match_all, refuse
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind, StoredType

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"
_BYTES: Final = 16


class Uuid(Scalar):
    """A value is its canonical text, in small letters."""

    name = "UUID"
    description = (
        "A UUID, `0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57`: taken in any letters, given in small ones."
        " Stored as CHAR(36), BINARY(16) or MariaDB's UUID."
    )
    specified_by = "https://www.rfc-editor.org/rfc/rfc9562"
    fits = frozenset(("char(36)", "varchar(36)", "binary(16)", "uuid"))
    preferred_by = frozenset(("binary(16)", "uuid"))
    is_compared_by_type = True
    is_placed_by_type = True
    is_keyed_by_type = True

    def parse(self, value: Any) -> str:
        if isinstance(value, str) and re.match(_UUID, value):
            return value.lower()
        raise refuse(
            'UUID needs a string such as "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57", found ', value
        )

    def parameter_of_text(self, text: str) -> SqlValue:
        if not re.match(_UUID, text):
            raise ValueError(text)
        return text

    def as_stored(self, part: SqlValue, stored: StoredType) -> SqlValue:
        if stored.data_type == "binary" and isinstance(part, str):
            return bytes.fromhex(part.replace("-", ""))
        return part

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        return ((operator, self.as_stored(given, stored)),)

    def text_of(self, kind: Kind, value: bytes) -> str:
        return self.decode(kind, value) if kind is Kind.BYTES else value.decode()

    def canonical(self, part: Any) -> str:
        return str(part).lower()

    def decode(self, kind: Kind, value: bytes) -> str:
        text = _hyphenate(value).decode() if kind is Kind.BYTES else value.decode()
        if not re.match(_UUID, text):
            raise ValueError("no UUID")
        return text.lower()

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind is not Kind.BYTES:
            return b",".join(match_all(_UUID.encode(), column)).lower().split(b",")
        if set(map(len, column)) != {_BYTES}:
            raise NotSureError
        return list(map(_hyphenate, column))

    def serialize(self, value: Any) -> str:
        return self.parse(str(value))  # of uuid.UUID, too


def _hyphenate(value: bytes) -> bytes:
    """The text of 16 bytes."""
    digits = value.hex()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(parts).encode()
