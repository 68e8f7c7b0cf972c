"""Servers of a test run: a private MariaDB or MySQL, and a Redis where one is wanted."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from aurora_graphql.dev.choice import cache_server, database_server
from aurora_graphql.dev.servers import DatabaseServer, RedisServer
from aurora_graphql.testing.database import TestDatabase


class Servers:
    """Running servers. ``cache_url`` is empty without a cache."""

    def __init__(self, server: DatabaseServer, cache: RedisServer | None) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self.cache_url = cache.url if cache is not None else ""
        self.title = server.title

    @contextlib.contextmanager
    def database(self) -> Iterator[TestDatabase]:
        """An empty database, removed at the end."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        url = self._server.create_database(name)
        try:
            yield TestDatabase(url)
        finally:
            self._server.drop_database(name)


@contextlib.contextmanager
def start_servers(
    database: str | None = None, *, cache: bool = False, folder: Path | None = None
) -> Iterator[Servers]:
    """Start servers in a folder of their own, on sockets, and stop them at the end.

    ``database``: ``mariadb`` or ``mysql``; by default what the variable ``SERVER`` says, or
    MariaDB. ``cache``: start a Redis, too. Raises ``ServerError``, which says what to install.
    """
    given = dict(os.environ) | ({"SERVER": database} if database else {})
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aurora-test-")))
        server = stack.enter_context(database_server(given)(folder / "database"))
        store = stack.enter_context(cache_server(given)(folder / "cache")) if cache else None
        yield Servers(server, store)
