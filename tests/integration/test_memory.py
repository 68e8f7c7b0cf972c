"""The memory of a process while it answers documents that are made to take much of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.domains.database import insert_rows
from tests.domains.lines.rows import line_rows
from tests.integration.servers import connect, fresh_database

DOMAIN = Path(__file__).parents[1] / "domains" / "lines"
MOST_BYTES = 150 * 1024 * 1024  # above rest, as docs/limits.md says


def aliased(document: str, count: int, selection: str) -> str:
    """The same selection under many keys, in the place of ``ALIASES``."""
    many = " ".join(f"a{number}: {selection}" for number in range(count))
    return document.replace("ALIASES", many)


BACK = "order { lines { order { lines { quantity } } } }"
PAGE = "page(first: 40) { edges { node { order { name } } } nodes { order { name } } }"
TYPE = "type { name ofType { name ofType { name } } }"
TYPES = f"types {{ name fields {{ name {TYPE} args {{ name {TYPE} defaultValue }} }} }}"
HOSTILE = {
    "there-and-back": f"{{ lines(orderId: 1) {{ {BACK} }} }}",
    "there-and-back-and-back": f"{{ lines(orderId: 1) {{ order {{ lines {{ {BACK} }} }} }} }}",
    "aliases": aliased(
        "{ lines(orderId: 2) { order { ALIASES } } }", 30, "lines { order { name } }"
    ),
    "aliases-of-the-root": aliased(
        "{ ALIASES }", 20, "lines(orderId: 1) { order { lines { quantity } } }"
    ),
    "edges-and-nodes": f"{{ orders(first: 200) {{ edges {{ node {{ {PAGE} }} }} nodes {{ {PAGE} }}"
    " } }",
    "aliases-of-edges": aliased(
        "{ orders(first: 20) { nodes { page(first: 200) { ALIASES } } } }",
        30,
        "edges { cursor node { order { name } } }",
    ),
    "aliases-of-page-infos": aliased(
        "{ lines(orderId: 1) { order { page(first: 1) { ALIASES } } } }",
        30,
        "pageInfo { startCursor endCursor }",
    ),
    "long-texts": aliased("{ notes(first: 30) { ALIASES } }", 30, "body"),
    "long-texts-of-many-fields": aliased("{ ALIASES }", 20, "notes(first: 10) { body }"),
    "long-texts-read": "{ notes(first: 50) { body } }",
    "errors": "{ lines(orderId: 1) { order { lines { state order { lines { state } } } } } }",
    "errors-and-aliases": aliased("{ lines(orderId: 1) { ALIASES } }", 30, "state"),
    "python": "{ lines(orderId: 1) { order { lines { twice order { lines { quantity } } } } } }",
    "python-and-aliases": aliased(
        "{ lines(orderId: 1) { order { lines { ALIASES } } } }", 20, "twice"
    ),
    "python-a-page": aliased("{ lines(orderId: 1) { ALIASES } }", 29, "twice"),
    "rows-that-python-gives": f"{{ given(count: 400) {{ {BACK} }} }}",
    "the-most-that-fits": "{ notes(first: 31) { body } }",
    "the-most-there-and-back": "{ lines(orderId: 1) { order { lines { quantity } } } }",
    "introspection": aliased("{ ALIASES }", 19, f"__schema {{ {TYPES} }}"),
}


@pytest.fixture(scope="module")
def lines_database(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        with connect(url) as connection, connection.cursor() as cursor:
            for statement in (DOMAIN / "tables.sql").read_text().split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
        insert_rows(url, line_rows())
        yield url


class Measured:
    """The process, asked document by document."""

    def __init__(self, url: DatabaseUrl) -> None:
        environ = {
            **os.environ,
            "DATABASE_URL": url.text(),
            "SDL_DIR": str(DOMAIN / "sdl"),
            "RESOLVERS": "tests.domains.lines.resolvers",
            "AUTH": "off",
            "STAGE": "local",
            "INTROSPECTION": "on",
            "DOCUMENT_COST_MAX": "10000000",
            "REQUEST_TIMEOUT_S": "60",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.memory"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            cwd=DOMAIN.parents[2],
            text=True,
        )

    def ask(self, document: str, *, gzip: bool = True) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"document": document, "gzip": gzip}), file=self.process.stdin, flush=True)
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module")
def measured(lines_database: DatabaseUrl) -> Iterator[Measured]:
    found = Measured(lines_database)
    warm = found.ask("{ lines(orderId: 2) { quantity twice } }")
    assert warm["status"] == 200, warm
    yield found
    found.close()


@pytest.mark.parametrize("gzip", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_document_takes_more_memory_than_is_stated(
    measured: Measured, name: str, *, gzip: bool
) -> None:
    found = measured.ask(HOSTILE[name], gzip=gzip)
    assert found["codes"] in ([], ["LIMIT_EXCEEDED"], ["STORED_VALUE"])
    assert found["grown_bytes"] < MOST_BYTES, found
