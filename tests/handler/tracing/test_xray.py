"""What the X-Ray daemon is sent, by a daemon that only listens."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from handler.errors import SettingsError
from handler.http.event import HttpRequest
from handler.observe.invocation import Invocation
from handler.observe.record import RequestRecord
from handler.tracing.spans import Span, Trace
from handler.tracing.xray import MOST_BYTES, XRay

ROOT, PARENT = "1-58406520-a006649127e371903a2de979", "53995c3f42cd8ad8"
SAMPLED = Invocation(trace_id=ROOT, parent_id=PARENT, is_sampled=True)
HTTP = HttpRequest(method="POST")


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield listening


@pytest.fixture
def xray(daemon: socket.socket) -> Iterator[XRay]:
    host, port = daemon.getsockname()
    exporter = XRay(f"{host}:{port}")
    yield exporter
    exporter.close()


def received(daemon: socket.socket) -> dict[str, Any]:
    header, _, document = daemon.recv(65_535).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    return dict(json.loads(document))


def a_trace(count: int = 1, text: str = "SELECT 1") -> Trace:
    trace = Trace(100.0)
    for number in range(count):
        trace.spans.append(
            Span(
                "SELECT orders",
                100.25,
                100.5,
                is_call=True,
                attributes={
                    "db.operation.name": "SELECT",
                    "db.query.text": text,
                    "db.response.returned_rows": number,
                },
            )
        )
    return trace


def test_a_request_is_a_subsegment_of_lambdas_segment(daemon: socket.socket, xray: XRay) -> None:
    trace = a_trace()
    trace.spans.append(Span("graphql.plan", 100.0, 100.25, error="KeyError"))
    begun = xray.begin(HTTP, SAMPLED, RequestRecord(request_id=""))
    xray.end(begun, Span("query Orders", 100.0, 101.0, attributes={"aurora.rows": 7}), trace)
    found = received(daemon)
    ids = [found.pop("id"), *(each.pop("id") for each in found["subsegments"])]
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in ids)
    assert len(set(ids)) == 3
    assert found == {
        "name": "query Orders",
        "type": "subsegment",
        "trace_id": ROOT,
        "parent_id": PARENT,
        "start_time": 100.0,
        "end_time": 101.0,
        "annotations": {"aurora_rows": 7},
        "subsegments": [
            {
                "name": "SELECT orders",
                "start_time": 100.25,
                "end_time": 100.5,
                "namespace": "remote",
                "sql": {"database_type": "MySQL", "sanitized_query": "SELECT 1"},
                "annotations": {"db_operation_name": "SELECT", "db_response_returned_rows": 0},
            },
            {
                "name": "graphql.plan",
                "start_time": 100.0,
                "end_time": 100.25,
                "fault": True,
                "annotations": {"error": "KeyError"},
            },
        ],
    }


@pytest.mark.parametrize(
    "invocation",
    [
        Invocation(),
        Invocation(trace_id=ROOT, parent_id=PARENT),
        Invocation(trace_id=ROOT, is_sampled=True),
        Invocation(parent_id=PARENT, is_sampled=True),
    ],
)
def test_what_is_not_sampled_is_not_sent(xray: XRay, invocation: Invocation) -> None:
    assert xray.begin(HTTP, invocation, RequestRecord(request_id="")) is None


def test_a_long_trace_fits_into_a_datagram(daemon: socket.socket, xray: XRay) -> None:
    xray.end(SAMPLED, Span("query", 1.0, 2.0), a_trace(200, "SELECT" + "x" * 900))
    found = received(daemon)
    assert 0 < len(found["subsegments"]) < 200
    assert len(json.dumps(found)) < MOST_BYTES * 1.1
    assert found["subsegments"][0]["annotations"]["db_response_returned_rows"] == 0


def test_a_daemon_that_is_away_costs_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    xray = XRay(f"127.0.0.1:{port}")
    for _ in range(3):
        xray.end(SAMPLED, Span("query", 1.0, 2.0), a_trace())
    xray.close()


@pytest.mark.parametrize("address", ["", "localhost", ":2000", "localhost:", "localhost:x"])
def test_an_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError, match="must be a host and a port"):
        XRay(address)
