"""Databases that nobody here made: loaded from dumps of a folder, and read by SDL made for them.

``FOREIGN_DATABASES`` names the folder. It holds what their authors publish, packed:
https://dev.mysql.com/doc/sakila/en/ and https://github.com/lerocha/chinook-database
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from aurora_graphql.project.decide import decide
from aurora_graphql.project.description import Api as Description
from aurora_graphql.project.operations import print_operations
from aurora_graphql.project.printing import print_api
from aurora_graphql.project.reading import Seen, read
from aurora_graphql.project.writing import Changes, write
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.integration.servers import connect

VARIABLE = "FOREIGN_DATABASES"
DUMPS = {
    "sakila": ("sakila-schema.sql.gz", "sakila-data.sql.gz"),
    "Chinook": ("chinook.sql.gz",),
}
# What reads nothing and is of no table, and words before a view that name an account.
_LEFT = re.compile(r"(CREATE|DROP)\s+(DEFINER\S*\s+)?(PROCEDURE|FUNCTION|TRIGGER)", re.IGNORECASE)
_DEFINER = re.compile(r"\bDEFINER\s*=\s*\S+|\bSQL SECURITY (INVOKER|DEFINER)", re.IGNORECASE)


def dumps(name: str) -> list[Path]:
    """The files of a database; a test is left out where they are not."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{name} is not tested: {VARIABLE} names no folder of dumps")
    found = [Path(folder) / file for file in DUMPS[name]]
    for path in found:
        if not path.exists():
            pytest.skip(f"{name} is not tested: {VARIABLE} has no {path.name}")
    return found


def statements(text: str) -> Iterator[str]:
    """The statements of a dump that make tables and views and fill them."""
    end, found = ";", ""
    for line in text.splitlines():
        if told := re.match(r"\s*DELIMITER\s+(\S+)", line, re.IGNORECASE):
            end = told[1]
        elif not line.lstrip().startswith("--"):
            found += line + "\n"
            if line.rstrip().endswith(end):
                statement = found.strip().removesuffix(end).strip()
                found = ""
                if statement and not _LEFT.match(statement):
                    yield _DEFINER.sub("", statement)


@contextlib.contextmanager
def loaded(url: DatabaseUrl, name: str) -> Iterator[DatabaseUrl]:
    """The database of that name beside the one of the address, removed at the end."""
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        try:
            for path in dumps(name):
                for statement in statements(gzip.decompress(path.read_bytes()).decode()):
                    cursor.execute(statement)
            yield replace(url, database=name)
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


def ask(url: DatabaseUrl) -> Seen:
    """What is seen of a database."""

    async def seen() -> Seen:
        database = MySqlDatabase(url)
        try:
            return await read(database)
        finally:
            await database.close()

    return asyncio.run(seen())


def generate(url: DatabaseUrl, folder: Path, access: str = "@public") -> Description:
    """Write SDL for a database into an empty folder."""
    seen = ask(url)
    api = decide(seen.tables, seen.view_keys, is_mariadb=seen.is_mariadb)
    changes = Changes(new=print_api(api, access))
    changes.operations(print_operations(api))
    write(folder, changes)
    return api
