"""Relations through a link table: rows as a JOIN has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.access.principal import CallerKind, Principal
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query { posts: [Post!]! }
type Post @public {
  postId: ID! @column(integer: true)
  tags: [Tag!]! @relation(through: {table: "post_tags"})
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
  weight: Int!
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
