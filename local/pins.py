"""``make pin-report``: what the API sends to MySQL, and whether any of it pins RDS Proxy.

A pinned connection serves one client until it ends, and the proxy's pool is gone. A relay stands
between the handler and a private MariaDB, says in the handshake that it is MySQL 8, as Aurora
does, and reads every command that the handler then sends while it answers the documents of the
golden cases and of the benchmarks. The report is printed; the exit status is 1 if anything pins.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from pymysql.constants import COMMAND

from handler.access.principal import Principal
from handler.engine import Engine
from handler.ingest.run import ingest
from handler.language.lexer import Limits
from handler.migrate import migrate
from handler.settings import Settings
from handler.stores.database import MySqlDatabase
from handler.stores.deadline import Deadline
from handler.stores.url import DatabaseUrl
from local.servers import MariaDb
from local.stack import EXAMPLE_DATA, EXAMPLE_MIGRATIONS, ROOT

GOLDEN = ROOT / "tests" / "handler" / "golden"
MYSQL_VERSION = b"8.0.39"  # no longer than MariaDB's own, which it takes the place of
MAX_BYTES = 16_384
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

_QUOTED = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`", re.DOTALL)
_TRACKED = re.compile(
    rb"SET (?:autocommit|NAMES|CHARACTER SET|time_zone|sql_mode|character_set_\w+|"
    rb"collation_\w+|(?:SESSION )?TRANSACTION (?:ISOLATION LEVEL|READ))\b",
    re.IGNORECASE,
)
_PATTERNS = {
    "a SET that the proxy does not track": re.compile(rb"^SET\b", re.IGNORECASE),
    "a user variable": re.compile(rb"@[\w'`\"$]"),
    "an executable comment": re.compile(rb"/\*M?!"),
    "a prepared statement": re.compile(rb"^(PREPARE|EXECUTE|DEALLOCATE)\b", re.IGNORECASE),
    "a temporary table": re.compile(rb"\bTEMPORARY\b", re.IGNORECASE),
    "a lock": re.compile(
        rb"^(LOCK|UNLOCK|HANDLER)\b|\b(GET_LOCK|RELEASE_LOCK|RELEASE_ALL_LOCKS|IS_USED_LOCK)\s*\(|"
        rb"\bFOR UPDATE\b|\bLOCK IN SHARE MODE\b",
        re.IGNORECASE,
    ),
    "a transaction": re.compile(rb"^(BEGIN|START)\b", re.IGNORECASE),
    "state of the statement before": re.compile(
        rb"\b(FOUND_ROWS|ROW_COUNT|LAST_INSERT_ID)\s*\(|SQL_CALC_FOUND_ROWS", re.IGNORECASE
    ),
    "several statements in one text": re.compile(rb";\s*\S"),
}
_HARMLESS_COMMANDS = {COMMAND.COM_QUERY, COMMAND.COM_PING, COMMAND.COM_QUIT}


def find_pins(command: int, text: bytes) -> list[str]:
    """Why the proxy would pin on this command; nothing if it would not.

    Values and names in quotes are not looked into: what they hold is no SQL.
    """
    if command not in _HARMLESS_COMMANDS:
        return [f"command {command} of the protocol"]
    found = []
    if len(text) >= MAX_BYTES:
        found.append(f"a statement of {MAX_BYTES} bytes or more")
    bare = _QUOTED.sub(b"''", text).strip()
    if _TRACKED.match(bare) and b"," not in bare:
        return found
    return found + [reason for reason, pattern in _PATTERNS.items() if pattern.search(bare)]


@dataclass
class Commands:
    """Takes apart what one client sends, packet by packet; the login is not looked at."""

    buffer: bytes = b""
    is_logged_in: bool = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The commands that are whole by now."""
        self.buffer += data
        while len(self.buffer) >= 4:
            length = int.from_bytes(self.buffer[:3], "little")
            if len(self.buffer) < 4 + length:
                return
            sequence, payload = self.buffer[3], self.buffer[4 : 4 + length]
            self.buffer = self.buffer[4 + length :]
            if sequence == 0 and payload:  # a login goes on with the numbers of the handshake
                self.is_logged_in = True
                yield payload[0], payload[1:]


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
    await migrate(url, EXAMPLE_MIGRATIONS)
    await ingest(url, EXAMPLE_DATA)
    ran, refused = 0, []
    async with Recorder(server.socket_file).running() as recorder:
        through = DatabaseUrl(
            user=url.user, database=url.database, host="127.0.0.1", port=recorder.port
        )
        engine = await Engine.start(
            Settings(
                database_url=through, sdl_dir=ROOT / "sdl", introspection=True, limits=NO_LIMITS
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
    print(report(recorder, ran, refused))
    return 1 if recorder.pins or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
