"""Requests become the events of API Gateway, answers become responses."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from aurora_graphql.gateway.proxy_event import (
    BadGatewayError,
    Request,
    Response,
    build_event,
    parse_response,
)

REQUEST = Request(
    method="POST",
    target="/",
    headers=[("Host", "127.0.0.1:8000"), ("Content-Type", "application/json")],
    body=b'{"query":"{a}"}',
    client="127.0.0.1",
    request_id="0d8a1c5e-0000-4000-8000-000000000001",
    received=datetime(2026, 11, 23, 20, 5, 7, 250_000, tzinfo=UTC),
)


EVENTS = Path(__file__).parents[2] / "events"


def test_a_post_becomes_a_whole_event() -> None:
    assert build_event(REQUEST) == {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": {
            "Host": "127.0.0.1:8000",
            "Content-Type": "application/json",
            "X-Amzn-Trace-Id": "Root=1-6b049c73-b301edb8640beebabf0fe5ac",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "8000",
            "X-Forwarded-Proto": "http",
        },
        "multiValueHeaders": {
            "Host": ["127.0.0.1:8000"],
            "Content-Type": ["application/json"],
            "X-Amzn-Trace-Id": ["Root=1-6b049c73-b301edb8640beebabf0fe5ac"],
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
            "deploymentId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "extendedRequestId": "swHtuGQL7rq/D+U=",
            "httpMethod": "POST",
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": "127.0.0.1",
                "user": None,
                "userAgent": None,
                "userArn": None,
            },
            "path": "/local/",
            "protocol": "HTTP/1.1",
            "requestId": "0d8a1c5e-0000-4000-8000-000000000001",
            "requestTime": "23/Nov/2026:20:05:07 +0000",
            "requestTimeEpoch": 1795464307250,
            "resourceId": "local",
            "resourcePath": "/",
            "stage": "local",
        },
        "body": '{"query":"{a}"}',
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("name", ["post.json", "get_query_twice.json"])
def test_an_event_has_the_members_of_one_of_aws(name: str) -> None:
    recorded = json.loads((EVENTS / name).read_text())
    sent = Request(
        method=recorded["httpMethod"],
        target=f"/?{urlencode(recorded['multiValueQueryStringParameters'] or {}, doseq=True)}",
        headers=[
            (each, value)
            for each, values in recorded["multiValueHeaders"].items()
            if not each.startswith(("X-Amzn", "X-Forwarded"))
            for value in values
        ],
        body=(recorded["body"] or "").encode(),
        client=recorded["requestContext"]["identity"]["sourceIp"],
        request_id=recorded["requestContext"]["requestId"],
        received=datetime.fromtimestamp(recorded["requestContext"]["requestTimeEpoch"] / 1000, UTC),
    )
    event = build_event(sent)
    assert shape(event) == shape(recorded)
    ours = {"X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"}
    for each in ("path", "httpMethod", "queryStringParameters", "body", "isBase64Encoded"):
        assert event[each] == recorded[each], each
    assert event["requestContext"]["requestTime"] == recorded["requestContext"]["requestTime"]
    assert event["requestContext"]["identity"] == recorded["requestContext"]["identity"]
    assert {name: event["headers"][name] for name in event["headers"].keys() - ours} == {
        name: recorded["headers"][name] for name in recorded["headers"].keys() - ours
    }
    for each in ("X-Amzn-Trace-Id", "extendedRequestId"):
        for found, told in zip(texts(event, each), texts(recorded, each), strict=True):
            assert re.sub(r"[\w+/]", "x", found) == re.sub(r"[\w+/]", "x", told)


def shape(value: object) -> object:
    """The names of all members, and the types of what has none."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value).__name__


def texts(event: dict[str, Any], name: str) -> list[str]:
    """What an event says under that name, in a header or in its context."""
    found = (event["headers"].get(name), event["requestContext"].get(name))
    return [each for each in found if each]


def test_what_belongs_to_the_connection_does_not_reach_the_function() -> None:
    names = ("Connection", "CONTENT-LENGTH", "Content-MD5", "Expect", "TE", "transfer-encoding")
    request = dataclasses.replace(REQUEST, headers=[(name, "x") for name in names])
    assert build_event(request)["headers"].keys() == {
        *("X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto")
    }


def test_what_a_caller_says_of_its_way_is_followed_by_what_is_known() -> None:
    said = [
        ("x-forwarded-for", "203.0.113.17"),
        ("X-Forwarded-For", "198.51.100.4"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Forwarded-Port", "70"),
        ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ]
    headers = {
        "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "X-Forwarded-For": "203.0.113.17, 198.51.100.4, 127.0.0.1",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Proto": "http",
    }
    event = build_event(dataclasses.replace(REQUEST, headers=said))
    assert event["headers"] == headers
    assert event["multiValueHeaders"] == {name: [value] for name, value in headers.items()}
    said = [("X-Amzn-Trace-Id", "rubbish")]
    event = build_event(dataclasses.replace(REQUEST, headers=said))
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")


def test_bytes_that_are_no_text_are_replaced() -> None:
    event = build_event(dataclasses.replace(REQUEST, body=b"a\xff"))
    assert (event["body"], event["isBase64Encoded"]) == ("a\ufffd", False)


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


@pytest.mark.parametrize("target", ["http://other.test/a?b=c", "/a?b=c"])
def test_the_path_is_that_of_the_address(target: str) -> None:
    event = build_event(dataclasses.replace(REQUEST, target=target))
    assert (event["path"], event["requestContext"]["path"]) == ("/a", "/local/a")


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
    event = build_event(dataclasses.replace(REQUEST, headers=[("accept", "a"), ("Accept", "b")]))
    assert event["multiValueHeaders"]["accept"] == ["a", "b"]
    assert "Accept" not in event["headers"]


AS_JSON = ("content-type", "application/json")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {"statusCode": 204}, Response(status=204, headers=(AS_JSON,), body=b""), id="bare"
        ),
        pytest.param({}, Response(status=200, headers=(AS_JSON,), body=b""), id="empty"),
        pytest.param(
            {"statusCode": "201"}, Response(status=201, headers=(AS_JSON,), body=b""), id="digits"
        ),
        pytest.param(
            {"statusCode": 200, "body": "grüß", "headers": {"Content-Type": "text/plain"}},
            Response(status=200, headers=(("content-type", "text/plain"),), body="grüß".encode()),
            id="text",
        ),
        pytest.param(
            {"statusCode": 200, "body": "AAE=", "isBase64Encoded": True},
            Response(status=200, headers=(AS_JSON,), body=b"AAE="),
            id="there-are-no-binary-media-types",
        ),
        pytest.param(
            {
                "statusCode": 200,
                "headers": {"Vary": "Accept", "X-A": 1, "X-B": True},
                "multiValueHeaders": {"vary": ["Origin", "Accept"]},
            },
            Response(
                status=200,
                headers=(
                    *(AS_JSON, ("vary", "Origin"), ("vary", "Accept")),
                    *(("x-a", "1"), ("x-b", "true")),
                ),
                body=b"",
            ),
            id="the-list-of-a-header-wins",
        ),
        pytest.param(
            {
                "statusCode": 401,
                "headers": {
                    "Content-Length": "7",
                    "Connection": "close",
                    "Transfer-Encoding": "x",
                    "Date": "today",
                    "Server": "us",
                    "WWW-Authenticate": "Bearer",
                },
            },
            Response(
                status=401,
                headers=(
                    AS_JSON,
                    ("x-amzn-remapped-content-length", "7"),
                    ("x-amzn-remapped-connection", "close"),
                    ("x-amzn-remapped-date", "today"),
                    ("x-amzn-remapped-server", "us"),
                    ("x-amzn-remapped-www-authenticate", "Bearer"),
                ),
                body=b"",
            ),
            id="headers-that-are-the-gateways-own",
        ),
    ],
)
def test_an_answer_becomes_a_response(answer: dict[str, Any], expected: Response) -> None:
    assert parse_response(answer) == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(None, "must be an object, got NoneType", id="nothing"),
        pytest.param({"statusCode": "two"}, "got 'two'", id="status-as-a-word"),
        pytest.param({"statusCode": True}, "got True", id="status-as-boolean"),
        pytest.param({"statusCode": 99}, "got 99", id="status-out-of-range"),
        pytest.param({"statusCode": 200, "body": {"a": 1}}, "got dict", id="body-as-object"),
        pytest.param({"status": 200}, "must not hold status", id="another-member"),
        pytest.param({"multiValueHeaders": {"a": "bc"}}, "must hold lists", id="no-list"),
        pytest.param({"headers": ["a"]}, "headers must be an object", id="headers-as-a-list"),
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
