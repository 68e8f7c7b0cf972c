"""The cost of operations."""

from __future__ import annotations

from json import dumps
from typing import Any

import pytest
from msgspec.structs import replace

from handler.errors import InputError, SchemaError
from handler.language.cost import CostModel
from handler.language.cost_formula import Cost, Explanation, Formula, Heavy, RowsSize, Sizes
from handler.language.lexer import scan
from handler.language.parser import parse_document
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.costs import read_costs
from tests.handler.language.reference import WIDE

SHOP = """
type Query {
  shop: Shop
  orders(first: Int, last: Int, after: String, offset: Int): OrderConnection!
  paged(first: Int, offset: Int): [Order!]!
  capped(first: Int): [Order!]!
  unpaged(first: Int): [Order!]!
  wholly: OrderConnection!
  made(first: Int): [Order!]!
  weighed(first: Int): [Order!]! @cost(weight: "7")
  promised(first: Int): [Order!]! @listSize(assumedSize: 3)
  promisedAlone(first: Int): [Order!]! @listSize(assumedSize: 3, slicingArguments: [])
  plain: [Order!]!
  sized: [Order!] @listSize(assumedSize: 3)
  sliced(limit: Int, other: Int): [Order] @listSize(slicingArguments: ["limit", "other"])
  default(limit: Int = 4): [Order] @listSize(slicingArguments: ["limit"])
  relaxed(limit: Int): [Order]
    @listSize(slicingArguments: ["limit"], assumedSize: 9, requireOneSlicingArgument: false)
  special(limit: Int): Special @listSize(slicingArguments: ["limit"], sizedFields: ["results"])
  dear: Int @cost(weight: "5.5")
  asked(by: Ask @cost(weight: "3"), plain: Ask): Int
  any: [Any!]!
  named: Named
}
type Shop { name: String }
type Order implements Named { id: ID! name: String lines: [Line!]! heavy: Heavy }
type Line { id: ID! words: [String!]! }
type Heavy @cost(weight: "10") { name: String }
type OrderConnection { edges: [OrderEdge!]! nodes: [Order!]! pageInfo: PageInfo! }
type OrderEdge { cursor: String node: Order! }
type PageInfo { hasNextPage: Boolean! }
type Special { results: [Order!]! others: [Shop!]! }
input Ask { n: Int @cost(weight: "2") asks: [Ask!] }
interface Named { name: String }
union Any = Shop | Order | Heavy
"""


# As a model has them; the other lists are answered by Python.
ROWS = {
    ("Query", "orders"): RowsSize(20, is_page=True, skips=True),
    ("Query", "paged"): RowsSize(7, is_page=True),
    ("Query", "capped"): RowsSize(5, is_page=True),
    ("Query", "wholly"): RowsSize(6, is_page=True),
    ("Query", "made"): RowsSize(4, is_page=True, is_made=True),
    ("Query", "weighed"): RowsSize(4, is_page=True, is_made=True),
}
SIZES = Sizes(rows=ROWS, page=15, list=10)


def formula_of(text: str, sdl: str = SHOP, *, suggestions: bool = True) -> Formula:
    schema = build_schema({"shop.graphql": sdl})
    document = parse_document(scan(text, WIDE))
    sizes = replace(SIZES, stated=read_costs(schema))
    model = CostModel(schema, sizes, suggestions=suggestions)
    return model.compile(document.operations[0], document.fragments)


def cost(text: str, variables: dict[str, Any] | None = None, sdl: str = SHOP) -> Cost:
    return formula_of(text, sdl).evaluate(variables or {})


@pytest.mark.parametrize(
    ("text", "types", "fields"),
    [
        pytest.param("{ __typename }", 1, 0, id="leaf"),
        pytest.param("{ shop { name } }", 2, 1, id="object"),
        pytest.param("{ a: shop { name } shop { name } }", 3, 2, id="aliases-count"),
        pytest.param(
            "{ shop { name } ...F } fragment F on Query { shop { n: name } }",
            2,
            1,
            id="merged-fields-count-once",
        ),
        pytest.param("{ orders(first: 5) { nodes { id } } }", 1 + 1 + 5, 2, id="connection"),
        pytest.param(
            "{ orders(first: 5, offset: 300) { nodes { id } } }",
            1 + 1 + 5 + 3,
            2,
            id="a-hundred-rows-that-are-skipped-are-one-object",
        ),
        pytest.param("{ paged(first: 5, offset: 300) { id } }", 1 + 5, 1, id="of-a-resolver-none"),
        pytest.param(
            "{ made(first: 3) { id } }", 1 + 3 + 0.1, 1, id="groups-read-as-many-rows-as-a-list"
        ),
        pytest.param(
            "{ weighed(first: 3) { id } }",
            1 + 3,
            7,
            id="groups-of-which-the-sdl-says-what-they-read",
        ),
        pytest.param(
            "{ orders { nodes { id } } }", 1 + 1 + 20, 2, id="connection-of-the-default-size"
        ),
        pytest.param(
            "{ orders(first: 5) { edges { node { id } } pageInfo { hasNextPage } } }",
            1 + 1 + 5 + 5 + 1,
            1 + 1 + 5 + 1,
            id="edges",
        ),
        pytest.param(
            "{ orders(first: 5, last: 9) { nodes { id } } }", 1 + 1 + 9, 2, id="the-largest-counts"
        ),
        pytest.param("{ orders(first: -5) { nodes { id } } }", 2, 2, id="negative-is-none"),
        pytest.param(
            "{ orders(first: 5) { pageInfo { hasNextPage } } }",
            1 + 1 + 1 + 5,
            2,
            id="rows-that-a-page-info-alone-reads",
        ),
        pytest.param(
            "{ orders(first: 5) { __typename } }", 1 + 1, 1, id="no-rows-of-a-type-name-alone"
        ),
        pytest.param(
            "{ wholly { nodes { id } } }", 1 + 1 + 6, 2, id="connection-that-takes-no-size"
        ),
        pytest.param("{ unpaged { id } }", 1 + 15, 1, id="a-page-that-the-model-does-not-know"),
        pytest.param("{ promised { id } }", 1 + 3, 1, id="assumed-size-without-an-argument"),
        pytest.param(
            "{ promised(first: 8) { id } }", 1 + 8, 1, id="an-argument-before-an-assumed-size"
        ),
        pytest.param(
            "{ promisedAlone(first: 8) { id } }", 1 + 3, 1, id="arguments-that-do-not-size"
        ),
        pytest.param("{ paged { id } }", 8, 1, id="default-of-page"),
        pytest.param("{ paged(first: 3) { id } }", 4, 1, id="argument-before-page"),
        pytest.param("{ capped { id } }", 6, 1, id="maximum-of-page"),
        pytest.param(
            "{ plain { id lines { id words } } }", 1 + 10 + 100, 1 + 10, id="plain-lists-multiply"
        ),
        pytest.param("{ sized { id } }", 4, 1, id="assumed-size"),
        pytest.param("{ sliced(limit: 6) { id } }", 7, 1, id="slicing-argument"),
        pytest.param("{ default { id } }", 5, 1, id="default-of-the-argument"),
        pytest.param("{ relaxed { id } }", 10, 1, id="no-slicing-argument-needed"),
        pytest.param(
            "{ special(limit: 2) { results { id } others { name } } }",
            1 + 1 + 2 + 10,
            3,
            id="sized-fields",
        ),
        pytest.param("{ dear }", 1, 5.5, id="weight-of-a-field"),
        pytest.param("{ plain { heavy { name } } }", 1 + 10 + 100, 1 + 10, id="weight-of-a-type"),
        pytest.param(
            "{ asked(by: {n: 1, asks: [{n: 2}]}) }", 1, 3 + 2 + 1 + 2, id="weights-of-arguments"
        ),
        pytest.param(
            "{ any { ... on Shop { name } ... on Heavy { name } } }",
            1 + 10 * 10,
            1,
            id="the-dearest-type-counts",
        ),
        pytest.param(
            "{ named { name ... on Order { lines { id } } } }", 1 + 1 + 10, 2, id="interface"
        ),
        pytest.param("{ __schema { types { name } } }", 1, 0, id="introspection"),
    ],
)
def test_costs(text: str, types: float, fields: float) -> None:
    assert cost(text) == Cost(types, fields)


def test_variables_give_sizes() -> None:
    text = (
        "query($n: Int, $m: Int = 3) { orders(first: $n) { nodes { id } } paged(first: $m) { id } }"
    )
    assert cost(text, {"n": 2, "m": 3}).types == 1 + 1 + 2 + 3
    assert cost(text, {}).types == 1 + 1 + 20 + 7
    assert cost(text, {"n": None}).types == 1 + 1 + 20 + 7


@pytest.mark.parametrize(
    ("text", "given"), [("{ sliced { id } }", 0), ("{ sliced(limit: 1, other: 2) { id } }", 2)]
)
def test_exactly_one_slicing_argument_must_be_given(text: str, given: int) -> None:
    with pytest.raises(InputError) as refused:
        cost(text)
    assert refused.value.message == (
        'Field "sliced" needs exactly one of the arguments "limit", "other", which say how long'
        f" its list may be; {given} were given."
    )


def test_a_callers_largest_page_bounds_pages_that_are_not_sized() -> None:
    def types(text: str) -> float:
        return formula_of(text).evaluate({}, page_size_max=4).types

    assert types("{ orders { nodes { id } } }") == 1 + 1 + 4
    assert types("{ paged { id } }") == 1 + 4
    assert types("{ wholly { nodes { id } } }") == 1 + 1 + 4
    assert types("{ plain { id } }") == 1 + 10
    assert types("{ orders(first: 9) { nodes { id } } }") == 1 + 1 + 9  # which will be refused


MANY = """query($n: Int) {
  o: orders(first: $n) { nodes { lines { id } heavy { name } } }
  orders { pageInfo { hasNextPage } }
  d: dear
}"""


def test_an_explanation_names_the_heaviest_fields_and_what_makes_them_lighter() -> None:
    explained = formula_of(MANY).explain({"n": 6})
    assert explained == Explanation(
        parts=explained.parts,
        heaviest=(
            Heavy(("o", "nodes", "heavy"), 6 + 60),
            Heavy(("o", "nodes", "lines"), 6 + 60),
            Heavy(("orders",), 2 + 20),
        ),
        remedies=(
            "a smaller first at o, where it is 6",
            "leave out o.nodes.lines, a list that counts as 10",
            "a smaller first at orders, where it is 20",
        ),
    )


def test_an_explanation_accounts_for_all_of_the_cost() -> None:
    formula = formula_of(MANY)
    whole = formula.explain({"n": 6}).parts
    assert {each.path: each.cost for each in whole} == {
        ("o",): 2.0,
        ("o", "nodes"): 1 + 6.0,
        ("o", "nodes", "lines"): 66.0,
        ("o", "nodes", "heavy"): 66.0,
        ("orders",): 22.0,
        ("orders", "pageInfo"): 2.0,
        ("d",): 5.5,
    }
    root = 1
    assert sum(each.cost for each in whole) + root == formula.evaluate({"n": 6}).total


def test_where_the_schema_is_not_told_a_remedy_names_no_argument_that_is_not_in_the_document() -> (
    None
):
    text = "{ orders { nodes { id } } paged(first: 90) { id } }"
    assert formula_of(text, suggestions=False).explain({}).remedies == (
        "a smaller first at paged, where it is 90",
        "a smaller page at orders, where it is 20",
    )


def test_a_refusal_says_what_was_found_and_where_it_comes_from() -> None:
    error = formula_of(MANY).refusal(169.5, 100, "the limit", {"n": 6})
    assert error.message == (
        "The operation costs up to 169.5; the limit is 100. Its heaviest fields: o.nodes.heavy 66,"
        " o.nodes.lines 66, orders 22. To lower it: a smaller first at o, where it is 6, or leave"
        " out o.nodes.lines, a list that counts as 10, or a smaller first at orders, where it is"
        " 20, or ask for fewer fields."
    )
    assert error.extensions == {
        "cost": 169.5,
        "limit": 100,
        "heaviest": [
            {"path": ["o", "nodes", "heavy"], "cost": 66.0},
            {"path": ["o", "nodes", "lines"], "cost": 66.0},
            {"path": ["orders"], "cost": 22.0},
        ],
    }


def test_equal_parts_are_computed_once() -> None:
    fragments = " ".join(f"fragment F{n} on Order {{ a: lines {{ id }} }}" for n in range(1))
    parts = "a: plain { ...F0 } b: plain { ...F0 }"
    schema = build_schema({"shop.graphql": SHOP})
    document = parse_document(scan(f"{{ {parts} }} {fragments}", WIDE))
    model = CostModel(schema, SIZES)
    formula = model.compile(document.operations[0], document.fragments)
    assert formula.evaluate({}) == Cost(1 + 2 * (10 + 100), 2 + 20)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ('a: Int @cost(weight: "much")', 'must be a number in a string, such as "2.5"'),
        ('a: Int @cost(weight: "inf")', "must be a number in a string"),
        ('a: [Int] @listSize(slicingArguments: ["b"])', '"a" has no argument "b"'),
        ('a: Query @listSize(sizedFields: ["b"])', '"Query" has no field "b"'),
        ("a: Int @listSize(assumedSize: 5)", '"a" is no list; name `sizedFields`'),
        ("a: [Int] @listSize(assumedSize: -1)", "assumedSize is -1, less than none"),
        (
            'a(b: [Int]): [Int] @listSize(slicingArguments: ["b.first"])',
            '"a" has no argument "b.first"',
        ),
    ],
)
def test_refuses_directives_that_make_no_sense(field: str, message: str) -> None:
    with pytest.raises(SchemaError) as refused:
        cost("{ a }", sdl=f"type Query {{\n{field} }}")
    assert message in str(refused.value)
    assert str(refused.value).startswith("shop.graphql:2:")


FILTERED = """
type Query {
  shops(first: Int, where: ShopFilter): ShopConnection!
  visits(where: VisitFilter): [Visit!]! @listSize(assumedSize: 10)
}
type Shop {
  shopId: ID!
  name: String @filterable
  visits(first: Int, where: VisitFilter): [Visit!]! @filterable
  visitCount(where: VisitFilter): Int! @count(of: "visits")
}
type Visit { visitId: ID! shopId: ID! day: Int @filterable shop: Shop! @filterable }
"""


def filtered(text: str, variables: dict[str, Any] | None = None, sdl: str = FILTERED) -> Cost:
    """What a document costs whose filters follow the relations of a model."""
    schema = build_schema({"shop.graphql": sdl})
    model = build_model(schema)
    rows = model.list_sizes("Query")
    sizes = Sizes(stated=model.costs, rows=rows, followed=model.followed())
    document = parse_document(scan(text, WIDE))
    found = CostModel(schema, sizes).compile(document.operations[0], document.fragments)
    return found.evaluate(variables or {})


@pytest.mark.parametrize(
    ("field", "where", "extra"),
    [
        pytest.param("shops(first: 20{})", {}, 1, id="an-empty-input"),
        pytest.param("shops(first: 20{})", {"name": {"eq": "a"}}, 2, id="a-column-follows-nothing"),
        pytest.param("shops(first: 20{})", {"visits": None}, 2, id="null-follows-nothing"),
        pytest.param("shops(first: 20{})", {"visits": {"some": None}}, 3, id="nor-a-null-within"),
        pytest.param("shops(first: 20{})", {"visits": {"some": {}}}, 3 + 20, id="a-relation"),
        pytest.param(
            "shops(first: 20{})",
            {"visits": {"some": {"day": {"gt": 1}}, "none": {"day": {"gt": 2}}}},
            6 + 2 * 20,
            id="each-quantifier",
        ),
        pytest.param(
            "shops(first: 20{})",
            {"visits": {"some": {"shop": {"visits": {"every": {}}}}}},
            6 + 3 * 20,
            id="relations-within-relations",
        ),
        pytest.param(
            "shops(first: 20{})",
            {"or": [{"visits": {"some": {}}}, {"not": {"visits": {"some": {}}}}]},
            7 + 2 * 20,
            id="wherever-they-stand",
        ),
        pytest.param("shops({})", {"visits": {"some": {}}}, 3 + 50, id="a-page-without-a-size"),
        pytest.param("visits(X{})", {"shop": {}}, 2 + 10, id="a-plain-list"),
    ],
)
def test_a_filter_costs_what_it_follows_for_each_row_written_or_by_variable(
    field: str, where: dict[str, Any], extra: float
) -> None:
    kind = "ShopFilter" if field.startswith("shops") else "VisitFilter"
    below = "{ nodes { shopId } }" if field.startswith("shops") else "{ day }"
    comma = ", where: " if "first" in field else "where: "
    field = field.replace("X", "")

    def asked(argument: str) -> str:
        return field.format(argument and f"{comma}{argument}").replace("()", "")

    plain = filtered(f"{{ {asked('')} {below} }}")
    written = filtered(f"{{ {asked(literal(where))} {below} }}")
    head = f"query ($w: {kind})"
    given = filtered(f"{head} {{ {asked('$w')} {below} }}", {"w": where})
    assert (written.types, given.types) == (plain.types, plain.types)
    assert (written.fields - plain.fields, given.fields - plain.fields) == (extra, extra)
    within = f"{{ {asked('{and: [$w]}')} {below} }}"
    assert filtered(f"{head} {within}", {"w": where}).fields == plain.fields + extra + 1


def literal(value: Any) -> str:
    """A value as it is written in a document."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
    return "[" + ", ".join(map(literal, value)) + "]" if isinstance(value, list) else dumps(value)


def test_a_filter_of_a_value_over_rows_costs_for_each_row_that_has_the_value() -> None:
    text = "query ($w: VisitFilter) {{ shops(first: 20) {{ nodes {{ visitCount{} }} }} }}"
    plain = filtered(text.format("(where: null)"))
    assert filtered(text.format("(where: $w)"), {"w": None}).fields == plain.fields
    found = filtered(text.format("(where: $w)"), {"w": {"shop": {"name": {"eq": "a"}}}})
    assert found.fields - plain.fields == 20 * (2 + 1)


def test_members_weigh_what_the_sdl_says_by_variable_too() -> None:
    sdl = FILTERED + 'input ShopFilter { name: StringFilter @cost(weight: "7") }'
    document = "query ($w: ShopFilter) { shops(where: $w) { nodes { shopId } } }"
    assert filtered(document, {"w": {"name": {"eq": "a"}}}, sdl).fields == 2 + 1 + 7


def test_a_filter_that_costs_most_is_told_in_the_explanation() -> None:
    schema = build_schema({"shop.graphql": FILTERED})
    sizes = Sizes(followed=build_model(schema).followed())
    text = "query ($w: ShopFilter) { s: shops(first: 9, where: $w) { pageInfo { hasNextPage } } }"
    document = parse_document(scan(text, WIDE))
    formula = CostModel(schema, sizes).compile(document.operations[0], document.fragments)
    variables: dict[str, Any] = {"w": {"visits": {"some": {"shop": {}}}}}
    found = formula.explain(variables)
    assert found.heaviest[0] == Heavy(("s",), 2 + 4 + 2 * 9)
    assert "a filter at s that follows fewer relations" in found.remedies
