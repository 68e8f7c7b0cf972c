"""The policy of an answer: the strictest of all it touches, and the tables that end it."""

from __future__ import annotations

import pytest

from handler.answer import Lifetime
from handler.compiler.freshness import CachePolicy, find_policy
from tests.callers import token
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    PAGE_INFO
    + """
type Query {
  shop(shopId: ID!): Shop
  shops(where: ShopFilter, first: Int): ShopConnection!
  brief(shopId: ID!): Shop @cacheControl(maxAge: 10)
  lasting(visitId: ID!): Lasting
  secrets(shopId: ID!): [Secret!]!
  unsaid(shopId: ID!): [Unsaid!]!
}

type Shop @cacheControl(maxAge: 60, staleWhileRevalidate: 30) {
  shopId: ID! @filterable
  name: String
  mood: String @cacheControl(maxAge: 5)
  owner: String @cacheControl(scope: PRIVATE)
  frozen: String @cacheControl(maxAge: 0)
  secrets: [Secret!]! @filterable
  unsaid: [Unsaid!]! @filterable
  visits: [Visit!]! @filterable
  hurried: [Visit!]! @cacheControl(maxAge: 7) @filterable
  own: [Visit!]! @cacheControl(scope: PRIVATE) @filterable
  visitCount: Int! @count(of: "visits")
  unsaidCount: Int! @count(of: "unsaid")
  lastVisit: ID @max(of: "visits", field: "visitId")
  hurriedCount: Int! @count(of: "hurried")
}

type Visit @cacheControl(maxAge: 600, staleWhileRevalidate: 600) {
  visitId: ID! @filterable
  shopId: ID!
  shop: Shop!
}

type Lasting
  @cacheControl(maxAge: 60, staleIfError: 3600)
  @table(name: "visits")
  @key(fields: "visitId") {
  visitId: ID!
  brief: Int @cacheControl(maxAge: 60, staleIfError: 60)
  unsaid: Int
  none: Int @cacheControl(maxAge: 60)
}

type Secret @cacheControl(scope: PRIVATE, maxAge: 600) {
  secretId: ID! @filterable
  shopId: ID!
}

type Unsaid {
  unsaidId: ID! @filterable
  shopId: ID!
}

type ShopConnection @cacheControl(maxAge: 20, staleWhileRevalidate: 300) {
  edges: [ShopEdge!]!
  nodes: [Shop!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type ShopEdge {
  node: Shop!
  cursor: String!
}
"""
)
SHOP = CachePolicy(Lifetime(60, 30), ("shops",))


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler.of(SDL)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param('{shop(shopId: "1") {name}}', SHOP, id="type"),
        pytest.param('{a: shop(shopId: "1") {name} b: shop(shopId: "2") {name}}', SHOP, id="twice"),
        pytest.param(
            '{brief(shopId: "1") {name}}',
            CachePolicy(Lifetime(10), ("shops",)),
            id="field-is-stricter",
        ),
        pytest.param(
            '{shop(shopId: "1") {hurried {visitId}}}',
            CachePolicy(Lifetime(7), ("shops", "visits")),
            id="relation-is-stricter",
        ),
        pytest.param(
            '{shop(shopId: "1") {name mood}}',
            CachePolicy(Lifetime(5), ("shops",)),
            id="single-value",
        ),
        pytest.param(
            '{shop(shopId: "1") {owner}}',
            CachePolicy(Lifetime(60, 30), ("shops",), is_private=True),
            id="scope-alone-changes-no-time",
        ),
        pytest.param('{shop(shopId: "1") {name frozen}}', None, id="zero-means-no"),
        pytest.param(
            '{shop(shopId: "1") {visits {visitId}}}',
            CachePolicy(Lifetime(60, 30), ("shops", "visits")),
            id="strictest-of-both-levels",
        ),
        pytest.param(
            '{shop(shopId: "1") {visits {shop {name}}}}',
            CachePolicy(Lifetime(60, 30), ("shops", "visits")),
            id="joined-row",
        ),
        pytest.param(
            '{shop(shopId: "1") {secrets {secretId}}}',
            CachePolicy(Lifetime(60), ("secrets", "shops"), is_private=True),
            id="private-below-public",
        ),
        pytest.param(
            '{secrets(shopId: "1") {secretId}}',
            CachePolicy(Lifetime(600), ("secrets",), is_private=True),
            id="private",
        ),
        pytest.param(
            '{shops(where: {shopId: {ne: "1"}}) {nodes {name}}}',
            CachePolicy(Lifetime(20, 30), ("shops",)),
            id="filter-of-its-own-columns",
        ),
        pytest.param(
            '{shops(where: {or: [{visits: {none: {visitId: {eq: "1"}}}}]}) {nodes {name}}}',
            CachePolicy(Lifetime(20, 30), ("shops", "visits")),
            id="filter-reads-other-tables",
        ),
        pytest.param(
            "{shops(where: {secrets: {some: {}}}) {nodes {name}}}",
            CachePolicy(Lifetime(20), ("secrets", "shops"), is_private=True),
            id="filter-by-private-rows",
        ),
        pytest.param(
            "{shops(where: {hurried: {some: {}}}) {nodes {name}}}",
            CachePolicy(Lifetime(7), ("shops", "visits")),
            id="filter-by-a-stricter-relation",
        ),
        pytest.param(
            "{shops(where: {own: {none: {}}}) {nodes {name}}}",
            CachePolicy(Lifetime(20, 30), ("shops", "visits"), is_private=True),
            id="filter-by-a-private-relation",
        ),
        pytest.param(
            "{shops(where: {not: {unsaid: {some: {}}}}) {nodes {name}}}",
            None,
            id="filter-by-rows-of-which-nothing-is-said",
        ),
        pytest.param(
            "query ($w: ShopFilter) {shops(where: $w) {nodes {name}}}",
            None,
            id="filter-by-whatever-a-variable-says",
        ),
        pytest.param('{unsaid(shopId: "1") {unsaidId}}', None, id="nothing-said"),
        pytest.param('{shop(shopId: "1") {unsaid {unsaidId}}}', None, id="nothing-said-below"),
        pytest.param(
            '{shop(shopId: "1") {lastVisit}}',
            CachePolicy(Lifetime(60, 30), ("shops", "visits")),
            id="greatest-reads-its-table",
        ),
        pytest.param(
            '{shop(shopId: "1") {visitCount}}',
            CachePolicy(Lifetime(60, 30), ("shops", "visits")),
            id="count-reads-its-table",
        ),
        pytest.param(
            '{shop(shopId: "1") {unsaidCount}}', None, id="count-over-rows-of-which-nothing-is-said"
        ),
        pytest.param(
            '{shop(shopId: "1") {hurriedCount}}',
            CachePolicy(Lifetime(7), ("shops", "visits")),
            id="count-over-a-field-that-says-less-than-its-rows",
        ),
        pytest.param(
            "{shops(first: 2) {nodes {name}}}",
            CachePolicy(Lifetime(20, 30), ("shops",)),
            id="connection",
        ),
        pytest.param(
            "{shops(first: 2) {edges {node {name mood}}}}",
            CachePolicy(Lifetime(5), ("shops",)),
            id="value-inside-an-edge",
        ),
        pytest.param(
            "{shops {totalCount}}",
            CachePolicy(Lifetime(20, 30), ("shops",)),
            id="count-alone",
        ),
        pytest.param(
            '{lasting(visitId: "1") {unsaid}}',
            CachePolicy(Lifetime(60, 0, 3600), ("visits",)),
            id="stale-if-error",
        ),
        pytest.param(
            '{lasting(visitId: "1") {brief}}',
            CachePolicy(Lifetime(60, 0, 60), ("visits",)),
            id="stale-if-error-of-the-strictest",
        ),
        pytest.param(
            '{lasting(visitId: "1") {brief none}}',
            CachePolicy(Lifetime(60), ("visits",)),
            id="stale-if-error-is-opted-for-by-all",
        ),
        pytest.param("{__typename}", None, id="no-rows"),
        pytest.param('{__typename shop(shopId: "1") {name}}', SHOP, id="typename-beside-rows"),
        pytest.param('{__schema {queryType {name}} shop(shopId: "1") {name}}', None, id="schema"),
    ],
)
def test_policy(compiler: Compiler, document: str, expected: CachePolicy | None) -> None:
    assert find_policy(compiler.model, compiler.plan(document)) == expected


def test_negative_answer_lives_shortly() -> None:
    assert Lifetime(60, 30, 9).of_nothing() == Lifetime(5)
    assert Lifetime(3, 30).of_nothing() == Lifetime(3)


RULED = """
type Query { lines: [Line!]! }
type Line @public @cacheControl(maxAge: 60) @rowAccess(through: "sheet") {
  lineId: ID!
  sheetId: ID!
  sheet: Sheet!
}
type Sheet @public SAYS @rowAccess(field: "owner", claim: "sub", unlessScopes: [["all"]]) {
  sheetId: ID!
  owner: String!
}
"""


@pytest.mark.parametrize(
    ("says", "scopes", "expected"),
    [
        pytest.param(
            "@cacheControl(maxAge: 9)",
            (),
            CachePolicy(Lifetime(9), ("lines", "sheets")),
            id="stricter",
        ),
        pytest.param("", (), None, id="nothing-said"),
        pytest.param("", ("all",), CachePolicy(Lifetime(60), ("lines",)), id="rule-lifted"),
    ],
)
def test_rows_that_decide_which_others_are_seen_count(
    says: str, scopes: tuple[str, ...], expected: CachePolicy | None
) -> None:
    """A write to their table ends the answer, too, and it is as short-lived as they are."""
    compiler = Compiler.of(RULED.replace("SAYS", says))
    caller = token("somebody", *scopes, sub="me").principal
    plan = compiler.plan("{ lines { lineId } }", principal=caller)
    assert find_policy(compiler.model, plan) == expected
