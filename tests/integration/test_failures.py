"""When the database fails: which field says so, what is still answered, and what a client sees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from aurora_graphql.dev.servers import MariaDb
from handler.errors import DeadlineError, InputError, LimitError, UpstreamError
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase, PoolLimits
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import fetch_rows, fresh_database, run_script

SDL = """
type Query {
  thing(id: ID!): Thing
  things(ids: [ID!] @filter(field: "id"), first: Int): ThingConnection
  lost: [Lost!]
  must: [Lost!]!
  slow: [Slow!]
}
type Thing { id: ID! name: String tags: [Tag!] losts: [Lost!] lostCount: Int @count(of: "losts") }
type Tag @key(fields: "id label") { id: ID! label: String! }
type Lost { id: ID! thingId: ID thing: Thing }
type Slow { id: ID! nap: Int }
type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int! }
type ThingEdge { node: Thing! cursor: String! }
"""


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    """Things, tags whose names differ in letters only; no table ``losts``."""
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE things (id VARCHAR(20) PRIMARY KEY, name VARCHAR(20), thing_id INT)"
            " CHARSET utf8mb4 COLLATE utf8mb4_general_ci",
            "CREATE TABLE tags (id VARCHAR(20), label VARCHAR(20), thing_id VARCHAR(20),"
            " PRIMARY KEY (id, label)) CHARSET utf8mb4 COLLATE utf8mb4_general_ci",
            "CREATE TABLE beds (id INT PRIMARY KEY)",
            "CREATE VIEW slows AS SELECT id, SLEEP(1.5) + id AS nap FROM beds",
            "INSERT INTO things VALUES ('a', 'A', 1), ('b', 'B', 2)",
            "INSERT INTO tags VALUES ('B', 'capital', 'b'), ('a', 'small', 'a')",
            "INSERT INTO beds VALUES (1)",
        )
        yield url


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    sdl: Path = tmp_path_factory.mktemp("sdl")
    (sdl / "things.graphql").write_text(
        SDL.replace("tags: [Tag!]", 'tags: [Tag!] @relation(columns: ["id"], references: ["id"])')
    )
    with open_api(url, sdl) as api:
        yield api


def test_failed_statement_is_an_error_of_its_field_alone(api: Api) -> None:
    answer = api.run('{ lost { id } thing(id: "a") { name losts { id } } }')
    assert answer.body["data"] == {"lost": None, "thing": {"name": "A", "losts": None}}
    assert [(e["path"], e["code"]) for e in answer.body["errors"]] == [
        (["lost"], "UPSTREAM_FAILED"),
        (["thing", "losts"], "UPSTREAM_FAILED"),
    ]
    assert {e["message"] for e in answer.body["errors"]} == {"Internal error"}


def test_failed_statement_of_a_required_field_takes_everything(api: Api) -> None:
    answer = api.run('{ must { id } thing(id: "a") { name } }')
    assert answer.body["data"] is None
    assert [e["path"] for e in answer.body["errors"]] == [["must"]]


def test_failed_subquery_takes_the_rows_that_it_stands_with(api: Api) -> None:
    answer = api.run("{ things { nodes { id lostCount } } }")
    assert answer.body["data"] == {"things": None}
    assert [e["path"] for e in answer.body["errors"]] == [["things"]]


def test_rows_whose_keys_are_in_other_letters_are_never_lost(api: Api) -> None:
    nodes = api.run("{ things { nodes { id tags { label } } } }").data["things"]["nodes"]
    assert nodes == [
        {"id": "a", "tags": [{"label": "small"}]},
        {"id": "b", "tags": [{"label": "capital"}]},
    ]


def test_statement_over_its_size_is_an_error_of_the_field(api: Api) -> None:
    """In the rows, and in what is told about the whole list."""
    ids = [f"{number:019}" for number in range(800)]
    text = "query ($ids: [ID!]) { things(ids: $ids) { %s } a: thing(id: 1) { id } }"
    for part in ("nodes { id }", "totalCount", "nodes { id } totalCount"):
        answer = api.run(text.replace("%s", part), {"ids": ids})
        assert answer.body["data"] == {"things": None, "a": None}
        (error,) = answer.body["errors"]
        assert (error["code"], error["path"]) == ("LIMIT_EXCEEDED", ["things"])
        assert error["message"].startswith("the arguments make a statement of 1")


def test_deadline_ends_the_request_in_time(api: Api) -> None:
    started = time.monotonic()
    document = '{ slow { nap } thing(id: "a") { name } }'
    answer = api.run(document, budget_s=0.4, in_turns=False)
    assert time.monotonic() - started < 1.4
    assert answer.body["data"] == {"slow": None, "thing": {"name": "A"}}
    (error,) = answer.body["errors"]
    assert (error["code"], error["message"]) == (
        "TIMEOUT",
        "The request took longer than its time limit",
    )
    assert api.run("{ slow { nap } }").data == {"slow": [{"nap": 1}]}, "the next one is served"


def test_no_time_left_asks_nothing(api: Api) -> None:
    answer = api.run('{ thing(id: "a") { name } }', budget_s=0)
    assert answer.body["data"] == {"thing": None}
    assert answer.body["errors"][0]["code"] == "TIMEOUT"


# ------------------------------------------------------------------------ the database itself


async def fetch(database: MySqlDatabase, text: str, *parameters: str) -> RowSet:
    return await database.fetch(Statement(text, parameters), Deadline.after(10))


@pytest_asyncio.fixture
async def database(url: DatabaseUrl) -> AsyncIterator[MySqlDatabase]:
    database = MySqlDatabase(url, PoolLimits(size=2))
    yield database
    await database.close()


ME = "SELECT CONNECTION_ID()"


async def test_connection_is_used_again(database: MySqlDatabase) -> None:
    assert (await fetch(database, ME)).rows == (await fetch(database, ME)).rows


async def test_killed_connection_is_replaced_without_an_error(
    database: MySqlDatabase, url: DatabaseUrl
) -> None:
    ((first,),) = (await fetch(database, ME)).rows
    assert first is not None
    run_script(url, f"KILL {int(first)}")
    assert (await fetch(database, ME)).rows != [(first,)]


async def test_connection_killed_while_it_answers_is_tried_once_more(
    database: MySqlDatabase, url: DatabaseUrl
) -> None:
    def kill_when_asleep() -> int:
        question = "SELECT id FROM information_schema.processlist WHERE info LIKE '%SLEEP(1.5)'"
        deadline = time.monotonic() + 20
        while not (found := fetch_rows(url, question)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        run_script(url, f"KILL {found[0][0]}")
        return int(str(found[0][0]))

    killed, found = await asyncio.gather(
        asyncio.to_thread(kill_when_asleep),
        fetch(database, "SELECT CONNECTION_ID(), SLEEP(1.5)"),
    )
    assert found.rows[0][0] != str(killed).encode()


async def test_wrong_statement_is_no_reason_for_a_new_connection(database: MySqlDatabase) -> None:
    ((first,),) = (await fetch(database, ME)).rows
    with pytest.raises(UpstreamError, match="doesn't exist") as caught:
        await fetch(database, "SELECT 1 FROM nothing")
    assert not caught.value.retryable
    assert (await fetch(database, ME)).rows == [(first,)]


async def test_several_statements_in_one_text_are_refused(database: MySqlDatabase) -> None:
    with pytest.raises(UpstreamError, match=r"refused: 1064 PARSE_ERROR$"):
        await fetch(database, "SELECT 1; SELECT 2")


async def test_values_are_escaped_as_they_are(database: MySqlDatabase) -> None:
    nasty = "'; DROP TABLE things; -- \\ \" \0 \x1a % %s 🎉"
    assert (await fetch(database, "SELECT %s, '100%%'", nasty)).rows == [(nasty.encode(), b"100%")]


async def test_bytes_of_a_key_are_a_value_like_any_other(database: MySqlDatabase) -> None:
    """A key that is BINARY leads on to the rows behind it."""
    key = bytes(range(256))
    found = await database.fetch(Statement("SELECT %s, HEX(%s)", (key, key)), Deadline.after(10))
    assert found.rows == [(key, key.hex().upper().encode())]


async def test_half_a_character_is_an_error_of_the_input(database: MySqlDatabase) -> None:
    with pytest.raises(InputError, match="half of a surrogate pair"):
        await fetch(database, "SELECT %s", "\ud800")


async def test_statement_over_the_limit_is_not_sent(database: MySqlDatabase) -> None:
    with pytest.raises(LimitError, match="more than the limit of 16383"):
        await fetch(database, "SELECT %s", "x" * 17_000)


def test_server_that_is_not_there(tmp_path: Path) -> None:
    async def ask() -> None:
        url = DatabaseUrl(
            user="u", password="hunter2", database="d", unix_socket=str(tmp_path / "no")
        )
        await MySqlDatabase(url).fetch(Statement("SELECT 1", ()), Deadline.after(5))

    with pytest.raises(UpstreamError) as caught:
        asyncio.run(ask())
    assert "hunter2" not in str(caught.value)


async def test_server_that_accepts_and_says_nothing() -> None:
    """The driver's own limit ends with the TCP connection; ours covers the handshake."""
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = MySqlDatabase(DatabaseUrl(user="u", database="d", host="127.0.0.1", port=port))
    started = time.monotonic()
    with pytest.raises(DeadlineError):
        await database.fetch(Statement("SELECT 1", ()), Deadline.after(0.2))
    assert time.monotonic() - started < 5
    for writer in writers:
        writer.close()
    server.close()


async def test_pool_opens_no_more_than_its_size(url: DatabaseUrl) -> None:
    database = MySqlDatabase(url, PoolLimits(size=3))
    found = await asyncio.gather(
        *(
            database.fetch(Statement("SELECT CONNECTION_ID(), SLEEP(0.02)", ()), Deadline.after(10))
            for _ in range(12)
        )
    )
    assert len({result.rows[0][0] for result in found}) == 3
    await database.close()


async def test_kinds_and_long_values_of_a_real_answer(database: MySqlDatabase) -> None:
    """A value of several packets, real columns of every kind."""
    found = await fetch(database, "SELECT REPEAT('x', 3000000), 1, 1.50, 1e0, CAST('a' AS BINARY)")
    ((long, *rest),) = found.rows
    assert long is not None
    assert len(long) == 3_000_000
    assert rest == [b"1", b"1.50", b"1", b"a"]
    kinds = [kind.name for kind in found.kinds]
    assert kinds == ["TEXT", "INTEGER", "DECIMAL", "FLOAT", "BYTES"]
