"""Canaries: words that stand for what must not get out, and the search for them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final

from handler.observe.contract import FUNCTION, OF_OPERATION, OPERATION
from handler.observe.fields import REQUEST_FIELDS
from handler.observe.log import HIT_RATE, METRICS

_KINDS: Final = (
    "password",  # of the database
    "cachePassword",
    "token",
    "apiKey",
    "cookie",
    "header",
    "claim",
    "subject",
    "scope",
    "host",
    "user",
    "table",
    "column",
    "sql",
    "variable",
    "literal",
    "row",
    "foreignRow",
)
CANARIES: Final = {kind: f"kanari{kind.lower()}x7q" for kind in _KINDS}

# The caller's own words and rows may come back to the caller. Names of the servers, accounts,
# tables and columns are for the operator, who reads the log.
MAY_BE_ANSWERED: Final = frozenset(("variable", "literal", "row"))
MAY_BE_LOGGED: Final = frozenset(("host", "user", "table", "column"))

# Everything that a log line may hold. CloudWatch reads `_aws`, which makes metrics of the others.
_METRICS: Final = ("_aws", FUNCTION, OPERATION, HIT_RATE, *METRICS, *OF_OPERATION)
LOGGED_FIELDS: Final = {
    "request": frozenset((*REQUEST_FIELDS, *_METRICS)),
    "access": frozenset(
        (
            "level",
            "stage",
            "message",
            "requestId",
            "method",
            "resource",
            "status",
            "durationMs",
            "bodyBytes",
        )
    ),
    "statement": frozenset(
        (
            "level",
            "stage",
            "message",
            "requestId",
            "field",
            "table",
            "rows",
            "durationMs",
            "error",
        )
    ),
    "operation": frozenset(("level", "stage", "message", "operation", "operationHash", "fields")),
    "metrics": frozenset(("level", "stage", "message", *_METRICS)),
    "failure": frozenset(
        ("level", "stage", "message", "requestId", "error", "text", "cause", "at", "others")
    ),
    "warning": frozenset(("level", "stage", "message", "text")),
    "refused": frozenset(("level", "stage", "message", "requestId", "reason")),
    "issuer": frozenset(("level", "stage", "message", "text")),
}


def found_in(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """The kinds of canaries that a text holds and should not, also in base64 or hexadecimal."""
    lowered = text.lower()
    found = [
        kind
        for kind, word in CANARIES.items()
        if word in lowered or word.encode().hex() in lowered or _in_base64(word, text)
    ]
    return [kind for kind in found if kind not in allowed]


def _in_base64(word: str, text: str) -> bool:
    """Whatever stands in front of it: three ways to be cut into groups of three bytes."""
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + word.encode()).decode()
        # The first and the last group hold bits of what is around.
        inner = encoded[4 if lead else 0 :].rstrip("=")[:-2]
        if re.search(re.escape(inner), text):
            return True
    return False
