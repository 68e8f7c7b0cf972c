"""Access paths: which ways to rows the SDL makes possible, and which are left out."""

from __future__ import annotations

import pytest

from aurora_graphql.check.access_paths import access_paths, orders_of, unproved
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
        f"{','.join(path.equal)}|{path.range or path.expression or ''}|"
        + ",".join(f"{c.name}{' DESC' if c.descending else ''}" for c in path.order)
        for path in access_paths(Compiler.of(sdl).model)
        if path.purpose.startswith("Query")
    ]


def test_each_choice_of_optional_filters_is_a_path() -> None:
    assert paths(f"type Query {{ as(n: Int, m: [Int!]): [A!]! }} {A} {S}") == [
        "||id",
        "n||id",
        "m||id",
        "n,m||id",
    ]


def test_required_filters_are_in_every_path() -> None:
    sdl = f"type Query {{ as(n: Int!, t: String, m: Int! = 1): [A!]! }} {A} {S}"
    assert paths(sdl) == ["n,m||id", "n,t,m||id"]


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
        (("id",), "the key of B"),
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


def test_combinations_beyond_those_looked_at_are_counted() -> None:
    names = [f"f{number}" for number in range(10)]
    fields = " ".join(f"{name}: Int" for name in names)
    arguments = ", ".join(f"{name}: Int" for name in names)

    def found(required: str = "") -> tuple[int, list[tuple[str, int, int]]]:
        sdl = (
            f"type Query {{ as({arguments}{required}): [A!]! }} "
            f'type A {{ id: ID! n: Int twice: Int @expression(sql: "{{n}} * 2") {fields} }}'
        )
        model = Compiler.of(sdl).model
        left = [(each.purpose, each.combinations, each.left_out) for each in unproved(model)]
        return len(paths(sdl)), left

    assert found() == (256, [("Query.as", 1024, 768)])
    assert found(", n: Int!") == (256, [("Query.as", 1024, 768)])
    assert found(", twice: Int") == (257, [("Query.as", 1024, 768)])
    del names[:2]
    arguments = ", ".join(f"{name}: Int" for name in names)
    assert found() == (256, [])
    assert found(", n: Int!") == (256, [])
    assert found(", n: Int") == (256, [("Query.as", 512, 256)])
