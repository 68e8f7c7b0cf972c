"""One document of an issuer by HTTPS: in bounded time, of bounded size, without redirects.

The standard library alone. A socket's timeout is that of one read, so that a server that sends a
byte a second holds its reader for hours: the reader works in a thread that is left to itself, its
socket cut, once the time is over. No proxy of the environment is used.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from handler.errors import UpstreamError

DOCUMENT_BYTES_MAX: Final = 256 * 1024  # large providers publish 10 keys in 20 KB


class FetchError(UpstreamError):
    """No document; the text says why, in words of ours."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Fetcher(Struct):
    """Reads documents. ``make_tls`` is called once, by the first address that needs it (20 ms)."""

    make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    _tls: ssl.SSLContext | None = None

    def get(self, url: str, *, limit_s: float) -> bytes:
        """The body of a 200. Raises ``FetchError``.

        ``url`` has passed ``trust.check_address``.
        """
        if limit_s <= 0:
            raise FetchError(f"{url}: no time left")
        reader = _Reader(self._connection(url, limit_s), url)
        reader.start()
        try:
            found = reader.outcome.get(timeout=limit_s)
        except Empty:
            reader.cut()
            found = FetchError(f"{url}: no complete answer within {limit_s:.1f} s")
        if isinstance(found, FetchError):
            raise found
        return found

    def _connection(self, url: str, limit_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host = str(parts.hostname)
        if parts.scheme == "http":  # of this machine
            return http.client.HTTPConnection(host, parts.port, timeout=limit_s)
        if self._tls is None:
            self._tls = self.make_tls()
        return http.client.HTTPSConnection(host, parts.port, timeout=limit_s, context=self._tls)


class _Reader(Thread):
    """Reads one document; ``outcome`` gets it, or the reason why there is none."""

    def __init__(self, connection: http.client.HTTPConnection, url: str) -> None:
        super().__init__(name="issuer-reader", daemon=True)
        self.outcome: SimpleQueue[bytes | FetchError] = SimpleQueue()
        self._connection = connection
        self._url = url
        # Kept apart: the connection forgets its socket once the answer's head says "close".
        self._socket: socket.socket | None = None

    def run(self) -> None:
        try:
            self.outcome.put(self._document())
        except FetchError as error:
            self.outcome.put(error)
        except OSError as error:  # its text is of the system or of TLS, not of the server
            self.outcome.put(FetchError(f"{self._url}: {type(error).__name__}: {error}"))
        except Exception as error:  # a text of the server's may be in it
            self.outcome.put(FetchError(f"{self._url}: {type(error).__name__}"))
        finally:
            self._connection.close()

    def cut(self) -> None:
        """Wake the reader: to close a socket does not end a read that waits in another thread."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not the method of the TLS socket, which takes away what the reader is using.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _document(self) -> bytes:
        parts = urlsplit(self._url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._connection.connect()
        self._socket = self._connection.sock
        self._connection.request(
            "GET", target, headers={"Accept": "application/json", "Accept-Encoding": "identity"}
        )
        with self._connection.getresponse() as response:
            if response.status != 200:
                raise FetchError(
                    f"{self._url}: status {response.status}; a redirect is not followed"
                )
            body = response.read(DOCUMENT_BYTES_MAX + 1)
            missing = response.length  # what Content-Length promised and never came
        if len(body) > DOCUMENT_BYTES_MAX:
            raise FetchError(f"{self._url}: more than {DOCUMENT_BYTES_MAX} bytes")
        if missing:
            raise FetchError(f"{self._url}: the answer ended early")
        return body
