"""Access paths: which ways to rows the SDL makes possible, and which are left out."""

from __future__ import annotations

import pytest

from aurora_graphql.check.access_paths import access_paths, combined_paths, orders_of
from handler.model.lists import RowsField
from tests.handler.compiler.plans import Compiler

A = 'type A { id: ID! n: Int m: Int t: String s: S twice: Int @expression(sql: "{n} * 2") }'
S = "enum S { X Y }"
ORDERS = (
    'enum O { M @orderBy(fields: ["m"]) S @orderBy(fields: ["s"]) N @orderBy(fields: ["n DESC"]) }'
)


def paths(sdl: str) -> list[str]:
    """The ways that a field of Query takes: fixed columns | range | order."""
    return [
        f"{','.join(path.equal)}|{path.range or ''}|"
        + ",".join(f"{c.name}{' DESC' if c.descending else ''}" for c in path.order)
        for path in access_paths(Compiler.of(sdl).model)
        if path.purpose.startswith("Query")
    ]


def test_each_optional_filter_is_a_path_by_itself_and_not_with_others() -> None:
    sdl = f"type Query {{ as(n: Int, m: [Int!]): [A!]! }} {A} {S}"
    assert paths(sdl) == ["||id", "n||id", "m||"]  # what several values find is sorted


def test_each_order_is_a_path_by_itself_and_not_with_filters() -> None:
    assert paths(f"type Query {{ as(n: Int, o: O): [A!]! }} {A} {S} {ORDERS}") == [
        "||id",
        "||m,id",
        "||s,id",
        "||n DESC,id DESC",
        "n||id",
    ]


def test_a_range_needs_an_index_and_its_order_only_where_it_leads() -> None:
    below = "n: Int @filter(operator: LESS) t: String @filter(operator: PREFIX)"
    sdl = f'type Query {{ as({below}): [A!]! @orderBy(fields: ["n"]) }} {A} {S}'
    assert paths(sdl) == ["||n,id", "|n|n,id", "|t|"]


def test_filters_that_no_index_serves_say_why() -> None:
    sdl = (
        "type Query { as(twice: Int, n: Int @filter(operator: NOT_EQUAL), "
        f"t: String @filter(operator: CONTAINS)): [A!]! }} {A} {S}"
    )
    told = {path.about: path.unserved for path in access_paths(Compiler.of(sdl).model)}
    assert told["Query.as(twice)"].startswith("twice is computed by an expression, which no index")
    assert told["Query.as(n NOT_EQUAL)"] == "no index finds what NOT_EQUAL finds"
    assert told["Query.as(t CONTAINS)"] == "no index finds what CONTAINS finds"


def test_required_filters_are_in_every_path() -> None:
    sdl = f"type Query {{ as(n: Int!, t: String, m: Int! = 1): [A!]! }} {A} {S}"
    assert paths(sdl) == ["n,m||id", "n,m,t||id"]


def test_filter_with_a_default_may_be_taken_away_by_null() -> None:
    assert paths(f"type Query {{ as(n: Int = 1): [A!]! }} {A} {S}") == ["||id", "n||id"]


def test_required_range_leads_every_path() -> None:
    sdl = (
        "type Query { as(t: String! @filter(operator: PREFIX), n: Int): [A!]! "
        f'@orderBy(fields: ["t"]) }} {A} {S}'
    )
    assert paths(sdl) == ["|t|t,id", "n|t|t,id"]


def test_look_up_is_by_its_required_arguments_alone() -> None:
    sdl = (
        "type Query { a(id: ID!, n: Int, m: Int! @filter(operator: LESS), twice: Int): A } "
        f"{A} {S}"
    )
    assert paths(sdl) == ["id||"]


@pytest.mark.parametrize(
    "made", ['@count(of: "bs")', '@sum(of: "bs", field: "n")', '@max(of: "bs", field: "n")']
)
def test_values_over_rows_read_all_of_their_parent(made: str) -> None:
    model = Compiler.of(
        "type Query { as: [A!]! } type A { id: ID! "
        'bs(n: Int!): [B!]! @relation(columns: ["id"], references: ["a"]) '
        f"c(n: Int): Int {made} }} "
        "type B { id: ID! n: Int }"
    ).model
    found = [(path.equal, path.purpose) for path in access_paths(model) if path.table == "bs"]
    assert found == [
        (("a", "n"), "A.bs by n ordered by id"),
        (("id",), "B"),
        (("a",), "A.c"),
    ]


def test_order_that_must_be_chosen_leaves_the_fields_own_out() -> None:
    orders = ["||m,id", "||s,id", "||n DESC,id DESC"]
    for argument, expected in (("O", ["||id", *orders]), ("O!", orders), ("O! = N", orders)):
        assert paths(f"type Query {{ as(o: {argument}): [A!]! }} {A} {S} {ORDERS}") == expected


def test_orders_over_an_enum_are_each_there_once() -> None:
    root = Compiler.of(f"type Query {{ as(o: O = S): [A!]! }} {A} {S} {ORDERS}").model.roots["as"]
    assert isinstance(root, RowsField)
    assert [[str(term) for term in order] for order in orders_of(root)] == [
        ["s", "id"],
        ["m", "id"],
        ["n DESC", "id DESC"],
    ]


def test_arguments_together_are_the_rest_and_bounded() -> None:
    def found(sdl: str) -> list[list[tuple[str, list[str]]]]:
        return [
            [(way.together[0].asked, [each.asked for each in way.alone]) for way in ways]
            for _, _, ways in combined_paths(Compiler.of(sdl).model)
        ]

    assert found(f"type Query {{ as(n: Int, m: Int, t: String!): [A!]! }} {A} {S}") == [
        [
            (
                "by t, n, m ordered by id",
                ["by t, n ordered by id", "by t, m ordered by id", "by t ordered by id"],
            )
        ]
    ]
    assert found(f"type Query {{ as(n: Int, o: O! = M): [A!]! }} {A} {S} {ORDERS}") == [
        [
            ("by n ordered by s", ["by n ordered by m", "ordered by s"]),
            ("by n ordered by n DESC", ["by n ordered by m", "ordered by n DESC"]),
        ]
    ]
    fields = " ".join(f"f{number}: Int" for number in range(10))
    (many,) = found(f"type Query {{ as({fields}): [A!]! }} type A {{ id: ID! {fields} }}")
    assert len(many) == 256 - 10


TOTALS = """
type Query {
  as(n: Int): [A!]!
  count(
    n: Int, m: Int @filter(field: "m", operator: GREATER), least: Int @filter(field: "bs")
  ): Int! @count(of: "as")
  way(m: Int @filter(field: "n")): Int! @count(of: "as.b")
  byValue(least: Int @filter(field: "bs", operator: GREATER)): [A!]!
}
type A { id: ID! n: Int m: Int b: [B!]! bs: Int! @count(of: "b") }
type B { bId: ID! n: Int }
"""


def test_arguments_of_a_value_of_the_root_are_ways_to_its_rows() -> None:
    found = [
        (path.about, path.table, path.equal, path.range, path.unserved)
        for path in access_paths(Compiler.of(TOTALS).model)
        if path.place in ("Query.count", "Query.way", "Query.byValue")
        and (path.detail or path.table == "bs")
    ]
    made = (
        "bs is made for every row of the list, of all B that it leads to; keep it in a column of "
        "its own, or take the argument away"
    )
    assert found == [
        ("Query.byValue(bs)", "as", (), None, made),
        ("Query.count(bs)", "as", (), None, made),
        ("Query.count(n)", "as", ("n",), None, ""),
        ("Query.count(m)", "as", (), "m", ""),
        ("Query.way", "bs", ("a_id",), None, ""),
    ]


def test_sorts_that_no_index_serves_say_why_and_those_by_columns_are_ways() -> None:
    """Of a sort input each key by itself, also those of related rows."""
    sdl = """
      type Query { as(sort: [ASort!]): [A!]! bs: [B!]! @orderBy(fields: ["a.n DESC", "m"]) }
      type A {
        id: ID! n: Int @sortable twice: Int @expression(sql: "{n} * 2") @sortable
        bs: [B!]! bCount: Int! @count(of: "bs") @sortable
      }
      type B { id: ID! m: Int @sortable aId: ID a: A @sortable }
    """
    found = {
        path.about: (path.unserved, [column.name for column in path.order])
        for path in access_paths(Compiler.of(sdl).model)
        if path.purpose.startswith("Query") and path.about != "Query.as"
    }
    assert found == {
        "Query.as(n)": ("", ["n", "id"]),
        "Query.as(twice)": (
            "twice is computed by an expression, which no index serves; store it in a generated "
            "column with an index and sort by that",
            [],
        ),
        "Query.as(bCount)": (
            "bCount is made for every row of the list, of all B that it leads to",
            [],
        ),
        "Query.bs(a.n, m)": (
            "a.n is of another table, and no index has it beside the list's rows",
            [],
        ),
    }


def test_filters_over_edges_are_found_in_the_link_table_and_those_of_groups_nowhere() -> None:
    sdl = """
    type Query {
      films(where: FilmFilter): [Film!]!
      wages(having: WageFilter): [Wage!]!
    }
    type Film {
      filmId: ID!
      cast(first: Int): CastConnection! @filterable @relation(through: {table: "credits"})
    }
    type Actor { actorId: ID! }
    type CastEdge { node: Actor! cursor: String! billing: Int @filterable }
    type Wage @aggregate(of: "Film") { filmId: ID! @group count: Int! @count @filterable }
    """
    paths = access_paths(Compiler.of(sdl).model)
    found = {(each.about, each.table, each.equal) for each in paths if "Filter" in each.about}
    assert found == {("CastEdgeFilter(edge.billing)", "credits", ("billing",))}
