"""The fast way and the exact way: the same bytes wherever the fast one is sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.answer import GraphqlError
from handler.compiler.aggregates import AggregateSlot
from handler.compiler.plan import Batch, Plan, Slot
from handler.compiler.results import Results
from handler.compiler.values import PlanValues
from handler.errors import BudgetError, Location, UpstreamError
from handler.fields.building import build_tree
from handler.fields.paging import page_of
from handler.fields.rows import FactSlot
from handler.fields.sizes import (
    ERROR_BYTES,
    LIST_BYTES,
    MEMBER_BYTES,
    MEMORY_FACTOR,
    OBJECT_BYTES,
    TreeSize,
    memory_of,
)
from handler.fields.slots import ExpressionSlot, StoredSlot
from handler.fields.writing import Rows, Writing, write_answer
from handler.model.column import Column
from handler.model.lists import Shape
from handler.scalars.scalar import NotSureError
from handler.sql.rowset import Row, RowSet
from handler.sql.stored_type import Kind
from handler.stores.request_budget import RequestBudget
from tests.handler.compiler.plans import PAGE_INFO, Compiler

COMPILER = Compiler.of(
    """
type Query {
  shop(id: ID!): Shop
  shops(first: Int, after: String, last: Int, before: String): ShopConnection!
  plain: [Shop]
}
type Shop {
  id: ID!
  name: String
  open: Boolean!
  size: Int
  rating: Float
  since: DateTime
  day: Date
  turnover: Decimal
  visitors: BigInt
  extra: JSON
  kind: Kind
  cursor: String! @cursor
  owner: Person
  keeper: Person!
  goods: [Good!]!
  offers(first: Int, after: String): GoodConnection
  goodCount: Int! @count(of: "goods")
  firstGood: Int @min(of: "goods", field: "goodNo")
  lastKind: Kind @max(of: "goods", field: "kind")
  goodAverage: Float @avg(of: "goods", field: "goodNo")
}
enum Kind { BIG @value(column: "b") SMALL }
type Person { personId: ID! name: String! friends: [Person] @relation(columns: ["friend_of"], references: ["person_id"]) }
type Good @key(fields: "id goodNo") { id: ID! goodNo: Int! name: String! kind: Kind shop: Shop }
type ShopConnection { edges: [ShopEdge!]! nodes: [Shop] pageInfo: PageInfo! totalCount: Int! }
type ShopEdge { node: Shop cursor: String! }
type GoodConnection { edges: [GoodEdge] nodes: [Good!]! pageInfo: PageInfo! totalCount: Int! }
type GoodEdge { node: Good! cursor: String! }
"""  # noqa: E501  # reads better in one line
    + PAGE_INFO
)

SHOP = """
  id name open size rating since day turnover visitors extra kind cursor __typename
  goodCount firstGood lastKind goodAverage
  owner { personId name friends { name friends { personId } } }
  keeper { name }
  goods { goodNo name shop { name } }
  offers(first: 2) { totalCount edges { cursor node { name } } nodes { goodNo }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor __typename } }
"""
DOCUMENTS = [
    "{ shop(id: 1) { SHOP } }",
    "{ shops(first: 2) { totalCount edges { cursor node { SHOP } } pageInfo { endCursor } } }",
    "{ shops(last: 1) { nodes { SHOP } pageInfo { hasPreviousPage hasNextPage } __typename } }",
    "{ plain { SHOP } again: shop(id: 2) { name x: name } }",
]

UNSOUND = (b"4294967296", b"2147483647", b"0000-00-00 00:00:00", b"0000-00-00", b"{", b"?")
KEYS = st.sampled_from([b"1", b"2", b"3"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(str.encode)
VALUES: Mapping[str, tuple[Kind, st.SearchStrategy[bytes]]] = {
    "Boolean": (Kind.INTEGER, st.sampled_from([b"0", b"1"])),
    "Int": (Kind.INTEGER, st.sampled_from([b"0", b"-7", b"99999", b"2147483647", b"4294967296"])),
    "Float": (Kind.FLOAT, st.sampled_from([b"0.1", b"1e15", b"-3"])),
    "DateTime": (
        Kind.TEXT,
        st.sampled_from([b"2020-01-02 03:04:05.600000", b"0000-00-00 00:00:00"]),
    ),
    "Date": (Kind.TEXT, st.sampled_from([b"2020-01-02", b"0000-00-00"])),
    "Decimal": (Kind.DECIMAL, st.sampled_from([b"1.50", b"-0.00"])),
    "BigInt": (Kind.INTEGER, st.sampled_from([b"18446744073709551615", b"0"])),
    "JSON": (Kind.TEXT, st.sampled_from([b'{"a": [1]}', b"null", b"{"])),
    "Kind": (Kind.TEXT, st.sampled_from([b"b", b"SMALL", b"?"])),
    "String": (Kind.TEXT, TEXTS),
    "ID": (Kind.TEXT, KEYS),
}


def by_rows(kinds: tuple[Kind, ...], rows: Sequence[Row]) -> RowSet:
    """A row set from its rows."""
    return RowSet(kinds, [[row[at] for row in rows] for at in range(len(kinds))])


def slot_values(
    slot: Slot, batch: Batch, *, is_sound: bool
) -> tuple[Kind, st.SearchStrategy[bytes | None]]:
    """What a server may send for a column of a statement; sound values fit their types."""
    match slot:
        case AggregateSlot(made=made) if made.function.is_null_of_nothing:
            kind, values = VALUES[made.scalar]
            sound = values.filter(lambda value: value not in UNSOUND)
            return kind, st.none() | (sound if is_sound else values)
        case FactSlot() | AggregateSlot():
            return Kind.INTEGER, st.integers(0, 5).map(lambda n: str(n).encode())
        case ExpressionSlot():
            return Kind.DECIMAL, st.just(b"1.00")
        case StoredSlot(source, name):
            fields = batch.sources[source].rows.table.fields.values()
            found = [c for c in fields if isinstance(c, Column) and c.stored_name == name]
            scalar = found[0].scalar if found else "ID"
            kind, values = VALUES[scalar]
            if is_sound:
                values = values.filter(lambda value: value not in UNSOUND)
                is_required = bool(found) and not found[0].is_nullable
                return kind, values if is_required else st.none() | values
            return kind, st.none() | values | values | values
    raise AssertionError(slot)


@st.composite
def results(draw: st.DrawFn, plan: Plan) -> Results:
    """Rows for all batches of a plan: any values, links into a few keys."""
    found = Results()
    is_sound = draw(st.booleans())
    for batch in plan.batches:
        drawn = [slot_values(slot, batch, is_sound=is_sound) for slot in batch.slots]
        rows = st.tuples(*(values for _, values in drawn))
        amount = 1 if batch.parent is None and batch.rows.shape is Shape.OBJECT else 4
        rows_drawn: list[Row] = draw(st.lists(rows, max_size=amount))
        found.rows[batch.index] = by_rows(tuple(kind for kind, _ in drawn), rows_drawn)
        found.facts[batch.index] = tuple(b"3" for _ in batch.facts) if batch.parent is None else ()
        if not is_sound and draw(st.integers(0, 30)) == 30:
            found.failures[batch.index] = UpstreamError("gone")
    return found


def row_set(kinds: tuple[Kind, ...], rows: Sequence[Row]) -> RowSet:
    """What the database module gives for these rows."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return RowSet(kinds, columns)


def written(
    plan: Plan, found: Results, values: PlanValues, budget: RequestBudget | None = None
) -> bytes:
    """The answer as bytes."""
    return write_answer(Writing(plan, found, values, {}, budget or RequestBudget()))


def exact(
    plan: Plan, found: Results, values: PlanValues
) -> tuple[Mapping[str, Any] | None, list[GraphqlError]]:
    return build_tree(plan, found, values, {}, _at, TreeSize(RequestBudget()))


def _at(token: int) -> Location:
    return Location(1, token + 1)


@pytest.mark.parametrize("document", DOCUMENTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_sure_bytes_are_those_of_the_tree(document: str, data: st.DataObject) -> None:
    plan, values = COMPILER.bound(document.replace("SHOP", SHOP))
    found = data.draw(results(plan))
    tree, errors = exact(plan, found, values)
    try:
        encoded = written(plan, found, values)
    except NotSureError:
        event("not sure")
        return
    event("sure")
    assert not errors
    assert encoded == orjson.dumps(tree)


def test_writing_is_sure_of_answers_without_errors() -> None:
    plan, values = COMPILER.bound("{ plain { id name keeper { name } goods { name } } }")
    found = Results()
    rows: dict[int, list[Row]] = {
        0: [(b"1", b"One", b"7", b"Ada"), (b"2", None, b"8", "Zoë\n".encode())],
        1: [(b"1", b'G"'), (b"1", b"H")],
    }
    assert [len(batch.slots) for batch in plan.batches] == [4, 2]
    for index, each in rows.items():
        found.rows[index] = by_rows((Kind.TEXT,) * len(each[0]), each)
        found.facts[index] = ()
    expected = [
        {
            "id": "1",
            "name": "One",
            "keeper": {"name": "Ada"},
            "goods": [{"name": 'G"'}, {"name": "H"}],
        },
        {"id": "2", "name": None, "keeper": {"name": "Zoë\n"}, "goods": []},
    ]
    encoded = written(plan, found, values)
    assert encoded == orjson.dumps({"plain": expected})


@pytest.mark.parametrize("counts_wire", [True, False])
def test_the_size_of_an_answer_is_known_before_it_is_written(*, counts_wire: bool) -> None:
    """Children of one parent under many rows: read once, written a hundred times."""
    plan, values = COMPILER.bound("{ plain { name goods { name } } }")
    shops: list[Row] = [(b"One", b"1")] * 100
    goods: list[Row] = [(b"1", b"x" * 50)] * 10
    found = Results(facts={0: (), 1: ()})
    for index, rows in enumerate((shops, goods)):
        given = row_set((Kind.TEXT,) * 2, rows)
        wire_bytes = sum(len(part or b"") for row in rows for part in row)
        found.rows[index] = replace(given, wire_bytes=wire_bytes if counts_wire else None)
    whole = written(plan, found, values)
    assert len(whole) > 60_000
    size = TreeSize(RequestBudget())
    build_tree(plan, found, values, {}, _at, size)
    assert len(whole) <= size.json_bytes <= 1.1 * len(whole)
    enough = RequestBudget(bytes_max=len(whole))
    assert written(plan, found, values, enough) == whole
    for part in (len(whole) - 12, len(whole) // 2, 500):
        with pytest.raises(BudgetError, match=f"takes more than {part} bytes"):
            written(plan, found, values, RequestBudget(bytes_max=part))
        with pytest.raises(BudgetError):
            build_tree(plan, found, values, {}, _at, TreeSize(RequestBudget(bytes_max=part)))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ plain @skip(if: true) { name } }", b"{}"),
        ("{ __typename }", b'{"__typename":"Query"}'),
        ("{ a: __typename b: __typename }", b'{"a":"Query","b":"Query"}'),
    ],
)
def test_an_answer_has_as_many_members_as_are_left(document: str, expected: bytes) -> None:
    plan, values = COMPILER.bound(document)
    assert written(plan, Results(), values) == expected


def test_errors_of_an_answer_hold_no_frames() -> None:
    """A frame holds the rows and the objects of an answer."""
    plan, values = COMPILER.bound("{ plain { kind name } }")
    rows: list[Row] = [(b"?", b"One")] * 3
    found = Results(rows={0: row_set((Kind.TEXT, Kind.TEXT), rows)}, facts={0: ()})
    _, errors = exact(plan, found, values)
    assert [(each.cause.__traceback__, each.cause.__context__) for each in errors] == [
        (None, None)
    ] * len(errors)
    assert errors


def test_errors_of_an_answer_count_as_what_they_take() -> None:
    plan, values = COMPILER.bound("{ plain { kind name } }")
    rows: list[Row] = [(b"?", b"One")] * 3
    found = Results(rows={0: row_set((Kind.TEXT, Kind.TEXT), rows)}, facts={0: ()})
    size = TreeSize(RequestBudget())
    build_tree(plan, found, values, {}, _at, size)
    assert 3 * ERROR_BYTES <= size.json_bytes <= 3 * (ERROR_BYTES + 60)
    assert size.memory_bytes >= 3 * ERROR_BYTES * MEMORY_FACTOR
    small = TreeSize(RequestBudget(bytes_max=3 * ERROR_BYTES - 1))
    with pytest.raises(BudgetError):
        build_tree(plan, found, values, {}, _at, small)


@pytest.mark.parametrize(("kind", "expected"), [("A", b'{"a":null}'), ("A!", None)])
def test_a_row_that_is_not_there_is_null_where_it_may_be(kind: str, expected: bytes | None) -> None:
    compiler = Compiler.of(f"type Query {{ a(id: ID!): {kind} }} type A {{ id: ID! }}")
    plan, values = compiler.bound("{ a(id: 1) { id } }")
    found = Results(rows={0: RowSet((Kind.TEXT,), ())}, facts={0: ()})
    if expected is None:
        with pytest.raises(NotSureError):
            written(plan, found, values)
    else:
        assert written(plan, found, values) == expected


@pytest.mark.parametrize(
    ("first", "last", "rows", "page", "is_previous", "is_next"),
    [
        pytest.param(3, 2, "ab", "ab", False, False, id="as-many-as-the-last"),
        pytest.param(3, 2, "abc", "bc", True, False, id="more-than-the-last"),
        pytest.param(3, 2, "abcd", "bc", True, True, id="more-than-the-first"),
        pytest.param(2, 3, "ab", "ab", False, False, id="as-many-as-the-first"),
        pytest.param(2, 3, "abc", "ab", False, True, id="one-more-than-the-first"),
        pytest.param(0, 0, "", "", False, False, id="nothing"),
    ],
)
def test_page_of_both_ends_is_the_last_of_the_first(
    first: int, last: int, rows: str, page: str, *, is_previous: bool, is_next: bool
) -> None:
    _, values = COMPILER.bound(f"{{ shops(first: {first}, last: {last}) {{ nodes {{ id }} }} }}")
    found = page_of(values[0], list(rows), is_beyond=False)
    assert found == (list(page), (is_previous, is_next))


def test_a_plan_holds_nothing_of_an_answer() -> None:
    """One plan, two answers after each other."""
    plan, values = COMPILER.bound("{ shop(id: 1) { name } }")
    for name in (b"One", b"Two"):
        found = Results(rows={0: RowSet((Kind.TEXT,), [[name]])}, facts={0: ()})
        assert written(plan, found, values) == b'{"shop":{"name":"%b"}}' % name


def test_bytes_that_are_no_text_have_no_cursor() -> None:
    """A binary key column: an error of the row, not of the whole request."""
    plan, values = COMPILER.bound("{ plain { cursor name } }")
    rows: list[Row] = [(b"1", b"One"), (b"\xff", b"Two")]
    found = Results(rows={0: row_set((Kind.BYTES, Kind.TEXT), rows)}, facts={0: ()})
    with pytest.raises(NotSureError):
        written(plan, found, values)
    tree, errors = exact(plan, found, values)
    assert tree is not None
    assert [row and row["name"] for row in tree["plain"]] == ["One", None]
    (error,) = errors
    assert (str(error.cause), error.path) == (
        "a cursor cannot hold the value that is stored",
        ("plain", 1, "cursor"),
    )


def test_memory_of_what_waits_for_a_resolver_grows_with_texts_alone() -> None:
    plain = memory_of(None)
    assert plain > 0
    assert memory_of(10**6) == plain
    assert memory_of("é" * 1_000) == plain + 1_000


def test_the_size_of_objects_is_a_sum_over_their_members_and_lists() -> None:
    plan, values = COMPILER.bound("{ plain { __typename } }")
    found = Results(rows={0: row_set((Kind.TEXT,), [(b"1",)] * 5)}, facts={0: ()})
    size = TreeSize(RequestBudget())
    build_tree(plan, found, values, {}, _at, size)
    root, item = len('{"plain":,}'), len('{"__typename":,}')
    assert size.json_bytes == root + len("[]") + 5 + 5 * item
    assert size.memory_bytes == 6 * (OBJECT_BYTES + MEMBER_BYTES) + LIST_BYTES + 5 * 8


@pytest.mark.parametrize("total", [10**9 - 1, 10**9, 2**31 - 1, 2**31])
def test_a_total_count_over_32_bits_is_an_error(total: int) -> None:
    plan, values = COMPILER.bound("{ shops { totalCount } }")
    found = Results(facts={0: (str(total).encode(),)})
    tree, errors = exact(plan, found, values)
    expected = {"shops": {"totalCount": total}}
    assert (tree, len(errors)) == ((None, 1) if total == 2**31 else (expected, 0))
    if total < 10**9:
        assert written(plan, found, values) == orjson.dumps(expected)
    else:
        with pytest.raises(NotSureError):
            written(plan, found, values)


@pytest.mark.parametrize(
    ("field", "kind", "stored"),
    [
        pytest.param("rating", Kind.FLOAT, b"1e300", id="large-float"),
        pytest.param("rating", Kind.FLOAT, b"1e15", id="float-with-all-its-digits"),
        pytest.param("rating", Kind.FLOAT, b"1" + b"0" * 300, id="float-of-300-digits"),
        pytest.param("name", Kind.TEXT, b"\x01" * 50, id="text-with-escapes"),
        pytest.param("open", Kind.INTEGER, b"0", id="longer-than-what-is-stored"),
        pytest.param("since", Kind.TEXT, b"2020-01-02 03:04:05", id="instant"),
    ],
)
def test_the_size_of_a_column_is_never_too_small(field: str, kind: Kind, stored: bytes) -> None:
    """Where the bytes from the server are known, a bound is made of them."""
    plan, values = COMPILER.bound(f"{{ plain {{ {field} }} }}")
    writing = Writing(plan, Results(), values, {}, RequestBudget())
    rows = Rows(writing, 100, [[stored] * 100], (kind,), wire_bytes=100 * len(stored))
    (member,) = plan.batches[0].shape.members
    cells = member.node.write(rows)
    assert cells.size >= sum(sum(map(len, column)) for column in cells.columns)
