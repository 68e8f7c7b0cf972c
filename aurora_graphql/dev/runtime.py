"""The inside of one execution environment: loads the Lambda function, calls it event by event.

``python -m aurora_graphql.dev.runtime handler.entry.graphql`` reads frames from standard input and
writes frames to standard output: four bytes of length, then JSON. As in Lambda, events and answers
cross the border as JSON, one at a time, on the main thread of a process of its own. What the
function prints goes to standard error. The end of the input is the end of the process.

With ``--spare`` it imports what it can, and loads the function when the first frame asks for that:
it takes a fraction of a start.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

import orjson

ANSWER_BYTES_MAX = 6_291_556  # Lambda's limit on the JSON of a synchronous answer
LENGTH = struct.Struct(">I")
SPARE = "--spare"
_TOLD_BEFORE = "handler.jobs.authorize"  # whose errors are answers: it has logged why
Function = Callable[[dict[str, Any], "Context"], object]


class Context:
    """What Lambda tells a function about the invocation, as far as functions here ask."""

    function_version = "$LATEST"
    memory_limit_in_mb = "1024"

    def __init__(self, name: str, request_id: str, timeout_s: float) -> None:
        self.function_name = name
        self.aws_request_id = request_id
        self.invoked_function_arn = f"arn:aws:lambda:local:000000000000:function:{name}"
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = f"local/{os.getpid()}"
        self._deadline = time.monotonic() + timeout_s

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the environment is stopped."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main() -> int:
    """Serve until the input ends; 1 if the function cannot be loaded."""
    # The frames get descriptors of their own, and print() cannot disturb them.
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    name = sys.argv[1]
    if SPARE in sys.argv[2:]:
        _prepare(name)
        if _read(requests) is None:
            return 0
    try:
        function = _load(name)
    except Exception as error:
        _write(answers, {"error": _told(error), "code": getattr(error, "code", "")})
        return 1
    _write(answers, {"ready": True})
    while (frame := _read(requests)) is not None:
        context = Context(name.rpartition(".")[2], frame["request_id"], frame["timeout_s"])
        try:
            answer = orjson.dumps(function(frame["event"], context))
            if len(answer) > ANSWER_BYTES_MAX:
                raise ValueError(f"the answer has {len(answer)} bytes, over {ANSWER_BYTES_MAX}")
        except Exception as error:
            if type(error).__module__ != _TOLD_BEFORE:
                traceback.print_exc()
            _write(answers, {"error": f"{type(error).__name__}: {error}"})
        else:
            _write(answers, {"answer": orjson.Fragment(answer)})
    return 0


def _prepare(name: str) -> None:
    """Import the function's module, and all that it says it will need; no file of the API."""
    module = name.rpartition(".")[0]
    with contextlib.suppress(Exception):  # loading it tells what is wrong
        for each in getattr(importlib.import_module(module), "NEEDED", ()):
            with contextlib.suppress(ImportError):  # of an extra that is not installed
                importlib.import_module(each)


def _load(name: str) -> Function:
    module, _, attribute = name.rpartition(".")
    function: Function = getattr(importlib.import_module(module), attribute)
    return function


def _told(error: Exception) -> str:
    """An error of ours is a message to the developer; any other needs its stack."""
    if type(error).__module__ == "handler.errors":
        return str(error)
    return "".join(traceback.format_exception(error))


def _read(stream: BinaryIO) -> Any:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return orjson.loads(stream.read(LENGTH.unpack(head)[0]))


def _write(stream: BinaryIO, value: object) -> None:
    data = orjson.dumps(value)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
