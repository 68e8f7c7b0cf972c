"""``make pin-report``: what the API sends to MySQL, and whether any of it pins RDS Proxy.

A pinned connection serves one client until it ends, and the proxy's pool is gone. A relay stands
between the handler and a private MariaDB, says in the handshake that it is MySQL 8, as Aurora
does, and reads every command that the handler then sends while it answers the documents of the
golden cases and of the benchmarks. The report is printed; the exit status is 1 if anything pins.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from aurora_graphql.dev.servers import MariaDb
from aurora_graphql.project_file import Project
from handler.access.principal import Principal
from handler.app import start_engine
from handler.jobs.ingest import ingest, load_mapping
from handler.jobs.migrate import migrate
from handler.language.limits import Limits
from handler.settings import Settings
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.pin_list import MAX_BYTES, Commands, find_pins

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = Project.of(PROJECT)
GOLDEN = ROOT / "tests" / "handler" / "golden"
MYSQL_VERSION = b"8.0.39"  # no longer than MariaDB's own, which it takes the place of
BENCHMARK_VARIABLES = {"orderId": "10248", "first": 20, "customers": 5, "orders": 5}
NO_LIMITS = Limits(
    characters=1_000_000,
    tokens=100_000,
    fields=100_000,
    aliases=10_000,
    root_fields=1_000,
    depth=100,
    cost=1_000_000_000,
)


@dataclass
class Recorder:
    """The relay, and everything that went through it."""

    backend: Path
    port: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    pins: Counter[str] = field(default_factory=Counter)
    examples: dict[str, bytes] = field(default_factory=dict)
    longest: int = 0
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Recorder]:
        """The relay while it listens on 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await asyncio.gather(*self._tasks)

    def record(self, command: int, text: bytes) -> None:
        """Note one command."""
        verb = text.split(maxsplit=1)[0].decode(errors="replace").upper() if text else ""
        self.kinds[verb or f"command {command}"] += 1
        self.longest = max(self.longest, len(text))
        for pin in find_pins(command, text):
            self.pins[pin] += 1
            self.examples.setdefault(pin, text[:300])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        server_reader, server_writer = await asyncio.open_unix_connection(self.backend)
        greeting = await server_reader.readexactly(4)
        greeting += await server_reader.readexactly(int.from_bytes(greeting[:3], "little"))
        writer.write(as_mysql(greeting))
        await asyncio.gather(self._up(reader, server_writer), _down(server_reader, writer))
        for each in (writer, server_writer):
            each.close()
            with contextlib.suppress(OSError):
                await each.wait_closed()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        commands = Commands()
        while data := await reader.read(65_536):
            for command, text in commands.feed(data):
                self.record(command, text)
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _down(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


def as_mysql(greeting: bytes) -> bytes:
    """The server's first packet with the version of MySQL 8 instead of its own."""
    end = greeting.index(b"\0", 5)
    payload = greeting[4:5] + MYSQL_VERSION + greeting[end:]
    return len(payload).to_bytes(3, "little") + greeting[3:4] + payload


def documents() -> list[tuple[str, str, dict[str, object]]]:
    """Name, document and variables of all golden cases and benchmarks."""
    found = []
    for folder in sorted(GOLDEN.iterdir()):
        request = folder / "request.graphql"
        if request.is_file():
            given = folder / "variables.json"
            variables = orjson.loads(given.read_bytes()) if given.is_file() else {}
            found.append((folder.name, request.read_text(), variables))
    for file in sorted((ROOT / "benchmarks" / "documents").glob("*.graphql")):
        found.append((file.stem, file.read_text(), BENCHMARK_VARIABLES))
    return found


async def record(server: MariaDb, url: DatabaseUrl) -> tuple[Recorder, int, list[str]]:
    """Ask all documents through a recorder: it, how many were run, and which were refused."""
    await migrate(url, EXAMPLE.migrations)
    for each in EXAMPLE.data:
        assert each.mapping is not None
        await ingest(url, each.file, load_mapping(each.mapping))
    ran, refused = 0, []
    async with Recorder(server.socket_file).running() as recorder:
        through = DatabaseUrl(
            user=url.user, database=url.database, host="127.0.0.1", port=recorder.port
        )
        engine = await start_engine(
            Settings(
                database_url=through, sdl_dir=PROJECT / "sdl", introspection=True, limits=NO_LIMITS
            )
        )
        grant = engine.access.grant(Principal.development())
        database = MySqlDatabase(through)
        for name, document, variables in documents():
            try:
                prepared = engine.prepare(document, None, variables, grant)
                await engine.execute(prepared, grant, database, Deadline.after(60))
                ran += 1
            except Exception as error:  # what is refused sends nothing, or too little to prove
                refused.append(f"{name}: {error}")
        await database.close()
    return recorder, ran, refused


def report(recorder: Recorder, ran: int, refused: list[str]) -> str:
    """What was seen, for people."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in recorder.kinds.most_common())
    lines = [
        f"{ran} documents, {recorder.connections} connections, {kinds}",
        f"longest statement: {recorder.longest:,} bytes of {MAX_BYTES - 1:,}",
        *(f"refused, so not recorded: {each}" for each in refused),
    ]
    for pin, count in recorder.pins.items():
        lines.append(f"PINS: {count} x {pin}, such as {recorder.examples[pin]!r}")
    lines.append("nothing pins" if not recorder.pins else "some of it pins")
    return "\n".join(lines)


def main() -> int:
    """Record and print; the exit status says whether anything pins."""
    with tempfile.TemporaryDirectory() as folder, MariaDb(Path(folder)) as server:
        recorder, ran, refused = asyncio.run(record(server, server.create_database("pins")))
    sys.stdout.write(report(recorder, ran, refused) + "\n")
    return 1 if recorder.pins or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
