"""End cached answers after a write that the ingest did not make: ``python -m handler.jobs.purge``.

It needs the cache and nothing else: the network to it and, with ``CACHE_AUTH=iam``, the right
``elasticache:Connect``. It reads the SDL, to know the tables; it never asks the database.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handler.errors import ClientError, HandlerError, SettingsError, UpstreamError
from handler.settings import Settings
from handler.settings.stores import open_cache
from handler.stores.redis.versions import change_versions

ACTION = "purge"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: some tables, or all of the SDL (``None``)."""

    tables: tuple[str, ...] | None


def parse_order(event: Mapping[str, Any]) -> Order:
    """``{"action": "purge", "tables": ["orders"]}``, or ``"all"``. Raises ``ClientError``."""
    if event.get("action") != ACTION:
        raise ClientError(f"action must be {ACTION!r}, got {event.get('action')!r}")
    tables = event.get("tables")
    if tables == "all":
        return Order(None)
    if (
        not isinstance(tables, list)
        or not tables
        or not all(isinstance(name, str) and name for name in tables)
    ):
        raise ClientError(f'tables must be a list of names or "all", got {tables!r}')
    return Order(tuple(tables))


async def purge(settings: Settings, order: Order) -> list[str]:
    """End all cached answers over the tables; their names, in order.

    An environment that keeps answers itself (``CACHE_LOCAL_S``) gives them for so long yet. Raises
    ``ClientError`` for a table that no answer is over, ``SettingsError`` without a cache,
    ``UpstreamError`` if the cache could not be told; to purge again is harmless.
    """
    known = known_tables(settings)
    wanted = sorted(known if order.tables is None else set(order.tables))
    if unknown := [name for name in wanted if name not in known]:
        raise ClientError(
            f"no answer is over the table {', '.join(unknown)}; those of the SDL are "
            f"{', '.join(sorted(known))}"
        )
    cache = open_cache(settings)
    if cache is None:
        raise SettingsError("CACHE_URL is not set: there is no cache whose answers could be ended")
    try:
        told = await change_versions(cache, settings.database_url.database, wanted)
    finally:
        await cache.close()
    if not told:
        raise UpstreamError(
            "the cache could not be told: answers over "
            f"{', '.join(wanted)} may be old until their time is over; purge again",
            retryable=True,
        )
    return wanted


def known_tables(settings: Settings) -> set[str]:
    """All tables that an answer may be over. Raises ``SchemaError``."""
    from handler.jobs.api_user import read_columns
    from handler.language.files import quoting
    from handler.language.sdl import load_schema
    from handler.model.builder import build_model

    directory = Path(settings.sdl_dir)
    with quoting(directory):
        return set(read_columns(build_model(load_schema(directory))))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m handler.jobs.purge",
        description="End the cached answers over tables that another program has written.",
    )
    parser.add_argument("tables", metavar="TABLE", nargs="*")
    parser.add_argument("--all", action="store_true", help="over every table of the SDL")
    options = parser.parse_args(arguments)
    if bool(options.tables) == options.all:
        both = ", not both" if options.all else ""
        parser.error(f"name the tables, or write --all{both}")
    order = Order(None if options.all else tuple(options.tables))
    try:
        ended = asyncio.run(purge(Settings.from_environ(os.environ), order))
    except HandlerError as error:
        sys.stderr.write(f"purge: {error}\n")
        return 2
    sys.stdout.write(f"ended the cached answers over {', '.join(ended)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
