"""What API Gateway says by itself, without the function: in the shape of GraphQL, as deployed.

Status, code and message of each kind are those of ``components/definition.py``; a test compares.
"""

from __future__ import annotations

import json
from enum import Enum


class Refusal(Enum):
    """A kind of API Gateway's own answers: status, ``extensions.code`` and message."""

    REQUEST_TOO_LARGE = 413, "TOO_LARGE", "The request is larger than 10 MB"
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
        common = {"Cache-Control": "no-store"}
        return common | {"Retry-After": "1"} if self is Refusal.THROTTLED else common

    def body(self, request_id: str) -> str:
        """The JSON."""
        _, code, message = self.value
        extensions = {"code": code, "requestId": request_id}
        return json.dumps({"errors": [{"message": message, "extensions": extensions}]})
