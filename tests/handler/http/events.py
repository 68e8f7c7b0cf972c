"""Events of API Gateway: recorded ones, and ones built for a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handler.http.event import HttpRequest, parse_event

RECORDED = Path(__file__).parents[2] / "events"
JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"


def recorded(name: str) -> dict[str, Any]:
    """The event ``tests/events/<name>.json``."""
    event: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return event


def proxy_event(
    method: str = "POST",
    *,
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: object = None,
) -> dict[str, Any]:
    """A REST proxy event. A body that is not text is sent as JSON; headers are exactly these."""
    template = recorded("post")
    headers = dict(headers or {})
    return template | {
        "httpMethod": method,
        "path": path,
        "headers": headers or None,
        "multiValueHeaders": {name: [value] for name, value in headers.items()} or None,
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": (
            {name: [value] for name, value in query.items()} if query else None
        ),
        "body": body if isinstance(body, str | None) else json.dumps(body),
    }


def post(
    body: object, *, accept: str | None = None, content_type: str | None = JSON
) -> HttpRequest:
    """A parsed POST with this body."""
    return parse_event(post_event(body, accept=accept, content_type=content_type))


def post_event(
    body: object, *, accept: str | None = None, content_type: str | None = JSON
) -> dict[str, Any]:
    """A POST event with this body."""
    headers = {"Accept": accept, "Content-Type": content_type}
    return proxy_event(
        headers={name: value for name, value in headers.items() if value is not None}, body=body
    )


def get_event(*, accept: str | None = None, method: str = "GET", **query: str) -> dict[str, Any]:
    """A GET event with these parameters."""
    return proxy_event(method, headers={"Accept": accept} if accept else None, query=query)
