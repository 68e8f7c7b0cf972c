"""Every kind of node gives one value in both ways of writing an answer: what is expected here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest
from msgspec import Struct
from msgspec.structs import replace

from handler.access.principal import Principal
from handler.answer import GraphqlError
from handler.compiler.cursor import encode_cursor, fingerprint
from handler.compiler.plan import Member, Node, Plan
from handler.compiler.results import Flaw, Results, Totals
from handler.errors import ClientError, Location
from handler.fields.aggregate import AggregateNode, TotalNode
from handler.fields.building import build_tree
from handler.fields.connection import (
    ConnectionNode,
    ItemsNode,
    RowNode,
    TotalCountNode,
    TotalPagesNode,
)
from handler.fields.cursor import CursorNode
from handler.fields.facet import FacetNode
from handler.fields.forbidden import ForbiddenNode
from handler.fields.global_id import ByIdNode, ByIdsNode, GlobalIdNode
from handler.fields.introspection import IntrospectionNode
from handler.fields.lists import FirstRowNode, ListNode, OneRowNode
from handler.fields.page_info import EndNode, PageInfoNode, SideNode
from handler.fields.resolver import ResolverNode
from handler.fields.sizes import TreeSize
from handler.fields.to_one import ToOneNode
from handler.fields.typed_rows import OneTypeNode, TypedNode
from handler.fields.typename import TypenameNode
from handler.fields.value import LabelsNode, ValueNode
from handler.fields.writing import Writing, write_answer
from handler.scalars import SCALARS
from handler.scalars.scalar import NotSureError
from handler.sql.rowset import Row, RowSet
from handler.sql.stored_type import Kind
from handler.stores.request_budget import RequestBudget
from tests.handler.compiler.plans import PAGE_INFO, Compiler
from tests.handler.fields.test_kinds import kinds_of

SDL = (
    """
type Query {
  shop(id: ID!): Shop
  shops(first: Int, after: String): ShopConnection!
  newest: Shop @orderBy(fields: ["ofDate DESC"])
  plain: [Shop!]!
  paged(first: Int): [Shop!]!
  shopCount: Int! @count(of: "plain")
  goodTotal: Decimal! @sum(of: "plain.goods", field: "price")
  goodKind: Kind @max(of: "plain.goods", field: "kind")
  works: [Work!]!
  people: [Person!]!
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}
interface Work @discriminator(column: "kind") { workId: ID! name: String! }
type Book implements Work { workId: ID! name: String! pages: Int! }
type Song implements Work { workId: ID! name: String! seconds: Int! }
type Shop {
  id: ID!
  name: String
  ofInt: Int
  ofFloat: Float
  ofString: String
  ofBoolean: Boolean
  ofDateTime: DateTime
  ofDate: Date
  ofTime: Time
  ofDecimal: Decimal
  ofBigInt: BigInt
  ofUUID: UUID
  ofBytes: Bytes
  ofGeoJSON: GeoJSON
  ofJSON: JSON
  kind: Kind
  kinds: [Kind!]
  tags: [String!]
  cursor: String! @cursor
  owner: Person
  goods: [Good!]!
  cheapest: Good @orderBy(fields: ["price"])
  goodCount: Int! @count(of: "goods")
  goodTotal: Decimal! @sum(of: "goods", field: "price")
  goodKind: Kind @max(of: "goods", field: "kind")
  goodKinds: Int! @count(of: "goods", distinct: "kind")
  goodAverage: Float @avg(of: "goods", field: "price")
  secret: String @authenticated
  score: Int @resolver(requires: "name")
}
enum Kind { BIG @value(column: "b") SMALL }
interface Node { id: ID! @globalId }
type Person implements Node { id: ID! personId: ID! name: String! }
type Good @key(fields: "id goodNo") {
  id: ID! goodNo: Int! name: String! price: Decimal! kind: Kind
}
type ShopConnection {
  edges: [ShopEdge!]! nodes: [Shop!]! pageInfo: PageInfo! totalCount: Int! totalPages: Int!
  kinds: [KindFacet!]!
}
type KindFacet @aggregate(of: "Shop") { kind: Kind @group shops: Int! @count }
type ShopEdge { node: Shop! cursor: String! }
"""
    + PAGE_INFO
)
COMPILER = Compiler.of(SDL)


class Case(Struct, frozen=True):
    """What the database gives for a document, by batch, and the answer."""

    document: str
    rows: Mapping[int, Sequence[Row]]
    answer: Any
    facts: Row = ()
    totals: Row = ()
    kinds: tuple[Kind, ...] = ()  # of columns; by default texts


def cursor(place: str, key: bytes) -> str:
    order = COMPILER.model.tables["Shop"].key_order
    return encode_cursor(fingerprint(place, order), (key,)).decode()


FIRST, SECOND = cursor("Query.shops", b"7"), cursor("Query.shops", b"8")
SCHEMA = {"queryType": {"name": "Query"}}


def page(selections: str, rows: Sequence[Row], answer: Any, facts: Row = ()) -> Case:
    """A page of two rows."""
    return Case(f"{{ shops(first: 2) {{ {selections} }} }}", {0: rows}, {"shops": answer}, facts)


def shop(selections: str, row: Row, answer: Any, *goods: Row, kinds: tuple[Kind, ...] = ()) -> Case:
    """One row, and those below it."""
    rows = {0: (row,), 1: goods}
    return Case(f"{{ shop(id: 7) {{ {selections} }} }}", rows, {"shop": answer}, kinds=kinds)


CASES: Mapping[type[Node], Sequence[Case]] = {
    TypenameNode: [shop("__typename a: __typename", (b"7",), {"__typename": "Shop", "a": "Shop"})],
    ValueNode: [
        shop("name", (b'A "%s"',), {"name": 'A "%s"'}),
        shop("name", (None,), {"name": None}),
        shop("kind", (b"b",), {"kind": "BIG"}),
        Case(
            "{ plain { name kind } }",
            {0: ((b"A", None), (None, b"SMALL"))},
            {"plain": [{"name": "A", "kind": None}, {"name": None, "kind": "SMALL"}]},
        ),
    ],
    LabelsNode: [
        shop("kinds", (b"b",), {"kinds": ["BIG"]}),
        shop("kinds", (None,), {"kinds": None}),
        Case(
            "{ plain { kinds tags } }",
            {0: ((b"b,SMALL", b'q",,\xc3\xa9'), (b"", b""), (None, None))},
            {
                "plain": [
                    {"kinds": ["BIG", "SMALL"], "tags": ['q"', "", "é"]},
                    {"kinds": [], "tags": []},
                    {"kinds": None, "tags": None},
                ]
            },
        ),
    ],
    AggregateNode: [
        shop("goodCount", (b"3",), {"goodCount": 3}, kinds=(Kind.INTEGER,)),
        shop("goodTotal", (b"1.50",), {"goodTotal": "1.50"}, kinds=(Kind.DECIMAL,)),
        shop("goodKind", (b"b",), {"goodKind": "BIG"}),
        shop("goodKind", (None,), {"goodKind": None}),
        shop("goodKinds", (b"2",), {"goodKinds": 2}, kinds=(Kind.INTEGER,)),
        shop("goodAverage", (b"1.5",), {"goodAverage": 1.5}, kinds=(Kind.FLOAT,)),
    ],
    TotalNode: [
        Case(
            "{ shopCount goodTotal goodKind }",
            {},
            {"shopCount": 3, "goodTotal": "1.50", "goodKind": "BIG"},
            totals=(b"3", b"1.50", b"b"),
            kinds=(Kind.INTEGER, Kind.DECIMAL, Kind.TEXT),
        ),
        Case("{ goodKind }", {}, {"goodKind": None}, totals=(None,), kinds=(Kind.TEXT,)),
    ],
    CursorNode: [
        Case(
            "{ plain { cursor } }",
            {0: ((b"7",), (b"8",))},
            {
                "plain": [
                    {"cursor": cursor("Query.plain", b"7")},
                    {"cursor": cursor("Query.plain", b"8")},
                ]
            },
        )
    ],
    ToOneNode: [
        shop("owner { name }", (b"1", b"Ada"), {"owner": {"name": "Ada"}}),
        shop("owner { name }", (None, None), {"owner": None}),
        Case(
            "{ plain { owner { name } } }",
            {0: ((None, None), (b"1", b"Ada"))},
            {"plain": [{"owner": None}, {"owner": {"name": "Ada"}}]},
        ),
    ],
    OneRowNode: [
        shop("name", (b"A",), {"name": "A"}),
        Case("{ shop(id: 7) { name } }", {0: ()}, {"shop": None}),
    ],
    FirstRowNode: [
        shop("cheapest { name }", (b"7",), {"cheapest": {"name": "G"}}, (b"7", b"G")),
        shop("cheapest { name }", (b"7",), {"cheapest": None}),
        Case("{ newest { name } }", {0: ((b"A",),)}, {"newest": {"name": "A"}}),
        Case("{ newest { name } }", {0: ()}, {"newest": None}),
    ],
    ListNode: [
        Case("{ plain { name } }", {0: ()}, {"plain": []}),
        Case("{ paged(first: 1) { name } }", {0: ((b"A",), (b"B",))}, {"paged": [{"name": "A"}]}),
        shop(
            "goods { name }",
            (b"7",),
            {"goods": [{"name": "G"}, {"name": "H"}]},
            (b"7", b"G"),
            (b"7", b"H"),
        ),
        shop("goods { name }", (b"7",), {"goods": []}),
    ],
    ConnectionNode: [page("__typename", (), {"__typename": "ShopConnection"})],
    ItemsNode: [
        page(
            "nodes { id name }",
            ((b"7", b"A"), (b"8", None)),
            {"nodes": [{"id": "7", "name": "A"}, {"id": "8", "name": None}]},
        ),
        page("edges { __typename }", ((b"7",),), {"edges": [{"__typename": "ShopEdge"}]}),
        page("nodes { id }", (), {"nodes": []}),
    ],
    RowNode: [
        page(
            "edges { node { id } cursor }",
            ((b"7",),),
            {"edges": [{"node": {"id": "7"}, "cursor": FIRST}]},
        )
    ],
    FacetNode: [
        Case(
            "{ shops { kinds { kind shops } } }",
            {1: ((None, b"2"), (b"b", b"1"))},
            {"shops": {"kinds": [{"kind": None, "shops": 2}, {"kind": "BIG", "shops": 1}]}},
            kinds=(Kind.TEXT, Kind.INTEGER),
        )
    ],
    TotalCountNode: [page("totalCount", (), {"totalCount": 999_999_999}, (b"999999999",))],
    TotalPagesNode: [
        page("totalPages", (), {"totalPages": 500_000_001}, (b"1000000001",)),
        page("totalPages", (), {"totalPages": 0}, (b"0",)),
    ],
    PageInfoNode: [page("pageInfo { __typename }", (), {"pageInfo": {"__typename": "PageInfo"}})],
    SideNode: [
        page(
            "pageInfo { hasPreviousPage hasNextPage }",
            ((b"7",), (b"8",), (b"9",)),
            {"pageInfo": {"hasPreviousPage": False, "hasNextPage": True}},
        ),
        page(
            "pageInfo { hasPreviousPage hasNextPage }",
            ((b"7",), (b"8",)),
            {"pageInfo": {"hasPreviousPage": False, "hasNextPage": False}},
        ),
    ],
    EndNode: [
        page(
            "pageInfo { startCursor endCursor }",
            ((b"7",), (b"8",)),
            {"pageInfo": {"startCursor": FIRST, "endCursor": SECOND}},
        ),
        page(
            "pageInfo { startCursor endCursor }",
            (),
            {"pageInfo": {"startCursor": None, "endCursor": None}},
        ),
    ],
    OneTypeNode: [
        Case("{ works { name } }", {0: ()}, {"works": []}),
        Case("{ works { name } }", {0: ((b"0", b"A"),)}, {"works": [{"name": "A"}]}),
        Case(
            "{ works { __typename ... on Song { seconds } name ... on Book { pages } } }",
            # of which type, and the columns in the order in which they are planned
            {0: ((b"1", b"A", None, b"7"), (b"0", b"B", b"9", None), (b"1", b"C", None, b"8"))},
            {
                "works": [
                    {"__typename": "Song", "seconds": 7, "name": "A"},
                    {"__typename": "Book", "name": "B", "pages": 9},
                    {"__typename": "Song", "seconds": 8, "name": "C"},
                ]
            },
            kinds=(Kind.INTEGER, Kind.TEXT, Kind.INTEGER, Kind.INTEGER),
        ),
    ],
    GlobalIdNode: [
        Case(
            "{ people { id } }",
            {0: ((b"a",), (b'\xc3\xbc"',))},
            {"people": [{"id": "WyJQZXJzb24iLCJhIl0"}, {"id": "WyJQZXJzb24iLCLDvFwiIl0"}]},
        ),
    ],
    ByIdNode: [
        Case('{ node(id: "x") { id } }', {}, {"node": None}),
        Case(
            '{ node(id: "WyJQZXJzb24iLCJhIl0") { id ... on Person { name } } }',
            {0: ((b"a", b"A"),)},
            {"node": {"id": "WyJQZXJzb24iLCJhIl0", "name": "A"}},
        ),
    ],
    ByIdsNode: [
        Case('{ nodes(ids: ["x"]) { id } }', {}, {"nodes": [None]}),
        Case(
            '{ nodes(ids: ["WyJQZXJzb24iLCJiIl0", "x", "WyJQZXJzb24iLCJhIl0"]) { __typename } }',
            {0: ((b"a",), (b"b",))},
            {"nodes": [{"__typename": "Person"}, None, {"__typename": "Person"}]},
        ),
    ],
    IntrospectionNode: [
        Case("{ __schema { queryType { name } } }", {}, {"__schema": SCHEMA}),
        Case('{ a: __type(name: "X") { name } }', {}, {"a": None}),
    ],
    ResolverNode: [
        shop("score b: score", (b"A", b"null", b"7"), {"score": 7, "b": None}),
        shop("score id", (b"A", b"1", b"-2"), {"score": -2, "id": "1"}),
    ],
}
NEVER_WRITTEN = {ForbiddenNode}
WITHIN = {TypedNode}  # the whole of an object, of one of the types that are its members in the plan

# Of each scalar: a column as a server sends it, and what stands in the answer.
STORED: Mapping[str, Sequence[tuple[Kind, bytes, Any]]] = {
    "Int": [(Kind.INTEGER, b"-2147483648", -(2**31)), (Kind.DECIMAL, b"12", 12)],
    "Float": [(Kind.FLOAT, b"1e15", 1e15), (Kind.DECIMAL, b"19.9000", 19.9)],
    "String": [(Kind.TEXT, '"é\\%\n'.encode(), '"é\\%\n'), (Kind.TEXT, b"", "")],
    "Boolean": [(Kind.INTEGER, b"1", True), (Kind.INTEGER, b"0", False)],
    "ID": [(Kind.INTEGER, b"42", "42"), (Kind.TEXT, b'V"', 'V"')],
    "DateTime": [
        (Kind.TEXT, b"1996-07-04 10:20:30.120000", "1996-07-04T10:20:30.12Z"),
        (Kind.TEXT, b"1996-07-04 10:20:30", "1996-07-04T10:20:30Z"),
    ],
    "Date": [(Kind.TEXT, b"1996-07-04", "1996-07-04")],
    "Time": [(Kind.TEXT, b"-838:59:59.120000", "-838:59:59.12")],
    "Decimal": [(Kind.DECIMAL, b"-0.5000", "-0.5000"), (Kind.INTEGER, b"7", "7")],
    "BigInt": [(Kind.INTEGER, b"18446744073709551615", "18446744073709551615")],
    "UUID": [
        (Kind.BYTES, UUID(int=10).bytes, str(UUID(int=10))),
        (Kind.TEXT, str(UUID(int=10)).upper().encode(), str(UUID(int=10))),
    ],
    "Bytes": [(Kind.BYTES, b"\x00\xff\n", "AP8K"), (Kind.BYTES, b"", "")],
    "GeoJSON": [
        (
            Kind.TEXT,
            b'{"type": "Point", "coordinates": [13.4050123456789, -3.0]}',
            {"type": "Point", "coordinates": [13.4050123456789, -3.0]},
        )
    ],
    "JSON": [(Kind.TEXT, b'{"b": [1, null], "a": "\\u00fc"}', {"b": [1, None], "a": "ü"})],
}


def kinds_in(members: Sequence[Member], plan: Plan) -> Iterator[type[Node]]:
    """The kinds of the nodes of an object and of all below it."""
    for member in members:
        yield type(member.node)
        below, _ = member.node.below(plan)
        yield from kinds_in(below, plan)
        if isinstance(member.node, PageInfoNode):
            yield from kinds_in(member.node.shape.members, plan)


def both_ways(case: Case) -> tuple[bytes, bytes]:
    """The bytes of the answer as it is written, and as it is built."""
    plan, values = COMPILER.bound(case.document)
    totals = Totals(list(case.totals), list(case.kinds))
    found = Results(facts={0: case.facts}, totals=totals)
    for batch in plan.batches:
        given = case.kinds or (Kind.TEXT,) * len(batch.slots)
        rows = case.rows.get(batch.index, ())
        found.rows[batch.index] = RowSet(given, list(zip(*rows, strict=True)) or [()] * len(given))
    shown: dict[str, Any] = {"__schema": SCHEMA, "a": None}
    written = write_answer(Writing(plan, found, values, shown, RequestBudget()))
    built, errors = build_tree(plan, found, values, shown, _at, TreeSize(RequestBudget()))
    assert errors == []
    return written, orjson.dumps(built)


def _at(token: int) -> Location:
    return Location(1, token + 1)


def test_every_kind_and_every_scalar_is_compared() -> None:
    assert CASES.keys() | NEVER_WRITTEN | WITHIN == set(kinds_of(Node))
    assert STORED.keys() == set(SCALARS)


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        pytest.param(kind, case, id=f"{kind.__name__}-{number}")
        for kind, cases in CASES.items()
        for number, case in enumerate(cases)
    ],
)
def test_a_kind_of_node_gives_the_same_value_both_ways(kind: type[Node], case: Case) -> None:
    plan, _ = COMPILER.bound(case.document)
    assert kind in set(kinds_in(plan.root.members, plan))
    expected = orjson.dumps(case.answer)
    assert both_ways(case) == (expected, expected)


@pytest.mark.parametrize(
    ("scalar", "kind", "stored", "shown"),
    [(scalar, *each) for scalar, values in STORED.items() for each in values],
)
def test_a_scalar_gives_the_same_value_both_ways(
    scalar: str, kind: Kind, stored: bytes, shown: Any
) -> None:
    field = "id" if scalar == "ID" else f"of{scalar}"
    case = shop(field, (stored,), {field: shown}, kinds=(kind,))
    expected = orjson.dumps(case.answer)
    assert both_ways(case) == (expected, expected)


def test_what_is_forbidden_is_never_written() -> None:
    plan, values = COMPILER.bound("{ plain { secret } }", None, Principal.anonymous())
    assert ForbiddenNode in set(kinds_in(plan.root.members, plan))
    found = Results(rows={0: RowSet((Kind.TEXT,), [[b"A"]])})
    with pytest.raises(NotSureError):
        write_answer(Writing(plan, found, values, {}, RequestBudget()))


FLAW = Flaw(b"[1,null]", (GraphqlError(ClientError("no"), (1,), (Location(1, 9),)),))


@pytest.mark.parametrize(
    ("cell", "is_nullable", "data"),
    [
        pytest.param(FLAW, True, {"plain": [{"score": [1, None]}]}, id="an-item"),
        pytest.param(replace(FLAW, data=None), True, {"plain": [{"score": None}]}, id="null"),
        pytest.param(replace(FLAW, data=None), False, None, id="null-where-none-may-be"),
    ],
)
def test_a_flaw_of_what_python_answers_is_built_with_its_errors(
    cell: Flaw, *, is_nullable: bool, data: Any
) -> None:
    compiler = Compiler.of(SDL.replace("score: Int", f"score: [Int]{'' if is_nullable else '!'}"))
    plan, values = compiler.bound("{ plain { score } }")
    found = Results(rows={0: RowSet((Kind.TEXT,), [[b"A"], [cell]])})  # type: ignore[list-item]
    with pytest.raises(NotSureError):
        write_answer(Writing(plan, found, values, {}, RequestBudget()))
    size = TreeSize(RequestBudget())
    built, errors = build_tree(plan, found, values, {}, _at, size)
    assert orjson.loads(orjson.dumps(built)) == data
    assert [(each.path, each.locations) for each in errors] == [
        (("plain", 0, "score", 1), (Location(1, 9),))
    ]
