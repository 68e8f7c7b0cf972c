"""Reads many rows of short values at once, by passes over all of their bytes in C.

A value is sent behind its length. Lengths below 32, and that of a UUID, are bytes that texts and
numbers hardly ever contain, so that rows can be split at such bytes; that the lengths of the pieces
are those that stood before them proves that they are the values. This takes two thirds of the time
that a step of Python for each value takes. Rows with other bytes are read step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from handler.sql.rowset import Row

WORTH_BYTES: Final = 3072  # fewer are read sooner step by step
SAMPLE_BYTES: Final = 512  # the first rows, which tell whether the others are short as well

_ROW_END: Final = b"\xff"  # begins no value, and is in no text of UTF-8
_NULL: Final = 0xFB
_LONG: Final = 0xFC  # a longer length or the end of the rows, where a row begins with it
_LONG_ROW: Final = 0xFFFF  # bytes; also far below what goes on in the next packet
_LENGTHS: Final = bytes((*range(32), 36))  # 36: of a UUID, and a dollar sign
_MARKS: Final = _LENGTHS + bytes((_NULL,)) + _ROW_END
_OTHERS: Final = bytes(set(range(256)).difference(_MARKS))
_MARKS_TO_ZERO: Final = bytes.maketrans(_MARKS, bytes(len(_MARKS)))
# What stands behind a NULL and behind the end of a row has no bytes.
_TO_LENGTHS: Final = bytes.maketrans(bytes((_NULL,)) + _ROW_END, bytes(2))
_MOST_OTHERS: Final = 4  # one row of so many may be read step by step


def cut_rows(buffer: bytes, position: int, sequence: int, count: int, size: int) -> list[bytes]:
    """The payloads of whole rows of ``count`` values, up to what needs a closer look.

    ``size``: where they end at the latest.
    """
    rows: list[bytes] = []
    while (at := position + 4) < size:
        length = buffer[position] | buffer[position + 1] << 8 | buffer[position + 2] << 16
        end = at + length
        if end > size or not count <= length < _LONG_ROW or buffer[at] >= _LONG:
            break
        if buffer[position + 3] != sequence & 0xFF:
            break
        rows += (buffer[at:end],)
        position = end
        sequence += 1
    return rows


def read_short_rows(
    rows: list[bytes], count: int, read_row: Callable[[bytes, int], Row]
) -> tuple[list[bytes | None], bool] | None:
    """The values of rows, row after row, and whether one is NULL.

    None where most of the rows have to be read step by step.

    ``read_row``: reads one step by step, with the same ``count`` of values.
    """
    joined = _ROW_END.join(rows)
    marks = joined.translate(None, _OTHERS)
    by_row = marks.split(_ROW_END)
    if len(by_row) != len(rows):
        return None
    others = [number for number, each in enumerate(map(len, by_row)) if each != count]
    if others:
        if len(others) * _MOST_OTHERS > len(rows):
            return None
        short = rows.copy()
        for number in reversed(others):
            del short[number], by_row[number]
        joined, marks = _ROW_END.join(short), _ROW_END.join(by_row)
    values: list[Any] = joined.translate(_MARKS_TO_ZERO).split(b"\0")
    try:
        lengths = bytes(map(len, values))
    except ValueError:  # over 255
        return None
    if lengths != b"\0" + marks.translate(_TO_LENGTHS):
        return None
    del values[0]  # before the first mark
    at = marks.find(_NULL)
    has_nulls = at >= 0
    while at >= 0:
        values[at] = None
        at = marks.find(_NULL, at + 1)
    del values[count :: count + 1]  # at the ends of rows
    for number in others:
        row = read_row(rows[number], count)
        has_nulls = has_nulls or None in row
        values[number * count : number * count] = row
    return values, has_nulls
