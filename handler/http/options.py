"""Settings of the HTTP stages. ``handler/settings.py`` builds them from the environment."""

from __future__ import annotations

import re
from enum import Enum
from string import ascii_letters, digits

from handler.http import surface
from handler.records import dataclass

# What a browser sends in `Origin`: scheme, host, port; no path and no slash at the end.
_ORIGIN = r"https?://[a-z0-9.\-\[\]:]+"
_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~" + ascii_letters + digits)  # RFC 9110, section 5.6.2

LAMBDA_RESPONSE_BYTES = 6_291_456  # what a function may answer to a synchronous call


class Edition(Enum):
    """Which status codes request errors and partial answers get.

    ``DRAFT_2025``: what clients and the reference audits (npm ``graphql-http``) expect: 400 for
    every refused request, and 200 under ``application/json`` once the request is well formed.
    ``SEPTEMBER_2026``: the first released edition: 422 where the text is understood but cannot be
    served, 294 for a partial answer, no special case for ``application/json`` except that clients
    of old still get that type on success. Both meet every MUST of both texts.
    Source: https://http-spec.graphql.org/September2026/#sec-Status-Codes
    """

    DRAFT_2025 = "draft-2025"
    SEPTEMBER_2026 = "september-2026"


@dataclass(frozen=True, kw_only=True)
class HttpSettings:
    """What an operator chooses about HTTP. The defaults are those of production."""

    edition: Edition = Edition.DRAFT_2025

    # Origins whose pages may read answers; ("*",) for all. There are no cookies, so credentials
    # are never allowed: an `Authorization` header needs no such permission, only to be listed.
    cors_origins: tuple[str, ...] = ()
    cors_headers: tuple[str, ...] = surface.CORS_HEADERS
    cors_max_age_s: int = surface.CORS_MAX_AGE_S  # Chromium caps a preflight's life at two hours

    # A page of another site can make a browser send a GET, though not read the answer. It matters
    # only where requests change something or the browser adds credentials by itself. Here are no
    # mutations and no cookies, so the guard is off; client certificates or a cookie in front of
    # the API are reasons to turn it on.
    csrf_guard: bool = False

    graphiql: bool = False
    graphiql_dir: str = "graphiql"  # a folder with its files
    health_path: str = surface.HEALTH_PATH

    max_body_bytes: int = 262_144  # a document of 15,000 characters and generous variables
    max_json_depth: int = 64  # nesting of variables and extensions
    max_errors: int = 50  # in one answer

    # Smaller answers are not worth it, `None` never compresses. The gateway must treat all types
    # as binary (`binaryMediaTypes: */*`), or clients receive the Base64 text.
    gzip_min_bytes: int | None = 4_096
    # Of the whole response as Lambda counts it; the rest up to its limit is room for the headers.
    max_response_bytes: int = 6_250_000

    def __post_init__(self) -> None:
        for origin in self.cors_origins:
            if origin != "*" and not re.fullmatch(_ORIGIN, origin):
                raise ValueError(
                    "cors_origins must hold * or origins such as https://shop.example.com "
                    f"(lower case, no path), got {origin!r}"
                )
        for header in self.cors_headers:
            if not header or not _HEADER_NAME.issuperset(header):
                raise ValueError(f"cors_headers must hold names of headers, got {header!r}")
        if not self.health_path.startswith("/") or self.health_path == "/":
            raise ValueError(
                f"health_path must be a path such as /health, got {self.health_path!r}"
            )
        taken = {route.path for route in surface.ROUTES if route.purpose != surface.HEALTH}
        if self.health_path in taken or self.health_path.startswith(surface.GRAPHIQL_PREFIX):
            raise ValueError(
                f"health_path must be a path that means nothing else, got {self.health_path!r}"
            )
        for name, value, low, high in (
            ("cors_max_age_s", self.cors_max_age_s, 0, 86_400),
            ("max_body_bytes", self.max_body_bytes, 1_024, 6_000_000),
            ("max_json_depth", self.max_json_depth, 2, 200),
            ("max_errors", self.max_errors, 1, 1_000),
            ("gzip_min_bytes", self.gzip_min_bytes or 0, 0, LAMBDA_RESPONSE_BYTES),
            ("max_response_bytes", self.max_response_bytes, 10_000, LAMBDA_RESPONSE_BYTES),
        ):
            if not low <= value <= high:
                raise ValueError(f"{name} must be between {low} and {high}, got {value}")
