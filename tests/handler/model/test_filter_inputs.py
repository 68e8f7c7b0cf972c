"""What filter inputs mean: made and declared ones, and mistakes in those that are declared."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import AccessRules
from handler.compiler.permissions import Permissions
from handler.compiler.schema_view import visible_schema
from handler.errors import SchemaError
from handler.language.schema import InputObjectType
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.filter_inputs import FilterInput
from handler.sql.operators import Operator

SHOP = """
type Query {
  shops(where: ShopFilter): [Shop!]!
  visits(where: VisitFilter): [Visit!]!
}
type Shop {
  shopId: ID!
  name: String @filterable
  size: Int
  mood(of: Int): Int @resolver
  visits(day: Int = 7): [Visit!]! @filterable
  needing(day: Int!): [Visit!]! @relation(columns: ["shop_id"], references: ["shop_id"])
}
type Visit { visitId: ID! shopId: ID! day: Int @filterable shop: Shop! @filterable }
"""


def read(sdl: str) -> dict[str, FilterInput]:
    return dict(build_model(build_schema({"own.graphql": sdl})).filter_inputs)


def test_a_made_input_knows_columns_and_relations() -> None:
    found = read(SHOP)
    assert set(found) == {"ShopFilter", "VisitFilter"}
    shop, visit = found["ShopFilter"], found["VisitFilter"]
    assert (shop.target, list(shop.columns), list(shop.relations)) == ("Shop", ["name"], ["visits"])
    assert shop.columns["name"]["startsWith"].operator is Operator.PREFIX
    assert shop.columns["name"]["startsWith"].argument == "name.startsWith"
    assert (visit.relations["shop"].is_many, visit.relations["shop"].input) == (False, "ShopFilter")
    visits = shop.relations["visits"]
    assert (visits.is_many, visits.input) == (True, "VisitFilter")
    assert [(each.argument, value) for each, value in visits.shown] == [("day", 7)]


def test_a_declared_input_may_compare_by_itself() -> None:
    declared = """input ShopFilter {
      name: String
      names: [String!] @filter(field: "name", operator: NOT_EQUAL)
      nameHas: String @filter(field: "name", operator: CONTAINS)
      size: IntFilter
    }"""
    found = read(SHOP + declared)["ShopFilter"]
    assert {name: each.operator for name, each in found.values.items()} == {
        "name": Operator.EQUAL,
        "names": Operator.NOT_IN,
        "nameHas": Operator.CONTAINS,
    }
    assert set(found.columns) == {"size"}


FILMS = """
type Query { films(where: FilmFilter): [Film!]! }
type Film {
  filmId: ID!
  cast(first: Int, where: CastEdgeFilter, by: ActorFilter): CastConnection!
    @filterable @relation(through: {table: "credits"})
  wages(where: CastEdgeFilter): Float! @sum(of: "cast", field: "edge.wage")
}
type Actor { actorId: ID! billing: String @filterable }
type CastEdge { cursor: String! node: Actor! billing: Int @filterable wage: Float }
"""


def test_a_made_input_over_edges_knows_the_link_and_the_row() -> None:
    found = read(FILMS)
    assert set(found) == {"FilmFilter", "CastEdgeFilter", "ActorFilter"}
    cast, edge, actor = (
        found["FilmFilter"].relations["cast"],
        *map(found.get, ("CastEdgeFilter", "ActorFilter")),
    )
    assert (cast.input, cast.target) == ("CastEdgeFilter", "CastEdge")
    assert edge is not None
    assert actor is not None
    assert (edge.target, edge.node, list(edge.members)) == (
        "CastEdge",
        "ActorFilter",
        ["billing", "node"],
    )
    ours, theirs = edge.columns["billing"]["eq"].column, actor.columns["billing"]["eq"].column
    assert (ours.field, ours.table, ours.scalar) == ("edge.billing", "credits", "Int")
    assert (theirs.field, theirs.table, theirs.scalar) == ("billing", "actors", "String")


def test_a_declared_input_over_edges_may_compare_by_itself() -> None:
    declared = """input CastEdgeFilter {
      billedTo: Int @filter(field: "billing", operator: LESS_OR_EQUAL)
      wage: FloatFilter
    }"""
    found = read(FILMS + declared)["CastEdgeFilter"]
    assert (found.values["billedTo"].operator, found.values["billedTo"].column.field) == (
        Operator.LESS_OR_EQUAL,
        "edge.billing",
    )
    assert (set(found.columns), found.node) == ({"wage"}, "")


def test_an_input_of_another_name_is_over_the_rows() -> None:
    declared = "input FilmFilter { cast: ActorListFilter }"
    found = read(FILMS + declared)["FilmFilter"].relations["cast"]
    assert (found.input, found.target) == ("ActorFilter", "Actor")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param(
            "node: Actor!",
            "node: Actor! @filterable",
            "own.graphql:10:33: CastEdge.node: a filter input over edges has the member 'node' "
            "without a mark; take the @filterable away",
            id="mark-on-the-row",
        ),
        pytest.param(
            "cursor: String!",
            "cursor: String! @filterable",
            "own.graphql:10:17: CastEdge.cursor: @filterable is for a column, an @expression, an "
            "aggregate or a relation of a type with a table; take it away",
            id="mark-on-a-cursor",
        ),
        pytest.param(
            "billing: Int @filterable",
            "billing: Int @filterable(operators: [PREFIX])",
            "own.graphql:10:46: CastEdge.billing is Int, and the operator PREFIX needs a String or "
            "an ID; take PREFIX out of its @filterable",
            id="operator-that-does-not-fit",
        ),
        pytest.param(
            "films(where: FilmFilter)",
            "films(where: CastEdgeFilter)",
            "own.graphql:2:20: CastEdgeFilter chooses rows of CastEdge, and here of Film; a filter "
            "input is for one type: declare another one",
            id="no-such-edges",
        ),
    ],
)
def test_mistakes_with_filters_over_edges_are_told(before: str, after: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(FILMS.replace(before, after))
    assert str(caught.value).partition("\n")[0] == message


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        pytest.param(
            "input ShopFilter {\n name: String! }",
            "own.graphql:16:2: ShopFilter.name: a member of a filter input has no default and may"
            " be left out; write name: String",
            id="required",
        ),
        pytest.param(
            'input ShopFilter {\n name: String = "x" }',
            "own.graphql:16:2: ShopFilter.name: a member of a filter input has no default and may"
            " be left out; write name: String",
            id="with-a-default",
        ),
        pytest.param(
            "input ShopFilter {\n and: ShopFilter }",
            "own.graphql:16:2: ShopFilter.and combines filters: write and: [ShopFilter!]",
            id="and-of-one",
        ),
        pytest.param(
            "input ShopFilter {\n and: [ShopFilter] }",
            "own.graphql:16:2: ShopFilter.and combines filters: write and: [ShopFilter!]",
            id="and-of-nulls",
        ),
        pytest.param(
            "input ShopFilter {\n or: [[ShopFilter!]!] }",
            "own.graphql:16:2: ShopFilter.or combines filters: write or: [ShopFilter!]",
            id="or-of-lists",
        ),
        pytest.param(
            "input ShopFilter {\n visits: Lists } input Lists { some: [VisitFilter!] }",
            "own.graphql:16:2: Lists: [VisitFilter!] is no input object",
            id="some-of-lists",
        ),
        pytest.param(
            "input ShopFilter { visits: Some } input Some {\n some: VisitFilter! }",
            "own.graphql:16:2: Some.some: a member of a filter input has no default and may be left"
            " out; write some: VisitFilter",
            id="a-required-quantifier",
        ),
        pytest.param(
            "input ShopFilter { name: Is } input Is {\n in: [[String!]!] }",
            "own.graphql:16:2: argument 'in': IN and NOT_IN take a list of values, all other"
            " operators one value",
            id="in-lists",
        ),
        pytest.param(
            "input ShopFilter {\n not: [ShopFilter!] }",
            "own.graphql:16:2: ShopFilter.not combines filters: write not: ShopFilter",
            id="not-of-several",
        ),
        pytest.param(
            "input ShopFilter {\n or: [VisitFilter!] }",
            "own.graphql:16:2: ShopFilter.or combines filters: write or: [ShopFilter!]",
            id="or-of-other-rows",
        ),
        pytest.param(
            "input ShopFilter {\n title: String }",
            "own.graphql:16:2: argument 'title' of 'ShopFilter' chooses by 'title', which is no"
            " column of Shop; name one with @filter(field: ...): shopId, name, size",
            id="no-column",
        ),
        pytest.param(
            "input ShopFilter {\n title: StringFilter }",
            "own.graphql:16:2: ShopFilter.title is named as no column and no relation of Shop; name"
            " one, or for a single value add @filter(field: ...)",
            id="operators-of-no-column",
        ),
        pytest.param(
            "input ShopFilter {\n name: IntFilter }",
            "argument 'eq' is a Int, but Shop.name is a String",
            id="operators-of-another-type",
        ),
        pytest.param(
            "input ShopFilter { name: Near } input Near {\n near: String }",
            "own.graphql:16:2: Near.near compares Shop.name, and is none of eq, ne, in, notIn, lt,"
            " lte, gt, gte, startsWith, contains, has, isNull",
            id="an-operator-that-is-none",
        ),
        pytest.param(
            "input ShopFilter {\n visits: VisitFilter }",
            "own.graphql:16:2: ShopFilter.visits leads to many rows: VisitFilter may have some,"
            " none, every, all of one filter input over Visit",
            id="many-rows-without-a-quantifier",
        ),
        pytest.param(
            "input ShopFilter { needing: NeedingFilter } input NeedingFilter { some: VisitFilter }",
            "ShopFilter.needing: Shop.needing has the required argument 'day', so that it shows no"
            " rows without it; filter by another relation",
            id="a-list-that-needs-an-argument",
        ),
        pytest.param(
            "input ShopFilter {\n visits: [VisitListFilter!] }",
            "own.graphql:16:2: ShopFilter.visits is a list; write visits: VisitListFilter",
            id="a-list-of-inputs",
        ),
        pytest.param(
            'input ShopFilter {\n visits: VisitListFilter @filter(field: "name") }',
            "own.graphql:16:2: ShopFilter.visits: @filter is for a member that is compared itself,"
            " and VisitListFilter is an input object; take it away",
            id="filter-on-an-object",
        ),
        pytest.param(
            "extend type Query {\n more(where: ShopFilter): [Visit!]! }",
            "own.graphql:16:7: ShopFilter chooses rows of Shop, and here of Visit; a filter input"
            " is for one type: declare another one",
            id="one-input-for-two-types",
        ),
        pytest.param(
            "extend type Query {\n more(where: ShopFilter = {}): [Shop!]! }",
            "own.graphql:16:7: argument 'where': a filter input has no default here, because what"
            " a caller may not see is left out of it",
            id="a-default",
        ),
        pytest.param(
            "extend type Query {\n more(where: [ShopFilter!]): [Shop!]! }",
            "own.graphql:16:7: argument 'where' chooses rows by the input object ShopFilter: write"
            " where: ShopFilter, without @filter",
            id="a-list",
        ),
        pytest.param(
            "extend type Query {\n more(shopId: ID!, where: ShopFilter): Shop }",
            "own.graphql:16:20: field 'more' gives one row: it takes no filter input",
            id="of-one-row",
        ),
    ],
)
def test_a_mistake_names_the_place_and_what_to_write(declared: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(SHOP + declared)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        pytest.param(
            "place: String! @cursor @filterable",
            "own.graphql:16:2: Shop.place: @filterable is for a column, an @expression, an"
            " aggregate or a relation of a type with a table; take it away",
            id="a-cursor",
        ),
        pytest.param(
            "smell: String @resolver @filterable",
            "own.graphql:16:2: Shop.smell: @filterable is for a column, an @expression, an"
            " aggregate or a relation of a type with a table; take it away",
            id="a-resolver",
        ),
        pytest.param(
            "more: [Visit!]! @filterable(operators: [EQUAL])",
            "own.graphql:16:2: Shop.more leads to rows, which are chosen by what is marked in"
            " Visit; take the operators away from its @filterable",
            id="operators-of-rows",
        ),
        pytest.param(
            "height: Int @filterable(operators: [])",
            "own.graphql:16:2: Shop.height: @filterable names no operator; name some, or take it"
            " away",
            id="no-operators",
        ),
        pytest.param(
            "height: Int @filterable(operators: [LESS, PREFIX])",
            "own.graphql:16:2: Shop.height is Int, and the operator PREFIX needs a String or an ID;"
            " take PREFIX out of its @filterable",
            id="an-operator-that-does-not-fit",
        ),
    ],
)
def test_a_mark_that_no_input_can_keep_to_is_refused_where_it_stands(
    field: str, message: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        read(f"{SHOP}extend type Shop {{\n {field} }}")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("sdl", "field"),
    [
        pytest.param("extend type Query { all: [Shop!]! @filterable }", "Query.all", id="root"),
        pytest.param(
            "extend type Query { seen: Seen @resolver } type Seen { at: Int @filterable }",
            "Seen.at",
            id="given-by-a-resolver",
        ),
        pytest.param(
            "extend type Query { all: ShopConnection! }"
            " type ShopEdge { node: Shop! cursor: String! @filterable }",
            "ShopEdge.cursor",
            id="edge",
        ),
        pytest.param(
            "extend type Query { all: ShopConnection! }"
            " type ShopConnection { edges: [ShopEdge!]! totalCount: Int @filterable }",
            "ShopConnection.totalCount",
            id="connection",
        ),
    ],
)
def test_a_mark_in_a_type_without_a_table_is_refused(sdl: str, field: str) -> None:
    with pytest.raises(SchemaError, match=f"{field}: @filterable is for a column"):
        read(SHOP + sdl)


RULED = """
type Query { shops(where: ShopFilter): [Shop!]! notes(where: NoteFilter): [Note!]! }
type Shop @public {
  shopId: ID!
  name: String @filterable
  margin: Int @filterable @requiresScopes(scopes: [["money"]])
  visits: [Visit!]! @filterable
  notes: [Note!]! @filterable
}
type Visit @requiresScopes(scopes: [["visits"]]) { visitId: ID! shopId: ID! day: Int @filterable }
type Note @public {
  noteId: ID!
  shopId: ID!
  text: String @filterable @requiresScopes(scopes: [["text"]])
}
"""


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        pytest.param((), {"ShopFilter": {"name"}}, id="nobody"),
        pytest.param(("money",), {"ShopFilter": {"name", "margin"}}, id="a-field"),
        pytest.param(
            ("visits",),
            {
                "ShopFilter": {"name", "visits"},
                "VisitListFilter": {"some", "none", "every"},
                "VisitFilter": {"day"},
            },
            id="a-type",
        ),
        pytest.param(
            ("text",),
            {
                "ShopFilter": {"name", "notes"},
                "NoteListFilter": {"some", "none", "every"},
                "NoteFilter": {"text"},
            },
            id="the-only-member-of-an-input",
        ),
    ],
)
def test_callers_filter_by_what_they_may_read(
    scopes: tuple[str, ...], expected: dict[str, set[str]]
) -> None:
    """Also in introspection and suggestions: the rest is not there for them."""
    schema = build_schema({"own.graphql": RULED})
    model = build_model(schema)
    rules = AccessRules(model.access)
    caller = Principal(kind=CallerKind.TOKEN, subject="x", issuer="y", scopes=frozenset(scopes))
    permissions = Permissions(schema, model, rules)
    view = visible_schema(schema, permissions, rules.grant(caller).satisfied)
    found = {
        each.name: set(each.fields) - {"and", "or", "not"}
        for each in view.types.values()
        if isinstance(each, InputObjectType)
        and each.name.endswith("Filter")
        and each.name not in ("StringFilter", "IntFilter")
    }
    assert found == expected
    assert ("where" in view.object("Query").fields["notes"].arguments) is ("text" in scopes)
