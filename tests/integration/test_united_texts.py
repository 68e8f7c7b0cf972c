"""Texts of several tables in one list, of which one keeps characters that another one lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.servers import MariaDb
from tests.apis import Api, open_api
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  said(
    where: SaidFilter, sort: [SaidSort!], has: String @filter(field: "text", operator: CONTAINS)
    from: String @filter(field: "text", operator: GREATER_OR_EQUAL)
    first: Int, after: String, last: Int, before: String
  ): SaidConnection!
  told(first: Int, after: String): ToldConnection! @orderBy(fields: ["text"])
}
interface Said { text: String @filterable @sortable }
union Told = Old | Older
type Old implements Said @public { oldId: Int! text: String }
type New implements Said @public { newId: Int! text: String }
type Older @public { olderId: Int! text: String }
"""
TABLES = (
    "CREATE TABLE olds (old_id INT PRIMARY KEY, text VARCHAR(20), KEY (text, old_id))"
    " CHARACTER SET latin1",
    "CREATE TABLE olders (older_id INT PRIMARY KEY, text VARCHAR(20), KEY (text, older_id))"
    " CHARACTER SET latin1",
    "CREATE TABLE news (new_id INT PRIMARY KEY, text VARCHAR(20), KEY (text, new_id))"
    " CHARACTER SET utf8mb4",
    "INSERT INTO olds VALUES (1, 'a'), (2, '\u00e9'), (3, 'z'), (4, NULL), (5, '?'), (6, 'm')",
    "INSERT INTO olders VALUES (1, 'b')",
    "INSERT INTO news VALUES (1, 'a'), (2, '\u00e9'), (3, '\u65e5'), (4, NULL), (5, '\U0001f389'),"
    " (6, '?'), (7, '\u0142'), (8, 'm\u65e5')",
)
WHOLE = "{ said(sort: [{text: %s}], first: 50) { edges { cursor node { __typename text } } } }"
PAGE = """query ($first: Int, $after: String, $last: Int, $before: String) {
  said(sort: [{text: %s}], first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { __typename text } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


@pytest.fixture(scope="module")
def api(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "said.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, folder) as found:
            yield found


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_go_on_behind_a_text_that_one_table_cannot_hold(
    api: Api, direction: str, size: int
) -> None:
    whole = api.run(WHOLE % direction).data["said"]["edges"]
    assert len(whole) == 14
    forward: list[Any] = []
    backward: list[Any] = []
    given: dict[str, Any] = {"first": size}
    while len(forward) < len(whole):
        page = api.run(PAGE % direction, given).data["said"]
        forward += page["edges"]
        assert page["pageInfo"]["hasNextPage"] is (len(forward) < len(whole))
        given = {"first": size, "after": page["pageInfo"]["endCursor"]}
    assert forward == whole
    given = {"last": size}
    while len(backward) < len(whole):
        page = api.run(PAGE % direction, given).data["said"]
        backward = page["edges"] + backward
        assert page["pageInfo"]["hasPreviousPage"] is (len(backward) < len(whole))
        given = {"last": size, "before": page["pageInfo"]["startCursor"]}
    assert backward == whole


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('where: {text: {eq: "\u65e5"}}', ["\u65e5"]),
        ('where: {text: {in: ["\u65e5", "z"]}}', ["z", "\u65e5"]),
        ('where: {text: {startsWith: "\u65e5"}}', ["\u65e5"]),
        ('has: "\u65e5"', ["m\u65e5", "\u65e5"]),
        ('where: {not: {text: {ne: "\u65e5"}}}', [None, None, "\u65e5"]),
    ],
)
def test_rows_of_the_table_that_holds_it_are_found(
    api: Api, arguments: str, expected: list[str | None]
) -> None:
    found = api.run(f"{{ said({arguments}, sort: [{{text: ASC}}]) {{ nodes {{ text }} }} }}").data
    assert [each["text"] for each in found["said"]["nodes"]] == expected


@pytest.mark.parametrize(
    "arguments", ['where: {text: {lt: "\u65e5"}}', 'where: {not: {text: {gte: "\u65e5"}}}']
)
def test_no_row_is_before_or_after_what_one_table_cannot_hold(api: Api, arguments: str) -> None:
    """As in lists of this table alone, and not only for its rows."""
    argument = "lt" if "lt" in arguments else "gte"
    assert api.run(f"{{ said({arguments}) {{ totalCount }} }}").body["errors"] == [
        {
            "message": f"Query.said: argument 'text.{argument}' has a character that text cannot"
            " hold, so no row comes before or after it; leave the character out",
            "path": ["said"],
            "locations": [{"line": 1, "column": 3}],
            "code": "BAD_USER_INPUT",
        }
    ]


def test_a_cursor_with_a_text_that_no_table_holds_is_refused(api: Api) -> None:
    import base64

    asked = "query ($after: String) { told(first: 1, after: $after) { edges { cursor } } }"
    known = api.run(asked).data["told"]["edges"][0]["cursor"]
    text = base64.urlsafe_b64decode(known + "=" * (-len(known) % 4)).decode()
    forged = base64.urlsafe_b64encode(text.replace("null", '"\u65e5"', 1).encode()).decode()
    body = api.run(asked, {"after": forged.rstrip("=")}).body
    assert [each["code"] for each in body["errors"]] == ["BAD_USER_INPUT"]
