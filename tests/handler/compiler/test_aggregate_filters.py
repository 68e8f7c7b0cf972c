"""Rows that are chosen by what is made of other rows: the SQL, and what an SDL may not say."""

from __future__ import annotations

from typing import Any

import pytest

from handler.compiler.aggregates import compile_totals
from handler.compiler.sql import compile_rows
from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.handler.compiler.plans import Compiler

SDL = """
type Query {
  orders(where: OrderFilter, over: Decimal @filter(field: "total", operator: GREATER)): [Order!]!
  customers(
    where: CustomerFilter, few: [Int!] @filter(field: "orderCount", operator: NOT_IN)
  ): [Customer!]!
  customerCount(
    where: CustomerFilter, from: Int @filter(field: "orderCount", operator: GREATER_OR_EQUAL)
  ): Int! @count(of: "customers")
  ROOT
}
type Customer {
  customerId: ID!
  orders(status: String = "b"): [Order!]! @filterable
  revenue: Decimal! @sum(of: "orders.items", field: "price") @filterable
  orderCount(status: String): Int! @count(of: "orders") @filterable
  last: DateTime @max(of: "orders", field: "orderedAt") @filterable
  first: DateTime @min(of: "orders", field: "orderedAt") @filterable
  mean: Decimal @avg(of: "orders.items", field: "price") @filterable
  meanFloat: Float @avg(of: "orders.items", field: "price") @filterable
  bigOrders(over: Decimal @filter(field: "total", operator: GREATER)): Int! @count(of: "orders")
  FIELD
}
type Order {
  orderId: ID! status: String orderedAt: DateTime name: String
  customer: Customer @filterable
  items: [Item!]!
  itemCount: Int! @count(of: "items") @filterable
  total: Decimal! @sum(of: "items", field: "price")
}
type Item { itemId: ID! price: Decimal! orderId: ID! }
"""


def sdl(field: str = "", root: str = "") -> str:
    return SDL.replace("FIELD", field).replace("ROOT", root)


COMPILER = Compiler.of(sdl())
AT = "1996-07-04T00:00:00Z"
STORED = "1996-07-04 00:00:00.000000"


def chosen(document: str) -> tuple[str, tuple[object, ...]]:
    """The conditions of the first statement, and their parameters."""
    plan, values = COMPILER.bound(document)
    (statement,) = compile_rows(plan, plan.batches[0], values)
    where = statement.text.partition(" WHERE ")[2].partition(" ORDER BY ")[0]
    return where, statement.parameters[: where.count("%s")]


def rows(condition: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM `orders` f1 WHERE f1.`customer_id` = A.`customer_id`"
        f" AND f1.`ordered_at` {condition} AND f1.`status` = %s)"
    )


COUNT = "(SELECT COUNT(*) FROM `orders` f1 WHERE f1.`customer_id` = t0.`customer_id`)"
ITEMS = (
    "FROM `items` f1 JOIN `orders` f1_1 ON f1.`order_id` = f1_1.`order_id` AND f1_1.`status` = %s"
    " WHERE f1_1.`customer_id` = t0.`customer_id`"
)


@pytest.mark.parametrize(
    ("given", "expected", "parameters"),
    [
        pytest.param(
            '{revenue: {gt: "1000"}, orderCount: {ne: 5, gte: 2}}',
            f"(SELECT COALESCE(SUM(f1.`price`), 0) {ITEMS}) > %s AND {COUNT} <> %s"
            f" AND {COUNT} >= %s",
            ("b", "1000", 5, 2),
            id="sum-and-count",
        ),
        pytest.param(
            "{orders: {some: {itemCount: {gt: 5}}}}",
            "EXISTS (SELECT 1 FROM `orders` f1 WHERE f1.`customer_id` = t0.`customer_id`"
            " AND f1.`status` = %s AND (SELECT COUNT(*) FROM `items` f2"
            " WHERE f2.`order_id` = f1.`order_id`) > %s)",
            ("b", 5),
            id="of-a-related-row",
        ),
        pytest.param(
            '{mean: {eq: "3.5"}}',
            f"CAST(CONCAT((SELECT AVG(f1.`price`) {ITEMS})) AS DECIMAL(65, 30)) = %s",
            ("b", "3.5"),
            id="an-average-as-it-is-shown",
        ),
        pytest.param(
            "{meanFloat: {lt: 3.5}}",
            f"(SELECT AVG(f1.`price` + 0E0) {ITEMS}) < %s",
            ("b", 3.5),
            id="an-average-of-floats",
        ),
        pytest.param("{revenue: {isNull: true}}", "FALSE", (), id="what-is-never-null"),
        pytest.param("{revenue: {isNull: false}}", "TRUE", (), id="what-is-always-there"),
        pytest.param("{orderCount: {in: []}}", "FALSE", (), id="in-nothing"),
        pytest.param("{orderCount: {notIn: []}}", "TRUE", (), id="not-in-nothing"),
        pytest.param(f'{{last: {{gte: "{AT}"}}}}', rows(">= %s"), (STORED, "b"), id="max-gte"),
        pytest.param(
            f'{{last: {{lt: "{AT}"}}}}',
            f"{rows('IS NOT NULL')} AND NOT ({rows('>= %s')})",
            ("b", STORED, "b"),
            id="max-lt",
        ),
        pytest.param(
            f'{{last: {{lte: "{AT}"}}}}',
            f"{rows('IS NOT NULL')} AND NOT ({rows('> %s')})",
            ("b", STORED, "b"),
            id="max-lte",
        ),
        pytest.param(
            f'{{last: {{eq: "{AT}"}}}}',
            f"{rows('= %s')} AND NOT ({rows('> %s')})",
            (STORED, "b", STORED, "b"),
            id="max-eq",
        ),
        pytest.param(f'{{first: {{lt: "{AT}"}}}}', rows("< %s"), (STORED, "b"), id="min-lt"),
        pytest.param(
            f'{{first: {{gte: "{AT}"}}}}',
            f"{rows('IS NOT NULL')} AND NOT ({rows('< %s')})",
            ("b", STORED, "b"),
            id="min-gte",
        ),
        pytest.param(
            f'{{first: {{ne: "{AT}"}}}}',
            f"{rows('IS NOT NULL')} AND NOT ({rows('= %s')} AND NOT ({rows('< %s')}))",
            ("b", STORED, "b", STORED, "b"),
            id="min-ne",
        ),
        pytest.param("{first: {isNull: true}}", f"NOT ({rows('IS NOT NULL')})", ("b",), id="null"),
    ],
)
def test_a_member_compares_what_is_made_of_rows(
    given: str, expected: str, parameters: tuple[Any, ...]
) -> None:
    where, found = chosen(f"{{ customers(where: {given}) {{ customerId }} }}")
    alias = "k" if " k." in where or "k.`" in where else "t0"
    assert where == expected.replace("A.`", f"{alias}.`")
    assert tuple(map(str, found)) == tuple(map(str, parameters))


def test_arguments_choose_by_aggregates() -> None:
    where, found = chosen('{ orders(over: "5") { orderId } }')
    assert where == (
        "(SELECT COALESCE(SUM(f1.`price`), 0) FROM `items` f1"
        " WHERE f1.`order_id` = t0.`order_id`) > %s"
    )
    assert tuple(map(str, found)) == ("5",)
    where, found = chosen("{ customers(few: [1, 2]) { customerId } }")
    assert (where, found) == (f"{COUNT} NOT IN (%s, %s)", (1, 2))


def test_values_over_rows_choose_these_by_aggregates_too() -> None:
    plan, values = COMPILER.bound(
        "{ customerCount(where: {orderCount: {gt: 5}}) b: customerCount(from: 6)"
        ' customers { bigOrders(over: "9") } }'
    )
    count = COUNT.replace("t0.", "r.")
    assert [
        (numbers, each.text, each.parameters) for numbers, each in compile_totals(plan, values)
    ] == [
        ([0], f"SELECT COUNT(*) FROM `customers` r WHERE {count} > %s", (5,)),
        ([1], f"SELECT COUNT(*) FROM `customers` r WHERE {count} >= %s", (6,)),
    ]
    (statement,) = compile_rows(plan, plan.batches[0], values)
    assert (
        "(SELECT COUNT(*) FROM `orders` r WHERE r.`customer_id` = t0.`customer_id` AND"
        " (SELECT COALESCE(SUM(f1.`price`), 0) FROM `items` f1 WHERE f1.`order_id` = r.`order_id`)"
        " > %s AND r.`status` = %s)"
    ) in statement.text


def test_comparing_an_aggregate_costs_as_following_a_relation_does() -> None:
    assert {("CustomerFilter", "revenue"), ("OrderFilter", "itemCount")} < COMPILER.model.followed()


def test_all_that_a_filter_reads_is_known_to_the_plan() -> None:
    for document in (
        '{ customers(where: {revenue: {gt: "1"}}) { customerId } }',
        '{ orders(where: {customer: {revenue: {gt: "1"}}}) { orderId } }',
    ):
        plan = COMPILER.plan(document)
        assert {"customers", "orders", "items"} == {each.table.name for each in plan.all_read()}
    plan = COMPILER.plan('{ orders(over: "1") { orderId } }')
    assert {"orders", "items"} == {each.table.name for each in plan.all_read()}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            'x: String @min(of: "orders", field: "name") @filterable',
            "Customer.x is an aggregate, which is compared as a whole and not by PREFIX; name "
            "others in its @filterable(operators: ...)",
        ),
        (
            'x: String @min(of: "orders", field: "name") @filterable(operators: [EQUAL, CONTAINS])',
            "Customer.x is an aggregate, which is compared as a whole and not by CONTAINS; take it "
            "out of its @filterable(operators: ...)",
        ),
        (
            'x(status: String!): Int! @count(of: "orders") @filterable',
            "Customer.x has the required argument 'status', which nobody gives in a filter; take "
            "the @filterable away",
        ),
        (
            'x: Int! @count(of: "orders") @filterable(operators: [])',
            "Customer.x: @filterable names no operator; name some, or take it away",
        ),
    ],
)
def test_an_aggregate_that_no_filter_can_keep_to_is_refused(field: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a.graphql": sdl(field)}))
    assert caught.value.text == message


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (
            'x(n: Int = 3 @filter(field: "orderCount")): [Customer!]!',
            "argument 'n' chooses by the aggregate Customer.orderCount, and so has no default; "
            "take it away",
        ),
        (
            'x(n: String @filter(field: "orderCount")): [Customer!]!',
            "argument 'n' is a String, but Customer.orderCount is a Int",
        ),
        (
            'x(n: String @filter(field: "orderCount", operator: CONTAINS)): [Customer!]!',
            "argument 'n': Customer.orderCount is Int, an aggregate, which is compared as a whole "
            "and not by CONTAINS",
        ),
        (
            'x(n: String @filter(field: "orders")): [Customer!]!',
            "argument 'n' of 'x' chooses by 'orders', which is no column of "
            "Customer; name one with @filter(field: ...): customerId",
        ),
    ],
)
def test_an_argument_that_cannot_compare_an_aggregate_is_refused(root: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a.graphql": sdl(root=root)}))
    assert caught.value.text == message


def test_rows_that_are_chosen_by_themselves_are_refused() -> None:
    text = """
    type Query { as: [A!]! }
    type A {
      aId: ID! bId: ID!
      bs(n: Int @filter(field: "asCount")): [B!]!
      bsCount: Int! @count(of: "bs")
    }
    type B {
      bId: ID!
      as(n: Int @filter(field: "bsCount")): [A!]!
      asCount: Int! @count(of: "as")
    }
    """
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a.graphql": text}))
    assert "shows rows that are chosen by itself" in caught.value.text
