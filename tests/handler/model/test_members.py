"""Interfaces and unions over one table: what is taken from them, and mistakes in the SDL."""

from __future__ import annotations

import pytest

from handler.model.column import Column
from handler.model.relations import ToMany
from tests.handler.compiler.plans import Compiler
from tests.handler.model.mistakes import told

CONTENT = """
type Query { contents: [Content!]! page(id: ID!): Page hits: [Hit!]! }
interface Content @table(name: "posts") @discriminator(column: "kind") {
  id: ID! @column(name: "post_id")
  title: String! @column(name: "post_title")
  comments(text: String @filter(operator: PREFIX)): [Comment!]!
    @relation(columns: ["post_id"], references: ["post_id"])
}
type Page implements Content @value(column: "page") {
  id: ID! title: String! comments(text: String): [Comment!]! menuOrder: Int!
}
type Post implements Content {
  id: ID! title: String! comments(text: String, first: Int): [Comment!]!
}
union Hit @table(name: "posts") @discriminator(column: "kind") = Page | Post
type Comment { commentId: ID! text: String! }
"""


def test_members_take_what_is_said_of_their_interface() -> None:
    tables = Compiler.of(CONTENT).model.tables
    found = {name: (table.name, table.key) for name, table in tables.items()}
    posts = ("posts", ("post_id",))
    assert found == {
        "Content": posts,
        "Page": posts,
        "Post": posts,
        "Hit": posts,
        "Comment": ("comments", ("comment_id",)),
    }
    columns = {
        name: {field: column.stored_name for field, column in table.of_kind(Column).items()}
        for name, table in tables.items()
    }
    common = {"id": "post_id", "title": "post_title"}
    assert columns["Content"] == columns["Hit"] == columns["Post"] == common
    assert columns["Page"] == common | {"menuOrder": "menu_order"}


def test_a_row_is_of_the_type_whose_value_its_column_holds() -> None:
    tables = Compiler.of(CONTENT).model.tables
    values = {"Page": "page", "Post": "Post"}
    for name, kinds in {"Content": values, "Hit": values, "Page": {"Page": "page"}}.items():
        members = tables[name].members
        assert members is not None
        assert (members.column.stored_name, members.values) == ("kind", kinds)
    assert [tables[name].kinds for name in ("Content", "Hit", "Page")] == [
        ("Page", "Post"),
        ("Page", "Post"),
        (),
    ]
    assert [str(each) for each in tables["Page"].conditions] == ['kind EQUAL "page"']
    assert tables["Content"].conditions == ()


def test_a_field_is_that_of_the_interface_unless_callers_see_another() -> None:
    tables = Compiler.of(CONTENT).model.tables
    shared = tables["Content"].fields["comments"]
    assert tables["Page"].fields["comments"] is shared
    assert tables["Page"].owner("comments") == "Content"
    own = tables["Post"].fields["comments"]  # which has an argument more
    assert isinstance(own, ToMany)
    assert own.path == shared.path
    assert [each.operator for each in own.filters] == [each.operator for each in shared.filters]
    assert tables["Post"].owner("comments") == "Post"


def sdl(interface: str, *types: str, of: str = "interface X", body: str = "{ id: ID! }") -> str:
    return "\n".join(["type Query { x: [X!]! }", f"{of} {interface} {body}", *types])


A = "type A implements X { id: ID! }"
B = "type B implements X { id: ID! }"
BY_KIND = '@discriminator(column: "kind")'
ERRORS = [
    pytest.param(
        sdl('@table(name: "xs")', A),
        "2:1: interface X has @table, but nothing says of which type a row is; write "
        "@discriminator(column: ...) with the column that does, or take it away",
        id="a-table-without-a-discriminator",
    ),
    pytest.param(
        sdl('@discriminator(column: " ")', A),
        "2:1: interface X: @discriminator names no column",
        id="no-column",
    ),
    pytest.param(
        sdl(BY_KIND),
        "2:1: interface X has @discriminator, and no type implements it; declare one",
        id="no-member",
    ),
    pytest.param(
        sdl(BY_KIND, A, 'type B implements X @value(column: "A") { id: ID! }'),
        "4:1: type B stands for 'A' in column 'kind', as A does; say which rows are its own by "
        '@value(column: "...")',
        id="one-value-for-two",
    ),
    pytest.param(
        sdl("", 'type A implements X @value(column: "a") { id: ID! }').replace("x: [X!]!", "a: A"),
        "3:1: type A has a @value, and is of no interface or union whose column it would stand in;"
        " write @discriminator(column: ...) there, or take it away",
        id="a-value-of-no-member",
    ),
    pytest.param(
        sdl(BY_KIND, 'type A implements X @table(name: "as") { id: ID! }'),
        "3:1: type A is read from table 'as', and the rows of X stand in 'xes'; take @table away "
        "here, or @discriminator there",
        id="another-table",
    ),
    pytest.param(
        sdl(BY_KIND, A, 'union U @table(name: "xes") @discriminator(column: "sort") = A'),
        "4:1: A is known by column 'kind' of 'xes' as one of X, and by 'sort' of 'xes' as one of U;"
        " a type has one column that tells its rows from others",
        id="another-column",
    ),
    pytest.param(
        sdl(
            BY_KIND,
            'type A implements X { id: ID! n: Int @column(name: "m") }',
            body="{ id: ID! n: Int }",
        ),
        "3:31: A.n is not read as X.n is, by which rows of X are chosen and ordered; take what it "
        "says of its column away",
        id="another-column-than-the-interface",
    ),
    pytest.param(
        sdl(BY_KIND, "type A { n: ID! }", of="union X", body="= A"),
        '2:1: type X has no key; write @key(fields: "...") with the fields that identify a row, '
        "or add a field 'xId'",
        id="a-union-whose-members-have-no-key",
    ),
    pytest.param(
        sdl(
            BY_KIND,
            "type A implements X @public { id: ID! }",
            "type B implements X @authenticated { id: ID! }",
            "type C { cId: ID! x: X! }",
        ).replace("x: [X!]! }", "x: [X!]! c: [C!]! }"),
        "5:19: C.x must not be null, but who may read one of A, B may not read another; take the ! "
        "away, or write the same rule on these types",
        id="never-null-and-not-for-all",
    ),
    pytest.param(
        sdl(
            BY_KIND,
            'type A implements X @rowAccess(field: "id", claim: "c") { id: ID! }',
            B,
            "type C { cId: ID! x: X! }",
        ).replace("x: [X!]! }", "x: [X!]! c: [C!]! }"),
        "5:19: C.x must not be null, but a caller may see the C and not the X; take the ! away, or "
        "write @rowAccess(through: 'x') on C",
        id="never-null-and-not-visible",
    ),
    pytest.param(sdl(BY_KIND, A, B), None, id="nothing-wrong"),
    pytest.param(
        sdl(
            BY_KIND,
            'type A implements X @rowAccess(field: "id", claim: "c") { id: ID! }',
            B,
        ),
        None,
        id="rules-of-one-member",
    ),
]


@pytest.mark.parametrize(("given", "expected"), ERRORS)
def test_mistake_names_the_place_and_what_to_write(given: str, expected: str | None) -> None:
    assert told(given) == (expected and f"test.graphql:{expected}")
