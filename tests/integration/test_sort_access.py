"""Sorts by what a caller may not read: nobody learns by an order what no field would tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import graphql
import pytest

from aurora_graphql.dev.servers import MariaDb
from handler.settings import HIDDEN
from tests.apis import Api, open_api
from tests.callers import ANONYMOUS, Caller, token
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query { orders(sort: [OrderSort!], first: Int, after: String): OrderConnection! }
type Customer @public @rowAccess(field: "tenant", claim: "tenant", unlessScopes: [["all"]]) {
  customerId: ID! @column(integer: true) @sortable
  tenant: ID!
  name: String! @sortable
  debt: Int! @sortable @requiresScopes(scopes: [["money"]])
  orders: [Order!]!
  orderCount: Int! @count(of: "orders") @sortable
  label: String! @expression(sql: "COALESCE({name}, 'none')") @sortable
}
type Order @public {
  orderId: ID! @column(integer: true)
  customer: Customer @sortable
  secret: Customer @sortable @requiresScopes(scopes: [["money"]])
    @relation(columns: ["customer_id"], references: ["customer_id"])
  notes: [Note!]!
  noteCount: Int! @count(of: "notes") @sortable
}
type Note @requiresScopes(scopes: [["notes"]]) @rowAccess(field: "tenant", claim: "tenant") {
  noteId: ID! @column(integer: true) tenant: ID!
}
"""
TABLES = (
    "CREATE TABLE customers (customer_id INT PRIMARY KEY, tenant VARCHAR(9), name VARCHAR(9), "
    "debt INT)",
    "CREATE TABLE orders (order_id INT PRIMARY KEY, customer_id INT)",
    "CREATE TABLE notes (note_id INT PRIMARY KEY, order_id INT, tenant VARCHAR(9))",
    "INSERT INTO customers VALUES (1, 'a', 'n', 1), (2, 'b', 'm', 9), (3, 'a', 'k', 5)",
    "INSERT INTO orders VALUES (1, 1), (2, 2), (3, 3), (4, NULL), (5, 2), (6, 1)",
    "INSERT INTO notes VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 2, 'b'), (4, 3, 'a'), (5, 3, 'a')",
)
A = token("a", tenant="a")
B = token("b", tenant="b")
ALL = token("all", "all")
PAID = token("paid", "money", "all")
NOTES_A = token("notes-a", "notes", tenant="a")
NOTES_B = token("notes-b", "notes", tenant="b")


@pytest.fixture(scope="module")
def apis(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Api]]:
    """What is forbidden is an error in the first one, and hidden in the second."""
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "orders.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(url, *TABLES)
        with open_api(url, folder) as shown, open_api(url, folder, forbidden_fields=HIDDEN) as hid:
            yield shown, hid


DOCUMENT = "query($s: [OrderSort!]) { orders(sort: $s, first: 9) { nodes { orderId } } }"


def sorted_by(api: Api, caller: Caller, sort: str) -> list[int]:
    given = graphql.value_from_ast_untyped(graphql.parse_value(sort))
    answer = api.run(DOCUMENT, {"s": given}, principal=caller.principal)
    return [int(each["orderId"]) for each in answer.data["orders"]["nodes"]]


@pytest.mark.parametrize(
    ("sort", "forbidden", "allowed"),
    [
        pytest.param("[{customer: {debt: ASC}}]", A, PAID, id="field"),
        pytest.param("[{secret: {name: ASC}}]", ANONYMOUS, PAID, id="way"),
        pytest.param("[{customer: {name: ASC}}, {noteCount: ASC}]", A, NOTES_A, id="aggregate"),
    ],
)
def test_a_sort_needs_what_reading_needs(
    apis: tuple[Api, Api], sort: str, forbidden: Caller, allowed: Caller
) -> None:
    written = f"{{ orders(sort: {sort}, first: 9) {{ nodes {{ orderId }} }} }}"
    given = graphql.value_from_ast_untyped(graphql.parse_value(sort))
    word = "Log in to read" if forbidden is ANONYMOUS else "You may not read"
    for document, variables in ((written, {}), (DOCUMENT, {"s": given})):
        for api, said in zip(apis, (f"{word} Query.orders.", None), strict=True):
            api.run(document, variables, principal=allowed.principal).data  # noqa: B018
            answer = api.run(document, variables, principal=forbidden.principal)
            error = answer.body["errors"][0]
            if said is None:
                assert "is not defined by type" in error["message"]
            else:
                assert error["message"] == said
            assert answer.statements == ()


def test_a_row_that_is_not_seen_sorts_as_one_that_is_not_there(apis: tuple[Api, Api]) -> None:
    api = apis[0]
    for key in ("name", "customerId", "orderCount", "label"):
        up, down = (f"[{{customer: {{{key}: {direction}}}}}]" for direction in ("ASC", "DESC"))
        # Of tenant b only orders 2 and 5 lead to a customer, to one and the same.
        assert sorted_by(api, B, up) == [1, 3, 4, 6, 2, 5]
        assert sorted_by(api, B, down) == [5, 2, 6, 4, 3, 1]
        assert sorted_by(api, ANONYMOUS, up) == [1, 2, 3, 4, 5, 6]
    assert sorted_by(api, A, "[{customer: {name: ASC}}]") == [2, 4, 5, 3, 1, 6]
    assert sorted_by(api, ALL, "[{customer: {name: ASC}}]") == [4, 3, 2, 5, 1, 6]
    assert sorted_by(api, PAID, "[{customer: {debt: DESC}}]") == [5, 2, 3, 6, 1, 4]


def test_an_aggregate_is_of_the_rows_that_are_seen(apis: tuple[Api, Api]) -> None:
    api = apis[0]
    assert sorted_by(api, NOTES_A, "[{noteCount: DESC}]") == [3, 1, 6, 5, 4, 2]
    assert sorted_by(api, NOTES_B, "[{noteCount: DESC}]") == [2, 6, 5, 4, 3, 1]


def test_cursors_of_hidden_rows_hold_nothing_of_them(apis: tuple[Api, Api]) -> None:
    """And a cursor of another order, or of a direction turned round, is refused in words."""
    api = apis[0]
    document = """query($s: [OrderSort!], $c: String) {
      orders(sort: $s, first: 1, after: $c) { edges { cursor node { orderId } } } }"""

    def page(caller: Caller, sort: list[Any], cursor: str | None = None) -> Any:
        return api.run(document, {"s": sort, "c": cursor}, principal=caller.principal)

    by_name = [{"customer": {"name": "ASC"}}]
    hidden = page(B, by_name).data["orders"]["edges"][0]
    absent = page(ANONYMOUS, by_name).data["orders"]["edges"][0]
    assert hidden == absent  # of order 1, whose customer is another tenant's
    assert page(B, by_name, hidden["cursor"]).data["orders"]["edges"][0]["node"]["orderId"] == "3"
    for other in ([{"customer": {"name": "DESC"}}], [{"customer": {"customerId": "ASC"}}], []):
        (error,) = page(B, other, hidden["cursor"]).body["errors"]
        assert error["message"] == (
            "the cursor is not one of this list; take one from its last answer"
        )


def test_an_answer_is_over_the_tables_that_it_is_sorted_by(apis: tuple[Api, Api]) -> None:
    """So that a write to one of them ends it, and callers who see other rows get another one."""
    engine = apis[0].engine
    for sort, tables, claims in [
        ("[]", {"orders"}, ()),
        ("[{customer: {name: ASC}}]", {"orders", "customers"}, ("tenant",)),
        ("[{noteCount: ASC}]", {"orders", "notes"}, ("tenant",)),
        ("[{customer: {orderCount: ASC}}]", {"orders", "customers"}, ("tenant",)),
    ]:
        document = f"{{ orders(sort: {sort}, first: 1) {{ nodes {{ orderId }} }} }}"
        prepared = engine.prepare(document, None, {}, apis[0]._grant(NOTES_A.principal))
        found = engine.plan(prepared, apis[0]._grant(NOTES_A.principal))
        assert {rows.table.name for rows in found.plan.all_read()} == tables
        assert found.claims == claims
