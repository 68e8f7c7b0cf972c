"""From SDL to the model: conventions, directives, and a clear word about what cannot be served."""

from __future__ import annotations

import json

import pytest

from handler.errors import SchemaError
from handler.model.aggregates import Aggregate, Count, Sum
from handler.model.column import Column, ColumnRef
from handler.model.cursor_field import CursorField
from handler.model.list_reader import PageDefaults
from handler.model.lists import RowsField, Shape
from handler.model.relations import Hop, Path, ToMany, ToOne
from handler.model.resolver_field import ResolverField
from handler.sql.operators import Operator
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SHOP = (
    """
type Query {
  orders(
    ids: [ID!] @filter(field: "id"), by: OrderSort = NEWEST, after: String, first: Int
  ): [Order!]! @page(default: 5, maximum: 20)
  order(id: ID!): Order
  bySlug(slug: String!): Order
  latest: OrderConnection!
  today: String @resolver
}
enum OrderSort {
  NEWEST @orderBy(fields: ["placedAt DESC", "id DESC"])
  STATE @orderBy(fields: ["state"])
}
enum State { OPEN @value(column: "o") PAID }
type Order @table(name: "shop%orders")
  @key(fields: "id") @key(fields: "region slug") @key(fields: "slug") {
  id: ID! @column(integer: true)
  region: String!
  slug: String!
  state: State
  placedAt: DateTime! @column(name: "at")
  taxed: Decimal! @expression(sql: "ROUND({net} * 1.2, 2)")
  cursor: String! @cursor
  lines: LineConnection! @relation(columns: ["id"], references: ["order_no"])
  lineCount: Int! @count(of: "lines")
  paid: Decimal @sum(of: "lines", field: "amount")
  risk: Float @resolver(requires: "slug state")
  twin: Order @relation(columns: ["twin_id"], references: ["id"])
}
type Line @key(fields: "orderNo lineNo") { orderNo: Int! lineNo: Int! amount: Decimal }
type LineConnection { nodes: [Line!]! edges: [LineEdge!]! }
type LineEdge { node: Line! cursor: String! }
type OrderConnection { edges: [OrderEdge!]! pageInfo: PageInfo! totalCount: Int! }
type OrderEdge { node: Order! cursor: String! }
"""
    + PAGE_INFO
)


def test_every_field_finds_what_stands_behind_it() -> None:
    model = Compiler.of(SHOP).model
    order = model.tables["Order"]
    assert (order.name, order.key) == ("shop%orders", ("id",))
    assert order.unique_keys == (("id",), ("region", "slug"), ("slug",))
    assert model.tables["Line"].name == "lines"
    identifier = order.column("id")
    assert (identifier.stored_name, identifier.is_integer) == ("id", True)
    assert order.column("placedAt").stored_name == "at"
    assert order.column("state").enum_values == {"OPEN": "o", "PAID": "PAID"}
    taxed = order.column("taxed")
    assert taxed.stored_name is None
    assert taxed.parts == ("ROUND(", ColumnRef("net"), " * 1.2, 2)")
    kinds = {name: type(found) for name, found in order.fields.items()}
    assert kinds == {
        "id": Column,
        "region": Column,
        "slug": Column,
        "state": Column,
        "placedAt": Column,
        "taxed": Column,
        "cursor": CursorField,
        "lines": ToMany,
        "lineCount": Aggregate,
        "paid": Aggregate,
        "risk": ResolverField,
        "twin": ToOne,
    }
    functions = {n: each.function for n, each in order.of_kind(Aggregate).items()}
    assert functions == {"lineCount": Count(), "paid": Sum()}
    lines = order.fields["lines"]
    assert isinstance(lines, ToMany)
    assert lines.path == Path((Hop(("id",), ("order_no",), lines.rows.target),))
    assert lines.rows.shape is Shape.CONNECTION
    twin = order.fields["twin"]
    assert isinstance(twin, ToOne)
    assert twin.path == Path((Hop(("twin_id",), ("id",), "Order"),))
    assert model.resolvers == {"Query.today", "Order.risk"}
    with pytest.raises(KeyError):
        order.column("twin")


def test_list_knows_its_filters_orders_and_sizes() -> None:
    root = Compiler.of(SHOP).model.roots["orders"]
    assert isinstance(root, RowsField)
    assert root.shape is Shape.LIST
    assert [(f.argument, f.column.field, f.operator) for f in root.filters] == [
        ("ids", "id", Operator.IN)
    ]
    assert root.order_argument == "by"
    orders = {name: [str(term) for term in order] for name, order in root.orders.items()}
    assert orders == {"NEWEST": ["placedAt DESC", "id DESC"], "STATE": ["state", "id"]}
    assert root.order == root.orders["NEWEST"], "the argument's default"
    assert (root.default_size, root.maximum_size) == (5, 20)
    assert root.paging == {"first", "after"}


@pytest.mark.parametrize(
    ("page", "paging", "expected"),
    [
        pytest.param("", "(first: Int)", (50, 200), id="page-takes-the-settings"),
        pytest.param("", "", (1000, 1000), id="plain-list-takes-its-maximum"),
        pytest.param("@page(maximum: 10)", "(first: Int)", (10, 10), id="maximum-caps-the-default"),
        pytest.param("@page(default: 300)", "(first: Int)", (300, 300), id="default-lifts-maximum"),
        pytest.param("@page(maximum: 70)", "(first: Int)", (50, 70), id="default-stays-below"),
        pytest.param("@page(maximum: 7)", "", (7, 7), id="plain-list-maximum"),
    ],
)
def test_page_sizes(page: str, paging: str, expected: tuple[int, int]) -> None:
    model = Compiler.of(f"type Query {{ as{paging}: [A!]! {page} }} type A {{ id: ID! }}").model
    root = model.roots["as"]
    assert isinstance(root, RowsField)
    assert (root.default_size, root.maximum_size) == expected


def test_page_defaults_come_from_the_settings() -> None:
    pages = PageDefaults(size=3, maximum=4, list_maximum=5)
    model = Compiler.of(
        "type Query { as(first: Int): [A!]! bs: [A!]! } type A { id: ID! }", pages
    ).model
    sizes = [
        (r.default_size, r.maximum_size) for r in model.roots.values() if isinstance(r, RowsField)
    ]
    assert sizes == [(3, 4), (5, 5)]


def test_convention_joins_by_the_key_of_the_one_side() -> None:
    model = Compiler.of(
        "type Query { a(aId: ID!): A }"
        " type A { aId: ID! bs: [B!]! }"
        ' type B @key(fields: "bId part") { bId: ID! part: Int! a: A! }'
    ).model
    many, one = model.tables["A"].fields["bs"], model.tables["B"].fields["a"]
    assert isinstance(many, ToMany)
    assert isinstance(one, ToOne)
    assert many.path == Path((Hop(("a_id",), ("a_id",), "B"),))
    assert one.path == Path((Hop(("a_id",), ("a_id",), "A"),))


def test_fields_of_what_a_resolver_gives_may_have_functions_of_their_own() -> None:
    model = Compiler.of(
        "type Query { now: Now @resolver } type Now { hour: Int later: Now @resolver }"
    ).model
    assert model.resolvers == {"Query.now", "Now.later"}


def test_order_ends_in_the_key_in_the_direction_of_its_last_term() -> None:
    model = Compiler.of(
        'type Query { as: [A!]! @orderBy(fields: ["n ASC", "m DESC"])'
        ' bs: [A!]! @orderBy(fields: ["y"]) }'
        ' type A @key(fields: "x y") { x: ID! y: ID! n: Int m: Int }'
    ).model
    orders = [[str(t) for t in r.order] for r in model.roots.values() if isinstance(r, RowsField)]
    assert orders == [["n", "m DESC", "x DESC", "y DESC"], ["y", "x"]]


A = "type A { id: ID! n: Int }"
OF_MANY = (
    "is taken over many rows, and an expression is computed from one; use @count(of: ...), "
    "@sum(of: ..., field: ...), @min, @max or @avg on the type that has the rows, or a view"
)
ERRORS = [
    pytest.param(
        f"type Query {{ a(id: ID!): A }}\ntype Mutation {{ x: Int }}\n{A}",
        "test.graphql:2:1: mutation type 'Mutation': this API only reads; write the data by an "
        "ingest of your own and take the type out of the SDL",
        id="mutation",
    ),
    *(
        pytest.param(
            f"type Query {{ {field} }}\ntype Subscription {said}{{ subscriptionId: ID! }}\n{A}",
            "test.graphql:2:1: type Subscription is taken for the subscription type by its name, "
            "and this API only reads; where it is the rows of a table, say which roots there are: "
            "write `schema { query: Query }`",
            id=name,
        )
        for name, field, said in (
            ("rows-called-subscription", "subscriptions: [Subscription!]!", ""),
            ("page-called-subscription", "subscriptions: SubscriptionConnection!", ""),
            ("table-called-subscription", "a(id: ID!): A", '@table(name: "subscription") '),
        )
    ),
    pytest.param(
        f"type Query {{ a(id: ID!): A }}\ntype Subscription {{ x: Int }}\n{A}",
        "test.graphql:2:1: subscription type 'Subscription': this API only reads; write the data "
        "by an ingest of your own and take the type out of the SDL",
        id="subscription",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection {{\n edges: [Int!]! }}",
        "test.graphql:3:2: AConnection.edges must be a list of an edge type with a field 'node', "
        "such as `type AEdge { node: A! cursor: String! }`",
        id="edges-of-scalars",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection {{ edges: [E!]!\n sum: Int }}"
        " type E { node: A! }",
        "test.graphql:3:2: AConnection.sum: a connection pattern has the fields edges, nodes, "
        "pageInfo, totalCount only; put it on A instead",
        id="foreign-field-of-a-connection",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection {{ edges: [E!]! }}"
        " type E { node: A!\n weight: Int }",
        "test.graphql:1:14: field 'as' gives a AConnection, whose edges have the field 'weight': "
        "beside node and cursor, fields of E are columns of a link table, and this list has none; "
        "put it on A, or write @relation(through: {table: ...})",
        id="foreign-field-of-an-edge",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A} type B {{ id: ID! }}\ntype AConnection "
        "{ edges: [E!]! nodes: [B!]! } type E { node: A! }",
        "test.graphql:2:33: AConnection.nodes must be a list of A",
        id="nodes-of-another-type",
    ),
    pytest.param(
        f"type Query {{ as: AConnection! }} {A}\ntype AConnection "
        "{ edges: [E!]! pageInfo: P! } type E { node: A! } type P { page: Int }",
        "test.graphql:2:33: AConnection.pageInfo: use a type with endCursor, hasNextPage, "
        "hasPreviousPage, startCursor",
        id="foreign-page-info",
    ),
    pytest.param(
        f"type Query {{\n  x: X }} {A} union X = A",
        "test.graphql:2:3: field 'x' gives the union 'X', which no single table holds; use an "
        "object type, or answer it by Python with @resolver",
        id="union",
    ),
    pytest.param(
        "type Query {\n  x: X } interface X { id: ID! } type A implements X { id: ID! }",
        "test.graphql:2:3: field 'x' gives the interface 'X', which no single table holds; use an "
        "object type, or answer it by Python with @resolver",
        id="interface",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n tags: [Int!] }",
        "test.graphql:2:2: A.tags: no column holds a list of Int, only a SET one of String or of "
        "an enum; use the scalar JSON, a type with a table of its own, or @resolver",
        id="list-of-scalars",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n tags: [[String!]] }",
        "test.graphql:2:2: A.tags: no column holds a list of String, only a SET one of String or "
        "of an enum; use the scalar JSON, a type with a table of its own, or @resolver",
        id="list-of-lists-of-labels",
    ),
    *(
        pytest.param(
            f"enum Tag {{ X }} type A {{ id: ID! tags: [Tag!] name: String }} type Query {{"
            f"\n a({argument}): [A!]! }}",
            f"test.graphql:2:4: {message}",
            id=name,
        )
        for name, argument, message in (
            (
                "labels-without-has",
                "tags: Tag",
                "argument 'tags': A.tags is [Tag!], and rows are chosen by an item of it: "
                "@filter(field: ..., operator: HAS)",
            ),
            (
                "labels-as-a-list",
                "tags: [Tag!]",
                "argument 'tags': A.tags is [Tag!], and rows are chosen by an item of it: "
                "@filter(field: ..., operator: HAS)",
            ),
            (
                "has-of-another-type",
                'tag: String @filter(field: "tags", operator: HAS)',
                "argument 'tag' is a String, but A.tags is a [Tag!]",
            ),
            (
                "has-a-list",
                'tag: [Tag!] @filter(field: "tags", operator: HAS)',
                "argument 'tag': IN and NOT_IN take a list, all other operators one value",
            ),
            (
                "has-of-a-text",
                "name: String @filter(operator: HAS)",
                "argument 'name': A.name is String, and the operator HAS needs a list, of a SET "
                "column",
            ),
        )
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n name(upper: Boolean): String }",
        "test.graphql:2:2: A.name: a column takes no arguments; take them out, or answer the "
        "field by Python with @resolver",
        id="column-with-arguments",
    ),
    *(
        pytest.param(
            f"type Query {{\n a(at: {scalar} @filter(operator: {operator})): [A!]! }} "
            f"type A {{ id: ID! at: {scalar} }}",
            f"test.graphql:2:4: argument 'at': A.at is {scalar}, {reason}",
            id=f"{scalar}-{operator}",
        )
        for scalar, operator, reason in (
            (
                "GeoJSON",
                "EQUAL",
                "by which no argument chooses rows but IS_NULL; choose by a column or an "
                "@expression with the part that is compared",
            ),
            (
                "GeoJSON",
                "LESS",
                "by which no argument chooses rows but IS_NULL; choose by a column or an "
                "@expression with the part that is compared",
            ),
            (
                "JSON",
                "LESS",
                "which has no order; make the part that is compared a column of its "
                "own, such as a generated one",
            ),
        )
    ),
    *(
        pytest.param(
            f"type A {{ id: ID! at: {scalar} }}\n"
            'type Query { a: [A!]! @orderBy(fields: ["at"]) }',
            f"test.graphql:2:14: @orderBy names A.at, which is {scalar}, and a {scalar} has no "
            f"order; take it away",
            id=f"order-by-{scalar}",
        )
        for scalar in ("JSON", "GeoJSON")
    ),
    *(
        pytest.param(
            f'type Query {{ a: [A!]! }}\ntype A @key(fields: "at") {{ at: {scalar}! }}',
            f"test.graphql:2:1: @key names A.at, which is {scalar}, and a {scalar} has no "
            f"order; take it away",
            id=f"key-of-{scalar}",
        )
        for scalar in ("JSON", "GeoJSON")
    ),
    pytest.param(
        "scalar Money type Query { a(id: ID!): A } type A { id: ID!\n cost: Money }",
        "test.graphql:2:2: A.cost: no column is read as Money; say what it is like by scalar Money "
        '@scalar(as: "String"), with one of BigInt, Boolean, Bytes, Date, DateTime, Decimal, '
        "Float, GeoJSON, ID, Int, JSON, String, Time, UUID, or use @resolver",
        id="unknown-scalar",
    ),
    pytest.param(
        "type Query { a(id: ID!): A } type A { id: ID!\n"
        ' x: Int @column(name: "y") @expression(sql: "{n}") }',
        "test.graphql:2:2: A.x: @column and @expression exclude each other",
        id="column-and-expression",
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f' x: Int @expression(sql: "{sql}") }}',
            f"test.graphql:2:2: A.x: the expression may not hold {shown}; write columns in braces, "
            "such as {quantity} * {unit_price}",
            id=f"expression-{name}",
        )
        for name, sql, shown in (
            ("semicolon", "{n}; DROP TABLE a", "';'"),
            ("comment", "{n} -- x", "'--'"),
            ("block-comment", "{n} /*! x */", "'/*'"),
            ("hash", "{n} # x", "'#'"),
            ("backtick", "`n` + {n}", "'`'"),
            ("user-variable", "@x := {n}", "'@'"),
            ("open-brace", "{n} + {m", "'{'"),
            ("empty-braces", "{n} + { }", "'{'"),
        )
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f' x: String @expression(sql: "{sql}") }}',
            "test.graphql:2:2: A.x: a text in the expression may not hold braces, which are for "
            "columns; write CHAR(123) and CHAR(125) for them",
            id=f"expression-{name}",
        )
        for name, sql in (
            ("column-in-a-text", "CONCAT({n}, '{n}')"),
            ("brace-in-a-text", "CONCAT('{', {n})"),
            ("brace-in-double-quotes", 'CONCAT({n}, \\"}\\")'),
        )
    ),
    pytest.param(
        'type Query { a(id: ID!): A } type A { id: ID!\n x: Int @expression(sql: "1 + 1") }',
        "test.graphql:2:2: A.x: the expression names no column; write columns in braces, such as "
        "{quantity} * {unit_price}",
        id="expression-without-column",
    ),
    *(
        pytest.param(
            "type Query { films: [Film!]! }\ntype Film { filmId: ID!\n"
            f" actors: {actors} }}\ntype Actor {{ actorId: ID! films: {films} }}",
            "test.graphql:3:2: Film.actors and Actor.films are lists of each other's rows, and "
            "neither type has the key of the other: write @relation(through: {table: "
            '"film_actors"}) on both with the table that holds which belong together, or by which '
            "columns they do with @relation(columns: [...], references: [...])",
            id=f"many-to-many-{name}",
        )
        for name, actors, films in (
            ("lists", "[Actor!]!", "[Film!]!"),
            ("pages", "ActorConnection!", "FilmConnection!"),
            ("page-and-list", "ActorConnection!", "[Film!]!"),
        )
    ),
    *(
        pytest.param(
            f"type Query {{ films: [Film!]! }} type Film {{ filmId: ID! {film} }}"
            f" type Actor {{ actorId: ID! {actor} }}",
            None,
            id=f"lists-on-both-sides-{name}",
        )
        for name, film, actor in (
            ("with-a-column", "actors: [Actor!]!", "filmId: ID! films: [Film!]!"),
            (
                "of-which-one-is-said",
                "actors: [Actor!]!",
                'films: [Film!]! @relation(columns: ["actor_id"], references: ["star_id"])',
            ),
            (
                "through",
                'actors: [Actor!]! @relation(through: {table: "cast"})',
                'films: [Film!]! @relation(through: {table: "cast"})',
            ),
        )
    ),
    pytest.param(
        "type Query { as: [A!]! }\ntype A { name: String }",
        'test.graphql:2:1: type A has no key; write @key(fields: "...") with the fields that '
        "identify a row, or add a field 'aId'",
        id="no-key",
    ),
    pytest.param(
        'type Query { as: [A!]! }\ntype A @key(fields: "id nr") { id: ID! n: Int }',
        "test.graphql:2:1: @key names 'nr', which is no stored column of A; it may be one of id, n",
        id="key-of-unknown-field",
    ),
    pytest.param(
        'type Query { as: [A!]! }\ntype A @key(fields: " ") { id: ID! n: Int }',
        'test.graphql:2:1: type A has an empty @key; write @key(fields: "...") with the fields '
        "that identify a row",
        id="empty-key",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID! b: B!\n} type B { id: ID! a: A @relation"
        '(columns: ["x"], references: ["n"]) }',
        "test.graphql:2:20: B.a leads to one A, but n is not a key of it; make the field a list, "
        "or add @key(fields: ...) to A",
        id="to-one-by-no-key",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID!\n b(x: Int): B } type B { id: ID! }",
        "test.graphql:2:2: A.b: a relation to one row takes no arguments",
        id="to-one-with-arguments",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID!\n up: A }",
        "test.graphql:2:2: A.up leads to its own type; say by which columns with "
        "@relation(columns: [...], references: [...])",
        id="self-relation-by-convention",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n up: A @relation(columns: ["x", "y"], '
        'references: ["id"]) }',
        "test.graphql:2:2: A.up: @relation needs as many columns as references, got 2 and 1",
        id="uneven-relation",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n c: Int @count(of: "bs") b: B } '
        "type B { id: ID! }",
        "test.graphql:2:2: A.c: @count(of: 'bs') must name a field of A that is a list or a "
        "connection of rows",
        id="count-of-nothing",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n c: Int @sum(of: "b", field: "n") b: B } '
        "type B { id: ID! n: Int }",
        "test.graphql:2:2: A.c: @sum(of: 'b') must name a field of A that is a list or a "
        "connection of rows",
        id="sum-of-one-row",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n c: Int @sum(of: "bs", field: "t") bs: [B!]! }'
        " type B { id: ID! t: String }",
        "test.graphql:2:2: A.c: @sum(field: 't') must name a field of B that is an Int, BigInt, "
        "Float or Decimal",
        id="sum-of-text",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n r: Int @resolver(requires: "id bs") '
        "bs: [B!]! } type B { id: ID! }",
        "test.graphql:2:2: A.r: @resolver(requires: 'bs') must name fields of A that are columns",
        id="resolver-requires-rows",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n n: Int @count(of: "bs") @cursor bs: [B!]! }'
        " type B { id: ID! aId: ID! }",
        "test.graphql:2:2: A.n: @count and @cursor exclude each other",
        id="two-directives-that-say-what-a-field-is",
    ),
    pytest.param(
        'type Query { as: [A!]! } type A { id: ID!\n bs: [B!]! @column(name: "b") }'
        " type B { id: ID! aId: ID! }",
        "test.graphql:2:2: A.bs: @column is for a single value, and this field leads to rows; say "
        "by which columns with @relation, or take it away",
        id="column-of-rows",
    ),
    pytest.param(
        "type Query { as: [A!]! } type A { id: ID!\n"
        ' n: Int @relation(columns: ["n"], references: ["m"]) }',
        "test.graphql:2:2: A.n: @relation is for a field that leads to rows, and Int is a single "
        "value; take it away",
        id="relation-to-a-value",
    ),
    pytest.param(
        f"type Query {{\n as: [A!]! @cursor }} {A}",
        "test.graphql:2:2: Query.as reads rows of A, and its arguments choose them; take the "
        "directive away, or answer it by Python with @resolver",
        id="cursor-at-the-root",
    ),
    pytest.param(
        "type Query { now: Now @resolver } type Now {\n"
        ' hour: Int @column(name: "h") minute: Int @resolver }',
        "test.graphql:2:2: Now.hour: a resolver gives Now as a whole, and no table stands behind "
        "it; take the directive away, or write @table",
        id="column-of-what-a-resolver-gives",
    ),
    pytest.param(
        f"type Query {{ now: Now @resolver }} type Now {{\n as: [A!] @page(default: 1) }} {A}",
        "test.graphql:2:2: field 'as': @page is for a list or a connection of rows; take it away",
        id="page-of-what-a-resolver-gives",
    ),
    pytest.param(
        "type Query {\n  now: DateTime }",
        "test.graphql:2:3: Query.now gives a DateTime, which is no row of a table; answer it by "
        "Python with @resolver",
        id="scalar-root",
    ),
    pytest.param(
        f"type Query {{\n  a(n: Int!): A }} {A}",
        "test.graphql:2:3: Query.a gives one A, but its required arguments hold no key of A; add "
        "the arguments, make it a list, or add @key(fields: ...) to A",
        id="look-up-without-key",
    ),
    pytest.param(
        f"type Query {{\n  a(id: ID): A }} {A}",
        "test.graphql:2:3: Query.a gives one A, but its required arguments hold no key of A; add "
        "the arguments, make it a list, or add @key(fields: ...) to A",
        id="look-up-by-optional-key",
    ),
    pytest.param(
        f"type Query {{\n  as: [AConnection!]! }} {A}",
        "test.graphql:2:3: field 'as' gives a list of pages; give one AConnection, which holds the "
        "rows",
        id="list-of-pages",
    ),
    pytest.param(
        f"type Query {{\n  as: [[A!]!]! }} {A}",
        "test.graphql:2:3: field 'as': a list of lists has no rows",
        id="list-of-lists",
    ),
    pytest.param(
        f"type Query {{ as(\n first: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'first' of a page must be Int",
        id="first-of-another-type",
    ),
    pytest.param(
        f"type Query {{ as(first: Int\n after: ID): [A!]! }} {A}",
        None,
        id="after-may-be-an-id",
    ),
    pytest.param(
        f"type Query {{ as(\n first: ID): [A!]! }} {A}",
        "test.graphql:2:2: argument 'first' of a page must be Int",
        id="first-is-no-id",
    ),
    pytest.param(
        f"type Query {{ a(id: ID!\n first: Int): A }} {A}",
        "test.graphql:2:2: field 'a' gives one row: it takes no 'first'",
        id="page-of-one-row",
    ),
    pytest.param(
        f"type Query {{ as(\n after: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'after' needs an argument 'first': Int",
        id="after-without-first",
    ),
    pytest.param(
        f"type Query {{ as(first: Int\n before: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'before' needs an argument 'last': Int",
        id="before-without-last",
    ),
    pytest.param(
        f"type Query {{\n as(first: Int): [A!]! @page(default: 5, maximum: 4) }} {A}",
        "test.graphql:2:2: field 'as': @page needs 1 <= default <= maximum, got default 5 and "
        "maximum 4",
        id="default-over-maximum",
    ),
    pytest.param(
        f"type Query {{\n as(first: Int): [A!]! @page(maximum: 0) }} {A}",
        "test.graphql:2:2: field 'as': @page needs 1 <= default <= maximum, got default 0 and "
        "maximum 0",
        id="maximum-zero",
    ),
    pytest.param(
        f"type Query {{ as(\n m: Int): [A!]! }} {A}",
        "test.graphql:2:2: argument 'm' of 'as' chooses by 'm', which is no column of A; name one "
        "with @filter(field: ...): id, n",
        id="filter-by-unknown-field",
    ),
    pytest.param(
        f"type Query {{ as(\n n: [Int!] @filter(operator: LESS)): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n': IN and NOT_IN take a list, all other operators one value",
        id="list-that-is-less",
    ),
    pytest.param(
        f"type Query {{ as(\n n: Int @filter(operator: IN)): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n': IN and NOT_IN take a list, all other operators one value",
        id="in-one-value",
    ),
    pytest.param(
        f"type Query {{ as(\n n: String): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n' is a String, but A.n is a Int",
        id="filter-of-another-type",
    ),
    pytest.param(
        f"type Query {{ as(\n n: Int @filter(operator: PREFIX)): [A!]! }} {A}",
        "test.graphql:2:2: argument 'n': A.n is Int, and the operator PREFIX needs a String or an "
        "ID",
        id="prefix-of-numbers",
    ),
    pytest.param(
        f'type Query {{ as(o: O): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"])\n Y }}',
        "test.graphql:2:2: O.Y: every value of an order needs @orderBy",
        id="order-value-without-fields",
    ),
    pytest.param(
        f'type Query {{ as(o: O): [A!]! }} {A} enum O {{\n X @orderBy(fields: ["n UP"]) }}',
        "test.graphql:2:2: @orderBy: 'n UP' must be a field, then ASC or DESC",
        id="order-direction",
    ),
    pytest.param(
        f'type Query {{\n as: [A!]! @orderBy(fields: ["z"]) }} {A}',
        "test.graphql:2:2: @orderBy names 'z', which is no stored column of A; it may be one of "
        "id, n",
        id="order-by-unknown-field",
    ),
    pytest.param(
        'type Query {\n as: [A!]! @orderBy(fields: ["x"]) } type A { id: ID! n: Int '
        'x: Int @expression(sql: "{n} + 1") }',
        "test.graphql:2:2: @orderBy names 'x', which is no stored column of A; it may be one of "
        "id, n",
        id="order-by-expression",
    ),
    pytest.param(
        f'type Query {{ as(\n o: [O!]): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        "test.graphql:2:2: argument 'o' of 'as' is a list of O, and a list of rows has one order; "
        "make the argument a O, and declare the order by several fields as a value of it: "
        '@orderBy(fields: ["...", "..."])',
        id="list-of-orders",
    ),
    pytest.param(
        f'type Query {{ as(o: O\n p: O): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        "test.graphql:2:2: argument 'p' of 'as' is a second order beside 'o', and a list has one; "
        "put the values of both into one enum",
        id="two-orders",
    ),
    pytest.param(
        f'type Query {{ a(id: ID!\n o: O): A }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        "test.graphql:2:2: argument 'o' of 'a' chooses an order, but the field gives one row; "
        "take it away",
        id="order-of-one-row",
    ),
    pytest.param(
        f'type Query {{ as(\n o: O @filter(field: "n")): [A!]! }} {A} '
        'enum O { X @orderBy(fields: ["n"]) }',
        "test.graphql:2:2: argument 'o' of 'as' chooses an order, and so no rows: take @filter "
        "away",
        id="order-that-filters",
    ),
    pytest.param(
        f'type Query {{ as(o: O!): [A!]! }} {A} enum O {{ X @orderBy(fields: ["n"]) }}',
        None,
        id="order-that-must-be-chosen",
    ),
    pytest.param(
        f'type Query {{ as: [A!]!\n @orderBy(fields: ["n", "n DESC"]) }} {A}',
        "test.graphql:1:14: @orderBy names 'n' twice",
        id="order-by-a-field-twice",
    ),
    *(
        pytest.param(
            sdl.replace("%", used),
            f"test.graphql:2:2: field {field!r}: {used.partition('(')[0]} is for a list or a "
            f"connection of rows; take it away",
            id=f"{used[1:5]}-on-{name}",
        )
        for used in ('@orderBy(fields: ["id"])', "@page(maximum: 5)")
        for name, field, sdl in (
            ("column", "n", "type Query { as: [A!]! } type A { id: ID!\n n: Int % }"),
            ("look-up", "a", "type Query {\n a(id: ID!): A % } type A { id: ID! }"),
            (
                "one-row",
                "up",
                "type Query { as: [A!]! } type A { id: ID!\n up: A % "
                '@relation(columns: ["x"], references: ["id"]) }',
            ),
            (
                "resolver",
                "now",
                "type Query { as: [A!]!\n now: Int @resolver % } type A { id: ID! }",
            ),
        )
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f' x: Int @expression(sql: "{sql}") }}',
            f"test.graphql:2:2: A.x: the expression may not use {shown}",
            id=f"expression-{name}",
        )
        for name, sql, shown in (
            ("aggregate", "COUNT({n})", f"COUNT, which {OF_MANY}"),
            (
                "aggregate-inside",
                "1 + COALESCE(group_concat ({n}), 0)",
                f"GROUP_CONCAT, which {OF_MANY}",
            ),
            (
                "window",
                "ROW_NUMBER() + {n}",
                "ROW_NUMBER, which is taken over many rows, and an expression is computed from "
                "one; number the rows in a view, and read that",
            ),
            (
                "window-without-its-function",
                "crowd({n}) OVER (ORDER BY {n})",
                "OVER: a window is taken over many rows, and an expression is computed from one; "
                "number the rows in a view, and read that",
            ),
            (
                "random",
                "{n} + RAND()",
                "RAND, which gives another value each time; store the value in a column",
            ),
            (
                "sequence",
                "{n} + NEXT VALUE FOR s",
                "VALUE FOR: a sequence gives another value each time; store the value in a column",
            ),
            (
                "sleep",
                "sleep({n})",
                "SLEEP, which waits or acts on the server instead of computing; answer the field "
                "with @resolver",
            ),
            (
                "session",
                "{n} = CURRENT_USER",
                "CURRENT_USER, which tells about the server or its session, and not about the row",
            ),
        )
    ),
    *(
        pytest.param(
            "type Query { a(id: ID!): A } type A { id: ID!\n"
            f" x: Int @expression(sql: {json.dumps(sql)}) }}",
            None,
            id=f"expression-may-hold-{name}",
        )
        for name, sql in (
            ("the-name-in-a-text", "CONCAT('It''s sum(', {n}, \") over\")"),
            ("a-word-that-is-no-call", "{n} + INTERVAL(1, {count}) COLLATE max_bin"),
            ("longer-names", "LEAST({n}, my_count({n}), RANDOM({n}))"),
            ("the-time-of-the-statement", "TIMESTAMPDIFF(DAY, {at}, NOW())"),
        )
    ),
]


@pytest.mark.parametrize(("sdl", "expected"), ERRORS)
def test_mistake_names_file_line_and_what_to_write(sdl: str, expected: str | None) -> None:
    if expected is None:
        Compiler.of(sdl)
        return
    with pytest.raises(SchemaError) as caught:
        Compiler.of(sdl)
    assert str(caught.value) == expected
