"""``@where``: what is refused, and that no statement reads rows without what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from handler.access.principal import CallerKind, Principal
from handler.compiler.sql import compile_facts, compile_rows
from handler.jobs.api_user import read_columns
from handler.model.column import Column
from handler.sql.operators import Operator
from tests.handler.compiler.plans import Compiler, statements
from tests.handler.model.mistakes import told


def schema(on_type: str = "", on_one: str = "", on_many: str = "", query: str = "") -> str:
    return f"""
type Query {{ as(first: Int, after: String): AConnection! {query} }}
type A {on_type} {{
  id: ID! @column(integer: true)
  n: Int!
  price: Decimal
  at: DateTime
  kind: Kind
  tags: [Kind!]
  b: B {on_one}
  bs: [B!]! @relation(through: {{table: "ab"}}) {on_many}
}}
type B {{ id: ID! aId: ID name: String }}
enum Kind {{ X @value(column: "ex") Y }}
"""


EITHER = (
    'write either a field, such as (field: "deletedAt", operator: IS_NULL, value: true), or a '
    'column that no field shows, such as (column: "post_type", value: "page")'
)
NO_FIELD = (
    "is no field of the rows that is a single value; there are: id, n, price, at, kind, tags; a "
    "column that no field shows is named by column:"
)
KINDS = "write a text, a number, true or false, or a list of one of these kinds"
LISTS = "IN and NOT_IN take a list of values, all other operators one value"
REFUSED = [
    pytest.param("value: 1", EITHER, id="no-column"),
    pytest.param('field: "n", column: "n", value: 1', EITHER, id="two-columns"),
    pytest.param('field: "m", value: 1', f"'m' {NO_FIELD}", id="no-such-field"),
    pytest.param('field: "b", value: 1', f"'b' {NO_FIELD}", id="a-relation"),
    pytest.param('column: " ", value: 1', "the column has no name", id="blank-column"),
    pytest.param(
        'field: "n", value: "1"', 'Int cannot represent non-integer value: "1"', id="another-type"
    ),
    pytest.param(
        'field: "n", operator: IN, value: 1', f"{LISTS}; found 1 for IN", id="one-for-several"
    ),
    pytest.param('field: "n", value: [1]', f"{LISTS}; found [1] for EQUAL", id="several-for-one"),
    pytest.param(
        'field: "n", operator: IN, value: []',
        "an empty list has no value; name some, or take it away",
        id="empty-list",
    ),
    pytest.param(
        'field: "n", operator: IN, value: [1, null]',
        "null equals nothing: say operator: IS_NULL, value: true",
        id="null-in-a-list",
    ),
    pytest.param(
        'field: "kind", value: Z', 'kind has no value "Z"; there are: X, Y', id="no-such-label"
    ),
    pytest.param(
        'field: "kind", operator: PREFIX, value: "X"',
        "kind is Kind, and the operator PREFIX needs a String or an ID",
        id="operator-that-does-not-fit",
    ),
    pytest.param(
        'field: "at", operator: IS_NULL, value: 1',
        "Boolean cannot represent a non boolean value: 1",
        id="null-or-not",
    ),
    pytest.param(
        'field: "n", operator: IS_NULL, value: true',
        "n is never null; take the ! away there, or this here",
        id="null-of-what-is-never-null",
    ),
    pytest.param(
        'field: "id", value: "x"', 'id holds whole numbers, and "x" is none', id="no-number"
    ),
    pytest.param(
        'column: "x", value: {a: 1}', f"{{a: 1}} is no value of a column; {KINDS}", id="an-object"
    ),
    pytest.param(
        'column: "x", operator: IN, value: ["a", 1]',
        f'["a", 1] is no value of a column; {KINDS}',
        id="values-of-two-kinds",
    ),
]


@pytest.mark.parametrize(("said", "message"), REFUSED)
def test_a_condition_that_cannot_hold_is_refused_at_its_place(said: str, message: str) -> None:
    sdl = schema(f"\n@where({said})")
    assert told(sdl) == f"test.graphql:4:1: type A: @where: {message}"


FOR = (
    "@where is for a type whose rows are read from a table, for a relation, or for a field of the "
    "query type over rows"
)
ELSEWHERE = [
    pytest.param(schema(on_one='n2: Int @where(field: "n", value: 1)'), "A.n2", id="on-a-column"),
    pytest.param(
        schema(on_one='c: Int! @count(of: "bs") @where(field: "id", value: 1)'),
        "A.c",
        id="on-a-count",
    ),
    pytest.param(
        schema(query='x: Int @resolver @where(field: "id", value: 1)'), "Query.x", id="on-python"
    ),
    pytest.param(
        'type Query @where(column: "x", value: 1) { a: A } type A { id: ID! }',
        "type Query",
        id="on-the-root",
    ),
    pytest.param(
        "type Query { as: AConnection! } type A { id: ID! } "
        'type AConnection @where(column: "x", value: 1) { edges: [AEdge!]! }',
        "type AConnection",
        id="on-a-page",
    ),
    pytest.param(
        "type Query { as: AConnection! } type A { id: ID! } "
        'type AConnection { edges: [AEdge!]! nodes: [A!]! @where(column: "x", value: 1) }',
        "AConnection.nodes",
        id="on-a-list-of-a-page",
    ),
]


@pytest.mark.parametrize(("sdl", "place"), ELSEWHERE)
def test_a_condition_of_no_rows_is_refused(sdl: str, place: str) -> None:
    assert str(told(sdl)).partition(": ")[2] == f"{place}: {FOR}; take it away"


def lost(where: str) -> str:
    return (
        "A.b must not be null, but the B that it leads to may be one that @where hides "
        f"({where}); take the ! away"
    )


TENANT = '@relation(columns: ["tenant", "b"], references: ["tenant", "id"])'
LIVE = '@where(column: "live", value: true)'


def tenants(a: str, b: str) -> str:
    return (
        f'type Query {{ as: [A!]! }} type A @where(column: "tenant", value: {a}) {{ id: ID! '
        f'b: B! {TENANT} }} type B @where(column: "tenant", value: {b}) {{ id: ID! }}'
    )


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        pytest.param(
            f"type Query {{ as: [A!]! }} type A {{ id: ID! b: B! }} type B {LIVE} {{ id: ID! }}",
            lost("live EQUAL true"),
            id="of-the-type",
        ),
        pytest.param(
            f"type Query {{ as: [A!]! }} type A {{ id: ID! b: B! {LIVE} }} type B {{ id: ID! }}",
            lost("live EQUAL true"),
            id="of-the-field",
        ),
        pytest.param(
            'type Query { as: [A!]! } type A { id: ID! b: B! @relation(through: {table: "ab"}) } '
            f'type L @table(name: "ab") @key(fields: "aId") {LIVE} {{ aId: ID! bId: ID! }} '
            "type B { id: ID! }",
            lost("live EQUAL true"),
            id="of-the-link-table",
        ),
        pytest.param(tenants("1", "2"), lost("tenant EQUAL 2"), id="another-of-its-own"),
        pytest.param(tenants("1", "1"), None, id="the-same-of-its-own"),
    ],
)
def test_a_row_that_must_be_there_is_not_hidden(sdl: str, message: str | None) -> None:
    found = told(sdl)
    assert (found and found.partition(": ")[2]) == message


VALUES = [
    pytest.param("price", "EQUAL", "1.25", Decimal("1.25"), id="decimal"),
    pytest.param(
        "at", "GREATER", '"2020-01-01T00:00:00Z"', "2020-01-01 00:00:00.000000", id="time"
    ),
    pytest.param("kind", "EQUAL", "X", "ex", id="label"),
    pytest.param("kind", "IN", '[X, "Y"]', ("ex", "Y"), id="labels"),
    pytest.param("tags", "HAS", "Y", "Y", id="item"),
    pytest.param("id", "EQUAL", '"7"', 7, id="number-of-an-id"),
    pytest.param("at", "IS_NULL", "false", False, id="no-null"),
]


@pytest.mark.parametrize(("field", "operator", "literal", "given"), VALUES)
def test_a_value_is_a_parameter_as_an_argument_is(
    field: str, operator: str, literal: str, given: Any
) -> None:
    said = f'@where(field: "{field}", operator: {operator}, value: {literal})'
    plan, _ = Compiler.of(schema(said)).bound("{ as { nodes { id } } }")
    (guard,) = plan.batches[0].rows_read.guards
    (leaf,) = guard.leaves()
    assert leaf.value == given  # type: ignore[attr-defined]  # it is a comparison


@pytest.mark.parametrize(
    ("literal", "scalar"),
    [
        pytest.param('"page"', "String", id="text"),
        pytest.param("7", "BigInt", id="number"),
        pytest.param("1.5", "Decimal", id="fraction"),
        pytest.param("false", "Boolean", id="truth"),
    ],
)
def test_a_column_that_no_field_shows_is_of_the_type_of_its_value(
    literal: str, scalar: str
) -> None:
    model = Compiler.of(schema(f'@where(column: "hidden", value: {literal})')).model
    (found,) = model.tables["A"].conditions
    assert (found.filter.column.stored_name, found.filter.column.scalar) == ("hidden", scalar)
    assert "hidden" in read_columns(model)["as"]


def test_a_column_that_a_field_shows_is_of_the_type_of_that_field() -> None:
    model = Compiler.of(schema('@where(column: "kind", value: "Y")')).model
    (found,) = model.tables["A"].conditions
    assert found.filter.column is model.tables["A"].column("kind")


POSTS = """
type Query {
  posts(first: Int, after: String): PostConnection!
  post(postId: ID!): Post
  recent: [Post!]! @where(field: "title", operator: PREFIX, value: "x")
  tags(where: TagFilter): [Tag!]!
}
type Post
  @where(field: "deletedAt", operator: IS_NULL, value: true)
  @where(column: "post_type", value: "post")
{
  postId: ID!
  title: String! @filterable
  deletedAt: DateTime
  author: User
  parent: Post @relation(columns: ["parent_id"], references: ["post_id"])
  tags: [Tag!]!
    @relation(through: {table: "post_tags"})
    @where(column: "edge.live", value: true)
    @where(field: "name", value: "n")
  tagCount: Int! @count(of: "tags")
}
type Tag {
  tagId: ID!
  name: String!
  posts: [Post!]! @filterable @relation(through: {table: "post_tags"})
}
type User { userId: ID! name: String posts(first: Int): [Post!]! size: Int! @count(of: "posts") }
"""
POST = "`deleted_at` IS NULL AND {0}.`post_type` = %s"


def post(alias: str) -> str:
    return f"{alias}.{POST.format(alias)}"


def texts(document: str, keys: Any = None, batch: int = 0) -> tuple[str, ...]:
    """The first statement of a batch and its parameters."""
    (found,) = statements(Compiler.of(POSTS), document, keys=keys, batch=batch)
    return found.text, *map(str, found.parameters)


def test_a_look_up_by_key_finds_no_row_of_another_kind() -> None:
    assert texts('{ post(postId: "1") { title } }') == (
        f"SELECT t0.`title` FROM `posts` t0 WHERE t0.`post_id` = %s AND {post('t0')} LIMIT %s",
        "1",
        "post",
        "1",
    )


def test_a_page_is_chosen_and_counted_by_the_conditions() -> None:
    plan, values = Compiler.of(POSTS).bound("{ posts(first: 1) { totalCount nodes { title } } }")
    (page,) = compile_rows(plan, plan.batches[0], values)
    assert page.text == (
        f"SELECT t0.`title` FROM ((SELECT k.`post_id` FROM `posts` k WHERE {post('k')} ORDER BY "
        f"k.`post_id` LIMIT %s)) page JOIN `posts` t0 ON t0.`post_id` = page.`post_id` AND "
        f"{post('t0')} ORDER BY t0.`post_id` LIMIT %s"
    )
    assert page.parameters == ("post", 2, "post", 2)
    counted = compile_facts(plan, plan.batches[0], values)
    assert counted.text == f"SELECT (SELECT COUNT(*) FROM `posts` r WHERE {post('r')})"


def test_conditions_of_a_field_come_before_those_of_the_type() -> None:
    found = texts("{ recent { title } }")
    assert f"WHERE k.`title` LIKE %s ESCAPE '|' AND {post('k')} ORDER BY" in found[0]
    assert found[1:3] == ("x%", "post")
    assert "NO_SKIP_SCAN" in found[0]  # as for an argument that is a range


def test_a_row_of_another_kind_is_not_led_to() -> None:
    assert (
        f"LEFT JOIN `posts` t1 ON t1.`post_id` = t0.`parent_id` AND {post('t1')} "
        in texts("{ recent { parent { title } } }")[0]
    )


def test_links_rows_and_counts_keep_to_the_conditions_of_the_relation() -> None:
    document = "{ recent { tagCount tags { name } } }"
    joined = "JOIN `post_tags` {0}_1 ON {0}.`tag_id` = {0}_1.`tag_id` AND {0}_1.`live` <> 0"
    many = texts(document, keys=[("1",), ("2",)], batch=1)
    assert f"{joined.format('t0')} WHERE t0_1.`post_id` IN (%s, %s) AND t0.`name` = %s" in many[0]
    counted = f"{joined.format('r')} WHERE r_1.`post_id` = t0.`post_id` AND r.`name` = %s)"
    assert f"(SELECT COUNT(*) FROM `tags` r {counted}" in texts(document)[0]


def test_a_filter_by_a_relation_finds_no_row_of_another_kind() -> None:
    text = texts("{ tags(where: {posts: {some: {}}}) { name } }")[0]
    assert (
        "EXISTS (SELECT 1 FROM `posts` f1 JOIN `post_tags` f1_1 ON f1.`post_id` = f1_1.`post_id` "
        f"WHERE f1_1.`tag_id` = t0.`tag_id` AND {post('f1')})"
    ) in text


def test_pages_of_parents_and_counts_of_them_keep_to_the_conditions() -> None:
    document = "{ recent { author { size posts(first: 1) { title } } } }"
    plan, values = Compiler.of(POSTS).bound(document)
    (pages,) = compile_rows(plan, plan.batches[1], values, [("1",), ("2",)])
    page = f"SELECT k.`post_id` FROM `posts` k WHERE k.`user_id` = %s AND {post('k')}"
    assert pages.text.count(page) == 2
    assert pages.parameters == ("1", "post", 2, "2", "post", 2, "post", 4)
    assert f"FROM `posts` r WHERE r.`user_id` = t1.`user_id` AND {post('r')}" in texts(document)[0]


LINKS = """
type Query { as: [A!]! }
type A { id: ID! bs: [B!]! @relation(through: {table: "ab"}) }
type B { id: ID! }
type X @table(name: "ab") ONE { id: ID! }
type Y @table(name: "ab") TWO { id: ID! }
"""


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        pytest.param("1", "2", "AND (t0_1.`x` = %s OR t0_1.`x` = %s) WHERE", id="of-either-kind"),
        pytest.param("1", None, "= t0_1.`b_id` WHERE", id="of-a-type-with-all-rows"),
    ],
)
def test_a_link_is_a_row_of_a_type_that_stands_on_it(
    one: str | None, two: str | None, expected: str
) -> None:
    sdl = LINKS
    for word, said in (("ONE", one), ("TWO", two)):
        sdl = sdl.replace(word, "" if said is None else f'@where(column: "x", value: {said})')
    (found,) = statements(Compiler.of(sdl), "{ as { bs { id } } }", keys=[("1",)], batch=1)
    assert expected in found.text


def test_a_condition_makes_one_row_of_a_key() -> None:
    sdl = """
type Query { b(aId: ID!): B @where(field: "language", value: 1) as: [A!]! }
type A { id: ID! b: B @relation(columns: ["id"], references: ["a_id"]) %s }
type B @key(fields: "aId language") { aId: ID! language: Int! }
"""
    assert told(sdl % '@where(field: "language", value: 1)') is None
    assert "is not a key of it" in str(told(sdl % ""))
    assert "is not a key of it" in str(
        told(sdl % '@where(field: "language", operator: IN, value: [1])')
    )


def test_a_rule_through_a_row_does_not_lead_to_a_hidden_one() -> None:
    sdl = """
type Query { items: [Item!]! }
type Item @public @rowAccess(through: "order") { id: ID! order: Order }
type Order @public @where(column: "live", value: true) @rowAccess(field: "id", claim: "c") {
  id: ID!
}
"""
    caller = Principal(kind=CallerKind.TOKEN, subject="ann", claims={"c": "1"})
    plan, values = Compiler.of(sdl).bound("{ items { id } }", principal=caller)
    assert str(plan.batches[0].rows_read) == "order.live = 1 and order.id = claim c"
    (found,) = compile_rows(plan, plan.batches[0], values)
    assert "EXISTS (SELECT 1 FROM `orders` g1 WHERE g1.`id` = t0.`order_id` AND g1.`live` <> 0" in (
        found.text
    )


def test_the_plan_says_what_holds() -> None:
    plan = str(Compiler.of(POSTS).plan("{ recent { tags { name } } }"))
    assert plan == (
        "query\n"
        "  recent = batch 0: list of Post, ordered by postId, where title LIKE 'x%' and deletedAt "
        "IS NULL and post_type = 'post'\n"
        "    tags = batch 1: list of Tag for each post_id of post_tags, ordered by tagId, where "
        "name = 'n'\n"
        "      name = t0.name as String"
    )


def test_a_column_is_known_by_its_operator() -> None:
    model = Compiler.of(POSTS).model
    deleted, kind = model.tables["Post"].conditions
    assert (deleted.filter.operator, kind.filter.operator) == (Operator.IS_NULL, Operator.EQUAL)
    assert isinstance(kind.filter.column, Column)
    assert (deleted.fixed, kind.fixed) == (None, "post_type")


def test_a_condition_of_several_values_can_be_looked_up() -> None:
    model = Compiler.of(schema('@where(field: "n", operator: IN, value: [1, 2])')).model
    (found,) = model.tables["A"].conditions
    assert (found.value, str(found)) == ((1, 2), "n IN [1, 2]")
