"""Relations through a link table: who may use them, and whose writes end cached answers."""

from __future__ import annotations

import pytest

from handler.compiler.freshness import find_policy
from tests.callers import token
from tests.handler.compiler.plans import PAGE_INFO, Compiler

SDL = (
    PAGE_INFO
    + """
type Query { films(where: FilmFilter): [Film!]! }
type Film @public @cacheControl(maxAge: 60) @filterableLike {
  filmId: ID!
  cast(
    first: Int, after: String, order: CastOrder
    paid: Decimal @filter(field: "edge.fee")
  ): CastConnection! @relation(through: {table: "credits"})
  actors: [Actor!]! @relation(through: {table: "credits"}) @filterable
  halls(first: Int, after: String): HallConnection!
    @relation(through: {table: "shows", key: ["show_id"]})
  castCount(paid: Decimal @filter(field: "edge.fee")): Int! @count(of: "cast")
  wages: Decimal! @sum(of: "cast", field: "edge.fee")
  guild: Guild @relation(through: {table: "members"})
}
type Actor @public @cacheControl(maxAge: 60) { actorId: ID! @filterable name: String! }
type CastEdge {
  node: Actor! cursor: String! billing: Int fee: Decimal @requiresScopes(scopes: [["wages"]])
}
enum CastOrder { FEE @orderBy(fields: ["edge.fee"]) BILLING @orderBy(fields: ["edge.billing"]) }
type Hall @public { hallId: ID! }
type HallEdge {
  node: Hall! cursor: String! showId: ID! @requiresScopes(scopes: [["shows"]]) sold: Int
}
type Guild @public @cacheControl(maxAge: 60) { guildId: ID! }
extend type Query { members: [Member!]! }
type Member @key(fields: "filmId") @requiresScopes(scopes: [["members"]]) {
  filmId: ID! guildId: ID!
}
"""
).replace(" @filterableLike", "")
COMPILER = Compiler.of(SDL)


def missing(document: str, *scopes: str) -> list[str]:
    """What a caller with these scopes may not read of it."""
    return _forbidden(str(COMPILER.plan(document, principal=token("x", *scopes).principal)))


def _forbidden(plan: str) -> list[str]:
    return [line.strip().partition(" = ")[0] for line in plan.splitlines() if "forbid" in line]


@pytest.mark.parametrize(
    ("wanted", "scope", "forbidden"),
    [
        pytest.param("cast(first: 1) { edges { billing node { name } } }", "wages", [], id="open"),
        pytest.param("cast(first: 1) { edges { fee } }", "wages", ["fee"], id="its-value"),
        pytest.param("cast(order: FEE) { totalCount }", "wages", ["cast"], id="an-order-by-it"),
        pytest.param("cast(order: BILLING) { totalCount }", "wages", [], id="another-order"),
        pytest.param("cast(paid: 1) { totalCount }", "wages", ["cast"], id="a-filter-by-it"),
        pytest.param("castCount(paid: 1)", "wages", ["castCount"], id="a-count-by-it"),
        pytest.param("wages", "wages", ["wages"], id="a-sum-of-it"),
        pytest.param("halls(first: 1) { edges { sold } }", "shows", [], id="beside-a-hidden-key"),
        pytest.param(
            "halls(first: 1) { edges { cursor } }", "shows", ["cursor"], id="a-cursor-of-it"
        ),
        pytest.param(
            "halls(first: 1) { pageInfo { endCursor } }", "shows", ["pageInfo"], id="its-page-info"
        ),
        pytest.param(
            "halls(first: 1, after: null) { totalCount }", "shows", ["halls"], id="from-a-cursor"
        ),
        pytest.param("guild { guildId }", "members", ["guild"], id="a-type-on-the-link-table"),
    ],
)
def test_rules_of_an_edges_field_hold_for_all_that_tells_of_it(
    wanted: str, scope: str, forbidden: list[str]
) -> None:
    document = f"{{ films {{ {wanted} }} }}"
    assert missing(document) == forbidden
    assert missing(document, scope) == []


@pytest.mark.parametrize(
    ("wanted", "forbidden"),
    [
        pytest.param("rooms(first: 1) { hallId place }", ["place"], id="in-a-list"),
        pytest.param("halls(first: 1) { nodes { hallId place } }", ["place"], id="in-a-page"),
        pytest.param("rooms(first: 1) { hallId }", [], id="not-asked-for"),
    ],
)
def test_a_field_that_is_a_cursor_holds_the_key_of_the_link_table(
    wanted: str, forbidden: list[str]
) -> None:
    sdl = """
    extend type Hall { place: String! @cursor }
    type Show @public { showId: ID! @requiresScopes(scopes: [["shows"]]) filmId: ID! hallId: ID! }
    extend type Film {
      rooms(first: Int, after: String): [Hall!]!
        @relation(through: {table: "shows", key: ["show_id"]})
    }
    """
    compiler = Compiler.of(SDL + sdl)
    for scopes, expected in (((), forbidden), (("shows",), [])):
        plan = compiler.plan(f"{{ films {{ {wanted} }} }}", principal=token("x", *scopes).principal)
        assert _forbidden(str(plan)) == expected


@pytest.mark.parametrize("field", ["", "extend type Query { entries: [Entry!]! }"])
@pytest.mark.parametrize(
    "wanted", ["actors { name }", "castCount", "cast(first: 1) { totalCount }"]
)
def test_rules_of_a_type_over_the_link_table_hold_whether_a_field_leads_to_it_or_not(
    field: str, wanted: str
) -> None:
    entry = """type Entry @table(name: "credits") @key(fields: "filmId actorId")
    @requiresScopes(scopes: [["credits"]]) { filmId: ID! actorId: ID! }"""
    compiler = Compiler.of(SDL + entry + field)
    for scopes, is_open in (((), False), (("credits",), True)):
        plan = compiler.plan(f"{{ films {{ {wanted} }} }}", principal=token("x", *scopes).principal)
        assert ("forbid" not in str(plan)) is is_open


def test_an_edge_that_is_called_as_the_link_table_is_no_type_over_it() -> None:
    sdl = SDL.replace('table: "credits"', 'table: "cast_edges"')
    plan = Compiler.of(sdl).plan("{ films { actors { name } } }", principal=token("x").principal)
    assert "forbid" not in str(plan)


@pytest.mark.parametrize(
    ("wanted", "tables"),
    [
        pytest.param("actors { name }", ("actors", "credits"), id="list"),
        pytest.param("cast(first: 1) { edges { billing } }", ("actors", "credits"), id="page"),
        pytest.param("cast(first: 1) { totalCount }", ("actors", "credits"), id="total"),
        pytest.param("castCount", ("actors", "credits"), id="count"),
        pytest.param("wages", ("actors", "credits"), id="sum"),
        pytest.param("guild { guildId }", ("guilds", "members"), id="one-row"),
        pytest.param("filmId", (), id="nothing-of-it"),
    ],
)
def test_a_write_to_the_link_table_ends_cached_answers(
    wanted: str, tables: tuple[str, ...]
) -> None:
    plan = COMPILER.plan(f"{{ films {{ {wanted} }} }}")
    policy = find_policy(COMPILER.model, plan)
    assert policy is not None
    assert policy.tables == tuple(sorted(("films", *tables)))


def test_a_filter_over_a_link_is_ended_by_it_too() -> None:
    plan = COMPILER.plan('{ films(where: {actors: {some: {actorId: {eq: "1"}}}}) { filmId } }')
    policy = find_policy(COMPILER.model, plan)
    assert policy is not None
    assert policy.tables == ("actors", "credits", "films")
