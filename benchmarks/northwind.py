"""The database that the benchmarks ask: a private MariaDB with the Northwind orders."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.jobs.ingest import ingest, load_mapping
from handler.jobs.migrate import migrate
from handler.settings import Settings
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT

ROOT = Path(__file__).parents[1]
DATA = PROJECT / "data" / "northwind-orders.jsonl"


@contextlib.contextmanager
def northwind(*, port: int | None = None) -> Iterator[tuple[MariaDb, DatabaseUrl]]:
    """A server of its own with the four tables filled, gone at the end.

    Without ``port`` it listens on a socket only, which is also the quickest way to it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        MariaDb(Path(directory), port=port) as server,
    ):
        url = server.create_database("northwind")
        asyncio.run(migrate(url, PROJECT / "migrations"))
        asyncio.run(ingest(url, DATA, load_mapping(DATA.parent / "mappings" / "default.toml")))
        asyncio.run(_analyze(url))
        yield server, url


async def _analyze(url: DatabaseUrl) -> None:
    """Take the statistics now, so that no plan changes in the middle of a measurement."""
    async with open_session(url) as session:
        await session.execute("ANALYZE TABLE customers, orders, order_items, products")


def settings_of(url: DatabaseUrl) -> Settings:
    """Those of the example API with nothing changed but the folder."""
    return replace(
        Settings.from_environ({"DATABASE_URL": url.text(), "AUTH": "off"}), sdl_dir=PROJECT / "sdl"
    )


@contextlib.asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """An App that writes its line of log for each request to where nobody reads it."""
    with contextlib.redirect_stdout(io.StringIO()):
        app = await App.start(settings)
    try:
        yield app
    finally:
        await app.close()


def separate_processors(server: MariaDb) -> str:
    """This process and the server each on a processor of its own, where there are two.

    It takes the scheduler's moves out of the measurements. Returns what was done, for the report.
    """
    if not hasattr(os, "sched_setaffinity") or server.pid is None:
        return "processors not chosen"
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return "one processor for all"
    for task in (Path("/proc") / str(server.pid) / "task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), available[1:])
    os.sched_setaffinity(0, available[:1])
    return "Python on one processor, MariaDB on the other"
