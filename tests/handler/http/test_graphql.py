from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.http.errors import (
    BodyError,
    BodySizeError,
    CrossSiteError,
    HttpError,
    MethodError,
    ParameterError,
    UrlSizeError,
)
from handler.http.event import HttpRequest, parse_event
from handler.http.graphql import GraphqlRequest, parse_request, require_query
from handler.http.options import HttpSettings
from tests.handler.http.event_strategies import any_json, any_text
from tests.handler.http.events import JSON, get_event, post, proxy_event, recorded

SETTINGS = HttpSettings(max_body_bytes=2_000, max_json_depth=5)
GUARDED = HttpSettings(csrf_guard=True)


def read(http: HttpRequest, settings: HttpSettings = SETTINGS) -> GraphqlRequest:
    return parse_request(http, JSON, settings)


def get(**query: str) -> HttpRequest:
    return parse_event(get_event(**query))


def test_all_parameters_are_read() -> None:
    http = parse_event(recorded("post"))
    assert read(http) == GraphqlRequest(
        document=json.loads(http.body)["query"],
        operation_name="Products",
        variables={"first": 2},
        extensions={},
        media_type=JSON,
        http=http,
    )


def test_a_get_has_its_parameters_in_the_url() -> None:
    http = parse_event(recorded("get"))
    assert read(http) == GraphqlRequest(
        document="query ($id: ID!) { product(productId: $id) { productName } }",
        variables={"id": "Côte de Blaye"},
        http=http,
    )


def test_the_url_of_a_post_is_not_looked_at() -> None:
    event = proxy_event(headers={"Content-Type": JSON}, query={"query": "{ a }"}, body={})
    with pytest.raises(ParameterError, match="query is missing"):
        read(parse_event(event))


@pytest.mark.parametrize(
    ("http", "message"),
    [
        pytest.param(get(), "query is missing", id="nothing"),
        pytest.param(get(query=""), "query is missing", id="empty-query"),
        pytest.param(get(query="{a}", variables="[]"), "must be an object, got an array", id="map"),
        pytest.param(get(query="{a}", extensions="1"), "must be an object, got a number", id="num"),
        pytest.param(parse_event(recorded("get_query_twice")), "query is given twice", id="twice"),
        pytest.param(post([]), "Batches are not supported", id="batch"),
        pytest.param(post(False), "must be a JSON object, got a boolean", id="boolean"),
        pytest.param(post({"query": ["a"]}), "query must be a string, got an array", id="query"),
        pytest.param(
            post({"query": "a", "operationName": 1}),
            "operationName must be a string, got a number",
            id="operation-name",
        ),
    ],
)
def test_a_wrong_parameter_is_named(http: HttpRequest, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        read(http)


def test_json_of_a_parameter_is_named() -> None:
    with pytest.raises(BodyError, match=r"^The parameter variables is not valid JSON"):
        read(get(query="{a}", variables="{"))
    with pytest.raises(BodyError, match=r"^The parameter variables holds the key 'a' twice"):
        read(get(query="{a}", variables='{"a":1,"a":2}'))
    with pytest.raises(BodyError, match=r"^The parameter query is not valid UTF-8"):
        read(get(query="{a}\ud800"))


def test_a_variables_object_may_nest_up_to_the_limit() -> None:
    at_limit = {"query": "a", "variables": {"a": [[[]]]}}
    assert read(post(at_limit)).variables == {"a": [[[]]]}
    with pytest.raises(HttpError, match="nested 6 or more levels deep; the limit is 5"):
        read(post({"query": "a", "variables": {"a": [[[[]]]]}}))


def test_sizes_are_limited() -> None:
    exact = '{"query":"' + "a" * 1_988 + '"}'
    assert len(read(post(exact)).document) == 1_988
    with pytest.raises(BodySizeError, match="2001 bytes; the limit is 2000"):
        read(post(exact + " "))
    assert len(read(get(query="é" * 1_000)).document) == 1_000
    with pytest.raises(UrlSizeError, match="2002 bytes; the limit is 2000"):
        read(get(query="é" * 1_001))


def test_other_parameters_of_a_url_do_not_count() -> None:
    assert read(get(query="{a}", utm_source="x" * 5_000)).document == "{a}"


DIGEST = "0123456789abcdef" * 4
PERSISTED = {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}


@pytest.mark.parametrize(
    "http",
    [
        pytest.param(post({"extensions": PERSISTED}), id="post"),
        pytest.param(post({"query": None, "extensions": PERSISTED}), id="post-null"),
        pytest.param(post({"query": "", "extensions": PERSISTED}), id="post-empty"),
        pytest.param(post({"documentId": "", "extensions": PERSISTED}), id="post-empty-id"),
        pytest.param(post({"documentId": None, "extensions": PERSISTED}), id="post-null-id"),
        pytest.param(post({"query": None, "documentId": DIGEST}), id="post-null-document-id"),
        pytest.param(post({"query": "", "documentId": DIGEST}), id="post-empty-document-id"),
        pytest.param(post({"documentId": f"sha256:{DIGEST}"}), id="post-document-id"),
        pytest.param(post({"documentId": DIGEST}), id="post-without-prefix"),
        pytest.param(get(extensions=json.dumps(PERSISTED)), id="get"),
        pytest.param(get(query="", extensions=json.dumps(PERSISTED)), id="get-empty"),
        pytest.param(get(documentId=f"sha256:{DIGEST}"), id="get-document-id"),
        pytest.param(get(query="", documentId=DIGEST), id="get-empty-document-id"),
        pytest.param(get(documentId="", extensions=json.dumps(PERSISTED)), id="get-empty-id"),
    ],
)
def test_a_hash_stands_for_a_document(http: HttpRequest) -> None:
    request = read(http)
    assert (request.document, request.document_id) == ("", DIGEST)


def test_a_hash_goes_with_a_document() -> None:
    request = read(post({"query": "{a}", "extensions": PERSISTED}))
    assert (request.document, request.document_id) == ("{a}", DIGEST)
    assert request.extensions == PERSISTED
    assert read(post({"query": "{a}"})).document_id is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"documentId": 7}, "documentId must be a string, got a number"),
        ({"documentId": ""}, "query is missing"),
        ({"documentId": None}, "query is missing"),
        ({"query": None, "extensions": {}}, "query is missing"),
        ({"query": "", "documentId": ""}, "query is empty"),
        ({"query": 0, "documentId": "a"}, "query must be a string, got a number"),
        ({"query": False, "documentId": "a"}, "query must be a string, got a boolean"),
        ({"query": [], "documentId": "a"}, "query must be a string, got an array"),
        ({"documentId": "a", "extensions": PERSISTED}, "not both"),
        ({"extensions": {"persistedQuery": "a"}}, "must be an object, got a string"),
        ({"extensions": {"persistedQuery": {}}}, "Unsupported persisted query version"),
        (
            {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": DIGEST}}},
            "Unsupported persisted query version",
        ),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "a text as sha256Hash"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": ""}}}, "a text"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": [1]}}}, "a text"),
        ({"extensions": {"persistedQuery": None}}, "query is missing"),
    ],
)
def test_a_hash_that_makes_no_sense_is_refused(body: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        read(post(body))


def test_only_a_post_runs_other_operations() -> None:
    require_query(read(get(query="{a}")), "query")
    require_query(read(post({"query": "a"})), "mutation")
    for kind in ("mutation", "subscription"):
        with pytest.raises(MethodError, match=f"queries only, not a {kind}") as raised:
            require_query(read(get(query="{a}")), kind)
        assert (raised.value.status, raised.value.headers) == (405, {"allow": "POST"})


# ------------------------------------------------------------------- the guard across sites


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(get_event(query="{a}"), id="bare-get"),
        pytest.param(proxy_event(body={"query": "{a}"}), id="no-content-type"),
        *(
            pytest.param(proxy_event(headers={"Content-Type": simple}, body="a"), id=simple)
            for simple in (
                "text/plain",
                "text/plain; charset=utf-8",
                "Multipart/Form-Data; boundary=x",
                "application/x-www-form-urlencoded",
                "rubbish",
            )
        ),
    ],
)
def test_the_guard_refuses_what_another_site_could_send(event: dict[str, Any]) -> None:
    with pytest.raises(CrossSiteError, match="GraphQL-Require-Preflight"):
        read(parse_event(event), GUARDED)


@pytest.mark.parametrize(
    "header",
    ["GraphQL-Require-Preflight", "Apollo-Require-Preflight", "X-Apollo-Operation-Name"],
)
def test_the_guard_lets_a_get_with_a_custom_header_pass(header: str) -> None:
    event = proxy_event("GET", headers={header: "1"}, query={"query": "{a}"})
    assert read(parse_event(event), GUARDED).document == "{a}"


def test_the_guard_lets_json_pass() -> None:
    assert read(post({"query": "{a}"}), GUARDED).document == "{a}"


def test_without_the_guard_a_bare_get_is_served() -> None:
    assert read(get(query="{a}"), HttpSettings()).document == "{a}"


# ---------------------------------------------------------------------------------- properties

names = st.sampled_from(["query", "operationName", "variables", "extensions"])


def refuses_with_typed_errors_only(http: HttpRequest) -> None:
    try:
        request = read(http)
    except (HttpError, ParameterError):
        return
    assert isinstance(request.document, str)
    assert request.operation_name is None or request.operation_name
    assert isinstance(request.variables, dict)
    assert isinstance(request.extensions, dict)


@given(body=st.binary(max_size=80))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    refuses_with_typed_errors_only(
        HttpRequest(method="POST", headers={"content-type": JSON}, body=body)
    )


@given(parameters=st.dictionaries(names, any_json) | any_json)
def test_any_json_body_is_read_or_refused(parameters: object) -> None:
    refuses_with_typed_errors_only(
        HttpRequest(
            method="POST", headers={"content-type": JSON}, body=json.dumps(parameters).encode()
        )
    )


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "", "gét"]),
    headers=st.dictionaries(st.sampled_from(["content-type", "content-encoding"]), any_text),
    query=st.dictionaries(names, any_text),
)
def test_any_request_is_read_or_refused(
    method: str, headers: dict[str, str], query: dict[str, str]
) -> None:
    refuses_with_typed_errors_only(HttpRequest(method=method, headers=headers, query=query))


@given(
    document=st.text(min_size=1, max_size=20),
    name=st.none() | st.text(min_size=1, max_size=5),
    variables=st.dictionaries(st.text(max_size=4), st.integers(-(2**63), 2**63 - 1) | st.text()),
)
def test_get_and_post_mean_the_same(
    document: str, name: str | None, variables: dict[str, Any]
) -> None:
    text = orjson.dumps(variables).decode()
    named = {"operationName": name} if name else {}
    by_get = parse_request(get(query=document, variables=text, **named), JSON, HttpSettings())
    by_post = parse_request(
        post({"query": document, "variables": variables, **named}), JSON, HttpSettings()
    )
    assert (by_get.document, by_get.operation_name, by_get.variables) == (
        by_post.document,
        by_post.operation_name,
        by_post.variables,
    )
