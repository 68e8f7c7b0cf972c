"""Private MariaDB and Redis servers: loopback or a socket, own directory, stopped by process id.

``make run`` and the integration tests start the same classes. Nothing of a server that was already
on the machine is touched, and no option file of the machine is read.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import pymysql
import redis

from aurora_graphql.errors import ToolError
from handler.stores.url import DatabaseUrl

READY_S = 60.0  # a cold disk may need this long; a warm start takes well under a second
STOP_S = 20.0
TAKEN_OVER_S = 10.0  # how long to wait for the server of a killed run to end
POLL_S = 0.02
SOCKET_PATH_BYTES = 100  # the kernel takes 107; MariaDB and Redis fail obscurely beyond it
EXTRA_PATH = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/sbin")
BUFFER_POOL_MIB = 128


class ServerError(ToolError):
    """A server could not be started or stopped; the text says what to do about it."""


class Program(ABC):
    """One server process in a directory of its own; a context manager.

    ``start`` returns when the server answers. The server process itself holds a lock on the
    directory, so a second start is refused with the process id, and a lock is never stale. The
    server ends with the thread that started it (Linux), even if that one is killed.
    """

    name: str  # of its files, and in the variables that choose it
    title: str  # what people call it

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        """``directory`` is created; without ``port`` only a socket in it is opened."""
        self.directory = directory.absolute()
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._short: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def log_file(self) -> Path:
        """What the server has to say, of this start and the ones before."""
        return self.directory / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """The process id, for a person; the lock beside it is what counts."""
        return self.directory / f"{self.name}.pid"

    @property
    def socket_file(self) -> Path:
        """The server's socket, moved to a short path where the directory's is too long."""
        return (self._short or self.directory) / f"{self.name}.sock"

    @property
    def working_directory(self) -> Path:
        """Where the server starts."""
        return self.directory

    @property
    def pid(self) -> int | None:
        """Process id while the server runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process and running else None

    def start(self) -> None:
        """Start the server and wait until it answers; does nothing if it runs already."""
        if self.pid is not None:
            return
        self.stop()  # tidies up after a server that ended by itself
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        self._take_lock()
        try:
            if len(os.fsencode(self.directory / f"{self.name}.sock")) > SOCKET_PATH_BYTES:
                self._short = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
            self.socket_file.unlink(missing_ok=True)
            if self.port is not None:
                _check_port(self.port, self.name)
            self._prepare()
            self._launch(self._command())
            self._drop_lock()  # the server keeps its copy
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask the server to end, insist after a while; does nothing if it does not run."""
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            self.pid_file.unlink(missing_ok=True)
            self.socket_file.unlink(missing_ok=True)
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
            self._short = None
        self._drop_lock()

    @abstractmethod
    def _command(self) -> list[str]:
        """Program and arguments."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server takes commands now."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make what has to exist before the first start."""

    def _take_lock(self) -> None:
        lock = (self.directory / f"{self.name}.lock").open("w")
        try:
            for _ in _until(TAKEN_OVER_S):
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._lock = lock
                    return
            with contextlib.suppress(FileNotFoundError):
                pid = self.pid_file.read_text().strip()
                raise ServerError(
                    f"{self.name} already runs from {self.directory} as process {pid}; "
                    f"stop the program that started it, or: kill {pid}"
                )
            raise ServerError(f"another program is starting {self.name} in {self.directory}")
        except BaseException:
            lock.close()
            raise

    def _drop_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _launch(self, command: Sequence[str]) -> None:
        assert self._lock is not None
        # util-linux, part of every Debian: the server gets SIGTERM when its parent dies
        tied = shutil.which("setpriv")
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [tied, "--pdeathsig", "TERM", *command] if tied else list(command),
                cwd=self.working_directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to us; we stop the server in order
                pass_fds=[self._lock.fileno()],
            )
        self.pid_file.write_text(f"{self._process.pid}\n")

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        for _ in _until(READY_S):
            status = self._process.poll()
            if status is not None:
                raise ServerError(
                    f"{self.name} ended at its start with status {status}; "
                    f"the end of {self.log_file}:\n{_tail(self.log_file)}"
                )
            if self._answers():
                return
        raise ServerError(
            f"{self.name} gave no answer within {READY_S:.0f} s; "
            f"the end of {self.log_file}:\n{_tail(self.log_file)}"
        )


class DatabaseServer(Program):
    """A database server whose account ``root`` has no password.

    The directory's permissions protect it. With a port it listens on 127.0.0.1 as well, where every
    user of the machine can reach it: for test data. Clock in UTC, strict mode, utf8mb4; commits are
    not flushed one by one.
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, options: Sequence[str] = ()
    ) -> None:
        """``options``: further arguments of the server's program."""
        super().__init__(directory, port=port)
        self._options = tuple(options)

    @property
    def data_directory(self) -> Path:
        """The tables; complete once it exists, because it is built beside and then renamed."""
        return self.directory / "data"

    @property
    def working_directory(self) -> Path:
        """Theirs: MySQL looks for the temporary folder before it goes there, MariaDB after."""
        return self.data_directory

    @property
    def version(self) -> str:
        """What the running server calls its version."""
        return str(self._execute("SELECT VERSION()")[0][0])

    def url(self, database: str) -> DatabaseUrl:
        """The address of one database of this server, through the socket."""
        return DatabaseUrl(user="root", database=database, unix_socket=str(self.socket_file))

    def tcp_url(self, database: str) -> DatabaseUrl:
        """The address of one database of this server on its port."""
        if self.port is None:
            raise ServerError(f"this {self.title} was started without a port")
        return DatabaseUrl(host="127.0.0.1", port=self.port, user="root", database=database)

    def create_database(self, database: str) -> DatabaseUrl:
        """Create a database if it is absent; ``database``: letters, digits and underscores."""
        self._execute(
            f"CREATE DATABASE IF NOT EXISTS {_identifier(database)} "
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
        )
        return self.url(database)

    def drop_database(self, database: str) -> None:
        """Remove a database and all its tables."""
        self._execute(f"DROP DATABASE IF EXISTS {_identifier(database)}")

    def _prepare(self) -> None:
        if (self.data_directory / "mysql").is_dir():
            return
        if self.data_directory.exists():
            self._set_broken_aside()
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)  # of a start that was cut
        self._make_data(fresh)
        fresh.rename(self.data_directory)

    @abstractmethod
    def _make_data(self, folder: Path) -> None:
        """Make a data directory with the system tables; the folder does not exist."""

    @abstractmethod
    def _programs(self) -> list[str]:
        """The server's program and what it needs to find its own files."""

    @abstractmethod
    def _own_options(self) -> list[str]:
        """Options that only this kind of server has."""

    def _set_broken_aside(self) -> None:
        """Data without the system tables cannot be served; keep it, in case it was somebody's."""
        if not any(self.data_directory.iterdir()):
            self.data_directory.rmdir()
            return
        for number in range(1, 1000):
            aside = self.directory / f"data.broken-{number}"
            if not aside.exists():
                self.data_directory.rename(aside)
                return
        raise ServerError(f"too many broken data directories in {self.directory}: remove them")

    def _temporary(self, data: Path) -> str:
        """The option for temporary tables, which lie beside the data and are named from there.

        In a shared /tmp those of two servers can have one name. The servers take a colon for the
        end of a path, and mariadb-install-db a blank: this path has neither.
        """
        (data.parent / "tmp").mkdir(exist_ok=True)
        return "--tmpdir=../tmp"

    def _install(self, command: list[str], folder: Path) -> None:
        """Run what makes the system tables in a folder, which is empty, from within it."""
        folder.mkdir()
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            said = done.stdout.decode(errors="replace")[-2000:]
            raise ServerError(f"{Path(command[0]).name} failed in {folder}:\n{said}")

    def _command(self) -> list[str]:
        network = ["--skip-networking"]
        if self.port is not None:
            network = [f"--port={self.port}", "--bind-address=127.0.0.1"]
        return [
            *self._programs(),
            f"--datadir={self.data_directory}",
            f"--socket={self.socket_file}",
            f"--pid-file={self.data_directory / 'server.pid'}",
            *own_user(),
            *network,
            self._temporary(self.data_directory),
            f"--innodb-buffer-pool-size={BUFFER_POOL_MIB}M",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--performance-schema=OFF",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-dump-at-shutdown=OFF",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--default-time-zone=+00:00",
            # MySQL 8's default without the obsolete names: stricter than MariaDB's own
            "--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
            "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
            *self._own_options(),
            *self._options,
        ]

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except (OSError, pymysql.err.OperationalError):
            return False
        return True

    def _execute(self, statement: str) -> tuple[tuple[object, ...], ...]:
        # PyMySQL leaks the socket of a refused connection, so it gets one that is connected
        with socket.socket(socket.AF_UNIX) as plug:
            plug.connect(str(self.socket_file))
            connection = pymysql.connect(user="root", read_timeout=60, defer_connect=True)
            connection.connect(plug)
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return tuple(cursor.fetchall())


class MariaDb(DatabaseServer):
    """A MariaDB of this machine."""

    name = "mariadb"
    title = "MariaDB"

    def _make_data(self, folder: Path) -> None:
        install = find_program("mariadb-install-db", "mariadb-server-core mariadb-client-core")
        self._install(
            [
                install,
                "--no-defaults",
                "--datadir=./",  # where it is run: see _temporary
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
                *own_user(),
                *self._own_options(),
                f"--innodb-buffer-pool-size={BUFFER_POOL_MIB}M",
                self._temporary(folder),
            ],
            folder,
        )

    def _programs(self) -> list[str]:
        return [
            find_program("mariadbd", "mariadb-server-core mariadb-client-core"),
            "--no-defaults",
        ]

    def _own_options(self) -> list[str]:
        return ["--innodb-log-file-size=32M"]


class RedisServer(Program):
    """A Redis that keeps nothing on disk."""

    name = "redis"
    title = "Redis"

    @property
    def url(self) -> str:
        """Address for ``CACHE_URL``, through the socket."""
        return f"unix://{quote(str(self.socket_file))}"

    @property
    def version(self) -> str:
        """What the running server calls its version; Valkey has one beside Redis's."""
        with redis.Redis(unix_socket_path=str(self.socket_file), socket_timeout=5) as client:
            told = client.info("server")
        return str(told.get("valkey_version", told["redis_version"]))

    def _prepare(self) -> None:
        pass  # it keeps no files

    def _programs(self) -> list[str]:
        return [find_program("redis-server", "redis-server")]

    def _command(self) -> list[str]:
        # port 0 means: listen on the socket only
        return [
            *self._programs(),
            *("--port", str(self.port or 0), "--bind", "127.0.0.1"),
            *("--unixsocket", str(self.socket_file), "--unixsocketperm", "700"),
            *("--dir", str(self.directory), "--save", "", "--appendonly", "no"),
            *("--daemonize", "no", "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"),
        ]

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket_file), socket_timeout=5)
        try:
            client.ping()
        except (redis.ConnectionError, redis.TimeoutError):  # not there yet, or still loading
            return False
        finally:
            client.close()
        return True


def _until(limit_s: float) -> Iterator[None]:
    """Yield at once, then every ``POLL_S`` until the time is up."""
    deadline = time.monotonic() + limit_s
    yield
    while time.monotonic() < deadline:
        time.sleep(POLL_S)
        yield


def find_program(name: str, packages: str) -> str:
    """The path of a program; ``ServerError`` with the Debian packages that hold it if absent."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *EXTRA_PATH])
    found = shutil.which(name, path=search)
    if found is None:
        raise ServerError(f"{name} is not installed; on Debian: sudo apt-get install -y {packages}")
    return found


def own_user() -> list[str]:
    """MariaDB and MySQL refuse to run as root unless they are told so."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _check_port(port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServerError(
                f"port {port} for {name} cannot be used ({error.strerror}): choose another"
            ) from error


def _identifier(name: str) -> str:
    if not name.replace("_", "").isalnum() or not name.isascii() or len(name) > 64:
        raise ServerError(f"{name!r} cannot name a database: letters, digits and underscores only")
    return f"`{name}`"


def _tail(file: Path, lines: int = 15) -> str:
    with contextlib.suppress(FileNotFoundError):
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    return "(no log)"
