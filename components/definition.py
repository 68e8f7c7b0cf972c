"""The definition of the REST API: one OpenAPI document, built as a pure value.

Everything API Gateway must be told about the API itself is in this document, so its hash says
exactly when a new deployment is due. What belongs to a stage (throttling, logs, cache size) is not
here and never needs a deployment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

AUTHORIZER: Final = "authorizer"
API_KEY: Final = "api_key"
VALIDATOR: Final = "body-and-parameters"

GET_PARAMETERS: Final = ("query", "documentId", "operationName", "variables", "extensions")
"""Source: https://graphql.github.io/graphql-over-http/draft/#sec-GET"""

ALLOWED_HEADERS: Final = (
    "Accept",
    "Authorization",
    "Content-Type",
    "GraphQL-Require-Preflight",
    "X-Api-Key",
)

# On what API Gateway answers by itself, as the function has them on its own answers. A text here
# stands in single quotes and can hold none, which most words of a content security policy need;
# `sandbox` needs none, and takes scripts, forms and frames from whatever shows the answer.
GATEWAY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

GATEWAY_ERRORS: Final[Mapping[str, tuple[int | None, str, str]]] = {
    "ACCESS_DENIED": (403, "FORBIDDEN", "The token does not open this API"),
    "API_CONFIGURATION_ERROR": (500, "INTERNAL", "Internal error"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "INTERNAL", "Internal error"),
    "AUTHORIZER_FAILURE": (500, "INTERNAL", "Internal error"),
    "BAD_REQUEST_BODY": (400, "BAD_REQUEST", "The body is not a JSON object, or an empty one"),
    "BAD_REQUEST_PARAMETERS": (400, "BAD_REQUEST", "A parameter is missing or malformed"),
    "DEFAULT_4XX": (None, "BAD_REQUEST", "The request cannot be served"),
    "DEFAULT_5XX": (None, "INTERNAL", "Internal error"),
    "EXPIRED_TOKEN": (403, "FORBIDDEN", "The token has expired"),
    "INTEGRATION_FAILURE": (502, "UPSTREAM", "The service did not answer; try again"),
    "INTEGRATION_TIMEOUT": (504, "TIMEOUT", "The service did not answer in time; try again"),
    "INVALID_API_KEY": (403, "FORBIDDEN", "The API key is missing or unknown"),
    "INVALID_SIGNATURE": (403, "FORBIDDEN", "The signature is not valid"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "NOT_FOUND", "The API answers POST and GET at / only"),
    "QUOTA_EXCEEDED": (429, "RATE_LIMITED", "The quota of this API key is used up"),
    "REQUEST_TOO_LARGE": (413, "TOO_LARGE", "The request is too large"),
    "RESOURCE_NOT_FOUND": (404, "NOT_FOUND", "The API answers POST and GET at / only"),
    "THROTTLED": (429, "RATE_LIMITED", "Too many requests; try again in a moment"),
    "UNAUTHORIZED": (401, "UNAUTHENTICATED", "A bearer token is needed"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json"),
    "WAF_FILTERED": (403, "FORBIDDEN", "The request was refused"),
}
"""Errors of API Gateway itself -> HTTP status, ``extensions.code`` and message.

No status keeps the one API Gateway chose. A message is constant: API Gateway's own texts name
resources and the authorizer's internals.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""


@dataclass(frozen=True, kw_only=True)
class DefinitionOptions:
    """What a stack may choose about the definition."""

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
    """What stands behind the API: addresses that AWS gives and that never change afterwards."""

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
            "/": {
                "get": _get(options, targets, security),
                "post": _post(options, targets, security),
                "options": _preflight(options.cors_origins),
            }
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


def _integration(
    options: DefinitionOptions, targets: Targets, cache_keys: Sequence[str] = ()
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


def _get(
    options: DefinitionOptions, targets: Targets, security: Mapping[str, list[str]]
) -> dict[str, Any]:
    # The stage's cache, where it is on, keeps answers to GET. All that an answer depends on is in
    # the key, the caller's token first.
    headers = ("Authorization", "Accept", "Origin")
    return {
        "operationId": "graphqlGet",
        "security": [dict(security)],
        "parameters": [
            *({"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
              for name in GET_PARAMETERS),
            *({"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
              for name in headers),
        ],
        "responses": {"200": {"description": "GraphQL response"}},
        "x-amazon-apigateway-integration": _integration(
            options,
            targets,
            [
                *(f"method.request.header.{name}" for name in headers),
                *(f"method.request.querystring.{name}" for name in GET_PARAMETERS),
            ],
        ),
    }  # fmt: skip


def _post(
    options: DefinitionOptions, targets: Targets, security: Mapping[str, list[str]]
) -> dict[str, Any]:
    return {
        "operationId": "graphqlPost",
        "security": [dict(security)],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/GraphqlRequest"}}
            },
        },
        "responses": {"200": {"description": "GraphQL response"}},
        "x-amazon-apigateway-integration": _integration(options, targets),
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


def _preflight(origins: Sequence[str]) -> dict[str, Any]:
    """OPTIONS, answered by API Gateway alone: no authorizer, no function."""
    static = {
        f"method.response.header.{name}": f"'{text}'" for name, text in GATEWAY_HEADERS.items()
    }
    template = ""
    if origins:
        static |= {
            "method.response.header.Access-Control-Allow-Methods": "'GET,POST,OPTIONS'",
            "method.response.header.Access-Control-Allow-Headers": f"'{','.join(ALLOWED_HEADERS)}'",
            "method.response.header.Access-Control-Max-Age": "'86400'",
            "method.response.header.Vary": "'Origin'",
        }
    if len(origins) == 1:
        static["method.response.header.Access-Control-Allow-Origin"] = f"'{origins[0]}'"
    elif origins:
        allowed = " || ".join(f'$origin == "{origin}"' for origin in origins)
        template = (
            '#set($origin = $input.params("Origin"))\n'
            f"#if({allowed})\n"
            "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n"
            "#end\n"
        )
    names = sorted(parameter.rpartition(".")[2] for parameter in static)
    return {
        "operationId": "preflight",
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
    api_arn: pulumi.Input[str], vpc_endpoint_ids: Sequence[pulumi.Input[str]]
) -> dict[str, Any]:
    """Resource policy of a private API: calls through these VPC endpoints and no other way.

    It is no part of the document: the provider would put an older one back over it.
    """
    condition = {"aws:SourceVpce": list(vpc_endpoint_ids)}
    everything = {
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": pulumi.Output.concat(api_arn, "/*"),
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", **everything, "Condition": {"StringEquals": condition}},
            {"Effect": "Deny", **everything, "Condition": {"StringNotEquals": condition}},
        ],
    }
