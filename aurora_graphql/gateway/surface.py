"""What the deployed API is made of: its resources, and what API Gateway itself does with requests.

Pure. Made from the same file as the deployed definition, see ``handler/http/surface.py``: what is
not in it does not reach the function, preflights are answered here, and so are bodies that the
model of the API does not take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Self

import orjson

from aurora_graphql.gateway.refusals import HEADERS
from handler.http import surface
from handler.http.options import HttpSettings
from handler.http.surface import Route
from handler.settings import Settings

PREFLIGHT_STATUS: Final = 204
# What JSON has and orjson has not: the function says what is wrong with it.
_TAKEN: Final = ("infinity", "surrogate in", "depth limit")


class Surface:
    """``origins``: whose pages may read answers; the others are settings of the handler, too."""

    def __init__(
        self,
        origins: Sequence[str] = (),
        *,
        cors_headers: Sequence[str] = surface.CORS_HEADERS,
        graphiql: bool = False,
    ) -> None:
        self._origins = tuple(origins)
        self._cors_headers = tuple(cors_headers)
        self._routes = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path))), route)
            for route in surface.routes(graphiql=graphiql)
        ]

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """That of a function in this environment. Raises ``SettingsError``."""
        return cls.of_settings(Settings.from_environ(environ).http)

    @classmethod
    def of_settings(cls, http: HttpSettings) -> Self:
        """That of a function with these settings."""
        return cls(
            http.cors_origins,
            cors_headers=http.cors_headers,
            graphiql=http.graphiql,
        )

    def route(self, method: str, path: str) -> Route | None:
        """The resource, if there is one that has such a method."""
        for pattern, route in self._routes:
            if pattern.fullmatch(path):
                known = method in route.methods or (method == "OPTIONS" and route.has_preflight)
                return route if known else None
        return None

    def objection(self, method: str, content_type: str, body: bytes) -> str:
        """Why a body is not what the API's model says, without a value; empty: it is.

        Other media types have no model.
        """
        media_type = content_type.partition(";")[0].strip().lower()
        if method != "POST" or media_type not in ("", "application/json"):
            return ""
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if any(reason in error.msg for reason in _TAKEN):
                return ""
            return f"the body is not valid JSON: {error.msg}, character {error.pos + 1}"
        if isinstance(found, dict) and found:
            return ""
        return f"the body is {'an empty object' if found == {} else 'no object'}"

    def preflight(self, origin: str) -> Mapping[str, str]:
        """The headers of the answer to OPTIONS."""
        if not self._origins:
            return HEADERS
        allowed = {
            **HEADERS,
            "Access-Control-Allow-Methods": ", ".join(surface.METHODS),
            "Access-Control-Allow-Headers": ", ".join(self._cors_headers),
            "Access-Control-Max-Age": str(surface.CORS_MAX_AGE_S),
            "Vary": "Origin",
        }
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
