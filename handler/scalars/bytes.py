"""``Bytes``: any bytes, as Base64 text in JSON."""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from handler.scalars.scalar import NotSureError, Scalar, refuse
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind

_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z"
_BYTES = (bytes, bytearray, memoryview)


class Bytes(Scalar):
    """A value is ``bytes``; the server compares and sorts them one by one, zeros included."""

    name = "Bytes"
    description = (
        "Bytes as Base64 text, `SGVsbG8=`, with `+`, `/` and padding, without line breaks. Stored"
        " as BINARY, VARBINARY or BLOB."
    )
    specified_by = "https://www.rfc-editor.org/rfc/rfc4648#section-4"
    fits = frozenset(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"))
    preferred_by = fits

    def parse(self, value: Any) -> bytes:
        if isinstance(value, str) and re.match(_BASE64, value):
            try:
                return _read(value)
            except ValueError:
                pass  # bits behind the last byte
        raise refuse(
            'Bytes needs a string of Base64 such as "SGVsbG8=", with its padding and without line'
            " breaks, found ",
            value,
        )

    def parameter(self, value: bytes) -> SqlValue:
        return value

    def parameter_of_text(self, text: str) -> SqlValue:
        return _read(text)

    def text_of(self, kind: Kind, value: bytes) -> str:
        return b64encode(value).decode()

    def canonical(self, part: Any) -> str:
        return b64encode(part).decode() if isinstance(part, _BYTES) else str(part)

    def decode(self, kind: Kind, value: bytes) -> str:
        if kind is not Kind.BYTES:
            raise ValueError("no bytes")
        return b64encode(value).decode()

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind is not Kind.BYTES:
            raise NotSureError
        return list(map(b64encode, column))

    def serialize(self, value: Any) -> str:
        if isinstance(value, str):
            return b64encode(self.parse(value)).decode()
        if not isinstance(value, _BYTES):
            raise TypeError(value)
        return self.canonical(value)


def _read(text: str) -> bytes:
    """The bytes of the one Base64 text that they have. Raises ValueError for any other."""
    if not re.match(_BASE64, text):
        raise ValueError(text)
    found = binascii.a2b_base64(text.encode())
    if b64encode(found).decode() != text:
        raise ValueError(text)
    return found
