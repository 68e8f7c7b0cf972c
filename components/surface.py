"""The API's paths, methods and headers, read from the handler's data file.

``handler/http/surface.py`` says what each entry means. The gateway of one's own machine is made
from the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.contract import HANDLER

_FILE: Final = HANDLER / "http" / "surface.json"
_FOUND: Final[Mapping[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))

GET_PARAMETERS: Final = tuple(_FOUND["parameters"])
"""Source: https://graphql.github.io/graphql-over-http/draft/#sec-GET"""

CORS_MAX_AGE_S: Final = int(_FOUND["cors"]["max_age_s"])

KEY_HEADERS: Final = tuple(_FOUND["keys"])
"""What an answer to GET depends on, the caller's token first."""

GATEWAY_HEADERS: Final[Mapping[str, str]] = {
    **_FOUND["headers"],
    "Content-Security-Policy": _FOUND["content_policies"]["gateway"],
}
"""On what API Gateway answers by itself, as the function has them on its own answers. A text there
stands in single quotes and can hold none, which most words of a content security policy need;
`sandbox` needs none, and takes scripts, forms and frames from whatever shows the answer."""

GATEWAY_ERRORS: Final[Mapping[str, tuple[int | None, str, str]]] = {
    kind: (status, code, message) for kind, (status, code, message) in _FOUND["refusals"].items()
}
"""Errors of API Gateway itself -> HTTP status, ``extensions.code`` and message.

No status keeps the one API Gateway chose. A message is constant: API Gateway's own texts name
resources and the authorizer's internals.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

_HEADER: Final = r"[A-Za-z0-9!#$%&*+.^_`|~-]+"  # RFC 9110's, without the quote that ends a text


@dataclass(frozen=True, kw_only=True)
class Route:
    """One resource of the API. ``methods``: of those that reach the function."""

    path: str
    methods: tuple[str, ...]
    purpose: str

    @property
    def takes_documents(self) -> bool:
        """Whether it runs GraphQL documents, which pages of other origins may send."""
        return self.purpose == "graphql"

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


@dataclass(frozen=True, kw_only=True)
class Surface:
    """The resources of one API and what pages of other origins may send to them."""

    routes: tuple[Route, ...]
    cors_headers: tuple[str, ...]

    @property
    def preflight_methods(self) -> tuple[str, ...]:
        """Methods that pages of other origins may use."""
        return next(route.methods for route in self.routes if route.takes_documents)


def build_surface(variables: Mapping[str, str], *, graphiql: bool) -> Surface:
    """The surface of a handler with these variables.

    Raises ``ValueError`` for what the handler would take and API Gateway cannot do.
    """
    declared = [
        Route(path=each["path"], methods=tuple(each["methods"]), purpose=each["is"])
        for each in _FOUND["routes"]
    ]
    return Surface(
        routes=tuple(route for route in declared if graphiql or route.purpose != "graphiql"),
        cors_headers=_cors_headers(variables),
    )


def _cors_headers(variables: Mapping[str, str]) -> tuple[str, ...]:
    written = [word.strip() for word in variables.get("CORS_HEADERS", "").split(",")]
    headers = tuple(word for word in written if word)
    for header in headers:
        if not re.fullmatch(_HEADER, header):
            raise ValueError(
                "functionVariables has CORS_HEADERS that API Gateway cannot send; write names of "
                f"headers without quotes, separated by commas, got {header!r}"
            )
    return headers or tuple(_FOUND["cors"]["headers"])
