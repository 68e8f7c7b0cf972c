"""Undeclared connections: what is made for a field that names one, and what is left as declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import AccessRules
from handler.compiler.permissions import Permissions
from handler.compiler.schema_view import visible_schema
from handler.errors import Location, SchemaError
from handler.language.printer import print_schema
from handler.language.schema import Origin, Schema
from handler.language.sdl import build_schema, load_schema
from handler.model.builder import build_model
from handler.model.connections import ConnectionType
from tests.connections import with_connections

FILM = "type Film @public { filmId: ID! title: String }\n"
QUERY = "type Query { films(first: Int, after: String): FilmConnection! }\n"

MADE = '''"""A page of a list of `Film`."""
type FilmConnection {
  """The rows of the page, each with its cursor."""
  edges: [FilmEdge!]!

  """The rows of the page."""
  nodes: [Film!]!

  """Where the page stands in the list."""
  pageInfo: PageInfo!

  """How many rows the whole list has."""
  totalCount: Int!
}

"""One `Film` of a page, and its cursor."""
type FilmEdge {
  """The row."""
  node: Film!

  """Where the row stands in the list: what `after` and `before` take."""
  cursor: String!
}

"""
Where a page stands in its list. Source: https://relay.dev/graphql/connections.htm
"""
type PageInfo {
  """Whether the list goes on behind this page."""
  hasNextPage: Boolean!

  """Whether the list has rows before this page."""
  hasPreviousPage: Boolean!

  """The cursor of the first row of this page; null if it has none."""
  startCursor: String

  """The cursor of the last row of this page; null if it has none."""
  endCursor: String
}
'''


def own(schema: Schema) -> list[str]:
    """The types of the project's own files, in their order."""
    return [n for n, each in schema.types.items() if each.origin.file.startswith("own")]


def fields(schema: Schema, name: str) -> dict[str, str]:
    return {field.name: str(field.type) for field in schema.object(name).fields.values()}


def build(text: str) -> Schema:
    return build_schema({"own.graphql": text})


def test_pages_are_counted_where_a_field_skips_to_one() -> None:
    """Also where another field gives the same connection; others have no number of pages."""
    film = FILM + "type Shop { films(first: Int, offset: Int): FilmConnection! }\n"
    schema = build(QUERY + film + "type Actor { roles: ShopConnection! }")
    assert fields(schema, "FilmConnection") == {
        "edges": "[FilmEdge!]!",
        "nodes": "[Film!]!",
        "pageInfo": "PageInfo!",
        "totalCount": "Int!",
        "totalPages": "Int!",
    }
    assert "totalPages" not in fields(schema, "ShopConnection")


def test_a_field_that_names_a_connection_is_given_all_of_it() -> None:
    schema = build(FILM + QUERY)
    assert own(schema) == ["Film", "Query", "FilmConnection", "FilmEdge", "PageInfo"]
    assert print_schema(schema).endswith("\n\n" + MADE)
    assert build_model(schema).connections == {
        "FilmConnection": ConnectionType("FilmConnection", "FilmEdge", "Film", "PageInfo")
    }


def test_made_types_come_from_the_place_that_names_them_first() -> None:
    schema = build_schema(
        {
            "a.graphql": FILM + "type Actor @public {\n  actorId: ID!\n  films: FilmConnection\n}",
            "b.graphql": "type Query {\n  actors: ActorConnection!\n  films: FilmConnection!\n}",
        }
    )
    film, actor = Origin("a.graphql", Location(4, 10)), Origin("b.graphql", Location(2, 11))
    names = ("FilmConnection", "FilmEdge", "ActorConnection", "ActorEdge", "PageInfo")
    assert [schema.types[name].origin for name in names] == [film, film, actor, actor, film]
    assert list(schema.types)[-5:] == list(names)
    assert {each.origin for each in schema.object("ActorEdge").fields.values()} == {actor}


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        pytest.param(
            "type PageInfo { hasNextPage: Boolean! }",
            {"PageInfo": {"hasNextPage": "Boolean!"}},
            id="page-info-of-fewer-fields",
        ),
        pytest.param(
            "type FilmEdge { node: Film }",
            {"FilmEdge": {"node": "Film"}, "FilmConnection.nodes": "[Film]!"},
            id="edge-whose-node-may-be-null",
        ),
        pytest.param(
            "type FilmConnection { edges: [FilmEdge] totalCount: Int }",
            {
                "FilmConnection": {"edges": "[FilmEdge]", "totalCount": "Int"},
                "FilmEdge": {"node": "Film!", "cursor": "String!"},
            },
            id="connection-without-page-info",
        ),
        pytest.param(
            "type FilmConnection { edges: [FilmEdge!]! pageInfo: PageInfo! }\n"
            "type FilmEdge { node: Film! }",
            {
                "FilmConnection": {"edges": "[FilmEdge!]!", "pageInfo": "PageInfo!"},
                "FilmEdge": {"node": "Film!"},
                "PageInfo.endCursor": "String",
            },
            id="page-info-alone-is-made",
        ),
    ],
)
def test_what_is_declared_keeps_its_say(declared: str, expected: dict[str, object]) -> None:
    schema = build(FILM + QUERY + declared)
    build_model(schema)
    found = {
        place: fields(schema, place)
        if "." not in place
        else fields(schema, place.split(".")[0])[place.split(".")[1]]
        for place in expected
    }
    assert found == expected


def test_an_edge_says_whose_rows_its_connection_holds() -> None:
    schema = build(
        FILM
        + "type Query { seen(first: Int): SeenConnection! }\n"
        + "type SeenEdge { node: Film! cursor: String! }"
    )
    assert fields(schema, "SeenConnection")["nodes"] == "[Film!]!"
    assert build_model(schema).connections["SeenConnection"].node == "Film"


def test_extensions_name_connections_and_extend_them() -> None:
    schema = build(
        FILM
        + "type Query { film(filmId: ID!): Film }\n"
        + "extend type Query { films: FilmConnection! }\n"
        + 'extend type FilmConnection @requiresScopes(scopes: [["pages"]])'
    )
    assert [used.name for used in schema.types["FilmConnection"].directives] == ["requiresScopes"]


def test_a_schema_that_declares_everything_is_given_nothing() -> None:
    text = FILM + QUERY + MADE
    assert own(build(text)) == ["Film", "Query", "FilmConnection", "FilmEdge", "PageInfo"]
    assert print_schema(build(text)) == print_schema(build(FILM + QUERY))


def test_nothing_is_made_that_no_field_names() -> None:
    assert own(build(FILM + "type Query { films: [Film!]! }")) == ["Film", "Query"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            FILM + "type Query {\n  films: FilmsConnection!\n}",
            'own.graphql:3:10: "FilmsConnection" is not declared and cannot be made: there is no'
            ' type "Films" whose rows it would give. Did you mean "FilmConnection"?',
            id="plural",
        ),
        pytest.param(
            FILM + "type Query {\n  films: Subsidiaries_Connection!\n}",
            'own.graphql:3:10: "Subsidiaries_Connection" is not declared and cannot be made: there'
            ' is no type "Subsidiaries_" whose rows it would give. Declare `type Subsidiaries_`, or'
            " declare `type Subsidiaries_Connection` with a field `edges`.",
            id="nothing-like-it",
        ),
        pytest.param(
            "type Query { a: KindConnection! } enum Kind { A }",
            'own.graphql:1:17: "KindConnection" is not declared and cannot be made: pages are of'
            " the rows of a type, and Kind is declared as `enum`; give a type, or declare `type"
            " KindConnection` with a field `edges`.",
            id="enum",
        ),
        pytest.param(
            "type Query { a: __TypeConnection! }",
            'own.graphql:1:17: "__TypeConnection" is not declared and cannot be made: pages are of'
            " the rows of a type, and __Type is declared as `type`; give a type, or declare `type"
            " __TypeConnection` with a field `edges`.",
            id="introspection",
        ),
        pytest.param(
            FILM + "type Query { a(x: FilmConnection): Int }",
            'own.graphql:2:19: Unknown type "FilmConnection".',
            id="argument",
        ),
        pytest.param(
            FILM + "type Query { a: FilmEdge! }",
            'own.graphql:2:17: Unknown type "FilmEdge". Did you mean "Film"?',
            id="edge-outside-a-connection",
        ),
        pytest.param(
            "type Query { a: Connection! }",
            'own.graphql:1:17: Unknown type "Connection".',
            id="no-name-before-it",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        pytest.param(
            "type FilmConnection { totalCount: Int! }",
            "own.graphql:3:1: type FilmConnection is a connection by its name, and has no field"
            " 'edges': write `edges: [FilmEdge!]!`, or take the type away where it is to have the"
            ' usual fields; a table of that name needs @key(fields: "...")',
            id="connection-without-edges",
        ),
        pytest.param(
            "type FilmEdge { cursor: String! }",
            "own.graphql:3:1: FilmConnection.edges must be a list of an edge type with a field"
            " 'node', such as `type FilmEdge { node: Film! cursor: String! }`",
            id="edge-without-node",
        ),
        *(
            pytest.param(declared, f"own.graphql:3:{column}: {message}", id=declared)
            for declared, column, message in (
                (
                    "type FilmConnection { edges: FilmEdge! }",
                    23,
                    "FilmConnection.edges must be a list of FilmEdge",
                ),
                (
                    "type FilmConnection { edges: [[FilmEdge]] }",
                    23,
                    "FilmConnection.edges must be a list of FilmEdge",
                ),
                (
                    "type FilmConnection { edges(first: Int): [FilmEdge!]! }",
                    23,
                    "FilmConnection.edges must be a list of FilmEdge, without arguments",
                ),
                (
                    "type FilmConnection { edges: [FilmEdge!]! nodes: Film! }",
                    43,
                    "FilmConnection.nodes must be a list of Film",
                ),
                (
                    "type FilmConnection { edges: [FilmEdge!]! totalCount: String! }",
                    43,
                    "FilmConnection.totalCount must be Int",
                ),
                (
                    "type FilmConnection { edges: [FilmEdge!]! pageInfo: [PageInfo!]! }",
                    43,
                    "FilmConnection.pageInfo must be PageInfo",
                ),
                ("type FilmEdge { node: [Film!]! }", 17, "FilmEdge.node must be Film"),
                (
                    "type FilmEdge { node: String! }",
                    17,
                    "FilmEdge.node must be rows, not a String",
                ),
                (
                    "type FilmEdge { node: FilmConnection! }",
                    17,
                    "FilmEdge.node must be rows, not a FilmConnection",
                ),
                (
                    "type FilmEdge { node: Film! cursor: Int! }",
                    29,
                    "FilmEdge.cursor must be String or ID",
                ),
                (
                    "type PageInfo { hasNextPage: Int! }",
                    17,
                    "PageInfo.hasNextPage must be Boolean",
                ),
            )
        ),
        pytest.param(
            "type FilmEdge { node: Work! }\ninterface Work { filmId: ID! }",
            "own.graphql:2:14: field 'films' gives the interface 'Work', which no single table"
            " holds; where one does, say by which column a row is of which type with"
            " @discriminator(column: ...), or use an object type, or answer it by Python with"
            " @resolver; a list of it in Query needs none of these",
            id="rows-of-an-interface",
        ),
        pytest.param(
            "enum PageInfo { A }",
            "own.graphql:2:48: FilmConnection.pageInfo: use a type with endCursor, hasNextPage,"
            " hasPreviousPage, startCursor",
            id="page-info-that-is-none",
        ),
    ],
)
def test_what_is_declared_has_to_fit(declared: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build(FILM + QUERY + declared))
    assert str(caught.value) == message


def test_a_row_type_may_be_called_a_connection() -> None:
    schema = build(
        "type Query { connections: [DatabaseConnection!]! }\n"
        "type DatabaseConnection @public { databaseConnectionId: ID! }"
    )
    assert build_model(schema).tables["DatabaseConnection"].name == "database_connections"


def test_files_in_a_folder_may_be_cut_anywhere(tmp_path: Path) -> None:
    (tmp_path / "film.graphql").write_text(FILM)
    (tmp_path / "query.graphql").write_text(QUERY)
    assert "FilmConnection" in load_schema(tmp_path).types


RULED = """
type Query {
  films(first: Int, after: String): FilmConnection! @listSize(assumedSize: 7)
  actors(first: Int): ActorConnection! @requiresScopes(scopes: [["actors"]])
  secrets(first: Int): SecretConnection!
}
type Film @requiresScopes(scopes: [["films:read"]]) {
  filmId: ID! @requiresScopes(scopes: [["keys"]])
  title: String
  actors(first: Int, limit: Int @filter(field: "actorId")): ActorConnection!
    @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
    @requiresScopes(scopes: [["cast"]])
}
type Actor @public { actorId: Int! filmId: ID! name: String }
type Secret { secretId: ID! }
"""


def test_made_types_are_as_open_and_as_dear_as_declared_ones() -> None:
    made, declared = build(RULED), build(with_connections(RULED))
    models = [build_model(made), build_model(declared)]
    assert models[0].costs == models[1].costs
    assert models[0].connections == models[1].connections
    first, second = (
        Permissions(schema, model, AccessRules(model.access))
        for schema, model in zip((made, declared), models, strict=True)
    )
    assert (first.types, first.fields, first.arguments) == (
        second.types,
        second.fields,
        second.arguments,
    )
    assert [name for name, _ in first.closed()] == ["type Secret"]


@pytest.mark.parametrize("scopes", [(), ("films:read",), ("films:read", "keys"), ("actors",)])
def test_what_is_hidden_of_rows_is_hidden_of_their_pages(scopes: tuple[str, ...]) -> None:
    views = []
    for text in (RULED, with_connections(RULED)):
        schema = build(text)
        model = build_model(schema)
        rules = AccessRules(model.access)
        permissions = Permissions(schema, model, rules)
        caller = Principal(kind=CallerKind.TOKEN, subject="ann", scopes=frozenset(scopes))
        view = visible_schema(schema, permissions, rules.grant(caller).satisfied)
        views.append({name: fields(view, name) for name in own(view) if name in view.types})
    assert views[0] == views[1]
