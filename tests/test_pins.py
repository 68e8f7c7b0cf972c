"""What pins RDS Proxy is recognised, what does not is left alone, and the API sends none of it."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from pymysql.constants import COMMAND

from aurora_graphql.dev.servers import MariaDb
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.mysql.time_limit import limit_time
from tests.faults import pins
from tests.integration.servers import fresh_database
from tests.pin_list import MAX_BYTES, Commands, find_pins
from tests.pins import as_mysql, record, report


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", []),
        ("SET NAMES utf8mb4", []),
        ("SET time_zone = '+00:00'", []),
        ("SET AUTOCOMMIT = 1", []),
        ("SELECT /*+ MAX_EXECUTION_TIME(5) */ 1", []),
        ("SELECT 'SET @a = 1; GET_LOCK( /*! TEMPORARY', `FOR UPDATE`", []),
        ("SELECT 'it''s \\' @x'", []),
        ("COMMIT", []),
        ("SET @a = 1", ["a SET that the proxy does not track", "a user variable"]),
        ("SET time_zone = '+00:00', foo = 1", ["a SET that the proxy does not track"]),
        ("set max_statement_time=1", ["a SET that the proxy does not track"]),
        ("SELECT @row := 1", ["a user variable"]),
        ("SELECT /*!80000 1 */", ["an executable comment"]),
        ("PREPARE p FROM 'SELECT 1'", ["a prepared statement"]),
        ("CREATE TEMPORARY TABLE t (a INT)", ["a temporary table"]),
        ("SELECT GET_LOCK('a', 1)", ["a lock"]),
        ("SELECT 1 FROM t FOR UPDATE", ["a lock"]),
        ("START TRANSACTION", ["a transaction"]),
        ("SELECT FOUND_ROWS()", ["state of the statement before"]),
        ("SELECT 1; SELECT 2", ["several statements in one text"]),
        ("SELECT '" + "x" * MAX_BYTES + "'", [f"a statement of {MAX_BYTES} bytes or more"]),
    ],
)
def test_pins(text: str, expected: list[str]) -> None:
    assert find_pins(COMMAND.COM_QUERY, text.encode()) == expected


def test_commands_of_prepared_statements_pin() -> None:
    assert find_pins(COMMAND.COM_STMT_PREPARE, b"SELECT 1") == ["command 22 of the protocol"]


def test_time_limit_of_mariadb_would_pin_and_that_of_mysql_does_not() -> None:
    assert find_pins(COMMAND.COM_QUERY, limit_time(b"SELECT 1", 2, mariadb=False)) == []
    assert find_pins(COMMAND.COM_QUERY, limit_time(b"SELECT 1", 2, mariadb=True)) != []


def test_commands_are_found_at_any_cut_of_the_stream() -> None:
    login = b"\x05\x00\x00\x01login"
    sent = login + b"\x02\x00\x00\x00\x03A" + b"\x01\x00\x00\x00\x0e" + b"\x03\x00\x00\x00\x03BC"
    for cut in range(len(sent)):
        commands = Commands()
        found = [*commands.feed(sent[:cut]), *commands.feed(sent[cut:])]
        assert found == [(3, b"A"), (14, b""), (3, b"BC")]


def test_greeting_keeps_everything_but_the_version() -> None:
    greeting = b"\x0e\x00\x00\x00\x0a10.11-M\0rest!"
    assert as_mysql(greeting) == b"\x0d\x00\x00\x00\x0a8.0.39\0rest!"


def test_nothing_that_the_api_sends_pins(mariadb: MariaDb) -> None:
    with fresh_database(mariadb) as url:
        recorder, ran, refused = asyncio.run(record(mariadb, url))
    assert refused == []
    assert ran > 50
    assert recorder.kinds["SELECT"] > 50
    assert recorder.kinds["SET"] >= 2, "the handshake's own commands are seen as well"
    assert recorder.pins == {}
    assert report(recorder, ran, refused).endswith("nothing pins")


async def test_the_suite_itself_is_listened_to_from_the_login_on(mariadb: MariaDb) -> None:
    before = Counter(pins._kinds)
    with fresh_database(mariadb) as url:
        database = MySqlDatabase(url)
        await database.fetch(Statement("SELECT 1", ()), Deadline.after(20))
        await database.close()
    seen = pins._kinds - before
    assert seen["SELECT"] == 1
    assert seen["SET"] >= 1, "the login's own"


def test_what_pins_fails_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Counter[str] = Counter()
    monkeypatch.setattr(pins, "_pins", found)
    pins._record(COMMAND.COM_QUERY, b"SET STATEMENT max_statement_time=1.5 FOR SELECT 1")
    assert not found
    pins._record(COMMAND.COM_QUERY, b"SELECT @row := 1")
    assert list(found) == ["a user variable: b'SELECT @row := 1'"]
