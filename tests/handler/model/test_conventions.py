"""``@conventions``: read once for the whole schema, and named by errors about it."""

from __future__ import annotations

import pytest

from handler.errors import SchemaError
from handler.language.sdl import build_schema
from handler.model.builder import build_model
from handler.model.column import Column
from handler.model.directives import conventions_of
from handler.model.names import CAMEL, PASCAL, Conventions
from handler.model.relations import Hop, ToMany

TYPES = """
type Query { albums: [Album!]! artist(artistId: ID!): Artist }
type Album @public { albumId: ID! title: String artist: Artist! labelCode: String }
type Artist @public { artistId: ID! name: String @column(name: "FullName") albums: [Album!]! }
type Note @table(name: "misc") @key(fields: "albumId") { albumId: ID! }
"""
PASCALS = (
    "extend schema"
    " @conventions(tableNames: SINGULAR, tableCase: PASCAL_CASE, columnCase: PASCAL_CASE)"
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("", Conventions(), id="nothing"),
        pytest.param("extend schema @conventions", Conventions(), id="no-argument"),
        pytest.param(
            "extend schema @conventions(tableNames: SINGULAR)",
            Conventions(is_singular=True),
            id="singular",
        ),
        pytest.param(
            'schema @conventions(tablePrefix: "oc_") { query: Query }',
            Conventions(table_prefix="oc_"),
            id="at-the-definition",
        ),
        pytest.param(
            "schema { query: Query } extend schema @conventions(columnCase: CAMEL_CASE)",
            Conventions(column_case=CAMEL),
            id="extension-of-a-definition",
        ),
        pytest.param(
            PASCALS,
            Conventions(is_singular=True, table_case=PASCAL, column_case=PASCAL),
            id="all-of-them",
        ),
    ],
)
def test_it_is_said_at_the_schema(said: str, expected: Conventions) -> None:
    assert conventions_of(build_schema({"a": TYPES, "b": said})) == expected


def test_tables_columns_keys_and_relations_follow_it() -> None:
    model = build_model(build_schema({"a": TYPES, "b": PASCALS}))
    album, artist = model.tables["Album"], model.tables["Artist"]
    assert (album.name, album.key) == ("Album", ("AlbumId",))
    assert (artist.name, artist.key) == ("Artist", ("ArtistId",))
    assert [each.stored_name for each in album.fields.values() if isinstance(each, Column)] == [
        "AlbumId",
        "Title",
        "LabelCode",
    ]
    assert artist.column("name").stored_name == "FullName"
    albums = artist.fields["albums"]
    assert isinstance(albums, ToMany)
    assert albums.path.hops == (Hop(("ArtistId",), ("ArtistId",), "Album"),)


@pytest.mark.parametrize(
    ("said", "key", "foreign", "other"),
    [
        pytest.param("", "id", "shop_id", "tag_id", id="snake"),
        pytest.param(PASCALS, "Id", "ShopId", "TagId", id="pascal"),
        pytest.param(
            "extend schema @conventions(columnCase: CAMEL_CASE)",
            "id",
            "shopId",
            "tagId",
            id="camel",
        ),
    ],
)
def test_an_id_is_called_after_its_type_in_other_tables(
    said: str, key: str, foreign: str, other: str
) -> None:
    types = """
      type Query { shops: [Shop!]! }
      type Shop { id: ID! visits: [Visit!]!
        tags: [Tag!]! @relation(through: {table: "shop_tags"}) }
      type Visit { id: ID! shop: Shop! }
      type Tag { id: ID! shops: [Shop!]! @relation(through: {table: "shop_tags"}) }
    """
    tables = build_model(build_schema({"a": types, "b": said})).tables

    def hops(owner: str, field: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        path = tables[owner].fields[field].path
        assert path is not None
        return [(hop.columns, hop.references) for hop in path.hops]

    assert hops("Visit", "shop") == [((foreign,), (key,))]
    assert hops("Shop", "visits") == [((key,), (foreign,))]
    assert hops("Shop", "tags") == [((key,), (foreign,)), ((other,), (key,))]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        pytest.param(
            "extend schema @conventions\nextend schema @conventions",
            'b:2:15: The directive "@conventions" can only be used once at this location, and is'
            " used in b:1; remove one of the two.",
            id="twice",
        ),
        pytest.param(
            "extend schema @conventions @conventions",
            'b:1:28: The directive "@conventions" can only be used once at this location, and is'
            " used in b:1; remove one of the two.",
            id="twice-at-once",
        ),
        pytest.param(
            "extend schema @conventions(tableNames: PLURALS)",
            'b:1:40: Value "PLURALS" does not exist in "TableNames" enum. Did you mean the enum'
            ' value "PLURAL"?',
            id="unknown-value",
        ),
        pytest.param(
            "extend schema @conventions(prefix: 1)",
            'b:1:28: Unknown argument "prefix" on directive "@conventions".',
            id="unknown-argument",
        ),
        pytest.param(
            'extend schema @conventions(tablePrefix: "oc ")',
            "b:1:15: @conventions(tablePrefix: 'oc '): a prefix is letters, digits, $ and _, at"
            ' most 63, such as "oc_"; name other tables by @table(name: "...")',
            id="prefix-with-a-blank",
        ),
        pytest.param(
            'extend schema @conventions(tablePrefix: "shop.")',
            "b:1:15: @conventions(tablePrefix: 'shop.'): a prefix is letters, digits, $ and _, at"
            ' most 63, such as "oc_"; name other tables by @table(name: "...")',
            id="prefix-that-is-a-schema",
        ),
        pytest.param(
            "extend type Query @conventions",
            'b:1:19: Directive "@conventions" may not be used on OBJECT, only on SCHEMA.',
            id="elsewhere",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(said: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        build_model(build_schema({"a": TYPES, "b": said}))
    assert str(caught.value) == message
