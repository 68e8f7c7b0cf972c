"""HTTP on the one side, the events of API Gateway REST (Lambda proxy, version 1) on the other.

Pure. As a gateway with ``binaryMediaTypes: */*`` does it: every body travels as Base64.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

STAGE = "local"
ACCOUNT_ID, API_ID, REGION = "000000000000", "local", "eu-central-1"


class BadGatewayError(Exception):
    """The function's answer is not one that API Gateway takes: status 502."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the HTTP server knows of a request. ``target``: path and query as sent."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    client: str  # address
    request_id: str
    received: datetime


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the HTTP server sends."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def build_event(request: Request) -> dict[str, Any]:
    """The event for a request."""
    path, _, query_text = request.target.partition("?")
    query = _grouped(parse_qsl(query_text, keep_blank_values=True))
    port = _value(request.headers, "host").rpartition(":")[2]
    headers = _grouped(
        [
            *request.headers,
            ("X-Amzn-Trace-Id", f"Root=1-{request.request_id}"),
            ("X-Forwarded-For", request.client),
            ("X-Forwarded-Port", port if port.isdecimal() else "80"),
            ("X-Forwarded-Proto", "http"),
        ]
    )
    proxy = path.removeprefix("/")
    resource = "/{proxy+}" if proxy else "/"
    received = request.received.astimezone(UTC)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": proxy} if proxy else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": _value(request.headers, "host"),
            "extendedRequestId": request.request_id,
            "httpMethod": request.method,
            "identity": {
                "sourceIp": request.client,
                "userAgent": _value(request.headers, "user-agent") or None,
            },
            "path": f"/{STAGE}{path}",
            "protocol": "HTTP/1.1",
            "requestId": request.request_id,
            "requestTime": received.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(received.timestamp() * 1000),
            "resourceId": API_ID,
            "resourcePath": resource,
            "stage": STAGE,
        },
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }


def build_authorizer_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """What a REQUEST authorizer is asked about a request, given the request's own event."""
    method, path = event["httpMethod"], event["path"]
    names = ("resource", "path", "httpMethod", "headers", "multiValueHeaders", "requestContext")
    maps = (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
    )
    return {
        "type": "REQUEST",
        "methodArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{API_ID}/{STAGE}/{method}{path}",
        **{name: event[name] for name in names},
        **{name: event[name] or {} for name in maps},  # empty, where a proxy event has null
    }


def parse_response(answer: object) -> Response:
    """The HTTP response that a function's answer means; ``BadGatewayError`` if it means none."""
    if not isinstance(answer, Mapping):
        raise BadGatewayError(f"the answer must be an object, got {type(answer).__name__}")
    status = answer.get("statusCode")
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise BadGatewayError(f"statusCode must be a whole number from 200 to 599, got {status!r}")
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise BadGatewayError(f"body must be a string, got {type(body).__name__}")
    try:
        content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError) as error:
        raise BadGatewayError("body is marked as Base64 but is not, or is no text") from error
    # A name in both: the list wins.
    headers: dict[str, list[str]] = {}
    for name, value in (answer.get("headers") or {}).items():
        headers[name.lower()] = [_header_text(name, value)]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = [_header_text(name, value) for value in values]
    return Response(
        status=status,
        headers=tuple((name, value) for name, values in headers.items() for value in values),
        body=content,
    )


def _grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name; a header's name keeps the case in which it came first."""
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _value(headers: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for each, value in headers if each.lower() == name), "")


def _header_text(name: object, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = str(value)
        if "\r" not in text and "\n" not in text:
            return text
    raise BadGatewayError(f"header {name!r} must be one line of text, got {value!r}")
