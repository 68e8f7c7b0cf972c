"""TLS to the cache: one context for all connections.

redis-py makes a context for each connection and loads the system's authorities into it even if it
is given others, which blocks the event loop for 20 ms.
"""

from __future__ import annotations

import ssl
from typing import Any

from redis.asyncio.connection import SSLConnection

from handler.stores.tls import trust_only


def cache_context(ca_file: str) -> ssl.SSLContext:
    """The context for a ``rediss://`` cache; without a file it trusts the system's authorities.

    Raises ``SettingsError``.
    """
    if not ca_file:
        return ssl.create_default_context()
    return trust_only(ca_file, "correct CACHE_CA_FILE")


def share_context(context: ssl.SSLContext) -> type[SSLConnection]:
    """The kind of connection that uses this context."""

    class Connection(SSLConnection):
        """One connection."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.ssl_context.context = context  # the library takes the one that is there

    return Connection
