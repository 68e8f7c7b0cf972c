"""Rows of every type by their global ids, on a real server: those that are, and those that are not.

Source: https://relay.dev/graphql/objectidentification.htm
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import Principal
from tests.apis import Api, open_api
from tests.callers import token
from tests.integration.servers import fresh_database, run_script

SDL = """
interface Node { id: ID! @globalId }
type Query {
  node(id: ID!): Node @public
  nodes(ids: [ID!]!): [Node]! @page(maximum: 40) @public
  product(id: ID!): Product @public
  productsBy(some: [ID!] @filter(field: "id")): [Product!]! @public
  content(id: ID!): Content @public
  products: [Product!]! @public
  lines: [Line!]! @public
  notes: [Note!]! @public
  days: [Day!]! @public
  contents: [Content!]! @public
  owned: [Owned!]! @public
}
type Product implements Node @public {
  id: ID!
  productId: ID! @column(integer: true)
  name: String!
  lines: [Line!]!
}
type Line implements Node @key(fields: "orderId line") @public {
  id: ID!
  orderId: ID!
  line: Int!
  product: Product
}
type Note implements Node @key(fields: "code") @public { id: ID! code: UUID! }
type Day implements Node @key(fields: "day") @public { id: ID! day: Date! }
interface Content implements Node @key(fields: "contentId") @discriminator(column: "kind") {
  id: ID!
  contentId: BigInt!
  title: String!
}
type Page implements Node & Content @public { id: ID! contentId: BigInt! title: String! }
type Post implements Node & Content @requiresScopes(scopes: [["posts"]]) {
  id: ID!
  contentId: BigInt!
  title: String!
}
type Owned implements Node @table(name: "owned") @authenticated
  @rowAccess(field: "owner", claim: "sub") {
  id: ID!
  ownedId: ID!
  owner: ID!
}
"""
TABLES = [
    "CREATE TABLE products (product_id INT PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "CREATE TABLE `lines` (order_id VARCHAR(20) NOT NULL, line INT NOT NULL, product_id INT,"
    " PRIMARY KEY (order_id, line), KEY by_product (product_id, order_id, line))"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "CREATE TABLE notes (code BINARY(16) PRIMARY KEY)",
    "CREATE TABLE days (day DATE PRIMARY KEY)",
    "CREATE TABLE contents (content_id BIGINT PRIMARY KEY, kind VARCHAR(10) NOT NULL,"
    " title VARCHAR(20) NOT NULL)",
    "CREATE TABLE owned (owned_id VARCHAR(10) PRIMARY KEY, owner VARCHAR(10) NOT NULL)"
    " CHARACTER SET utf8mb4",
    "INSERT INTO products VALUES (1, 'A'), (-7, 'B')",
    "INSERT INTO `lines` VALUES ('x', 1, 1), ('x', 2, -7), ('Ü\"', 1, NULL), ('', 0, 1)",
    "INSERT INTO notes VALUES (REPEAT(CHAR(255), 16)), (REPEAT(CHAR(0), 16))",
    "INSERT INTO days VALUES ('2020-02-29'), ('1000-01-01')",
    "INSERT INTO contents VALUES (9007199254740993, 'Page', 'P'), (2, 'Post', 'Q'), (3, 'x', 'R')",
    "INSERT INTO owned VALUES ('a', 'me'), ('b', 'you')",
]
LISTS = {
    "products": "Product",
    "lines": "Line",
    "notes": "Note",
    "days": "Day",
    "contents": "Content",
}
ME = token("me", "posts", sub="me").principal


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "a.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, Path(folder)) as found:
            yield found


def asked(api: Api, document: str, principal: Principal = ME, **variables: Any) -> Any:
    body = api.run(document, variables, principal=principal).body
    assert "errors" not in body, body
    return body["data"]


def ids_of(api: Api, name: str) -> list[str]:
    return [each["id"] for each in asked(api, f"{{ {name} {{ id }} }}")[name]]


def made(*parts: object) -> str:
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("name", [*LISTS, "owned"])
def test_every_row_is_found_by_its_id(api: Api, name: str) -> None:
    found = asked(api, f"{{ {name} {{ __typename id }} }}")[name]
    assert found
    for each in found:
        answer = api.run(
            "query ($id: ID!) { node(id: $id) { __typename id } }",
            {"id": each["id"]},
            principal=ME,
        )
        assert answer.body == {"data": {"node": each}}
        assert len(answer.statements) == 1
    wanted = [each["id"] for each in found]
    data = asked(api, "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=wanted)
    assert data == {"nodes": found}


def test_ids_of_all_types_come_in_the_order_in_which_they_are_given(api: Api) -> None:
    wanted = [each for name in reversed(LISTS) for each in ids_of(api, name)]
    wanted = [*wanted[::2], "none", *wanted[::-1]]
    answer = api.run(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Line { product { name } } } }",
        {"ids": wanted},
        principal=ME,
    )
    nodes = answer.body["data"]["nodes"]
    assert [each and each["id"] for each in nodes] == [e if e != "none" else None for e in wanted]
    assert len(answer.statements) == 6  # one for each type, of which two are of one interface


def test_ids_differ_between_all_rows(api: Api) -> None:
    every = [each for name in LISTS for each in ids_of(api, name)]
    assert len(set(every)) == len(every) == 12


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("", id="empty"),
        pytest.param("7", id="a-key"),
        pytest.param("🎉", id="no-ascii"),
        pytest.param(made("Product"), id="no-key"),
        pytest.param(made("Product", "1", "2"), id="a-key-too-many"),
        pytest.param(made("Product", "99"), id="no-row"),
        pytest.param(made("Product", "1x"), id="no-number"),
        pytest.param(made("Product", "01"), id="not-as-it-is-written"),
        pytest.param(made("Product", 1), id="a-number"),
        pytest.param(made("Product", "9" * 40), id="a-large-number"),
        pytest.param(made("Product", "1") + "=", id="padded"),
        pytest.param(made("Nobody", "1"), id="no-type"),
        pytest.param(made("Query", "1"), id="another-type"),
        pytest.param(made("Content", "2"), id="an-interface"),
        pytest.param(made("Page", "2"), id="another-member"),
        pytest.param(made("Page", "3"), id="of-no-member"),
        pytest.param(made("Day", "yesterday"), id="no-date"),
        pytest.param(made("Note", "00"), id="no-uuid"),
        pytest.param(made("Owned", "b"), id="of-somebody-else"),
        pytest.param("A" * 100_000, id="long"),
        pytest.param(made("Line", "'; --", "1"), id="a-quote"),
    ],
)
def test_what_is_no_id_finds_nothing(api: Api, wrong: str) -> None:
    document = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } product(id: $id) {"
    document += " name } content(id: $id) { title } productsBy(some: [$id]) { name } }"
    assert asked(api, document, id=wrong) == {
        "node": None,
        "nodes": [None],
        "product": None,
        "content": None,
        "productsBy": [],
    }


def test_look_ups_take_ids_of_their_own_type(api: Api) -> None:
    document = "query ($id: ID!) { product(id: $id) { name } productsBy(some: [$id]) { name } }"
    one = {"name": "A"}
    found = asked(api, document, id=made("Product", "1"))
    assert found == {"product": one, "productsBy": [one]}
    found = asked(api, "query ($id: ID!) { content(id: $id) { title } }", id=made("Post", "2"))
    assert found == {"content": {"title": "Q"}}


def test_rules_hold_for_rows_by_their_ids(api: Api) -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
    ids = [made("Owned", "a"), made("Post", "2"), made("Product", "1")]
    product = {"__typename": "Product"}
    for principal, expected in (
        (ME, [{"__typename": "Owned"}, {"__typename": "Post"}, product]),
        (token("you", sub="you").principal, [None, None, product]),
        (Principal.anonymous(), [None, None, product]),
    ):
        assert asked(api, document, principal, ids=ids) == {"nodes": expected}


def test_too_many_ids_are_refused(api: Api) -> None:
    answer = api.run("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 41})
    assert [each["message"] for each in answer.body["errors"]] == [
        "Query.nodes: ids may be at most 40, got 41"
    ]
