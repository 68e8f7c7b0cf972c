"""The public surface of the API: paths, methods, parameters, headers, a gateway's own errors.

``surface.json`` beside this module holds it for all who need it: the function, the local gateway
(``aurora_graphql/gateway/surface.py``) and the definition of the deployed gateway
(``components/surface.py``), which does not import the handler.

``routes``: each of them asks the authorizer. ``parameters``: of a GET, in the URL. ``keys``:
request headers that the response to a GET depends on. ``cors``: what pages of other origins may
send, and for how long a browser may cache a preflight. ``headers``: on every response, beside a
content security policy; the gateway's own can hold no quotes. ``refusals``: the errors of API
Gateway itself: status (None: its own choice), ``extensions.code`` and message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from msgspec import Struct

from handler.paths import read_beside

GRAPHQL: Final = "graphql"
HEALTH: Final = "health"
GRAPHIQL: Final = "graphiql"


class Route(Struct, frozen=True):
    """One path and its purpose; ``{file}`` stands for one segment."""

    path: str
    methods: tuple[str, ...]
    purpose: str

    @property
    def has_preflight(self) -> bool:
        """Whether OPTIONS is answered here: where documents are run."""
        return self.purpose == GRAPHQL


_FOUND: Final[Mapping[str, Any]] = orjson.loads(read_beside(__file__, "surface.json"))

ROUTES: Final = tuple(
    Route(each["path"], tuple(each["methods"]), each["is"]) for each in _FOUND["routes"]
)
PARAMETERS: Final = tuple(_FOUND["parameters"])
METHODS: Final = ROUTES[0].methods  # of a request that runs a document
CORS_HEADERS: Final = tuple(_FOUND["cors"]["headers"])
CORS_MAX_AGE_S: Final = int(_FOUND["cors"]["max_age_s"])
HEALTH_PATH: Final = next(route.path for route in ROUTES if route.purpose == HEALTH)
GRAPHIQL_PREFIX: Final = next(
    route.path for route in ROUTES if route.purpose == GRAPHIQL
).removesuffix("{file}")

HEADERS: Final[Mapping[str, str]] = _FOUND["headers"]
FUNCTION_POLICY: Final = str(_FOUND["content_policies"]["function"])
GATEWAY_POLICY: Final = str(_FOUND["content_policies"]["gateway"])
REFUSALS: Final[Mapping[str, tuple[int | None, str, str]]] = {
    kind: (status, code, message) for kind, (status, code, message) in _FOUND["refusals"].items()
}


def routes(*, graphiql: bool) -> tuple[Route, ...]:
    """Those that an API with or without GraphiQL has."""
    return tuple(route for route in ROUTES if graphiql or route.purpose != GRAPHIQL)
