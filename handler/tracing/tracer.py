"""Begins and ends the trace of a request."""

from __future__ import annotations

import time
from contextvars import Token
from typing import Protocol, TypeAlias

from handler.http.event import HttpRequest
from handler.observe.invocation import Invocation
from handler.observe.log import Log
from handler.observe.record import RequestRecord
from handler.settings import OPENTELEMETRY, XRAY, Settings
from handler.tracing.spans import TRACE, Span, Trace

Begun: TypeAlias = "tuple[Token[Trace | None], Trace | None, object]"


class Exporter(Protocol):
    """Where traces go."""

    def begin(self, http: HttpRequest, invocation: Invocation, record: RequestRecord) -> object:
        """What ``end`` needs of this request; None where it is not sampled.

        ``record`` gets the identifier of the trace. Raises nothing.
        """

    def end(self, begun: object, root: Span, trace: Trace) -> None:
        """Hand the spans on. Raises nothing: a trace that is lost must not cost an answer."""

    def close(self) -> None:
        """Send what is waiting, and close."""


def open_exporter(settings: Settings) -> Exporter | None:
    """The one that ``TRACING`` names. Raises ``SettingsError`` if it cannot be used."""
    if settings.tracing == XRAY:
        from handler.tracing.xray import XRay

        return XRay(settings.xray_address)
    if settings.tracing == OPENTELEMETRY:
        from handler.tracing.opentelemetry import OpenTelemetry

        return OpenTelemetry()
    return None


class Tracer:
    """The traces of one App. Without ``exporter`` they are only for the log."""

    def __init__(self, exporter: Exporter | None, log: Log) -> None:
        self._exporter = exporter
        self._log = log

    def begin(self, http: HttpRequest, invocation: Invocation, record: RequestRecord) -> Begun:
        """The trace of a request, which is current until ``end``."""
        kept = self._exporter and self._exporter.begin(http, invocation, record)
        is_wanted = kept is not None or self._log.shows("DEBUG")
        trace = Trace(time.time()) if is_wanted else None
        return TRACE.set(trace), trace, kept

    def end(self, begun: Begun, record: RequestRecord) -> None:
        """The request has been answered, and its record is complete."""
        token, trace, kept = begun
        TRACE.reset(token)
        if trace is None:
            return
        for span in trace.spans:
            if "db.operation.name" in span.attributes:
                self._log.statement(
                    request_id=record.request_id,
                    field=str(span.attributes.get("graphql.field", "")),
                    table=str(span.attributes.get("db.collection.name", "")),
                    rows=int(span.attributes.get("db.response.returned_rows", 0)),
                    duration_ms=span.duration_ms,
                    error=span.error,
                )
        if self._exporter is not None and kept is not None:
            self._exporter.end(kept, _root(trace, record), trace)

    def close(self) -> None:
        """Send what is waiting."""
        if self._exporter is not None:
            self._exporter.close()


def _root(trace: Trace, record: RequestRecord) -> Span:
    """The span of the whole request."""
    root = Span(f"query {record.operation}".strip(), trace.began_s, trace.clock())
    root.attributes = {
        "graphql.operation.type": "query",
        "graphql.operation.name": record.operation,
        "graphql.document.hash": record.operation_hash,
        "http.response.status_code": record.status,
        "aurora.request_id": record.request_id,
        "aurora.caller": record.caller,
        "aurora.client": record.client,
        "aurora.cost": record.cost,
        "aurora.statements": record.statements,
        "aurora.rows": record.rows,
        "aurora.cache": record.source,
    }
    if record.codes:
        root.error = ",".join(record.codes)
    if trace.left_out:
        root.attributes["aurora.spans_left_out"] = trace.left_out
    return root
