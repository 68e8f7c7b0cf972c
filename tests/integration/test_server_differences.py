"""What MySQL and MariaDB do otherwise, on whichever of them the tests run.

``docs/servers.md`` is the page for readers, and names these tests beside those of the features.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection
from pymysql.constants import FIELD_TYPE

from handler.sql.statement import Statement
from handler.stores.mysql.time_limit import TIME_LIMIT_CODES, limit_time
from handler.stores.url import DatabaseUrl
from tests.apis import open_api
from tests.domains.journal.rows import numbers
from tests.integration.rows_read import reading
from tests.integration.servers import connect, fetch_rows, is_mysql, run_script


class Server:
    """A connection to it, and which of the two it is."""

    def __init__(self, url: DatabaseUrl, connection: Connection) -> None:
        self.is_mysql = is_mysql(url)
        self.connection = connection

    def rows(self, *statements: str) -> list[tuple[Any, ...]]:
        """What the last of some statements gives."""
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def columns(self, statement: str) -> list[tuple[str, int]]:
        """The names and the types of what a statement gives, as they are sent."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            told: Any = cursor.description
            return [(each[0], each[1]) for each in told]

    def refusal(self, statement: str) -> int:
        """The number of the error with which it refuses a statement."""
        with pytest.raises(pymysql.err.MySQLError) as caught:
            self.rows(statement)
        return int(caught.value.args[0])


@pytest.fixture
def server(database: DatabaseUrl) -> Iterator[Server]:
    with connect(database) as connection:
        yield Server(database, connection)


def test_types_of_columns_in_an_answer(server: Server) -> None:
    """So the handler knows the types of values from the SDL and the catalogue alone."""
    server.rows("CREATE TABLE a (j JSON, n INT)")
    asked = "SELECT j, n, COALESCE((SELECT n = 1 FROM a LIMIT 1), 0) AS told FROM a"
    json, told = (
        (FIELD_TYPE.JSON, FIELD_TYPE.LONGLONG)
        if server.is_mysql
        else (FIELD_TYPE.BLOB, FIELD_TYPE.LONG)
    )
    assert server.columns(asked) == [("j", json), ("n", FIELD_TYPE.LONG), ("told", told)]


def test_json_is_stored_in_order_or_as_it_was_written(server: Server) -> None:
    found = server.rows(
        "CREATE TABLE a (j JSON)", """INSERT INTO a VALUES ('{"b":1,"a": 2}')""", "SELECT j FROM a"
    )
    assert found == [('{"a": 2, "b": 1}' if server.is_mysql else '{"b":1,"a": 2}',)]


def test_the_catalogue_writes_names_types_and_defaults_otherwise(server: Server) -> None:
    server.rows("CREATE TABLE a (n INT UNSIGNED, j JSON, t VARCHAR(5) DEFAULT 'x')")
    asked = (
        "SELECT column_name, column_type, column_default FROM information_schema.columns"
        " WHERE table_schema = DATABASE() ORDER BY ordinal_position"
    )
    names = [name for name, _ in server.columns(asked)]
    if server.is_mysql:
        assert names == ["COLUMN_NAME", "COLUMN_TYPE", "COLUMN_DEFAULT"]
        assert server.rows(asked) == [
            ("n", "int unsigned", None),
            ("j", "json", None),
            ("t", "varchar(5)", "x"),
        ]
    else:
        assert names == ["column_name", "column_type", "column_default"]
        assert server.rows(asked) == [
            ("n", "int(10) unsigned", "NULL"),
            ("j", "longtext", "NULL"),
            ("t", "varchar(5)", "'x'"),
        ]


def test_a_plan_is_a_table_where_its_format_is_written(server: Server) -> None:
    server.rows("CREATE TABLE a (id INT PRIMARY KEY)")
    names = [name for name, _ in server.columns("EXPLAIN FORMAT=TRADITIONAL SELECT id FROM a")]
    assert {"table", "type", "key", "rows", "Extra"} <= set(names)
    (default,) = server.rows("EXPLAIN SELECT id FROM a")
    is_a_tree = len(default) == 1
    version = str(server.rows("SELECT VERSION()")[0][0])
    assert is_a_tree == (server.is_mysql and not version.startswith("8."))


def test_the_collation_of_a_character_set(server: Server) -> None:
    (found,) = server.rows(
        "SELECT collation_name FROM information_schema.collations"
        " WHERE character_set_name = 'utf8mb4' AND is_default = 'Yes'"
    )
    assert found == ("utf8mb4_0900_ai_ci" if server.is_mysql else "utf8mb4_general_ci",)
    known = [
        name
        for (name,) in server.rows("SELECT collation_name FROM information_schema.collations")
        if name in ("utf8mb4_0900_ai_ci", "utf8mb4_0900_bin", "utf8mb4_nopad_bin")
    ]
    mysql = ["utf8mb4_0900_ai_ci", "utf8mb4_0900_bin"]
    assert sorted(known) == (mysql if server.is_mysql else ["utf8mb4_nopad_bin"])


@pytest.mark.parametrize(
    ("statement", "of_mysql", "of_mariadb"),
    [
        pytest.param("DROP VIEW nothing", 1051, 4092, id="no-such-view"),
        pytest.param("ALTER TABLE b ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES a (id)", 1826, 1005,
                     id="foreign-key-is-there"),
        pytest.param("ALTER TABLE b ADD CONSTRAINT c CHECK (a > 0)", 3822, 1826,
                     id="check-is-there"),
        pytest.param("ALTER TABLE b DROP CHECK c2", 3821, 1064, id="no-such-check"),
        pytest.param("SELECT id FROM a FORCE INDEX (hidden)", 1176, 1176, id="hidden-index"),
        pytest.param("CREATE OR REPLACE USER nobody@localhost", 1064, None, id="replace-user"),
    ],
)  # fmt: skip
def test_numbers_of_errors(
    server: Server, statement: str, of_mysql: int, of_mariadb: int | None
) -> None:
    server.rows(
        "CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY hidden (n))",
        "CREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT f FOREIGN KEY (a)"
        " REFERENCES a (id), CONSTRAINT c CHECK (a > 0))",
        f"ALTER TABLE a ALTER INDEX hidden {'INVISIBLE' if server.is_mysql else 'IGNORED'}",
    )
    expected = of_mysql if server.is_mysql else of_mariadb
    if expected is None:
        server.rows(statement, "DROP USER nobody@localhost")
    else:
        assert server.refusal(statement) == expected


def test_how_a_new_account_logs_in(server: Server) -> None:
    found = server.rows(
        "CREATE USER somebody@localhost IDENTIFIED BY 'x'",
        "SELECT plugin FROM mysql.user WHERE user = 'somebody'",
    )
    server.rows("DROP USER somebody@localhost")
    plugin = "caching_sha2_password" if server.is_mysql else "mysql_native_password"
    assert found == [(plugin,)]


def test_a_limit_of_time_ends_a_statement(server: Server) -> None:
    """By the hint or the prefix; of the two, each takes the other's for a comment or a mistake."""
    tens = " CROSS JOIN ".join([f"(SELECT 1 UNION ALL SELECT 2) t{number}" for number in range(30)])
    own = limit_time(f"SELECT COUNT(*) FROM {tens}".encode(), 0.05, mariadb=not server.is_mysql)
    assert server.refusal(own.decode()) in TIME_LIMIT_CODES
    others = limit_time(b"SELECT 1", 0.05, mariadb=server.is_mysql).decode()
    if server.is_mysql:
        assert server.refusal(others) == 1064
    else:
        assert server.rows(others) == [(1,)]


def test_a_sleep_that_is_cut_is_no_error_of_mysql(server: Server) -> None:
    limited = limit_time(b"SELECT SLEEP(5)", 0.05, mariadb=not server.is_mysql).decode()
    if server.is_mysql:
        assert server.rows(limited) == [(1,)]
    else:
        assert server.refusal(limited) in TIME_LIMIT_CODES


def test_where_another_index_covers_a_range_mysql_reads_from_its_start(server: Server) -> None:
    """And with the keys first neither does: see ``test_rows_read.py``."""
    server.rows(
        "CREATE TABLE a (id INT PRIMARY KEY, at INT NOT NULL, b INT NOT NULL,"
        " KEY in_time (at, id), KEY of_b (b, at, id))",
        f"INSERT INTO a SELECT n, n, n % 10 FROM {numbers(10_000)}",
        "ANALYZE TABLE a",
    )
    order = "ORDER BY {0}.at, {0}.id LIMIT 11"
    whole = f"SELECT t.id, t.at, t.b FROM a t WHERE t.at > 5000 {order.format('t')}"
    keys = f"SELECT k.id FROM a k WHERE k.at > 5000 {order.format('k')}"
    first = f"SELECT t.id, t.at, t.b FROM ({keys}) k JOIN a t ON t.id = k.id {order.format('t')}"
    read = [reading(server.connection, Statement(each, ())).read for each in (whole, first)]
    assert [count > 5000 for count in read] == [server.is_mysql, False]


def test_mysql_reads_no_range_of_a_mixed_index_backwards(server: Server) -> None:
    """Pages from the end of such an order need an index with every direction turned."""
    server.rows(
        "CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, KEY mixed (n DESC, id))",
        f"INSERT INTO a SELECT n, n % 5000 FROM {numbers(10_000)}",
        "ANALYZE TABLE a",
    )
    asked = "SELECT id FROM a WHERE n > 2500 ORDER BY n{}, id{} LIMIT 11"
    forward, backward = (
        reading(server.connection, Statement(asked.format(*each), ())).read
        for each in ((" DESC", ""), ("", " DESC"))
    )
    assert forward < 20
    assert (backward > 4000) == server.is_mysql


LETTERS = """
type Query {
  texts(prefix: String @filter(field: "text", operator: PREFIX), first: Int, after: String):
    TextConnection! @orderBy(fields: ["text"])
}
type Text { textId: Int! text: String! }
type TextConnection { edges: [TextEdge!]! nodes: [Text!]! }
type TextEdge { cursor: String! node: Text! }
"""
TEXTS = ["b", "a", "Ä", "A🎉", "ab", "🎉", "a ", "B", "á", ""]


def test_texts_of_the_servers_own_collation_are_paged_and_found(
    database: DatabaseUrl, tmp_path: Path
) -> None:
    """``utf8mb4_0900_ai_ci`` is the default of Aurora MySQL 3, too."""
    run_script(
        database,
        "CREATE TABLE texts (text_id INT PRIMARY KEY, text VARCHAR(20) NOT NULL,"
        " KEY texts_by_text (text)) CHARACTER SET utf8mb4",
        *(f"INSERT INTO texts VALUES ({at}, '{text}')" for at, text in enumerate(TEXTS)),
    )
    (tmp_path / "texts.graphql").write_text(LETTERS)
    expected = fetch_rows(database, "SELECT text FROM texts ORDER BY text, text_id")
    with open_api(database, tmp_path) as api:
        found: list[str] = []
        cursor = None
        for _ in TEXTS:
            asked = (
                "query($c: String) { texts(first: 1, after: $c) { edges { cursor node { text } }}}"
            )
            (edge,) = api.run(asked, {"c": cursor}).data["texts"]["edges"]
            found.append(edge["node"]["text"])
            cursor = edge["cursor"]
        begins = api.run('{ texts(prefix: "a") { nodes { text } } }').data["texts"]["nodes"]
    assert [(text,) for text in found] == expected
    assert {node["text"] for node in begins} == {"a", "Ä", "A🎉", "ab", "a ", "á"}
