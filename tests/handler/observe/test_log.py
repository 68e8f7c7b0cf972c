"""The log: a fixed list of fields, one JSON line each, nothing of the caller's."""

from __future__ import annotations

import importlib
import io
import json
from pathlib import Path
from typing import Any, get_args

import pytest

from aurora_graphql.log_fields import format_page
from handler.answer import Source
from handler.errors import InputError, UpstreamError
from handler.observe.contract import FUNCTION, NAMESPACE, OF_OPERATION, OTHERS
from handler.observe.fields import REQUEST_FIELDS
from handler.observe.log import HIT_RATE, METRICS, Log
from handler.observe.record import RequestRecord


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_request_is_one_line_of_known_fields() -> None:
    stream = io.StringIO()
    record = RequestRecord(
        request_id="r-1",
        status=200,
        duration_s=0.0123456,
        body_bytes=42,
        counts={"hit": 1, "bytes": 300},
        invocation_id="i-1",
        trace_id="1-58406520-a006649127e371903a2de979",
        start="cold",
        operation="Orders",
        operation_hash="0f21b7c9",
        client="shop",
        client_version="1.2",
        caller="token",
        cost=12.5,
        cost_limit=1000,
        source="miss",
        statements=2,
        rows=31,
        database_s=0.004,
        cache_s=0.001,
        cache_failure="no answer within 50 ms",
    )
    missing = UpstreamError("secret")
    missing.__cause__ = OSError("secret")
    record.took(
        [
            (InputError("secret text"), None),
            (InputError("other"), None),
            (ValueError("secret"), ("a", 3)),
            (missing, ("b",)),
        ],
        lambda path: f"field {path[0]}",
    )
    Log("INFO", stream, stage="dev", release="7").request(record)
    assert lines(stream) == [
        {
            "level": "INFO",
            "stage": "dev",
            "release": "7",
            "message": "request",
            "format": 2,
            "requestId": "r-1",
            "invocationId": "i-1",
            "traceId": "1-58406520-a006649127e371903a2de979",
            "start": "cold",
            "operation": "Orders",
            "operationHash": "0f21b7c9",
            "client": "shop",
            "clientVersion": "1.2",
            "caller": "token",
            "status": 200,
            "codes": ["BAD_USER_INPUT", "INTERNAL", "UPSTREAM_FAILED"],
            "errors": [
                {"code": "BAD_USER_INPUT"},
                {"code": "INTERNAL", "path": "field a"},
                {"code": "UPSTREAM_FAILED", "path": "field b", "cause": "OSError"},
            ],
            "cost": 12.5,
            "costLimit": 1000,
            "cache": "miss",
            "statements": 2,
            "rows": 31,
            "bodyBytes": 42,
            "durationMs": 12.346,
            "databaseMs": 4.0,
            "cacheMs": 1.0,
            "handlerMs": 7.346,
            "counts": {"hit": 1, "bytes": 300},
            "cacheFailure": "no answer within 50 ms",
        }
    ]
    (line,) = lines(stream)
    assert list(line) == list(REQUEST_FIELDS)


def test_what_is_unknown_of_a_request_is_not_in_its_line() -> None:
    stream = io.StringIO()
    Log("INFO", stream).request(RequestRecord(request_id="r-1", status=200))
    (line,) = lines(stream)
    unknown = {"invocationId", "traceId", "operation", "operationHash", "client", "clientVersion"}
    unknown |= {"release", "caller", "errors", "counts", "cacheFailure"}
    assert REQUEST_FIELDS.keys() - line.keys() == unknown


def test_a_line_names_a_few_of_many_errors_and_all_of_their_codes() -> None:
    record = RequestRecord(request_id="")
    errors: list[tuple[Exception, tuple[str | int, ...]]]
    errors = [(InputError(""), ("a", number)) for number in range(200)]
    errors += [(InputError(""), (f"b{number}",)) for number in range(9)]
    record.took([*errors, (UpstreamError(""), None)], lambda path: str(path[0]))
    assert (record.codes, len(record.errors)) == (["BAD_USER_INPUT", "UPSTREAM_FAILED"], 1)
    record.took(errors[200:], lambda path: str(path[0]))
    assert [each.path for each in record.errors] == ["b0", "b1", "b2", "b3", "b4"]


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
    assert "test_log.py" in str(line["at"])


def test_text_of_an_error_that_is_not_ours_is_not_logged() -> None:
    """It may repeat any value: that of ``int("secret")`` does."""
    stream = io.StringIO()
    try:
        int("secret")
    except ValueError as error:
        Log("ERROR", stream).failure(error, request_id="r-3")
    (line,) = lines(stream)
    assert (line["error"], line["text"]) == ("ValueError", "")
    assert "test_log.py" in str(line["at"])
    assert "secret" not in stream.getvalue()


def test_a_failure_of_several_tasks_is_one_line_that_names_all_of_them() -> None:
    stream = io.StringIO()
    group = ExceptionGroup("secret", [ValueError("secret"), UpstreamError("the database is away")])
    Log("ERROR", stream, stage="dev").failure(group, request_id="r-4")
    assert lines(stream) == [
        {
            "level": "ERROR",
            "stage": "dev",
            "message": "failure",
            "requestId": "r-4",
            "error": "ValueError",
            "text": "",
            "at": [],
            "others": [{"error": "UpstreamError", "text": "the database is away", "at": []}],
        }
    ]


def test_on_ones_own_machine_text_and_traceback_are_shown() -> None:
    stream = io.StringIO()
    try:
        int("shown")
    except ValueError as error:
        Log("ERROR", stream, tracebacks=True).failure(error, request_id="r-3")
    first, *rest = stream.getvalue().splitlines()
    text = "invalid literal for int() with base 10: 'shown'"
    assert json.loads(first)["text"] == text
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[-1] == f"ValueError: {text}"


def test_a_file_that_cannot_be_loaded_is_named() -> None:
    stream = io.StringIO()
    try:
        importlib.import_module("handler.no_such_room")
    except ImportError as error:
        Log("ERROR", stream).failure(error, request_id="r-3")
    (line,) = lines(stream)
    assert str(line["text"]).startswith("handler.no_such_room cannot be loaded: ModuleNotFound")
    assert str(line["text"]).endswith("build and deploy the archive again: aurora-graphql package")


@pytest.mark.parametrize(("level", "written"), [("DEBUG", 1), ("INFO", 1), ("WARNING", 0)])
def test_level_holds_back_what_is_less_severe(level: str, written: int) -> None:
    stream = io.StringIO()
    Log(level, stream).request(RequestRecord(request_id="", status=200))
    assert len(lines(stream)) == written


def test_a_line_break_in_a_text_makes_no_second_line() -> None:
    stream = io.StringIO()
    Log("ERROR", stream).failure(UpstreamError('one\n{"level":"INFO"}'), request_id="r\n3")
    assert len(stream.getvalue().splitlines()) == 1


def metric_line(level: str, counts: dict[str, int]) -> dict[str, object]:
    stream = io.StringIO()
    log = Log(level, stream, function_name="shop-graphql", clock=lambda: 1_800_000_000.5)
    log.request(RequestRecord(request_id="r-4", status=200, counts=counts))
    (line,) = lines(stream)
    return line


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"hit": 1, "bytes": 300}, {"CacheHits": 1, "CacheBytes": 300, HIT_RATE: 100}),
        ({"local": 1, "bytes": 3}, {"CacheHits": 1, "CacheBytes": 3, HIT_RATE: 100}),
        ({"stale": 1, "bytes": 3}, {"CacheStale": 1, "CacheBytes": 3, HIT_RATE: 100}),
        ({"coalesced": 1, "bytes": 3}, {"CacheCoalesced": 1, "CacheBytes": 3, HIT_RATE: 100}),
        ({"miss": 1}, {"CacheMisses": 1, HIT_RATE: 0}),
        ({"miss": 1, "broken": 1}, {"CacheMisses": 1, "CacheBroken": 1, HIT_RATE: 0}),
        ({"bypass": 1, "failed": 1}, {"CacheBypasses": 1, HIT_RATE: 0}),
        ({"hit": 3, "miss": 1}, {"CacheHits": 3, "CacheMisses": 1, HIT_RATE: 75}),
    ],
    ids=lambda value: "-".join(value) if "CacheHits" not in value else "",
)
def test_counts_become_metrics_of_cloudwatch(
    counts: dict[str, int], expected: dict[str, float]
) -> None:
    line = metric_line("INFO", counts)
    about = line["_aws"]
    assert isinstance(about, dict)
    assert about["Timestamp"] == 1_800_000_000_500
    ((described),) = about["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"]) == (NAMESPACE, [[FUNCTION]])
    names = [each["Name"] for each in described["Metrics"]]
    assert {name: line[name] for name in names} == expected
    assert line[FUNCTION] == "shop-graphql"
    assert line["counts"] == counts


def test_units_are_those_that_cloudwatch_knows() -> None:
    about = metric_line("INFO", dict.fromkeys(("hit", "bytes"), 1))["_aws"]
    assert isinstance(about, dict)
    units = {each["Name"]: each["Unit"] for each in about["CloudWatchMetrics"][0]["Metrics"]}
    assert units == {"CacheHits": "Count", "CacheBytes": "Bytes", HIT_RATE: "Percent"}


def test_no_level_holds_metrics_back() -> None:
    line = metric_line("ERROR", {"hit": 1})
    assert (line["message"], line["CacheHits"]) == ("metrics", 1)
    assert "requestId" not in line


def test_without_the_cache_there_are_no_metrics() -> None:
    assert "_aws" not in metric_line("INFO", {})


def counted(level: str = "INFO", **record: Any) -> dict[str, Any]:
    """The line of a request where ``Orders`` and ``Order`` have metrics of their own."""
    stream = io.StringIO()
    log = Log(
        level,
        stream,
        function_name="shop-graphql",
        operations=("Orders", "Order"),
        clock=lambda: 1_800_000_000.5,
    )
    log.request(RequestRecord(request_id="r-4", status=200, **record))
    (line,) = lines(stream)
    return line


def test_a_listed_operation_has_metrics_of_its_own() -> None:
    line = counted(
        operation="Orders",
        duration_s=0.0123456,
        source="miss",
        statements=2,
        rows=31,
        cost=12.5,
        counts={"miss": 1},
    )
    about = line.pop("_aws")
    of_function, of_operation = about["CloudWatchMetrics"]
    assert about["Timestamp"] == 1_800_000_000_500
    assert of_function["Dimensions"] == [["FunctionName"]]
    assert of_operation == {
        "Namespace": "aurora-graphql",
        "Dimensions": [["FunctionName", "Operation"]],
        "Metrics": [
            {"Name": "Latency", "Unit": "Milliseconds"},
            {"Name": "Errors", "Unit": "Count"},
            {"Name": "Statements", "Unit": "Count"},
            {"Name": "Rows", "Unit": "Count"},
            {"Name": "Cost", "Unit": "Count"},
            {"Name": "HitRate", "Unit": "Percent"},
        ],
    }
    assert (line["FunctionName"], line["Operation"]) == ("shop-graphql", "Orders")
    values = {each["Name"]: line[each["Name"]] for each in of_operation["Metrics"]}
    assert values == {
        "Latency": 12.346,
        "Errors": 0,
        "Statements": 2,
        "Rows": 31,
        "Cost": 12.5,
        "HitRate": 0,
    }


@pytest.mark.parametrize("name", ["", "orders", "Orders2", "Operation", "(other)", "N" * 5000])
def test_names_that_are_not_listed_make_no_metric_of_their_own(name: str) -> None:
    assert counted(operation=name)["Operation"] == OTHERS


@pytest.mark.parametrize("source", get_args(Source))
def test_the_hit_rate_is_of_answers_that_the_cache_was_asked_for(source: str) -> None:
    line = counted(operation="Orders", source=source)
    expected = {"off": None, "miss": 0, "bypass": 0}.get(source, 100)
    assert line.get("HitRate") == expected
    named = {each["Name"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert ("HitRate" in named) == (expected is not None)


def test_metrics_of_operations_are_those_of_the_contract() -> None:
    about = counted(operation="Orders", source="hit", codes=["INTERNAL"])
    described = about["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert {each["Name"]: each["Unit"] for each in described} == OF_OPERATION
    assert about["Errors"] == 1


def test_no_level_holds_metrics_of_operations_back() -> None:
    line = counted("ERROR", operation="Other", client="shop")
    assert (line["message"], line["Operation"], line["Errors"]) == ("metrics", OTHERS, 0)
    assert line.keys().isdisjoint({"operation", "client", "requestId"})


def test_outside_of_lambda_no_operation_is_counted() -> None:
    stream = io.StringIO()
    log = Log("INFO", stream, operations=("Orders",))
    log.request(RequestRecord(request_id="r-4", status=200, operation="Orders"))
    assert lines(stream)[0].keys() <= REQUEST_FIELDS.keys()


def test_every_state_of_an_answer_is_in_one_metric() -> None:
    known = [state for states in METRICS.values() for state in states]
    budgets = {"budget refused", "budget unknown"}
    asked = set(get_args(Source)) - {"off"}  # of which the cache is asked
    assert sorted(known) == sorted({*asked, *budgets, "broken", "bytes"})


def test_the_page_in_the_docs_names_the_fields() -> None:
    page = Path(__file__).parents[3] / "docs" / "log.md"
    assert page.read_text() == format_page(), (
        "write it anew: .venv/bin/python -m aurora_graphql.log_fields > docs/log.md"
    )
