"""Groups of the rows of an interface or a union over one table: of those that a caller sees."""

from __future__ import annotations

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
type Query {
  contents(where: ContentFilter, first: Int): ContentConnection!
  byKind(title: String): [ByKind!]! @public
  byAuthor(having: ByAuthorFilter): [ByAuthor!]! @public
  hits: [ByHit!]! @public
  drafts: [ByDraft!]!
}
interface Content @discriminator(column: "kind") {
  contentId: ID! @column(integer: true)
  kind: String!
  title: String! @filterable
  author: Author
  size: Int
}
type Page implements Content @public {
  contentId: ID! kind: String! title: String! author: Author size: Int
}
type Post implements Content @authenticated @rowAccess(field: "title", claim: "title") {
  contentId: ID! kind: String! title: String! author: Author
  size: Int @requiresScopes(scopes: [["sizes"]])
}
union Hit @table(name: "contents") @discriminator(column: "kind") = Page | Post
union Draft @table(name: "contents") @discriminator(column: "kind") = Post
type Author @public { authorId: ID! @column(integer: true) name: String! byKind: [ByKind!]! }
type ByKind @aggregate(of: "Content") @public {
  kind: String! @group
  contents: Int! @count
  size: Int @sum(field: "size")
}
type ByAuthor @aggregate(of: "Content") @public {
  author: String @group(field: "author.name")
  contents: Int! @count @filterable
}
type ByHit @aggregate(of: "Hit") @public { title: String! @group contents: Int! @count }
type ByDraft @aggregate(of: "Draft") @public { title: String! @group contents: Int! @count }
extend type ContentConnection { kinds: [ByKind!]! @facet }
"""
TABLES = (
    "CREATE TABLE contents (content_id INT PRIMARY KEY, kind VARCHAR(10), title VARCHAR(50)"
    " CHARACTER SET utf8mb4 NOT NULL, author_id INT, size INT, KEY (author_id))",
    "CREATE TABLE authors (author_id INT PRIMARY KEY, name VARCHAR(10) NOT NULL)",
    "INSERT INTO authors VALUES (1, 'a'), (2, 'b')",
    "INSERT INTO contents VALUES (1, 'Page', 'x', 1, 3), (2, 'Post', 'x', 1, 4),"
    " (3, 'Post', 'y', 2, 5), (4, 'Page', 'y', NULL, 6), (5, 'other', 'x', 1, 7)",
)
READER = token("me", "sizes", title="x").principal
ANYBODY = Principal.anonymous()


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("contents")
    (folder / "contents.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, Path(folder)) as found:
            yield found


@pytest.mark.parametrize(
    ("caller", "document", "expected"),
    [
        (
            READER,
            "{ byKind { kind contents size } }",
            {
                "byKind": [
                    {"kind": "Page", "contents": 2, "size": 9},
                    {"kind": "Post", "contents": 1, "size": 4},
                ]
            },
        ),
        (ANYBODY, "{ byKind { kind contents } }", {"byKind": [{"kind": "Page", "contents": 2}]}),
        (
            READER,
            '{ byKind(title: "y") { kind contents } }',
            {"byKind": [{"kind": "Page", "contents": 1}]},
        ),
        (
            READER,
            "{ byAuthor(having: {contents: {gt: 1}}) { author contents } }",
            {"byAuthor": [{"author": "a", "contents": 2}]},
        ),
        (
            READER,
            "{ hits { title contents } }",
            {"hits": [{"title": "x", "contents": 2}, {"title": "y", "contents": 1}]},
        ),
        (
            READER,
            '{ contents(where: {title: {eq: "x"}}) { totalCount kinds { kind contents } } }',
            {
                "contents": {
                    "totalCount": 2,
                    "kinds": [
                        {"kind": "Page", "contents": 1},
                        {"kind": "Post", "contents": 1},
                    ],
                }
            },
        ),
        (
            ANYBODY,
            "{ contents(first: 1) { nodes { author { name byKind { kind contents } } } } }",
            {
                "contents": {
                    "nodes": [
                        {"author": {"name": "a", "byKind": [{"kind": "Page", "contents": 1}]}},
                    ]
                }
            },
        ),
    ],
)
def test_groups_are_of_the_rows_that_a_caller_sees(
    api: Api, caller: Principal, document: str, expected: dict[str, Any]
) -> None:
    assert api.run(document, principal=caller).data == expected


def test_groups_need_what_their_fields_need_in_each_member(api: Api) -> None:
    body = api.run("{ byKind { size } }", principal=ANYBODY).body
    assert [each["code"] for each in body["errors"]] == ["UNAUTHENTICATED"]
    body = api.run("{ drafts { title } }", principal=ANYBODY).body
    assert [each["code"] for each in body["errors"]] == ["UNAUTHENTICATED"]
