"""Pure: the handler's variables that a stack chooses itself, ``NAME=value``, and those it may not.

Which names there are says the archive: the handler in it reads them. What a value may be says the
handler: the migration starts with all of them before traffic moves, and fails where one does not
fit.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

MAX_CHARACTERS: Final = 2000
"""Of all chosen variables. Lambda takes 4 KB of environment, the stack's own variables included.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

AUTHORIZER_PREFIX: Final = "AUTH_"
"""Beginning of the variables that the authorizer reads; it gets no others."""

_DATABASE: Final = "the stack names its own database"
_CACHE: Final = "the stack names its own cache; write cacheMode"
_ARCHIVE: Final = "the archive has it at a fixed place"

OWN: Final[Mapping[str, str]] = {
    "AUTH": "who calls is always asked",
    "AUTH_ANONYMOUS": "write apiAnonymous",
    "AUTH_API_KEYS": "write apiStaticKeys",
    "AUTH_AUDIENCE": "write apiAuthAudience",
    "AUTH_ISSUERS": "write apiAuthIssuers",
    "CACHE_AUTH": _CACHE,
    "CACHE_CA_FILE": _ARCHIVE,
    "CACHE_CLUSTER": _CACHE,
    "CACHE_URL": _CACHE,
    "CACHE_USER": _CACHE,
    "CORS_ORIGINS": "write apiCorsOrigins",
    "DATABASE_API_SECRET_ARN": _DATABASE,
    "DATABASE_API_USER": "write databaseApiUser",
    "DATABASE_AUTH": _DATABASE,
    "DATABASE_CA_FILE": _ARCHIVE,
    "DATABASE_FORMER_API_USERS": _DATABASE,
    "DATABASE_HOST": _DATABASE,
    "DATABASE_INGEST_USER": "write databaseApiUser",
    "DATABASE_MAY_PAUSE": "write databaseMinCapacityAcu 0",
    "DATABASE_NAME": "write databaseName",
    "DATABASE_PORT": _DATABASE,
    "DATABASE_READER_HOST": _DATABASE,
    "DATABASE_SECRET_ARN": _DATABASE,
    "DATABASE_URL": _DATABASE,
    "DATABASE_USER": "write databaseApiUser",
    "GRAPHIQL": "write apiGraphiql",
    "GRAPHIQL_DIR": _ARCHIVE,
    "GZIP_MIN_BYTES": "the gateway compresses; write apiCompressionBytes",
    "INGEST_MAPPINGS_DIR": _ARCHIVE,
    "INTROSPECTION": "write apiIntrospection",
    "LOG_LEVEL": "write functionLogLevel",
    "LOG_TRACEBACKS": "it is for a developer's machine",
    "MIGRATIONS_DIR": _ARCHIVE,
    "OPERATION_METRICS": "write apiOperationMetrics",
    "RELEASE": "the stack makes it of the archive and the settings; write functionGeneration",
    "REQUEST_TIMEOUT_S": "write functionTimeoutS",
    "RESOLVERS": "the archive says it; write resolvers into aurora-graphql.toml",
    "SDL_DIR": _ARCHIVE,
    "STAGE": "it is the stack's name",
    "TRACING": "write apiTracing",
}
"""Variables that the stack sets, or never sets -> what to do instead."""


def parse_variables(written: Sequence[str]) -> dict[str, str]:
    """``NAME=value`` by name. Raises ``ValueError`` for one that is not so, or not to be chosen.

    No value is in a message: it may be a secret by mistake.
    """
    variables: dict[str, str] = {}
    for number, text in enumerate(written, start=1):
        name, equals, value = text.partition("=")
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or not equals or not value.strip():
            raise ValueError(
                "functionVariables must be a list of NAME=value, such as DOCUMENT_COST_MAX=8000; "
                f"number {number} is not"
            )
        if name in variables:
            raise ValueError(f"functionVariables must name {name} once")
        if name in OWN:
            raise ValueError(f"functionVariables must not hold {name}: {OWN[name]}")
        if name.startswith("AWS_"):
            raise ValueError(f"functionVariables must not hold {name}: Lambda keeps AWS_ to itself")
        variables[name] = value
    length = sum(len(text) for text in written)
    if length > MAX_CHARACTERS:
        raise ValueError(
            f"functionVariables must be at most {MAX_CHARACTERS} characters together, got {length}"
        )
    return variables


def check_known(names: Collection[str], known: Collection[str]) -> None:
    """Raise ``ValueError`` for the first of ``names`` that the handler would not read."""
    for name in sorted(names):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise ValueError(
                f"functionVariables holds {name}, which the handler in the archive does not read; "
                f"{hint}docs/settings.md has all"
            )


def of_authorizer(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that the authorizer reads."""
    return {name: value for name, value in variables.items() if name.startswith(AUTHORIZER_PREFIX)}
