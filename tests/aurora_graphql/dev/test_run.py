"""`make run`'s program from outside: real servers, real signals, a function of the tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pymysql
import pytest

from aurora_graphql.dev.claim import Claim, ClaimedError
from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.dev.site import Site
from tests.integration.servers import fresh_database

ECHO = ("--function", "tests.aurora_graphql.dev.functions.echo")


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A folder with migrations of one table."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_create_notes.sql").write_text(
        "CREATE TABLE notes (id INT NOT NULL, PRIMARY KEY (id));"
    )
    return folder


@pytest.fixture
def site(tmp_path: Path, migrations: Path) -> Site:
    return Site(tmp_path, MIGRATIONS_DIR=str(migrations))


def _ask(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:
        told = json.load(response)
    path: str = told["event"]["path"]
    return path


def _context(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=30) as response:
        told = json.load(response)
    context: dict[str, Any] = told["event"]["requestContext"]
    return context


def _execute(url: str, statement: str) -> tuple[tuple[object, ...], ...]:
    address = DatabaseUrl.parse(url)
    connection = pymysql.connect(
        unix_socket=address.unix_socket,
        user=address.user,
        database=address.database,
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchall())


def _database(site: Site) -> str:
    """The address that a command gets, here of the run under way."""
    status, out, err = site.call(
        "with", sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])"
    )
    assert status == 0, err
    return out.strip()


@pytest.mark.usefixtures("graphiql_files")
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, id="terminate"),
        pytest.param(signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIGHUP, id="closed-terminal"),
    ],
)
def test_a_run_serves_and_a_signal_ends_it_and_its_servers(
    site: Site, number: signal.Signals
) -> None:
    with site.running(*ECHO) as (process, url):
        assert _ask(url) == "/"
        assert len(site.processes()) == 3  # the run, MariaDB, Redis
        process.send_signal(number)
        assert process.wait(30) == 0
    assert site.processes() == []


@pytest.mark.usefixtures("graphiql_files")
def test_a_second_start_keeps_the_data_and_reset_removes_it(site: Site) -> None:
    with site.running(*ECHO) as (process, _):
        _execute(_database(site), "INSERT INTO notes VALUES (7)")
        process.terminate()
        assert process.wait(30) == 0
    with site.running(*ECHO) as (process, _):
        assert _execute(_database(site), "SELECT id FROM notes") == ((7,),)
        status, _, err = site.call("reset")
        assert status == 2
        assert f"in use by process {process.pid} at http://127.0.0.1:" in err
        process.terminate()
        assert process.wait(30) == 0
    assert site.call("reset")[0] == 0
    assert not (site.folder / "mariadb").exists()
    assert site.call("reset")[:2] == (0, "there is no data\n")


@pytest.mark.usefixtures("graphiql_files", "mysql_program")
def test_a_run_on_mysql_and_valkey_keeps_their_data_apart(tmp_path: Path, migrations: Path) -> None:
    site = Site(tmp_path, MIGRATIONS_DIR=str(migrations), SERVER="mysql", CACHE_SERVER="valkey")
    with site.running(*ECHO) as (process, url):
        assert _ask(url) == "/"
        version = _execute(_database(site), "SELECT VERSION()")[0][0]
        assert "MariaDB" not in str(version)
        _execute(_database(site), "INSERT INTO notes VALUES (7)")
        process.terminate()
        assert process.wait(30) == 0
    assert sorted(each.name for each in site.folder.iterdir() if each.is_dir()) == [
        "mysql",
        "valkey",
    ]
    with site.running(*ECHO) as (process, _):
        assert _execute(_database(site), "SELECT id FROM notes") == ((7,),)
        process.terminate()
        assert process.wait(30) == 0
    assert site.call("reset")[0] == 0
    assert not (site.folder / "mysql").exists()


@pytest.mark.usefixtures("graphiql_files")
def test_a_killed_run_leaves_nothing_that_hinders_the_next(site: Site) -> None:
    with site.running(*ECHO) as (process, _):
        process.kill()
        process.wait(30)
    with site.running(*ECHO) as (process, url):
        assert _ask(url) == "/"
        process.terminate()
        assert process.wait(30) == 0
    assert site.processes() == []


@pytest.mark.usefixtures("graphiql_files")
@pytest.mark.parametrize("command", ["dev", "dev --lambda"])
def test_auth_is_off_unless_it_is_asked_for(site: Site, mariadb: MariaDb, command: str) -> None:
    with fresh_database(mariadb) as database:
        environ = {"DATABASE_URL": database.text(), "CACHE_URL": ""}
        with site.running(*ECHO, command=command, **environ) as (_, url):
            assert "authorizer" not in _context(url)
        on = {"AUTH": "on", "AUTH_ISSUERS": "http://127.0.0.1:1", "AUTH_AUDIENCE": "shop"}
        with site.running(*ECHO, command=command, **environ, **on) as (_, url):
            assert _context(url)["authorizer"]["kind"] == "anonymous"
            request = urllib.request.Request(url, headers={"authorization": "Bearer x"})
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(request, timeout=30)


@pytest.mark.usefixtures("graphiql_files")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_like_lambda_serves_and_leaves_no_frozen_process(
    site: Site, mariadb: MariaDb, number: signal.Signals
) -> None:
    mark = f"mark-{uuid.uuid4().hex}"  # in the environment of all that it starts
    with fresh_database(mariadb) as database:
        environ = {"DATABASE_URL": database.text(), "CACHE_URL": "", "MARK": mark}
        with site.running(*ECHO, command="dev --lambda", **environ) as (process, url):
            assert _ask(url) == "/"
            assert len(_marked(mark)) >= 2  # the run, and the runtime's client
            process.send_signal(number)
            process.wait(30)
    deadline = time.monotonic() + 10
    while _marked(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _marked(mark) == []


def _marked(mark: str) -> list[int]:
    """The processes that live with such an environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


@pytest.mark.usefixtures("graphiql_files")
def test_servers_of_ones_own_are_used_and_stay(
    site: Site, tmp_path: Path, migrations: Path
) -> None:
    other = Site(tmp_path / "other", MIGRATIONS_DIR=str(migrations))
    with site.running(*ECHO) as (owner, _):
        database = _database(site)
        with other.running(*ECHO, DATABASE_URL=database, CACHE_URL="") as (process, url):
            assert _ask(url) == "/"
            assert not (other.folder / "mariadb").exists()
            assert not (other.folder / "redis").exists()
            process.terminate()
            assert process.wait(30) == 0
        assert _execute(database, "SELECT COUNT(*) FROM notes") == ((0,),)
        owner.terminate()
        assert owner.wait(30) == 0


def test_a_taken_port_is_told_before_anything_is_started(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, err = site.call("dev", PORT=str(port))
    assert status == 2
    assert err == (
        f"error: port {port} is taken; stop the program that has it, or choose another port:"
        " PORT=8001\n"
    )
    assert not site.folder.exists()


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        pytest.param(
            {"PORT": "http"},
            "error: PORT is 'http'; write a whole number from 0 to 65535\n",
            id="port",
        ),
        pytest.param(
            {"ENVIRONMENTS": "0"},
            "error: ENVIRONMENTS is '0'; write a whole number from 1 to 64\n",
            id="environments",
        ),
        pytest.param(
            {"THROTTLE_BURST": "many"},
            "error: THROTTLE_BURST is 'many'; write a whole number from 1 to 5000\n",
            id="throttle",
        ),
        pytest.param(
            {"SNAPSTART": "yes"}, "error: SNAPSTART is 'yes'; write on or off\n", id="snapstart"
        ),
    ],
)
def test_a_wrong_number_is_told(site: Site, environ: dict[str, str], message: str) -> None:
    assert site.call("dev", **environ) == (2, "", message)


@pytest.mark.usefixtures("graphiql_files")
def test_a_function_that_fails_to_load_ends_the_run_with_its_reason(site: Site) -> None:
    status, _, err = site.call("dev", "--function", "tests.aurora_graphql.dev.functions.absent")
    assert status == 2
    assert "has no attribute 'absent'" in err
    assert site.processes() == []


def test_a_failing_migration_ends_the_run_with_its_reason(site: Site, migrations: Path) -> None:
    (migrations / "0002_break_it.sql").write_text("CREATE TABLE notes2 (id NOTHING);")
    status, _, err = site.call("dev")
    assert status == 2
    assert "0002_break_it.sql" in err
    assert site.processes() == []


def test_a_command_gets_servers_of_its_own_when_none_run(site: Site) -> None:
    assert _database(site).startswith("mysql://root@localhost")
    assert site.processes() == []


def test_the_status_of_a_command_is_passed_on(site: Site) -> None:
    assert site.call("with", sys.executable, "-c", "raise SystemExit(3)")[0] == 3


def test_a_folder_has_one_claim(tmp_path: Path) -> None:
    with Claim(tmp_path) as claim:
        claim.tell({"url": "http://127.0.0.1:1/"})
        with pytest.raises(ClaimedError) as caught:
            Claim(tmp_path)
    assert caught.value.notice == {"process": str(os.getpid()), "url": "http://127.0.0.1:1/"}
    with Claim(tmp_path):
        pass
