"""A stand-in for RDS Proxy: takes a token of IAM in the clear over TLS, and relays to MariaDB.

It checks tokens with botocore's own signer. What it can be told to do wrong is what a client must
not fall for.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from botocore.auth import SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from pymysql.constants import CLIENT

from handler.stores.aws.signature import AwsKeys
from handler.stores.mysql.connection import connect
from handler.stores.url import DatabaseUrl

CLEAR = b"mysql_clear_password"
_SALT = b"12345678901234567890"
_OK = b"\x00\x00\x00\x02\x00\x00\x00"
_CAPABILITIES = (
    CLIENT.PROTOCOL_41
    | CLIENT.SECURE_CONNECTION
    | CLIENT.PLUGIN_AUTH
    | CLIENT.PLUGIN_AUTH_LENENC_CLIENT_DATA
    | CLIENT.CONNECT_WITH_DB
    | CLIENT.TRANSACTIONS
)


@dataclass
class RdsProxy:
    """Listens on 127.0.0.1. ``keys``: those of the roles that may log in, by their identifier."""

    backend: DatabaseUrl
    tls: ssl.SSLContext
    ca_file: Path  # for its clients
    user: str = "graphql_api"
    keys: dict[str, AwsKeys] = field(default_factory=dict)
    greets_with: bytes = b"mysql_native_password"
    offers_tls: bool = True
    host: str = "localhost"
    port: int = 0
    received: bytes = b""  # all that clients sent before they were logged in, decrypted
    tokens: list[str] = field(default_factory=list)
    _serving: list[asyncio.Task[None]] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[RdsProxy]:
        """The proxy while it listens."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            self.port = listener.getsockname()[1]
            async with asyncio.TaskGroup() as tasks:
                accepting = tasks.create_task(self._accept(listener, tasks))
                try:
                    yield self
                finally:
                    accepting.cancel()
                    for task in self._serving:
                        task.cancel()

    async def _accept(self, listener: socket.socket, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            self._serving.append(tasks.create_task(self._serve(client)))

    async def _serve(self, client: socket.socket) -> None:
        """One client. Read by hand up to TLS: a stream would take the first bytes of it."""
        loop = asyncio.get_running_loop()
        capabilities = _CAPABILITIES | (CLIENT.SSL if self.offers_tls else 0)
        with contextlib.suppress(OSError, EOFError), client:
            await loop.sock_sendall(client, _framed(0, _greeting(capabilities, self.greets_with)))
            head = await _receive(client, 4)
            packet = await _receive(client, int.from_bytes(head[:3], "little"))
            self.received += packet
            is_encrypted = self.offers_tls and int.from_bytes(packet[:4], "little") & CLIENT.SSL
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, client, ssl=self.tls if is_encrypted else None
            )
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            try:
                number = head[3]
                if is_encrypted:
                    number, packet = await self._read(reader)
                await self._log_in(reader, writer, number, packet)
                writer.close()
                await writer.wait_closed()
            finally:
                transport.abort()

    async def _log_in(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
        packet: bytes,
    ) -> None:
        if self.greets_with != CLEAR:
            writer.write(_framed(number + 1, b"\xfe" + CLEAR + b"\0"))
            number, packet = await self._read(reader)
        token = packet.rstrip(b"\0").decode(errors="replace")
        self.tokens.append(token)
        if self._is_good(token):
            writer.write(_framed(number + 1, _OK))
            await self._relay(reader, writer)
        else:
            words = f"Access denied for user '{self.user}'@'127.0.0.1' (using password: YES)"
            error = b"\xff" + (1045).to_bytes(2, "little") + b"#28000" + words.encode()
            writer.write(_framed(number + 1, error))
            await writer.drain()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = await reader.readexactly(4)
        packet = await reader.readexactly(int.from_bytes(head[:3], "little"))
        self.received += packet
        return head[3], packet

    def _is_good(self, token: str) -> bool:
        """Whether the token is signed for this proxy and user, by known keys, and not too old."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(f"//{token}").query).items()}
        keys = self.keys.get(given.get("X-Amz-Credential", "").partition("/")[0])
        if keys is None:
            return False
        at = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
        url = f"https://{self.host}:{self.port}/"
        request = AWSRequest(
            method="GET", url=url, params={"Action": "connect", "DBUser": self.user}
        )
        signer = SigV4QueryAuth(
            Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token or None),
            "rds-db",
            "eu-central-1",
            int(given["X-Amz-Expires"]),
        )
        request.context["timestamp"] = given["X-Amz-Date"]
        signer._modify_request_before_signing(request)
        signature = signer.signature(
            signer.string_to_sign(request, signer.canonical_request(request)), request
        )
        is_young = datetime.now(UTC) - at < timedelta(seconds=int(given["X-Amz-Expires"]))
        return is_young and bool(signature == given["X-Amz-Signature"])

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        backend = await connect(self.backend, None, timeout_s=5)
        try:
            await asyncio.gather(_pipe(reader, backend._writer), _pipe(backend._reader, writer))
        finally:
            backend.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()
    raise EOFError


async def _receive(client: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = await asyncio.get_running_loop().sock_recv(client, size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found


def _framed(number: int, packet: bytes) -> bytes:
    return len(packet).to_bytes(3, "little") + bytes((number,)) + packet


def _greeting(capabilities: int, plugin: bytes) -> bytes:
    low, high = capabilities & 0xFFFF, capabilities >> 16
    return (
        b"\x0a8.0.36-proxy\0\x01\0\0\0"
        + _SALT[:8]
        + b"\0"
        + low.to_bytes(2, "little")
        + b"\x2d\x02\0"
        + high.to_bytes(2, "little")
        + b"\x15"
        + bytes(10)
        + _SALT[8:]
        + b"\0"
        + plugin
        + b"\0"
    )
