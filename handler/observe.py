"""Structured logs: one JSON line for each request and each failure.

The fields are a fixed list. No document, variable, row, parameter, token or header is among them;
a failure's text is that of the error, which the server or the driver wrote, and never goes out.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

import orjson

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Log:
    """Writes lines to a stream; in Lambda that is CloudWatch Logs."""

    def __init__(self, level: str = "INFO", stream: TextIO | None = None) -> None:
        self._lowest = _LEVELS.index(level)
        self._stream = stream or sys.stdout

    def request(
        self,
        *,
        request_id: str,
        status: int,
        errors: Sequence[BaseException],
        duration_s: float,
        body_bytes: int,
    ) -> None:
        """One request has been answered. Of its errors only the codes are logged."""
        codes = sorted({str(getattr(error, "code", "INTERNAL")) for error in errors})
        self._write(
            "INFO",
            {
                "message": "request",
                "requestId": request_id,
                "status": status,
                "codes": codes,
                "durationMs": round(duration_s * 1000, 3),
                "bodyBytes": body_bytes,
            },
        )

    def failure(self, error: BaseException, *, request_id: str) -> None:
        """Something broke that the caller is not told of. Logged once, where it is handled."""
        frames = traceback.extract_tb(error.__traceback__)
        self._write(
            "ERROR",
            {
                "message": "failure",
                "requestId": request_id,
                "error": type(error).__name__,
                "text": str(error)[:2_000],
                "at": [f"{frame.filename}:{frame.lineno}" for frame in frames[-5:]],
            },
        )

    def _write(self, level: str, fields: dict[str, object]) -> None:
        if _LEVELS.index(level) >= self._lowest:
            line = orjson.dumps({"level": level, **fields}, default=str)
            self._stream.write(line.decode() + "\n")
            self._stream.flush()
