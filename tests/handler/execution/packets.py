"""Answers of a MySQL server as bytes, written after the protocol's documentation.

Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pymysql.constants import FIELD_TYPE

MAX_PAYLOAD = 0xFFFFFF
UTF8, BINARY = 45, 63


@dataclass(frozen=True)
class ColumnDefinition:
    """What the server says about a column."""

    name: str
    code: int = FIELD_TYPE.VAR_STRING
    charset: int = UTF8
    flags: int = 0


def length_encoded(number: int) -> bytes:
    """An integer as the protocol writes lengths."""
    if number < 251:
        return bytes((number,))
    for mark, width in ((252, 2), (253, 3), (254, 8)):
        if number < 1 << 8 * width:
            return bytes((mark,)) + number.to_bytes(width, "little")
    raise ValueError(number)


def text(value: bytes) -> bytes:
    """A text with its length."""
    return length_encoded(len(value)) + value


def definition(column: ColumnDefinition) -> bytes:
    """The payload that defines a column."""
    names = (b"def", b"shop", b"t0", b"orders", column.name.encode(), b"original")
    return (
        b"".join(map(text, names))
        + b"\x0c"
        + column.charset.to_bytes(2, "little")
        + (1024).to_bytes(4, "little")
        + bytes((column.code,))
        + column.flags.to_bytes(2, "little")
        + b"\x00\x00\x00"
    )


def row(values: Sequence[bytes | None]) -> bytes:
    """The payload of one row."""
    return b"".join(b"\xfb" if value is None else text(value) for value in values)


EOF = b"\xfe\x00\x00\x02\x00"
ERROR = b"\xff\x28\x04#42000You have an error in your SQL syntax"


def framed(payloads: Sequence[bytes], first: int = 1) -> bytes:
    """Payloads with their headers; the long ones in several packets."""
    sent = bytearray()
    sequence = first
    for payload in payloads:
        for part in _parts(payload):
            sent += len(part).to_bytes(3, "little") + bytes((sequence & 0xFF,)) + part
            sequence += 1
    return bytes(sent)


def _parts(payload: bytes) -> Iterator[bytes]:
    start = 0
    while True:
        part = payload[start : start + MAX_PAYLOAD]
        yield part
        start += MAX_PAYLOAD
        if len(part) < MAX_PAYLOAD:
            return


def answer(columns: Sequence[ColumnDefinition], rows: Sequence[Sequence[bytes | None]]) -> bytes:
    """The whole answer to a query."""
    head = [length_encoded(len(columns)), *map(definition, columns), EOF]
    return framed([*head, *map(row, rows), EOF])
