"""What the SDL says of a place where it would hold nothing, or against what it says elsewhere."""

from __future__ import annotations

import pytest

from tests.handler.model.mistakes import A, told

SHOP = """
type Order { orderId: ID! note: String day: Date! customer: Customer }
type Customer { customerId: ID! orders: [Order!]! }
"""
GROUPS = """
type G @aggregate(of: "Order") { note: String @group n: Int! @count }
"""
PAGES = """
type OrderConnection { edges: [OrderEdge!]! nodes: [Order!]! totalCount: Int! byNote: [G!]! }
type OrderEdge { node: Order! cursor: String! }
"""
NODES = """
interface Node { id: ID! @globalId }
type N implements Node { id: ID! nId: ID! name: String }
"""
PAYMENTS = """
interface Pay @discriminator(column: "kind") { payId: ID! amount: Int }
type Card implements Pay { payId: ID! amount: Int }
"""

NO_WHERE = (
    "@where is for a type whose rows are read from a table, for a relation, or for a field of the "
    "query type over rows; take it away"
)
NO_FACET = "@facet is for a list of groups beside the page of a connection; take it away"
NO_KIND = (
    "is a part of the connection pattern, and @{0} says what stands behind a field of rows; take "
    "it away"
)
BY_IDS = (
    "gives the rows of global ids in the order of these: @orderBy is not for it, and of @page only "
    "the maximum, of a list"
)
GROUP_FIELD = (
    "a field of a type of groups is a key, with @group, or made of the rows of a group, with one "
    "of @count, @sum, @min, @max, @avg"
)


def query(fields: str, more: str) -> str:
    return f"type Query {{ {fields} }}{more}"


def groups(key: str = "note: String @group", root: str = "gs: [G!]!", said: str = "") -> str:
    """A list of groups, with what is said of their key and of their type."""
    made = GROUPS.replace("note: String @group", key).replace('"Order")', f'"Order") {said}')
    return query(root, made + SHOP)


def page(before: str, after: str) -> str:
    """A connection, with something else in the place of one of its fields."""
    return query("os(first: Int): OrderConnection!", PAGES.replace(before, after) + GROUPS + SHOP)


def node(fields: str) -> str:
    return query(fields, NODES)


MISTAKES = [
    # Groups.
    pytest.param(
        groups('id: ID! @globalId @group(field: "orderId")'),
        f"2:35: G.id: {GROUP_FIELD}",
        id="global-id-of-a-group",
    ),
    pytest.param(
        groups('note: String @group @where(field: "note", value: "x")'),
        f"2:55: G.note: {NO_WHERE}",
        id="where-on-a-key",
    ),
    pytest.param(
        groups('note: String @group @orderBy(fields: ["n"])'),
        "2:35: field 'note': @orderBy is for a list or a connection of rows; take it away",
        id="order-on-a-key",
    ),
    pytest.param(
        groups("note: String @group @page(default: 3)"),
        "2:35: field 'note': @page is for a list or a connection of rows; take it away",
        id="page-on-a-key",
    ),
    pytest.param(
        groups(said='@searchable(fields: ["note"]) '),
        "2:1: type G is of groups of Order: @searchable is for a type of rows; take it away, the "
        "one of Order holds",
        id="searchable-groups",
    ),
    pytest.param(
        groups(
            root="gs(having: H): [G!]! } input H { s: String @filter(operator: MATCH, "
            'fields: ["note"])'
        ),
        "1:47: argument 's' searches 'note', which is no String of G with a column of its own; it "
        "may be one of none, because G has no such field",
        id="search-among-groups",
    ),
    pytest.param(
        groups(
            root='gs(s: String @filter(operator: MATCH, fields: ["note"])): [G!]! '
            '@orderBy(fields: ["relevance(s)"])'
        ),
        "1:14: @orderBy names relevance(s), which is of a row, and this list gives groups of rows; "
        "order them by their own fields",
        id="groups-by-relevance",
    ),
    pytest.param(
        groups(root='os: [Order!]! gs: [G!]! n: Int! @count(of: "gs")'),
        "1:38: Query.n: @count(of: 'gs') must name fields that lead to rows, and 'gs' of Query is "
        "none; there are: os",
        id="count-of-groups",
    ),
    pytest.param(
        query('a: A @orderBy(fields: ["n"]) as: [A!]! c: Int! @count(of: "a")', A),
        "1:53: Query.c: @count(of: 'a') must name fields that lead to rows, and 'a' of Query is "
        "none; there are: as",
        id="count-of-the-first",
    ),
    # Facets.
    pytest.param(
        groups(root="gs: [G!]! @facet(ownFilter: false)"),
        f"1:14: Query.gs: {NO_FACET}",
        id="facet-of-the-root",
    ),
    pytest.param(
        query("as: [A!]!", A.replace("n: Int", "n: Int @facet")),
        f"1:42: A.n: {NO_FACET}",
        id="facet-on-a-column",
    ),
    pytest.param(
        page("totalCount: Int!", "totalCount: Int! @facet"),
        f"2:62: OrderConnection.totalCount: {NO_FACET}",
        id="facet-on-a-count",
    ),
    *(
        pytest.param(
            page("byNote: [G!]!", f"byNote: [G!]! @{said}"),
            f"2:79: OrderConnection.byNote {NO_KIND.format(said.partition('(')[0])}",
            id=f"facet-and-{said.partition('(')[0]}",
        )
        for said in (
            "resolver",
            'count(of: "nodes")',
            'relation(columns: ["a"], references: ["b"])',
        )
    ),
    # Other parts of a page.
    pytest.param(
        page("node: Order!", 'node: Order! @column(name: "x")'),
        f"3:18: OrderEdge.node {NO_KIND.format('column')}",
        id="column-of-a-node",
    ),
    pytest.param(
        page("edges: [OrderEdge!]!", 'edges: [OrderEdge!]! @orderBy(fields: ["note"])'),
        "2:24: field 'edges': @orderBy is for a list or a connection of rows; take it away",
        id="order-on-edges",
    ),
    # Global ids.
    pytest.param(
        query("as: [A!]!", "type A { aId: ID! id: [ID!]! @globalId }"),
        "1:43: A.id: @globalId is for an ID without arguments; make it `id: ID! @globalId`",
        id="list-of-global-ids",
    ),
    pytest.param(
        node('node(id: ID!): Node @where(field: "name", value: "x")'),
        f"1:34: Query.node: {NO_WHERE}",
        id="where-by-id",
    ),
    pytest.param(
        node('node(id: ID!): Node @orderBy(fields: ["name"])'),
        f"1:14: Query.node {BY_IDS}",
        id="order-by-id",
    ),
    pytest.param(
        node("node(id: ID!): Node @page(maximum: 5)"),
        f"1:14: Query.node {BY_IDS}",
        id="page-by-id",
    ),
    *(
        pytest.param(
            node(f"nodes(ids: [ID!]!): [Node]! {said}"),
            f"1:14: Query.nodes {BY_IDS}",
            id=f"by-ids-{said}",
        )
        for said in ('@orderBy(fields: ["name"])', "@page(default: 5)", "@page(maximumOffset: 7)")
    ),
    *(
        pytest.param(
            node(f"nodes(ids: [ID!]!): [Node]! @page(maximum: {most})"),
            f"1:14: field 'nodes': @page needs 1 <= default <= maximum, got default {most} and "
            f"maximum {most}",
            id=f"at-most-{most}-ids",
        )
        for most in (0, -3)
    ),
    pytest.param(
        node("node(id: ID! @filter(operator: NOT_EQUAL)): Node"),
        "1:19: argument 'id' of 'node' finds rows by their global ids: take @filter away",
        id="filter-by-id",
    ),
    pytest.param(
        node("nodes(ids: [ID!]!): [[Node]]!"),
        "1:14: field 'nodes': a list of lists has no rows",
        id="lists-by-ids",
    ),
    # Conditions.
    pytest.param(
        query(
            "as: [A!]!",
            A.replace(" {", ' @where(field: "n", value: 1) @where(field: "n", value: 2) {'),
        ),
        "1:61: type A: @where: no row fulfils both n EQUAL 1 and n EQUAL 2; for rows of either "
        "write one with operator: IN",
        id="two-values",
    ),
    pytest.param(
        query(
            'as: [A!]! @where(column: "n", value: 2)',
            A.replace(" {", ' @where(field: "n", value: 1) {'),
        ),
        "1:24: Query.as: @where: no row fulfils both n EQUAL 1 and n EQUAL 2; for rows of either "
        "write one with operator: IN",
        id="another-value-than-the-type",
    ),
    pytest.param(
        query(
            "ps: [Pay!]!", PAYMENTS.replace("Pay {", 'Pay @where(column: "kind", value: "Cash") {')
        ),
        '3:26: type Card: @where: no row fulfils both kind EQUAL "Card" and kind EQUAL "Cash"; '
        "for rows of either write one with operator: IN",
        id="another-value-than-the-member",
    ),
    pytest.param(
        query("ps: [Pay!]!", PAYMENTS.replace("Pay {", 'Pay @aggregate(of: "Pay") {')),
        "3:1: type Card is of groups, which stand in no table; take @aggregate away here, or "
        "@discriminator from Pay",
        id="member-of-groups",
    ),
    # Pages.
    *(
        pytest.param(
            query(f"as({given}): [A!]! @page(default: 2, maximum: 5{more})", A),
            f"1:{at}: argument '{name}' of 'as' is 7 by default, and @page allows 5 at most",
            id=f"{name}-by-default",
        )
        for name, given, more, at in (
            ("first", "first: Int = 7", "", 17),
            ("last", "last: Int = 7, before: String", "", 17),
            ("offset", "first: Int, offset: Int = 7", ", maximumOffset: 5", 29),
        )
    ),
]


@pytest.mark.parametrize(("sdl", "message"), MISTAKES)
def test_what_would_hold_nothing_is_refused(sdl: str, message: str) -> None:
    assert told(sdl) == f"test.graphql:{message}"


FINE = [
    page("byNote: [G!]!", "byNote: [G!]! @facet"),
    node("nodes(ids: [ID!]!): [Node]! @page(maximum: 5)"),
    query("as(first: Int = 5): [A!]! @page(default: 2, maximum: 5)", A),
    query(
        'as: [A!]! @where(column: "n", value: 1)',
        A.replace(" {", ' @where(field: "n", value: 1) {'),
    ),
]


@pytest.mark.parametrize("sdl", FINE)
def test_what_holds_something_is_not(sdl: str) -> None:
    assert told(sdl) is None
