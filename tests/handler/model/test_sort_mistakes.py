"""Sort inputs that cannot be kept to are refused, with the place and what to write instead."""

from __future__ import annotations

import pytest

from handler.errors import SchemaError
from tests.handler.compiler.plans import Compiler

SDL = """
type Query { as(ARGUMENT): [A!]! }
type A { id: ID! n: Int SORTED json: JSON b: B
  bs: [B!]! @relation(columns: ["n"], references: ["id"])
  count: Int! @count(of: "bs") COUNTED }
type B { id: ID! m: String FAR }
INPUT
"""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param(
            {"ARGUMENT": "sort: ASort"},
            "test.graphql:2:17: argument 'sort' of 'as' is a list of sort keys, which a caller may "
            "leave out; write sort: [ASort!]",
            id="no-list",
        ),
        pytest.param(
            {"ARGUMENT": "sort: [ASort!] = []"},
            "test.graphql:2:17: argument 'sort' of 'as' has no default here, because what a caller "
            "may not see is left out of it; write the order by default on the list, with "
            "@orderBy(fields: [...])",
            id="default",
        ),
        pytest.param(
            {"SORTED": ""},
            'test.graphql:2:24: "ASort" is not declared and cannot be made: no field of A may be '
            "sorted by; write @sortable on those that may, or declare `input ASort @oneOf`.",
            id="nothing-marked",
        ),
        pytest.param(
            {"ARGUMENT": "sort: [ZSort!]"},
            'test.graphql:2:24: "ZSort" is not declared and cannot be made: there is no type "Z" '
            'whose rows it would sort. Did you mean "ASort"?',
            id="no-type",
        ),
        pytest.param(
            {"SORTED": "@sortable", "json: JSON": "json: JSON @sortable"},
            "test.graphql:3:35: A.json is JSON, and a JSON has no order; take its @sortable away",
            id="without-order",
        ),
        pytest.param(
            {"bs: [B!]!": "bs: [B!]! @sortable"},
            "A.bs leads to many rows, by which no row is sorted; take @sortable away, or sort by an"
            " aggregate over them, such as @count.",
            id="many-rows",
        ),
        pytest.param(
            {"b: B": "b: B @sortable"},
            '"BSort" is not declared and cannot be made: no field of B may be sorted by',
            id="nothing-marked-in-the-far-type",
        ),
        pytest.param(
            {"INPUT": "input ASort { n: SortDirection }"},
            "test.graphql:7:1: ASort: of a sort input one member is given, because their order "
            "counts; write input ASort @oneOf",
            id="not-one-of",
        ),
        pytest.param(
            {"INPUT": "input ASort @oneOf { n: Int }"},
            "test.graphql:7:22: ASort.n says in which direction rows are sorted: write n: "
            "SortDirection, an enum of ASC and DESC",
            id="no-direction",
        ),
        pytest.param(
            {"INPUT": "input ASort @oneOf { bs: BSort } input BSort @oneOf { m: SortDirection }"},
            "test.graphql:7:22: ASort.bs is named as no relation of A to one row; only such a "
            "member is an input object, whose name ends in Sort",
            id="input-over-many",
        ),
        pytest.param(
            {"INPUT": "input ASort @oneOf { z: SortDirection }"},
            "test.graphql:7:22: ASort.z names 'z', which is nothing to sort A by; it may be one of "
            "id, n, an aggregate, or such a field of one related row, as a.b",
            id="no-field",
        ),
        pytest.param(
            {"COUNTED": "@sortable", '"bs") ': '"bs") ', "count: Int!": "count(m: String!): Int!"},
            "A.count cannot be sorted by: its argument 'm' is required, and there is nobody to give"
            " it; sort by another field",
            id="required-argument",
        ),
        pytest.param(
            {"ARGUMENT": "sort: [ASort!] other: [ASort!]"},
            "argument 'other' of 'as' is a second order beside 'sort', and a list has one; put the "
            "values of both into one enum, or take one away",
            id="two-lists",
        ),
    ],
)
def test_mistake_about_sorts_is_named(changed: dict[str, str], said: str) -> None:
    usual = {"ARGUMENT": "sort: [ASort!]", "SORTED": "@sortable"}
    sdl = SDL
    for word, text in (changed | {k: v for k, v in usual.items() if k not in changed}).items():
        sdl = sdl.replace(word, text)
    for word in ("COUNTED", "FAR", "INPUT"):
        sdl = sdl.replace(word, "")
    with pytest.raises(SchemaError) as refused:
        Compiler.of(sdl)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("sort", "said"),
    [
        pytest.param("[{n: ASC}, {n: DESC}]", "as: sort names n twice; leave", id="twice"),
        pytest.param(
            "[" + "{n: ASC}" * 9 + "]", "as: sort has 9 sort keys, and the limit is 8", id="many"
        ),
        pytest.param(
            "[" + "{up: " * 5 + "{n: ASC}" + "}" * 5 + "]",
            "as: sort follows relations 5 deep, and the limit is 4",
            id="deep",
        ),
    ],
)
def test_sorts_over_the_limits_are_refused(sort: str, said: str) -> None:
    compiler = Compiler.of(
        "type Query { as(sort: [ASort!]): [A!]! } type A { id: ID! n: Int @sortable upId: ID "
        'up: A @sortable @relation(columns: ["up_id"], references: ["id"]) }'
    )
    with pytest.raises(Exception, match=said):
        compiler.plan(f"{{ as(sort: {sort}) {{ id }} }}")
