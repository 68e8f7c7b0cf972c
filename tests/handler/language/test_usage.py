"""What operations use of a schema; graphql-core's walk over the same documents is the judge."""

from __future__ import annotations

import graphql
import pytest

from aurora_graphql.schema.coordinates import used_by
from handler.language.lexer import scan
from handler.language.limits import Limits
from handler.language.parser import parse_document
from handler.language.sdl import build_schema
from handler.language.usage import used_coordinates

SDL = """
type Query {
  orders(first: Int, by: By, where: Where, in: [By!]): [Order!]!
  node(id: ID!): Node
  found(text: String!): [Found!]!
}
interface Node { id: ID! }
type Order implements Node { id: ID! total(unit: Unit): Int customer: Customer }
type Customer implements Node { id: ID! name: String orders(first: Int): [Order!]! }
union Found = Order | Customer
enum By { ID TOTAL }
enum Unit { CENT EURO }
input Where { id: ID, not: Where, unit: Unit, customer: OfCustomer }
input OfCustomer { name: String, orders: Where }
"""


def used(document: str) -> set[str]:
    parsed = parse_document(scan(document, Limits()))
    schema = build_schema({"a.graphql": SDL})
    return set(used_coordinates(schema, parsed.operations[0], parsed.fragments))


@pytest.mark.parametrize(
    "document",
    [
        "{ orders { id } }",
        "{ a: orders(first: 3, by: TOTAL) { b: total(unit: EURO) customer { name } } }",
        "{ orders(in: [ID, TOTAL]) { __typename } }",
        '{ node(id: "1") { id ... on Order { total } ...C } } fragment C on Customer { name }',
        '{ found(text: "x") { __typename ... on Node { id } ... on Customer { orders { id } } } }',
        '{ orders(where: {id: "1", not: {customer: {name: null}}, unit: CENT}) { id } }',
        "query($n: Int, $i: ID!) { orders(first: $n) { id } node(id: $i) { id } }",
        "{ __schema { types { name } } orders { id } }",
        "{ ...A ...A } fragment A on Query { orders { id } }",
    ],
)
def test_it_agrees_with_a_walk_of_another_library(document: str) -> None:
    types = graphql.build_schema(SDL)
    expected = {each for each in used_by(document, types) if "." in each}
    expected = {each for each in expected if "__" not in each}
    assert used(document) == expected


def test_a_variable_may_bring_every_member_of_its_input() -> None:
    assert used("query($w: Where) { orders(where: $w) { id } }") == {
        "Query.orders",
        "Query.orders(where:)",
        "Order.id",
        *(f"Where.{member}" for member in ("id", "not", "unit", "customer")),
        "OfCustomer.name",
        "OfCustomer.orders",
        "Unit.CENT",
        "Unit.EURO",
    }


def test_a_variable_within_an_input_brings_its_own() -> None:
    found = used("query($c: OfCustomer) { orders(where: {not: {customer: $c}}) { id } }")
    assert {"Where.not", "Where.customer", "OfCustomer.name", "Where.id"} <= found
    assert "Query.node" not in found


def test_a_variable_may_be_any_value_of_an_enum() -> None:
    found = used("query($b: By) { orders(by: $b) { id } }")
    assert {"By.ID", "By.TOTAL"} <= found


def test_literals_do_not_matter() -> None:
    """The tree of a shape has places for them, and serves all documents that differ there."""
    assert used('{ node(id: "1") { id } }') == used('{ node(id: "2") { id } }')
