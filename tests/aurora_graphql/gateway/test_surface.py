"""What there is of the deployed API, and that it is what the stack's definition says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from aurora_graphql.gateway.refusals import HEADERS
from aurora_graphql.gateway.surface import PREFLIGHT_STATUS, Surface
from components.definition import PLACEHOLDERS, DefinitionOptions, build_definition
from components.surface import build_surface

ORIGINS = [(), ("https://a.example",), ("https://a.example", "https://b.example"), ("*",)]


def definition(origins: tuple[str, ...] = ()) -> dict[str, Any]:
    return build_definition(
        DefinitionOptions(
            surface=build_surface({}, graphiql=True),
            cors_origins=origins,
            authorizer_cache_s=0,
            anonymous=True,
            api_keys=False,
            timeout_s=1,
        ),
        PLACEHOLDERS,
    )


def test_there_is_what_the_definition_has() -> None:
    paths = definition()["paths"]
    surface = Surface(graphiql=True)
    for path, operations in paths.items():
        asked = path.replace("{file}", "graphiql.js")
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"):
            found = surface.route(method, asked)
            assert (found is not None) == (method.lower() in operations), (method, path)
            assert found is None or found.path == path
    for method, path in (("GET", "/healthy"), ("POST", "//"), ("GET", "/graphiql/a/b")):
        assert surface.route(method, path) is None


def test_settings_of_the_handler_say_what_there_is() -> None:
    given = {"DATABASE_URL": "mysql://reader@localhost/orders"}
    plain = Surface.of(given)
    assert plain.route("GET", "/health") is not None
    assert plain.route("GET", "/graphiql/graphiql.js") is None
    assert plain.preflight("https://a.example") == HEADERS
    chosen = Surface.of(
        {
            **given,
            "GRAPHIQL": "on",
            "CORS_ORIGINS": "https://a.example",
            "CORS_HEADERS": "x-mine",
        }
    )
    assert chosen.route("GET", "/graphiql/graphiql.js") is not None
    assert chosen.preflight("https://a.example") == {
        **HEADERS,
        "Access-Control-Allow-Origin": "https://a.example",
        "Access-Control-Allow-Methods": "GET, HEAD, POST",
        "Access-Control-Allow-Headers": "x-mine",
        "Access-Control-Max-Age": "7200",
        "Vary": "Origin",
    }


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"query":"{a}"}', b'{"extensions":{}}', b'{"query":"", "variables":null}'),
        *(b'{"query":null,"documentId":"a"}', b'{"query":"","extensions":{"persistedQuery":{}}}'),
        *(b'{"query":null}', b'{"query":1}', b"{}", b"[]", b'[{"query":"{a}"}]', b"null", b'"a"'),
    ],
)
def test_a_body_is_judged_by_the_schema_of_the_definition(body: bytes) -> None:
    components = definition()["components"]
    schema = components["schemas"]["GraphqlRequest"]
    expected = jsonschema_rs.is_valid(schema, json.loads(body))
    for content_type in ("application/json", "Application/JSON; charset=utf-8", ""):
        assert (Surface().objection("POST", content_type, body) == "") is expected


@pytest.mark.parametrize(
    ("body", "objection"),
    [
        (b"", "the body is not valid JSON: input data is empty, character 1"),
        (b'{"a":1,}', "the body is not valid JSON: trailing comma is not allowed, character 7"),
        (b"query=a", "the body is not valid JSON: unexpected character, character 1"),
        (b"[1]", "the body is no object"),
        (b"{}", "the body is an empty object"),
    ],
)
def test_what_is_no_object_is_refused_where_json_is_said(body: bytes, objection: str) -> None:
    surface = Surface()
    found = surface.objection("POST", "application/json", body)
    assert found.split(":")[0] == objection.split(":", maxsplit=1)[0]
    assert found.rpartition(",")[2] == objection.rpartition(",")[2]
    assert surface.objection("POST", "application/x-www-form-urlencoded", body) == ""
    assert surface.objection("GET", "application/json", body) == ""


@pytest.mark.parametrize("value", ["1e400", "9" * 5_000, '"\\ud800"', "[" * 2_000 + "]" * 2_000])
def test_json_that_this_machine_cannot_read_reaches_the_function(value: str) -> None:
    """Which says what it is that cannot be read, and where: ``tests/handler/http/test_body.py``."""
    body = f'{{"query": "{{ a }}", "variables": {{"a": {value}}}}}'.encode()
    assert Surface().objection("POST", "application/json", body) == ""


@pytest.mark.parametrize("query", [None, "", "{ a }"])
def test_a_query_of_any_kind_beside_a_hash_reaches_the_function(query: str | None) -> None:
    """What it means is one rule, and the function has it: ``test_graphql`` and ``docs``."""
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    for body in ({"documentId": "0" * 64}, {"extensions": persisted}):
        given = json.dumps({"query": query, **body}).encode()
        assert Surface().objection("POST", "application/json", given) == ""


@pytest.mark.parametrize("origins", ORIGINS)
def test_a_preflight_has_the_headers_of_the_definition(origins: tuple[str, ...]) -> None:
    paths = definition(origins)["paths"]
    integration = paths["/"]["options"]["x-amazon-apigateway-integration"]
    told = integration["responses"]["default"]
    assert told["statusCode"] == str(PREFLIGHT_STATUS)
    static = {
        name.rpartition(".")[2]: text.strip("'")
        for name, text in told["responseParameters"].items()
    }
    surface = Surface(origins)
    assert surface.preflight("https://evil.example") == static
    if len(origins) > 1:  # then a template names the caller's own
        named = {"Access-Control-Allow-Origin": origins[1]}
        assert surface.preflight(origins[1]) == static | named


@pytest.mark.parametrize("origins", ORIGINS)
def test_a_refusal_may_be_read_by_whom_the_definition_says(origins: tuple[str, ...]) -> None:
    responses = definition(origins)["x-amazon-apigateway-gateway-responses"]
    told = {
        name.rpartition(".")[2]: "https://b.example"
        if "request.header" in text
        else text.strip("'")
        for name, text in responses["DEFAULT_4XX"]["responseParameters"].items()
    }
    assert {**HEADERS, **Surface(origins).beside_a_refusal("https://b.example")} == told
