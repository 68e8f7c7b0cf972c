"""What is worth waiting for, and how long: no server."""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass, field

import pytest
from pymysql.err import OperationalError

from handler.errors import UpstreamError
from handler.stores.deadline import Deadline
from handler.stores.mysql.waking import AwayError, connect_when_awake, is_away


def caused(error: OperationalError, by: BaseException) -> OperationalError:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(ConnectionRefusedError(), True, id="refused"),
        pytest.param(ConnectionResetError(), True, id="reset"),
        pytest.param(TimeoutError(), True, id="silent"),
        pytest.param(OSError(errno.EHOSTUNREACH, "x"), True, id="no-way-there"),
        pytest.param(ssl.SSLEOFError(), True, id="cut-in-the-handshake-of-tls"),
        pytest.param(socket.gaierror(socket.EAI_AGAIN, "x"), True, id="name-server-is-busy"),
        pytest.param(OperationalError(2013, "Lost"), True, id="lost"),
        pytest.param(OperationalError(1040, "Too many"), True, id="full"),
        pytest.param(
            caused(OperationalError(2003, "x"), ConnectionRefusedError()), True, id="as-told"
        ),
        pytest.param(
            caused(OperationalError(2003, "x"), FileNotFoundError()), False, id="no-socket"
        ),
        pytest.param(
            caused(OperationalError(2003, "x"), ssl.SSLCertVerificationError()),
            False,
            id="certificate-of-another",
        ),
        pytest.param(ssl.SSLError("WRONG_VERSION_NUMBER"), False, id="no-tls-there"),
        pytest.param(socket.gaierror(socket.EAI_NONAME, "x"), False, id="no-such-name"),
        pytest.param(PermissionError(errno.EACCES, "x"), False, id="not-allowed"),
        pytest.param(OperationalError(1045, "Access denied"), False, id="login"),
        pytest.param(OperationalError(1049, "Unknown database"), False, id="no-such-database"),
        pytest.param(OperationalError(2026, "no TLS"), False, id="no-tls"),
        pytest.param(OperationalError(), False, id="nothing-said"),
        pytest.param(ValueError(), False, id="mistake"),
    ],
)
def test_only_a_server_that_may_come_is_away(error: BaseException, expected: bool) -> None:
    assert is_away(error) is expected


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Server:
    """Away until a moment; each try takes all the time that it may."""

    clock: Clock
    awake_at: float
    limits: list[float] = field(default_factory=list)

    async def connect(self, limit_s: float) -> str:
        self.limits.append(limit_s)
        if self.clock.now + limit_s >= self.awake_at:
            return "connected"
        self.clock.now += limit_s
        raise AwayError("silent", retryable=True)


async def test_a_try_takes_ten_seconds_at_most_and_never_more_than_is_left() -> None:
    clock = Clock()
    server = Server(clock, awake_at=112.0)
    assert await connect_when_awake(server.connect, Deadline.after(15.0, clock)) == "connected"
    assert server.limits == [10.0, 5.0]


async def test_the_last_failure_is_raised_when_the_time_is_up() -> None:
    clock = Clock()
    server = Server(clock, awake_at=1_000.0)
    with pytest.raises(AwayError, match="silent"):
        await connect_when_awake(server.connect, Deadline.after(25.0, clock))
    assert server.limits == [10.0, 10.0, 5.0]


async def test_anything_else_is_raised_at_once() -> None:
    tries = []

    async def connect(limit_s: float) -> None:
        tries.append(limit_s)
        raise UpstreamError("no such database", retryable=True)

    with pytest.raises(UpstreamError, match="no such database"):
        await connect_when_awake(connect, Deadline.after(25.0))
    assert tries == [10.0]
