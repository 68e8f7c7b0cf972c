"""Types of groups: what may stand in them, and what is said of what may not."""

from __future__ import annotations

import pytest

from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.groups import GroupKey, GroupsField, GroupValue
from handler.model.lists import Shape
from tests.handler.compiler.plans import Compiler

SHOP = """
type Order {
  orderId: ID!
  at: DateTime @filterable
  day: Date!
  total: Decimal!
  note: String
  tags: [String!]
  place: JSON
  customer: Customer
  seller: Customer! @relation(columns: ["seller_id"], references: ["customer_id"])
  items: [Item!]!
}
type Customer { customerId: ID! country: String! rank: Int }
type Item { itemId: ID! orderId: ID! price: Decimal! }
"""


def told(sdl: str) -> str | None:
    """The error that the SDL gets, if it gets one."""
    try:
        build_model(build_schema({"test.graphql": sdl}))
    except SchemaError as error:
        return str(error)
    return None


def in_type(fields: str, root: str = "gs: [G!]!", of: str = "Order", more: str = "") -> str:
    """A schema with a type of groups."""
    return (
        f'type Query {{ {root} }}\ntype G @aggregate(of: "{of}") {more}{{\n  {fields}\n}}\n{SHOP}'
    )


MISTAKES = [
    pytest.param(
        in_type("n: Int! @count"),
        "2:1: type G has no key: say by what the rows of Order are grouped, with @group on a field",
        id="no-key",
    ),
    pytest.param(
        in_type("note: String @group", of="Nothing"),
        "2:1: type G: @aggregate(of: 'Nothing') must name a type of rows, whose groups it "
        "describes",
        id="of-nothing",
    ),
    pytest.param(
        in_type("note: String @group", of="G"),
        "2:1: type G: @aggregate(of: 'G') must name a type of rows, whose groups it describes",
        id="of-groups",
    ),
    pytest.param(
        in_type("note: String @group", more='@table(name: "orders") '),
        "2:1: type G is of groups of Order: @table is for a type of rows; take it away, the one of "
        "Order holds",
        id="with-a-table",
    ),
    pytest.param(
        in_type("note: String @group\n  b: String"),
        "4:3: G.b: a field of a type of groups is a key, with @group, or made of the rows of a "
        "group, with one of @count, @sum, @min, @max, @avg",
        id="neither-key-nor-value",
    ),
    pytest.param(
        in_type("note: String @group @count"),
        "3:3: G.note: a field of a type of groups is a key, with @group, or made of the rows of a "
        "group, with one of @count, @sum, @min, @max, @avg",
        id="key-and-value",
    ),
    pytest.param(
        in_type("note: String @group\n  n(a: Int): Int! @count"),
        "4:3: G.n: a field of a group takes no arguments",
        id="arguments",
    ),
    pytest.param(
        in_type("note: [String!] @group"), "3:3: G.note gives one value; make it no list", id="list"
    ),
    pytest.param(
        in_type('n: String @group(field: "nothing")'),
        "3:3: G.n: 'nothing' must name a column of Order; there are: orderId, at, day, total, "
        "note, tags, place",
        id="no-column",
    ),
    pytest.param(
        in_type('n: Decimal @group(field: "items.price")'),
        "3:3: G.n: 'items' in 'items.price' must name a field of Order that leads to one row; to "
        "group what it leads to many of, make the type one of these rows",
        id="to-many",
    ),
    pytest.param(
        in_type("tags: String @group"),
        "3:3: G.tags: 'tags' is [String!], and groups need a value that has an order",
        id="labels",
    ),
    pytest.param(
        in_type("place: JSON @group"),
        "3:3: G.place: 'place' is JSON, and groups need a value that has an order",
        id="no-order",
    ),
    pytest.param(
        in_type('country: String! @group(field: "customer.country")'),
        "3:3: G.country: 'customer.country' may be null, and the rows without it are a group, too; "
        "take the ! away",
        id="null-on-the-way",
    ),
    pytest.param(
        in_type('m: Date @group(field: "note", by: MONTH)'),
        "3:3: G.m: 'note' is String, and only a Date or a DateTime is grouped by MONTH; take by "
        "away",
        id="no-time",
    ),
    pytest.param(
        in_type('m: Date! @group(field: "day", by: MONTH, zone: "Europe/Berlin")'),
        "3:3: G.m: zone says on which day an instant is, for a DateTime that is grouped by a span "
        "of time; take it away, or name one with by: MONTH",
        id="zone-of-a-day",
    ),
    pytest.param(
        in_type('m: DateTime @group(field: "at", zone: "Europe/Berlin")'),
        "3:3: G.m: zone says on which day an instant is, for a DateTime that is grouped by a span "
        "of time; take it away, or name one with by: MONTH",
        id="zone-without-a-span",
    ),
    pytest.param(
        in_type('m: Date @group(field: "at", by: DAY, zone: "Europe/Bärlin")'),
        "3:3: G.m: no time zone is called 'Europe/Bärlin'; name one such as Europe/Berlin",
        id="unknown-zone",
    ),
    pytest.param(
        in_type('m: Date @group(field: "at", by: DAY, zone: "../etc/passwd")'),
        "3:3: G.m: no time zone is called '../etc/passwd'; name one such as Europe/Berlin",
        id="zone-is-a-path",
    ),
    pytest.param(
        in_type('m: DateTime @group(field: "at", by: DAY)'),
        "3:3: G.m gives no DateTime; make the field a Date",
        id="span-is-a-day",
    ),
    pytest.param(
        in_type('note: String @group\n  n: Int! @count(of: "items")'),
        "4:3: G.n: a group has its rows, of Order; take `of` away",
        id="count-of",
    ),
    pytest.param(
        in_type('note: String @group\n  n: Decimal! @sum(field: "note")'),
        "4:3: G.n(field: 'note') must name a field that is an Int, BigInt, Float or Decimal",
        id="sum-of-texts",
    ),
    pytest.param(
        in_type('note: String @group\n  n: Int! @max(field: "customer.rank")'),
        "4:3: G.n is null in a group where customer.rank is null in all rows, and the field must "
        "not be; take the ! away",
        id="null-of-nulls",
    ),
    pytest.param(
        in_type("note: String @group", root="g: G"),
        "1:14: field 'g' gives one G, and there are as many as there are groups; make it a list or "
        "a connection",
        id="one-group",
    ),
    pytest.param(
        in_type("note: String @group", root="o: Order")
        + "extend type Customer { gs: GConnection! }",
        "20:24: Customer.gs: groups below a row are a list, which may have `first` and `after`; "
        "make it [G!]!",
        id="page-below-a-row",
    ),
    pytest.param(
        in_type("note: String @group", root='gs(a: Int @filter(field: "n")): [G!]!'),
        "1:17: argument 'a' of 'gs' chooses by 'n', which is no column of Order; name one with "
        "@filter(field: ...): orderId, at, day, total, note, tags, place",
        id="argument-over-the-rows",
    ),
    pytest.param(
        in_type("note: String @group", root="orders: OrderConnection!")
        + "extend type OrderConnection { notes(where: OrderFilter): [G!]! }",
        "20:37: OrderConnection.notes is over the rows that the list has, which its own arguments "
        "choose: it takes first, having alone",
        id="filter-of-a-facet",
    ),
    pytest.param(
        in_type("note: String @group", root="customers: CustomerConnection!")
        + "extend type CustomerConnection { notes: [G!]! }",
        "20:34: CustomerConnection.notes must give groups of Customer, of whose rows "
        "CustomerConnection is a page",
        id="facet-of-other-rows",
    ),
    pytest.param(
        "type Query { o: [Order!]! }\nextend type Order { n: Int @group }" + SHOP,
        '2:21: Order.n: @group is for a type of groups; write @aggregate(of: "...") on Order, or '
        "take it away",
        id="key-of-rows",
    ),
    pytest.param(
        "type Query { o: [Order!]! }\nextend type Order { n: Int! @count }" + SHOP,
        "2:21: Order.n: @count needs `of`, the field of Order that leads to the rows; without it, "
        "it is for a type of groups, with @aggregate",
        id="count-of-nothing",
    ),
    pytest.param(
        in_type("note: String @group", root="o: Order")
        + 'extend type Customer { gs: [G!]! n: Int! @count(of: "gs") }',
        "20:34: Customer.n: @count(of: 'gs') must name fields that lead to rows, and 'gs' of "
        "Customer is none; no field does",
        id="count-of-groups",
    ),
    pytest.param(
        in_type("note: String @group", root="o: Order")
        + "extend type Customer { gs: [G!]! @filterable }",
        "20:24: Customer.gs: @filterable is for a column, an @expression, an aggregate or a "
        "relation of a type with a table; take it away",
        id="filter-by-groups",
    ),
]


@pytest.mark.parametrize(("sdl", "expected"), MISTAKES)
def test_a_mistake_names_its_place_and_what_to_write(sdl: str, expected: str) -> None:
    found = told(sdl)
    assert found is not None
    assert found.splitlines()[0].removeprefix("test.graphql:") == expected


def test_a_type_of_groups_is_made_of_keys_and_values() -> None:
    sdl = in_type(
        'month: Date @group(field: "at", by: MONTH, zone: "Europe/Berlin")\n'
        '  country: String! @group(field: "seller.country")\n'
        "  n: Int! @count\n"
        '  total: Decimal! @sum(field: "total") @filterable',
        root="gs(where: OrderFilter, note: String, having: GFilter, first: Int): GConnection!",
    )
    model = build_model(build_schema({"test.graphql": sdl}))
    groups, field = model.groups["G"], model.roots["gs"]
    assert [type(each) for each in groups.fields.values()] == [
        GroupKey,
        GroupKey,
        GroupValue,
        GroupValue,
    ]
    assert (groups.name, groups.source, groups.made_of) == (
        "orders",
        "Order",
        ("Order", "Customer"),
    )
    assert groups.key == ("G.month", "G.country")
    assert isinstance(field, GroupsField)
    assert (field.shape, field.source, field.chosen) == (Shape.CONNECTION, "Order", "Order")
    assert [each.argument for each in field.filters] == ["note"]
    assert [each.argument for each in field.inputs] == ["where"]
    assert [each.argument for each in field.having] == ["having"]
    assert [str(term) for term in field.order] == ["month", "country"]
    assert sorted(model.tables) == ["Customer", "Item", "Order"]  # a type of groups has none


def test_the_rows_of_groups_need_no_field_of_their_own() -> None:
    sdl = in_type("note: String @group")
    assert "Order" in build_model(build_schema({"test.graphql": sdl})).tables


def test_a_facet_reads_its_groups() -> None:
    model = Compiler.of(
        "type Query { as: AConnection! }"
        " type A { aId: ID! n: Int b: B! cs: [C!]! }"
        " type B @public { bId: ID! name: String! }"
        " type C { cId: ID! aId: ID! x: Int }"
        " extend type AConnection {"
        '   names: [Name!]! @facet @orderBy(fields: ["many DESC"]) }'
        ' type Name @aggregate(of: "A") {'
        '   name: String @group(field: "b.name") many: Int! @count }'
    ).model
    (facet,) = model.facets.values()
    assert list(facet.types_read(model.tables)) == ["Name"]
