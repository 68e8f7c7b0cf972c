"""Cross-origin requests: which pages may read answers, and the browser's question beforehand.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from handler.http import surface
from handler.http.errors import METHODS
from handler.http.event import HttpRequest
from handler.http.options import HttpSettings

_EXPOSED = "retry-after, x-request-id"  # besides the few that a page may always read


def cors_headers(http: HttpRequest, settings: HttpSettings) -> dict[str, str]:
    """Headers of an answer for the page that asks; none if its origin is not among the settings'.

    Credentials are never allowed, so that ``*`` and a copied origin give the same rights.
    """
    allowed = _allowed_origin(http, settings)
    if allowed is None:
        return {}
    return {
        "access-control-allow-origin": allowed,
        "access-control-expose-headers": _EXPOSED,
    }


def preflight_headers(http: HttpRequest, settings: HttpSettings) -> dict[str, str]:
    """Headers of the answer to OPTIONS, be it a browser's preflight or a plain question."""
    headers = {"allow": METHODS}
    allowed = _allowed_origin(http, settings)
    if allowed is not None and "access-control-request-method" in http.headers:
        headers |= {
            "access-control-allow-origin": allowed,
            "access-control-allow-methods": ", ".join(surface.METHODS),
            "access-control-allow-headers": ", ".join(settings.cors_headers),
            "access-control-max-age": str(surface.CORS_MAX_AGE_S),
        }
    return headers


def varies_by_origin(settings: HttpSettings) -> bool:
    """Whether a cache must keep answers for different origins apart."""
    return bool(settings.cors_origins) and "*" not in settings.cors_origins


def _allowed_origin(http: HttpRequest, settings: HttpSettings) -> str | None:
    origin = http.headers.get("origin")
    if origin is None:
        return None
    if "*" in settings.cors_origins:
        return "*"
    return origin if origin in settings.cors_origins else None
