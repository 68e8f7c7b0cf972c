"""Stage 1, events of API Gateway REST (Lambda proxy, version 1): dict -> HttpRequest.

No other module knows the form of a gateway's event.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from handler.http.errors import BodyError, EventError


class HttpRequest(Struct, frozen=True, kw_only=True):
    """One HTTP request, independent of the gateway that it came through.

    >>> request = parse_event({"httpMethod": "GET", "headers": {"Accept": "*/*"}})
    >>> request.method, request.path, request.headers
    ('GET', '/', {'accept': '*/*'})
    """

    method: str  # upper case
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)  # lower case; values joined by ", "
    query: Mapping[str, str] = field(default_factory=dict)  # decoded
    repeated: frozenset[str] = frozenset()  # names that `query` had more than once
    body: bytes = b""
    request_id: str = ""  # of the gateway, as in its access log
    authorizer: Mapping[str, Any] = field(default_factory=dict)  # the context that ours returned
    source_ip: str = ""  # of the connection to the gateway, never from a header


def is_warm_up(event: object) -> bool:
    """Whether the event only keeps an execution environment warm.

    It is ``{"warmup": true}`` or a scheduled event of EventBridge. A client of the API cannot send
    one: what it sends is part of a proxy event, which has a method.
    """
    if not isinstance(event, Mapping) or "httpMethod" in event:
        return False
    scheduled = event.get("source") == "aws.events"
    return event.get("warmup") is True or scheduled


def parse_event(event: object) -> HttpRequest:
    """Read a REST proxy event.

    Raises ``EventError`` for any other event, and ``BodyError`` for a body that is marked as Base64
    and is not.
    """
    if not isinstance(event, Mapping):
        raise EventError(f"The event must be an object, got {type(event).__name__}")
    method = event.get("httpMethod")
    if not isinstance(method, str):
        if event.get("version") == "2.0":
            raise EventError(
                "The event has payload format 2.0; set the integration's payload format to 1.0"
            )
        raise EventError("The event is not a proxy event of API Gateway REST: no httpMethod")
    context = _mapping(event, "requestContext")
    if "elb" in context:  # similar, but its query component is still encoded
        raise EventError("The event is one of a load balancer; use API Gateway REST")
    query, repeated = _query(event)
    return HttpRequest(
        method=method.upper(),
        path=_text(event, "path") or "/",
        headers=_headers(event),
        query=query,
        repeated=repeated,
        body=_body(event),
        request_id=_text(context, "requestId"),
        authorizer=_mapping(context, "authorizer"),
        source_ip=_text(_mapping(context, "identity"), "sourceIp"),
    )


def _headers(event: Mapping[Any, Any]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in _mapping(event, "headers").items():
        if isinstance(value, str):  # the console's test event may hold null
            values.setdefault(str(name).lower(), []).append(value)
    # `headers` has the last value of each name only.
    for name, several in _lists(event, "multiValueHeaders"):
        values[name.lower()] = several
    return {name: ", ".join(several) for name, several in values.items()}


def _query(event: Mapping[Any, Any]) -> tuple[dict[str, str], frozenset[str]]:
    query = {
        str(name): value
        for name, value in _mapping(event, "queryStringParameters").items()
        if isinstance(value, str)
    }
    repeated: set[str] = set()
    for name, several in _lists(event, "multiValueQueryStringParameters"):
        query[name] = several[-1]
        if len(several) > 1:
            repeated.add(name)
    return query, frozenset(repeated)


def _body(event: Mapping[Any, Any]) -> bytes:
    body = event.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise EventError(f"The event's body must be a string or null, got {type(body).__name__}")
    if event.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as exc:  # ValueError: a character outside of ASCII
            raise BodyError("The body is marked as Base64 but is not") from exc
    # A lone surrogate is refused by the JSON reader, which has the message for it.
    return body.encode("utf-8", "surrogatepass")


def _text(of: Mapping[Any, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


def _mapping(of: Mapping[Any, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise EventError(f"The event's {name} must be an object, got {type(value).__name__}")
    return value


def _lists(of: Mapping[Any, Any], name: str) -> list[tuple[str, list[str]]]:
    """The non-empty lists of strings in ``of[name]``."""
    found = []
    for key, value in _mapping(of, name).items():
        if value is None:
            continue
        if not isinstance(value, list):
            raise EventError(f"The event's {name} must hold lists, got {type(value).__name__}")
        texts = [text for text in value if isinstance(text, str)]
        if texts:
            found.append((str(key), texts))
    return found
