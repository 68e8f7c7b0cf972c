"""Pages by number: below rows, through links that hold a pair twice, and over large tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aurora_graphql.check.finding import Severity
from aurora_graphql.dev.servers import MariaDb
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api
from tests.checked import checked, model_of
from tests.integration.servers import fresh_database, run_script

TABLES = (
    "CREATE TABLE tags (tag_id INT PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "CREATE TABLE posts (post_id INT PRIMARY KEY, author VARCHAR(20) NOT NULL,"
    " KEY posts_author (author, post_id))",
    # Without the unique index that there should be: the pair of 1 and 1 stands there twice.
    "CREATE TABLE post_tags (post_id INT NOT NULL, tag_id INT NOT NULL, KEY (post_id, tag_id))",
    "INSERT INTO tags VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
    "INSERT INTO posts VALUES (1, 'ada'), (2, 'Ada'), (3, 'bo'), (4, 'ada')",
    "INSERT INTO post_tags VALUES (1, 1), (1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (2, 4), (3, 1)",
)
POSTS = """
type Query {
  posts(author: String, first: Int, offset: Int): PostConnection! @page(maximumOffset: 50000)
  tags: [Tag!]!
  links: [PostTag!]!
}
type Post @public {
  postId: ID! @column(integer: true)
  author: String!
  tags(first: Int, after: String, offset: Int): TagConnection!
    @relation(through: {table: "post_tags"}) @page(maximumOffset: 10)
}
type Tag @public { tagId: ID! @column(integer: true) name: String! }
type PostTag @key(fields: "postId tagId") @public { postId: Int! tagId: Int! }
"""
GROUPS = """
extend type Query {
  sizes(first: Int, offset: Int): TagSizeConnection! @page(maximumOffset: 5)
}
extend type Tag {
  byPost(first: Int, offset: Int): [TagSize!]! @page(maximumOffset: 5)
    @relation(columns: ["tag_id"], references: ["tag_id"])
}
type TagSize @aggregate(of: "PostTag") @public { postId: Int! @group links: Int! @count }
"""


@pytest.fixture(scope="module")
def url(mariadb: MariaDb) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as found:
        run_script(found, *TABLES)
        yield found


@pytest.fixture(scope="module")
def api(url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "posts.graphql").write_text(POSTS + GROUPS)
    with open_api(url, folder) as found:
        yield found


@pytest.mark.parametrize("above", ["posts", 'posts(author: "ada")'])
@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        pytest.param(
            0, {"1": ("ab", False, True), "2": ("bd", False, False), "4": ("", False, False)}
        ),
        pytest.param(
            1, {"1": ("bc", True, True), "2": ("d", True, False), "4": ("", False, False)}
        ),
        pytest.param(3, {"1": ("d", True, False), "2": ("", True, False), "4": ("", False, False)}),
    ],
)
def test_each_parent_has_its_own_page(
    api: Api, above: str, offset: int, expected: dict[str, tuple[str, bool, bool]]
) -> None:
    """A pair that a link table holds twice is one entry, also among those that are left out."""
    data = api.run(
        f"""{{ {above} {{ nodes {{ postId tags(first: 2, offset: {offset}) {{
          nodes {{ name }} pageInfo {{ hasPreviousPage hasNextPage }} }} }} }} }}"""
    ).data
    found = {
        each["postId"]: (
            "".join(tag["name"] for tag in each["tags"]["nodes"]),
            each["tags"]["pageInfo"]["hasPreviousPage"],
            each["tags"]["pageInfo"]["hasNextPage"],
        )
        for each in data["posts"]["nodes"]
    }
    assert {number: found[number] for number in expected} == expected


def test_a_cursor_goes_on_from_a_page_by_number(api: Api) -> None:
    page = "{ nodes { name } pageInfo { endCursor } totalPages }"
    document = f"{{ posts(first: 1) {{ nodes {{ tags(first: 1, ARGUMENT) {page} }} }} }}"

    def ask(argument: str) -> dict[str, object]:
        found = api.run(document.replace("ARGUMENT", argument)).data
        tags: dict[str, object] = found["posts"]["nodes"][0]["tags"]
        return tags

    second = ask("offset: 1")
    assert (second["nodes"], second["totalPages"]) == ([{"name": "b"}], 5)
    cursor = second["pageInfo"]["endCursor"]  # type: ignore[index]
    assert ask(f'after: "{cursor}"')["nodes"] == [{"name": "c"}]
    errors = api.run(document.replace("ARGUMENT", f'offset: 1, after: "{cursor}"')).body["errors"]
    assert [each["message"] for each in errors] == [
        "Post.tags: offset counts rows from the start of the list, so after cannot stand beside "
        "it; leave one of them out"
    ]


def test_groups_are_paged_by_number_too(api: Api) -> None:
    page = (
        "{ nodes { postId links } totalCount totalPages pageInfo { hasPreviousPage hasNextPage } }"
    )
    data = api.run(
        f"""{{ sizes(first: 1, offset: 1) {page} beyond: sizes(first: 1, offset: 5) {page}
          tags {{ name byPost(first: 1, offset: 1) {{ postId links }} }} }}"""
    ).data
    counts = {"totalCount": 3, "totalPages": 3}
    assert data["sizes"] == {
        "nodes": [{"postId": 2, "links": 2}],
        "pageInfo": {"hasPreviousPage": True, "hasNextPage": True},
        **counts,
    }
    ends = {"hasPreviousPage": True, "hasNextPage": False}
    assert data["beyond"] == {"nodes": [], "pageInfo": ends, **counts}
    assert {each["name"]: each["byPost"] for each in data["tags"]} == {
        "a": [{"postId": 3, "links": 1}],
        "b": [{"postId": 2, "links": 1}],
        "c": [],
        "d": [{"postId": 2, "links": 1}],
    }


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(0, [], id="of-a-small-table"),
        pytest.param(20_000, [(Severity.WARNING, "20,000")], id="all-of-the-table"),
        pytest.param(10_000_000, [(Severity.WARNING, "50,000")], id="as-many-as-may-be"),
    ],
)
def test_the_check_speaks_of_offsets_over_large_tables(
    url: DatabaseUrl, rows: int, expected: list[tuple[Severity, str]]
) -> None:
    found = checked(model_of(POSTS), url, rows).findings
    told = [each for each in found if each.name == "offset: Query.posts(offset)"]
    assert [(each.severity, each.message.split()[4]) for each in told] == expected
    assert not any(each.name == "offset: Post.tags(offset)" for each in found)
