"""What the deployed API is made of: GET and POST at ``/``, and preflights that it answers itself.

Pure. Methods, headers and the form of a body are those of ``components/definition.py``; a test
compares. Where ``make run`` lets a request through to the function, which knows more than that, the
deployed gateway has already answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from local.refusals import HEADERS

METHODS = ("GET", "POST", "OPTIONS")
PREFLIGHT_STATUS = 204

_ALLOWED = {
    "Access-Control-Allow-Methods": "GET,POST,OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept,Authorization,Content-Type,GraphQL-Require-Preflight,X-Api-Key"
    ),
    "Access-Control-Max-Age": "86400",
    "Vary": "Origin",
}


class Surface:
    """``origins``: whose pages may read answers."""

    def __init__(self, origins: Sequence[str] = ()) -> None:
        self._origins = tuple(origins)

    def has(self, method: str, path: str) -> bool:
        """Whether there is such a method of such a resource."""
        return path == "/" and method in METHODS

    def accepts(self, method: str, content_type: str, body: bytes) -> bool:
        """Whether a body is what the API's model says; other media types have no model."""
        media_type = content_type.partition(";")[0].strip().lower()
        if method != "POST" or media_type not in ("", "application/json"):
            return True
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            return False
        return isinstance(found, dict) and bool(found)

    def preflight(self, origin: str) -> Mapping[str, str]:
        """The headers of the answer to OPTIONS."""
        if not self._origins:
            return HEADERS
        allowed = {**HEADERS, **_ALLOWED}
        if len(self._origins) == 1:
            allowed["Access-Control-Allow-Origin"] = self._origins[0]
        elif origin in self._origins:
            allowed["Access-Control-Allow-Origin"] = origin
        return allowed

    def beside_a_refusal(self, origin: str) -> Mapping[str, str]:
        """The headers that let a page read what API Gateway itself says."""
        if not self._origins:
            return {}
        named = self._origins[0] if len(self._origins) == 1 else origin
        return {"Vary": "Origin", **({"Access-Control-Allow-Origin": named} if named else {})}
