"""The definition of the REST API: one OpenAPI document, built as a pure value.

Everything API Gateway must be told about the API itself is in this document, so its hash says
exactly when a new deployment is due. What belongs to a stage (throttling, logs, cache size) is not
here and never needs a deployment.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components.surface import (
    CORS_MAX_AGE_S,
    GATEWAY_ERRORS,
    GATEWAY_HEADERS,
    GET_PARAMETERS,
    KEY_HEADERS,
    Route,
    Surface,
)

AUTHORIZER: Final = "authorizer"
API_KEY: Final = "api_key"
VALIDATOR: Final = "body-and-parameters"


@dataclass(frozen=True, kw_only=True)
class DefinitionOptions:
    """What a stack may choose about the definition."""

    surface: Surface
    cors_origins: tuple[str, ...]
    authorizer_cache_s: int
    anonymous: bool
    api_keys: bool
    timeout_s: int

    @property
    def timeout_ms(self) -> int:
        """A second more than the function has, so that its own answer comes first; at most 29 s."""
        return min(29_000, self.timeout_s * 1000 + 1000)


@dataclass(frozen=True, kw_only=True)
class Targets:
    """The integrations of the API: addresses that AWS assigns once."""

    graphql_uri: str
    authorizer_uri: str


PLACEHOLDERS: Final = Targets(graphql_uri="graphql", authorizer_uri="authorizer")
"""Stand in for addresses that a first preview does not know; see ``definition_sha256``."""


def build_definition(options: DefinitionOptions, targets: Targets) -> dict[str, Any]:
    """The OpenAPI 3.0 document with API Gateway's extensions.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    security: dict[str, list[str]] = {AUTHORIZER: []}
    schemes: dict[str, Any] = {AUTHORIZER: _authorizer(options, targets)}
    if options.api_keys:
        security[API_KEY] = []
        schemes[API_KEY] = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    return {
        "openapi": "3.0.1",
        "info": {"title": "GraphQL over HTTP", "version": "1"},
        "paths": {
            route.path: _operations(route, options, targets, security)
            for route in options.surface.routes
        },
        "components": {
            "securitySchemes": schemes,
            "schemas": {"GraphqlRequest": _request_schema()},
        },
        "x-amazon-apigateway-request-validators": {
            VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": VALIDATOR,
        "x-amazon-apigateway-gateway-responses": {
            kind: _gateway_response(status, code, message, options.cors_origins)
            for kind, (status, code, message) in GATEWAY_ERRORS.items()
        },
    }


def encode_definition(definition: Mapping[str, Any]) -> str:
    """The document as text; equal documents give equal text."""
    return json.dumps(definition, sort_keys=True, separators=(",", ":"))


def definition_sha256(options: DefinitionOptions) -> str:
    """Hash of the definition with placeholders for addresses: known in a first preview, too."""
    definition = build_definition(options, PLACEHOLDERS)
    return hashlib.sha256(encode_definition(definition).encode()).hexdigest()


def _authorizer(options: DefinitionOptions, targets: Targets) -> dict[str, Any]:
    authorizer: dict[str, Any] = {
        "type": "request",
        "authorizerUri": targets.authorizer_uri,
        "authorizerResultTtlInSeconds": options.authorizer_cache_s,
    }
    if not options.anonymous:
        # With an identity source API Gateway itself refuses a request without a token.
        authorizer["identitySource"] = "method.request.header.Authorization"
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": authorizer,
    }


def _operations(
    route: Route,
    options: DefinitionOptions,
    targets: Targets,
    security: Mapping[str, list[str]],
) -> dict[str, Any]:
    """Every method of a resource; the caller is asked at each but the preflight."""
    operations = {}
    for method in route.methods:
        with_body = method == "POST"
        operations[method.lower()] = {
            "operationId": _operation_id(route, method),
            "security": [dict(security)],
            **(_body() if with_body else {"parameters": _parameters(route)}),
            "responses": {"200": {"description": "GraphQL response"}},
            "x-amazon-apigateway-integration": _integration(
                options, targets, _cache_keys(route) if method == "GET" else ()
            ),
        }
    if route.takes_documents:
        operations["options"] = _preflight(route, options)
    return operations


def _operation_id(route: Route, method: str) -> str:
    words = re.findall(r"\w+", route.path) or ["root"]
    return "".join([*words[:1], *(word.capitalize() for word in (*words[1:], method))])


def _integration(
    options: DefinitionOptions, targets: Targets, cache_keys: Sequence[str]
) -> dict[str, Any]:
    integration: dict[str, Any] = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": targets.graphql_uri,
        "passthroughBehavior": "when_no_match",
        "timeoutInMillis": options.timeout_ms,
    }
    if cache_keys:
        integration["cacheKeyParameters"] = list(cache_keys)
    return integration


def _parameters(route: Route) -> list[dict[str, Any]]:
    """What a request without a body may carry; API Gateway keeps nothing else in a cache's key."""
    places = [
        *(("path", name) for name in route.path_parameters),
        *(("query", name) for name in (GET_PARAMETERS if route.takes_documents else ())),
        *(("header", name) for name in KEY_HEADERS),
    ]
    return [
        {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}
        for place, name in places
    ]


def _cache_keys(route: Route) -> list[str]:
    """The stage's cache, where it is on, keeps answers to GET: all that an answer depends on."""
    words = {"path": "path", "query": "querystring", "header": "header"}
    return [f"method.request.{words[each['in']]}.{each['name']}" for each in _parameters(route)]


def _body() -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/GraphqlRequest"}}
            },
        }
    }


def _request_schema() -> dict[str, Any]:
    # Nothing about the members: each may be null (a query beside the hash of one, for example),
    # which OpenAPI 3.0 cannot say to API Gateway beside a type. The function reads them, by one
    # rule for GET and POST, and says better what is wrong.
    return {"type": "object", "minProperties": 1}


def _cors_parameters(origins: Sequence[str], prefix: str) -> dict[str, str]:
    """Static CORS headers. With several origins the caller's own is named.

    Only constant texts are sent under it, and never with credentials.
    """
    if not origins:
        return {}
    named = f"'{origins[0]}'" if len(origins) == 1 else "method.request.header.Origin"
    return {
        f"{prefix}.header.Access-Control-Allow-Origin": named,
        f"{prefix}.header.Vary": "'Origin'",
    }


def _preflight(route: Route, options: DefinitionOptions) -> dict[str, Any]:
    """OPTIONS, answered by API Gateway alone: no authorizer, no function."""
    origins, surface = options.cors_origins, options.surface
    static = {
        f"method.response.header.{name}": f"'{text}'" for name, text in GATEWAY_HEADERS.items()
    }
    template = ""
    if origins:
        allowed = {
            "Access-Control-Allow-Methods": ", ".join(surface.preflight_methods),
            "Access-Control-Allow-Headers": ", ".join(surface.cors_headers),
            "Access-Control-Max-Age": str(CORS_MAX_AGE_S),
            "Vary": "Origin",
        }
        static |= {f"method.response.header.{name}": f"'{text}'" for name, text in allowed.items()}
    if len(origins) == 1:
        static["method.response.header.Access-Control-Allow-Origin"] = f"'{origins[0]}'"
    elif origins:
        listed = " || ".join(f'$origin == "{origin}"' for origin in origins)
        template = (
            '#set($origin = $input.params("Origin"))\n'
            f"#if({listed})\n"
            "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n"
            "#end\n"
        )
    names = sorted(parameter.rpartition(".")[2] for parameter in static)
    return {
        "operationId": _operation_id(route, "OPTIONS"),
        "responses": {
            "204": {
                "description": "CORS preflight",
                "headers": {name: {"schema": {"type": "string"}} for name in names},
            }
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "passthroughBehavior": "when_no_match",
            "requestTemplates": {"application/json": '{"statusCode": 204}'},
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": static,
                    "responseTemplates": {"application/json": template},
                }
            },
        },
    }


def _gateway_response(
    status: int | None, code: str, message: str, origins: Sequence[str]
) -> dict[str, Any]:
    parameters = {
        **{f"gatewayresponse.header.{name}": f"'{text}'" for name, text in GATEWAY_HEADERS.items()},
        **_cors_parameters(origins, "gatewayresponse"),
    }
    if status == 401:
        parameters["gatewayresponse.header.WWW-Authenticate"] = "'Bearer'"
    if code == "RATE_LIMITED":
        parameters["gatewayresponse.header.Retry-After"] = "'1'"
    body = {
        "errors": [
            {
                "message": message,
                "extensions": {"code": code, "requestId": "$context.requestId"},
            }
        ]
    }
    response: dict[str, Any] = {
        "responseParameters": parameters,
        "responseTemplates": {"application/json": json.dumps(body)},
    }
    return response if status is None else {"statusCode": status, **response}


def build_private_policy(
    api_arn: pulumi.Input[str],
    vpc_endpoint_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    body: pulumi.Input[str],
) -> dict[str, Any]:
    """Resource policy of a private API: calls through these VPC endpoints and no other way.

    It is no part of the document: the provider would put an older one back over it. And whenever
    the provider writes another ``body``, API Gateway drops the policy, of which nothing tells; so
    the policy carries the body's hash, and is written again after it.
    Source: https://github.com/pulumi/pulumi-aws/issues/4296
    """
    condition = {"aws:SourceVpce": vpc_endpoint_ids}
    written = pulumi.Output.from_input(body).apply(
        lambda text: f"Body{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    )
    everything = {
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": pulumi.Output.concat(api_arn, "/*"),
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": written,
                "Effect": "Allow",
                **everything,
                "Condition": {"StringEquals": condition},
            },
            {"Effect": "Deny", **everything, "Condition": {"StringNotEquals": condition}},
        ],
    }
