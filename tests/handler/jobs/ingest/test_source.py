"""Bytes of the input: plain, packed, with marks, cut, and with lines that never end."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pytest

from handler.jobs.ingest.report import IngestError
from handler.jobs.ingest.source import DAMAGED, LINE_BYTES, open_source

TEXT = "a\nb\r\n\nü"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEXT.encode(), id="plain"),
        pytest.param(TEXT.encode("utf-8-sig"), id="byte-order-mark"),
        pytest.param(gzip.compress(TEXT.encode()), id="gzip"),
        pytest.param(gzip.compress(TEXT.encode("utf-8-sig")), id="gzip-and-mark"),
        pytest.param(gzip.compress(b"a\nb") + gzip.compress("\r\n\nü".encode()), id="two-members"),
    ],
)
def test_lines_and_head_are_the_same(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(content)
    with open_source(tmp_path / "input") as source:
        assert source.head == TEXT.encode()
        assert list(source.lines()) == [b"a\n", b"b\r\n", b"\n", "ü".encode()]
        assert source.position() == source.total == len(content)


def test_stream_that_cannot_seek_is_read_whole() -> None:
    lines = b"".join(b"line %d\n" % number for number in range(3000))
    for content in (lines, gzip.compress(lines)):
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as pipe, os.fdopen(writer, "wb") as end:
            end.write(content)
            end.close()
            with open_source(pipe) as source:
                assert source.total is None
                assert b"".join(source.lines()) == lines
                assert source.position() == 0


def test_input_without_content_has_no_lines() -> None:
    with open_source(io.BytesIO()) as source:
        assert (source.head, list(source.lines())) == (b"", [])


@pytest.mark.parametrize(
    "length", [LINE_BYTES - 1, LINE_BYTES, LINE_BYTES + 1, LINE_BYTES * 2, LINE_BYTES * 3 + 5]
)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_long_line_is_cut_and_the_next_one_whole(length: int, end: bytes) -> None:
    """``length`` counts the line end."""
    content = b"x" * (length - len(end)) + end
    with open_source(io.BytesIO(content + (b"next" if end else b""))) as source:
        first, *rest = source.lines()
    assert first == content[:LINE_BYTES]
    assert rest == ([b"next"] if end else [])


def test_cut_gzip_gives_its_lines_and_then_fails() -> None:
    packed = gzip.compress(os.urandom(20_000).hex().encode() + b"\n" + b"x\n" * 10)
    with open_source(io.BytesIO(packed[:-20])) as source:
        lines = source.lines()
        with pytest.raises(DAMAGED):
            list(lines)


def test_damage_at_the_beginning_is_an_error() -> None:
    with (
        pytest.raises(IngestError, match="cannot be unpacked"),
        open_source(io.BytesIO(b"\x1f\x8bX")),
    ):
        pass


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_advice(encoding: str) -> None:
    content = "\ufeffa".encode(encoding)
    with pytest.raises(IngestError, match="UTF-16: convert it"), open_source(io.BytesIO(content)):
        pass


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(IngestError, match=f"{path}: {problem}"), open_source(path):
            pass


def test_errors_of_the_caller_pass_through(tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"a\n")
    with pytest.raises(ConnectionResetError), open_source(tmp_path / "input"):
        raise ConnectionResetError
