"""Requests become the events of API Gateway, answers become responses."""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from local.proxy_event import BadGatewayError, Request, Response, build_event, parse_response

REQUEST = Request(
    method="POST",
    target="/",
    headers=[("Host", "127.0.0.1:8000"), ("Content-Type", "application/json")],
    body=b'{"query":"{a}"}',
    client="127.0.0.1",
    request_id="0d8a1c5e-0000-4000-8000-000000000001",
    received=datetime(2026, 11, 23, 20, 5, 7, 250_000, tzinfo=UTC),
)


def test_a_post_becomes_a_whole_event() -> None:
    assert build_event(REQUEST) == {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": {
            "Host": "127.0.0.1:8000",
            "Content-Type": "application/json",
            "X-Amzn-Trace-Id": "Root=1-0d8a1c5e-0000-4000-8000-000000000001",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "8000",
            "X-Forwarded-Proto": "http",
        },
        "multiValueHeaders": {
            "Host": ["127.0.0.1:8000"],
            "Content-Type": ["application/json"],
            "X-Amzn-Trace-Id": ["Root=1-0d8a1c5e-0000-4000-8000-000000000001"],
            "X-Forwarded-For": ["127.0.0.1"],
            "X-Forwarded-Port": ["8000"],
            "X-Forwarded-Proto": ["http"],
        },
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1:8000",
            "extendedRequestId": "0d8a1c5e-0000-4000-8000-000000000001",
            "httpMethod": "POST",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": None},
            "path": "/local/",
            "protocol": "HTTP/1.1",
            "requestId": "0d8a1c5e-0000-4000-8000-000000000001",
            "requestTime": "23/Nov/2026:20:05:07 +0000",
            "requestTimeEpoch": 1795464307250,
            "resourceId": "local",
            "resourcePath": "/",
            "stage": "local",
        },
        "body": base64.b64encode(b'{"query":"{a}"}').decode(),
        "isBase64Encoded": True,
    }


@pytest.mark.parametrize(
    ("target", "single", "several"),
    [
        pytest.param(
            "/?query=%7Ba%7D&variables=%7B%7D",
            {"query": "{a}", "variables": "{}"},
            {"query": ["{a}"], "variables": ["{}"]},
            id="percent-encoded",
        ),
        pytest.param("/?a=1&a=2", {"a": "2"}, {"a": ["1", "2"]}, id="repeated-the-last-counts"),
        pytest.param("/?a=&b", {"a": "", "b": ""}, {"a": [""], "b": [""]}, id="blank-values"),
        pytest.param("/?a=x+y", {"a": "x y"}, {"a": ["x y"]}, id="plus-is-a-blank"),
    ],
)
def test_the_query_is_decoded(
    target: str, single: dict[str, str], several: dict[str, list[str]]
) -> None:
    event = build_event(dataclasses.replace(REQUEST, method="GET", target=target, body=b""))
    assert event["path"] == "/"
    assert event["queryStringParameters"] == single
    assert event["multiValueQueryStringParameters"] == several
    assert (event["body"], event["isBase64Encoded"]) == (None, False)


def test_a_path_below_the_root_goes_through_the_proxy_resource() -> None:
    event = build_event(dataclasses.replace(REQUEST, target="/a/b?c=d"))
    assert (event["path"], event["resource"], event["pathParameters"]) == (
        "/a/b",
        "/{proxy+}",
        {"proxy": "a/b"},
    )


def test_a_repeated_header_keeps_all_values() -> None:
    event = build_event(dataclasses.replace(REQUEST, headers=[("Accept", "a"), ("Accept", "b")]))
    assert event["headers"]["Accept"] == "b"
    assert event["multiValueHeaders"]["Accept"] == ["a", "b"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"statusCode": 204}, Response(status=204, headers=(), body=b""), id="bare"),
        pytest.param(
            {"statusCode": 200, "body": "grüß", "headers": {"Content-Type": "text/plain"}},
            Response(status=200, headers=(("content-type", "text/plain"),), body="grüß".encode()),
            id="text",
        ),
        pytest.param(
            {"statusCode": 200, "body": "AAE=", "isBase64Encoded": True},
            Response(status=200, headers=(), body=b"\x00\x01"),
            id="binary",
        ),
        pytest.param(
            {
                "statusCode": 200,
                "headers": {"Vary": "Accept", "X-A": 1, "X-B": True},
                "multiValueHeaders": {"vary": ["Origin", "Accept"]},
            },
            Response(
                status=200,
                headers=(("vary", "Origin"), ("vary", "Accept"), ("x-a", "1"), ("x-b", "true")),
                body=b"",
            ),
            id="the-list-of-a-header-wins",
        ),
    ],
)
def test_an_answer_becomes_a_response(answer: dict[str, Any], expected: Response) -> None:
    assert parse_response(answer) == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(None, "must be an object, got NoneType", id="nothing"),
        pytest.param({}, "got None", id="no-status"),
        pytest.param({"statusCode": "200"}, "got '200'", id="status-as-text"),
        pytest.param({"statusCode": True}, "got True", id="status-as-boolean"),
        pytest.param({"statusCode": 99}, "got 99", id="status-out-of-range"),
        pytest.param({"statusCode": 200, "body": {"a": 1}}, "got dict", id="body-as-object"),
        pytest.param(
            {"statusCode": 200, "body": "a", "isBase64Encoded": True}, "not", id="not-base64"
        ),
        pytest.param({"statusCode": 200, "body": "\ud800"}, "no text", id="lone-surrogate"),
        pytest.param({"statusCode": 200, "headers": {"a": None}}, "got None", id="null-header"),
        pytest.param(
            {"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, "one line", id="header-injection"
        ),
    ],
)
def test_an_answer_of_another_shape_is_refused(answer: object, reason: str) -> None:
    with pytest.raises(BadGatewayError, match=reason):
        parse_response(answer)
