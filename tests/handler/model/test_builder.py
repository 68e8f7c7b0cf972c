"""From SDL to the model: conventions, directives, and the defaults of pages."""

from __future__ import annotations

import pytest

from handler.model.aggregates import Aggregate, Count, Sum
from handler.model.column import Column, ColumnRef
from handler.model.cursor_field import CursorField
from handler.model.list_pages import PageDefaults
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


def test_a_key_is_of_the_fields_that_it_names_whatever_else_shows_their_columns() -> None:
    """Rules and cursors go by these fields, and a resolver gives their names."""
    model = Compiler.of(
        "type Query { as: [A!]! all: [E!]! }"
        " interface E { label: String }"
        ' type A implements E @key(fields: "x y") {'
        ' label: String @column(name: "x") x: ID! other: Int @column(name: "y") y: Int! }'
        ' type B implements E { label: String @column(name: "b_id") bId: ID! }'
    ).model
    rows, united = model.roots["as"], model.roots["all"]
    assert isinstance(rows, RowsField)
    assert isinstance(united, RowsField)
    assert [str(term) for term in rows.order] == ["x", "y"]
    assert [str(term) for term in united.order] == ["type of row", "A.x", "A.y", "B.bId"]
    assert model.tables["A"].key_places == [("A", "x"), ("A", "y")]
    assert model.tables["B"].key_places == [("B", "bId")]
