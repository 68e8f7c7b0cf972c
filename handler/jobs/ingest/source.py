"""The input as physical lines of bytes: a file or a stream, plain or gzip, with a bounded line."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from handler.jobs.ingest.report import IngestError

LINE_BYTES = 1 << 20  # a longer line is cut here and will be rejected
HEAD_BYTES = 4096
BUFFER_BYTES = 1 << 16

_GZIP = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

DAMAGED = (EOFError, OSError, zlib.error)  # what a cut or broken gzip file raises


class Source:
    """An open input. ``head``: its first bytes, unpacked, without a byte order mark."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self.total = _size(file)
        head, plain = _peek(file)
        if head.startswith(_GZIP):
            unpacked = gzip.GzipFile(fileobj=plain)
            head, plain = _peek(unpacked)
        if head.startswith(_UTF16_MARKS):
            raise IngestError(
                "the input is UTF-16: convert it, for example: iconv -f UTF-16 -t UTF-8"
            )
        if head.startswith(_UTF8_MARK):
            plain.read(len(_UTF8_MARK))
            head = head.removeprefix(_UTF8_MARK)
        self.head = head
        self._plain = plain

    def position(self) -> int:
        """Bytes taken from the file so far, packed as they are; 0 for a stream."""
        return self._file.tell() if self.total is not None else 0

    def lines(self) -> Iterator[bytes]:
        """Lines with their ends; one of ``LINE_BYTES`` without an end was too long and is cut."""
        read = self._plain.readline
        while line := read(LINE_BYTES):
            if len(line) == LINE_BYTES and not line.endswith(b"\n"):
                while (rest := read(LINE_BYTES)) and not rest.endswith(b"\n"):
                    pass
            yield line


@contextmanager
def open_source(file: Path | io.BufferedIOBase) -> Iterator[Source]:
    """Open a file by its path, or take an open stream such as standard input.

    Raises ``IngestError`` if it cannot be read.
    """
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(file.open("rb")) if isinstance(file, Path) else file
            source = Source(opened)
        except OSError as error:
            name = f"{file}: " if isinstance(file, Path) else ""
            raise IngestError(f"{name}{error.strerror or error}") from error
        yield source


class _Rejoined(io.RawIOBase):
    """A stream with its first bytes put back, also where the stream cannot seek."""

    def __init__(self, head: bytes, rest: io.BufferedIOBase) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower
        taken = self._head[: len(buffer)]
        if taken:
            self._head = self._head[len(taken) :]
        else:
            taken = self._rest.read1(len(buffer))  # what a pipe has now, not what fits
        buffer[: len(taken)] = taken
        return len(taken)


def _peek(file: io.BufferedIOBase) -> tuple[bytes, io.BufferedReader]:
    try:
        head = file.read(HEAD_BYTES)
    except DAMAGED as error:
        raise IngestError(f"the input cannot be unpacked: {error}") from error
    return head, io.BufferedReader(_Rejoined(head, file), BUFFER_BYTES)


def _size(file: io.BufferedIOBase) -> int | None:
    try:
        return os.fstat(file.fileno()).st_size if file.seekable() else None
    except (OSError, AttributeError):  # a stream in memory has no descriptor
        return None
