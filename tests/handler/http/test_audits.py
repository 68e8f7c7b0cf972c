"""What a client may expect of GraphQL over HTTP, one row for each expectation.

Re-derived from https://graphql.github.io/graphql-over-http/draft/ and from the checks of the
reference implementation's audit (npm ``graphql-http``).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.handler.http.events import GRAPHQL_RESPONSE, JSON, get_event, post_event, proxy_event
from tests.handler.http.reference import exchange

OK = {"query": "{ __typename }"}
DATA = {"data": {"__typename": "Query"}}
HELLO = "query Greet($name: String!) { hello(name: $name) }"
GREETING = {"data": {"hello": "Hello you"}}

NOT_STRINGS: dict[str, Any] = {"object": {"a": 1}, "number": 0, "boolean": False, "array": ["a"]}
NOT_MAPS: dict[str, Any] = {"string": "a", "number": 0, "boolean": False, "array": ["a"]}
BOTH_TYPES = [pytest.param(JSON, id="json"), pytest.param(GRAPHQL_RESPONSE, id="graphql")]


# ------------------------------------------------------------------------------------- success


@pytest.mark.parametrize(
    ("event", "content_type"),
    [
        pytest.param(post_event(OK, accept=JSON), JSON, id="post-json"),
        pytest.param(post_event(OK, accept=GRAPHQL_RESPONSE), GRAPHQL_RESPONSE, id="post-graphql"),
        pytest.param(get_event(accept=JSON, **OK), JSON, id="get-json"),
        pytest.param(get_event(accept=GRAPHQL_RESPONSE, **OK), GRAPHQL_RESPONSE, id="get-graphql"),
        pytest.param(
            post_event(OK, accept=JSON, content_type="application/json; charset=utf-8"),
            JSON,
            id="charset-of-the-request",
        ),
        pytest.param(
            post_event(OK, accept=JSON, content_type='Application/JSON;Charset="UTF-8"'),
            JSON,
            id="charset-quoted-and-in-capitals",
        ),
        pytest.param(
            post_event(OK, accept=f"{GRAPHQL_RESPONSE}; charset=utf-8, {JSON}; charset=utf-8"),
            GRAPHQL_RESPONSE,
            id="accept-as-once-recommended",
        ),
        pytest.param(
            post_event(OK, accept=f"{GRAPHQL_RESPONSE}, {JSON};q=0.9"),
            GRAPHQL_RESPONSE,
            id="accept-as-recommended",
        ),
        pytest.param(
            post_event(OK | {"unknown": 1, "qeury": 2}, accept=JSON), JSON, id="more-properties"
        ),
        *(
            pytest.param(post_event(OK | {name: None}, accept=type_), type_, id=f"{name}-null-{n}")
            for name in ("operationName", "variables", "extensions")
            for n, type_ in (("json", JSON), ("graphql", GRAPHQL_RESPONSE))
        ),
        *(
            pytest.param(post_event(OK | {name: {}}, accept=type_), type_, id=f"{name}-map-{n}")
            for name in ("variables", "extensions")
            for n, type_ in (("json", JSON), ("graphql", GRAPHQL_RESPONSE))
        ),
        pytest.param(
            get_event(accept=JSON, operationName="", variables="", extensions="", **OK),
            JSON,
            id="empty-parameters-of-get",
        ),
    ],
)
def test_a_well_formed_request_is_answered(event: dict[str, Any], content_type: str) -> None:
    answer = exchange(event)
    assert (answer.status, answer.json) == (200, DATA)
    assert answer.content_type == f"{content_type}; charset=utf-8"


@pytest.mark.parametrize("accept", BOTH_TYPES)
@pytest.mark.parametrize(
    "event",
    [
        pytest.param(
            post_event({"query": HELLO, "variables": {"name": "you"}}), id="post-variables"
        ),
        pytest.param(get_event(query=HELLO, variables='{"name":"you"}'), id="get-variables"),
        pytest.param(
            post_event(
                {
                    "query": HELLO + " query Other { __typename }",
                    "operationName": "Greet",
                    "variables": {"name": "you"},
                    "extensions": {"of": ["some", "client"]},
                }
            ),
            id="post-all-parameters",
        ),
        pytest.param(
            get_event(
                query=HELLO + " query Other { __typename }",
                operationName="Greet",
                variables='{"name":"you"}',
                extensions='{"of":["some","client"]}',
            ),
            id="get-all-parameters",
        ),
    ],
)
def test_parameters_reach_the_operation(event: dict[str, Any], accept: str) -> None:
    headers = (event["headers"] or {}) | {"Accept": accept}
    several = {name: [value] for name, value in headers.items()}
    answer = exchange(event | {"headers": headers, "multiValueHeaders": several})
    assert (answer.status, answer.json) == (200, GREETING)


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param(None, id="absent"),
        pytest.param("*/*", id="any"),
        pytest.param("application/*", id="any-application"),
        pytest.param("application/json, */*", id="named-before-any"),
    ],
)
def test_a_client_without_a_wish_gets_plain_json(accept: str | None) -> None:
    answer = exchange(post_event(OK, accept=accept))
    assert answer.content_type == f"{JSON}; charset=utf-8"


def test_operation_name_null_in_a_url_is_a_name() -> None:
    answer = exchange(get_event(query="query null { __typename }", operationName="null"))
    assert answer.json == DATA
    other = exchange(get_event(operationName="null", accept=GRAPHQL_RESPONSE, **OK))
    assert (other.status, other.codes) == (400, ["OPERATION_RESOLUTION_FAILURE"])


# ------------------------------------------------------- requests that are not well formed


@pytest.mark.parametrize("accept", BOTH_TYPES)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{ "not a JSON', id="broken-json"),
        pytest.param("NONSENSE", id="nonsense"),
        pytest.param('{"query":', id="cut-json"),
        pytest.param(None, id="no-body"),
        pytest.param(" \n", id="blank-body"),
        pytest.param("[]", id="empty-batch"),
        pytest.param([OK, OK], id="batch"),
        pytest.param('"{ __typename }"', id="bare-string"),
        pytest.param("null", id="bare-null"),
        pytest.param({"qeury": "{ __typename }"}, id="query-misspelt"),
        pytest.param({}, id="query-missing"),
        pytest.param({"query": None}, id="query-null"),
        pytest.param({"query": ""}, id="query-empty"),
        *(
            pytest.param({"query": value}, id=f"query-{kind}")
            for kind, value in NOT_STRINGS.items()
        ),
        *(
            pytest.param(OK | {"operationName": value}, id=f"operation-name-{kind}")
            for kind, value in NOT_STRINGS.items()
        ),
        *(
            pytest.param(OK | {name: value}, id=f"{name}-{kind}")
            for name in ("variables", "extensions")
            for kind, value in NOT_MAPS.items()
        ),
    ],
)
def test_a_malformed_request_is_refused_under_every_type(body: object, accept: str) -> None:
    answer = exchange(post_event(body, accept=accept))
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
    assert list(answer.json) == ["errors"]  # no `data`
    assert answer.content_type == f"{accept}; charset=utf-8"


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        pytest.param(proxy_event(), 415, "UNSUPPORTED_MEDIA_TYPE", id="no-content-type"),
        pytest.param(
            post_event(OK, content_type="text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE", id="text"
        ),
        pytest.param(
            post_event(OK, content_type="application/x-www-form-urlencoded"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            id="form",
        ),
        pytest.param(
            post_event("{ __typename }", content_type="application/graphql"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            id="bare-document",
        ),
        pytest.param(
            post_event(OK, content_type="application/json, text/plain"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            id="two-content-types",
        ),
        pytest.param(
            post_event(OK, content_type="application/json; charset=utf-16"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            id="other-charset",
        ),
        pytest.param(
            proxy_event(
                headers={"Content-Type": JSON, "Content-Encoding": "gzip"}, body="\x1f\x8b"
            ),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            id="compressed",
        ),
        pytest.param(
            proxy_event(headers={"Content-Type": JSON, "Content-Encoding": "br"}, body=OK),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            id="compressed-in-a-way-that-the-gateway-does-not-know",
        ),
        pytest.param(post_event(OK, accept="text/html"), 406, "NOT_ACCEPTABLE", id="html-only"),
        pytest.param(
            post_event(OK, accept=f"{JSON};q=0, text/plain"), 406, "NOT_ACCEPTABLE", id="q-zero"
        ),
        pytest.param(
            post_event(OK, accept=f"{JSON}; charset=utf-16"), 406, "NOT_ACCEPTABLE", id="utf-16"
        ),
        pytest.param(proxy_event("PUT", body=OK), 405, "METHOD_NOT_ALLOWED", id="put"),
        pytest.param(proxy_event("DELETE"), 405, "METHOD_NOT_ALLOWED", id="delete"),
        pytest.param(proxy_event("PATCH", body=OK), 405, "METHOD_NOT_ALLOWED", id="patch"),
    ],
)
def test_http_has_its_own_refusals(event: dict[str, Any], status: int, code: str) -> None:
    answer = exchange(event)
    assert (answer.status, answer.codes, list(answer.json)) == (status, [code], ["errors"])
    allow = "GET, HEAD, POST, OPTIONS" if status == 405 else None
    assert answer.headers.get("allow") == allow


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "identity"])
def test_a_body_that_the_gateway_has_unpacked_is_read(coding: str) -> None:
    event = proxy_event(headers={"Content-Type": JSON, "Content-Encoding": coding}, body=OK)
    assert exchange(event).status == 200


# --------------------------------------------------- well-formed requests that cannot be served


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        pytest.param({"query": "{"}, "GRAPHQL_PARSE_FAILED", id="syntax"),
        pytest.param({"query": " "}, "GRAPHQL_PARSE_FAILED", id="blank"),
        pytest.param({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED", id="validation"),
        pytest.param(
            {"query": "query A { __typename } query B { __typename }"},
            "OPERATION_RESOLUTION_FAILURE",
            id="which-operation",
        ),
        pytest.param(
            {"query": HELLO, "variables": {"name": None}}, "BAD_USER_INPUT", id="variable"
        ),
    ],
)
def test_a_request_error_has_a_status_for_each_type(parameters: dict[str, Any], code: str) -> None:
    answers = {
        accept: exchange(post_event(parameters, accept=accept))
        for accept in (JSON, GRAPHQL_RESPONSE)
    }
    # Of plain JSON every proxy makes some, too: there 200 says that the answer is the server's.
    assert {accept: answer.status for accept, answer in answers.items()} == {
        JSON: 200,
        GRAPHQL_RESPONSE: 400,
    }
    for accept, answer in answers.items():
        assert answer.content_type == f"{accept}; charset=utf-8"
        assert (list(answer.json), answer.codes) == (["errors"], [code])


@pytest.mark.parametrize("accept", BOTH_TYPES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mutation_needs_a_post(method: str, accept: str) -> None:
    answer = exchange(get_event(method=method, accept=accept, query="mutation { __typename }"))
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_mutation_by_post_is_not_the_business_of_http() -> None:
    answer = exchange(post_event({"query": "mutation { touch }"}))
    assert (answer.status, answer.json) == (200, {"data": {"touch": None}})


@pytest.mark.parametrize(
    ("field", "data"),
    [
        pytest.param("broken", {"broken": None}, id="partial-data"),
        pytest.param("strict", None, id="data-null"),
    ],
)
@pytest.mark.parametrize("accept", BOTH_TYPES)
def test_an_error_of_a_field_is_a_success_of_http(field: str, data: object, accept: str) -> None:
    answer = exchange(post_event({"query": f"{{ {field} }}"}, accept=accept))
    assert (answer.status, answer.json["data"]) == (200, data)
    assert [error["path"] for error in answer.json["errors"]] == [[field]]
    assert answer.content_type == f"{accept}; charset=utf-8"
