"""Users and passwords with letters beyond ASCII at real servers: they log in, and nothing shows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import aiomysql.connection
import pytest
import redis

from aurora_graphql.dev.servers import RedisServer
from handler.errors import UpstreamError
from handler.settings import Settings
from handler.settings.stores import open_cache, open_database, open_writer
from handler.sql.statement import Statement
from handler.stores.aws.credentials import LoginRefusedError
from handler.stores.deadline import Deadline
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.integration.servers import connect
from tests.ports import free_port

ACCOUNTS = [
    pytest.param("jörg", "pässwörd", id="of-latin-1"),
    pytest.param("大輔", "密码-пароль", id="beyond-latin-1"),
    pytest.param("zo\u0065\u0301", "🔑🔑", id="combined-and-beyond-the-first-plane"),
    pytest.param("jane", "a/b:c@d?e#f%20 +", id="all-that-a-url-gives-a-meaning-to"),
    pytest.param("jane", "ÿ" * 40, id="long"),
]


@pytest.fixture
def account(database: DatabaseUrl, user: str, password: str) -> Iterator[DatabaseUrl]:
    """The database for a new account, as DATABASE_URL gives it."""
    with connect(database) as to, to.cursor() as cursor:
        cursor.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", (user, password))
        cursor.execute(f"GRANT ALL ON {database.database}.* TO %s@'%%'", (user,))
        try:
            written = DatabaseUrl(
                user=user,
                password=password,
                database=database.database,
                unix_socket=database.unix_socket,
            ).text()
            yield DatabaseUrl.parse(written)
        finally:
            cursor.execute("DROP USER %s@'%%'", (user,))


@pytest.mark.parametrize(("user", "password"), ACCOUNTS)
async def test_a_request_logs_in(account: DatabaseUrl, user: str) -> None:
    database = open_database(Settings(database_url=account))
    try:
        found = await database.fetch(Statement("SELECT USER()", ()), Deadline.after(20))
    finally:
        await database.close()
    assert (found.rows[0][0] or b"").decode().partition("@")[0] == user


@pytest.mark.parametrize(("user", "password"), ACCOUNTS)
async def test_migrate_and_ingest_log_in(account: DatabaseUrl, user: str) -> None:
    async def work(url: DatabaseUrl) -> str:
        async with open_session(url) as session:
            return str((await session.execute("SELECT USER()")).rows[0][0])

    told = await open_writer(Settings(database_url=account)).run(work)
    assert told.partition("@")[0] == user


@pytest.mark.parametrize(("user", "password"), ACCOUNTS[:3])
async def test_another_password_is_refused_and_no_letter_of_it_is_told(
    account: DatabaseUrl, password: str
) -> None:
    wrong = DatabaseUrl.parse(account.text()).with_login(
        type(account.login)(account.user, f"{password}-ж-wrong")
    )
    database = open_database(Settings(database_url=wrong))
    with pytest.raises(LoginRefusedError) as caught:
        await database.fetch(Statement("SELECT 1", ()), Deadline.after(20))
    error: BaseException | None = caught.value
    while error is not None:
        shown = f"{error} {error!r} {error.args}"
        beyond = {letter for letter in f"{password}ж" if not letter.isascii()}
        assert not [letter for letter in beyond - {*account.user} if letter in shown]
        assert "wrong" not in shown
        error = error.__cause__ or error.__context__


async def test_no_such_user_is_an_error_of_ours(database: DatabaseUrl) -> None:
    nobody = DatabaseUrl(
        user="nemand-é", password="x", database="d", unix_socket=database.unix_socket
    )
    pool = open_database(Settings(database_url=nobody))
    with pytest.raises(UpstreamError, match="Access denied for user 'nemand-é'"):
        await pool.fetch(Statement("SELECT 1", ()), Deadline.after(20))


def test_the_driver_makes_bytes_of_passwords_in_one_way_only() -> None:
    """What is handed to it counts on that, for every plugin; see ``stores/mysql/connection``."""
    source = inspect.getsource(aiomysql.connection)
    ways = re.findall(r"_password\.encode\(([^)]*)\)", source)
    assert set(ways) == {"'latin1'"}
    assert len(ways) > 8


@pytest.mark.parametrize(("user", "password"), ACCOUNTS)
async def test_the_cache_is_logged_in_to(tmp_path: Path, user: str, password: str) -> None:
    with RedisServer(tmp_path, port=free_port()) as server:
        with redis.Redis.from_url(server.url) as client:
            client.acl_setuser(
                user, enabled=True, passwords=[f"+{password}"], keys=["*"], categories=["+@all"]
            )
        login = DatabaseUrl(user=user, password=password, database="d").text()
        login = login.removeprefix("mysql://").partition("@")[0]
        url = f"redis://{login}@127.0.0.1:{server.port}/0"
        settings = Settings.from_environ({"DATABASE_URL": "mysql://h/d", "CACHE_URL": url})
        cache = open_cache(settings)
        assert cache is not None
        try:
            assert await cache.read(["key"], 5.0) == [None]
        finally:
            await cache.close()
