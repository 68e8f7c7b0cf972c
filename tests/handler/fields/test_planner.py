"""Plans: fields merged, to-one relations joined, one batch for each to-many field."""

from __future__ import annotations

from typing import Any

import pytest

from handler.compiler.aggregates import AggregateSlot
from handler.compiler.collect import shape_variables
from handler.compiler.plan import Plan
from handler.errors import LimitError
from handler.fields.order_keys import ComputedSlot
from handler.fields.slots import MAX_JOINS
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document
from tests.handler.compiler.plans import PAGE_INFO, Compiler

ORDERS = Compiler.orders()


def plan_text(text: str, variables: dict[str, Any] | None = None) -> str:
    return str(ORDERS.plan(text, variables))


def test_plan_reads_as_a_tree() -> None:
    assert plan_text(
        """
        query ($size: Int) {
          newest: orders(first: $size, from: "2020-01-01T00:00:00Z") {
            totalCount
            edges { cursor node { total customer { name } items { lineTotal __typename } } }
            pageInfo { hasNextPage }
          }
          product(productId: 7) { price orderItems { nodes { order { orderRef } } } }
        }
        """
    ) == "\n".join(
        (
            "query",
            "  newest: orders = batch 0: page of Order by first, from, ordered by orderedAt DESC, "
            "orderId DESC",
            "    totalCount = count",
            "    edges = edges",
            "      cursor = cursor",
            "      node = Order",
            "        total = sum of order_items.lineTotal as Decimal",
            "        customer = one Customer, joined",
            "          name = t1.name as String",
            "        items = batch 1: list of OrderItem for each order_id, ordered by orderId, "
            "orderItemId",
            "          lineTotal = t0.expression lineTotal as Decimal",
            "          __typename = 'OrderItem'",
            "    pageInfo = hasNextPage",
            "  product = batch 2: one Product by productId",
            "    price = t0.price as Float",
            "    orderItems = batch 3: page of OrderItem for each product_id, ordered by orderId, "
            "orderItemId",
            "      nodes = OrderItem",
            "        order = one Order, joined",
            "          orderRef = t1.order_ref as String",
        )
    )


def test_same_response_key_is_one_field() -> None:
    merged = plan_text(
        """
        { order(orderId: 1) { ...a items { quantity } ... on Order { customer { country } } } }
        fragment a on Order { items { unitPrice ...b } customer { name } }
        fragment b on OrderItem { quantity product { productId } }
        """
    )
    plain = plan_text(
        "{ order(orderId: 1) { items { unitPrice quantity product { productId } }"
        " customer { name country } } }"
    )
    assert merged == plain


def test_aliases_with_other_arguments_are_batches_of_their_own() -> None:
    plan = ORDERS.plan(
        "{ customer(customerId: 1) { a: orders(first: 1) { nodes { orderId } }"
        " b: orders(first: 2) { nodes { orderId } } } }"
    )
    names = [batch.field for batch in plan.batches]
    assert names == ["Query.customer", "Customer.orders", "Customer.orders"]
    assert plan.batches[0].children == (1, 2)


def test_relation_asked_for_twice_is_joined_once() -> None:
    plan = ORDERS.plan("{ order(orderId: 1) { a: customer { name } b: customer { country } } }")
    assert [source.rows.table.name for source in plan.batches[0].sources] == ["orders", "customers"]
    assert len(plan.batches[0].slots) == 3, "presence, name, country"


def test_value_asked_for_twice_is_selected_once() -> None:
    plan = ORDERS.plan("{ order(orderId: 1) { orderId x: orderId y: total total } }")
    assert len(plan.batches[0].slots) == 2


@pytest.mark.parametrize(
    ("directives", "is_there"),
    [
        pytest.param("@include(if: true)", True, id="include-true"),
        pytest.param("@include(if: false)", False, id="include-false"),
        pytest.param("@skip(if: false)", True, id="skip-false"),
        pytest.param("@skip(if: true)", False, id="skip-true"),
        pytest.param("@include(if: true) @skip(if: true)", False, id="skip-wins"),
        pytest.param("@include(if: $yes) @skip(if: $no)", True, id="variables"),
        pytest.param("@include(if: $no)", False, id="variable-false"),
        pytest.param("@include(if: $default)", True, id="default-of-a-variable"),
    ],
)
@pytest.mark.parametrize("where", ["field", "inline", "spread"])
def test_skip_and_include(directives: str, where: str, *, is_there: bool) -> None:
    selection = {
        "field": f"total {directives}",
        "inline": f"... {directives} {{ total }}",
        "spread": f"...f {directives}",
    }[where]
    fragment = "fragment f on Order { total }" if where == "spread" else ""
    definitions = "($yes: Boolean!, $no: Boolean!, $default: Boolean! = true)"
    text = f"query q{definitions} {{ order(orderId: 1) {{ orderId {selection} }} }} {fragment}"
    assert ("total" in plan_text(text, {"yes": True, "no": False})) is is_there


def test_only_variables_that_shape_the_plan_are_in_its_key() -> None:
    text = """
        query ($a: Boolean!, $b: Boolean!, $first: Int, $unused: Boolean) {
          orders(first: $first) { ...f totalCount @skip(if: $a) }
        }
        fragment f on OrderConnection { nodes @include(if: $b) { orderId } }
    """
    document = parse_document(scan(text, Limits()))
    operation = document.operations[0]
    names = shape_variables(ORDERS.model, operation, document.fragments)
    assert names == ("a", "b")


SORTED = """
type Query { as(sort: Sort = UP): [A!]! bs: [A!]! }
type A { id: ID! n: Int }
enum Sort { UP @orderBy(fields: ["n"]) DOWN @orderBy(fields: ["n DESC"]) }
"""


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        pytest.param("{ as { id } }", {}, "n, id", id="default"),
        pytest.param("{ as(sort: DOWN) { id } }", {}, "n DESC, id DESC", id="literal"),
        pytest.param("{ as(sort: null) { id } }", {}, "n, id", id="null-is-the-default"),
        pytest.param(
            "query ($s: Sort) { as(sort: $s) { id } }",
            {"s": "DOWN"},
            "n DESC, id DESC",
            id="variable",
        ),
        pytest.param("query ($s: Sort) { as(sort: $s) { id } }", {}, "n, id", id="absent-variable"),
        pytest.param(
            "query ($s: Sort = DOWN) { as(sort: $s) { id } }",
            {},
            "n DESC, id DESC",
            id="default-of-the-variable",
        ),
        pytest.param("{ bs { id } }", {}, "id", id="the-key"),
    ],
)
def test_order_is_part_of_the_plan(text: str, variables: dict[str, Any], expected: str) -> None:
    plan = Compiler.of(SORTED).plan(text, variables)
    assert ", ".join(str(term) for term in plan.batches[0].order) == expected


def test_connection_that_only_counts_reads_no_rows() -> None:
    plan = ORDERS.plan("{ orders { totalCount __typename pageInfo { __typename } } }")
    assert not plan.batches[0].reads_rows
    assert plan.batches[0].slots == ()


def test_list_that_asks_for_type_names_only_still_reads_rows() -> None:
    plan = ORDERS.plan("{ orderItems(orderId: 1) { __typename } orders { nodes { __typename } } }")
    assert [(batch.reads_rows, len(batch.slots)) for batch in plan.batches] == [(True, 1)] * 2


def joins(count: int) -> Plan:
    fields = "".join(
        f'r{i}: A @relation(columns: ["r{i}"], references: ["id"])\n' for i in range(count)
    )
    compiler = Compiler.of(f"type Query {{ a(id: ID!): A }} type A {{ id: ID! {fields} }}")
    return compiler.plan("{ a(id: 1) {" + " ".join(f"r{i} {{ id }}" for i in range(count)) + "} }")


def test_too_many_joins_are_refused_before_the_database_refuses_them() -> None:
    assert len(joins(MAX_JOINS).batches[0].sources) == MAX_JOINS + 1
    with pytest.raises(LimitError, match=f"Query.a follows more than {MAX_JOINS} relations"):
        joins(MAX_JOINS + 1)


def test_page_info_may_have_another_name() -> None:
    info = PAGE_INFO.replace("PageInfo", "Page")
    compiler = Compiler.of(
        "type Query { as(first: Int, after: String): AConnection } type A { id: ID! }"
        " type AConnection { edges: [AEdge!]! pageInfo: Page! } type AEdge { node: A! }"
        f" {info}"
    )
    plan = compiler.plan("{ as { pageInfo { __typename endCursor } } }")
    assert "pageInfo = __typename, endCursor" in str(plan)


def test_a_number_with_filters_alone_has_what_chooses_its_rows() -> None:
    compiler = Compiler.of(
        "type Query { a(id: ID!): A } type A { id: ID! bs: [B!]!"
        ' all: Int! @count(of: "bs") some(n: Int): Int! @count(of: "bs")'
        ' sum(n: Int): Int @sum(of: "bs", field: "n") }'
        ' type B @key(fields: "id n") { id: ID! n: Int! }'
    )
    plan = compiler.plan("{ a(id: 1) { all some(n: 2) x: some sum y: sum(n: 3) } }")
    slots = [slot for slot in plan.batches[0].slots if isinstance(slot, AggregateSlot)]
    assert [(slot.made.field, slot.chosen_by()) for slot in slots] == [
        ("all", None),
        ("some", 0),
        ("some", 1),
        ("sum", 2),
        ("sum", 3),
    ]
    assert [
        (each.owner, each.field, len(each.filters), len(each.arguments)) for each in plan.choices
    ] == [
        ("A", "some", 1, 1),
        ("A", "some", 1, 0),
        ("A", "sum", 1, 0),
        ("A", "sum", 1, 1),
    ]


def test_a_relation_by_two_columns_names_both() -> None:
    compiler = Compiler.of(
        'type Query { a(x: Int!, y: Int!): A } type A @key(fields: "x y") { x: Int! y: Int!'
        ' bs: [B!]! } type B @key(fields: "x y z") { x: Int! y: Int! z: Int! }'
    )
    plan = compiler.plan("{ a(x: 1, y: 2) { bs { z } } }")
    assert str(plan).splitlines() == [
        "query",
        "  a = batch 0: one A by x, y",
        "    bs = batch 1: list of B for each x, y, ordered by x, y, z",
        "      z = t0.z as Int",
    ]


@pytest.mark.parametrize(
    ("sort", "selected"),
    [
        ("{all: DESC}", ["count of bs"]),
        ("{least: ASC}", ["least of bs.n"]),
        ("{all: DESC} {least: ASC}", ["count of bs", "least of bs.n"]),
        ("{some: ASC}", ["count of bs", "count of bs"]),  # the key is made without the argument
        ("{mean: ASC}", ["average of bs.n", "key mean"]),  # sorted by with more digits
        ("{up: {all: ASC}}", ["count of bs", "key up.all"]),  # null where nothing is above
    ],
)
def test_an_aggregate_that_is_shown_and_sorted_by_is_selected_once(
    sort: str, selected: list[str]
) -> None:
    compiler = Compiler.of(
        "type Query { as(sort: [ASort!], first: Int, after: String): AConnection }"
        ' type A { id: ID! up: A @relation(columns: ["upId"], references: ["id"]) @sortable'
        " upId: ID bs: [B!]!"
        ' all: Int! @count(of: "bs") @sortable some(n: Int): Int! @count(of: "bs") @sortable'
        ' least: Int @min(of: "bs", field: "n") @sortable'
        ' mean: Float @avg(of: "bs", field: "n") @sortable }'
        ' type B @key(fields: "id n") { id: ID! n: Int! }'
        " type AConnection { edges: [AEdge!]! nodes: [A!]! pageInfo: PageInfo! }"
        " type AEdge { node: A! }"
        f" {PAGE_INFO}"
    )
    shown = [name for name in ("all", "some", "least", "mean") if name in sort]
    shown = [f"{name}(n: 1)" if name == "some" else name for name in shown]
    plan = compiler.plan(
        f"{{ as(sort: [{sort}]) {{ nodes {{ {' '.join(shown)} }} pageInfo {{ endCursor }} }} }}"
    )
    (batch,) = plan.batches
    made = (slot for slot in batch.slots if isinstance(slot, AggregateSlot | ComputedSlot))
    assert [slot.text(batch) for slot in made] == selected
