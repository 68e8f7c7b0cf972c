"""Stage 1, events of API Gateway REST (Lambda proxy, version 1): dict -> HttpRequest.

No other module knows the form of a gateway's event.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

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


# What is read of an event and of its context; what is absent counts as null.
_EVENT: Final = (
    "httpMethod",
    "path",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "requestContext",
    "body",
    "isBase64Encoded",
)
_CONTEXT: Final = ("requestId", "authorizer", "identity")
_NO_EVENT: Final = dict.fromkeys(_EVENT)
_NO_CONTEXT: Final = dict.fromkeys(_CONTEXT)
_event_parts = itemgetter(*_EVENT)
_context_parts = itemgetter(*_CONTEXT)


def is_warm_up(event: object) -> bool:
    """Whether the event only keeps an execution environment warm.

    It is ``{"warmup": true}`` or a scheduled event of EventBridge. A client of the API cannot send
    one: what it sends is part of a proxy event, which has a method.
    """
    if not isinstance(event, dict) or "httpMethod" in event:
        return False
    scheduled = event.get("source") == "aws.events"
    return event.get("warmup") is True or scheduled


def parse_event(event: object) -> HttpRequest:
    """Read a REST proxy event.

    Raises ``EventError`` for any other event, and ``BodyError`` for a body that is marked as Base64
    and is not.
    """
    if type(event) is not dict:  # it was JSON, whose types are exact
        raise EventError(f"The event must be an object, got {type(event).__name__}")
    parts = _event_parts({**_NO_EVENT, **event})
    method, path, headers, header_lists, query, query_lists, context, body, is_base64 = parts
    if type(method) is not str:
        if event.get("version") == "2.0":
            raise EventError(
                "The event has payload format 2.0; set the integration's payload format to 1.0"
            )
        raise EventError("The event is not a proxy event of API Gateway REST: no httpMethod")
    if type(context) is not dict:
        context = _object(context, "requestContext")
    if "elb" in context:  # similar, but its query component is still encoded
        raise EventError("The event is one of a load balancer; use API Gateway REST")
    request_id, authorizer, identity = _context_parts({**_NO_CONTEXT, **context})
    if type(identity) is not dict:
        identity = _object(identity, "identity")
    source_ip = identity.get("sourceIp")
    parameters: dict[str, str] = {}
    repeated: frozenset[str] = frozenset()
    if query is not None or query_lists is not None:  # as no POST has, but for odd ones
        parameters, repeated = _query(query, query_lists)
    return HttpRequest(
        method=method.upper(),
        path=path if path and type(path) is str else "/",
        headers=_headers(headers, header_lists),
        query=parameters,
        repeated=repeated,
        body=_body(body, is_base64),
        request_id=request_id if type(request_id) is str else "",
        authorizer={} if authorizer is None else _object(authorizer, "authorizer"),
        source_ip=source_ip if type(source_ip) is str else "",
    )


def _headers(last: object, lists: object) -> dict[str, str]:
    """``last`` has the last value of each name, ``lists`` all of them: mostly they say the same."""
    if type(last) is not dict or type(lists) is not dict:
        last, lists = _object(last, "headers"), _object(lists, "multiValueHeaders")
    for name, value in last.items():
        if type(value) is not str or name not in lists or lists[name] != [value]:
            break
    else:
        names = "\n".join(last).lower().split("\n")
        headers = dict(zip(names, last.values(), strict=False))
        if [*headers] == names and len(last) == len(lists):
            return headers
    values: dict[str, list[str]] = {}
    for name, value in last.items():
        if isinstance(value, str):  # the console's test event may hold null
            values.setdefault(str(name).lower(), []).append(value)
    for name, several in _lists(lists, "multiValueHeaders"):
        values[name.lower()] = several
    return {name: ", ".join(several) for name, several in values.items()}


def _query(last: object, lists: object) -> tuple[dict[str, str], frozenset[str]]:
    """The last value of each parameter, and the names of those that were sent more than once."""
    last = _object(last, "queryStringParameters")
    lists = _object(lists, "multiValueQueryStringParameters")
    query = {str(name): value for name, value in last.items() if isinstance(value, str)}
    repeated: set[str] = set()
    for name, several in _lists(lists, "multiValueQueryStringParameters"):
        query[name] = several[-1]
        if len(several) > 1:
            repeated.add(name)
    return query, frozenset(repeated)


def _body(body: object, is_base64: object) -> bytes:
    if body is None:
        return b""
    if type(body) is not str:
        raise EventError(f"The event's body must be a string or null, got {type(body).__name__}")
    if is_base64 is True:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as exc:  # ValueError: a character outside of ASCII
            raise BodyError("The body is marked as Base64 but is not") from exc
    # A lone surrogate is refused by the JSON reader, which has the message for it.
    return body.encode("utf-8", "surrogatepass")


def _object(value: object, name: str) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise EventError(f"The event's {name} must be an object, got {type(value).__name__}")


def _lists(of: Mapping[str, Any], name: str) -> list[tuple[str, list[str]]]:
    """The non-empty lists of strings in an object; ``name``: its own."""
    found = []
    for key, value in of.items():
        if value is None:
            continue
        if not isinstance(value, list):
            raise EventError(f"The event's {name} must hold lists, got {type(value).__name__}")
        texts = [text for text in value if isinstance(text, str)]
        if texts:
            found.append((str(key), texts))
    return found
