"""A pytest plugin: records what the API's connections send during the suite, and judges it.

``pytest -p tests.faults.pins`` fails if anything of it pins RDS Proxy's connections. It sees the
connections of this process; the limit of time is sent to MariaDB in its own words, which MySQL
never gets, so that prefix is left out here and proven by ``local/pins.py`` on a relay.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from pymysql.constants import COMMAND

from handler.stores import database
from handler.stores.connection import connect
from local.pins import find_pins

_MARIADB_LIMIT = re.compile(rb"^SET STATEMENT max_statement_time=[\d.]+ FOR ")
# What tests send on purpose, to see it refused.
_ON_PURPOSE = frozenset((b"SELECT 1; SELECT 2",))

_kinds: Counter[str] = Counter()
_pins: Counter[str] = Counter()


def pytest_configure() -> None:
    """Listen to every connection of the request path."""

    async def listening(*arguments: Any, **options: Any) -> Any:
        connection = await connect(*arguments, **options)
        execute = connection._execute_command

        async def recording(command: int, sql: bytes | str) -> None:
            _record(command, sql if isinstance(sql, bytes) else sql.encode())
            await execute(command, sql)

        connection._execute_command = recording
        return connection

    vars(database)["connect"] = listening  # as long as pytest runs


def _record(command: int, text: bytes) -> None:
    text = _MARIADB_LIMIT.sub(b"", text)
    name = text.split(maxsplit=1)[0].decode(errors="replace") if text else f"command {command}"
    _kinds[name] += 1
    if command == COMMAND.COM_QUERY and text in _ON_PURPOSE:
        return
    for pin in find_pins(command, text):
        _pins[f"{pin}: {text[:200]!r}"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if anything pins, or if nothing was seen."""
    if _pins or not _kinds:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was seen."""
    terminalreporter.section("what the API sent to MySQL")
    seen = ", ".join(f"{count:,} {name}" for name, count in _kinds.most_common(8))
    terminalreporter.line(seen or "nothing: were there tests with a database?")
    for pin, count in _pins.items():
        terminalreporter.line(f"PINS: {count} x {pin}")
    if _kinds and not _pins:
        terminalreporter.line("nothing pins")
