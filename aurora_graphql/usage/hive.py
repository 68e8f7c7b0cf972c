"""The log as usage reports of Hive, for operations whose text is known.

The log holds no document, and Hive wants it; so only operations are reported that are saved beside
the SDL. Sources: https://the-guild.dev/graphql/hive/docs/api-reference/usage-reports
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from aurora_graphql.usage.counting import Line
from handler.language.document import DocumentCache
from handler.language.limits import Limits
from handler.language.operations import load_operations
from handler.language.schema import Schema
from handler.language.usage import used_coordinates

MOST_REQUESTS: Final = 10_000  # of one report, which Hive takes up to 15 MB of


class Saved(msgspec.Struct, frozen=True):
    """An operation that stands beside the SDL. ``fields``: coordinates as Hive writes them."""

    name: str
    text: str
    fields: Sequence[str]


class Left(msgspec.Struct):
    """Requests that are in no report."""

    unsaved: int = 0  # of operations whose text is not known
    undated: int = 0  # of which the log does not say when


def saved_operations(directory: Path, schema: Schema) -> dict[str, Saved]:
    """Those beside the SDL, by the hashes that lines of the log name them by.

    Clients send the text of a file with or without its last line feed.
    """
    documents = DocumentCache(schema, Limits())
    found = {}
    for known in load_operations(directory, schema):
        for text in (known.text, known.text.strip(" \t\r\n")):
            _, operation = documents.operation(text, known.name)
            used = used_coordinates(schema, operation.definition, operation.fragments)
            found[operation.key] = Saved(known.name, known.text, hive_coordinates(used))
    return found


def hive_coordinates(used: Iterable[str]) -> list[str]:
    """``Query.orders(first:)`` as ``Query.orders.first``, and the types of all as well."""
    written = {re.sub(r"\((\w+):\)$", r".\1", name) for name in used}
    return sorted({part for name in written for part in (name, name.partition(".")[0])})


def reports(
    lines: Iterable[Line], saved: Mapping[str, Saved], left: Left
) -> Iterator[dict[str, Any]]:
    """The reports of the requests among the lines; ``left`` counts those that are in none."""
    known = _known(lines, saved, left)
    while requests := list(islice(known, MOST_REQUESTS)):
        digests = dict.fromkeys(str(line.fields["operationHash"]) for line in requests)
        yield {
            "size": len(requests),
            "map": {digest: _operation(saved[digest]) for digest in digests},
            "operations": [_request(line) for line in requests],
        }


def _known(lines: Iterable[Line], saved: Mapping[str, Saved], left: Left) -> Iterator[Line]:
    for line in lines:
        digest = line.fields.get("operationHash")
        if line.fields.get("message") != "request" or digest is None:
            continue  # refused before it was an operation
        if digest not in saved:
            left.unsaved += 1
        elif not line.at_ms:
            left.undated += 1
        else:
            yield line


def _operation(saved: Saved) -> dict[str, Any]:
    return {"operation": saved.text, "operationName": saved.name, "fields": saved.fields}


def _request(line: Line) -> dict[str, Any]:
    told = line.fields
    duration_ms = float(told.get("durationMs") or 0)
    client = {
        name: str(told[key])
        for name, key in (("name", "client"), ("version", "clientVersion"))
        if told.get(key)
    }
    return {
        "operationMapKey": str(told["operationHash"]),
        "timestamp": line.at_ms - round(duration_ms),  # when it began: the line is its end
        "execution": {
            "ok": not told.get("codes"),
            "duration": round(duration_ms * 1_000_000),  # nanoseconds
            "errorsTotal": len(told.get("errors") or ()),  # the first five kinds of them
        },
        **({"metadata": {"client": client}} if client else {}),
    }
