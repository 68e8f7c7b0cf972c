"""An API whose rows hold the payloads themselves, behind a relay that hears every statement."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.language.limits import Limits
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.apis import NO_LIMITS
from tests.domains.database import insert_rows
from tests.faults.proxy import FaultProxy
from tests.handler.http.events import GRAPHQL_RESPONSE, proxy_event
from tests.integration.servers import is_mysql, run_script
from tests.security.payloads import PAYLOADS
from tests.security.wire import Wire

SDL = """
type Query {
  row(id: ID!): Row
  rows(
    id: ID
    ids: [ID!] @filter(field: "id")
    text: String
    texts: [String!] @filter(field: "text")
    prefix: String @filter(field: "text", operator: PREFIX)
    from: String @filter(field: "text", operator: GREATER_OR_EQUAL)
    after_: String @filter(field: "text", operator: GREATER)
    to: String @filter(field: "text", operator: LESS)
    upTo: String @filter(field: "text", operator: LESS_OR_EQUAL)
    number: ID
    count: Int
    big: BigInt
    amount: Decimal
    ratio: Float
    isSet: Boolean
    day: Date
    at: DateTime
    extra: JSON
    kind: Kind
    kinds: [Kind!] @filter(field: "kind")
    order: RowOrder
    first: Int
    after: String
    last: Int
    before: String
  ): RowConnection!
}
enum Kind { GOOD BAD @value(column: "b'ad") }
enum RowOrder { TEXT @orderBy(fields: ["text"]) NUMBER @orderBy(fields: ["number DESC", "text"]) }
type Row @key(fields: "id") @key(fields: "text") {
  id: ID!
  text: String!
  number: ID! @column(integer: true)
  count: Int
  big: BigInt
  amount: Decimal
  ratio: Float
  isSet: Boolean
  day: Date
  at: DateTime
  extra: JSON
  kind: Kind
  shouted: String @expression(sql: "CONCAT({text}, '%s!')")
  notes(body: String, bodyPrefix: String @filter(field: "body", operator: PREFIX)): [Note!]!
    @relation(columns: ["text"], references: ["about"])
  page(first: Int, after: String): NoteConnection!
    @relation(columns: ["text"], references: ["about"])
  noteCount: Int! @count(of: "notes")
}
type Note {
  id: ID!
  body: String!
  about: String!
  row: Row @relation(columns: ["about"], references: ["text"])
}
type RowConnection { nodes: [Row!]! edges: [RowEdge!]! totalCount: Int! pageInfo: PageInfo! }
type RowEdge { node: Row! cursor: String! }
type NoteConnection { nodes: [Note!]! edges: [NoteEdge!]! totalCount: Int! }
type NoteEdge { node: Note! cursor: String! }
type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
"""

TABLES = (
    "CREATE TABLE `rows` (id VARCHAR(20) PRIMARY KEY, `text` VARCHAR(400) NOT NULL UNIQUE,"
    " number BIGINT NOT NULL, `count` INT, big BIGINT, amount DECIMAL(20, 4), ratio DOUBLE,"
    " is_set BOOLEAN, `day` DATE, `at` DATETIME(6), extra JSON, kind VARCHAR(20))"
    " DEFAULT CHARACTER SET utf8mb4 COLLATE {collation}",
    "CREATE TABLE notes (id VARCHAR(20) PRIMARY KEY, body VARCHAR(400) NOT NULL,"
    " about VARCHAR(400) NOT NULL, KEY (about))"
    " DEFAULT CHARACTER SET utf8mb4 COLLATE {collation}",
)


def make_tables(url: DatabaseUrl) -> None:
    """Each payload is the text of one row and of one note about it, and the key between them."""
    # By bytes, blanks at the end included.
    collation = "utf8mb4_0900_bin" if is_mysql(url) else "utf8mb4_nopad_bin"
    run_script(url, *(table.format(collation=collation) for table in TABLES))
    rows = [
        {
            "id": f"r{number}",
            "text": text,
            "number": number,
            "kind": "b'ad",
            "extra": json.dumps({"a": text}),
        }
        for number, text in enumerate(PAYLOADS)
    ]
    notes = [
        {"id": f"n{number}", "body": text, "about": text} for number, text in enumerate(PAYLOADS)
    ]
    insert_rows(url, {"rows": rows, "notes": notes})


@dataclass
class Victim:
    """The App, and what it sends to its database."""

    loop: asyncio.AbstractEventLoop
    app: App
    wire: Wire

    def ask(self, event: object) -> tuple[dict[str, Any], list[bytes]]:
        """The JSON of the answer, and the statements that were sent for it."""
        self.wire.take()
        response = self.loop.run_until_complete(self.app.handle(event, budget_s=30.0))
        return json.loads(response["body"]), self.wire.take()

    def run(
        self, document: str, variables: Mapping[str, Any] | None = None, **more: Any
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Ask a document by POST; ``more`` are further entries of the body."""
        headers = {"Accept": GRAPHQL_RESPONSE, "Content-Type": "application/json"}
        body = {"query": document, "variables": variables or {}, **more}
        return self.ask(proxy_event(headers=headers, body=body))


@contextlib.contextmanager
def open_victim(
    server: MariaDb, url: DatabaseUrl, folder: Path, *, limits: Limits = NO_LIMITS, **settings: Any
) -> Iterator[Victim]:
    """The App over tables made by ``make_tables``; ``settings`` are further fields of Settings."""
    (folder / "rows.graphql").write_text(SDL)
    with listen_to(server, url, sdl_dir=folder, limits=limits, auth=False, **settings) as victim:
        yield victim


@contextlib.contextmanager
def listen_to(server: MariaDb, url: DatabaseUrl, **settings: Any) -> Iterator[Victim]:
    """An App, and every statement that it sends; ``settings`` are fields of Settings."""
    wire = Wire()
    with contextlib.ExitStack() as stack:
        loop = asyncio.new_event_loop()
        stack.callback(loop.close)
        running = FaultProxy(server.socket_file, on_client_bytes=wire.on_client_bytes).running()
        proxy = loop.run_until_complete(running.__aenter__())
        stack.callback(lambda: loop.run_until_complete(running.__aexit__(None, None, None)))
        through = replace(url, unix_socket=None, host="127.0.0.1", port=proxy.port)
        given = Settings(database_url=through, log_level="ERROR", **settings)
        app = loop.run_until_complete(App.start(given))
        stack.callback(lambda: loop.run_until_complete(app.close()))
        yield Victim(loop, app, wire)
