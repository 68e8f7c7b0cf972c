from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.http.graphql import GraphqlRequest
from handler.http.options import HttpSettings
from handler.http.response import ProxyResponse
from handler.http.routing import receive
from tests.handler.http.event_strategies import FIELDS, any_json
from tests.handler.http.events import GRAPHQL_RESPONSE, get_event, proxy_event, recorded
from tests.handler.http.reference import exchange

SECURITY = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize("name", ["post", "post_base64", "post_authorized", "get", "head"])
def test_a_graphql_request_goes_on(name: str) -> None:
    assert isinstance(receive(recorded(name), HttpSettings()), GraphqlRequest)


@pytest.mark.parametrize(
    "event", [pytest.param(recorded("schedule"), id="schedule"), {"warmup": True}]
)
def test_a_warm_up_is_answered_at_once(event: object) -> None:
    answer = exchange(event)
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("path", ["/health", "/v1/health"])
def test_a_health_check_is_answered_at_once(path: str) -> None:
    event = recorded("get_health") | {"path": path}
    answer = exchange(event)
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert answer.content_type == "application/json; charset=utf-8"
    head = exchange(event | {"httpMethod": "HEAD"})
    assert (head.status, head.headers, head.body) == (200, answer.headers, b"")


def test_a_post_to_the_health_path_is_an_ordinary_request() -> None:
    event = recorded("post") | {"path": "/health"}
    assert isinstance(receive(event, HttpSettings()), GraphqlRequest)


@pytest.mark.parametrize("name", ["http_api_v2", "load_balancer", "queue"])
def test_an_unknown_event_gets_a_clear_answer(name: str) -> None:
    answer = exchange(recorded(name))
    assert (answer.status, answer.codes) == (400, ["UNKNOWN_EVENT"])


def test_the_console_test_works_without_headers_but_needs_a_type() -> None:
    answer = exchange(recorded("console_test"))
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])
    assert answer.headers["accept-post"] == "application/json"


def test_accept_lines_sent_twice_count_both() -> None:
    answer = exchange(recorded("post_two_accept_lines"))
    assert answer.content_type == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "query", ["{ __typename }", "{", "{ broken }", "{ unknown }", "mutation { touch }"]
)
def test_head_is_a_get_without_the_body(query: str) -> None:
    got = exchange(get_event(query=query, accept=GRAPHQL_RESPONSE))
    head = exchange(get_event(method="HEAD", query=query, accept=GRAPHQL_RESPONSE))
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


def test_the_method_is_refused_before_anything_else() -> None:
    event = proxy_event("TRACE", headers={"Accept": "image/png"})
    answer = exchange(event, HttpSettings(csrf_guard=True))
    assert (answer.status, answer.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert "'TRACE'" in answer.json["errors"][0]["message"]


def test_the_guard_speaks_before_the_media_type() -> None:
    event = proxy_event(headers={"Content-Type": "text/plain"}, body="{}")
    answer = exchange(event, HttpSettings(csrf_guard=True))
    assert (answer.status, answer.codes) == (403, ["CSRF_PREVENTED"])


def test_the_guard_does_not_stand_before_page_and_health() -> None:
    settings = HttpSettings(csrf_guard=True, graphiql=True)
    assert exchange(recorded("get_browser"), settings).status == 200
    assert exchange(recorded("get_health"), settings).status == 200


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(recorded("post"), id="answer"),
        pytest.param(recorded("options_preflight"), id="preflight"),
        pytest.param(recorded("get_health"), id="health"),
        pytest.param(proxy_event("PUT"), id="refusal"),
        pytest.param(recorded("queue"), id="unknown"),
        pytest.param({"warmup": True}, id="warm-up"),
    ],
)
def test_every_answer_has_the_security_headers(event: object) -> None:
    headers = exchange(event).headers
    assert {name: headers[name] for name in SECURITY} == SECURITY


def test_the_page_has_them_too_with_its_own_policy() -> None:
    headers = exchange(recorded("get_browser"), HttpSettings(graphiql=True)).headers
    kept = {name: value for name, value in SECURITY.items() if "policy" not in name}
    assert {name: headers[name] for name in kept} == kept


@given(event=any_json)
def test_any_json_gets_a_response(event: object) -> None:
    assert_is_a_response(receive(event, HttpSettings()))


@given(
    changes=st.dictionaries(st.sampled_from(FIELDS), any_json, max_size=4),
    name=st.sampled_from(["post", "get", "options_preflight", "get_browser"]),
)
def test_any_mutated_event_gets_a_response(changes: dict[str, Any], name: str) -> None:
    settings = HttpSettings(graphiql=True, cors_origins=("https://shop.example",))
    received = receive(recorded(name) | changes, settings)
    if not isinstance(received, GraphqlRequest):
        assert_is_a_response(received)


def assert_is_a_response(response: GraphqlRequest | ProxyResponse) -> None:
    assert not isinstance(response, GraphqlRequest)
    assert set(response) == {
        "statusCode",
        "headers",
        "multiValueHeaders",
        "body",
        "isBase64Encoded",
    }
    # The runtime writes it as UTF-8, and a line break in a header would be a second header.
    json.dumps(response, ensure_ascii=False).encode()
    assert not any("\n" in value or "\r" in value for value in response["headers"].values())
