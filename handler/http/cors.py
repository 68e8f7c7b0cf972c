"""Cross-origin resource sharing: headers of responses to pages of other origins, and preflights.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from handler.http import surface
from handler.http.errors import METHODS
from handler.http.event import HttpRequest
from handler.http.options import HttpSettings

# Beside the few headers that every page may read.
_EXPOSED = "ratelimit, ratelimit-policy, retry-after, x-request-id"


def cors_headers(http: HttpRequest, settings: HttpSettings) -> dict[str, str]:
    """Headers of a response for the origin of the request; none for one that is not allowed.

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
    """Headers of the response to OPTIONS, whether a preflight or a plain request."""
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
    """Whether responses to different origins differ."""
    return bool(settings.cors_origins) and "*" not in settings.cors_origins


def _allowed_origin(http: HttpRequest, settings: HttpSettings) -> str | None:
    origin = http.headers.get("origin")
    if origin is None:
        return None
    if "*" in settings.cors_origins:
        return "*"
    return origin if origin in settings.cors_origins else None
