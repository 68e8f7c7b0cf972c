"""Structured logs: one JSON line for each request and each failure.

The fields are a fixed list. No document, variable, row, parameter, token or header is among them. A
failure's text is logged if it is of our making, or of a file that cannot be loaded; of any other
error only the type and the places in the program, because a text such as "invalid literal for
int(): 'Jane'" repeats a value. On a developer's own machine all of it may be shown.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TextIO

import orjson

from handler.observe.contract import FUNCTION, LOG_LEVELS, NAMESPACE
from handler.observe.record import FORMAT, MOST_NAME, ErrorPlace, RequestRecord

HIT_RATE: Final = "CacheHitRate"  # percent, of one line; CloudWatch's average is that of requests

METRICS: Final = {
    "CacheHits": ("hit", "local"),
    "CacheStale": ("stale",),
    "CacheCoalesced": ("coalesced",),
    "CacheMisses": ("miss",),
    "CacheBypasses": ("bypass",),
    "CacheBroken": ("broken",),
    "CacheBytes": ("bytes",),
    "BudgetRefused": ("budget refused",),
    "BudgetUnknown": ("budget unknown",),
}
"""Metrics by name, each the sum of some counts. All other counts are only logged."""

_METRIC_OF: Final = {state: name for name, states in METRICS.items() for state in states}
_FROM_CACHE: Final = ("CacheHits", "CacheStale", "CacheCoalesced")
_ANSWERS: Final = (*_FROM_CACHE, "CacheMisses", "CacheBypasses")


def embed_metrics(
    counts: Mapping[str, int], *, function_name: str, at_ms: int
) -> dict[str, object]:
    """Fields of a log line that CloudWatch makes metrics of; none where nothing was counted.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    values: dict[str, float] = {}
    answers = cached = 0
    for state, count in counts.items():
        if count and state in _METRIC_OF:
            name = _METRIC_OF[state]
            values[name] = values[name] + count if name in values else count
            answers += count if name in _ANSWERS else 0
            cached += count if name in _FROM_CACHE else 0
    if not values:
        return {}
    if answers:
        values[HIT_RATE] = 100 * cached / answers
    units = {"CacheBytes": "Bytes", HIT_RATE: "Percent"}
    described = {
        "Namespace": NAMESPACE,
        "Dimensions": [[FUNCTION]],
        "Metrics": [{"Name": name, "Unit": units.get(name, "Count")} for name in values],
    }
    about = {"Timestamp": at_ms, "CloudWatchMetrics": [described]}
    return {"_aws": about, FUNCTION: function_name, **values}


def request_fields(record: RequestRecord) -> dict[str, object]:
    """The line of a request, without what is unknown of it. ``fields.py`` says what each means."""
    duration_s, database_s, cache_s = record.duration_s, record.database_s, record.cache_s
    handler_s = duration_s - database_s - cache_s
    fields: dict[str, object] = {
        "message": "request",
        "format": FORMAT,
        "requestId": record.request_id,
        "invocationId": record.invocation_id,
        "traceId": record.trace_id,
        "start": record.start,
        "operation": record.operation[:MOST_NAME],
        "operationHash": record.operation_hash,
        "client": record.client,
        "clientVersion": record.client_version,
        "caller": record.caller,
        "status": record.status,
        "codes": record.codes,
        "errors": record.errors or "",
        "cost": record.cost,
        "costLimit": record.cost_limit,
        "cache": record.source,
        "statements": record.statements,
        "rows": record.rows,
        "bodyBytes": record.body_bytes,
        # Milliseconds with three decimals; `round` takes three times as long.
        "durationMs": int(duration_s * 1_000_000 + 0.5) / 1000,
        "databaseMs": int(database_s * 1_000_000 + 0.5) / 1000,
        "cacheMs": int(cache_s * 1_000_000 + 0.5) / 1000,
        "handlerMs": int(handler_s * 1_000_000 + 0.5) / 1000 if handler_s > 0 else 0.0,
        "counts": record.counts or "",
        "cacheFailure": record.cache_failure,
    }
    return {name: value for name, value in fields.items() if value != ""}


class Log:
    """Writes lines to a stream; in Lambda that is CloudWatch Logs."""

    def __init__(
        self,
        level: str = "INFO",
        stream: TextIO | None = None,
        *,
        stage: str = "",
        release: str = "",
        function_name: str = "",
        operations: Sequence[str] = (),
        packages: Sequence[str] = ("handler",),
        tracebacks: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``operations``: those with metrics of their own.

        ``packages``: whose places a failure is logged with; ``tracebacks``: with everything.
        """
        self._shown = LOG_LEVELS[LOG_LEVELS.index(level) :]
        self._stream = stream or sys.stdout
        self._about = {"stage": stage, **({"release": release} if release else {})}
        self._function_name = function_name
        self._operations = frozenset(operations)
        self._packages = packages
        self._tracebacks = tracebacks
        self._clock = clock

    def request(self, record: RequestRecord) -> None:
        """One request has been answered.

        In Lambda its counts become metrics, which no level holds back.
        """
        counts = record.counts
        metrics: dict[str, object] = {}
        function_name = self._function_name
        if function_name and (counts or self._operations):
            at_ms = int(self._clock() * 1000)
            metrics = embed_metrics(counts, function_name=function_name, at_ms=at_ms)
            if self._operations:
                from handler.observe.operations import add_operation  # late: most list none

                metrics = add_operation(metrics, record, self._operations, function_name, at_ms)
        if "INFO" in self._shown:
            self._put("INFO", request_fields(record) | metrics)
        elif metrics:
            self._put("INFO", {"message": "metrics", **metrics})

    def access(
        self,
        *,
        request_id: str,
        method: str,
        resource: str,
        status: int,
        body_bytes: int,
        duration_s: float,
    ) -> None:
        """A server without API Gateway has answered: what API Gateway's access log would say.

        ``resource``: the path of a route, empty where there is none; the caller's is not logged.
        """
        self._write(
            "INFO",
            {
                "message": "access",
                "requestId": request_id,
                "method": method,
                "resource": resource,
                "status": status,
                "durationMs": round(duration_s * 1000, 3),
                "bodyBytes": body_bytes,
            },
        )

    def operation(self, *, name: str, digest: str, fields: Sequence[str]) -> None:
        """What an operation uses of the schema, once for each environment that answers it.

        ``fields``: coordinates. Lines of requests name the operation by the same ``digest``.
        """
        self._write(
            "INFO",
            {
                "message": "operation",
                **({"operation": name[:MOST_NAME]} if name else {}),
                "operationHash": digest,
                "fields": fields,
            },
        )

    def statement(
        self,
        *,
        request_id: str,
        field: str,
        table: str,
        rows: int,
        duration_ms: float,
        error: str,
    ) -> None:
        """One statement of a request, by the field that it is sent for. Its text is in traces."""
        fields: dict[str, object] = {
            "message": "statement",
            "requestId": request_id,
            "field": field,
            "table": table,
            "rows": rows,
            "durationMs": round(duration_ms, 3),
            "error": error,
        }
        self._write("DEBUG", {name: value for name, value in fields.items() if value != ""})

    def warning(self, text: str) -> None:
        """Something that whoever runs the function should mend. The text is of our making."""
        self._write("WARNING", {"message": "warning", "text": text})

    def refused(self, reason: str, *, request_id: str) -> None:
        """The authorizer has not let a caller in; the reason is one of a few fixed words."""
        self._write("INFO", {"message": "refused", "requestId": request_id, "reason": reason})

    def issuer_away(self, text: str) -> None:
        """An issuer did not give its keys; the text names its address and what went wrong."""
        self._write("WARNING", {"message": "issuer", "text": text[:500]})

    def failure(self, error: BaseException, *, request_id: str) -> None:
        """Something broke of which the caller learns nothing. Logged once, where it is handled.

        The line names the innermost failures, the first by ``error``, ``text``, ``cause`` and
        ``at``, and the rest as ``others``.
        """
        from handler.observe.causes import find_causes, innermost

        first, *others = [each.fields() for each in find_causes(error, self._packages)]
        if self._tracebacks and not first["text"]:
            first["text"] = str(innermost(error))
        self._write(
            "ERROR",
            {
                "message": "failure",
                "requestId": request_id,
                **first,
                **({"others": others} if others else {}),
            },
        )
        if self._tracebacks:
            import traceback

            self._stream.write("".join(traceback.format_exception(error)))
            self._stream.flush()

    def _write(self, level: str, fields: dict[str, object]) -> None:
        if self.shows(level):
            self._put(level, fields)

    def shows(self, level: str) -> bool:
        """Whether lines of that level are written."""
        return level in self._shown

    def _put(self, level: str, fields: dict[str, object]) -> None:
        line = {"level": level, **self._about, **fields}
        text = orjson.dumps(line, default=_shown, option=orjson.OPT_APPEND_NEWLINE)
        self._stream.write(text.decode())
        self._stream.flush()


def _shown(value: object) -> object:
    if isinstance(value, ErrorPlace):
        fields = {"code": value.code, "path": value.path, "cause": value.cause}
        return {name: text for name, text in fields.items() if text}
    return str(value)
