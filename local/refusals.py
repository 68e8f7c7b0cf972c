"""What API Gateway says by itself, without the function: in the shape of GraphQL, as deployed.

Status, code, message and headers are those of ``components/definition.py``; a test compares.
"""

from __future__ import annotations

import json
from enum import Enum

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Refusal(Enum):
    """A kind of API Gateway's own answers: status, ``extensions.code`` and message."""

    BAD_REQUEST_BODY = 400, "BAD_REQUEST", "The body is not a JSON object, or an empty one"
    UNAUTHORIZED = 401, "UNAUTHENTICATED", "A bearer token is needed"
    ACCESS_DENIED = 403, "FORBIDDEN", "The token does not open this API"
    MISSING_AUTHENTICATION_TOKEN = 404, "NOT_FOUND", "The API answers POST and GET at / only"
    REQUEST_TOO_LARGE = 413, "TOO_LARGE", "The request is too large"
    UNSUPPORTED_MEDIA_TYPE = 415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json"
    THROTTLED = 429, "RATE_LIMITED", "Too many requests; try again in a moment"
    API_CONFIGURATION_ERROR = 500, "INTERNAL", "Internal error"
    INTEGRATION_FAILURE = 502, "UPSTREAM", "The service did not answer; try again"
    INTEGRATION_TIMEOUT = 504, "TIMEOUT", "The service did not answer in time; try again"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.value[0])

    @property
    def headers(self) -> dict[str, str]:
        """The headers beside the content type."""
        return HEADERS | _MORE_HEADERS.get(self, {})

    def body(self, request_id: str) -> str:
        """The JSON."""
        _, code, message = self.value
        extensions = {"code": code, "requestId": request_id}
        return json.dumps({"errors": [{"message": message, "extensions": extensions}]})


_MORE_HEADERS = {
    Refusal.THROTTLED: {"Retry-After": "1"},
    Refusal.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}
