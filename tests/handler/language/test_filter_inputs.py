"""Undeclared filter inputs: what is made for an argument that names one, and what stays."""

from __future__ import annotations

import re

import graphql
import pytest
from graphql import GraphQLInputObjectType

from handler import scalars
from handler.errors import SchemaError
from handler.language.printer import print_schema, print_string
from handler.language.schema import InputObjectType, Schema
from handler.language.sdl import build_schema
from tests.connections import with_connections
from tests.directives import VOCABULARY
from tests.filter_inputs import with_filter_inputs

SDL = """
type Query {
  films(where: FilmFilter, first: Int, after: String): FilmConnection!
  inventory(where: InventoryFilter): [Inventory!]!
}
type Film @public {
  filmId: ID! @filterable
  "What stands on the poster."
  title: String! @filterable
  rating: Rating @filterable
  length: Int @filterable(operators: [GREATER, LESS, IS_NULL])
  secret: String
  isNew: Boolean @filterable
  about: JSON @filterable
  sequel: Film @filterable @relation(columns: ["sequel_id"], references: ["film_id"])
  language: Language! @filterable
  inventory(first: Int): [Inventory!]! @filterable
  pages(first: Int, after: String): InventoryConnection! @filterable
}
enum Rating { G PG }
type Language @public { languageId: ID! name: String! @filterable }
type Inventory @public {
  inventoryId: ID!
  filmId: ID!
  storeId: Int @filterable
  film: Film! @filterable
}
"""


def inputs(schema: Schema) -> dict[str, dict[str, str]]:
    """The filter inputs, as members by their types."""
    return {
        found.name: {member.name: str(member.type) for member in found.fields.values()}
        for found in schema.types.values()
        if isinstance(found, InputObjectType) and found.name.endswith("Filter")
    }


def build(sdl: str) -> Schema:
    return build_schema({"own.graphql": sdl})


def test_everything_that_is_marked_may_be_filtered_by() -> None:
    found = inputs(build(SDL))
    assert found["FilmFilter"] == {
        "and": "[FilmFilter!]",
        "or": "[FilmFilter!]",
        "not": "FilmFilter",
        "filmId": "IDFilter",
        "title": "StringFilter",
        "rating": "RatingFilter",
        "length": "FilmLengthFilter",
        "isNew": "BooleanFilter",
        "about": "JSONFilter",
        "sequel": "FilmFilter",
        "language": "LanguageFilter",
        "inventory": "InventoryListFilter",
        "pages": "InventoryListFilter",
    }
    assert found["InventoryListFilter"] == dict.fromkeys(
        ("some", "none", "every"), "InventoryFilter"
    )
    assert found["FilmLengthFilter"] == {"lt": "Int", "gt": "Int", "isNull": "Boolean"}
    assert found["RatingFilter"] == {
        "eq": "Rating",
        "ne": "Rating",
        "in": "[Rating!]",
        "notIn": "[Rating!]",
        "isNull": "Boolean",
    }


@pytest.mark.parametrize(
    "words", ['ends in a "quote"', "C:\\\\", 'three """ of them', "two\n  lines", '"', "\\"]
)
def test_description_of_a_field_is_that_of_its_filter(words: str) -> None:
    field = f"{print_string(words)} aId: ID! @filterable"
    found = build(f"type Query {{ a(where: AFilter): [A!]! }} type A @public {{ {field} }}").types[
        "AFilter"
    ]
    assert isinstance(found, InputObjectType)
    assert found.fields["aId"].description == words


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("type PriceList { priceListId: ID! @filterable }", "PriceListFieldFilter"),
        ("type PriceListFilter { priceListFilterId: ID! }", "PriceListFieldFilter"),
        ("input PriceListFilter { some: PriceFilter }", "PriceListFilter"),
    ],
)
def test_filter_of_many_rows_is_called_as_nothing_else(other: str, expected: str) -> None:
    """A price list has a filter of its own, and is no list of prices."""
    found = inputs(
        build(
            "type Query { shops(where: ShopFilter): [Shop!]! }"
            " type Shop { shopId: ID! prices(first: Int): [Price!]! @filterable }"
            f" type Price {{ priceId: ID! @filterable shopId: ID! }} {other}"
        )
    )
    assert found["ShopFilter"]["prices"] == expected
    assert found[expected]["some"] == "PriceFilter"


def test_filter_of_one_field_is_called_as_nothing_else() -> None:
    found = inputs(
        build(
            "type Query { films(where: FilmFilter): [Film!]! }"
            " type Film { filmId: ID! length: Int @filterable(operators: [LESS]) }"
            " type FilmLengthFilter { filmLengthFilterId: ID! }"
        )
    )
    assert found["FilmFilter"]["length"] == "FilmLengthFieldFilter"
    assert found["FilmLengthFieldFilter"] == {"lt": "Int"}


def test_what_is_made_is_what_one_would_declare() -> None:
    """By another program, over graphql-core's parser."""
    whole = with_filter_inputs(with_connections(SDL))
    vocabulary = VOCABULARY.read_text(encoding="utf-8") + scalars.sdl()
    expected = graphql.build_schema(f"{vocabulary}\n{whole}")
    assert inputs(build(SDL)) == {
        found.name: {name: str(member.type) for name, member in found.fields.items()}
        for found in expected.type_map.values()
        if isinstance(found, GraphQLInputObjectType) and found.name.endswith("Filter")
    }
    assert inputs(build(whole)) == inputs(build(SDL))


def test_members_keep_the_description_of_their_field() -> None:
    found = build(SDL).types["FilmFilter"]
    assert isinstance(found, InputObjectType)
    assert found.fields["title"].description == "What stands on the poster."
    assert found.description == "Which rows of `Film`: everything that is given has to hold."
    assert '"""What stands on the poster."""\n  title: StringFilter' in print_schema(build(SDL))


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param("input FilmFilter { title: StringFilter }", id="of-rows"),
        pytest.param("input StringFilter { eq: String }", id="of-values"),
        pytest.param("input InventoryListFilter { some: FilmFilter }", id="of-many-rows"),
    ],
)
def test_what_is_declared_stays(declared: str) -> None:
    name, member = re.fullmatch(r"input (\w+) { (.+) }", declared).groups()  # type: ignore[union-attr]
    assert inputs(build(SDL + declared))[name] == dict([member.split(": ")])


def test_a_scalar_of_ones_own_is_compared_as_what_it_is_like() -> None:
    own = 'scalar Mail @scalar(as: "String") type A { aId: ID! mail: Mail @filterable }'
    found = inputs(build(f"type Query {{ as(where: AFilter): [A!]! }} {own}"))
    assert found["MailFilter"] == {
        name: kind.replace("String", "Mail")
        for name, kind in inputs(build(SDL))["StringFilter"].items()
    }


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(
            "it: Int @filterable(operators: LESS)", {"lt": "Int"}, id="one-without-brackets"
        ),
        pytest.param(
            "it: [String!] @filterable(operators: [HAS])", {"has": "String"}, id="of-a-list"
        ),
    ],
)
def test_no_operator_is_open_but_those_that_are_named(field: str, expected: dict[str, str]) -> None:
    found = inputs(
        build(f"type Query {{ as(where: AFilter): [A!]! }} type A {{ aId: ID! {field} }}")
    )
    assert found[found["AFilter"]["it"]] == expected


def test_an_input_of_one_field_has_a_name_of_its_own() -> None:
    """Others that are called so, of a type or of another field, have other operators."""
    found = inputs(
        build("""
        type Query { films(where: FilmFilter): [Film!]! titles(where: FilmTitleFilter): [Film!]! }
        type Film {
          filmId: ID!
          state: FilmState @filterable(operators: [EQUAL])
          last: FilmState @filterable
          title: String @filterable(operators: [PREFIX])
          titleSize: Int @filterable(operators: [LESS])
          tagList: Int @filterable(operators: [LESS])
          tags: [FilmTag!] @filterable
        }
        type FilmTitle { filmTitleId: ID! size: Int @filterable(operators: [GREATER]) }
        enum FilmState { ON OFF }
        enum FilmTag { RED BLUE }
        """)
    )
    film = found["FilmFilter"]
    assert {name: found[film[name]] for name in ("state", "title", "titleSize", "tagList")} == {
        "state": {"eq": "FilmState"},
        "title": {"startsWith": "String"},
        "titleSize": {"lt": "Int"},
        "tagList": {"lt": "Int"},
    }
    assert found[found["FilmTitleFilter"]["size"]] == {"gt": "Int"}
    assert {"ne", "in"} <= found[film["last"]].keys()
    assert found[film["tags"]] == {"has": "FilmTag", "isNull": "Boolean"}


@pytest.mark.parametrize("called", ["ActorList", "ActorListField"])
def test_an_input_of_many_rows_has_a_name_that_no_type_asks_for(called: str) -> None:
    """A table ``actor_lists`` beside ``actors`` is filtered by its own columns."""
    found = inputs(
        build(f"""
        type Query {{
          films(where: FilmFilter): [Film!]!
          lists(where: {called}Filter): [{called}!]!
        }}
        type Film {{
          filmId: ID!
          actors: [Actor!]! @filterable @relation(through: {{table: "film_actor"}})
          tags: [Tag!] @filterable
        }}
        type Actor {{ actorId: ID! name: String @filterable(operators: [EQUAL]) }}
        type {called} {{ id: ID! size: Int @filterable(operators: [LESS]) }}
        type TagList {{ id: ID! @filterable }}
        enum Tag {{ RED BLUE }}
        """)
    )
    film = found["FilmFilter"]
    one = "ActorFilter"
    assert found[film["actors"]] == {"some": one, "none": one, "every": one}
    assert found[film["tags"]] == {"has": "Tag", "isNull": "Boolean"}
    assert found[found[f"{called}Filter"]["size"]] == {"lt": "Int"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"quoted"', id="quotes-at-the-end"),
        pytest.param("a\\", id="a-backslash-at-the-end"),
        pytest.param('three """ of them', id="quotes-of-a-block"),
        pytest.param("bell \x07", id="a-control-character"),
        pytest.param(" blank", id="a-blank-in-front"),
        pytest.param("two\n  lines", id="lines"),
    ],
)
def test_any_description_is_that_of_the_member(text: str) -> None:
    sdl = f"type A {{ aId: ID!\n {print_string(text)} name: String @filterable }}"
    made = build(f"type Query {{ as(where: AFilter): [A!]! }} {sdl}").types["AFilter"]
    assert isinstance(made, InputObjectType)
    assert made.fields["name"].description == text


def test_rows_that_are_called_connections_are_rows() -> None:
    """A connection is what has edges."""
    sdl = """
    type Query { hosts(where: HostFilter): [Host!]! }
    type Host {
      hostId: ID! link: HostConnection! @filterable links: [HostConnection!]! @filterable
    }
    type HostConnection { hostConnectionId: ID! @filterable }
    """
    assert inputs(build(sdl))["HostFilter"] == {
        "and": "[HostFilter!]",
        "or": "[HostFilter!]",
        "not": "HostFilter",
        "link": "HostConnectionFilter",
        "links": "HostConnectionListFilter",
    }


def test_nothing_is_made_that_nobody_names() -> None:
    assert (
        inputs(
            build(SDL.replace("where: FilmFilter, ", "").replace("(where: InventoryFilter)", ""))
        )
        == {}
    )


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        pytest.param(
            "type Query { films(\n where: FilmFilter): [Film!]! } type Film { filmId: ID! }",
            'own.graphql:2:9: "FilmFilter" is not declared and cannot be made: no field of Film may'
            " be filtered by; write @filterable on those that may, or declare `input FilmFilter`.",
            id="nothing-is-marked",
        ),
        pytest.param(
            "type Query { films(\n where: FilmsFilter): [Film!]! }"
            " type Film { filmId: ID! @filterable }",
            'own.graphql:2:9: "FilmsFilter" is not declared and cannot be made: there is no type'
            ' "Films" whose rows it would choose. Did you mean "FilmFilter"?',
            id="a-name-that-is-nearly-right",
        ),
        pytest.param(
            "type Query { a(\n where: XyzFilter): Int }",
            'own.graphql:2:9: "XyzFilter" is not declared and cannot be made: there is no type'
            ' "Xyz" whose rows it would choose. Declare `type Xyz`, or `input XyzFilter`.',
            id="a-name-of-nothing",
        ),
        pytest.param(
            "type Query { films(where: FilmFilter): [Film!]! }\n"
            "type Film { filmId: ID!\n or: Int @filterable }",
            "own.graphql:3:2: Film.or cannot be @filterable, because `or` combines filters; give"
            " the field another name, with @column(name:).",
            id="a-field-with-the-name-of-a-combination",
        ),
        pytest.param(
            "type Query { films(where: FilmFilter): [Film!]! }"
            " type Film { filmId: ID! @filterable(operators: [NEAR]) }",
            'Value "NEAR" does not exist in "FilterOperator" enum',
            id="an-operator-that-is-none",
        ),
    ],
)
def test_what_cannot_be_made_is_told(sdl: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build(sdl)
    assert message in str(caught.value)
