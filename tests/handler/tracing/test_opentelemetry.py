"""Traces by the real SDK, into its own exporter."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from opentelemetry import trace as api
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from handler.errors import SettingsError
from handler.http.event import HttpRequest
from handler.observe.invocation import Invocation
from handler.observe.record import RequestRecord
from handler.tracing.opentelemetry import OpenTelemetry
from handler.tracing.spans import Span, Trace

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Of a provider that the program has set; samples what its caller does, and nothing else."""
    found = InMemorySpanExporter()
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(0.0)))
    provider.add_span_processor(SimpleSpanProcessor(found))
    monkeypatch.setattr(api, "_TRACER_PROVIDER", provider)
    yield found
    provider.shutdown()


def asked(flags: str) -> HttpRequest:
    return HttpRequest(method="POST", headers={"traceparent": f"00-{TRACE}-{PARENT}-{flags}"})


def test_spans_hang_below_the_callers(exported: InMemorySpanExporter) -> None:
    exporter, record = OpenTelemetry(), RequestRecord(request_id="")
    begun = exporter.begin(asked("01"), Invocation(), record)
    with api.get_tracer("of a resolver").start_as_current_span("mine"):
        pass
    trace = Trace(5.0)
    trace.spans.append(
        Span("SELECT orders", 5.25, 5.5, is_call=True, attributes={"db.system.name": "mysql"})
    )
    trace.spans.append(Span("graphql.plan", 5.0, 5.25, error="KeyError"))
    exporter.end(begun, Span("query Orders", 5.0, 6.0, attributes={"aurora.rows": 7}), trace)

    mine, select, plan, root = exported.get_finished_spans()
    assert record.trace_id == TRACE
    assert {f"{each.context.trace_id:032x}" for each in (mine, select, plan, root)} == {TRACE}
    assert root.parent is not None
    assert f"{root.parent.span_id:016x}" == PARENT
    for each in (mine, select, plan):
        assert each.parent is not None
        assert each.parent.span_id == root.context.span_id
    assert (root.name, dict(root.attributes or {})) == ("query Orders", {"aurora.rows": 7})
    assert root.kind is api.SpanKind.SERVER
    assert (select.name, select.kind) == ("SELECT orders", api.SpanKind.CLIENT)
    assert (select.start_time, select.end_time) == (5_250_000_000, 5_500_000_000)
    assert dict(select.attributes or {}) == {"db.system.name": "mysql"}
    assert plan.kind is api.SpanKind.INTERNAL
    assert dict(plan.attributes or {}) == {"error.type": "KeyError"}
    assert plan.status.status_code is api.StatusCode.ERROR
    assert root.status.status_code is api.StatusCode.UNSET
    assert api.get_current_span() is api.INVALID_SPAN


@pytest.mark.parametrize("http", [asked("00"), HttpRequest(method="POST")])
def test_the_decision_to_sample_is_the_callers(
    exported: InMemorySpanExporter, http: HttpRequest
) -> None:
    record = RequestRecord(request_id="")
    assert OpenTelemetry().begin(http, Invocation(), record) is None
    assert exported.get_finished_spans() == ()
    assert len(record.trace_id) == 32


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(SettingsError, match="opentelemetry is not installed; install"):
        OpenTelemetry()
