"""The log of the local server: lines for people, or production's JSON."""

from __future__ import annotations

from typing import Final

from aurora_graphql.dev.tracing import current_trace
from handler.observe.log import Log
from handler.observe.record import RequestRecord
from handler.settings import Settings

_FOR_PROGRAMS: Final = ("operation", "statement")  # people see these facts in other lines


class LocalLog(Log):
    """Keeps the record of each request in its trace, from which the gateway prints its line."""

    def __init__(self, settings: Settings, *, as_json: bool) -> None:
        super().__init__(
            settings.log_level, stage=settings.stage, tracebacks=settings.log_tracebacks
        )
        self._as_json = as_json

    def request(self, record: RequestRecord) -> None:
        """Keep it, and write production's line if JSON is asked for."""
        trace = current_trace()
        if trace is not None:
            record.duration_s -= trace.beside_s
            trace.record = record
        if self._as_json:
            super().request(record)

    def _put(self, level: str, fields: dict[str, object]) -> None:
        if self._as_json:
            super()._put(level, fields)
            return
        if fields.get("message") in _FOR_PROGRAMS:
            return
        name = str(fields.get("error", "")) or str(fields.get("message", ""))
        self._stream.write(f"{level}  {name}: {fields.get('text', '')}\n")
        self._stream.flush()
