"""Searches: which columns they are over, and mistakes in them."""

from __future__ import annotations

import pytest

from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.search import Search
from tests.handler.model.mistakes import told

FILM = """
type Film @searchable(fields: ["title", "plot"]) {
  filmId: ID! title: String! @filterable plot: String @column(name: "description") minutes: Int
  loud: String @expression(sql: "UPPER({title})")
}
"""


def searched(found: object) -> tuple[str, list[str], bool]:
    assert isinstance(found, Search)
    return found.argument, [c.stored_name or "" for c in found.columns], found.is_boolean


def test_arguments_and_members_name_columns() -> None:
    sdl = """type Query { films(
      title: String @filter(operator: MATCH)
      words: String! @filter(operator: MATCH, fields: ["plot", "title"], mode: BOOLEAN)
      where: FilmFilter
    ): [Film!]! }"""
    model = build_model(build_schema({"own.graphql": sdl + FILM}))
    rows = model.roots["films"].rows
    assert rows is not None
    assert list(map(searched, rows.filters)) == [
        ("title", ["title"], False),
        ("words", ["description", "title"], True),
    ]
    assert [each.is_always_given for each in rows.filters] == [False, True]
    made = model.filter_inputs["FilmFilter"]
    assert searched(made.values["search"]) == ("search", ["title", "description"], False)
    assert list(made.columns) == ["title"]


def test_a_count_searches_as_its_relation_does() -> None:
    sdl = """type Query { shop(shopId: ID!): Shop }
    type Shop { shopId: ID!
      films(search: String @filter(operator: MATCH, fields: ["title"], mode: BOOLEAN)): [Film!]!
      filmCount(search: String): Int! @count(of: "films") }"""
    model = build_model(build_schema({"own.graphql": sdl + FILM}))
    (used,) = model.tables["Shop"].fields["filmCount"].filters
    assert searched(used) == ("search", ["title"], True)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        pytest.param(
            'a: String @filter(operator: MATCH, fields: ["minutes"])',
            "argument 'a' searches 'minutes', which is no String of Film with a column of its own; "
            "it may be one of title, plot",
            id="number",
        ),
        pytest.param(
            "loud: String @filter(operator: MATCH)",
            "argument 'loud' searches 'loud', which is no String of Film with a column of its own; "
            "it may be one of title, plot",
            id="expression",
        ),
        pytest.param(
            'a: [String!] @filter(operator: MATCH, fields: ["title"])',
            "argument 'a' is a [String!], but the operator MATCH takes one String",
            id="list",
        ),
        pytest.param(
            'a: Int @filter(operator: MATCH, fields: ["title"])',
            "argument 'a' is a Int, but the operator MATCH takes one String",
            id="argument-that-is-a-number",
        ),
        pytest.param(
            'a: String @filter(operator: MATCH, fields: ["title", "title"])',
            "argument 'a' names 'title' twice",
            id="twice",
        ),
        pytest.param(
            'a: String @filter(operator: MATCH, fields: ["title"], field: "plot")',
            "argument 'a': write field or fields, not both",
            id="field-and-fields",
        ),
        pytest.param(
            'a: String @filter(fields: ["title"])',
            "argument 'a': @filter(fields:) and mode are of the operator MATCH; write field for "
            "any other",
            id="fields-of-another-operator",
        ),
        pytest.param(
            "title: String @filter(mode: BOOLEAN)",
            "argument 'title': @filter(fields:) and mode are of the operator MATCH; write field "
            "for any other",
            id="mode-of-another-operator",
        ),
    ],
)
def test_arguments_that_cannot_search(argument: str, message: str) -> None:
    sdl = f"type Query {{\n films({argument}): [Film!]! }} {FILM}"
    assert told(sdl) == f"test.graphql:2:8: {message}"


@pytest.mark.parametrize(
    ("term", "message"),
    [
        pytest.param(
            "relevance(title) DESC",
            "@orderBy names relevance(title), and the list 'films' (test.graphql:1) has no "
            "argument 'title' that searches: write "
            "title: String @filter(operator: MATCH, fields: [...])",
            id="argument-that-compares",
        ),
        pytest.param(
            "relevance(words) DESC",
            "@orderBy names relevance(words), and the list 'films' (test.graphql:1) has no "
            "argument 'words' that searches: write "
            "words: String @filter(operator: MATCH, fields: [...])",
            id="no-argument",
        ),
    ],
)
def test_orders_by_the_relevance_of_no_search(term: str, message: str) -> None:
    query = "type Query { films(title: String, order: FilmOrder): [Film!]! }"
    order = f'\nenum FilmOrder {{\n BEST @orderBy(fields: ["{term}"]) }}'
    assert told(f"{query} {FILM}{order}") == f"test.graphql:8:2: {message}"


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        pytest.param(
            '@searchable(fields: ["minutes"])',
            "type Film: @searchable searches 'minutes', which is no String of Film with a column "
            "of its own; it may be one of title",
            id="number",
        ),
        pytest.param(
            "@searchable(fields: [])",
            "type Film: @searchable names no field to search in; name some in fields",
            id="no-field",
        ),
    ],
)
def test_types_that_cannot_be_searched(mark: str, message: str) -> None:
    film = f"\ntype Film {mark} {{ filmId: ID! title: String! minutes: Int }}"
    assert told(f"type Query {{ films: [Film!]! }}{film}") == f"test.graphql:2:1: {message}"


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        pytest.param(
            '@searchable(fields: ["title"], name: "title")',
            "FilmFilter has a member `title` already: give the @searchable of Film another name.",
            id="a-field",
        ),
        pytest.param(
            '@searchable(fields: ["title"], name: "not")',
            "FilmFilter has a member `not` already: give the @searchable of Film another name.",
            id="a-combination",
        ),
        pytest.param(
            '@searchable(fields: ["title"], name: "by words")',
            '@searchable(name: "by words") of Film is no name of a member: letters, digits and _, '
            "such as `search`.",
            id="no-name",
        ),
    ],
)
def test_members_that_cannot_be_made(mark: str, message: str) -> None:
    film = f"\ntype Film {mark} {{ filmId: ID! title: String! @filterable }}"
    sdl = f"type Query {{ films(where: FilmFilter): [Film!]! }}{film}"
    assert told(sdl) == f"test.graphql:2:11: {message}"


def test_no_single_column_is_filterable_by_words() -> None:
    film = "type Film {\n filmId: ID! title: String! @filterable(operators: [MATCH]) }"
    assert told(f"type Query {{ films(where: FilmFilter): [Film!]! }} {film}") == (
        "test.graphql:2:14: Film.title is String, and words are searched for in whole types of "
        "rows: @searchable(fields: ...) on its type; take MATCH out of its @filterable"
    )
