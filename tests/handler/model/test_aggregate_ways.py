"""Values over the rows at the end of several relations, and of the root."""

from __future__ import annotations

import pytest

from handler.compiler.aggregates import compile_totals
from handler.compiler.sql import compile_rows
from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.handler.compiler.plans import Compiler

SDL = """
type Query {
  shops: [Shop!]!
  shop(shopId: ID!): Shop
  orders(state: State = NEW, city: String): [Order!]! @where(field: "gone", value: false)
  needy(city: String!): [Order!]!
  now: DateTime @resolver
  ROOT
}
type Shop {
  shopId: ID!
  orders(state: State = NEW, first: Int = 5): [Order!]!
  needy(city: String!): [Order!]! @relation(columns: ["shop_id"], references: ["shop_id"])
  owner: Person
  FIELD
}
type Order {
  orderId: ID! state: State! city: String gone: Boolean! number: Int
  shop: Shop
  items: [Item!]!
  tags: TagConnection! @relation(through: {table: "order_tags"})
}
type TagConnection { edges: [TagEdge!]! nodes: [Tag!]! }
type TagEdge { node: Tag! cursor: String! rank: Int! }
type Tag { tagId: ID! name: String! orders: [Order!]! @relation(through: {table: "order_tags"}) }
type Item { itemId: ID! orderId: ID! price: Decimal! product: Product }
type Product { productId: ID! name: String }
type Person { personId: ID! name: String }
enum State { NEW @value(column: "n") OLD }
"""


def sdl(field: str = "", root: str = "") -> str:
    return SDL.replace("FIELD", field).replace("ROOT", root)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(
            'x: Decimal! @sum(of: "orders.items", field: "price")',
            "(SELECT COALESCE(SUM(r.`price`), 0) FROM `items` r"
            " JOIN `orders` r_1 ON r.`order_id` = r_1.`order_id` AND r_1.`state` = %s"
            " WHERE r_1.`shop_id` = t0.`shop_id`)",
            id="many-of-many",
        ),
        pytest.param(
            'x: Int! @count(of: "orders.items.product", distinct: "name")',
            "(SELECT COUNT(DISTINCT r.`name`) FROM `products` r"
            " JOIN `items` r_1 ON r.`product_id` = r_1.`product_id`"
            " JOIN `orders` r_2 ON r_1.`order_id` = r_2.`order_id` AND r_2.`state` = %s"
            " WHERE r_2.`shop_id` = t0.`shop_id`)",
            id="one-of-many",
        ),
        pytest.param(
            'x: Int @max(of: "orders.tags", field: "edge.rank")',
            "(SELECT MAX(r_1.`rank`) FROM `tags` r"
            " JOIN `order_tags` r_1 ON r.`tag_id` = r_1.`tag_id`"
            " JOIN `orders` r_2 ON r_1.`order_id` = r_2.`order_id` AND r_2.`state` = %s"
            " WHERE r_2.`shop_id` = t0.`shop_id`)",
            id="columns-of-the-last-link-table",
        ),
        pytest.param(
            'x: Int! @count(of: "orders.tags.orders")',
            "(SELECT COUNT(*) FROM `orders` r"
            " JOIN `order_tags` r_1 ON r.`order_id` = r_1.`order_id`"
            " JOIN `tags` r_2 ON r_1.`tag_id` = r_2.`tag_id`"
            " JOIN `order_tags` r_3 ON r_2.`tag_id` = r_3.`tag_id`"
            " JOIN `orders` r_4 ON r_3.`order_id` = r_4.`order_id` AND r_4.`state` = %s"
            " WHERE r_4.`shop_id` = t0.`shop_id`)",
            id="through-two-link-tables-and-back",
        ),
    ],
)
def test_a_way_is_joined_and_shows_what_its_lists_show(field: str, expected: str) -> None:
    compiler = Compiler.of(sdl(field))
    plan, values = compiler.bound("{ shop(shopId: 1) { x } }")
    (statement,) = compile_rows(plan, plan.batches[0], values)
    assert statement.text == f"SELECT {expected} FROM `shops` t0 WHERE t0.`shop_id` = %s LIMIT %s"
    assert statement.parameters == ("n", "1", 1)


ROOT = """
  orderCount(state: State, city: String): Int! @count(of: "orders")
  newCount: Int! @count(of: "orders")
  least: Int @min(of: "orders", field: "number")
  first(state: State = OLD): State @min(of: "orders", field: "state")
  prices: Decimal! @sum(of: "orders.items", field: "price")
  items: Int! @count(of: "orders.items")
"""


def totals(document: str) -> list[tuple[list[int], str, tuple[object, ...]]]:
    compiler = Compiler.of(sdl(root=ROOT))
    plan, values = compiler.bound(document)
    return [(numbers, s.text, s.parameters) for numbers, s in compile_totals(plan, values)]


def test_values_of_the_root_over_the_same_rows_are_one_statement() -> None:
    rows = " FROM `orders` r WHERE r.`gone` = 0 AND r.`state` = %s"
    items = (
        " FROM `items` r JOIN `orders` r_1 ON r.`order_id` = r_1.`order_id`"
        " AND r_1.`gone` = 0 AND r_1.`state` = %s"
    )
    assert totals("{ newCount prices least again: least items first }") == [
        ([0, 2], f"SELECT COUNT(*), MIN(r.`number`){rows}", ("n",)),
        ([1, 3], f"SELECT COALESCE(SUM(r.`price`), 0), COUNT(*){items}", ("n",)),
        (
            [4],
            "SELECT MIN(r.`state`) FROM `orders` r WHERE r.`state` = %s AND r.`gone` = 0",
            ("OLD",),
        ),
    ]


def test_the_values_of_arguments_decide_which_rows_are_the_same() -> None:
    asked = totals(
        '{ a: orderCount(city: "x") b: orderCount(city: "y") c: orderCount(city: "x", state: null)'
        " d: orderCount e: orderCount(state: null) newCount }"
    )
    assert asked == [
        (
            [0, 2],
            "SELECT COUNT(*), COUNT(*) FROM `orders` r WHERE r.`city` = %s AND r.`gone` = 0",
            ("x",),
        ),
        ([1], "SELECT COUNT(*) FROM `orders` r WHERE r.`city` = %s AND r.`gone` = 0", ("y",)),
        ([3, 4], "SELECT COUNT(*), COUNT(*) FROM `orders` r WHERE r.`gone` = 0", ()),
        ([5], "SELECT COUNT(*) FROM `orders` r WHERE r.`gone` = 0 AND r.`state` = %s", ("n",)),
    ]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            'x: Int! @count(of: "owner")',
            "Shop.x: @count(of: 'owner') leads to one row at most; name a list or a connection on "
            "the way, or show the row's own field",
        ),
        (
            'x: Int! @count(of: "orders.state")',
            "Shop.x: @count(of: 'orders.state') must name fields that lead to rows, and 'state' of "
            "Order is none; there are: shop, items, tags",
        ),
        (
            'x: Int! @count(of: "orders.nothing.items")',
            "Shop.x: @count(of: 'orders.nothing.items') must name fields that lead to rows, and "
            "'nothing' of Order is none; there are: shop, items, tags",
        ),
        (
            'x: Int! @count(of: "nothing")',
            "Shop.x: @count(of: 'nothing') must name fields that lead to rows, and 'nothing' of "
            "Shop is none; there are: orders, needy, owner",
        ),
        (
            'x: Int! @count(of: "needy.items")',
            "Shop.x: Shop.needy has the required argument 'city', which nobody gives here; name "
            "another way",
        ),
        (
            'x: Int! @count(of: "needy")',
            "Shop.x: Shop.needy has the required argument 'city'; give this field one of that name",
        ),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(field: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a.graphql": sdl(field)}))
    assert caught.value.text == message


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (
            'x: Int! @count(of: "shop")',
            "Query.x: @count(of: 'shop') must name fields that lead to rows, and 'shop' of Query "
            "is none; there are: shops, orders, needy",
        ),
        (
            'x: Int! @count(of: "now")',
            "Query.x: @count(of: 'now') must name fields that lead to rows, and 'now' of Query is "
            "none; there are: shops, orders, needy",
        ),
        (
            'x: Int! @count(of: "x")',
            "Query.x: @count(of: 'x') must name fields that lead to rows, and 'x' of Query is "
            "none; there are: shops, orders, needy",
        ),
        (
            'x(first: Int): Int! @count(of: "orders")',
            "Query.x is one value: it takes no 'first', only arguments that choose rows",
        ),
        (
            'x: Int @max(of: "orders", field: "items")',
            "Query.x: @max(field: 'items') must name a field of Order that is a value that has an "
            "order",
        ),
        (
            'x: Int! @count(of: "orders") @filterable',
            "Query.x: @filterable is for a column, an @expression, an aggregate or a relation of a "
            "type with a table; take it away",
        ),
        (
            'x: Int! @count(of: "orders") @orderBy(fields: ["number"])',
            "field 'x': @orderBy is for a list or a connection of rows; take it away",
        ),
    ],
)
def test_a_value_of_the_root_that_cannot_be_made_is_refused(root: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a.graphql": sdl(root=root)}))
    assert caught.value.text == message
