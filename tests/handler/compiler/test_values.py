"""Arguments become parameters of SQL, or are refused before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from handler.compiler.values import BatchValues, PlanValues, Settled, bind
from handler.compiler.visible import claim_parameters
from handler.errors import Location, RequestError
from handler.language.schema import BUILT_IN
from handler.model.column import Column, ColumnRef
from handler.model.conditions import And
from handler.sql.statement import SqlValue
from tests.handler.compiler.plans import Compiler

SDL = """
type Query {
  things(
    id: ID, ids: [ID!] @filter(field: "id"), number: ID, numbers: [ID] @filter(field: "number")
    kind: Kind, kinds: [Kind!] @filter(field: "kind")
    on: Boolean, day: Date, at: DateTime, price: Decimal, big: BigInt, weight: Float, count: Int
    starts: String @filter(field: "name", operator: PREFIX)
    first: Int, after: String, last: Int, before: String, offset: Int
  ): [Thing!]! @page(maximum: 10, maximumOffset: 100)
  pages(first: Int): ThingConnection!
  all: [Thing!]! @page(maximum: 30)
}
type ThingConnection { edges: [ThingEdge!]! nodes: [Thing!]! }
type ThingEdge { node: Thing! }
enum Kind { RED @value(column: "r") BLUE }
type Thing {
  id: ID!
  number: ID! @column(integer: true)
  kind: Kind
  on: Boolean
  day: Date
  at: DateTime
  price: Decimal
  big: BigInt
  weight: Float
  count: Int
  name: String
}
"""
COMPILER = Compiler.of(SDL)


def bound(arguments: str, variables: dict[str, Any] | None = None) -> BatchValues:
    definitions = "($s: String, $n: Int, $d: DateTime)"
    text = f"query q{definitions} {{ things{arguments} {{ id }} }}"
    return COMPILER.bound(text, variables)[1][0]


@pytest.mark.parametrize(
    ("field", "size", "asked"),
    [
        pytest.param("things { id }", 4, 10, id="list-in-pages"),
        pytest.param("things(first: 2) { id }", 2, 2, id="smaller"),
        pytest.param("pages { nodes { id } }", 4, 50, id="connection"),
        pytest.param("all { id }", 30, 0, id="a-plain-list-is-whole"),
    ],
)
def test_a_callers_largest_page_is_that_of_every_page_without_a_size(
    field: str, size: int, asked: int
) -> None:
    bound = COMPILER.bound(f"{{ {field} }}", page_size_max=4)[1]
    assert (bound[0].size, bound[0].asked) == (size, asked)
    assert bound.largest_page == asked  # whoever asks: else an answer would be shared by pages


class Settling:
    """Binds the same plan again and again, with what is kept of it."""

    def __init__(self, document: str) -> None:
        self.plan, self.plain = COMPILER.bound(document)
        self.kept: dict[int, Settled | None] = {}

    def again(
        self,
        variables: Mapping[str, Any] | None = None,
        literals: Sequence[str] | None = None,
        page_size_max: int | None = None,
    ) -> tuple[BatchValues, ...]:
        schema, place, plan = COMPILER.schema, Location(1, 1), self.plan
        return bind(
            plan,
            schema,
            variables or {},
            literals,
            lambda _: place,
            {},
            page_size_max,
            settled=self.kept,
        ).batches


def test_what_no_variable_decides_is_kept_but_for_a_caller_of_smaller_pages() -> None:
    batches = Settling("{ pages { nodes { id } } things(first: 3) { id } }")
    assert [batch.size for batch in batches.again(page_size_max=4)] == [4, 3]
    assert not batches.kept
    first, second = batches.again(), batches.again()
    assert first == second == batches.plain.batches
    assert first[0] is second[0]
    assert first[1] is second[1]
    assert [batch.size for batch in batches.again(page_size_max=4)] == [4, 3]


def test_what_literals_decide_is_kept_for_these_literals() -> None:
    batches = Settling("{ pages { nodes { id } } things(first: 3) { id } }")
    own, others = ["3"], ["5"]
    kept = batches.again(literals=own)
    assert batches.again(literals=own)[1] is kept[1]
    found = batches.again(literals=others)
    assert found[0] is kept[0]  # has none
    assert [batch.size for batch in found] == [50, 5]
    assert [batch.size for batch in batches.again(literals=own)] == [50, 3]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("(first: $n)", id="value"),
        pytest.param("(first: 3, ids: [1, $n])", id="within-a-list"),
    ],
)
def test_what_a_variable_decides_is_not_kept(arguments: str) -> None:
    document = f"query q($n: Int = 1) {{ things{arguments} {{ id }} pages {{ nodes {{ id }} }} }}"
    batches = Settling(document)
    for number in (1, 2, 2, 1):
        assert batches.again({"n": number}) == COMPILER.bound(document, {"n": number})[1].batches
    assert batches.kept[0] is None
    assert batches.kept[1] is not None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param('(id: "a")', "a", id="id"),
        pytest.param("(id: 7)", "7", id="id-as-number"),
        pytest.param("(number: 7)", 7, id="whole-number-id"),
        pytest.param('(number: "7")', 7, id="whole-number-id-as-text"),
        pytest.param("(ids: [1, 2, 1])", ("1", "2"), id="in-without-doubles"),
        pytest.param('(ids: "x")', ("x",), id="one-value-is-a-list"),
        pytest.param('(numbers: [1, "x", null, 2])', (1, 2), id="in-leaves-out-what-cannot-be"),
        pytest.param("(kind: RED)", "r", id="enum"),
        pytest.param("(kinds: [RED, BLUE])", ("r", "BLUE"), id="enums"),
        pytest.param("(on: true)", 1, id="true"),
        pytest.param("(on: false)", 0, id="false"),
        pytest.param('(day: "2026-11-23")', "2026-11-23", id="date"),
        pytest.param(
            '(at: "2026-11-23T08:30:00.5+01:00")', "2026-11-23 07:30:00.500000", id="instant-in-utc"
        ),
        pytest.param('(at: "0033-04-03T12:00:00Z")', "0033-04-03 12:00:00.000000", id="early-year"),
        pytest.param('(price: "19.90")', Decimal("19.90"), id="decimal"),
        pytest.param("(big: 9007199254740993)", 2**53 + 1, id="bigint"),
        pytest.param("(weight: 0.1)", 0.1, id="float"),
        pytest.param("(count: -3)", -3, id="int"),
        pytest.param('(starts: "")', "%", id="empty-prefix"),
        pytest.param('(starts: "a_b%c|d\\\\")', "a|_b|%c||d\\%", id="prefix"),
    ],
)
def test_argument_becomes_a_parameter(arguments: str, expected: Any) -> None:
    condition: Any
    (condition,) = bound(arguments).chosen.parts
    assert condition.value == expected
    assert type(condition.value) is type(expected)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param('(number: "7a")', id="no-whole-number"),
        pytest.param('(number: "007")', id="not-as-a-number-is-written"),
        pytest.param("(ids: [])", id="in-nothing"),
        pytest.param('(numbers: ["x"])', id="in-nothing-possible"),
        pytest.param("(numbers: [null])", id="in-null"),
    ],
)
def test_argument_that_no_row_has_matches_nothing(arguments: str) -> None:
    assert bound(arguments).matches_nothing


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "(id: null)",
        "(id: $s)",
        "(at: $d, count: $n)",
        "(ids: null)",
        "(first: null, after: $s)",
    ],
)
def test_null_and_absent_choose_all(arguments: str) -> None:
    assert bound(arguments) == BatchValues(chosen=And(), size=10, asked=10)


@pytest.mark.parametrize(
    ("arguments", "size", "is_backward"),
    [
        pytest.param("", 10, False, id="default"),
        pytest.param("(first: 0)", 0, False, id="nothing"),
        pytest.param("(first: 10)", 10, False, id="maximum"),
        pytest.param("(last: 3)", 3, True, id="last"),
        pytest.param("(last: 3, first: null)", 3, True, id="null-is-absent"),
        pytest.param("(first: $n)", 10, False, id="absent-variable"),
        pytest.param("(first: 3, last: 2)", 3, False, id="last-of-the-first"),
        pytest.param("(first: 2, last: 5)", 5, False, id="more-of-the-last-than-of-the-first"),
    ],
)
def test_page_size(arguments: str, size: int, *, is_backward: bool) -> None:
    found = bound(arguments)
    assert (found.size, found.is_backward) == (size, is_backward)


NO_CURSOR = "the cursor is not one of this list; take one from its last answer"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("(first: 11)", "Query.things: first must be between 0 and 10, got 11"),
        ("(first: -1)", "Query.things: first must be between 0 and 10, got -1"),
        ("(last: 11)", "Query.things: last must be between 0 and 10, got 11"),
        ("(first: 1, last: 11)", "Query.things: last must be between 0 and 10, got 11"),
        (
            '(last: 1, after: "x")',
            NO_CURSOR,
        ),
        (
            '(first: 1, before: "x")',
            NO_CURSOR,
        ),
        ('(after: "x")', NO_CURSOR),
        *(
            (
                f"(offset: {given})",
                f"Query.things: offset must be between 0 and 100, got {given}; ask for a narrower "
                f"list, or go on by cursors where it has them",
            )
            for given in (-1, 101)
        ),
        (
            "(offset: 1, last: 2)",
            "Query.things: offset counts rows from the start of the list, so last cannot stand "
            "beside it; leave one of them out",
        ),
    ],
)
def test_wrong_page_is_refused_with_its_place(arguments: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        bound(arguments)
    (error,) = caught.value.errors
    assert (error.message, error.code) == (message, "BAD_USER_INPUT")
    assert [(at.line, at.column) for at in error.locations] == [(1, 46)]


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        pytest.param("", {}, (0, 10), id="not-written"),
        pytest.param("(offset: null, last: 3)", {}, (0, 3), id="null"),
        pytest.param("(offset: $n, last: 3)", {}, (0, 3), id="variable-absent"),
        pytest.param("(offset: 0, last: 3)", {}, (0, 3), id="none-beside-last"),
        pytest.param("(offset: $n, first: 3)", {"n": 100}, (100, 3), id="exactly-the-maximum"),
    ],
)
def test_rows_are_skipped(arguments: str, variables: dict[str, Any], expected: Any) -> None:
    found = bound(arguments, variables)
    assert (found.offset, found.size) == expected
    assert found.reads_range is (found.offset > 0)


def test_all_wrong_arguments_are_told_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        COMPILER.bound("{ a: things(first: 99) { id } b: things(last: 99) { id } things { id } }")
    assert [error.message for error in caught.value.errors] == [
        "Query.things: first must be between 0 and 10, got 99",
        "Query.things: last must be between 0 and 10, got 99",
    ]


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [(None, None, False), (("a",), None, True), (None, ("a",), True), (("a",), ("b",), True)],
)
def test_a_page_with_either_cursor_starts_inside(
    after: tuple[SqlValue] | None, before: tuple[SqlValue] | None, expected: bool
) -> None:
    batches = (BatchValues(And(()), 1), BatchValues(And(()), 1, after=after, before=before))
    assert PlanValues(batches, {}).starts_inside is expected


def test_the_largest_page_is_that_of_all_batches() -> None:
    assert PlanValues((), {}).largest_page == 0
    batches = (
        BatchValues(And(()), 1),
        BatchValues(And(()), 7, asked=7),
        BatchValues(And(()), 4, asked=4),
    )
    assert PlanValues(batches, {}).largest_page == 7


def test_refused_argument_of_a_count_is_located() -> None:
    compiler = Compiler.of(
        "type Query { as: [A!]! } type A { id: Int! bs: [B!]!"
        ' many(on: Boolean! = true): Int! @count(of: "bs") } type B { id: Int! a: A! on: Boolean }'
    )
    with pytest.raises(RequestError) as raised:
        compiler.bound("query ($on: Boolean) { as { many(on: $on) } }", {"on": None})
    (error,) = raised.value.errors
    assert [(at.line, at.column) for at in error.locations] == [(1, 29)]


NONE = (None, None)


@pytest.mark.parametrize(
    ("scalar", "claim", "expected"),
    [
        pytest.param("String", "a", ("a", b"a"), id="text"),
        pytest.param("String", "é" * 500, ("é" * 500, ("é" * 500).encode()), id="the-longest"),
        pytest.param("String", "x" * 501, NONE, id="too-long"),
        pytest.param("String", None, NONE, id="missing"),
        pytest.param("String", "", NONE, id="empty"),
        pytest.param("String", "a ", NONE, id="blank-at-the-end"),
        pytest.param("Int", "7", (7, b"7"), id="number"),
        pytest.param("Int", "7x", NONE, id="no-number"),
    ],
)
def test_a_claim_is_compared_as_its_column_and_as_bytes(
    scalar: str, claim: str | None, expected: tuple[SqlValue, SqlValue]
) -> None:
    column = Column("f", scalar, True, (ColumnRef("c"),), BUILT_IN, table="t")
    assert claim_parameters(column, claim) == expected
