"""A TCP proxy on loopback with switches for what goes wrong on the way from the server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

CHUNK_BYTES = 65_536

Address = tuple[str, int] | Path


@dataclass
class Fault:
    """What happens to the bytes of one connection; a connection takes it as it is when it opens.

    Counts are of bytes from the server. ``skip`` bytes pass first, such as a handshake.
    """

    delay_s: float = 0.0  # before each chunk from the server
    skip: int = 0
    cut_after: int | None = None  # then both sides get an orderly end
    reset_after: int | None = None  # then the client gets RST
    hole_after: int | None = None  # then nothing comes any more, and nothing ends
    garbage_after: int | None = None  # then ``garbage`` comes instead
    garbage: bytes = b"\x00\xff" * 64
    times: int | None = None  # for so many connections, the next ones are left alone


@dataclass
class FaultProxy:
    """Relays to ``backend``. Set ``fault`` at any time; it concerns connections made later."""

    backend: Address
    fault: Fault | None = None
    is_refusing: bool = False  # connections are reset at once
    is_frozen: bool = False  # connections are accepted, and nothing comes; old ones as well
    rewrite: Callable[[bytes], bytes] | None = None  # the first chunk from the server
    host: str = "127.0.0.1"
    on_client_bytes: Callable[[int, bytes], None] | None = None
    port: int = 0
    opened: int = 0
    open_now: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FaultProxy]:
        """The proxy while it listens."""
        server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            # A connection that was accepted in this very turn of the loop must become a task of
            # ours before the server closes: asyncio forgets its socket otherwise.
            for _ in range(4):
                await asyncio.sleep(0)
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def break_all(self) -> None:
        """Reset every connection that is open now."""
        for writer in list(self._writers):
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.opened += 1
        self.open_now += 1
        try:
            if self.is_refusing:
                _reset(writer)
                return
            await self._relay(self.opened, self._take_fault(), reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self.open_now -= 1
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    def _take_fault(self) -> Fault:
        fault = self.fault
        if fault is None:
            return Fault()
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.fault = None
        return fault

    async def _relay(
        self,
        number: int,
        fault: Fault,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        server_reader, server_writer = await (
            asyncio.open_unix_connection(self.backend)
            if isinstance(self.backend, Path)
            else asyncio.open_connection(*self.backend)
        )
        try:
            up = asyncio.create_task(self._up(number, reader, server_writer))
            down = asyncio.create_task(self._down(fault, server_reader, writer))
            try:
                await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in (up, down):
                    each.cancel()
                await asyncio.gather(up, down, return_exceptions=True)
        finally:
            server_writer.transport.abort()

    async def _up(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            await self._thaw()
            if self.on_client_bytes is not None:
                self.on_client_bytes(number, data)
            writer.write(data)
            await writer.drain()

    async def _down(
        self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        seen = -fault.skip
        is_first = True
        while data := await reader.read(CHUNK_BYTES):
            if is_first and self.rewrite is not None:
                data = self.rewrite(data)
            is_first = False
            await self._thaw()
            if fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            limit = self._limit(fault)
            if limit is not None and seen + len(data) >= limit:
                writer.write(data[: max(0, limit - seen)])
                await writer.drain()
                await self._break(fault, writer)
                return
            seen += len(data)
            writer.write(data)
            await writer.drain()

    @staticmethod
    def _limit(fault: Fault) -> int | None:
        given = (fault.cut_after, fault.reset_after, fault.hole_after, fault.garbage_after)
        return next((limit for limit in given if limit is not None), None)

    @staticmethod
    async def _break(fault: Fault, writer: asyncio.StreamWriter) -> None:
        if fault.hole_after is not None:
            await asyncio.Event().wait()
        if fault.garbage_after is not None:
            writer.write(fault.garbage)
            await writer.drain()
            await asyncio.Event().wait()
        if fault.reset_after is not None:
            _reset(writer)

    async def _thaw(self) -> None:
        while self.is_frozen:  # noqa: ASYNC110 # a test switches it without an event at hand
            await asyncio.sleep(0.01)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of an orderly end."""
    plug = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):  # it is closed already
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
