"""The deployed gateway, as its definition says it: OpenAPI interpreted, request by request.

No code of ``local`` decides anything here: resources, methods, models, preflights and refusals are
read from the document that a stack sends to AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs

from aurora_graphql.gateway.proxy_event import Request, build_event, parse_response

INTEGRATION = "x-amazon-apigateway-integration"
RESPONSES = "x-amazon-apigateway-gateway-responses"


@dataclass(frozen=True)
class Asked:
    """One request; the rest of the tests sends it in the same form."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """Status, headers by their lower-case names, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Deployed:
    """``invoke``: the function, given an event."""

    def __init__(
        self, definition: Mapping[str, Any], invoke: Callable[[dict[str, Any]], Awaitable[Any]]
    ) -> None:
        self._definition = definition
        self._invoke = invoke

    async def answer(self, asked: Asked) -> Answer:
        """What AWS would send; HTTP itself carries no body after HEAD."""
        found = await self._answer(asked)
        return replace(found, body=b"") if asked.method == "HEAD" else found

    async def _answer(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        for resource, operations in self._definition["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(resource))
            if re.fullmatch(pattern, path) and asked.method.lower() in operations:
                return await self._run(operations[asked.method.lower()], resource, asked)
        return self._refuse("MISSING_AUTHENTICATION_TOKEN", asked)

    async def _run(self, operation: Mapping[str, Any], resource: str, asked: Asked) -> Answer:
        integration = operation[INTEGRATION]
        if integration["type"] == "mock":
            return self._mock(integration["responses"]["default"], asked)
        if not self._fits(operation, asked):
            return self._refuse("BAD_REQUEST_BODY", asked)
        event = build_event(
            Request(
                method=asked.method,
                target=asked.path,
                headers=list(asked.headers.items()),
                body=asked.body,
                client="127.0.0.1",
                request_id="R",
                received=datetime.now(UTC),
            ),
            resource=resource,
        )
        response = parse_response(await self._invoke(event))
        headers: dict[str, str] = {}
        for name, value in response.headers:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Answer(response.status, headers, response.body)

    def _fits(self, operation: Mapping[str, Any], asked: Asked) -> bool:
        """By the model of the body's media type, of those that have one."""
        given = {name.lower(): text for name, text in asked.headers.items()}
        media_type = given.get("content-type", "application/json").partition(";")[0]
        content = operation.get("requestBody", {}).get("content", {}).get(media_type.lower())
        if content is None:
            return True
        name = content["schema"]["$ref"].rpartition("/")[2]
        try:
            body = json.loads(asked.body)
        except ValueError:
            return False
        return jsonschema_rs.is_valid(self._definition["components"]["schemas"][name], body)

    def _mock(self, told: Mapping[str, Any], asked: Asked) -> Answer:
        headers = self._mapped(told["responseParameters"], asked)
        origin = {name.lower(): text for name, text in asked.headers.items()}.get("origin", "")
        # The one template there is: the caller's origin, if it is one of those that are listed.
        template = told["responseTemplates"]["application/json"]
        if f'$origin == "{origin}"' in template:
            headers["access-control-allow-origin"] = origin
        return Answer(int(told["statusCode"]), headers, b"")

    def _refuse(self, kind: str, asked: Asked) -> Answer:
        response = self._definition[RESPONSES][kind]
        headers = self._mapped(response["responseParameters"], asked)
        template: str = response["responseTemplates"]["application/json"]
        body = template.replace("$context.requestId", "R").encode()
        headers["content-type"] = "application/json"
        return Answer(int(response["statusCode"]), headers, body)

    def _mapped(self, parameters: Mapping[str, str], asked: Asked) -> dict[str, str]:
        """A text in quotes, or a header of the request; what is empty is not sent."""
        given = {name.lower(): text for name, text in asked.headers.items()}
        found = {}
        for name, text in parameters.items():
            if text.startswith("method.request.header."):
                value = given.get(text.rpartition(".")[2].lower(), "")
            else:
                value = text[1:-1]
            if value:
                found[name.rpartition(".header.")[2].lower()] = value
        return found
