"""Which program asks: the headers by which clients of GraphQL name themselves.

Sources: https://www.apollographql.com/docs/graphos/platform/insights/client-segmentation and
https://the-guild.dev/graphql/hive/docs/schema-registry/usage-reporting
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

HEADERS: Final = (
    ("apollographql-client-name", "apollographql-client-version"),
    ("graphql-client-name", "graphql-client-version"),
    ("x-graphql-client-name", "x-graphql-client-version"),
)

# What names of programs and their versions are made of; anything else is not repeated in the log.
_NAME: Final = r"[A-Za-z0-9_@][A-Za-z0-9_ @/:.+()-]{0,63}"


def client_of(headers: Mapping[str, str]) -> tuple[str, str]:
    """Name and version of the program that asks, each empty where it is not said.

    ``headers``: with names in lower case.
    """
    for name_header, version_header in HEADERS:
        if name_header in headers:
            return _clean(headers[name_header]), _clean(headers.get(version_header, ""))
    return "", ""


def _clean(text: str) -> str:
    return text if re.fullmatch(_NAME, text) else ""
