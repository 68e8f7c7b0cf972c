"""The servers themselves: second starts, broken directories, locks, and what dies with whom."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from aurora_graphql.dev import servers
from aurora_graphql.dev.choice import cache_server, database_server
from aurora_graphql.dev.mysql import MySql
from aurora_graphql.dev.servers import DatabaseServer, MariaDb, RedisServer, ServerError
from aurora_graphql.dev.unpacked import Unpacked
from aurora_graphql.dev.valkey import ValkeyServer
from handler.stores.url import DatabaseUrl
from tests.integration.servers import fetch_rows, run_script
from tests.ports import free_port


@pytest.fixture(params=[MariaDb, MySql])
def kind(request: pytest.FixtureRequest) -> type[DatabaseServer]:
    """Each kind of database server that can be had; without a MySQL the test is left out aloud."""
    found: type[DatabaseServer] = request.param
    if found is MySql:
        request.getfixturevalue("mysql_program")
    return found


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":  # ended; nobody of this container collects it
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} still runs")


def test_database_is_in_utc_strict_and_utf8(database: DatabaseUrl) -> None:
    question = (
        "SELECT @@time_zone, @@character_set_database, @@collation_database, "
        "@@sql_mode LIKE '%STRICT_TRANS_TABLES%'"
    )
    assert fetch_rows(database, question) == [("+00:00", "utf8mb4", "utf8mb4_unicode_ci", 1)]


def test_database_is_empty_for_each_test(database: DatabaseUrl) -> None:
    assert fetch_rows(database, "SHOW TABLES") == []


def test_cache_answers(cache_url: str) -> None:
    with redis.Redis.from_url(cache_url) as client:
        assert client.keys("*") == []


def test_second_start_keeps_the_data_and_takes_the_port(
    tmp_path: Path, kind: type[DatabaseServer]
) -> None:
    with kind(tmp_path) as server:
        run_script(
            server.create_database("shop"), "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (7)"
        )
    assert not server.socket_file.exists()
    assert not server.pid_file.exists()
    with kind(tmp_path, port=free_port()) as server:
        server.create_database("shop")
        assert fetch_rows(server.tcp_url("shop"), "SELECT a FROM t") == [(7,)]


ODD_FOLDER = """my shöp: 'a' "b" $c;d,*"""


def test_folder_may_have_any_name(
    tmp_path: Path, kind: type[DatabaseServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # MySQL makes its data anew
    with kind(tmp_path / ODD_FOLDER) as server:
        url = server.create_database("shop")
        sorted_on_disk = "SELECT * FROM information_schema.columns ORDER BY 1, 2, 3, 4 LIMIT 1"
        assert len(fetch_rows(DatabaseUrl.parse(url.text()), sorted_on_disk)) == 1
        assert [path.name for path in (tmp_path / ODD_FOLDER).iterdir() if "tmp" in path.name]
    with RedisServer(tmp_path / ODD_FOLDER) as cache, redis.Redis.from_url(cache.url) as client:
        assert client.ping()


def test_half_initialised_directory_is_built_again(
    tmp_path: Path, kind: type[DatabaseServer]
) -> None:
    (tmp_path / "data.new" / "mysql").mkdir(parents=True)
    (tmp_path / "data.new" / "ibdata1").write_bytes(b"cut")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ibdata1").write_bytes(b"cut")
    with kind(tmp_path) as server:
        assert fetch_rows(server.create_database("shop"), "SELECT 1") == [(1,)]
    assert (tmp_path / "data.broken-1" / "ibdata1").read_bytes() == b"cut"


def test_start_survives_files_of_a_killed_server(
    tmp_path: Path, kind: type[DatabaseServer]
) -> None:
    server = kind(tmp_path)
    server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert server.socket_file.exists()
    with kind(tmp_path) as second:
        assert second.pid != pid
    server.stop()


def test_second_server_in_the_same_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "TAKEN_OVER_S", 0.05)
    with RedisServer(tmp_path) as first:
        with pytest.raises(ServerError, match=f"already runs from .* as process {first.pid}"):
            RedisServer(tmp_path).start()
        assert first.pid is not None


def test_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} for redis cannot be used"):
            RedisServer(tmp_path, port=port).start()


def test_missing_program_names_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(servers, "EXTRA_PATH", ())
    with pytest.raises(
        ServerError, match="mariadb-install-db is not installed; on Debian: sudo apt"
    ):
        MariaDb(tmp_path / "m").start()
    with pytest.raises(ServerError, match="apt-get install -y redis-server"):
        RedisServer(tmp_path / "r").start()


def test_failed_start_shows_the_log(tmp_path: Path, kind: type[DatabaseServer]) -> None:
    with kind(tmp_path):
        pass
    (tmp_path / "data" / "ibdata1").write_bytes(b"not a tablespace")
    with pytest.raises(
        ServerError, match=rf"(?s)ended at its start with status .*{kind.name}\.log"
    ):
        kind(tmp_path).start()


def test_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with RedisServer(deep) as server:
        place = server.socket_file
        assert deep not in place.parents
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
    assert not place.parent.exists()


@pytest.mark.parametrize("name", ["shop`; DROP TABLE t", "", "a.b", "ü", "x" * 65])
def test_database_name_is_checked(mariadb: MariaDb, name: str) -> None:
    with pytest.raises(ServerError, match="cannot name a database"):
        mariadb.create_database(name)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal of Linux")
def test_servers_end_with_a_killed_parent(tmp_path: Path, kind: type[DatabaseServer]) -> None:
    program = (
        "import sys, time; from pathlib import Path; from aurora_graphql.dev.servers import *\n"
        f"from {kind.__module__} import {kind.__name__} as Kind\n"
        "m = Kind(Path(sys.argv[1])); m.start()\n"
        "r = RedisServer(Path(sys.argv[1])); r.start()\n"
        "print(m.pid, r.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(text) for text in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    for pid in pids:
        wait_until_gone(pid)


def test_an_unpacked_valkey_is_a_cache(tmp_path: Path, mysql_program: None) -> None:
    with ValkeyServer(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        assert client.info("server")["server_name"] == "valkey"
        assert server.version == client.info("server")["valkey_version"]


def test_variables_choose_the_servers() -> None:
    assert (database_server({}), cache_server({})) == (MariaDb, RedisServer)
    assert database_server({"SERVER": "mysql"}) is MySql
    assert database_server({"SERVER": ""}) is MariaDb
    assert cache_server({"CACHE_SERVER": "valkey"}) is ValkeyServer
    with pytest.raises(ServerError, match=r"^SERVER is 'oracle'; write mariadb or mysql$"):
        database_server({"SERVER": "oracle"})
    with pytest.raises(ServerError, match=r"^CACHE_SERVER is 'mysql'; write redis or valkey$"):
        cache_server({"CACHE_SERVER": "mysql"})


def test_a_server_that_was_not_unpacked_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ServerError, match=r"of a Debian: sh \S+/aurora_graphql/dev/unpack\.sh$"):
        Unpacked.find()
    (tmp_path / "aurora-graphql" / "servers" / "root").mkdir(parents=True)
    with pytest.raises(
        ServerError, match=r"no loader in .*; remove .*root, then: sh \S*aurora_graphql/dev/unp"
    ):
        Unpacked.find().command("sbin/mysqld")
