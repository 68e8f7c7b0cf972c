"""What the authorizer logs: one JSON line for a refusal or a failure, of a fixed list of fields.

No token, key, claim or header is among them, nor the text of an error that is not of our making.
"""

from __future__ import annotations

import sys
from typing import Final, TextIO

import orjson

_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


class Journal:
    """Writes lines to a stream; in Lambda that is CloudWatch Logs."""

    def __init__(
        self, level: str = "INFO", stream: TextIO | None = None, *, stage: str = ""
    ) -> None:
        self._lowest = _LEVELS.index(level)
        self._stream = stream or sys.stdout
        self._stage = stage

    def refused(self, reason: str, *, request_id: str) -> None:
        """A caller was not let in; the reason is one of a few fixed words."""
        self._write("INFO", {"message": "refused", "requestId": request_id, "reason": reason})

    def issuer_away(self, text: str) -> None:
        """An issuer did not give its keys; the text names its address and what went wrong."""
        self._write("WARNING", {"message": "issuer", "text": text[:500]})

    def failure(self, error: BaseException, *, request_id: str) -> None:
        """Something broke; told as the API tells of it."""
        from handler.observe.causes import find_causes

        first, *others = [each.fields() for each in find_causes(error, ("handler",))]
        told = {"requestId": request_id, **first, **({"others": others} if others else {})}
        self._write("ERROR", {"message": "failure", **told})

    def _write(self, level: str, fields: dict[str, object]) -> None:
        if _LEVELS.index(level) >= self._lowest:
            line = {"level": level, "stage": self._stage, **fields}
            self._stream.write(orjson.dumps(line).decode() + "\n")
            self._stream.flush()
