"""Tells a person what is being done: one line per step, with its outcome and its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

NAME_WIDTH = 12


class Outcome:
    """What a step wants to be said about it."""

    text = "ready"


class Steps:
    """Writes steps to a stream; on a terminal the name of a step is there while it runs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()

    @contextmanager
    def step(self, name: str) -> Iterator[Outcome]:
        """One step; set ``text`` of the outcome to say more than "ready"."""
        head = f"  {name:<{NAME_WIDTH}} "
        self._write(f"{head}..." if self._live else "")
        begin = time.monotonic()
        outcome = Outcome()
        try:
            yield outcome
        except BaseException:
            self._write(f"\r{head}stopped\n" if self._live else f"{head}stopped\n")
            raise
        clear = "\r\x1b[2K" if self._live else ""
        self._write(f"{clear}{head}{outcome.text} ({time.monotonic() - begin:.1f} s)\n")

    def say(self, line: str) -> None:
        """A line that is no step."""
        self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
