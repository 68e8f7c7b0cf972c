"""What a database server says, and how it dies: a typed error in time, and then recovery.

Servers are frozen and killed by their process id.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from aurora_graphql.dev.servers import DatabaseServer
from handler.errors import DeadlineError, UpstreamError
from handler.stores.url import DatabaseUrl
from tests.faults.proxy import FaultProxy
from tests.frozen import frozen
from tests.integration.numbers import (
    RECOVERY_S,
    ROWS,
    SLACK_S,
    fetch,
    fill,
    opened,
    proxy,
    seconds_until_served,
    through,
    url,
)
from tests.integration.servers import connect, fetch_rows, run_script
from tests.ports import free_port

__all__ = ["proxy", "url"]  # fixtures

# A hundred million rows: MySQL ends a SLEEP without an error, and a statement of rows with one.
LONG = "SELECT COUNT(a.word < b.word) FROM numbers a, numbers b, numbers c, numbers d, numbers e"


async def test_statement_over_its_time_is_ended_by_the_server(url: DatabaseUrl) -> None:
    async with opened(url) as database:
        ((first,),) = (await fetch(database, "SELECT CONNECTION_ID()")).rows
        began = time.monotonic()
        with pytest.raises(DeadlineError, match="ended the statement"):
            await fetch(database, LONG, budget_s=0.4)
        assert time.monotonic() - began < 0.4 + SLACK_S
        assert (await fetch(database, "SELECT CONNECTION_ID()")).rows == [(first,)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"\n\t{LONG.replace('SELECT', 'select')}", id="blanks-and-small-letters"),
        pytest.param(f"({LONG}) ORDER BY 1", id="parentheses"),
        pytest.param(f"/* why */ -- and how\n{LONG}", id="comments"),
        pytest.param(f"WITH x AS (SELECT 1 AS y) {LONG}", id="with"),
        pytest.param(f"WITH x (y) AS ({LONG}) SELECT y FROM x", id="in-with"),
        pytest.param(f"SELECT 1 UNION ALL {LONG}", id="union"),
    ],
)
async def test_a_query_of_a_resolver_has_the_limit_however_it_begins(
    url: DatabaseUrl, text: str
) -> None:
    async with opened(url) as database:
        with pytest.raises(DeadlineError, match="ended the statement"):
            await fetch(database, text, budget_s=0.4)


async def test_statement_of_a_cancelled_request_does_not_go_on(url: DatabaseUrl) -> None:
    async with opened(url) as database:
        request = asyncio.create_task(fetch(database, "SELECT SLEEP(20)", budget_s=1.0))
        await asyncio.sleep(0.2)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await asyncio.sleep(1.0)
        running = await asyncio.to_thread(
            fetch_rows,
            url,
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE %s",
            "%SLEEP(20)",
        )
        assert running == [(0,)]
        assert (await fetch(database)).rows == ROWS


async def test_killed_query_is_tried_once_more(proxy: FaultProxy, url: DatabaseUrl) -> None:
    def kill_when_asleep() -> None:
        question = (
            "SELECT id FROM information_schema.processlist"
            " WHERE info LIKE '%SLEEP(0.05) FROM numbers ORDER BY n'"
        )
        deadline = time.monotonic() + 20
        while not (found := fetch_rows(url, question)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        run_script(url, f"KILL QUERY {found[0][0]}")

    async with opened(through(proxy, url)) as database:
        _, found = await asyncio.gather(
            asyncio.to_thread(kill_when_asleep),
            fetch(database, "SELECT n, SLEEP(0.05) FROM numbers ORDER BY n"),
        )
    assert found.rows == [(b"%d" % n, b"0") for n in range(40)]
    assert proxy.opened == 1, "the connection is as good as before"


async def test_changed_table_is_a_typed_error_and_then_served(url: DatabaseUrl) -> None:
    async with opened(url) as database:
        assert (await fetch(database)).rows == ROWS
        await asyncio.to_thread(run_script, url, "ALTER TABLE numbers CHANGE word text VARCHAR(20)")
        with pytest.raises(UpstreamError, match="Unknown column 'word'"):
            await fetch(database)
        await asyncio.to_thread(run_script, url, "ALTER TABLE numbers CHANGE text word VARCHAR(20)")
        assert (await fetch(database)).rows == ROWS


async def test_read_only_database_answers(mariadb: DatabaseServer, url: DatabaseUrl) -> None:
    run_script(url, "SET GLOBAL read_only = 1")
    try:
        async with opened(url) as database:
            assert (await fetch(database)).rows == ROWS
    finally:
        run_script(url, "SET GLOBAL read_only = 0")


async def test_too_many_connections_is_a_typed_error(
    mariadb: DatabaseServer, url: DatabaseUrl
) -> None:
    run_script(
        url,
        "DROP USER IF EXISTS plain@localhost",
        "CREATE USER plain@localhost",
        f"GRANT SELECT ON {url.database}.* TO plain@localhost",
    )
    plain = DatabaseUrl(user="plain", database=url.database, unix_socket=url.unix_socket)
    held: list[Any] = []
    # One connection for both settings: a second one could be one too many as well.
    with connect(url) as administrator, administrator.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.max_connections")
        before = cursor.fetchall()[0][0]
        async with opened(plain) as database:
            try:
                cursor.execute("SET GLOBAL max_connections = 10")
                with contextlib.suppress(pymysql.err.OperationalError):
                    while True:
                        held.append(_plug(plain))
                with pytest.raises(UpstreamError, match="Too many connections"):
                    await fetch(database, budget_s=2.0)
            finally:
                for connection in held:
                    connection.close()
                cursor.execute(f"SET GLOBAL max_connections = {before}")
            assert await seconds_until_served(database) < RECOVERY_S


def _plug(url: DatabaseUrl) -> Any:
    """A connection; a refused one leaves no socket behind, as PyMySQL's own would."""
    plug = socket.socket(socket.AF_UNIX)
    plug.connect(str(url.unix_socket))
    connection = pymysql.connect(user=url.user, defer_connect=True)
    try:
        connection.connect(plug)
    except pymysql.err.OperationalError:
        plug.close()
        raise
    return connection


@pytest.fixture
def own_server(mariadb: DatabaseServer, tmp_path: Path) -> Iterator[DatabaseServer]:
    """A server of this test alone, to be frozen and killed."""
    durable = ["--innodb-flush-log-at-trx-commit=1"]  # or a kill within a second loses the rows
    with type(mariadb)(tmp_path, port=free_port(), options=durable) as server:
        server.create_database("shop")
        # It is killed below, and would forget what it has written last.
        run_script(server.url("shop"), "SET GLOBAL innodb_flush_log_at_trx_commit = 1")
        fill(server.url("shop"))
        yield server


async def test_frozen_killed_and_restarted(own_server: DatabaseServer) -> None:
    async with opened(own_server.tcp_url("shop")) as database:
        assert (await fetch(database)).rows == ROWS
        assert own_server.pid is not None
        with frozen(own_server.pid):
            for budget_s in (0.2, 0.5):  # a connection that rests, then one that must be made
                began = time.monotonic()
                with pytest.raises(UpstreamError):
                    await fetch(database, budget_s=budget_s)
                assert time.monotonic() - began < budget_s + SLACK_S
        assert await seconds_until_served(database) < RECOVERY_S

        os.kill(own_server.pid, signal.SIGKILL)
        began = time.monotonic()
        with pytest.raises(UpstreamError):
            await fetch(database, budget_s=2.0)
        assert time.monotonic() - began < 2.0 + SLACK_S
        await asyncio.to_thread(own_server.stop)  # until the killed one has ended
        await asyncio.to_thread(own_server.start)
        assert await seconds_until_served(database) < RECOVERY_S


async def test_name_that_leads_elsewhere_after_a_failover(
    mariadb: DatabaseServer, url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to = "127.0.0.1"
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, *more: Any, **options: Any) -> Any:
        return resolve(leads_to if host == "writer.test" else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    async with FaultProxy(mariadb.socket_file).running() as first:
        second = FaultProxy(mariadb.socket_file, host="127.0.0.2", port=first.port)
        async with second.running(), opened(through(first, url, "writer.test")) as database:
            assert (await fetch(database)).rows == ROWS
            first.is_refusing = True
            first.break_all()
            leads_to = "127.0.0.2"
            assert await seconds_until_served(database) < RECOVERY_S
            assert second.opened == 1
