"""Many rows at once: the same values as step by step, or none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.sql.rowset import Row, RowSet
from handler.stores.mysql.resultset import ProtocolError, _long_row, read_result
from handler.stores.mysql.short_rows import WORTH_BYTES, cut_rows, read_short_rows
from handler.stores.request_budget import RequestBudget
from tests.handler.execution.packets import EOF, ColumnDefinition, answer, framed
from tests.handler.execution.packets import row as payload_of

PLAIN: Row = (b"11077", None, b"", b"Chai", b"x" * 31)
OTHERS = [
    b"x" * 32,
    b"y" * 250,
    b"z" * 300,
    b"a\nb",
    b"\0",
    b"\xfb",
    b"\xff",
    b"\x03abc",
    b"\x1f",
    b"$1",
]


def read(sent: bytes, size: int) -> Sequence[Row]:
    """The rows of an answer that comes in chunks of this size."""
    reading = read_result(sent[:size], RequestBudget())
    try:
        next(reading)
        for at in range(size, len(sent), size):
            reading.send(sent[at : at + size])
    except StopIteration as done:
        found: RowSet = done.value
    else:
        raise EOFError
    assert found.has_nulls == any(None in row for row in found.rows)
    return found.rows


def definitions(count: int) -> list[ColumnDefinition]:
    return [ColumnDefinition(f"c{number}") for number in range(count)]


@given(
    st.lists(
        st.just(PLAIN) | st.tuples(*[st.sampled_from([*PLAIN, *OTHERS]) | st.binary()] * 5),
        max_size=20,
    ),
    st.integers(400, 9_000),
)
def test_other_bytes_among_many_short_rows(rows: list[Row], size: int) -> None:
    mixed = [each for row in rows for each in (*[PLAIN] * 8, row)]
    assert read(answer(definitions(5), mixed), size) == mixed


@given(st.lists(st.tuples(*[st.none() | st.binary(max_size=40)] * 3), max_size=20))
def test_values_are_those_of_a_step_by_step_reading_or_none(rows: list[Row]) -> None:
    found = read_short_rows([payload_of(row) for row in rows], 3, _long_row)
    expected = [value for row in rows for value in row]
    assert found in (None, (expected, None in expected))


def test_short_rows_are_read_at_once() -> None:
    def never(payload: bytes, count: int) -> Row:
        raise AssertionError(payload)

    rows = [payload_of(PLAIN)] * 300
    sent = framed(rows, 7)
    assert cut_rows(sent, 0, 7, 5, len(sent)) == rows
    assert read_short_rows(rows, 5, never) == ([*PLAIN] * 300, True)


@pytest.mark.parametrize("other", OTHERS)
def test_one_other_row_is_read_alone(other: bytes) -> None:
    row = (other, *PLAIN[1:])
    rows = [PLAIN] * 40 + [row] + [PLAIN] * 40
    assert len(answer(definitions(5), rows)) > WORTH_BYTES
    assert read(answer(definitions(5), rows), 1_000_000) == rows


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(payload_of(PLAIN[1:]), id="a-value-less"),
        pytest.param(payload_of((*PLAIN, b"x")), id="a-value-more"),
        pytest.param(payload_of(PLAIN)[:-1], id="cut"),
        pytest.param(payload_of(PLAIN) + b"x", id="longer"),
        pytest.param(b"\x09" + payload_of(PLAIN)[1:], id="another-length"),
    ],
)
def test_a_bad_row_among_short_ones_is_refused(payload: bytes) -> None:
    head = answer(definitions(5), [])[:-9]
    rows = [payload_of(PLAIN)] * 40
    sent = head + framed([*rows, payload, *rows, EOF], 8)
    with pytest.raises(ProtocolError):
        read(sent, 1_000_000)


def test_packets_out_of_order_end_the_cut() -> None:
    rows = [payload_of(PLAIN)] * 5
    sent = framed(rows, 3) + framed(rows, 3)
    assert cut_rows(sent, 0, 3, 5, len(sent)) == rows


def test_keys_that_are_uuids_are_read_at_once() -> None:
    row = (b"0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57", b"Chai")
    assert read_short_rows([payload_of(row)] * 40, 2, _long_row) == ([*row] * 40, False)


def test_long_rows_are_not_read_at_once() -> None:
    rows = [payload_of((b"x" * 40, b"Chai"))] * 40
    assert read_short_rows(rows, 2, _long_row) is None
