"""Physical lines become records: one JSON object, or one CSV record that may span lines.

A line that is broken costs only itself: the next record is read from the line after it.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from handler.jobs.ingest.report import IngestError, Reject
from handler.jobs.ingest.source import LINE_BYTES

RECORD_LINES = 100  # of one CSV record; more means that a quote was never closed
REJECT_CHARACTERS = 10_000  # of a rejected line that are kept
KEPT_CHARACTERS = 2_000  # of each line of a batch, for the case that the database refuses it
DELIMITERS = (",", ";", "\t", "|")


class Record(NamedTuple):
    """One line as it stands in the input; ``line`` is where it begins."""

    line: int
    values: Mapping[str, object]
    text: str

    def reject(self, reason: str, masked: str) -> Reject:
        """This record as one that cannot be used."""
        return Reject(self.line, reason, self.text[:REJECT_CHARACTERS], masked)


def detect_format(head: bytes) -> str:
    """``jsonl`` or ``csv``, by the first character. Raises ``IngestError`` for a JSON array."""
    start = head.lstrip()[:1]
    if start == b"[":
        raise IngestError("the input is one JSON array: write one object per line (jq -c '.[]')")
    return "jsonl" if start == b"{" else "csv"


# ------------------------------------------------------------------------------------ JSON Lines


def read_jsonl(lines: Iterable[bytes], encoding: str) -> Iterator[Record | Reject]:
    """One object per line; numbers keep their digits. Blank lines are skipped."""
    decode = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant).decode
    for number, raw in enumerate(lines, 1):
        text, problem = _decoded(raw, encoding)
        text = text.strip()
        if not text:
            continue
        value: Any = None
        if problem is None:
            try:
                value = decode(text)
            except json.JSONDecodeError as error:
                problem = f"broken JSON at column {error.colno}: {error.msg}"
            except ArithmeticError:
                problem = "broken JSON: the exponent of a number is out of range"
            except (ValueError, RecursionError) as error:
                problem = f"broken JSON: {error}"
            else:
                if type(value) is not dict:
                    problem = "not a JSON object"
        if problem is None:
            yield Record(number, value, text)
        else:
            yield Reject(number, problem, text[:REJECT_CHARACTERS], "broken JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


# ------------------------------------------------------------------------------------------- CSV


class _Line(NamedTuple):
    number: int
    text: str
    problem: str | None


class _OpenQuoteError(Exception):
    """A record took too many lines."""


class _Lines:
    """What the CSV reader reads from; it remembers the lines of one record and can go back."""

    def __init__(self, lines: Iterable[bytes], encoding: str) -> None:
        self._lines = enumerate(lines, 1)
        self._encoding = encoding
        self._again: deque[_Line] = deque()
        self.taken: list[_Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= RECORD_LINES:
            raise _OpenQuoteError
        if self._again:
            line = self._again.popleft()
        else:
            number, raw = next(self._lines)
            line = _Line(number, *_decoded(raw, self._encoding))
        self.taken.append(line)
        return line.text

    def go_back_to_second(self) -> _Line:
        """Give up on the record at hand: return its first line, read the others again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        return first


class CsvReader:
    """CSV with a header line; quoted fields may hold delimiters, quotes and line ends."""

    def __init__(self, lines: Iterable[bytes], encoding: str, delimiter: str | None) -> None:
        self._lines = _Lines(lines, encoding)
        self._delimiter = delimiter or ","
        header = next(self._lines, "")
        if delimiter is None:
            self._delimiter = max(DELIMITERS, key=lambda each: len(_fields(header, each)))
        self.header = [name.strip() for name in _fields(header, self._delimiter)]
        if not any(self.header):
            raise IngestError("the input has no header line")
        if (problem := self._lines.taken[0].problem) is not None:
            raise IngestError(f"the header line cannot be read: {problem}")

    def records(self) -> Iterator[Record | Reject]:
        """All records behind the header; blank lines are skipped."""
        lines, header = self._lines, self.header
        reader = self._reader()
        while True:
            lines.taken.clear()
            try:
                row = next(reader)
            except StopIteration:
                return
            except (csv.Error, _OpenQuoteError) as error:
                unclosed = isinstance(error, _OpenQuoteError) or len(lines.taken) > 1
                reason = "a quote is never closed" if unclosed else f"broken CSV: {error}"
                first = lines.go_back_to_second()
                shown = first.text.strip()[:REJECT_CHARACTERS]
                yield Reject(first.number, reason, shown, "broken CSV")
                reader = self._reader()
                continue
            if not row:
                continue
            first = lines.taken[0]
            whole = lines.taken
            text = first.text if len(whole) == 1 else "".join(each.text for each in whole)
            problem = next((each.problem for each in whole if each.problem), None)
            if problem is None and len(row) != len(header):
                problem = f"{len(row)} values where the header has {len(header)} columns"
            if problem is None:
                yield Record(first.number, dict(zip(header, row, strict=True)), text.rstrip("\r\n"))
            else:
                shown = text.strip()[:REJECT_CHARACTERS]
                yield Reject(first.number, problem, shown, "broken CSV")

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines, delimiter=self._delimiter, strict=True)


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _decoded(raw: bytes, encoding: str) -> tuple[str, str | None]:
    """The text of a line and what is wrong with it."""
    problem = None
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        text = raw.decode(encoding, "backslashreplace")
        problem = f"byte {error.start + 1} of the line is not {encoding}"
    if len(raw) >= LINE_BYTES and not raw.endswith(b"\n"):
        problem = f"longer than {LINE_BYTES:,} bytes"
    elif "\0" in text:
        problem = "holds a NUL byte"
    return text, problem
