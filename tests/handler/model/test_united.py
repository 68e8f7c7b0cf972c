"""Lists of interfaces and unions over several tables: what the SDL says, what it may not say."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import AccessRules
from handler.compiler.freshness import find_policy
from handler.compiler.permissions import Permissions
from handler.compiler.schema_view import visible_schema
from handler.compiler.sql import compile_facts, compile_rows
from handler.language.schema import InputObjectType
from tests.handler.compiler.plans import Compiler
from tests.handler.model.mistakes import told

FEED = """
type Query {
  feed(at: DateTime, where: EventFilter, sort: [EventSort!], first: Int, after: String):
    EventConnection! @orderBy(fields: ["at DESC"])
}
interface Event @cacheControl(maxAge: 60) {
  at: DateTime! @filterable @sortable
  title: String! @filterable
}
type Call implements Event @public { callId: ID! at: DateTime! title: String! note: Note }
type Visit implements Event @key(fields: "room number") @requiresScopes(scopes: [["visits"]])
  @rowAccess(field: "room", claim: "room") {
  room: ID! number: Int! at: DateTime! @column(name: "came_at")
  title: String! @requiresScopes(scopes: [["titles"]])
}
type Note @public @cacheControl(maxAge: 90) { noteId: ID! text: String! }
"""
COMPILER = Compiler.of(FEED)


def caller(*scopes: str, **claims: str) -> Principal:
    return Principal(
        kind=CallerKind.TOKEN,
        subject="x",
        issuer="y",
        scopes=frozenset(scopes),
        claims=claims,
    )


def test_a_page_is_one_statement_with_a_part_for_each_table() -> None:
    document = """{ feed(at: "2024-01-01T00:00:00Z", first: 2) { totalCount
      nodes { __typename ... on Call { title note { text } } ... on Visit { number } } } }"""
    plan, values = COMPILER.bound(document, principal=caller("visits", "titles", room="r"))
    assert (
        str(plan)
        == """query
  feed = batch 0: page of Event by at, first, ordered by at DESC, type of row DESC, \
Call.callId DESC, Visit.room DESC, Visit.number DESC, where Visit: room = claim room
    totalCount = count
    nodes = Event
      ... on Call = batch 1: one Call for each call_id, ordered by callId
        __typename = 'Call'
        title = t0.title as String
        note = one Note, joined
          text = t1.text as String
      ... on Visit = batch 2: one Visit for each room, number, ordered by room, number, \
where room = claim room
        __typename = 'Visit'
        number = t0.number as Int"""
    )
    (page,) = compile_rows(plan, plan.batches[0], values)
    assert page.text == (
        "SELECT t0.`type of row`, t0.`Call.callId shown`, t0.`Visit.room shown`, t0.`Visit.number`"
        " FROM ((SELECT 0 AS `type of row`, k.`at` AS `at`, k.`call_id` AS `Call.callId`,"
        " k.`call_id` AS `Call.callId shown`, NULL AS `Visit.room`, NULL AS `Visit.room shown`,"
        " NULL AS `Visit.number` FROM `calls` k WHERE k.`at` = %s"
        " ORDER BY k.`at` DESC, k.`call_id` DESC LIMIT %s)"
        " UNION ALL (SELECT 1 AS `type of row`, k.`came_at` AS `at`, NULL AS `Call.callId`,"
        " NULL AS `Call.callId shown`, k.`room` AS `Visit.room`, k.`room` AS `Visit.room shown`,"
        " k.`number` AS `Visit.number` FROM `visits` k WHERE k.`came_at` = %s"
        " AND k.`room` = %s AND CAST(k.`room` AS BINARY) = %s"
        " ORDER BY k.`came_at` DESC, k.`room` DESC, k.`number` DESC LIMIT %s)) t0"
        " ORDER BY t0.`at` DESC, t0.`type of row` DESC, t0.`Call.callId` DESC,"
        " t0.`Visit.room` DESC, t0.`Visit.number` DESC LIMIT %s"
    )
    assert compile_facts(plan, plan.batches[0], values).text == (
        "SELECT ((SELECT COUNT(*) FROM `calls` k WHERE k.`at` = %s) + (SELECT COUNT(*) FROM"
        " `visits` k WHERE k.`came_at` = %s AND k.`room` = %s AND CAST(k.`room` AS BINARY) = %s))"
    )


def test_rows_of_a_type_that_a_caller_may_not_read_are_not_there() -> None:
    plan, values = COMPILER.bound("{ feed { nodes { at } } }", principal=caller())
    (page,) = compile_rows(plan, plan.batches[0], values)
    assert "`visits`" not in page.text
    assert len(plan.batches) == 2


def test_an_answer_ends_with_a_write_to_any_of_the_tables() -> None:
    policy = find_policy(COMPILER.model, COMPILER.plan("{ feed { totalCount } }"))
    assert policy is not None
    assert (policy.lifetime.max_age_s, policy.tables) == (60, ("calls", "visits"))
    silent = Compiler.of(FEED.replace(" @cacheControl(maxAge: 60)", ""))
    assert find_policy(silent.model, silent.plan("{ feed { totalCount } }")) is None


@pytest.mark.parametrize(
    ("scopes", "members"), [((), {"at"}), (("visits",), {"at"}), (("titles",), {"at", "title"})]
)
def test_to_filter_by_a_field_needs_what_it_needs_in_each_type(
    scopes: tuple[str, ...], members: set[str]
) -> None:
    rules = AccessRules(COMPILER.model.access)
    permissions = Permissions(COMPILER.schema, COMPILER.model, rules)
    view = visible_schema(COMPILER.schema, permissions, rules.grant(caller(*scopes)).satisfied)
    found = view.types["EventFilter"]
    assert isinstance(found, InputObjectType)
    assert set(found.fields) - {"and", "or", "not"} == members


def sdl(field: str, interface: str = "{ n: Int }", a: str = "n: Int", b: str = "n: Int") -> str:
    return f"""type Query {{ {field} }}
interface X {interface}
type A implements X {{ aId: ID! {a} }}
type B implements X @searchable(fields: ["text"]) {{ bId: ID! text: String! {b} }}
"""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            sdl("xs: [X!]!", '@table(name: "xs") { n: Int }'),
            "2:1: interface X has @table, but nothing says of which type a row is; write "
            "@discriminator(column: ...) with the column that does, or take it away",
            id="a-table",
        ),
        pytest.param(
            sdl('xs: [X!]! @orderBy(fields: ["m"])'),
            "1:14: @orderBy names 'm', which is nothing to sort X by; it may be one of n, an "
            "aggregate, or such a field of one related row, as a.b",
            id="an-order-by-no-field",
        ),
        pytest.param(
            sdl("xs(n: Int): [X!]!", a='n: Int @count(of: "bs") bs: [B!]!').replace(
                "n: Int }\n}", ""
            ),
            "1:17: argument 'n' of 'xs' chooses by 'n', which is no column of X; name one with "
            "@filter(field: ...): there is none",
            id="a-filter-by-what-is-no-column-of-a-type",
        ),
        pytest.param(
            sdl("xs(text: String @filter(operator: MATCH)): [X!]!"),
            "1:17: argument 'text' searches rows of A, B, and A has no @searchable: name the "
            "fields here, @filter(operator: MATCH, fields: [...]), or write one on each of these "
            "types",
            id="a-search-of-which-a-type-says-nothing",
        ),
        pytest.param(
            sdl('xs: [X!]! @where(column: "gone", value: 1)'),
            "1:14: Query.xs: @where names a column, and rows of X stand in several tables; name a "
            "field of X, or write @where on the types",
            id="a-condition-on-a-column",
        ),
        pytest.param(
            sdl("as: [A!]!", a="n: Int xs: [X!]!"),
            "3:39: field 'xs' gives the interface 'X', which no single table holds; where one "
            "does, say by which column a row is of which type with @discriminator(column: ...), or "
            "use an object type, or answer it by Python with @resolver; a list of it in Query "
            "needs none of these",
            id="below-a-row",
        ),
        pytest.param(
            sdl(
                "xs: [X!]!",
                "{ n: Int @filterable }",
                a='n: Int @count(of: "bs") bs: [B!]!',
                b="aId: ID! n: Int",
            ),
            "2:15: X.n: @filterable is for a column, an @expression, an aggregate or a relation of "
            "a type with a table; take it away",
            id="a-mark-on-what-is-no-column-of-a-type",
        ),
    ],
)
def test_mistakes_name_their_place_and_what_to_write(given: str, message: str) -> None:
    assert told(given) == f"test.graphql:{message}"
