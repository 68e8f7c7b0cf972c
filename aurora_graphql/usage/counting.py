"""Calls of each part of the schema, by client: two kinds of lines of the log put together.

A line ``operation`` says what an operation uses; a line ``request`` that it was asked, and by which
program. They name the operation by the same hash.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec

UNNAMED: Final = "(unnamed)"  # a client that does not say what it is


class Line(msgspec.Struct, frozen=True):
    """One line of the log. ``at_ms``: since 1970, where the source says it."""

    fields: Mapping[str, Any]
    at_ms: int = 0


class Usage(msgspec.Struct, kw_only=True):
    """How often each coordinate was asked for, by client.

    ``unknown``: requests for operations whose line of use is not among those read; the report lacks
    them.
    """

    usage: Literal[1]  # the format of the file
    requests: int = 0
    unknown: int = 0
    calls: dict[str, dict[str, int]] = {}
    last_ms: dict[str, int] = {}  # by coordinate, where the source says it

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Self:
        """Add up lines, in any order."""
        fields: dict[str, frozenset[str]] = {}
        asked: dict[str, Counter[str]] = defaultdict(Counter)
        last: dict[str, int] = {}
        for line in lines:
            told = line.fields
            digest = told.get("operationHash")
            if not isinstance(digest, str):
                continue
            if told.get("message") == "operation":
                fields[digest] = frozenset(map(str, told.get("fields") or ()))
            elif told.get("message") == "request":
                asked[digest][str(told.get("client") or UNNAMED)] += 1
                last[digest] = max(last.get(digest, 0), line.at_ms)
        found = cls(
            usage=1, requests=sum(each.total() for each in asked.values()), calls={}, last_ms={}
        )
        for digest, clients in asked.items():
            if digest not in fields:
                found.unknown += clients.total()
            for coordinate in fields.get(digest, ()):
                by_client = found.calls.setdefault(coordinate, {})
                for client, count in clients.items():
                    by_client[client] = by_client.get(client, 0) + count
                if last[digest]:
                    seen = found.last_ms.get(coordinate, 0)
                    found.last_ms[coordinate] = max(seen, last[digest])
        return found

    def total(self, coordinate: str) -> int:
        """The calls of all clients."""
        return sum(self.calls.get(coordinate, {}).values())

    def clients(self, coordinate: str) -> list[tuple[str, int]]:
        """Who asks, those who ask most first."""
        found = self.calls.get(coordinate, {})
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))

    def save(self, file: Path) -> None:
        """Write it for ``schema diff --usage``."""
        file.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")
