"""GraphiQL's files: bundled once from the npm packages of package-lock.json.

Node.js comes from the virtual environment. The bundle is made anew when the lock or the sources in
``browser/`` change. ``python -m aurora_graphql.dev.graphiql`` makes it in the foreground.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".local" / "graphiql"
LOG = ROOT / ".local" / "graphiql.log"
POLL_S = 0.1


class GraphiqlError(Exception):
    """The bundle could not be made; the text says where the output is."""


def is_current() -> bool:
    """Whether the bundle is there and made of what the lock and the sources say now."""
    with contextlib.suppress(FileNotFoundError):
        return (FOLDER / "made-of").read_text() == _fingerprint()
    return False


def build() -> None:
    """Install the packages and bundle them, unless that has been done; two at a time wait."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "graphiql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current():
            return
        binaries = Path(sys.prefix) / "bin"
        environ = {**os.environ, "PATH": f"{binaries}:{os.environ.get('PATH', os.defpath)}"}
        fresh = FOLDER.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        for command in (
            [str(binaries / "npm"), "ci", "--no-progress"],
            [str(binaries / "node"), "aurora_graphql/dev/browser/build.js", str(fresh)],
        ):
            subprocess.run(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=True)
        (fresh / "made-of").write_text(_fingerprint())
        shutil.rmtree(FOLDER, ignore_errors=True)
        fresh.rename(FOLDER)


class Build:
    """The build in a process of its own, while other things start."""

    def __init__(self) -> None:
        LOG.parent.mkdir(exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        if not is_current():
            with LOG.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "aurora_graphql.dev.graphiql"],
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # a group of its own, to be stopped as a whole
                )

    async def wait(self) -> None:
        """Wait for the end; ``GraphiqlError`` if it failed."""
        # It was started before there was an event loop that could tell of its end.
        while self._process is not None and self._process.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
        if self._process is not None and self._process.returncode != 0:
            raise GraphiqlError(f"its files could not be made; see {LOG}")

    def stop(self) -> None:
        """End the build if it is still under way."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()


@contextlib.contextmanager
def building() -> Iterator[Build]:
    """A build that does not outlive the block."""
    process = Build()
    try:
        yield process
    finally:
        process.stop()


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in (
        ROOT / "package-lock.json",
        *sorted((ROOT / "aurora_graphql" / "dev" / "browser").iterdir()),
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    build()
