"""Rows of interfaces and unions: which statements are sent for them, and for whom."""

from __future__ import annotations

import pytest

from handler.access.principal import Principal
from handler.compiler.freshness import find_policy
from handler.compiler.plan import Plan
from handler.compiler.sql import compile_rows
from tests.callers import token
from tests.handler.compiler.plans import Compiler

RULED = """
type Query {
  contents(title: String, text: String @filter(field: "title", operator: PREFIX)): [Content!]!
    @public
  pages: [Page!]! @public
  shelfs: [Shelf!]! @public
}
interface Content @table(name: "posts") @discriminator(column: "kind") @cacheControl(maxAge: 60) {
  contentId: ID!
  title: String
  comments: [Comment!]!
  above: Content @relation(columns: ["above"], references: ["content_id"])
}
type Page implements Content @requiresScopes(scopes: [["pages"]]) {
  contentId: ID!
  title: String
  comments: [Comment!]!
  above: Content
  menuOrder: Int!
}
type Post implements Content
  @authenticated
  @rowAccess(field: "owner", claim: "sub", unlessScopes: [["all"]]) {
  contentId: ID!
  title: String @requiresScopes(scopes: [["titles"]])
  comments: [Comment!]!
  above: Content
  owner: ID
}
type Comment @authenticated @cacheControl(maxAge: 60) { commentId: ID! text: String! }
type Shelf @public {
  shelfId: ID!
  content: Content @relation(columns: ["of"], references: ["content_id"])
}
"""
COMPILER = Compiler.of(RULED)


def caller(*scopes: str) -> Principal:
    return token("somebody", *scopes).principal


def where(plan: Plan) -> str:
    """Which rows the first statement reads."""
    return str(plan.batches[0].rows_read)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        pytest.param(["pages", "all"], "kind IN ('page', 'Post')", id="all-members"),
        pytest.param(
            ["pages"], "(kind = 'page' or kind = 'Post' and owner = claim sub)", id="rows-of-one"
        ),
        pytest.param([], "kind = 'Post' and owner = claim sub", id="one-member"),
        pytest.param(["all"], "kind = 'Post'", id="one-member-whole"),
    ],
)
def test_rows_of_types_that_a_caller_may_not_read_are_not_there(
    scopes: list[str], expected: str
) -> None:
    compiler = Compiler.of(
        RULED.replace("implements Content @req", 'implements Content @value(column: "page") @req')
    )
    plan = compiler.plan("{ contents { __typename } }", principal=caller(*scopes))
    assert where(plan) == expected


def test_who_may_read_no_member_may_not_read_the_list() -> None:
    plan = COMPILER.plan("{ contents { __typename } }", principal=Principal.anonymous())
    assert str(plan) == "query\n  contents = forbidden, unless logged in"


@pytest.mark.parametrize(
    ("scopes", "is_open"),
    [
        pytest.param(["pages", "titles"], True, id="open"),
        pytest.param(["pages"], False, id="closed-by-one-member"),
        pytest.param(["titles"], True, id="its-rows-are-not-there"),
    ],
)
@pytest.mark.parametrize("argument", ["title", "text"])
def test_a_filter_tells_of_the_fields_of_all_members(
    argument: str, scopes: list[str], is_open: bool
) -> None:
    document = f'{{ contents({argument}: "x") {{ contentId }} }}'
    plan = COMPILER.plan(document, principal=caller(*scopes))
    assert plan.has_forbidden is not is_open


def test_a_field_is_forbidden_in_the_rows_of_one_type() -> None:
    plan = COMPILER.plan("{ contents { title } }", principal=caller("pages", "all"))
    assert str(plan).splitlines() == [
        "query",
        "  contents = batch 0: list of Content, ordered by contentId,"
        " where kind IN ('Page', 'Post')",
        "    ... on Page = a Content",
        "      title = t0.title as String",
        "    ... on Post = a Content",
        "      title = forbidden",
    ]


ALL = caller("pages", "titles", "all")


def test_what_members_share_is_asked_once_for_the_rows_of_all() -> None:
    plan = COMPILER.plan(
        "{ contents { comments { text } ... on Page { menuOrder above { comments { text } } } } }",
        principal=ALL,
    )
    assert [(batch.field, batch.only) for batch in plan.batches] == [
        ("Query.contents", None),
        ("Content.comments", None),
        ("Content.comments", (0, frozenset({b"0"}))),
    ]


def test_what_is_asked_of_one_type_is_not_asked_for_the_rows_of_others() -> None:
    plan = COMPILER.plan(
        "{ contents { ... on Page { a: comments { text } } ... on Post { b: comments { text } } }"
        " }",
        principal=ALL,
    )
    assert [batch.only for batch in plan.batches] == [
        None,
        (0, frozenset({b"0"})),
        (0, frozenset({b"1"})),
    ]


def test_a_joined_row_that_is_of_no_member_is_none() -> None:
    plan, values = COMPILER.bound("{ shelfs { content { __typename } } }", principal=ALL)
    (sent,) = compile_rows(plan, plan.batches[0], values)
    assert sent.text == (
        "SELECT t1.`content_id`, CASE t1.`kind` WHEN %s THEN 0 WHEN %s THEN 1 END FROM `shelfs` t0"
        " LEFT JOIN `posts` t1 ON t1.`content_id` = t0.`of` AND t1.`kind` IN (%s, %s)"
        " ORDER BY t0.`shelf_id` LIMIT %s"
    )


def test_an_answer_lives_as_long_as_the_interface_says_and_ends_with_all_tables() -> None:
    plan = COMPILER.plan("{ contents { comments { text } } }", principal=ALL)
    policy = find_policy(COMPILER.model, plan)
    assert policy is not None
    assert (policy.lifetime.max_age_s, policy.tables) == (60, ("comments", "posts"))


def test_a_member_of_which_nothing_is_said_ends_what_may_be_kept() -> None:
    silent = Compiler.of(
        RULED.replace(" @cacheControl(maxAge: 60) {\n  contentId", " {\n  contentId")
    )
    plan = silent.plan("{ contents { comments { text } } }", principal=ALL)
    assert find_policy(silent.model, plan) is None


MARKED = """
type Query {
  contents(sort: [ContentSort!], where: ContentFilter): [Content!]!
  pages(sort: [PageSort!], where: PageFilter): [Page!]!
  comments(sort: [CommentSort!], where: CommentFilter): [Comment!]!
}
interface Content @table(name: "posts") @discriminator(column: "kind") @key(fields: "id") {
  id: ID!
  title: String! @sortable @filterable
}
type Page implements Content { id: ID! title: String! menuOrder: Int @sortable @filterable }
type Post implements Content { id: ID! title: String! }
type Comment {
  commentId: ID!
  content: Content @relation(columns: ["post"], references: ["id"]) @sortable @filterable
}
"""


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(
            '{ contents(sort: [{title: DESC}], where: {title: {eq: "a"}}) { id } }',
            " FROM `posts` t0 WHERE t0.`title` = %s AND t0.`kind` IN (%s, %s)"
            " ORDER BY t0.`title` DESC, t0.`id` DESC LIMIT %s",
            id="of-an-interface",
        ),
        pytest.param(
            '{ pages(sort: [{menuOrder: ASC}, {title: ASC}], where: {title: {eq: "a"}}) { id } }',
            " FROM `posts` t0 WHERE t0.`title` = %s AND t0.`kind` = %s"
            " ORDER BY t0.`menu_order`, t0.`title`, t0.`id` LIMIT %s",
            id="of-a-member-by-what-its-interface-marks",
        ),
        pytest.param(
            '{ comments(where: {content: {title: {eq: "a"}}}) { commentId } }',
            " FROM `comments` t0 WHERE EXISTS (SELECT 1 FROM `posts` f1 WHERE f1.`id` = t0.`post`"
            " AND f1.`title` = %s AND f1.`kind` IN (%s, %s)) ORDER BY t0.`comment_id` LIMIT %s",
            id="by-a-row-of-an-interface",
        ),
        pytest.param(
            "{ comments(sort: [{content: {title: DESC}}]) { commentId } }",
            " LEFT JOIN `posts` k1 ON k1.`id` = k.`post` AND k1.`kind` IN (%s, %s)"
            " ORDER BY k1.`title` DESC, k.`comment_id` DESC LIMIT %s)",
            id="sorted-by-a-row-of-an-interface",
        ),
    ],
)
def test_made_filters_and_sorts_are_of_interfaces_too(document: str, expected: str) -> None:
    compiler = Compiler.of(MARKED)
    plan, values = compiler.bound(document)
    (sent,) = compile_rows(plan, plan.batches[0], values)
    assert expected in sent.text
