from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.http.errors import BodyError, EventError, HttpError
from handler.http.event import HttpRequest, is_warm_up, parse_event
from tests.handler.http.event_strategies import FIELDS, any_json
from tests.handler.http.events import RECORDED, proxy_event, recorded

DOCUMENT = (
    "query Products($first: Int!) {\n  products(first: $first) {\n"
    "    edges { node { productId productName } }\n  }\n}"
)
BODY = json.dumps({"query": DOCUMENT, "operationName": "Products", "variables": {"first": 2}})
REQUEST_ID = "6f2b0d8e-3c1a-4f7d-9b5e-0a1c2d3e4f50"
SOURCE_IP = "203.0.113.17"
GATEWAY_HEADERS = {
    "host": "ab12cd34ef.execute-api.eu-central-1.amazonaws.com",
    "user-agent": "curl/8.14.1",
    "x-amzn-trace-id": "Root=1-69231a6f-3c5f2a0b7d1e4f6a8b9c0d1e",
    "x-forwarded-for": "203.0.113.17",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}
CLIENT_HEADERS = {
    "accept": "application/graphql-response+json, application/json;q=0.9",
    "accept-encoding": "gzip, deflate, br",
    "content-type": "application/json",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "post",
            HttpRequest(
                method="POST",
                headers=CLIENT_HEADERS | GATEWAY_HEADERS,
                body=BODY.encode(),
                request_id=REQUEST_ID,
                source_ip=SOURCE_IP,
            ),
            id="post",
        ),
        pytest.param(
            "post_base64",
            HttpRequest(
                method="POST",
                headers=CLIENT_HEADERS | GATEWAY_HEADERS,
                body=BODY.encode(),
                request_id=REQUEST_ID,
                source_ip=SOURCE_IP,
            ),
            id="base64-body",
        ),
        pytest.param(
            "post_authorized",
            HttpRequest(
                method="POST",
                headers=CLIENT_HEADERS
                | GATEWAY_HEADERS
                | {"authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"},
                body=BODY.encode(),
                request_id=REQUEST_ID,
                source_ip=SOURCE_IP,
                authorizer={
                    "principalId": "customer-VINET",
                    "kind": "token",
                    "issuer": "https://login.example",
                    "scopes": "orders:read",
                    "claims": '{"customer_id":"VINET"}',
                    "expiresAt": "1795428751",
                    "integrationLatency": 41,
                },
            ),
            id="authorizer-context",
        ),
        pytest.param(
            "post_two_accept_lines",
            HttpRequest(
                method="POST",
                headers=GATEWAY_HEADERS
                | {
                    "accept": "text/html;q=0.2, application/json",
                    "content-type": "application/json",
                },
                body=b'{"query":"{ __typename }"}',
                request_id=REQUEST_ID,
                source_ip=SOURCE_IP,
            ),
            id="header-sent-twice",
        ),
        pytest.param(
            "get",
            HttpRequest(
                method="GET",
                headers=GATEWAY_HEADERS | {"accept": "application/json"},
                query={
                    "query": "query ($id: ID!) { product(productId: $id) { productName } }",
                    "variables": '{"id":"Côte de Blaye"}',
                    "operationName": "",
                },
                request_id=REQUEST_ID,
                source_ip=SOURCE_IP,
            ),
            id="get",
        ),
        pytest.param(
            "get_query_twice",
            HttpRequest(
                method="GET",
                headers=GATEWAY_HEADERS | {"accept": "*/*"},
                query={"query": "{ a: __typename }"},
                repeated=frozenset({"query"}),
                request_id=REQUEST_ID,
                source_ip=SOURCE_IP,
            ),
            id="parameter-sent-twice",
        ),
        pytest.param(
            "console_test",
            HttpRequest(
                method="POST",
                body=b'{"query":"{ __typename }"}',
                request_id=REQUEST_ID,
                source_ip="test-invoke-source-ip",
            ),
            id="console-without-headers",
        ),
    ],
)
def test_a_recorded_event_is_read(name: str, expected: HttpRequest) -> None:
    assert parse_event(recorded(name)) == expected


@pytest.mark.parametrize(
    ("event", "message"),
    [
        pytest.param(recorded("http_api_v2"), "payload format 2.0", id="http-api"),
        pytest.param(recorded("load_balancer"), "load balancer", id="load-balancer"),
        pytest.param(recorded("queue"), "no httpMethod", id="queue"),
        pytest.param({}, "no httpMethod", id="empty"),
        pytest.param([], "must be an object, got list", id="array"),
        pytest.param(None, "must be an object, got NoneType", id="null"),
        pytest.param({"httpMethod": 1}, "no httpMethod", id="method-number"),
        pytest.param(proxy_event() | {"headers": ["a"]}, "headers must be", id="headers-array"),
        pytest.param(
            proxy_event() | {"multiValueHeaders": {"a": "b"}}, "must hold lists", id="single-value"
        ),
        pytest.param(proxy_event() | {"requestContext": "x"}, "requestContext", id="context-text"),
        pytest.param(proxy_event() | {"body": {"query": "x"}}, "body must be", id="body-object"),
    ],
)
def test_another_shape_is_refused_by_name(event: object, message: str) -> None:
    with pytest.raises(EventError, match=message):
        parse_event(event)


@pytest.mark.parametrize(
    "body", [pytest.param("?", id="character"), pytest.param("abc", id="cut"), "é"]
)
def test_a_broken_base64_body_is_refused(body: str) -> None:
    with pytest.raises(BodyError, match="Base64"):
        parse_event(proxy_event() | {"body": body, "isBase64Encoded": True})


def test_headers_that_differ_in_case_are_one() -> None:
    event = proxy_event() | {"headers": {"Accept": "a/b", "accept": "c/d"}}
    assert parse_event(event).headers == {"accept": "a/b, c/d"}


@pytest.mark.parametrize(
    ("last", "lists", "expected"),
    [
        pytest.param({"A": "1", "a": "2"}, {"A": ["1"], "a": ["2"]}, {"a": "2"}, id="same-name"),
        pytest.param(
            {"X\nY": "1", "Z": "2"},
            {"X\nY": ["1"], "Z": ["2"]},
            {"x\ny": "1", "z": "2"},
            id="line-feed-in-a-name",
        ),
        pytest.param({"A": None}, {"A": [None]}, {}, id="null"),
        pytest.param({"A": 1, "B": "2"}, {"B": ["2"]}, {"b": "2"}, id="number"),
        pytest.param({"A": "1"}, None, {"a": "1"}, id="without-lists"),
        pytest.param(None, {"A": ["1", "2"]}, {"a": "1, 2"}, id="lists-only"),
        pytest.param({"A": "2"}, {"A": ["1", "2"]}, {"a": "1, 2"}, id="sent-twice"),
    ],
)
def test_a_header_is_read_from_both_of_its_places(
    last: object, lists: object, expected: dict[str, str]
) -> None:
    event = proxy_event() | {"headers": last, "multiValueHeaders": lists}
    assert parse_event(event).headers == expected


def test_only_the_gateway_speaks_for_the_authorizer() -> None:
    event = proxy_event(headers={"authorizer": "admin"}, query={"authorizer": "admin"})
    assert parse_event(event | {"authorizer": {"scopes": "all"}}).authorizer == {}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(recorded("schedule"), True, id="schedule"),
        pytest.param({"warmup": True}, True, id="marker"),
        pytest.param({"warmup": "yes"}, False, id="other-marker"),
        pytest.param(recorded("post"), False, id="request"),
        pytest.param(
            recorded("post") | {"warmup": True, "source": "aws.events"}, False, id="forged"
        ),
        pytest.param("warmup", False, id="text"),
    ],
)
def test_warm_up_is_told_from_requests(event: object, expected: bool) -> None:
    assert is_warm_up(event) is expected


def test_recorded_proxy_events_have_every_field_of_the_gateway() -> None:
    fields = set(recorded("post"))
    others = {"http_api_v2.json", "load_balancer.json", "queue.json", "schedule.json"}
    for file in sorted(RECORDED.glob("*.json")):
        if file.name not in others:
            assert set(json.loads(file.read_text("utf-8"))) == fields, file.name


# ---------------------------------------------------------------------------------- properties


@given(event=any_json)
def test_any_json_is_read_or_refused(event: object) -> None:
    try:
        parse_event(event)
    except HttpError:
        return


@given(changes=st.dictionaries(st.sampled_from(FIELDS), any_json, max_size=4))
def test_any_mutated_event_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        request = parse_event(recorded("post") | changes)
    except HttpError:
        return
    assert all(isinstance(value, str) for value in request.headers.values())
    assert all(isinstance(value, str) for value in request.query.values())
    assert all(name == name.lower() for name in request.headers)


@given(
    headers=st.dictionaries(st.from_regex(r"[A-Za-z-]{1,12}", fullmatch=True), st.text(max_size=9)),
    query=st.dictionaries(st.text(max_size=9), st.text(max_size=9)),
    body=st.binary(max_size=64),
)
def test_what_was_sent_is_what_is_read(
    headers: dict[str, str], query: dict[str, str], body: bytes
) -> None:
    headers = {name.lower(): value for name, value in headers.items()}
    event = proxy_event(headers=headers, query=query, body=b64encode(body).decode())
    request = parse_event(event | {"isBase64Encoded": True})
    assert (request.headers, request.query, request.body) == (headers, query, body)
