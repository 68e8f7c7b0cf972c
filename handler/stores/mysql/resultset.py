"""Reads the result set of a text query from what arrives, in one pass over its bytes.

aiomysql awaits twice and makes an object for each packet, 2.2 us for each row. Slicing whole chunks
takes a tenth of that, and values stay bytes until they are decoded.
Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Generator
from functools import lru_cache
from typing import NoReturn, TypeAlias

from msgspec import Struct
from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.err import raise_mysql_exception

from handler.sql.rowset import Row, RowSet
from handler.sql.stored_type import Kind
from handler.stores.mysql.short_rows import SAMPLE_BYTES, WORTH_BYTES, cut_rows, read_short_rows
from handler.stores.request_budget import VALUE_BYTES, RequestBudget

_Decode: TypeAlias = Callable[[bytes], bytes]
Reading: TypeAlias = Generator[None, bytes, RowSet]  # takes chunks, and returns the rows

_MAX_PAYLOAD = 0xFFFFFF  # a longer payload goes on in the next packet
_BINARY_CHARSET = 63
_MORE = "bytes after the end of the answer"

_INTEGERS = frozenset(
    (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG,
     FIELD_TYPE.YEAR)
)  # fmt: skip
_DECIMALS = frozenset((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL))
_FLOATS = frozenset((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE))


class ProtocolError(Exception):
    """The server sent what is no result set; the connection must be closed."""


def read_result(chunk: bytes, budget: RequestBudget) -> Reading:
    """Read the result set of a ``SELECT`` that was sent, counted in the request's budget.

    ``chunk``: the first bytes of the answer. Whoever receives others sends them to this generator,
    which returns the rows when all have come. Raises the driver's error for an error packet,
    ``ProtocolError`` for bytes that do not fit the protocol, and ``BudgetError`` as soon as too
    much has come and not all. After the last two the connection has to be closed.
    """
    reader = _Reader(budget, chunk, len(chunk))
    budget.row_bytes += reader.received_bytes
    try:
        while not (end := _end_of_columns(reader.buffer)):
            yield from reader.more()
        columns = _columns(reader.buffer[:end])
        count = columns.count
        reader.position, reader.sequence = end, count + 3
        values = yield from reader.values(count)
    except (IndexError, ValueError, struct.error) as error:  # of lengths and texts that are none
        raise ProtocolError("the server's answer cannot be read") from error
    found = [values[at::count] for at in range(count)]
    for at, read in columns.readers:
        found[at] = [None if value is None else read(value) for value in found[at]]
    return RowSet(
        columns.kinds,
        found,
        columns.names,
        reader.received_bytes,
        has_nulls=reader.has_nulls,
    )


class _Reader(Struct, eq=False):
    """What has arrived of an answer, and how far it has been read."""

    budget: RequestBudget
    buffer: bytes
    received_bytes: int
    counted_values: int = 0
    position: int = 0
    sequence: int = 1
    has_nulls: bool = False

    def count(self, values: int, columns: int) -> None:
        """Count in the budget what has arrived since the last call."""
        new = values - self.counted_values
        self.budget.rows += new // columns
        self.budget.row_bytes += VALUE_BYTES * new
        self.counted_values = values

    def more(self) -> Generator[None, bytes, None]:
        self.budget.check()  # also in the middle of one long value
        chunk = yield
        self.received_bytes += len(chunk)
        self.budget.row_bytes += len(chunk)
        self.buffer = self.buffer[self.position :] + chunk
        self.position = 0

    def _packet(self) -> Generator[None, bytes, bytes]:
        """The payload of the next packet, or of several that make one."""
        payload = b""
        while True:
            while len(self.buffer) - self.position < 4:
                yield from self.more()
            at = self.position
            length = int.from_bytes(self.buffer[at : at + 3], "little")
            if self.buffer[at + 3] != self.sequence & 0xFF:
                raise ProtocolError("packets out of order")
            while len(self.buffer) - self.position < 4 + length:
                yield from self.more()
            at = self.position + 4
            payload += self.buffer[at : at + length]
            self.position = at + length
            self.sequence += 1
            if length < _MAX_PAYLOAD:
                return payload

    def values(self, count: int) -> Generator[None, bytes, list[bytes | None]]:
        """The values of all rows, row after row, counted in the budget; nothing may follow them.

        Many short rows that have come together are read at once. For the values of others a place
        for each is made before, for as many rows as seem to follow, so that a value costs no call;
        a NULL is what stands there already.
        """
        values: list[bytes | None] = []
        number = places = 0
        columns = range(count)
        buffer, position, sequence = self.buffer, self.position, self.sequence
        size = len(buffer)
        is_new, are_short = True, True
        while True:
            if is_new and are_short and size - position > WORTH_BYTES:
                rows = cut_rows(buffer, position, sequence, count, position + SAMPLE_BYTES)
                short = read_short_rows(rows, count, _long_row)
                if short is not None:
                    rows = cut_rows(buffer, position, sequence, count, size)
                    short = read_short_rows(rows, count, _long_row)
                if short is None:
                    are_short = False
                else:
                    values[number:], has_nulls = short
                    self.has_nulls = self.has_nulls or has_nulls
                    number = places = len(values)
                    position += sum(map(len, rows)) + 4 * len(rows)
                    sequence += len(rows)
            is_new = False
            at = end = position + 4
            if at <= size:
                length = buffer[position] | buffer[position + 1] << 8 | buffer[position + 2] << 16
                end += length
            if end > size or at > size:
                self.position = position
                self.count(number, count)
                yield from self.more()
                buffer, position, size = self.buffer, 0, len(self.buffer)
                is_new = True
                continue
            if buffer[position + 3] != sequence & 0xFF:
                raise ProtocolError("packets out of order")
            first = buffer[at] if length else 0
            if first == 0xFE and length < 9:
                if end != size:
                    raise ProtocolError(_MORE)
                self.count(number, count)
                del values[number:]
                return values
            if first == 0xFF:
                if end != size:
                    raise ProtocolError(_MORE)
                _raise(buffer[at:end])
            if length < count:  # each value takes a byte at least
                raise ProtocolError("row too short")
            if number == places:
                more = count * ((size - position) // (end - position) + 1)
                values += [None] * more
                places += more
            if length == _MAX_PAYLOAD:
                self.position, self.sequence = position, sequence
                row = _long_row((yield from self._packet()), count)
                values[number : number + count] = row
                self.has_nulls = self.has_nulls or None in row
                number += count
                buffer, position, sequence = self.buffer, self.position, self.sequence
                size = len(buffer)
                continue
            # A row that is too short reads on behind its end, which shows when all is read.
            for _ in columns:
                width = buffer[at]
                at += 1
                if width < 251:
                    values[number] = buffer[at : (at := at + width)]
                elif width > 251:
                    width, at = _length(buffer, at - 1)
                    values[number] = buffer[at : (at := at + width)]
                else:
                    self.has_nulls = True
                number += 1
            if at != end:
                raise ProtocolError("row of another length")
            position = end
            sequence += 1


def _long_row(payload: bytes, count: int) -> Row:
    row: Row = ()
    at = 0
    for _ in range(count):
        width = payload[at]
        at += 1
        if width == 251:
            row += (None,)
            continue
        if width > 251:
            width, at = _length(payload, at - 1)
        row += (payload[at : (at := at + width)],)
    if at != len(payload):
        raise ProtocolError("row of another length")
    return row


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length-encoded integer, and the position after it."""
    if at >= len(data):
        raise ProtocolError("packet too short")
    first = data[at]
    if first < 251:
        return first, at + 1
    width = {252: 2, 253: 3, 254: 8}.get(first)
    if width is None or at + 1 + width > len(data):
        raise ProtocolError("bad length")
    return int.from_bytes(data[at + 1 : at + 1 + width], "little"), at + 1 + width


def _end_of_columns(buffer: bytes) -> int:
    """Where the definitions of the columns end, with the packet behind them.

    0 where they have not arrived as a whole. Raises the driver's error where an error comes
    instead, and ``ProtocolError`` for anything else.
    """
    size = len(buffer)
    if size < 4:
        return 0
    length = buffer[0] | buffer[1] << 8 | buffer[2] << 16
    if buffer[3] != 1 or not length:
        raise ProtocolError("packets out of order, or an empty one")
    if size < 5:
        return 0
    end = 4 + length
    count = buffer[4]
    if count == 0xFF or count > 250 or length != 1:
        if size < end:
            return 0
        if count == 0xFF and size > end:
            raise ProtocolError(_MORE)
        if count == 0xFF:
            _raise(buffer[4:end])
        count, at = _length(buffer[4:end], 0)
        if at != length:
            raise ProtocolError("no result set")
    if not 0 < count <= 4096:
        raise ProtocolError("no result set")
    for sequence in range(2, count + 3):
        at = end + 4
        if size < at:
            return 0
        length = buffer[end] | buffer[end + 1] << 8 | buffer[end + 2] << 16
        if buffer[end + 3] != sequence & 0xFF:
            raise ProtocolError("packets out of order")
        end = at + length
    if size < end:
        return 0
    if not 0 < length < 9 or buffer[at] != 0xFE:
        raise ProtocolError("column definitions without an end")
    return end


class _Columns(Struct, frozen=True):
    """What the definitions say. ``readers``: by position, what makes values the text of their
    kind where they are sent otherwise."""

    count: int
    kinds: tuple[Kind, ...]
    names: tuple[str, ...]
    readers: tuple[tuple[int, _Decode], ...]


@lru_cache(maxsize=2_048)  # those of one statement are the same every time: 3 us for each column
def _columns(head: bytes) -> _Columns:
    """The columns of a result set, of which the head is whole."""
    at = 4 + int.from_bytes(head[:3], "little")
    found = []
    while at < len(head):
        start, at = at + 4, at + 4 + int.from_bytes(head[at : at + 3], "little")
        found.append(head[start:at])
    kinds, names, readers = zip(*map(_column, found[:-1]), strict=True)
    read = [(number, each) for number, each in enumerate(readers) if each is not None]
    return _Columns(len(kinds), kinds, names, tuple(read))


def _column(packet: bytes) -> tuple[Kind, str, _Decode | None]:
    """The kind and the name of a column from its definition, and what reads its values."""
    at = 0
    parts = []
    for _ in range(6):  # catalog, schema, table, original table, name, original name
        width, at = _length(packet, at)
        parts.append(packet[at : at + width])
        at += width
    kind, read = _kind(packet, at)
    return kind, parts[4].decode(errors="replace"), read


def _kind(packet: bytes, at: int) -> tuple[Kind, _Decode | None]:
    _, at = _length(packet, at)  # 0x0c, the length of what follows
    if len(packet) < at + 10:
        raise ProtocolError("column definition too short")
    charset = int.from_bytes(packet[at : at + 2], "little")
    code = packet[at + 6]
    is_padded = int.from_bytes(packet[at + 7 : at + 9], "little") & FLAG.ZEROFILL
    read = _without_zeros if is_padded else None
    if code in _INTEGERS:
        return Kind.INTEGER, read
    if code in _DECIMALS:
        return Kind.DECIMAL, read
    if code in _FLOATS:
        return Kind.FLOAT, read
    if code == FIELD_TYPE.BIT:
        return Kind.INTEGER, _of_bits
    is_text = charset != _BINARY_CHARSET
    is_date = code in (
        FIELD_TYPE.DATE,
        FIELD_TYPE.NEWDATE,
        FIELD_TYPE.DATETIME,
        FIELD_TYPE.TIMESTAMP,
        FIELD_TYPE.TIME,
        FIELD_TYPE.JSON,
    )
    return (Kind.TEXT if is_text or is_date else Kind.BYTES), None


def _without_zeros(value: bytes) -> bytes:
    """Of 00042, or of a YEAR 0000: the zeros in front belong to a column's display, and are no
    part of its number."""
    return re.sub(rb"\A0+(?=\d)", b"", value)


def _of_bits(value: bytes) -> bytes:
    """The number of a BIT column, which is sent as bytes."""
    return b"%d" % int.from_bytes(value, "big")


def _raise(packet: bytes) -> NoReturn:
    """Raise aiomysql's error for an error packet."""
    if len(packet) < 3:
        raise ProtocolError("error packet too short")
    raise_mysql_exception(packet)
    raise AssertionError  # the line above always raises
