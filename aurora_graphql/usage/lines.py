"""The lines of the log that tell of use: in files, on standard input, or in CloudWatch Logs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from aurora_graphql.usage.counting import Line, Usage
from handler.errors import HandlerError

PATTERN: Final = '{ ($.message = "request") || ($.message = "operation") }'


class UsageError(HandlerError):
    """What should hold use of the API does not."""


def read_usage(names: Iterable[str]) -> Usage:
    """Of files: lines of the log, or one report that was saved; ``-`` is standard input.

    Raises ``UsageError`` for a file that is neither, and one that cannot be read.
    """
    named = list(names)
    if len(named) == 1 and (saved := _saved(named[0])) is not None:
        return saved
    found = Usage.of(read_lines(named))
    if not found.requests:
        raise UsageError(
            f"no line about a request in {', '.join(named)}; give the log of the API at the level"
            f" INFO, one JSON object a line"
        )
    return found


def read_group(client: Any, group: str, hours: float) -> Usage:
    """Of a log group of CloudWatch, by a client of ``boto3``; needs ``logs:FilterLogEvents``."""
    return Usage.of(group_lines(client, group, hours))


def read_lines(names: Iterable[str]) -> Iterator[Line]:
    """Of files, or of standard input for ``-``. Raises ``UsageError``."""
    return (line for name in names for line in _lines(name))


def group_lines(client: Any, group: str, hours: float) -> Iterator[Line]:
    """Of a log group, each with its time."""
    since_ms = int((time.time() - hours * 3600) * 1000)
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=since_ms, filterPattern=PATTERN
    )
    for page in pages:
        for event in page["events"]:
            yield from _parsed(event["message"], int(event["timestamp"]))


def _saved(name: str) -> Usage | None:
    if name == "-":
        return None
    try:
        return msgspec.json.decode(Path(name).read_bytes(), type=Usage)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error
    except msgspec.DecodeError:
        return None


def _lines(name: str) -> Iterator[Line]:
    if name == "-":
        for text in sys.stdin:
            yield from _parsed(text)
        return
    try:
        with Path(name).open(encoding="utf-8", errors="replace") as file:
            for text in file:
                yield from _parsed(text)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error


def _parsed(text: str, at_ms: int = 0) -> Iterator[Line]:
    """One line; what is no JSON is another's.

    ``at_ms``: when it was written; else the time that an export has put before it.
    """
    begin = text.find("{")
    if begin < 0:
        return
    try:
        found = msgspec.json.decode(text[begin:])
    except msgspec.DecodeError:
        return
    if isinstance(found, dict):
        yield Line(found, at_ms or _time_before(text[:begin]))


def _time_before(text: str) -> int:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
