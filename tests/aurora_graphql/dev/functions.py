"""Lambda functions for the tests of environment and gateway."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

from aurora_graphql.dev.runtime import Context

calls = 0


def echo(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """The event and what the context says, as the body."""
    import orjson

    global calls  # noqa: PLW0603 # the state of one environment, which is what is tested
    calls += 1
    sys.stdout.write("printed by the function\n")  # must not disturb the answer
    told = {
        "event": event,
        "request_id": context.aws_request_id,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "process": os.getpid(),
        "calls": calls,
    }
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {"x-two": ["a", "b"]},
        "body": orjson.dumps(told).decode(),
    }


def act(event: dict[str, Any], context: Context) -> Any:
    """Do what the path says."""
    match event["path"]:
        case "/raise":
            raise LookupError("told to")
        case "/exit":
            os._exit(7)
        case "/sleep":
            time.sleep(60)
        case "/pause":
            time.sleep(0.2)
        case "/large":
            return {"statusCode": 200, "body": "x" * 6_291_556}
        case "/none":
            return None
    return {"statusCode": 204, "headers": {"x-process": os.getpid()}}


def work(event: dict[str, Any], context: Any) -> Any:
    """Do what only Lambda's own environments allow for: memory, signals, threads."""
    match event["path"]:
        case "/memory":
            hoard = []
            while True:  # touched, so that it is resident
                hoard.append(bytearray(b"x") * 4_000_000)
        case "/kill":
            os.kill(os.getpid(), signal.SIGKILL)
    return {"statusCode": 200, "headers": {"x-process": os.getpid()}, "body": ""}


def environment(event: dict[str, Any], context: Any) -> list[str]:
    """The names of the variables that there are."""
    return sorted(os.environ)


ticks = 0


def _tick() -> None:
    global ticks  # noqa: PLW0603 # counted by a thread, as libraries have them
    while True:
        time.sleep(0.001)
        ticks += 1


def background(event: dict[str, Any], context: Any) -> Any:
    """How often a thread has run, which is started by the first event."""
    if not ticks:
        threading.Thread(target=_tick, daemon=True).start()
        time.sleep(0.05)
    return {"statusCode": 200, "body": str(ticks)}
