"""Relations whose sides are equal to the server and not by their bytes: rows as a JOIN has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.execution.collated import may_be_equal
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import connect, fresh_database, run_script

# Column of the parent and of the child, and keys of both: what a join finds equal.
KINDS: dict[str, tuple[str, str, list[str], list[str]]] = {
    "blanks_at_the_end": (
        "VARCHAR(9) COLLATE utf8mb4_bin",
        "VARCHAR(9) COLLATE utf8mb4_bin",
        ["'VINET'", "'TOMSP'", "'HANAR'"],
        ["'VINET '", "'VINET'", "'TOMSP'", "'NONE'"],
    ),
    "letters_of_another_case": (
        "VARCHAR(9) COLLATE utf8mb4_general_ci",
        "VARCHAR(9) COLLATE utf8mb4_general_ci",
        ["'Vinet'", "'TOMSP'", "'Ñandú'"],
        ["'VINET'", "'vinet'", "'TomSp'", "'nandu'", "NULL"],
    ),
    "parents_that_are_equal": (
        "VARCHAR(9) COLLATE utf8mb4_general_ci",
        "VARCHAR(9) COLLATE utf8mb4_general_ci",
        ["'usa'", "'USA'", "'🍣'", "'🍺'", "'fr'"],
        ["'usa'", "'Usa'", "'🍺'", "'FR'"],
    ),
    "instants_of_another_precision": (
        "DATETIME(6)",
        "DATETIME",
        ["'2020-01-01 00:00:00'", "'2020-01-02 10:00:00.5'", "'2020-01-03'"],
        ["'2020-01-01'", "'2020-01-02 10:00:00'", "'2020-01-03'"],
    ),
    "decimals_of_another_scale": (
        "DECIMAL(10,2)",
        "DECIMAL(10,4)",
        ["1.00", "2.50", "3.33"],
        ["1.0000", "2.5000", "2.5001", "3.3300"],
    ),
    "two_parents_alone": (
        "DECIMAL(10,2)",
        "DECIMAL(10,4)",
        ["1.00", "2.50"],
        ["2.5000", "1.0000", "2.5000"],
    ),
    "numbers_with_zeros_in_front": (
        "INT",
        "INT(6) ZEROFILL",
        ["1", "20", "300"],
        ["1", "20", "20", "4"],
    ),
    "letters_that_the_child_cannot_hold": (
        "VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin",
        ["'é'", "'日本'", "'a'"],
        ["'é'", "'a'", "'?'"],
    ),
    "a_text_of_digits": (
        "INT",
        "VARCHAR(9)",
        ["1", "20", "300"],
        ["'1'", "'01'", "'20'", "'x'"],
    ),
}

SDL = """
type Query @public {
  parents: [Parent!]! @listSize(assumedSize: 9)
  children: [Child!]! @listSize(assumedSize: 9)
  parent(parentId: Int!): Parent
}
type Parent @public @key(fields: "parentId") {
  parentId: Int!
  list: [Child!]! @listSize(assumedSize: 5)
    @relation(columns: ["code"], references: ["parent_code"]) @orderBy(fields: ["childId"])
  page(first: Int, after: String): ChildConnection!
    @relation(columns: ["code"], references: ["parent_code"]) @orderBy(fields: ["childId"])
  size: Int! @count(of: "list")
}
type Child @public @table(name: "children") {
  childId: Int!
  parentCode: String
  parts: [Part!]! @listSize(assumedSize: 2) }
type Part @public { partId: Int! childId: Int! }
type ChildConnection { nodes: [Child!]! edges: [ChildEdge!]! pageInfo: PageInfo! totalCount: Int! }
type ChildEdge { node: Child! cursor: String! }
type PageInfo { hasNextPage: Boolean! }
"""


def joined(url: DatabaseUrl) -> list[tuple[int, list[int]]]:
    """The children of each parent, as a join finds them."""
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.parent_id, c.child_id FROM parents p "
            "LEFT JOIN children c ON c.parent_code = p.code ORDER BY p.parent_id, c.child_id"
        )
        found: dict[int, list[int]] = {}
        for parent, child in cursor.fetchall():
            found.setdefault(parent, []).extend([] if child is None else [child])
    return list(found.items())


@pytest.fixture(params=KINDS)
def api(
    request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Any
) -> Iterator[tuple[Api, DatabaseUrl]]:
    here, there, parents, children = KINDS[request.param]
    with fresh_database(mariadb) as url:
        run_script(
            url,
            f"CREATE TABLE parents (parent_id INT PRIMARY KEY AUTO_INCREMENT, code {here},"
            " KEY (code)) CHARACTER SET utf8mb4",
            f"CREATE TABLE children (child_id INT PRIMARY KEY AUTO_INCREMENT, parent_code {there},"
            " KEY (parent_code)) CHARACTER SET utf8mb4",
            "CREATE TABLE parts (part_id INT PRIMARY KEY AUTO_INCREMENT, child_id INT,"
            " KEY (child_id))",
            *(f"INSERT INTO parents (code) VALUES ({code})" for code in parents),
            *(f"INSERT INTO children (parent_code) VALUES ({code})" for code in children),
            "INSERT INTO parts (child_id) SELECT child_id FROM children ORDER BY child_id",
        )
        (tmp_path / "test.graphql").write_text(SDL)
        with open_api(url, tmp_path) as opened:
            yield opened, url


def test_rows_stand_under_the_parents_that_a_join_gives_them(api: tuple[Api, DatabaseUrl]) -> None:
    answer, url = api
    expected = joined(url)
    assert any(children for _, children in expected)
    data = answer.run("{ parents { parentId size list { childId parts { partId } } } }").data
    assert [(p["parentId"], [c["childId"] for c in p["list"]]) for p in data["parents"]] == expected
    assert [p["size"] for p in data["parents"]] == [len(children) for _, children in expected]
    assert all(
        [part["partId"] for part in c["parts"]] == [c["childId"]]
        for p in data["parents"]
        for c in p["list"]
    )


def test_pages_stand_under_the_parents_that_a_join_gives_them(api: tuple[Api, DatabaseUrl]) -> None:
    answer, url = api
    document = (
        "{ parents { parentId page(first: 1) { totalCount pageInfo { hasNextPage }"
        " nodes { childId parts { partId } } } } }"
    )
    found = answer.run(document).data["parents"]
    assert [
        (p["parentId"], [c["childId"] for c in p["page"]["nodes"]], p["page"]["totalCount"])
        for p in found
    ] == [(parent, children[:1], len(children)) for parent, children in joined(url)]
    assert [p["page"]["pageInfo"]["hasNextPage"] for p in found] == [
        len(children) > 1 for _, children in joined(url)
    ]


@pytest.mark.parametrize(
    "way",
    ["list { childId parentCode }", "page(first: 9) { nodes { childId parentCode } }"],
    ids=["list", "page"],
)
def test_rows_show_their_own_key_and_not_their_parents(
    api: tuple[Api, DatabaseUrl], way: str
) -> None:
    """All parents at once, and each by itself."""
    answer, _ = api
    own = {
        c["childId"]: c for c in answer.run("{ children { childId parentCode } }").data["children"]
    }
    parents = answer.run(f"{{ parents {{ parentId {way} }} }}").data["parents"]
    parents += [
        answer.run(f"{{ parent(parentId: {p['parentId']}) {{ parentId {way} }} }}").data["parent"]
        for p in parents
    ]
    shown = [c for p in parents for c in (p.get("list") or p.get("page", {}).get("nodes") or [])]
    assert shown
    assert all(child == own[child["childId"]] for child in shown)


def test_parents_by_the_hundred_are_read_by_statements_of_a_legal_size(
    mariadb: MariaDb, tmp_path: Any
) -> None:
    """Keys in other letters, too many for one statement of numbered pages."""
    numbers = range(1, 401)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE parents (parent_id INT PRIMARY KEY AUTO_INCREMENT,"
            " code VARCHAR(40) COLLATE utf8mb4_general_ci, KEY (code))",
            "CREATE TABLE children (child_id INT PRIMARY KEY AUTO_INCREMENT,"
            " parent_code VARCHAR(40) COLLATE utf8mb4_general_ci, KEY (parent_code))",
            "CREATE TABLE parts (part_id INT PRIMARY KEY, child_id INT, KEY (child_id))",
            "INSERT INTO parents (code) VALUES " + ", ".join(f"('Parent {n}')" for n in numbers),
            "INSERT INTO children (parent_code) VALUES "
            + ", ".join(f"('PARENT {n}')" for n in numbers),
        )
        (tmp_path / "test.graphql").write_text(SDL)
        with open_api(url, tmp_path) as opened:
            answer = opened.run("{ parents { parentId list { childId } } }")
            assert [[c["childId"] for c in p["list"]] for p in answer.data["parents"]] == [
                [children[0]] for _, children in joined(url)
            ]
            assert len(answer.statements) > 3


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param([b"VINET", b"TOMSP"], False, id="other-words"),
        pytest.param([b"VINET", b"vinet"], True, id="case"),
        pytest.param([b"VINET", b"VINET "], True, id="blank-at-the-end"),
        pytest.param(["é".encode(), b"E"], True, id="accent"),
        pytest.param(["🍣".encode(), "🍺".encode()], True, id="beyond-16-bits"),
        pytest.param(["大阪".encode(), "東京".encode()], False, id="other-signs"),
        pytest.param([b"1", b"2", b"10"], False, id="numbers"),
        pytest.param([b"a\0b", b"A\0B"], True, id="a-zero-byte"),
        pytest.param([b"\xff\x01", b"\xff\x02"], True, id="bytes-that-are-no-text"),
    ],
)
def test_keys_that_a_server_may_find_equal(keys: list[bytes], *, expected: bool) -> None:
    assert may_be_equal([(key,) for key in keys]) is expected


def test_keys_of_several_columns_are_equal_if_all_of_them_are() -> None:
    assert not may_be_equal([(b"a", b"1"), (b"A", b"2")])
    assert may_be_equal([(b"a", b"1"), (b"A", b"1")])
