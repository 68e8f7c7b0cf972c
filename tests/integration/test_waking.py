"""A database that wakes late: requests, migrations and loads wait for it, and not for a mistake.

A real MariaDB behind a proxy that begins to wake with the first who knocks, as Aurora does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.entry import Function
from handler.errors import DeadlineError, UpstreamError
from handler.jobs.migrate import migrate
from handler.settings import Settings
from handler.settings.stores import open_writer
from handler.sql.statement import Statement
from handler.stores.aws.credentials import LoginRefusedError
from handler.stores.deadline import Deadline
from handler.stores.login import Login
from handler.stores.mysql.database import MySqlDatabase, PoolLimits
from handler.stores.mysql.waking import AwayError, connect_when_awake
from handler.stores.url import DatabaseUrl
from tests.faults.proxy import Fault, FaultProxy
from tests.integration.servers import MIGRATIONS, fetch_rows, run_script
from tests.integration.test_entry import BUCKET, LINES, Context, jsonl, notification, s3, start
from tests.ports import free_port

__all__ = ["s3", "start"]  # fixtures

ROOT = Path(__file__).parents[2]
WAKES_AFTER_S = 0.8
WAYS = ["refuses", "hangs", "hangs-and-drops"]
ASK = {
    "httpMethod": "POST",
    "path": "/graphql",
    "headers": {"content-type": "application/json"},
    "requestContext": {"requestId": "r-1"},
    "body": json.dumps({"query": '{ order(orderId: "1") { orderId } }'}),
}


@contextmanager
def asleep(
    mariadb: MariaDb, url: DatabaseUrl, way: str, after_s: float = WAKES_AFTER_S
) -> Iterator[DatabaseUrl]:
    """The database through a proxy in a thread of its own, which wakes so long after a knock."""
    ports: list[int] = []
    is_ready, is_over = threading.Event(), threading.Event()

    async def serve() -> None:
        proxy = FaultProxy(mariadb.socket_file)
        proxy.is_refusing = way == "refuses"
        proxy.is_frozen = way == "hangs"
        proxy.fault = Fault(hole_after=0) if way == "hangs-and-drops" else None
        async with proxy.running():
            ports.append(proxy.port)
            is_ready.set()
            knocked_at = None
            while not is_over.is_set():
                await asyncio.sleep(0.01)
                if knocked_at is None and proxy.opened:
                    knocked_at = time.monotonic()
                if knocked_at is not None and time.monotonic() - knocked_at > after_s:
                    proxy.is_refusing = proxy.is_frozen = False
                    if proxy.fault is not None:
                        proxy.fault = None
                        proxy.break_all()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert is_ready.wait(10)
        yield DatabaseUrl(host="127.0.0.1", port=ports[0], user=url.user, database=url.database)
    finally:
        is_over.set()
        thread.join()


@pytest.fixture
def shop(database: DatabaseUrl) -> DatabaseUrl:
    asyncio.run(migrate(database, MIGRATIONS))
    return database


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that nobody expects to wait for gets a fraction of the time of waking."""
    for module in ("database", "back_off"):
        monkeypatch.setattr(f"handler.stores.mysql.{module}.CONNECT_TIMEOUT_S", 0.1)


@pytest.mark.usefixtures("in_project")
@pytest.mark.parametrize("way", WAYS)
async def test_the_first_request_is_answered(
    mariadb: MariaDb, database: DatabaseUrl, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(connect_when_awake, "__kwdefaults__", {"try_s": 0.5})
    await migrate(database, MIGRATIONS)
    with asleep(mariadb, database, way) as url:
        environ = {"DATABASE_URL": url.text(), "DATABASE_MAY_PAUSE": "on", "AUTH": "off"}
        app = await App.start(Settings.from_environ(environ | {"STAGE": "local"}))
        began = time.monotonic()
        answer = await app.handle(ASK, budget_s=20)
        assert time.monotonic() - began > WAKES_AFTER_S
        await app.close()
    assert json.loads(answer["body"]) == {"data": {"order": None}}


@pytest.mark.parametrize("way", ["refuses", "hangs-and-drops"])
async def test_without_the_setting_a_request_is_a_quick_error(
    mariadb: MariaDb, database: DatabaseUrl, way: str
) -> None:
    with asleep(mariadb, database, way) as url:
        pool = MySqlDatabase(url)
        began = time.monotonic()
        with pytest.raises(UpstreamError):
            await pool.fetch(Statement("SELECT 1", ()), Deadline.after(20))
        assert time.monotonic() - began < WAKES_AFTER_S


@pytest.mark.parametrize(
    ("way", "cause"),
    [
        (
            "refuses",
            r"the database did not wake in time: cannot connect to .*(reset by peer|Errno 104)",
        ),
        ("hangs", r"the database did not (wake|answer) in time"),
    ],
)
async def test_a_database_that_does_not_wake_is_a_time_out_that_says_why(
    mariadb: MariaDb, database: DatabaseUrl, way: str, cause: str
) -> None:
    with asleep(mariadb, database, way, after_s=60) as url:
        pool = MySqlDatabase(url, PoolLimits(may_pause=True))
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(DeadlineError, match=cause):
                await pool.fetch(Statement("SELECT 1", ()), Deadline.after(0.5))
            assert time.monotonic() - began < 3.0


async def test_a_database_that_wakes_serves_all_that_wait(
    mariadb: MariaDb, database: DatabaseUrl
) -> None:
    with asleep(mariadb, database, "refuses") as url:
        pool = MySqlDatabase(url, PoolLimits(may_pause=True, size=3))
        ask = Statement("SELECT 1", ())
        found = await asyncio.gather(*(pool.fetch(ask, Deadline.after(20)) for _ in range(6)))
        assert [each.rows for each in found] == [[(b"1",)]] * 6
        await pool.close()


async def test_a_connection_that_the_database_closed_for_resting_is_no_error(
    database: DatabaseUrl,
) -> None:
    """A frozen function does not see that; its next request is answered on a fresh connection."""
    pool = MySqlDatabase(database, PoolLimits(may_pause=True, size=3))
    ask = Statement("SELECT CONNECTION_ID()", ())
    run_script(database, "SET GLOBAL wait_timeout = 1")
    try:
        before = await asyncio.gather(*(pool.fetch(ask, Deadline.after(5)) for _ in range(3)))
    finally:
        run_script(database, "SET GLOBAL wait_timeout = DEFAULT")
    time.sleep(2.5)  # frozen: the loop stands still  # noqa: ASYNC251
    after = await asyncio.gather(*(pool.fetch(ask, Deadline.after(5)) for _ in range(3)))
    await pool.close()
    assert not {row for each in before for row in each.rows} & {
        row for each in after for row in each.rows
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_migration_waits_within_its_time(
    mariadb: MariaDb,
    database: DatabaseUrl,
    start: Callable[[str], Function],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    monkeypatch.setattr("handler.stores.mysql.session.CONNECT_S", 0.5)
    with asleep(mariadb, database, way) as url:
        monkeypatch.setenv("DATABASE_URL", url.text())
        report = start("migrate")({"action": "migrate"}, Context())
    assert report["applied"] == sorted(file.name for file in MIGRATIONS.glob("*.sql"))


def test_a_migration_says_why_before_its_time_is_up(
    mariadb: MariaDb,
    database: DatabaseUrl,
    start: Callable[[str], Function],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with asleep(mariadb, database, "refuses", after_s=60) as url:
        monkeypatch.setenv("DATABASE_URL", url.text())
        place = re.escape(f"root@127.0.0.1:{url.port}/{database.database}")
        with pytest.raises(
            AwayError, match=rf"^cannot connect to {place}: \[Errno 104\] .*; waited 2 s for it$"
        ):
            start("migrate")({"action": "migrate"}, Context(remaining_s=3.5))


@pytest.mark.parametrize("way", WAYS)
def test_a_load_waits_within_its_time(
    mariadb: MariaDb,
    shop: DatabaseUrl,
    s3: Any,
    start: Callable[[str], Function],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    monkeypatch.setattr("handler.stores.mysql.session.CONNECT_S", 0.5)
    s3.put_object(Bucket=BUCKET, Key="incoming/a.jsonl", Body=jsonl(LINES[:1]))
    with asleep(mariadb, shop, way) as url:
        monkeypatch.setenv("DATABASE_URL", url.text())
        (report,) = start("ingest")(notification("incoming/a.jsonl"), Context())
    assert (report["loaded"], report["rejected"]) == (1, 0)
    assert fetch_rows(shop, "SELECT order_id FROM orders") == [("1",)]


@pytest.mark.parametrize("command", ["migrate", "ingest"])
@pytest.mark.parametrize(("may_pause", "status"), [("on", 0), ("off", 2)])
def test_the_commands_wait_where_the_database_may_pause(
    mariadb: MariaDb,
    shop: DatabaseUrl,
    tmp_path: Path,
    command: str,
    may_pause: str,
    status: int,
) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(jsonl(LINES[:1]))
    with asleep(mariadb, shop, "refuses") as url:
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                f"handler.jobs.{command}",
                *([str(file)] if command == "ingest" else []),
            ],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url.text(), "DATABASE_MAY_PAUSE": may_pause},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ended.returncode, bool(ended.stderr)) == (status, status == 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"database": "no_such"}, "Unknown database", id="no-such-database"),
        pytest.param({"user": "nobody"}, "Access denied", id="no-such-user"),
        pytest.param({"unix_socket": "/nowhere/at.all"}, "No such file", id="no-such-socket"),
        pytest.param(
            {"unix_socket": None, "host": "no-such-host.invalid"}, "cannot connect", id="no-host"
        ),
    ],
)
async def test_a_mistake_is_not_waited_for(
    database: DatabaseUrl, change: dict[str, Any], message: str
) -> None:
    wrong = replace(database, **change)
    began = time.monotonic()

    async def work(url: DatabaseUrl) -> None:
        raise AssertionError("not reached")

    with pytest.raises(UpstreamError, match=message):
        await open_writer(Settings(database_url=wrong)).run(work, wait_s=30)
    pool = MySqlDatabase(wrong, PoolLimits(may_pause=True))
    with pytest.raises(UpstreamError, match=message):
        await pool.fetch(Statement("SELECT 1", ()), Deadline.after(30))
    assert time.monotonic() - began < 10


async def test_a_refused_login_is_renewed_after_the_waking(
    mariadb: MariaDb, database: DatabaseUrl
) -> None:
    """The password was rotated while the database slept."""
    from handler.settings.stores import Writer

    class Rotated:
        async def current(self) -> Login:
            return Login("nobody", "old")

        async def renew(self, refused: Login) -> Login | None:
            return Login("root", "")

        def forget(self) -> None:
            raise AssertionError

    async def work(url: DatabaseUrl) -> str:
        return url.user

    with asleep(mariadb, database, "refuses") as url:
        assert await Writer(url, Rotated()).run(work, wait_s=20) == "root"
    with pytest.raises(LoginRefusedError):
        await open_writer(Settings(database_url=database.with_login(Login("nobody", "")))).run(
            work, wait_s=20
        )


async def test_nobody_listening_is_waited_for(database: DatabaseUrl) -> None:
    url = DatabaseUrl(host="127.0.0.1", port=free_port(), user="root", database="d")

    async def work(url: DatabaseUrl) -> None:
        raise AssertionError("not reached")

    began = time.monotonic()
    with pytest.raises(AwayError, match=r"Connect call failed.*; waited 1 s for it"):
        await open_writer(Settings(database_url=url)).run(work, wait_s=1.0)
    assert 0.5 < time.monotonic() - began < 6
