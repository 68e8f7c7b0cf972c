"""Lists in the order of an ENUM or a SET, which sort by the places of their labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.compiler.cursor import encode_cursor, fingerprint
from handler.sql.stored_type import StoredType
from tests.apis import Api, open_api
from tests.integration.servers import fetch_rows, fresh_database, run_script

TABLE = """
CREATE TABLE things (
  thing_id INT PRIMARY KEY,
  rating ENUM('R', 'G', 'it''s', 'PG', 'a,b', 'É') CHARACTER SET utf8mb4 NULL,
  features SET('z', 'b', 'm', 'a') CHARACTER SET utf8mb4 NOT NULL,
  KEY (rating, thing_id), KEY (features, thing_id)
)
"""
SDL = """
type Query @public {
  things(
    order: ThingOrder, rating: String, ratingFrom: String @filter(field: "rating", operator: GREATER_OR_EQUAL)
    ratingBelow: String @filter(field: "rating", operator: LESS)
    first: Int, after: String, last: Int, before: String
  ): ThingConnection!
}
enum ThingOrder {
  RATING @orderBy(fields: ["rating"])
  RATING_DOWN @orderBy(fields: ["rating DESC"])
  FEATURES @orderBy(fields: ["features"])
  FEATURES_DOWN @orderBy(fields: ["features DESC", "rating"])
}
type Thing @public { thingId: Int! rating: String features: String! }
type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! pageInfo: PageInfo! totalCount: Int! }
type ThingEdge { node: Thing! cursor: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""  # noqa: E501
ORDERS = {
    "RATING": "rating, thing_id",
    "RATING_DOWN": "rating DESC, thing_id DESC",
    "FEATURES": "features, thing_id",
    "FEATURES_DOWN": "features DESC, rating, thing_id",
}


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Any]]:
    folder: Path = tmp_path_factory.mktemp("labels")
    (folder / "test.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            TABLE,
            "SET sql_mode = ''",
            *(
                f"INSERT INTO things VALUES ({n}, {rating}, {features})"
                for n, (rating, features) in enumerate(
                    (r, f)
                    for r in ("NULL", *range(1, 7))
                    for f in ("''", "'a'", "'z,a'", "'b,m'", "'z,b,m,a'")
                )
            ),
        )
        with open_api(url, folder) as opened:
            yield opened, url


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
def test_pages_give_every_row_once_in_the_order_of_the_server(
    api: tuple[Api, Any], order: str, size: int, *, backward: bool
) -> None:
    asked, url = api
    expected = [
        row for (row,) in fetch_rows(url, f"SELECT thing_id FROM things ORDER BY {ORDERS[order]}")
    ]
    window = "last: $n, before: $c" if backward else "first: $n, after: $c"
    document = f"""query ($n: Int, $c: String) {{ things(order: {order}, {window}) {{
      nodes {{ thingId }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    found: list[int] = []
    cursor = None
    for _ in range(len(expected)):
        page = asked.run(document, {"n": size, "c": cursor}).data["things"]
        rows = [node["thingId"] for node in page["nodes"]]
        found = rows + found if backward else found + rows
        info = page["pageInfo"]
        cursor = info["startCursor" if backward else "endCursor"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            break
    assert found == expected


def test_ranges_of_labels_are_ranges_of_their_places(api: tuple[Api, Any]) -> None:
    """Whether or not an index is taken."""
    asked, _ = api
    document = "query ($f: String, $b: String) { things(ratingFrom: $f, ratingBelow: $b) { %s } }"
    counted, named = document % "totalCount", document % "nodes { rating }"
    for given, labels in [
        ({"f": "it's"}, {"it's", "PG", "a,b", "É"}),
        ({"b": "it's"}, {"R", "G"}),
        ({"f": "G", "b": "a,b"}, {"G", "it's", "PG"}),
        ({"f": "none"}, set()),
    ]:
        nodes = asked.run(named, given).data["things"]["nodes"]
        assert {node["rating"] for node in nodes} == labels
        assert asked.run(counted, given).data == {"things": {"totalCount": 5 * len(labels)}}


def test_cursor_with_a_label_that_the_column_has_not_is_refused(api: tuple[Api, Any]) -> None:
    asked, _ = api
    document = "query ($c: String) { things(order: RATING, after: $c) { nodes { thingId } } }"
    order = asked.plan(document).batches[0].order
    forged = encode_cursor(fingerprint("Query.things", order), (b"none", b"1")).decode()
    answer = asked.run(document, {"c": forged})
    assert [error["code"] for error in answer.body["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        ("enum", "b", 1),
        ("enum", "a", 2),
        ("enum", "", 0),
        ("enum", "c", None),
        ("set", "", 0),
        ("set", "b", 1),
        ("set", "a", 2),
        ("set", "b,a", 3),
        ("set", "b,c", None),
    ],
)
def test_number_of_labels(kind: str, text: str, number: int | None) -> None:
    assert StoredType(kind, labels=("b", "a")).number(text) == number
