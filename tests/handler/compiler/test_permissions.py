"""What each use of a schema needs: what the SDL says of it, and what follows from that."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import AUTHENTICATED, CLOSED, AccessRules
from handler.compiler.permissions import Permissions
from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    """
type Query {
  order(orderId: ID!): Order
  orders(
    first: Int, after: String, before: String, last: Int,
    order: OrderOrder = REF,
    refPrefix: String @filter(field: "ref", operator: PREFIX)
    secret: String
    placedFrom: DateTime
      @filter(field: "placedAt", operator: GREATER) @requiresScopes(scopes: [["past"]])
  ): OrderConnection!
  byCode(code: String! @requiresScopes(scopes: [["codes"]])): [Order!]!
  sorted(order: OrderOrder!): [Order!]! @orderBy(fields: ["secret"])
  newest(first: Int): [Order!]! @orderBy(fields: ["placedAt DESC"])
  own: [Order!]! @authenticated
  nothing: [Nothing!]! @public
  fieldwise: [Fieldwise!]!
  fieldwiseOpen: [Fieldwise!]! @public
  products: ProductConnection!
  product(productId: ID! ): Product
  gone: Int @resolver
  weather: Weather @resolver @public
}
enum OrderOrder {
  REF @orderBy(fields: ["ref"])
  SECRET @orderBy(fields: ["ref", "secret DESC"])
  ID @orderBy(fields: ["orderId"])
}
type Order @requiresScopes(scopes: [["read"]]) {
  orderId: ID! @requiresScopes(scopes: [["ids"]])
  ref: String!
  code: String!
  secret: String @requiresScopes(scopes: [["deep"]])
  placedAt: DateTime @requiresScopes(scopes: [["when"]])
  cursor: String! @cursor
  lines: [Line!]!
  lineCount: Int! @count(of: "lines")
  total: Decimal! @sum(of: "lines", field: "price")
  pieces: Int! @sum(of: "lines", field: "quantity")
  dearest: Decimal @max(of: "lines", field: "price")
  label: String @resolver(requires: "secret")
  customer: Customer
}
type Line @key(fields: "orderId no") @requiresScopes(scopes: [["lines"]]) {
  orderId: ID!
  no: Int!
  price: Decimal! @requiresScopes(scopes: [["prices"]])
  quantity: Int!
}
type Customer @public {
  customerId: ID!
  lines: [Line!]! @relation(columns: ["customer_id"], references: ["no"])
}
type Nothing { nothingId: ID! }
type Fieldwise {
  fieldwiseId: ID!
  a: Int @public
  b: Int
  lines: [Line!]! @public @relation(columns: ["fieldwise_id"], references: ["no"])
  lineCount: Int! @count(of: "lines")
  pieces: Int! @public @sum(of: "lines", field: "quantity")
}
type Product @public {
  productId: ID!
  name: String @authenticated
  both: Int @authenticated @requiresScopes(scopes: [["both"]])
}
type Weather { degrees: Int rain: Int @public }
type ProductConnection @requiresScopes(scopes: [["pages"]]) {
  edges: [ProductEdge!]! nodes: [Product!]! pageInfo: PageInfo!
  totalCount: Int! @requiresScopes(scopes: [["count"]])
}
type ProductEdge { node: Product! cursor: String! }
type OrderConnection { edges: [OrderEdge!]! nodes: [Order!]! pageInfo: PageInfo! totalCount: Int! }
type OrderEdge { node: Order! cursor: String! }
"""
    + PAGE_INFO
)


class Needs:
    """Bits as the words of the SDL."""

    def __init__(self, sdl: str) -> None:
        schema = build_schema({"api.graphql": sdl})
        model = build_model(schema)
        self.rules = AccessRules(model.access)
        self.permissions = Permissions(schema, model, self.rules)

    def words(self, needs: int) -> set[str]:
        """The scopes, ``known`` and ``closed`` behind the bits."""
        told = {AUTHENTICATED: "known", CLOSED: "closed"}
        return {
            told.get(each) or each.alternatives[0][0]
            for number, each in enumerate(self.rules.requirements)
            if needs >> number & 1
        }

    def of(self, place: str) -> set[str]:
        """Of ``Type.field``, ``Type.field(argument)`` or ``Type.field=ORDER``."""
        permissions = self.permissions
        type_name, _, rest = place.partition(".")
        if "(" in rest:
            field, _, argument = rest.rstrip(")").partition("(")
            return self.words(permissions.arguments[type_name, field, argument])
        if "=" in rest:
            field, _, value = rest.partition("=")
            return self.words(permissions.orders[type_name, field, value])
        return self.words(permissions.fields[type_name, rest])


NEEDS = Needs(SDL)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param("Order.ref", {"read"}, id="of-the-type"),
        pytest.param("Order.secret", {"read", "deep"}, id="of-type-and-field"),
        pytest.param("Product.both", {"known", "both"}, id="two-at-one-place"),
        pytest.param("Product.productId", set(), id="public-type"),
        pytest.param("Order.customer", {"read"}, id="leads-to-a-public-type"),
        pytest.param("Order.lines", {"read", "lines"}, id="leads-to-another-type"),
        pytest.param("Customer.lines", {"lines"}, id="from-a-public-type"),
        pytest.param("Query.own", {"known", "read"}, id="root-with-a-rule-and-its-type"),
        pytest.param("Query.products", {"pages"}, id="root-by-connection-and-node"),
        pytest.param("Query.product", set(), id="root-by-its-type"),
        pytest.param("Query.gone", {"closed"}, id="root-of-which-nothing-is-said"),
        pytest.param("Query.nothing", {"closed"}, id="type-of-which-nothing-is-said"),
        pytest.param("Nothing.nothingId", {"closed"}, id="field-of-such-a-type"),
        pytest.param("Query.fieldwise", {"closed"}, id="root-of-a-type-opened-by-fields"),
        pytest.param("Query.fieldwiseOpen", set(), id="open-root-of-such-a-type"),
        pytest.param("Fieldwise.a", set(), id="open-field-of-such-a-type"),
        pytest.param("Fieldwise.b", {"closed"}, id="field-beside-an-open-one"),
        pytest.param("Fieldwise.lineCount", {"closed", "lines"}, id="value-of-an-open-list"),
        pytest.param("Fieldwise.pieces", {"lines"}, id="open-value-of-an-open-list"),
        pytest.param("Query.weather", set(), id="what-a-resolver-gives"),
        pytest.param("Weather.degrees", {"closed"}, id="inside-of-what-a-resolver-gives"),
        pytest.param("Order.label", {"read"}, id="what-a-resolver-reads-is-the-servers"),
        pytest.param("Order.lineCount", {"read", "lines"}, id="count"),
        pytest.param("Order.total", {"read", "lines", "prices"}, id="sum"),
        pytest.param("Order.pieces", {"read", "lines"}, id="sum-of-an-open-field"),
        pytest.param("Order.dearest", {"read", "lines", "prices"}, id="greatest"),
        pytest.param("Order.cursor", {"read", "ids"}, id="cursor-holds-the-key"),
        pytest.param("OrderEdge.cursor", {"ids", "read"}, id="cursor-of-an-edge"),
        pytest.param("OrderConnection.pageInfo", {"ids", "read"}, id="page-info-holds-cursors"),
        pytest.param("OrderConnection.totalCount", set(), id="as-open-as-what-led-there"),
        pytest.param("OrderConnection.edges", {"read"}, id="edges-lead-to-nodes"),
        pytest.param("ProductEdge.cursor", set(), id="cursor-of-an-open-key"),
        pytest.param("ProductConnection.totalCount", {"pages", "count"}, id="connection-rules"),
        pytest.param("PageInfo.endCursor", set(), id="page-info-itself"),
        pytest.param("Query.order", {"read", "ids"}, id="required-filter"),
        pytest.param("Query.byCode", {"read", "codes"}, id="required-argument-with-a-rule"),
        pytest.param("Query.newest", {"read", "when"}, id="order-by-default"),
        pytest.param("Query.orders", {"read"}, id="order-by-the-arguments-default"),
        pytest.param("Query.sorted", {"read"}, id="order-that-is-always-chosen"),
        pytest.param("Query.sorted=SECRET", {"read", "deep"}, id="chosen-where-one-has-to-be"),
        pytest.param("Query.orders(refPrefix)", {"read"}, id="filter"),
        pytest.param("Query.orders(secret)", {"read", "deep"}, id="filter-over-a-secret"),
        pytest.param(
            "Query.orders(placedFrom)", {"read", "when", "past"}, id="filter-and-a-rule-of-its-own"
        ),
        pytest.param("Query.orders(first)", set(), id="page-size"),
        pytest.param("Query.orders(after)", {"read", "ids"}, id="after-searches-keys"),
        pytest.param("Query.orders(before)", {"read", "ids"}, id="before-searches-keys"),
        pytest.param("Query.orders=REF", {"read"}, id="chosen-order"),
        pytest.param("Query.orders=SECRET", {"read", "deep"}, id="order-by-a-secret"),
        pytest.param("Query.orders=ID", {"read", "ids"}, id="order-by-the-key-when-asked-for"),
    ],
)
def test_needs(place: str, expected: set[str]) -> None:
    assert NEEDS.of(place) == expected


COMPILER = Compiler.of(SDL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{ __typename __schema { queryType { name } } }", set(), id="schema"),
        pytest.param("{ product(productId: 1) { productId } }", set(), id="public"),
        pytest.param("{ product(productId: 1) { name } }", {"known"}, id="below"),
        pytest.param(
            "{ orders { nodes { ... on Order { ...F } } } } fragment F on Order { secret }",
            {"read", "deep", "known"},
            id="in-fragments",
        ),
        pytest.param(
            "query ($x: OrderOrder) { orders(order: $x) { totalCount } }",
            {"read", "deep", "ids", "known"},
            id="every-order-that-a-variable-may-choose",
        ),
        pytest.param(
            '{ orders(secret: "x") @skip(if: true) { totalCount } }',
            {"read", "deep", "known"},
            id="whatever-is-skipped",
        ),
    ],
)
def test_the_bits_that_decide_on_an_operation(text: str, expected: set[str]) -> None:
    document = COMPILER.parse(text)
    found = NEEDS.permissions.of_operation(document.operations[0], document.fragments)
    assert NEEDS.words(found) == expected


def caller(*scopes: str) -> Principal:
    return Principal(kind=CallerKind.TOKEN, subject="ann", scopes=frozenset(scopes))


@pytest.mark.parametrize(
    ("scopes", "argument", "forbidden"),
    [
        pytest.param("read", "order: SECRET", True, id="a-secret"),
        pytest.param("read deep", "order: SECRET", False, id="with-its-scope"),
        pytest.param("read", "order: REF", False, id="another-order"),
        pytest.param("read", "order: null", False, id="none"),
        pytest.param("read", "after: null", True, id="after"),
        pytest.param("read ids", "after: null", False, id="after-with-the-keys-scope"),
        pytest.param("read", "first: 1", False, id="size"),
    ],
)
def test_an_argument_forbids_its_field(scopes: str, argument: str, *, forbidden: bool) -> None:
    plan = COMPILER.plan(
        f"{{ orders({argument}) {{ totalCount }} }}", None, caller(*scopes.split())
    )
    assert plan.has_forbidden is forbidden
    assert (str(plan).splitlines()[1] == "  orders = forbidden") is forbidden
    assert (plan.batches == ()) is forbidden


@pytest.mark.parametrize(("value", "forbidden"), [("SECRET", True), ("REF", False), (None, False)])
def test_the_order_that_a_variable_chooses_decides(value: str | None, *, forbidden: bool) -> None:
    text = "query ($x: OrderOrder) { orders(order: $x) { totalCount } }"
    assert COMPILER.plan(text, {"x": value}, caller("read")).has_forbidden is forbidden


def test_nothing_is_read_for_a_forbidden_field() -> None:
    text = """{
      orders {
        nodes { ref secret total lines { quantity } customer { customerId } }
        pageInfo { endCursor }
      }
      newest { ref }
      product(productId: "1") { productId name }
    }"""
    assert str(COMPILER.plan(text, None, caller("read"))) == "\n".join(
        (
            "query",
            "  orders = batch 0: page of Order, ordered by ref, orderId",
            "    nodes = Order",
            "      ref = t0.ref as String",
            "      secret = forbidden",
            "      total = forbidden",
            "      lines = forbidden",
            "      customer = one Customer, joined",
            "        customerId = t1.customer_id as ID",
            "    pageInfo = forbidden",
            "  newest = forbidden",
            "  product = batch 1: one Product by productId",
            "    productId = t0.product_id as ID",
            "    name = t0.name as String",
        )
    )


def test_a_caller_who_could_log_in_is_told_so() -> None:
    text = '{ gone own { ref } product(productId: "1") { name } }'
    assert str(COMPILER.plan(text, None, Principal.anonymous())) == "\n".join(
        (
            "query",
            "  gone = forbidden",
            "  own = forbidden, unless logged in",
            "  product = batch 0: one Product by productId",
            "    name = forbidden, unless logged in",
        )
    )


def test_a_rule_on_a_field_of_the_page_info_is_refused() -> None:
    sdl = SDL.replace("  endCursor: String\n", "  endCursor: String @authenticated\n")
    with pytest.raises(
        SchemaError, match=r"PageInfo\.endCursor can have no rule of its own"
    ) as error:
        Needs(sdl)
    assert error.value.location is not None


def test_what_is_closed_for_want_of_a_rule_is_listed_once() -> None:
    assert [name for name, _ in NEEDS.permissions.closed()] == [
        "Query.fieldwise",
        "Query.gone",
        "type Nothing",
        "Fieldwise.fieldwiseId",
        "Fieldwise.b",
        "Fieldwise.lineCount",
        "Weather.degrees",
    ]
