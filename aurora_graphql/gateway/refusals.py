"""What API Gateway says by itself, without the function: in the shape of GraphQL, as deployed.

Status, code, message and headers come from ``handler/http/surface.py``.
"""

from __future__ import annotations

import json
from enum import Enum

from handler.http.surface import GATEWAY_POLICY, REFUSALS
from handler.http.surface import HEADERS as SURFACE_HEADERS

HEADERS = {**SURFACE_HEADERS, "Content-Security-Policy": GATEWAY_POLICY}


class Refusal(Enum):
    """A kind of API Gateway's own answers that this machine has, too, by API Gateway's name."""

    BAD_REQUEST_BODY = "BAD_REQUEST_BODY"
    UNAUTHORIZED = "UNAUTHORIZED"
    ACCESS_DENIED = "ACCESS_DENIED"
    MISSING_AUTHENTICATION_TOKEN = "MISSING_AUTHENTICATION_TOKEN"  # noqa: S105 # also: no such path
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    THROTTLED = "THROTTLED"
    API_CONFIGURATION_ERROR = "API_CONFIGURATION_ERROR"
    INTEGRATION_FAILURE = "INTEGRATION_FAILURE"
    INTEGRATION_TIMEOUT = "INTEGRATION_TIMEOUT"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(REFUSALS[self.value][0] or 0)

    @property
    def headers(self) -> dict[str, str]:
        """The headers beside the content type."""
        return HEADERS | _MORE_HEADERS.get(self, {})

    def body(self, request_id: str) -> str:
        """The JSON."""
        _, code, message = REFUSALS[self.value]
        extensions = {"code": code, "requestId": request_id}
        return json.dumps({"errors": [{"message": message, "extensions": extensions}]})


_MORE_HEADERS = {
    Refusal.THROTTLED: {"Retry-After": "1"},
    Refusal.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}
