"""Connecting to a database that may be resuming from a pause: retries until a deadline.

Aurora with a minimum capacity of 0 pauses when it is idle and takes 15 to 30 s to resume, while it
refuses connections or lets them wait; a restarted server does the same. Other failures, such as a
wrong password, name or certificate, are not retried.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html
"""

from __future__ import annotations

import asyncio
import errno
import random
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymysql.constants import CR, ER
from pymysql.err import MySQLError

from handler.errors import UpstreamError
from handler.stores.deadline import Deadline

Opened = TypeVar("Opened")

COMMAND_WAIT_S = 60.0  # of the commands migrate and ingest for a database that may pause
TRY_S = 10.0  # of one try: a packet that got lost while nobody listened is not waited for
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0

_AWAY_NUMBERS = frozenset(
    (errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH, errno.ETIMEDOUT)
)
_AWAY_CODES = frozenset(
    (
        ER.CON_COUNT_ERROR,
        ER.SERVER_SHUTDOWN,
        ER.TOO_MANY_USER_CONNECTIONS,
        CR.CR_SERVER_GONE_ERROR,
        CR.CR_SERVER_LOST,
        CR.CR_SERVER_LOST_EXTENDED,
    )
)


class AwayError(UpstreamError):
    """The server cannot be reached now; a retry may succeed."""


def is_away(error: BaseException) -> bool:
    """Whether a failure to connect means that the server is unreachable, not that it refuses."""
    if isinstance(error, MySQLError):
        if isinstance(error.__cause__, OSError):
            return is_away(error.__cause__)
        return bool(error.args) and error.args[0] in _AWAY_CODES
    match error:
        case ssl.SSLCertVerificationError():
            return False
        case ssl.SSLError():  # of a handshake that was cut
            return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        case socket.gaierror():
            return error.errno == socket.EAI_AGAIN
        case ConnectionError() | TimeoutError():
            return True
        case OSError():
            return error.errno in _AWAY_NUMBERS
    return False


async def connect_when_awake(
    connect: Callable[[float], Awaitable[Opened]], deadline: Deadline, *, try_s: float = TRY_S
) -> Opened:
    """Connect; retry until the deadline while the server is unreachable.

    ``connect`` gets the seconds that it may take. Its ``AwayError`` is raised after the deadline,
    any other error at once.
    """
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await connect(min(try_s, deadline.remaining_s()))
        except AwayError:
            left_s = deadline.remaining_s()
            if left_s <= _FIRST_PAUSE_S:
                raise
        await asyncio.sleep(min(pause_s * random.uniform(0.5, 1), left_s / 2))  # noqa: S311
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
