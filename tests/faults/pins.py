"""A pytest plugin, always on: records what the API sends to MySQL during the suite, and judges it.

Every byte that a connection of the request path writes is looked at, those of the login included.
The run fails if anything of it pins RDS Proxy's connections. It sees the connections of the
processes that run tests, not of programs that these start. The limit of time is sent to MariaDB in
its own words, which MySQL never gets, so that prefix is left out here and proven by
``tests/pins.py`` on a relay.
"""

from __future__ import annotations

import re
import sys
from contextvars import ContextVar
from typing import Any

import pytest
from pymysql.constants import COMMAND

from tests.counted import counter
from tests.pin_list import Commands, find_pins

_MARIADB_LIMIT = re.compile(rb"^SET STATEMENT max_statement_time=[\d.]+ FOR ")
# What tests send on purpose, to see it refused.
_ON_PURPOSE = frozenset((b"SELECT 1; SELECT 2",))

_kinds = counter("statements")
_pins = counter("statements that pin")
_is_of_the_api: ContextVar[bool] = ContextVar("is_of_the_api", default=False)


def pytest_runtest_setup() -> None:
    """Listen as soon as there is something to listen to: pure tests do not import it."""
    database = sys.modules.get("handler.stores.mysql.database")
    if database is not None and not hasattr(vars(database)["connect"], "is_listening"):
        _listen(database)


def _listen(database: Any) -> None:
    """Replace ``connect`` of the request path, which migrate and ingest do not use."""
    from handler.stores.mysql import connection as module

    connect, write = database.connect, module._Connection._write_bytes
    ask = database.Wire.ask

    async def listening(*arguments: Any, **options: Any) -> Any:
        token = _is_of_the_api.set(True)
        try:
            return await connect(*arguments, **options)
        finally:
            _is_of_the_api.reset(token)

    def recording(self: Any, data: bytes) -> Any:
        if _is_of_the_api.get() and not hasattr(self, "_commands"):
            self._commands = Commands()
        if hasattr(self, "_commands"):
            for command, text in self._commands.feed(bytes(data)):
                _record(command, text)
        return write(self, data)

    def asking(self: Any, text: bytes, *more: Any, **options: Any) -> Any:
        if hasattr(self.connection, "_commands"):
            _record(options.get("command", bytes((COMMAND.COM_QUERY,)))[0], text)
        return ask(self, text, *more, **options)

    vars(listening)["is_listening"] = True
    module._Connection._write_bytes = recording
    database.Wire.ask = asking
    database.connect = listening


def _record(command: int, text: bytes) -> None:
    text = _MARIADB_LIMIT.sub(b"", text)
    name = text.split(maxsplit=1)[0].decode(errors="replace") if text else f"command {command}"
    _kinds[name] += 1
    if command == COMMAND.COM_QUERY and text in _ON_PURPOSE:
        return
    for pin in find_pins(command, text):
        _pins[f"{pin}: {text[:200]!r}"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if anything pins."""
    if _pins:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was seen, if anything was."""
    if _kinds:
        seen = ", ".join(f"{count:,} {name}" for name, count in _kinds.most_common(8))
        verdict = "PINS" if _pins else "nothing pins"
        terminalreporter.write_line(f"sent to MySQL by the API: {seen}: {verdict}")
    for pin, count in _pins.items():
        terminalreporter.write_line(f"PINS: {count} x {pin}", red=True)
