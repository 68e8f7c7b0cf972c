"""An open connection that runs the commands of requests, one call after the other.

The library logs in. From then on this is the protocol of its transport, in the place of the
library's streams, which copy each reply twice more and need another turn of the loop: what arrives
is parsed where it arrives, and one future is awaited for each call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import hiredis
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse

from handler.stores.reply import Reply

_NOT_YET: Final = object()
_CLOSED: Final = "Connection closed by server."  # in the words of the library


class Wire(asyncio.Protocol):
    """A connection of the library's that has logged in.

    Only the replies to one call are waited for at a time. Where that fails, or is no longer waited
    for, the connection has to be closed. ``is_over``: no more can be asked. ``rests_since_day_s``:
    since when nothing has been asked, by the clock of the system, which goes on while an
    environment is frozen; for whoever keeps the connection.
    """

    def __init__(self, connection: Any, parse_error: Callable[[str], Exception]) -> None:
        """``parse_error``: makes the library's exception of what the server says."""
        self.connection = connection
        self.is_over = False
        self.rests_since_day_s = time.time()
        self._loop = asyncio.get_running_loop()
        self._parser = hiredis.Reader(
            protocolError=InvalidResponse, replyError=parse_error, notEnoughData=_NOT_YET
        )
        self._transport = connection._writer.transport
        self._streams = self._transport.get_protocol()  # of the library, which closes by them
        self._transport.set_protocol(self)
        self._wanted = 0
        self._replies: list[Any] = []
        self._reply: Reply | None = None

    def ask(self, commands: Sequence[bytes]) -> asyncio.Future[list[Any]]:
        """Send some commands; their replies come with the future, in this order.

        An exception stands for a command that was refused. The future fails with ``LostError`` for
        a lost connection or a server that serves nobody, and with what the parser raises.
        """
        self._wanted = len(commands)
        self._replies = []
        self._reply = reply = Reply(loop=self._loop)
        if self.is_over:
            reply.set_exception(LostError(_CLOSED))
        else:
            self._transport.write(b"".join(commands))
        return reply

    # ------------------------------------------------------------------ called by the transport

    def data_received(self, data: bytes) -> None:
        """Read on, or note that these are words nobody has asked for."""
        reply = self._reply
        if reply is None or reply.done():
            self.is_over = True
            return
        parser, replies = self._parser, self._replies
        try:
            parser.feed(data)
            while len(replies) < self._wanted:
                found = parser.gets()
                if found is _NOT_YET:
                    return
                if isinstance(found, LostError):
                    raise found
                replies.append(found)
        except Exception as error:
            reply.set_exception(error)
            return
        if parser.has_data():
            self.is_over = True
        self._reply = None
        reply.arrive(replies)  # last: who awaited it may have asked anew when this returns

    def eof_received(self) -> None:
        """The server's goodbye; the transport closes itself."""
        self._lost(None)

    def connection_lost(self, error: Exception | None) -> None:
        """The end, whoever has made it."""
        self._lost(error)
        self._streams.connection_lost(error)

    def _lost(self, error: Exception | None) -> None:
        self.is_over = True
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error or LostError(_CLOSED))
