"""Lambda functions for the tests of environment and gateway."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from local.runtime import Context

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
        case "/gzip":
            return {
                "statusCode": 200,
                "headers": {"content-encoding": "gzip"},
                "isBase64Encoded": True,
                "body": "H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA==",
            }
        case "/none":
            return None
    return {"statusCode": 204, "headers": {"x-process": os.getpid()}}
