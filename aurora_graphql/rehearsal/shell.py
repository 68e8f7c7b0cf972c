"""The edge of the rehearsal: commands, the API over HTTPS, the clock."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

PROBE_S: Final = 1.0
ANSWER_S: Final = 30
QUESTION: Final = json.dumps({"query": "{ __typename }"}).encode()


class CommandError(Exception):
    """A command that failed; the text is its last words."""


@dataclass
class Watch:
    """How the API answered while something else was done."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)


class World(Protocol):
    """What the rehearsal does to the account; a stand-in in tests."""

    def run(self, *command: str) -> str: ...

    def ask(self, url: str) -> str:
        """Empty if the API answered, else what came instead."""
        ...

    def watch(self, url: str) -> AbstractContextManager[Watch]: ...


class Shell:
    """The account itself, by the commands ``pulumi`` and ``aws`` in the project's folder."""

    def __init__(self, folder: Path, headers: Sequence[str] = ()) -> None:
        self._folder = folder
        pairs = (header.partition(":") for header in headers)
        self._headers = {name.strip(): value.strip() for name, _, value in pairs}

    def run(self, *command: str) -> str:
        """The output. Raises ``CommandError``."""
        print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
        try:
            done = subprocess.run(
                command, cwd=self._folder, check=False, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise CommandError(f"{command[0]} is not installed") from None
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise CommandError(" / ".join(words[-5:]) or f"exit status {done.returncode}")
        return done.stdout.strip()

    def ask(self, url: str) -> str:
        """Empty if the API answered a question without tables, else what came instead."""
        request = urllib.request.Request(  # noqa: S310 - the stack's own address
            url, data=QUESTION, headers={"content-type": "application/json", **self._headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as response:  # noqa: S310 - as above
                body = response.read()
        except urllib.error.HTTPError as error:
            return f"status {error.code}"
        except OSError as error:
            return str(error)
        return "" if b'"data"' in body else f"no data: {body[:80]!r}"

    @contextmanager
    def watch(self, url: str) -> Iterator[Watch]:
        """Ask once a second until the block has ended."""
        watch, ended = Watch(), threading.Event()

        def probe() -> None:
            while not ended.wait(PROBE_S):
                problem = self.ask(url)
                if problem:
                    watch.failures.append(f"{time.strftime('%H:%M:%S')} {problem}")
                else:
                    watch.answered += 1

        thread = threading.Thread(target=probe)
        thread.start()
        try:
            yield watch
        finally:
            ended.set()
            thread.join()
