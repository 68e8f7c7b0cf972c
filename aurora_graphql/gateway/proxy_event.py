"""HTTP on the one side, the events of API Gateway REST (Lambda proxy, version 1) on the other.

Pure. As the deployed gateway, which has no binary media types: every body travels as text.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

STAGE = "local"
ACCOUNT_ID, API_ID, REGION = "000000000000", "local", "eu-central-1"

# Of one connection and not of the request; no function has ever seen them.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_DROPPED: Final = frozenset(
    {
        *("connection", "content-length", "content-md5", "expect", "max-forwards"),
        *("proxy-authenticate", "server", "te", "trailer", "transfer-encoding", "upgrade"),
        "www-authenticate",
    }
)
_FORWARDED_FOR: Final = "x-forwarded-for"
_TRACE: Final = "x-amzn-trace-id"
_OURS: Final = frozenset({_FORWARDED_FOR, "x-forwarded-port", "x-forwarded-proto", _TRACE})

# Of a function's answer; the gateway speaks for itself there, and says the function's word beside.
_REMAPPED: Final = frozenset({"connection", "content-length", "date", "server", "www-authenticate"})
_MEMBERS: Final = frozenset(
    {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
)


class BadGatewayError(Exception):
    """The function's answer is not one that API Gateway takes: status 502."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the HTTP server knows of a request. ``target``: path and query as sent."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes = b""
    client: str  # address
    request_id: str
    received: datetime

    def header(self, name: str) -> str:
        """The first value of a header, whose name is given in lower case; empty if not sent."""
        return _value(self.headers, name)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the HTTP server sends."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def build_event(request: Request, *, resource: str = "") -> dict[str, Any]:
    """The event for a request to a resource, ``/a/{name}``; without one it is a proxy for all."""
    path, query_text = path_of(request.target), request.target.partition("?")[2]
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(query_text, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    headers = _headers(request)
    domain = _domain(request)
    parameters = _path_parameters(resource, path)
    if not resource:
        proxy = path.removeprefix("/")
        resource = "/{proxy+}" if proxy else "/"
        parameters = {"proxy": proxy} if proxy else {}
    received = request.received.astimezone(UTC)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "deploymentId": API_ID,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "extendedRequestId": _extended_id(request.request_id),
            "httpMethod": request.method,
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": request.client,
                "user": None,
                "userAgent": _value(request.headers, "user-agent") or None,
                "userArn": None,
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
        # What is no UTF-8 does not reach a function as it was sent.
        "body": request.body.decode("utf-8", "replace") or None,
        "isBase64Encoded": False,
    }


def _path_parameters(resource: str, path: str) -> dict[str, str]:
    """Segments of the path that stand for names in braces."""
    return {
        name[1:-1]: segment
        for name, segment in zip(resource.split("/"), path.split("/"), strict=False)
        if name.startswith("{")
    }


def path_of(target: str) -> str:
    """The path as sent; clients may write a whole address, as to a proxy."""
    path = target.partition("?")[0]
    return path if path.startswith("/") else urlsplit(path).path or "/"


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
    """The HTTP response that a function's answer means; ``BadGatewayError`` if it means none.

    No member is needed and no other one allowed. A body that is marked as Base64 is sent as the
    text that it is: decoding it needs binary media types.
    """
    if not isinstance(answer, Mapping):
        raise BadGatewayError(f"the answer must be an object, got {type(answer).__name__}")
    if unknown := answer.keys() - _MEMBERS:
        raise BadGatewayError(f"the answer must not hold {', '.join(sorted(map(str, unknown)))}")
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise BadGatewayError(f"body must be a string, got {type(body).__name__}")
    try:
        content = body.encode()
    except UnicodeEncodeError as error:
        raise BadGatewayError("body is no text") from error
    # A name in both: the list wins.
    headers = {"content-type": ["application/json"]}
    for name, value in _members(answer, "headers"):
        headers[name.lower()] = [_header_text(name, value)]
    for name, values in _members(answer, "multiValueHeaders"):
        if not isinstance(values, list):
            raise BadGatewayError(f"multiValueHeaders must hold lists, got {values!r} for {name!r}")
        headers[name.lower()] = [_header_text(name, value) for value in values]
    headers.pop("transfer-encoding", None)
    return Response(
        status=_status(answer.get("statusCode")),
        headers=tuple(
            (f"x-amzn-remapped-{name}" if name in _REMAPPED else name, value)
            for name, values in headers.items()
            for value in values
        ),
        body=content,
    )


def new_trace_id(request_id: str, at: datetime) -> str:
    """The root of a trace, in the form of X-Ray: seconds and 24 digits, both hexadecimal.

    Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
    """
    return f"1-{int(at.timestamp()):08x}-{hashlib.sha256(request_id.encode()).hexdigest()[:24]}"


def _extended_id(request_id: str) -> str:
    """API Gateway's second identifier: 15 characters of Base64, and the sign of their end."""
    return base64.b64encode(hashlib.sha256(request_id.encode()).digest()[:11]).decode()


def _domain(request: Request) -> str:
    """The name without the port."""
    return re.sub(r":\d*$", "", _value(request.headers, "host"))


def _headers(request: Request) -> dict[str, list[str]]:
    """Those that a function sees. A name in several cases has the one in which it came first."""
    groups: dict[str, tuple[str, list[str]]] = {}
    for name, value in request.headers:
        if name.lower() not in _DROPPED | _OURS:
            groups.setdefault(name.lower(), (name, []))[1].append(value)
    port = _value(request.headers, "host").rpartition(":")[2]
    # What a caller says of its way is kept and followed by what the gateway knows.
    way = [*_values(request.headers, _FORWARDED_FOR), request.client]
    sent = _value(request.headers, _TRACE)
    trace = sent if re.match(r"Root=1-", sent) else ""
    return {
        **dict(groups.values()),
        "X-Amzn-Trace-Id": [trace or f"Root={new_trace_id(request.request_id, request.received)}"],
        "X-Forwarded-For": [", ".join(way)],
        "X-Forwarded-Port": [port if port.isdecimal() else "80"],
        "X-Forwarded-Proto": ["http"],
    }


def _values(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for each, value in headers if each.lower() == name]


def _value(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next(iter(_values(headers, name)), "")


def _status(found: object) -> int:
    """A number or its digits, 200 where there is none."""
    if found is None:
        return 200
    is_text = isinstance(found, str) and found.isascii() and found.isdecimal()
    if is_text or (isinstance(found, int) and not isinstance(found, bool)):
        status = int(str(found))
        if 200 <= status <= 599:
            return status
    raise BadGatewayError(f"statusCode must be a whole number from 200 to 599, got {found!r}")


def _members(answer: Mapping[str, Any], name: str) -> Iterable[tuple[str, object]]:
    """The headers in one of the answer's two members."""
    found = answer.get(name) or {}
    if not isinstance(found, Mapping):
        raise BadGatewayError(f"{name} must be an object, got {type(found).__name__}")
    return found.items()


def _header_text(name: object, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = str(value)
        if "\r" not in text and "\n" not in text:
            return text
    raise BadGatewayError(f"header {name!r} must be one line of text, got {value!r}")
