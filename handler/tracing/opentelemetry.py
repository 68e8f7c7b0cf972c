"""Traces for any collector, by the packages of OpenTelemetry that the user has installed.

The SDK is configured by its own variables, such as ``OTEL_EXPORTER_OTLP_ENDPOINT`` and
``OTEL_TRACES_SAMPLER``: https://opentelemetry.io/docs/languages/sdk-configuration/. A program that
has set a tracer provider before keeps it. The caller's ``traceparent`` is followed, its decision to
sample included, and spans of resolvers hang below the request's.
"""

from __future__ import annotations

from typing import Any

from handler.errors import SettingsError
from handler.http.event import HttpRequest
from handler.observe.invocation import Invocation
from handler.observe.record import RequestRecord
from handler.tracing.spans import Span, Trace

_MISSING = (
    "TRACING is opentelemetry, and {0} is not installed; install opentelemetry-sdk and"
    " opentelemetry-exporter-otlp-proto-http, or take TRACING away"
)


class OpenTelemetry:
    """Makes spans by the tracer provider of this process."""

    def __init__(self) -> None:
        """Raises ``SettingsError`` where the packages are not installed."""
        try:
            from opentelemetry import context, propagate, trace
        except ImportError as error:
            raise SettingsError(_MISSING.format(error.name)) from error
        self._context, self._propagate, self._trace = context, propagate, trace
        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            trace.set_tracer_provider(_provider())
        self._tracer = trace.get_tracer("aurora-graphql")

    def begin(self, http: HttpRequest, invocation: Invocation, record: RequestRecord) -> object:
        """The request's span, current until ``end``; None where it is not sampled."""
        parent = self._propagate.extract(http.headers)
        root = self._tracer.start_span("query", parent, kind=self._trace.SpanKind.SERVER)
        about = root.get_span_context()
        record.trace_id = f"{about.trace_id:032x}"
        if not root.is_recording():
            return None
        return root, self._context.attach(self._trace.set_span_in_context(root))

    def end(self, begun: object, root: Span, trace: Trace) -> None:
        """Make the spans of what was kept, and end the request's."""
        assert isinstance(begun, tuple)
        span, token = begun
        self._context.detach(token)
        around = self._trace.set_span_in_context(span)
        for each in trace.spans:
            kind = self._trace.SpanKind
            made = self._tracer.start_span(
                each.name,
                around,
                kind=kind.CLIENT if each.is_call else kind.INTERNAL,
                start_time=_nanoseconds(each.began_s),
            )
            self._finish(made, each)
        span.update_name(root.name)
        self._finish(span, root)

    def _finish(self, made: Any, span: Span) -> None:
        made.set_attributes({name: value for name, value in span.attributes.items() if value != ""})
        if span.error:
            made.set_attribute("error.type", span.error)
            made.set_status(self._trace.StatusCode.ERROR)
        made.end(_nanoseconds(span.ended_s))

    def close(self) -> None:
        """Send what is waiting."""
        flush = getattr(self._trace.get_tracer_provider(), "force_flush", None)
        if flush is not None:
            flush()


def _provider() -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(_MISSING.format(error.name)) from error
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1_000_000_000)
