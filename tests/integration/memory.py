"""A process that answers documents and says what memory each took; ``test_memory`` starts it.

It reads a line of JSON for each document and writes one for each answer. What a document took is
the highest point since it began, above what the process had at rest before the first of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from handler.app import App
from handler.settings import Settings
from tests.handler.http.events import post_event

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _status_bytes(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def _forget_the_highest_point() -> None:
    RESET.write_text("5")


async def answer(app: App, document: str, *, accepts_gzip: bool) -> dict[str, Any]:
    """Status, codes and bytes of an answer."""
    event = post_event({"query": document}, accept="application/graphql-response+json")
    if accepts_gzip:
        event["headers"]["accept-encoding"] = "gzip"
        event["multiValueHeaders"]["accept-encoding"] = ["gzip"]
    response = await app.handle(event, budget_s=60)
    codes: list[str] = []
    if not response["isBase64Encoded"] and '"errors"' in response["body"][:20]:
        errors = json.loads(response["body"])["errors"]
        codes = sorted({error["extensions"]["code"] for error in errors})
    size = len(response["body"])
    return {"status": response["statusCode"], "codes": codes, "bytes": size}


async def main() -> None:
    """Answer what stands on the standard input, line by line."""
    answers = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()):  # the log
        app = await App.start(Settings.from_environ(os.environ))
    rest_bytes = 0
    for line in sys.stdin:
        asked = json.loads(line)
        _forget_the_highest_point()
        found = await answer(app, asked["document"], accepts_gzip=asked["gzip"])
        found["grown_bytes"] = _status_bytes("VmHWM") - rest_bytes
        rest_bytes = rest_bytes or _status_bytes("VmRSS")
        answers.write(json.dumps(found) + "\n")
        answers.flush()
    await app.close()


if __name__ == "__main__":
    asyncio.run(main())
