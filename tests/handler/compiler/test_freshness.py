"""The policy of an answer: the strictest of all it touches, and the tables that end it."""

from __future__ import annotations

import pytest

from handler.compiler.freshness import Policy, find_policy
from tests.callers import token
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    PAGE_INFO
    + """
type Query {
  shop(shopId: ID!): Shop
  shops(first: Int): ShopConnection!
  brief(shopId: ID!): Shop @cacheControl(maxAge: 10)
  lasting(visitId: ID!): Lasting
  secrets(shopId: ID!): [Secret!]!
  unsaid(shopId: ID!): [Unsaid!]!
}

type Shop @cacheControl(maxAge: 60, staleWhileRevalidate: 30) {
  shopId: ID!
  name: String
  mood: String @cacheControl(maxAge: 5)
  owner: String @cacheControl(scope: PRIVATE)
  frozen: String @cacheControl(maxAge: 0)
  secrets: [Secret!]!
  unsaid: [Unsaid!]!
  visits: [Visit!]!
  hurried: [Visit!]! @cacheControl(maxAge: 7)
  visitCount: Int! @count(of: "visits")
  unsaidCount: Int! @count(of: "unsaid")
}

type Visit @cacheControl(maxAge: 600, staleWhileRevalidate: 600) {
  visitId: ID!
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
  secretId: ID!
  shopId: ID!
}

type Unsaid {
  unsaidId: ID!
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
SHOP = Policy(60, 30, False, ("shops",))


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler.of(SDL)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param('{shop(shopId: "1") {name}}', SHOP, id="type"),
        pytest.param('{a: shop(shopId: "1") {name} b: shop(shopId: "2") {name}}', SHOP, id="twice"),
        pytest.param(
            '{brief(shopId: "1") {name}}', Policy(10, 0, False, ("shops",)), id="field-is-stricter"
        ),
        pytest.param(
            '{shop(shopId: "1") {hurried {visitId}}}',
            Policy(7, 0, False, ("shops", "visits")),
            id="relation-is-stricter",
        ),
        pytest.param(
            '{shop(shopId: "1") {name mood}}', Policy(5, 0, False, ("shops",)), id="single-value"
        ),
        pytest.param(
            '{shop(shopId: "1") {owner}}',
            Policy(60, 30, True, ("shops",)),
            id="scope-alone-changes-no-time",
        ),
        pytest.param('{shop(shopId: "1") {name frozen}}', None, id="zero-means-no"),
        pytest.param(
            '{shop(shopId: "1") {visits {visitId}}}',
            Policy(60, 30, False, ("shops", "visits")),
            id="strictest-of-both-levels",
        ),
        pytest.param(
            '{shop(shopId: "1") {visits {shop {name}}}}',
            Policy(60, 30, False, ("shops", "visits")),
            id="joined-row",
        ),
        pytest.param(
            '{shop(shopId: "1") {secrets {secretId}}}',
            Policy(60, 0, True, ("secrets", "shops")),
            id="private-below-public",
        ),
        pytest.param(
            '{secrets(shopId: "1") {secretId}}', Policy(600, 0, True, ("secrets",)), id="private"
        ),
        pytest.param('{unsaid(shopId: "1") {unsaidId}}', None, id="nothing-said"),
        pytest.param('{shop(shopId: "1") {unsaid {unsaidId}}}', None, id="nothing-said-below"),
        pytest.param(
            '{shop(shopId: "1") {visitCount}}',
            Policy(60, 30, False, ("shops", "visits")),
            id="count-reads-its-table",
        ),
        pytest.param(
            '{shop(shopId: "1") {unsaidCount}}', None, id="count-over-rows-of-which-nothing-is-said"
        ),
        pytest.param(
            "{shops(first: 2) {nodes {name}}}", Policy(20, 30, False, ("shops",)), id="connection"
        ),
        pytest.param(
            "{shops(first: 2) {edges {node {name mood}}}}",
            Policy(5, 0, False, ("shops",)),
            id="value-inside-an-edge",
        ),
        pytest.param("{shops {totalCount}}", Policy(20, 30, False, ("shops",)), id="count-alone"),
        pytest.param(
            '{lasting(visitId: "1") {unsaid}}',
            Policy(60, 0, False, ("visits",), 3600),
            id="stale-if-error",
        ),
        pytest.param(
            '{lasting(visitId: "1") {brief}}',
            Policy(60, 0, False, ("visits",), 60),
            id="stale-if-error-of-the-strictest",
        ),
        pytest.param(
            '{lasting(visitId: "1") {brief none}}',
            Policy(60, 0, False, ("visits",), 0),
            id="stale-if-error-is-opted-for-by-all",
        ),
        pytest.param("{__typename}", None, id="no-rows"),
        pytest.param('{__typename shop(shopId: "1") {name}}', SHOP, id="typename-beside-rows"),
        pytest.param('{__schema {queryType {name}} shop(shopId: "1") {name}}', None, id="schema"),
    ],
)
def test_policy(compiler: Compiler, document: str, expected: Policy | None) -> None:
    assert find_policy(compiler.schema, compiler.plan(document)) == expected


def test_negative_answer_lives_shortly() -> None:
    assert Policy(60, 30, True, ("t",), 9).of_nothing() == Policy(5, 0, True, ("t",), 0)
    assert Policy(3, 30, False, ("t",)).of_nothing() == Policy(3, 0, False, ("t",))


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
            "@cacheControl(maxAge: 9)", (), Policy(9, 0, False, ("lines", "sheets")), id="stricter"
        ),
        pytest.param("", (), None, id="nothing-said"),
        pytest.param("", ("all",), Policy(60, 0, False, ("lines",)), id="rule-lifted"),
    ],
)
def test_rows_that_decide_which_others_are_seen_count(
    says: str, scopes: tuple[str, ...], expected: Policy | None
) -> None:
    """A write to their table ends the answer, too, and it is as short-lived as they are."""
    compiler = Compiler.of(RULED.replace("SAYS", says))
    caller = token("somebody", *scopes, sub="me").principal
    plan = compiler.plan("{ lines { lineId } }", principal=caller)
    assert find_policy(compiler.schema, plan) == expected
