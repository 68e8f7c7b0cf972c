"""The settings of the HTTP stages; ``handler.settings`` reads them from the environment."""

from __future__ import annotations

import re
from string import ascii_letters, digits

from msgspec import Struct

from handler.http import surface

# What a browser sends in `Origin`: scheme, host, port; no path and no slash at the end.
_ORIGIN = r"https?://[a-z0-9.\-\[\]:]+"
_HEADER_NAME = frozenset("!#$%&'*+-.^_`|~" + ascii_letters + digits)  # RFC 9110, section 5.6.2

LAMBDA_RESPONSE_BYTES = 6_291_456  # what a function may answer to a synchronous call


class HttpSettings(Struct, frozen=True, kw_only=True):
    """What an operator chooses about HTTP. The defaults are those of production.

    Numbers are not checked here: ``handler.settings.variables`` has their ranges.

    >>> HttpSettings(cors_origins=("https://shop.example",), graphiql=True).max_errors
    50
    """

    # Origins whose pages may read answers; ("*",) for all. There are no cookies, so credentials
    # are never allowed: an `Authorization` header needs no such permission, only to be listed.
    cors_origins: tuple[str, ...] = ()
    cors_headers: tuple[str, ...] = surface.CORS_HEADERS

    # A page of another site can make a browser send a GET, though not read the answer. It matters
    # only where requests change something or the browser adds credentials by itself. Here are no
    # mutations and no cookies, so the guard is off; client certificates or a cookie in front of
    # the API are reasons to turn it on.
    csrf_guard: bool = False

    graphiql: bool = False
    graphiql_dir: str = "graphiql"  # a folder with its files

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
