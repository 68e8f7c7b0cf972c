"""The commands of ``aurora-graphql``, run from outside in a folder of the tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from handler.settings import VARIABLES
from tests.domains.orders import PROJECT

START_S = 120.0
POLL_S = 0.02


class Site:
    """A folder for the servers, and the environment that every command gets.

    ``project``: None for the one of the current directory.
    """

    def __init__(self, folder: Path, *, project: Path | None = PROJECT, **environ: str) -> None:
        self.folder = folder / "local"
        self._project = ["--project", str(project)] if project is not None else []
        self._environ = environ
        self.told = ""  # by the last run on its way to serving
        self._said: IO[str] | None = None  # of the run under way

    def call(self, *words: str, **environ: str) -> tuple[int, str, str]:
        """Status, standard output and standard error of a command that ends by itself."""
        done = subprocess.run(
            self._command(*words),
            env=self._all(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @contextmanager
    def running(
        self, *words: str, command: str = "dev", **environ: str
    ) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """A run that serves, and its address."""
        # A file and no pipe: nobody reads the lines about requests.
        with (
            tempfile.TemporaryFile("w+") as said,
            subprocess.Popen(
                self._command(*command.split(), *words),
                env=self._all(environ),
                stdin=subprocess.DEVNULL,
                stderr=said,
                text=True,
            ) as process,
        ):
            self._said = said
            try:
                self.told, url = _start(process, said)
                yield process, url
            finally:
                process.kill()

    def said(self) -> str:
        """All that the run under way has said."""
        assert self._said is not None
        self._said.seek(0)
        return self._said.read()

    def _command(self, *words: str) -> list[str]:
        own = ["--local", str(self.folder), *self._project]
        return [sys.executable, "-m", "aurora_graphql", *own, *words]

    def _all(self, environ: Mapping[str, str]) -> dict[str, str]:
        """No setting of the developer's shell, then what the test says."""
        settings = {variable.name for variable in VARIABLES}
        own = {name: value for name, value in os.environ.items() if name not in settings}
        return {**own, "PORT": "0", **self._environ, **environ}

    def processes(self) -> list[str]:
        """Command lines of all processes that mention the folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if str(self.folder) in line:
                    found.append(line)
        return found


def _start(process: subprocess.Popen[str], said: IO[str]) -> tuple[str, str]:
    """What a run tells until it serves, and its address."""
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        said.seek(0)
        told = said.read()
        if found := re.search(r"^serving (\S+) until", told, re.MULTILINE):
            return told, found[1]
        time.sleep(POLL_S)
    said.seek(0)
    raise AssertionError(f"it serves nothing after all: {said.read()}")
