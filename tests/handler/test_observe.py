"""The log: a fixed list of fields, one JSON line each, nothing of the caller's."""

from __future__ import annotations

import io
import json

import pytest

from handler.errors import InputError, UpstreamError
from handler.observe import Log


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_request_is_one_line_of_known_fields() -> None:
    stream = io.StringIO()
    Log("INFO", stream).request(
        request_id="r-1",
        status=200,
        errors=[InputError("secret text"), InputError("other"), ValueError("secret")],
        duration_s=0.0123456,
        body_bytes=42,
    )
    assert lines(stream) == [
        {
            "level": "INFO",
            "message": "request",
            "requestId": "r-1",
            "status": 200,
            "codes": ["BAD_USER_INPUT", "INTERNAL"],
            "durationMs": 12.346,
            "bodyBytes": 42,
        }
    ]


def test_failure_tells_what_the_caller_is_not_told() -> None:
    stream = io.StringIO()
    try:
        raise UpstreamError("the database refused: (1146, 'no table')")
    except UpstreamError as error:
        Log("ERROR", stream).failure(error, request_id="r-2")
    (line,) = lines(stream)
    assert line["error"] == "UpstreamError"
    assert line["text"] == "the database refused: (1146, 'no table')"
    assert line["requestId"] == "r-2"
    assert "test_observe.py" in str(line["at"])


@pytest.mark.parametrize(("level", "written"), [("DEBUG", 1), ("INFO", 1), ("WARNING", 0)])
def test_level_holds_back_what_is_less_severe(level: str, written: int) -> None:
    stream = io.StringIO()
    Log(level, stream).request(request_id="", status=200, errors=[], duration_s=0.0, body_bytes=0)
    assert len(lines(stream)) == written


def test_a_line_break_in_a_text_makes_no_second_line() -> None:
    stream = io.StringIO()
    Log("ERROR", stream).failure(UpstreamError('one\n{"level":"INFO"}'), request_id="r\n3")
    assert len(stream.getvalue().splitlines()) == 1
