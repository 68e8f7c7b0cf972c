"""Saved queries: their fields are in the log, and they find what they are for."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from typing import Any

import pytest

from components.queries import QUERIES
from handler.errors import InputError, UpstreamError
from handler.observe.fields import REQUEST_FIELDS
from handler.observe.log import Log
from handler.observe.record import ErrorPlace, RequestRecord
from tests.components.insights import fields_of, run
from tests.components.test_monitoring import FUNCTIONS, SETTINGS, build

# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#ReportMetrics
REPORT = {
    "time": "2026-11-30T12:00:00.000Z",
    "type": "platform.report",
    "record": {
        "requestId": "i-1",
        "status": "success",
        "metrics": {
            "durationMs": 101.5,
            "billedDurationMs": 300,
            "memorySizeMB": 1769,
            "maxMemoryUsedMB": 133,
            "initDurationMs": 116.67,
            "restoreDurationMs": 412.3,
        },
    },
}
START = {"type": "platform.start", "record": {"requestId": "i-1", "version": "7"}}


def log_lines() -> list[dict[str, Any]]:
    """What an environment writes: four requests, of which two fail, and why one does."""
    stream = io.StringIO()
    log = Log("DEBUG", stream, stage="dev")
    wrong, missing = InputError("x"), UpstreamError("y")
    missing.__cause__ = OSError()
    log.operation(name="Orders", digest="0f21", fields=["Query.orders"])
    asked: list[tuple[str, Exception | None, dict[str, Any]]] = [
        ("Orders", None, {"start": "restored", "duration_s": 0.9, "client": "web"}),
        ("Orders", missing, {"duration_s": 0.2, "client": "web", "caller": "token"}),
        ("Orders", None, {"duration_s": 0.01, "client": "app", "source": "hit"}),
        ("", wrong, {"duration_s": 0.02, "start": "cold"}),
    ]
    for number, (name, error, record) in enumerate(asked, start=1):
        told = RequestRecord(
            request_id=f"r-{number}", operation=name, status=200, cost=number, **record
        )
        if error is not None:
            told.took([(error, ("orders",))], lambda path: str(path[0]))
        log.request(told)
    log.failure(missing, request_id="r-2")
    log.statement(request_id="r-1", field="f", table="t", rows=1, duration_ms=1, error="")
    return [json.loads(line) for line in stream.getvalue().splitlines()] + [START, REPORT]


KNOWN = {
    "@timestamp",
    *REQUEST_FIELDS,
    *(f"errors.0.{name}" for name in ErrorPlace.__struct_fields__),
}
OF_FAILURES = {"@timestamp", "message", "requestId", "error", "text", "cause", "at.0"}
OF_REPORTS = {"type", *(f"record.metrics.{name}" for name in REPORT["record"]["metrics"])}  # type: ignore[index]  # a literal


@pytest.mark.parametrize("name", QUERIES)
def test_fields_of_a_query_are_those_of_the_log(name: str) -> None:
    known = {"failures behind them": OF_FAILURES, "memory and restores": OF_REPORTS}
    assert fields_of(QUERIES[name]) <= known.get(name, KNOWN)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("fields a, b c", "'a, b c' is not understood"),
        ("filter a > 3", "'a > 3' is not understood"),
        ("stats count(*) by a", "not understood"),
        ("parse @message", "parse is none of"),
    ],
)
def test_what_the_evaluator_does_not_know_is_refused(query: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        fields_of(query)


def test_slow_requests_are_the_slowest_first() -> None:
    rows = run(QUERIES["slow requests"], log_lines())
    assert [row["requestId"] for row in rows] == ["r-1", "r-2", "r-4", "r-3"]
    assert rows[0] == {
        "operation": "Orders",
        "durationMs": 900.0,
        "databaseMs": 0.0,
        "cacheMs": 0.0,
        "handlerMs": 900.0,
        "statements": 0,
        "rows": 0,
        "cache": "off",
        "start": "restored",
        "requestId": "r-1",
    }


def test_failed_requests_say_what_and_where_and_why() -> None:
    rows = {row["requestId"]: row for row in run(QUERIES["failed requests"], log_lines())}
    assert rows == {
        "r-2": {
            "operation": "Orders",
            "client": "web",
            "status": 200,
            "errors.0.code": "UPSTREAM_FAILED",
            "errors.0.path": "orders",
            "errors.0.cause": "OSError",
            "requestId": "r-2",
        },
        "r-4": {
            "status": 200,
            "errors.0.code": "BAD_USER_INPUT",
            "errors.0.path": "orders",
            "requestId": "r-4",
        },
    }
    (failure,) = run(QUERIES["failures behind them"], log_lines())
    assert (failure["requestId"], failure["error"], failure["text"]) == (
        "r-2",
        "UpstreamError",
        "y",
    )


def test_errors_are_counted_by_field() -> None:
    assert run(QUERIES["errors by field"], log_lines()) == [
        {
            "errors.0.path": "orders",
            "errors.0.code": "UPSTREAM_FAILED",
            "errors.0.cause": "OSError",
            "operation": "Orders",
            "requests": 1,
        },
        {"errors.0.path": "orders", "errors.0.code": "BAD_USER_INPUT", "requests": 1},
    ]


def test_requests_are_counted_by_operation_client_and_cost() -> None:
    first, second = run(QUERIES["by operation"], log_lines())
    assert (first["operation"], first["requests"], first["failed"]) == ("Orders", 3, 1)
    assert (first["p99"], second["requests"], second["failed"]) == (900.0, 1, 1)
    callers = run(QUERIES["by caller and client"], log_lines())
    assert {(row.get("caller"), row.get("client"), row["spent"]) for row in callers} == {
        (None, "web", 1),
        ("token", "web", 2),
        (None, "app", 3),
        (None, None, 4),
    }
    costs = run(QUERIES["cost"], log_lines())
    assert [(row.get("operation"), row["spent"], row["most"]) for row in costs] == [
        ("Orders", 4, 3),
        (None, 4, 4),
        ("Orders", 2, 2),
    ]


def test_cold_starts_are_counted_apart_from_restored_ones() -> None:
    rows = run(QUERIES["cold starts"], log_lines())
    assert [(row["start"], row["starts"], row["longest"]) for row in rows] == [
        ("restored", 1, 900.0),
        ("cold", 1, 20.0),
    ]


def test_reports_of_lambda_tell_memory_and_restores() -> None:
    assert run(QUERIES["memory and restores"], log_lines()) == [
        {
            "invocations": 1,
            "usedMb": 133,
            "givenMb": 1769,
            "longestMs": 101.5,
            "restores": 1,
            "longestRestoreMs": 412.3,
            "coldStarts": 1,
            "longestInitMs": 116.67,
        }
    ]


def test_queries_stand_in_a_folder_of_the_component_and_read_the_functions_log() -> None:
    found = build().of_type("aws:cloudwatch/queryDefinition:QueryDefinition")
    assert {one.inputs["name"]: one.inputs["queryString"] for one in found} == {
        f"m/{name}": text for name, text in QUERIES.items()
    }
    assert {tuple(one.inputs["logGroupNames"]) for one in found} == {("graphql-log",)}


@pytest.mark.parametrize("purpose", ["authorizer", "migrate", "ingest"])
def test_other_functions_have_no_queries(purpose: str) -> None:
    function = dataclasses.replace(FUNCTIONS["graphql"], purpose=purpose)
    assert function.signals("shop", SETTINGS).queries in ([], ())
