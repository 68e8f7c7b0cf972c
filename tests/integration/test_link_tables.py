"""Relations through a link table: rows as a JOIN has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymysql.cursors import DictCursor

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from handler.sql.statement import Statement
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.integration.servers import connect, fresh_database, run_script

SDL = """
type Query { posts(where: PostFilter, first: Int): [Post!]! post(postId: ID!): Post }
type Post @public {
  postId: ID! @column(integer: true)
  tags(where: TagFilter): [Tag!]! @relation(through: {table: "post_tags"}) @filterable
  page(first: Int, after: String, last: Int, before: String): TagConnection!
    @relation(through: {table: "post_tags"})
  tagCount: Int! @count(of: "tags")
  weight: Int! @sum(of: "tags", field: "weight")
}
type PostTag @key(fields: "postId tagId") @table(name: "post_tags") @public
  @rowAccess(field: "owner", claim: "owner", unlessScopes: [["all"]]) {
  postId: ID! @column(integer: true)
  tagId: ID! @column(integer: true)
  owner: String
}
type Tag @public {
  tagId: ID! @column(integer: true)
  weight: Int! @filterable
  cursor: String! @cursor
  links: [PostTag!]!
}
type TagConnection { edges: [TagEdge!]! nodes: [Tag!]! pageInfo: PageInfo! totalCount: Int! }
type TagEdge { node: Tag! cursor: String! }
type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
"""
# Post, tag, owner.
LINKS = [(1, 1, "ann"), (1, 2, "bob"), (1, 3, "ann"), (2, 2, "ann"), (2, 3, "bob"), (3, 1, "bob")]


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE posts (post_id INT PRIMARY KEY)",
            "CREATE TABLE tags (tag_id INT PRIMARY KEY, weight INT NOT NULL)",
            "CREATE TABLE post_tags (post_id INT, tag_id INT, owner VARCHAR(9) COLLATE utf8mb4_bin,"
            " PRIMARY KEY (post_id, tag_id))",
            "INSERT INTO posts VALUES (1), (2), (3), (4)",
            "INSERT INTO tags VALUES (1, 10), (2, 200), (3, 3000)",
            *(f"INSERT INTO post_tags VALUES ({p}, {t}, '{o}')" for p, t, o in LINKS),
        )
        folder = tmp_path_factory.mktemp("sdl")
        (folder / "a.graphql").write_text(SDL)
        with open_api(url, folder) as opened:
            yield opened


ANN = Principal(kind=CallerKind.TOKEN, subject="x", claims={"owner": "ann"})


@pytest.mark.parametrize(("caller", "owners"), [(None, {"ann", "bob"}), (ANN, {"ann"})])
def test_rows_counts_and_pages(api: Api, caller: Any, owners: set[str]) -> None:
    def tags(post: int) -> list[int]:
        return [t for p, t, o in LINKS if p == post and o in owners]

    data = api.run(
        "{ posts { postId tags { tagId } tagCount weight"
        " page(first: 1) { totalCount nodes { tagId } pageInfo { hasNextPage endCursor } } } }",
        principal=caller,
    ).data
    weights = {1: 10, 2: 200, 3: 3000}
    assert data["posts"] == [
        {
            "postId": str(post),
            "tags": [{"tagId": str(t)} for t in tags(post)],
            "tagCount": len(tags(post)),
            "weight": sum(weights[t] for t in tags(post)),
            "page": {
                "totalCount": len(tags(post)),
                "nodes": [{"tagId": str(t)} for t in tags(post)[:1]],
                "pageInfo": {
                    "hasNextPage": len(tags(post)) > 1,
                    "endCursor": each["page"]["pageInfo"]["endCursor"],
                },
            },
        }
        for post, each in zip(range(1, 5), data["posts"], strict=True)
    ]
    cursor = data["posts"][0]["page"]["pageInfo"]["endCursor"]
    data = api.run(
        "query($c: String) { posts { page(first: 5, after: $c)"
        " { nodes { tagId } pageInfo { hasPreviousPage } } } }",
        {"c": cursor},
        principal=caller,
    ).data
    assert [[int(n["tagId"]) for n in p["page"]["nodes"]] for p in data["posts"]] == [
        [t for t in tags(post) if t > 1] for post in range(1, 5)
    ]


@pytest.mark.parametrize(("caller", "owners"), [(None, {"ann", "bob"}), (ANN, {"ann"})])
def test_filters_by_far_rows_go_over_the_links_that_the_caller_sees(
    api: Api, caller: Any, owners: set[str]
) -> None:
    heavy = {(p, t) for p, t, o in LINKS if o in owners and t > 1}
    data = api.run(
        "{ posts(where: {tags: {some: {weight: {gt: 100}}}}) { postId"
        " tags(where: {weight: {gt: 100}}) { tagId } } }",
        principal=caller,
    ).data
    assert {post["postId"]: [int(t["tagId"]) for t in post["tags"]] for post in data["posts"]} == {
        str(post): sorted(t for p, t in heavy if p == post) for post, _ in heavy
    }
    data = api.run(
        "{ posts(where: {tags: {none: {weight: {gt: 100}}}}) { postId } }", principal=caller
    ).data
    light = {1, 2, 3, 4} - {post for post, _ in heavy}
    assert [int(post["postId"]) for post in data["posts"]] == sorted(light)


# ------------------------------------------------------ a link table that holds pairs twice

TWICE = """
type Query { boxes: [Box!]! box(boxId: ID!): Box }
type Box @public {
  boxId: ID! @column(integer: true)
  all: [Thing!]! @relation(through: {table: "contents"}) @orderBy(fields: ["name"])
  things(first: Int, after: String, last: Int, before: String): ThingConnection!
    @relation(through: {table: "contents"}) @orderBy(fields: ["name DESC"])
  packed(first: Int, after: String, last: Int, before: String): PackedConnection!
    @relation(through: {table: "contents"}) @orderBy(fields: ["edge.day"])
}
type Thing @public { thingId: ID! @column(integer: true) name: String! }
type PackedEdge { node: Thing! cursor: String! day: Int! }
"""
# Box, thing, day.
CONTENTS = [
    *((1, thing, day) for thing in range(1, 8) for day in range(thing % 4)),
    *[(1, 2, 0)] * 5,
    *[(2, 7, 1)] * 4,
    (2, 6, 1), (3, 1, 0), (3, 1, 9), (3, 1, 9),
]  # fmt: skip
NAMES = {number: "abcabca"[number - 1] for number in range(1, 8)}


@pytest.fixture(scope="module")
def twice(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE boxes (box_id INT PRIMARY KEY)",
            "CREATE TABLE things (thing_id INT PRIMARY KEY, name VARCHAR(9) COLLATE utf8mb4_bin)",
            "CREATE TABLE contents (box_id INT, thing_id INT, day INT, KEY (box_id, thing_id))",
            "INSERT INTO boxes VALUES (1), (2), (3), (4)",
            *(f"INSERT INTO things VALUES ({n}, '{name}')" for n, name in NAMES.items()),
            *(f"INSERT INTO contents VALUES ({b}, {t}, {d})" for b, t, d in CONTENTS),
        )
        folder = tmp_path_factory.mktemp("sdl")
        (folder / "a.graphql").write_text(TWICE)
        with open_api(url, folder) as opened:
            yield opened


def in_box(box: int) -> list[int]:
    """What is in a box, each thing once, by name downwards."""
    found = {thing for each, thing, _ in CONTENTS if each == box}
    return sorted(found, key=lambda thing: (NAMES[thing], thing), reverse=True)


def walk(api: Api, ask: str, field: str, wanted: str, size: int, *, back: bool) -> list[Any]:
    """All entries of a list of a box, page by page; ``ask``: up to the box."""
    found: list[Any] = []
    place = ""
    end = "}" * ask.count("{")
    while True:
        size_of = f"{'last' if back else 'first'}: {size}{place}"
        data = api.run(
            f"{ask} {field}({size_of}) {{ edges {{ {wanted} }} pageInfo {{ hasNextPage"
            f" hasPreviousPage startCursor endCursor }} }} {end}"
        ).data
        box = data["box"] if "box" in data else data["boxes"][0]
        page, info = box[field]["edges"], box[field]["pageInfo"]
        assert len(page) <= size
        found = [*page, *found] if back else [*found, *page]
        if not info["hasPreviousPage" if back else "hasNextPage"]:
            return found
        assert len(page) == size
        place = f', before: "{info["startCursor"]}"' if back else f', after: "{info["endCursor"]}"'


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_a_row_that_is_linked_twice_is_one_entry_of_all_pages(
    twice: Api, size: int, back: bool
) -> None:
    for box in (1, 2, 3, 4):
        ask = f'{{ box(boxId: "{box}") {{'
        found = walk(twice, ask, "things", "node { thingId }", size, back=back)
        assert [int(each["node"]["thingId"]) for each in found] == in_box(box)
    found = walk(twice, "{ boxes {", "things", "node { thingId }", size, back=back)
    assert [int(each["node"]["thingId"]) for each in found] == in_box(1)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_rows_that_differ_in_the_links_order_are_entries_of_their_own(
    twice: Api, size: int, back: bool
) -> None:
    for box in (1, 2, 3):
        ask = f'{{ box(boxId: "{box}") {{'
        found = walk(twice, ask, "packed", "day node { thingId }", size, back=back)
        expected = sorted({(day, thing) for each, thing, day in CONTENTS if each == box})
        assert [(each["day"], int(each["node"]["thingId"])) for each in found] == expected


def test_whole_lists_show_a_row_that_is_linked_twice_once(twice: Api) -> None:
    data = twice.run("{ boxes { boxId all { thingId } } box(boxId: 2) { all { thingId } } }").data
    assert {
        box["boxId"]: {int(each["thingId"]) for each in box["all"]} for box in data["boxes"]
    } == {str(box): set(in_box(box)) for box in (1, 2, 3, 4)}
    assert [len(box["all"]) for box in data["boxes"]] == [len(in_box(box)) for box in (1, 2, 3, 4)]
    assert [int(each["thingId"]) for each in data["box"]["all"]] == in_box(2)[::-1]


# Boxes, whose letters the link table's collation does not tell apart.
@pytest.mark.parametrize("boxes", ["a", "ab", "aáb"])
def test_a_row_that_is_linked_twice_is_found_by_keys_of_other_letters(
    mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory, boxes: str
) -> None:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE boxes (box_id VARCHAR(9) COLLATE utf8mb4_bin PRIMARY KEY)",
            "CREATE TABLE things (thing_id INT PRIMARY KEY, name VARCHAR(9) NOT NULL)",
            "CREATE TABLE contents (box_id VARCHAR(9) COLLATE utf8mb4_general_ci, thing_id INT,"
            " day INT, KEY (box_id, thing_id))",
            *(f"INSERT INTO boxes VALUES ('{box}')" for box in boxes),
            "INSERT INTO things VALUES (1, 'c'), (2, 'b'), (3, 'a')",
            "INSERT INTO contents VALUES ('A', 1, 1), ('A', 1, 1), ('A', 2, 1), ('b', 3, 1),"
            " ('b', 3, 1)",
        )
        folder = tmp_path_factory.mktemp("sdl")
        (folder / "a.graphql").write_text(
            TWICE.replace("boxId: ID! @column(integer: true)", "boxId: ID!")
        )
        with open_api(url, folder) as opened:
            data = opened.run(
                "{ boxes { boxId all { thingId } things(first: 2) { nodes { thingId } } } }"
            ).data
    expected = {"a": ["2", "1"], "á": ["2", "1"], "b": ["3"]}
    found = {box["boxId"]: [each["thingId"] for each in box["all"]] for box in data["boxes"]}
    assert found == {box: expected[box] for box in boxes}
    pages = {box["boxId"]: box["things"]["nodes"] for box in data["boxes"]}
    assert pages == {box: [{"thingId": n} for n in expected[box][::-1]] for box in boxes}


def test_a_link_table_that_is_gone_fails_its_fields_and_no_others(
    mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE boxes (box_id INT PRIMARY KEY)",
            "CREATE TABLE things (thing_id INT PRIMARY KEY, name VARCHAR(9))",
            "INSERT INTO boxes VALUES (1)",
        )
        folder = tmp_path_factory.mktemp("sdl")
        (folder / "a.graphql").write_text(TWICE.replace("[Thing!]!", "[Thing!]"))
        with open_api(url, folder) as opened:
            body = opened.run("{ boxes { boxId all { thingId } } }").body
    assert body["data"] == {"boxes": [{"boxId": "1", "all": None}]}
    (error,) = body["errors"]
    assert (error["message"], error["path"]) == ("Internal error", ["boxes", 0, "all"])


# --------------------------------------------------------------- columns of every kind

KINDS = """
type Query { sides: [Side!]! marks(first: Int): [Mark!]! }
type Side @public {
  sideId: ID! @column(integer: true)
  others(first: Int, after: String, last: Int, before: String, order: MarkOrder): MarkedConnection!
    @relation(through: {table: "marks", columns: ["side_id"], references: ["other_id"]})
}
type Mark @public @key(fields: "sideId otherId") {
  sideId: ID! @column(integer: true) otherId: ID! @column(integer: true)
  FIELDS
}
type MarkedEdge { node: Side! cursor: String! FIELDS }
enum MarkOrder { ORDERS }
enum Label { Z @value(column: "z") A @value(column: "a") }
"""
COLUMNS = {
    "single": ("Float", "FLOAT", ["0.1", "16777216", "NULL", "-2.5e-7"]),
    "double": ("Float", "DOUBLE", ["0.1", "1e300", "NULL", "-2.5e-7"]),
    "time": ("Time", "TIME(3)", ["'-01:00:00.5'", "'00:00:00'", "NULL", "'838:59:59'"]),
    "flag": ("Boolean", "BIT(1)", ["b'0'", "b'1'", "NULL"]),
    "bits": ("BigInt", "BIT(40)", ["b'0'", "b'111111111111111111111111111111111'", "NULL"]),
    "uuid": ("UUID", "BINARY(16)", ["REPEAT('a', 16)", "REPEAT('Z', 16)", "NULL"]),
    "bytes": ("Bytes", "VARBINARY(9)", ["'a'", "X'00FF'", "''", "NULL"]),
    "label": ("Label", "ENUM('z', 'a')", ["'z'", "'a'", "NULL"]),
    "day": ("Date", "DATETIME", ["'2024-02-29 10:00:00'", "'2024-02-29 09:00:00'", "NULL"]),
    "amount": ("Decimal", "DECIMAL(20, 4)", ["-0.5", "1e12", "NULL"]),
    "text": ("String", "VARCHAR(20) COLLATE utf8mb4_unicode_ci", ["'a'", "'A '", "'ä'", "NULL"]),
    "year": ("Int", "YEAR", ["2024", "1999", "NULL"]),
    "json": ("JSON", "JSON", ["'{}'", "'[1, 2]'", "NULL"]),
    "point": ("GeoJSON", "POINT", ["ST_GeomFromText('POINT(1 2)')", "NULL"]),
    "tags": ("[String!]", "SET('x', 'b')", ["'x'", "'x,b'", "''", "NULL"]),
}
UNORDERED = ("json", "point", "tags")


@pytest.fixture(scope="module")
def kinds(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    columns = ", ".join(f"`{name}` {sql} NULL" for name, (_, sql, _) in COLUMNS.items())
    rows = [
        f"({side}, {other}, "
        + ", ".join(
            values[(side * 7 + other * (number + 1)) % len(values)]
            for number, (_, _, values) in enumerate(COLUMNS.values())
        )
        + ")"
        for side in range(1, 4)
        for other in range(1, 9)
    ]
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE sides (side_id INT PRIMARY KEY)",
            f"CREATE TABLE marks (side_id INT, other_id INT, {columns},"
            " PRIMARY KEY (side_id, other_id))",
            f"INSERT INTO sides VALUES {', '.join(f'({n})' for n in range(1, 9))}",
            f"INSERT INTO marks VALUES {', '.join(rows)}",
        )
        folder = tmp_path_factory.mktemp("sdl")
        fields = " ".join(f"{name}: {scalar}" for name, (scalar, _, _) in COLUMNS.items())
        orders = " ".join(
            f'{name} @orderBy(fields: ["edge.{name}"]) {name}_down @orderBy(fields:'
            f' ["edge.{name} DESC"])'
            for name in COLUMNS
            if name not in UNORDERED
        )
        sdl = KINDS.replace("FIELDS", fields).replace("ORDERS", orders)
        (folder / "a.graphql").write_text(sdl)
        with open_api(url, folder) as opened:
            yield opened


def test_an_edge_shows_what_a_type_on_the_link_table_shows(kinds: Api) -> None:
    fields = " ".join(COLUMNS)
    data = kinds.run(
        f"{{ marks(first: 100) {{ sideId otherId {fields} }}"
        f" sides {{ sideId others(first: 50) {{ edges {{ node {{ sideId }} {fields} }} }} }} }}"
    ).data
    shown = {(mark.pop("sideId"), mark.pop("otherId")): mark for mark in data["marks"]}
    assert len(shown) == 24
    assert {
        (side["sideId"], edge.pop("node")["sideId"]): edge
        for side in data["sides"]
        for edge in side["others"]["edges"]
    } == shown


@pytest.mark.parametrize("direction", ["", "_down"])
@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in UNORDERED])
def test_pages_in_the_order_of_a_links_column_neither_repeat_nor_skip(
    kinds: Api, name: str, direction: str
) -> None:
    order = f"order: {name}{direction}"
    data = kinds.run(f"{{ sides {{ others(first: 50, {order}) {{ nodes {{ sideId }} }} }} }}").data
    whole = [node["sideId"] for node in data["sides"][0]["others"]["nodes"]]
    assert sorted(whole) == [str(n) for n in range(1, 9)]
    for size, back in ((1, False), (3, False), (1, True), (3, True)):
        found: list[str] = []
        place = ""
        while True:
            asked = f"{'last' if back else 'first'}: {size}, {order}{place}"
            data = kinds.run(
                f"{{ sides {{ others({asked}) {{ nodes {{ sideId }} pageInfo {{ startCursor"
                f" endCursor hasNextPage hasPreviousPage }} }} }} }}"
            ).data
            page, info = data["sides"][0]["others"]["nodes"], data["sides"][0]["others"]["pageInfo"]
            nodes = [node["sideId"] for node in page]
            found = [*nodes, *found] if back else [*found, *nodes]
            if not info["hasPreviousPage" if back else "hasNextPage"]:
                break
            place = (
                f', before: "{info["startCursor"]}"' if back else f', after: "{info["endCursor"]}"'
            )
        assert found == whole


# ---------------------------------------------------------------------- how they are read


@pytest.fixture(scope="module")
def large(
    mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Api, DatabaseUrl]]:
    """As many rows as make the optimizers choose as they do for large tables."""
    with fresh_database(mariadb) as url:
        links = [(post, (post * 7 + n * 13) % 400) for post in range(1000) for n in range(6)]
        run_script(
            url,
            "CREATE TABLE posts (post_id INT PRIMARY KEY)",
            "CREATE TABLE tags (tag_id INT PRIMARY KEY, weight INT NOT NULL, KEY (weight))",
            "CREATE TABLE post_tags (post_id INT, tag_id INT, owner VARCHAR(9) COLLATE utf8mb4_bin,"
            " PRIMARY KEY (tag_id, post_id), KEY (post_id))",
            f"INSERT INTO posts VALUES {', '.join(f'({n})' for n in range(1000))}",
            f"INSERT INTO tags VALUES {', '.join(f'({n}, {n % 9})' for n in range(400))}",
            "INSERT INTO post_tags VALUES "
            + ", ".join(f"({post}, {tag}, 'ann')" for post, tag in sorted(set(links))),
            "ANALYZE TABLE posts, tags, post_tags",
        )
        folder = tmp_path_factory.mktemp("sdl")
        (folder / "a.graphql").write_text(SDL)
        with open_api(url, folder) as opened:
            yield opened, url


def explained(url: DatabaseUrl, statement: Statement) -> list[dict[str, Any]]:
    """The server's plan, a line for each table."""
    with connect(url) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {statement.text}", statement.parameters)
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("posts(first: 100) { tags { weight } }", id="lists-of-100-parents"),
        pytest.param("post(postId: 7) { tags { weight } }", id="list-of-one-parent"),
        pytest.param("post(postId: 7) { page(first: 2) { nodes { weight } } }", id="page"),
        pytest.param(
            "post(postId: 7) { page(last: 2, before: CURSOR) { nodes { weight } } }",
            id="page-before-a-cursor",
        ),
    ],
)
def test_rows_come_in_the_order_of_the_link_tables_index(
    large: tuple[Api, DatabaseUrl], wanted: str
) -> None:
    """Without a temporary table, and without a sort."""
    api, url = large
    found = api.run("{ post(postId: 7) { page(first: 4) { pageInfo { endCursor } } } }").data
    cursor = f'"{found["post"]["page"]["pageInfo"]["endCursor"]}"'
    answer = api.run(f"{{ {wanted.replace('CURSOR', cursor)} }}")
    assert answer.data
    lines = explained(url, answer.statements[1])
    links = [line for line in lines if line["key"] == "post_id"]
    assert len(links) == 1, lines
    assert all(line["key"] == "PRIMARY" for line in lines if line["table"] in ("t0", "k")), lines
    inner = [line for line in lines if not str(line["table"]).startswith("<derived")]
    assert not any(
        word in (line["Extra"] or "") for line in inner for word in ("temporary", "filesort")
    ), lines
