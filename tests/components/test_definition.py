"""The definition of the API, as a value; and which changes of it are due for a deployment."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

from components.definition import (
    DefinitionOptions,
    Targets,
    build_definition,
    definition_sha256,
    encode_definition,
)
from components.surface import GATEWAY_ERRORS, GATEWAY_HEADERS, build_surface
from handler.settings import Settings

OPTIONS = DefinitionOptions(
    surface=build_surface({}, graphiql=False),
    cors_origins=("https://shop.example",),
    authorizer_cache_s=300,
    anonymous=False,
    api_keys=False,
    timeout_s=15,
)
TARGETS = Targets(graphql_uri="arn:graphql", authorizer_uri="arn:authorizer")
INTEGRATION = "x-amazon-apigateway-integration"
RESPONSES = "x-amazon-apigateway-gateway-responses"


def build(**changes: Any) -> dict[str, Any]:
    return build_definition(dataclasses.replace(OPTIONS, **changes), TARGETS)


GRAPHIQL = build_surface({}, graphiql=True)


@pytest.mark.parametrize(
    ("surface", "more"),
    [
        pytest.param(OPTIONS.surface, {}, id="production"),
        pytest.param(GRAPHIQL, {"/graphiql/{file}": ["get", "head"]}, id="graphiql"),
    ],
)
def test_resources_are_those_of_the_surface(surface: Any, more: dict[str, list[str]]) -> None:
    paths = build(surface=surface)["paths"]
    assert {path: sorted(methods) for path, methods in paths.items()} == {
        "/": ["get", "head", "options", "post"],
        "/graphql": ["get", "head", "options", "post"],
        "/health": ["get", "head"],
        **more,
    }


def operations(**changes: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """All but the preflights: path, method, operation."""
    return [
        (path, method, operation)
        for path, methods in build(surface=GRAPHIQL, **changes)["paths"].items()
        for method, operation in methods.items()
        if method != "options"
    ]


def test_every_method_asks_the_authorizer_and_the_function() -> None:
    for path, method, operation in operations():
        assert operation["security"] == [{"authorizer": []}], (path, method)
        integration = operation[INTEGRATION]
        assert (integration["type"], integration["httpMethod"], integration["uri"]) == (
            "aws_proxy",
            "POST",
            "arn:graphql",
        )


def test_operations_have_different_names() -> None:
    paths = build(surface=GRAPHIQL)["paths"]
    names = [each["operationId"] for methods in paths.values() for each in methods.values()]
    assert len(names) == len(set(names))
    assert {"rootGet", "graphqlPost", "healthHead", "graphiqlFileGet"} <= set(names)


def test_file_of_the_page_is_a_part_of_the_path_and_of_the_caches_key() -> None:
    operation = build(surface=GRAPHIQL)["paths"]["/graphiql/{file}"]["get"]
    assert operation["parameters"][0] == {
        "name": "file",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    assert "method.request.path.file" in operation[INTEGRATION]["cacheKeyParameters"]


def test_preflights_allow_the_headers_that_the_handlers_variable_names() -> None:
    surface = build_surface({"CORS_HEADERS": "x-mine, accept"}, graphiql=False)
    paths = build(surface=surface)["paths"]
    assert list(paths) == ["/", "/graphql", "/health"]
    sent = paths["/"]["options"][INTEGRATION]["responses"]["default"]["responseParameters"]
    told = {
        name: sent[f"method.response.header.Access-Control-{name}"]
        for name in ("Allow-Headers", "Max-Age")
    }
    assert told == {"Allow-Headers": "'x-mine, accept'", "Max-Age": "'7200'"}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        pytest.param({"CORS_HEADERS": "it's"}, 'without quotes, .* got "it\'s"', id="quote"),
    ],
)
def test_variable_that_api_gateway_cannot_follow_is_refused(
    variables: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_surface(variables, graphiql=True)


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({}, id="none"),
        pytest.param({"CORS_HEADERS": "x-mine,accept"}, id="headers"),
    ],
)
def test_handler_reads_these_variables_alike(variables: dict[str, str]) -> None:
    http = Settings.from_environ({"DATABASE_URL": "mysql://a@localhost/b", **variables}).http
    surface = build_surface(variables, graphiql=False)
    assert surface.cors_headers == http.cors_headers


def test_authorizer_is_called_with_the_token_and_its_answer_kept() -> None:
    scheme = build()["components"]["securitySchemes"]["authorizer"]
    assert scheme == {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "authorizerUri": "arn:authorizer",
            "authorizerResultTtlInSeconds": 300,
            "identitySource": "method.request.header.Authorization",
        },
    }


def test_anonymous_callers_reach_the_authorizer() -> None:
    scheme = build(anonymous=True, authorizer_cache_s=0)["components"]["securitySchemes"]
    authorizer = scheme["authorizer"]["x-amazon-apigateway-authorizer"]
    assert "identitySource" not in authorizer
    assert authorizer["authorizerResultTtlInSeconds"] == 0


def test_api_keys_are_asked_for_beside_the_token_not_instead() -> None:
    definition = build(api_keys=True)
    assert definition["paths"]["/"]["post"]["security"] == [{"authorizer": [], "api_key": []}]
    assert definition["components"]["securitySchemes"]["api_key"] == {
        "type": "apiKey",
        "name": "x-api-key",
        "in": "header",
    }


def test_bodies_are_validated() -> None:
    definition = build()
    validator = definition["x-amazon-apigateway-request-validator"]
    assert definition["x-amazon-apigateway-request-validators"][validator] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }
    assert definition["paths"]["/"]["post"]["requestBody"]["required"] is True


def test_cached_answers_depend_on_the_caller_and_on_every_parameter() -> None:
    operation = build()["paths"]["/"]["get"]
    declared = {
        f"method.request.{'querystring' if item['in'] == 'query' else 'header'}.{item['name']}"
        for item in operation["parameters"]
    }
    assert set(operation[INTEGRATION]["cacheKeyParameters"]) == declared
    assert "method.request.header.Authorization" in declared
    assert "method.request.querystring.variables" in declared


def test_preflight_needs_no_token_and_no_function() -> None:
    operation = build()["paths"]["/"]["options"]
    assert "security" not in operation
    assert operation[INTEGRATION]["type"] == "mock"
    answer = operation[INTEGRATION]["responses"]["default"]
    assert answer["responseParameters"] == {
        "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'",
        "method.response.header.Access-Control-Allow-Methods": "'GET, HEAD, POST'",
        "method.response.header.Access-Control-Allow-Headers": (
            "'apollographql-client-name, apollographql-client-version, authorization, content-type,"
            " graphql-client-name, graphql-client-version, graphql-require-preflight, x-api-key'"
        ),
        "method.response.header.Access-Control-Max-Age": "'7200'",
        "method.response.header.Vary": "'Origin'",
        **{f"method.response.header.{name}": f"'{text}'" for name, text in GATEWAY_HEADERS.items()},
    }


def test_preflight_names_one_of_several_origins_only_if_it_is_listed() -> None:
    options = build(cors_origins=("https://a.example", "https://b.example"))["paths"]["/"][
        "options"
    ]
    answer = options[INTEGRATION]["responses"]["default"]
    assert "method.response.header.Access-Control-Allow-Origin" not in answer["responseParameters"]
    assert answer["responseTemplates"]["application/json"] == (
        '#set($origin = $input.params("Origin"))\n'
        '#if($origin == "https://a.example" || $origin == "https://b.example")\n'
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n"
        "#end\n"
    )


def test_preflight_declares_each_header_it_sends() -> None:
    options = build()["paths"]["/"]["options"]
    sent = options[INTEGRATION]["responses"]["default"]["responseParameters"]
    declared = options["responses"]["204"]["headers"]
    assert {f"method.response.header.{name}" for name in declared} == set(sent)


def test_without_origins_there_is_no_cors_header() -> None:
    assert "Access-Control" not in encode_definition(build(cors_origins=()))


@pytest.mark.parametrize("kind", GATEWAY_ERRORS)
def test_gateway_errors_are_graphql_responses_with_cors(kind: str) -> None:
    response = build()[RESPONSES][kind]
    status, code, message = GATEWAY_ERRORS[kind]
    body = json.loads(response["responseTemplates"]["application/json"])
    assert body == {
        "errors": [
            {
                "message": message,
                "extensions": {"code": code, "requestId": "$context.requestId"},
            }
        ]
    }
    assert response.get("statusCode") == status
    parameters = response["responseParameters"]
    assert (
        parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://shop.example'"
    )
    assert parameters["gatewayresponse.header.Cache-Control"] == "'no-store'"


def test_gateway_errors_tell_nothing_of_the_inside() -> None:
    text = json.dumps(build()[RESPONSES])
    assert set(re.findall(r"\$context\.[A-Za-z.]+", text)) == {"$context.requestId"}


def test_defaults_keep_the_status_that_api_gateway_chose() -> None:
    responses = build()[RESPONSES]
    assert "statusCode" not in responses["DEFAULT_4XX"]
    assert "statusCode" not in responses["DEFAULT_5XX"]


def test_throttled_callers_are_told_when_to_come_back() -> None:
    responses = build()[RESPONSES]
    told = {
        kind
        for kind, response in responses.items()
        if "gatewayresponse.header.Retry-After" in response["responseParameters"]
    }
    assert told == {"THROTTLED", "QUOTA_EXCEEDED"}


@pytest.mark.parametrize(
    ("timeout_s", "timeout_ms"),
    [
        pytest.param(1, 2_000, id="a-second-more-than-the-function"),
        pytest.param(28, 29_000, id="exactly-the-maximum"),
        pytest.param(29, 29_000, id="never-over-the-maximum"),
    ],
)
def test_gateway_waits_longer_than_the_function_runs(timeout_s: int, timeout_ms: int) -> None:
    post = build(timeout_s=timeout_s)["paths"]["/"]["post"]
    assert post[INTEGRATION]["timeoutInMillis"] == timeout_ms


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"cors_origins": ("*",)}, id="cors"),
        pytest.param({"authorizer_cache_s": 60}, id="authorizer-cache"),
        pytest.param({"anonymous": True}, id="anonymous"),
        pytest.param({"api_keys": True}, id="keys"),
        pytest.param({"timeout_s": 16}, id="timeout"),
        pytest.param({"surface": GRAPHIQL}, id="surface"),
    ],
)
def test_hash_changes_with_every_option(changes: dict[str, Any]) -> None:
    changed = dataclasses.replace(OPTIONS, **changes)
    assert definition_sha256(changed) != definition_sha256(OPTIONS)


def test_every_option_is_covered_by_the_test_above() -> None:
    covered = {"surface", "cors_origins", "authorizer_cache_s", "anonymous", "api_keys"}
    assert {item.name for item in dataclasses.fields(DefinitionOptions)} == covered | {"timeout_s"}


def test_equal_options_give_equal_hashes() -> None:
    assert definition_sha256(dataclasses.replace(OPTIONS)) == definition_sha256(OPTIONS)
