"""The check of interfaces over one table: the column, members' columns, and their indexes."""

from __future__ import annotations

import pytest

from handler.stores.url import DatabaseUrl
from tests.checked import MANY, checked, model_of
from tests.integration.servers import run_script

SDL = """
type Query { contents: [Content!]! pages: [Page!]! posts(title: String): [Post!]! }
interface Content @discriminator(column: "kind") {
  contentId: ID! @column(integer: true)
  title: String!
}
type Page implements Content { contentId: ID! title: String! menuOrder: Int! }
type Post implements Content { contentId: ID! title: String! }
"""
TABLE = """
CREATE TABLE contents (content_id INT PRIMARY KEY, kind VARCHAR(10), title VARCHAR(50) NOT NULL,
 menu_order INT NULL, KEY by_kind (kind, content_id), KEY by_title ({title}content_id))
"""
ROWS = "INSERT INTO contents VALUES (1, 'Page', 'A', 1), (2, 'Post', 'B', NULL)"


def said(database: DatabaseUrl, *scripts: str, least_rows: int = 0) -> list[str]:
    run_script(database, *scripts)
    found = checked(model_of(SDL), database, least_rows).findings
    return [f"{each.severity.value}: {each.name}" for each in found]


@pytest.mark.parametrize("title", ["title, ", "kind, title, "])
def test_an_index_may_begin_with_the_column_or_not(database: DatabaseUrl, title: str) -> None:
    found = said(database, TABLE.format(title=title), ROWS, least_rows=MANY)
    assert found == ["note: null: Page.menuOrder"]


def test_a_column_of_one_member_may_be_null_in_rows_of_others(database: DatabaseUrl) -> None:
    assert said(database, TABLE.format(title="title, "), ROWS) == []


def test_a_column_of_a_member_must_not_be_null_in_its_own_rows(database: DatabaseUrl) -> None:
    worse = "INSERT INTO contents VALUES (3, 'Page', 'C', NULL)"
    found = said(database, TABLE.format(title="title, "), ROWS, worse)
    assert found == ["error: null: Page.menuOrder"]


def test_a_list_of_a_member_needs_an_index_that_begins_with_the_column(
    database: DatabaseUrl,
) -> None:
    table = TABLE.format(title="title, ").replace("KEY by_kind (kind, content_id), ", "")
    found = said(database, table, ROWS, least_rows=MANY)
    assert found == [
        "note: null: Page.menuOrder",
        "error: index: Query.pages",
        "error: index: Query.posts",
    ]


def test_a_missing_discriminator_is_told(database: DatabaseUrl) -> None:
    table = TABLE.format(title="title, ").replace("kind VARCHAR(10), ", "")
    table = table.replace("KEY by_kind (kind, content_id), ", "")
    assert said(database, table)[0] == "error: missing: Content (discriminator)"
