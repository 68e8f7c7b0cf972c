"""A function around the handler for the rehearsal of SnapStart: a fork is the snapshot.

The process goes on as the image and never serves; each child is an environment restored from it,
the next one when the one before has ended. What Lambda copies is copied: all memory, the state of
every generator of random numbers, each open connection.

Stands alone, so that it can be put beside an archive.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
from collections.abc import Callable
from typing import Any

from snapshot_restore_py import (  # type: ignore[import-untyped]  # it publishes no types
    register_before_snapshot,
)

parses = 0


def take_snapshot() -> None:
    """Return in every restored environment, and never in the image."""
    # Not os.fork: Python would seed its generators anew, which no snapshot does.
    while child := ctypes.PyDLL(None).fork():
        os.waitpid(child, 0)


register_before_snapshot(take_snapshot)  # the first of all to register, so the last one to run


def _counted(function: Callable[..., Any]) -> Callable[..., Any]:
    def count(*arguments: Any, **named: Any) -> Any:
        global parses  # noqa: PLW0603 # the state of one process, which is what is tested
        parses += 1
        return function(*arguments, **named)

    return count


class Context:
    """Of the events that are answered while the function starts."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def _start() -> Callable[[Any, Any], Any]:
    import handler.language.sdl as sdl

    sdl.load_schema = _counted(sdl.load_schema)
    from handler.entry import graphql

    started: Callable[[Any, Any], Any] = graphql
    if document := os.environ.get("PRIMED_WITH"):
        event = {
            "httpMethod": "POST",
            "headers": {"content-type": "application/json"},
            "body": json.dumps({"query": document}),
        }
        assert started(event, Context())["statusCode"] == 200
    return started


_graphql = _start()


def graphql(event: Any, context: Any) -> Any:
    """The handler's answer, and what this environment is made of."""
    answer = _graphql(event, context)
    answer["headers"] |= {
        "x-process": str(os.getpid()),
        "x-random": str(random.random()),
        "x-parses": str(parses),
    }
    return answer
