"""A person with the wheel and a shell: commands in a folder, and how long each took."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from handler.settings import VARIABLES

_SETTINGS: Final = {"SERVER", "CACHE_SERVER", *(variable.name for variable in VARIABLES)}
START_S: Final = 120.0
POLL_S: Final = 0.05


@dataclass
class User:
    """``environment``: with the wheel in it. ``folder``: where the commands are typed."""

    environment: Path
    folder: Path
    times: dict[str, float] = field(default_factory=dict)  # seconds by step

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of a step, and print it."""
        started = time.perf_counter()
        yield
        self.times[name] = time.perf_counter() - started
        sys.stderr.write(f"  {name}: {self.times[name]:.1f} s\n")

    def run(self, *words: str, status: int = 0, **environ: str) -> str:
        """What a command prints; it must end with that status."""
        done = subprocess.run(
            self._command(words),
            cwd=self.folder,
            env=self._environ(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == status, f"{words}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def serving(self, *words: str, **environ: str) -> Iterator[str]:
        """The address that a command serves until the end of the block."""
        with (
            tempfile.TemporaryFile("w+") as said,
            subprocess.Popen(
                self._command(words),
                cwd=self.folder,
                env=self._environ({"PORT": "0", **environ}),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                text=True,
            ) as process,
        ):
            try:
                yield _address(process, said)
                process.terminate()
                assert process.wait(60) == 0
            finally:
                process.kill()

    def _command(self, words: tuple[str, ...]) -> list[str]:
        program, *others = words
        return [str(self.environment / "bin" / program), *others]

    def _environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """A shell with nothing of this project in it, and no address of a database."""
        shell = {
            name: value
            for name, value in os.environ.items()
            if name not in _SETTINGS and not name.startswith(("PYTHON", "PYTEST", "VIRTUAL_ENV"))
        }
        path = os.environ.get("PATH", os.defpath)
        no_node = {"npm_config_registry": "http://127.0.0.1:1/"}  # whoever asks it fails
        return {**shell, **no_node, "PATH": f"{self.environment / 'bin'}:{path}", **environ}


def ask(url: str, query: str, variables: Mapping[str, Any] | None = None) -> Any:
    """The answer to a document."""
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    asked = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as response:
        return json.load(response)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + START_S
    while not holds():
        assert time.monotonic() < deadline, "it is not so after a long time"
        time.sleep(POLL_S)


def _address(process: subprocess.Popen[str], said: Any) -> str:
    deadline = time.monotonic() + START_S
    told = ""
    while process.poll() is None and time.monotonic() < deadline:
        said.seek(0)
        told = said.read()
        if found := re.search(r"http://127\.0\.0\.1:\d+/", told):
            return found[0]
        time.sleep(POLL_S)
    raise AssertionError(f"it serves nothing: {told}")
