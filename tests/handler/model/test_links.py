"""Relations through a link table: what may be left out, and a clear word about what cannot be."""

from __future__ import annotations

import pytest

from handler.compiler.sql import compile_rows
from handler.errors import SchemaError
from handler.jobs.api_user import read_columns
from handler.model.relations import Hop, Path, ToMany, ToOne
from handler.model.tables import ClaimRule, ThroughRule
from tests.handler.compiler.plans import Compiler

FILMS = """
type Query { films: [Film!]! }
type Film @table(name: "film") {
  filmId: ID!
  actors: [Actor!]! @relation(RELATION)
}
type Actor @table(name: "actor") {
  actorId: ID!
  films: [Film!]! @relation(through: {table: "film_actor"})
}
"""
WHOLE = Path(
    (
        Hop(("film_id",), ("film_id",), "`film_actor`"),
        Hop(("actor_id",), ("actor_id",), "Actor"),
    )
)


def path(compiler: Compiler, owner: str, field: str) -> Path:
    found = compiler.model.tables[owner].fields[field]
    assert isinstance(found, ToMany | ToOne)
    return found.path


@pytest.mark.parametrize(
    "relation",
    [
        pytest.param('through: {table: "film_actor"}', id="named-as-the-keys"),
        pytest.param(
            'columns: ["film_id"], references: ["actor_id"], through: '
            '{table: "film_actor", columns: ["film_id"], references: ["actor_id"]}',
            id="all-written",
        ),
        pytest.param(
            'through: {table: "film_actor", references: ["actor_id"]}', id="one-side-written"
        ),
        pytest.param('columns: ["film_id"], through: {table: "film_actor"}', id="ends-written"),
    ],
)
def test_columns_may_be_left_out_where_they_are_named_as_the_keys(relation: str) -> None:
    compiler = Compiler.of(FILMS.replace("RELATION", relation))
    assert path(compiler, "Film", "actors") == WHOLE
    assert path(compiler, "Actor", "films") == Path(
        (
            Hop(("actor_id",), ("actor_id",), "`film_actor`"),
            Hop(("film_id",), ("film_id",), "Film"),
        )
    )


def test_own_names_composite_keys_links_to_the_own_type_and_two_links_to_one_table() -> None:
    compiler = Compiler.of(
        """
        type Query { people: [Person!]! }
        type Person @key(fields: "tenant id") {
          tenant: ID! id: ID! slug: ID!
          friends: [Person!]! @relation(through:
            {table: "friends", columns: ["tenant", "a"], references: ["tenant", "b"]})
          friendOf: [Person!]! @relation(through:
            {table: "friends", columns: ["tenant", "b"], references: ["tenant", "a"]})
          tags: [Tag!]! @relation(columns: ["slug"], references: ["name"],
            through: {table: "person_tags", columns: ["person_slug"], references: ["tag"]})
          spouse: Person @relation(columns: ["id"], references: ["tenant", "id"], through:
            {table: "marriages", columns: ["one"], references: ["tenant", "other"]})
        }
        type Tag @key(fields: "name") { name: ID! }
        """
    )
    model = compiler.model
    assert {
        name: path(compiler, "Person", name).hops
        for name in ("friends", "friendOf", "tags", "spouse")
    } == {
        "friends": (
            Hop(("tenant", "id"), ("tenant", "a"), "`friends`"),
            Hop(("tenant", "b"), ("tenant", "id"), "Person"),
        ),
        "friendOf": (
            Hop(("tenant", "id"), ("tenant", "b"), "`friends`"),
            Hop(("tenant", "a"), ("tenant", "id"), "Person"),
        ),
        "tags": (
            Hop(("slug",), ("person_slug",), "`person_tags`"),
            Hop(("tag",), ("name",), "Tag"),
        ),
        "spouse": (
            Hop(("id",), ("one",), "`marriages`"),
            Hop(("tenant", "other"), ("tenant", "id"), "Person"),
        ),
    }
    assert {name: link.name for name, link in model.links.items()} == {
        "`friends`": "friends",
        "`person_tags`": "person_tags",
        "`marriages`": "marriages",
    }
    assert read_columns(model) == {
        "persons": {"tenant", "id", "slug"},
        "tags": {"name"},
        "friends": {"tenant", "a", "b"},
        "person_tags": {"person_slug", "tag"},
        "marriages": {"one", "tenant", "other"},
    }


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        pytest.param(
            'columns: ["a", "b"], through: {table: "film_actor", columns: ["film_id"]}',
            "Film.actors: @relation needs as many columns as columns of through, got 2 (a, b) and"
            " 1 (film_id)",
            id="columns-of-other-lengths",
        ),
        pytest.param(
            'through: {table: "film_actor", references: ["a", "b"]}',
            "Film.actors: @relation needs as many references as references of through, got 1"
            " (actor_id) and 2 (a, b)",
            id="references-of-other-lengths",
        ),
        pytest.param(
            'through: {table: "film_actor", columns: []}',
            "Film.actors: @relation needs as many columns as columns of through, got 1 (film_id)"
            " and 0 ()",
            id="no-columns",
        ),
        pytest.param(
            'columns: [], through: {table: "film_actor", columns: []}',
            "Film.actors: @relation needs as many columns as columns of through, got 0 () and 0 ()",
            id="no-columns-at-all",
        ),
        pytest.param(
            'through: {table: "film_actor", columns: ["id"], references: ["id"]}',
            "Film.actors: the same columns of 'film_actor' (id) lead here and there; say which with"
            " through: {columns: [...], references: [...]}",
            id="same-columns-both-ways",
        ),
        pytest.param(
            'through: {table: " "}',
            "Film.actors: @relation(through: ...) names no table",
            id="no-table",
        ),
        pytest.param(
            'through: {table: "film_actor", colums: ["a"]}',
            'Field "colums" is not defined by type "RelationThrough"',
            id="unknown-word",
        ),
        pytest.param(
            'through: {columns: ["a"]}',
            'Field "RelationThrough.table" of required type "String!"',
            id="without-a-table",
        ),
        pytest.param(
            'columns: ["film_id"]',
            "Film.actors: @relation needs as many columns as references, got 1 and 0; write"
            " both, or take it away to go by convention",
            id="without-a-link-both-are-needed",
        ),
        pytest.param(
            "",
            "Film.actors: @relation needs as many columns as references, got 0 and 0; write"
            " both, or take it away to go by convention",
            id="nothing",
        ),
    ],
)
def test_mistake_names_file_line_and_what_to_write(relation: str, said: str) -> None:
    with pytest.raises(SchemaError) as refused:
        Compiler.of(FILMS.replace("(RELATION)", f"({relation})" if relation else ""))
    assert said in str(refused.value)
    assert refused.value.file == "test.graphql"
    assert refused.value.location is not None
    assert refused.value.location.line == 5


# ------------------------------------------------------------------ fields of edges

EDGES = """
type Query { films: [Film!]! ROOT }
type Film {
  filmId: ID!
  cast(first: Int): CastConnection! @relation(THROUGH) @orderBy(fields: ["ORDER"])
  crew(first: Int): CastConnection! @relation(CREW)
}
type Actor { actorId: ID! }
type CastEdge { node: Actor! cursor: String! billing: Int! MORE }
"""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param(
            {"THROUGH": 'columns: ["film_id"], references: ["film_id"]'},
            "field 'cast' gives a CastConnection, whose edges have the field 'billing': beside node"
            " and cursor, fields of CastEdge are columns of a link table, and this list has none;"
            " put it on Actor, or write @relation(through: {table: ...})",
            id="no-link",
        ),
        pytest.param(
            {"ROOT": "cast(first: Int): CastConnection!"},
            "field 'cast' gives a CastConnection, whose edges have the field 'billing'",
            id="no-link-at-the-root",
        ),
        pytest.param(
            {"CREW": 'through: {table: "crew"}'},
            "field 'crew' leads through 'crew', and the fields of CastEdge are columns of"
            " 'film_actor', through which another list leads; give this one a connection with an"
            " edge type of its own",
            id="two-links",
        ),
        pytest.param(
            {"MORE": "other: Film"},
            "CastEdge.other: beside node and cursor, fields of an edge are columns of the link"
            " table, single values; put it on Actor",
            id="rows-on-an-edge",
        ),
        pytest.param(
            {"MORE": "n: Int @resolver"},
            "CastEdge.n: beside node and cursor, fields of an edge are columns of the link table",
            id="resolver-on-an-edge",
        ),
        pytest.param({"MORE": "tags: [Int!]!"}, "CastEdge.tags: no column holds a list", id="list"),
        pytest.param(
            {"ORDER": "edge.other"},
            "@orderBy names 'edge.other', which is nothing to sort Actor by; it may be one of"
            " actorId, edge.billing, an aggregate, or such a field of one related row, as a.b",
            id="order-by-no-column",
        ),
        pytest.param(
            {"THROUGH": 'through: {table: "film_actor", key: ["credit_id"]}'},
            "field 'cast': the key of 'film_actor' has the column 'credit_id', which no field"
            " shows, and a cursor has to hold it; give the edge type a field for it, or a type that"
            " stands on 'film_actor'",
            id="key-that-no-field-shows",
        ),
        pytest.param(
            {"THROUGH": 'through: {table: "film_actor", key: []}'},
            "Film.cast: the key of through has no columns; leave it out",
            id="key-without-columns",
        ),
    ],
)
def test_mistake_about_an_edge_is_named(changed: dict[str, str], said: str) -> None:
    link = 'through: {table: "film_actor"}'
    sdl = EDGES
    usual = {"THROUGH": link, "CREW": link, "ORDER": "edge.billing", "ROOT": "", "MORE": ""}
    for word, text in (usual | changed).items():
        sdl = sdl.replace(word, text)
    with pytest.raises(SchemaError) as refused:
        Compiler.of(sdl)
    assert said in str(refused.value)


def test_only_the_columns_that_edges_and_orders_need_are_read() -> None:
    sdl = EDGES.replace("MORE", 'net: Decimal @expression(sql: "{fee} - {tax}")')
    link = 'through: {table: "film_actor", key: ["film_id"]}'
    for word, text in {"THROUGH": link, "CREW": link, "ORDER": "edge.billing", "ROOT": ""}.items():
        sdl = sdl.replace(word, text)
    columns = read_columns(Compiler.of(sdl).model)
    assert columns["film_actor"] == {"film_id", "actor_id", "billing", "fee", "tax"}


def test_plain_lists_name_what_a_type_on_the_link_table_shows() -> None:
    compiler = Compiler.of(
        """
        type Query { films: [Film!]! credits: [Credit!]! }
        type Film {
          filmId: ID!
          actors(minimum: Int @filter(field: "edge.billing", operator: GREATER)): [Actor!]!
            @relation(through: {table: "credits"}) @orderBy(fields: ["edge.billing"])
        }
        type Actor { actorId: ID! }
        type Credit @key(fields: "filmId actorId") { filmId: ID! actorId: ID! billing: Int! }
        """
    )
    plan, values = compiler.bound("{ films { actors(minimum: 2) { actorId } } }")
    (statement,) = compile_rows(plan, plan.batches[1], values, [(1,)])
    assert statement.text == (
        "SELECT t0_1.`film_id`, t0.`actor_id`, t0_1.`billing` FROM `actors` t0 JOIN `credits` t0_1"
        " ON t0.`actor_id` = t0_1.`actor_id` WHERE t0_1.`film_id` = %s AND t0_1.`billing` > %s"
        " ORDER BY t0_1.`billing`, t0_1.`actor_id` LIMIT %s"
    )


# ------------------------------------------------------------------------------ one row by a link

DIRECTED = """
type Query { films: [Film!]! directions: [Direction!]! }
type Film { filmId: ID! director: Person @relation(through: {table: "directions"}) }
type Person { personId: ID! }
type Direction KEY { filmId: ID! personId: ID! }
"""


def test_one_row_by_a_link_whose_columns_here_are_a_key() -> None:
    compiler = Compiler.of(DIRECTED.replace("KEY", '@key(fields: "filmId")'))
    assert path(compiler, "Film", "director").hops[0].references == ("film_id",)


def test_one_row_by_a_link_that_may_be_several_is_refused() -> None:
    with pytest.raises(SchemaError, match="leads to one Person, but film_id is no key of"):
        Compiler.of(DIRECTED.replace("KEY", '@key(fields: "filmId personId")'))


def test_one_row_by_a_link_needs_a_key_of_the_far_type() -> None:
    sdl = DIRECTED.replace("KEY", '@key(fields: "filmId")').replace(
        'through: {table: "directions"}', 'references: ["name"], through: {table: "directions"}'
    )
    with pytest.raises(SchemaError, match="leads to one Person, but name is not a key of it"):
        Compiler.of(sdl)


# -------------------------------------------------------------------------------- row rules

RULED = """
type Query { films: [Film!]! }
type Film {
  filmId: ID!
  actors: [Actor!]! @relation(through: {table: "contracts"})
  star: ONE @relation(through: {table: "contracts"})
}
type Actor { actorId: ID! }
type Contract @key(fields: "filmId") @rowAccess(field: "owner", claim: "owner") {
  filmId: ID! owner: String! film: Film
}
"""


def test_rules_of_a_type_that_no_field_leads_to_hold_in_its_link_table() -> None:
    model = Compiler.of(RULED.replace("ONE", "Actor")).model
    assert set(model.tables) == {"Film", "Actor", "Contract"}
    (rule,) = model.links["`contracts`"].row_rules
    assert isinstance(rule, ClaimRule)
    assert (rule.column.stored_name, rule.claim) == ("owner", "owner")
    assert read_columns(model)["contracts"] == {"film_id", "actor_id", "owner"}


def test_rules_of_all_types_on_a_link_table_hold_together() -> None:
    more = """
    extend type Query { seals: [Seal!]! }
    type Seal @table(name: "contracts") @key(fields: "filmId") @rowAccess(through: "film") {
      filmId: ID! film: Film
    }
    extend type Film @rowAccess(field: "filmId", claim: "film") { seal: ID }
    """
    model = Compiler.of(RULED.replace("ONE", "Actor") + more).model
    assert [type(rule) for rule in model.links["`contracts`"].row_rules] == [ClaimRule, ThroughRule]


def test_one_row_by_a_link_that_may_be_hidden_may_be_null() -> None:
    with pytest.raises(SchemaError, match=r"Film.star must not be null, but a caller may see the"):
        Compiler.of(RULED.replace("ONE", "Actor!"))


def test_rules_that_go_around_by_a_link_table_are_refused() -> None:
    sdl = """
    type Query { films: [Film!]! }
    type Film @rowAccess(through: "star") {
      filmId: ID! star: Actor @relation(through: {table: "contracts"})
    }
    type Actor @rowAccess(field: "actorId", claim: "actor") { actorId: ID! }
    type Contract @key(fields: "filmId") @rowAccess(through: "film") { filmId: ID! film: Film }
    """
    with pytest.raises(SchemaError, match=r"in a circle: Film -> Contract -> Film"):
        Compiler.of(sdl)
