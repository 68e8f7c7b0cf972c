"""Rows from the wire: the same rows however the bytes arrive, and never wrong ones."""

from __future__ import annotations

from collections.abc import Sequence

import pymysql.err
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymysql.constants import FIELD_TYPE

from handler.errors import BudgetError
from handler.sql.rowset import Row, RowSet
from handler.sql.stored_type import Kind
from handler.stores.mysql.resultset import ProtocolError, read_result
from handler.stores.request_budget import VALUE_BYTES, RequestBudget
from tests.handler.execution import packets
from tests.handler.execution.packets import ColumnDefinition, answer, framed


def read(*chunks: bytes, budget: RequestBudget | None = None) -> RowSet:
    reading = read_result(chunks[0], budget or RequestBudget())
    try:
        next(reading)
        for chunk in chunks[1:]:
            reading.send(chunk)
    except StopIteration as done:
        found: RowSet = done.value
        return found
    raise EOFError


def columns(count: int) -> list[ColumnDefinition]:
    return [ColumnDefinition(f"c{number}") for number in range(count)]


values = st.none() | st.binary(max_size=300) | st.sampled_from([b"", b"x" * 250, b"y" * 70_000])
tables = st.integers(1, 5).flatmap(
    lambda count: st.tuples(st.just(count), st.lists(st.tuples(*[values] * count), max_size=12))
)


@given(tables, st.lists(st.integers(1, 400), max_size=30))
def test_any_chunking_gives_the_same_rows(
    table: tuple[int, list[Row]], sizes: Sequence[int]
) -> None:
    count, rows = table
    sent = answer(columns(count), rows)
    chunks, at = [], 0
    for size in sizes:
        chunks.append(sent[at : at + size])
        at += size
    chunks.append(sent[at:])
    found = read(*[chunk for chunk in chunks if chunk])
    assert found.rows == rows
    assert found.has_nulls == any(None in row for row in rows)
    assert found.names == tuple(f"c{number}" for number in range(count))


def test_byte_by_byte() -> None:
    rows: list[Row] = [(b"a", None), (b"", b"z" * 260), (None, None)]
    sent = answer(columns(2), rows)
    assert read(*[sent[i : i + 1] for i in range(len(sent))]).rows == rows


def test_what_is_read_is_counted_once_however_it_arrives() -> None:
    rows: list[Row] = [(b"a", None), (b"", b"z" * 260), (None, None)]
    sent = answer(columns(2), rows)
    for chunks in ([sent], [sent[i : i + 1] for i in range(len(sent))]):
        budget = RequestBudget(rows_max=3)
        found = read(*chunks, budget=budget)
        assert (budget.rows, budget.row_bytes) == (3, len(sent) + 6 * VALUE_BYTES)
        assert found.wire_bytes == len(sent)
        budget.check()
    read(sent, budget=budget)  # to its end, so that the connection is of use
    assert budget.rows == 6
    with pytest.raises(BudgetError, match="more than 3 rows"):
        budget.check()


def test_reading_stops_in_the_middle_of_rows_and_of_a_value() -> None:
    for rows, budget in (
        ([(b"x" * 100,)] * 50, RequestBudget(rows_max=9)),
        ([(b"x" * 5_000,)], RequestBudget(bytes_max=900)),
    ):
        sent = answer(columns(1), rows)
        pieces = [sent[i : i + 64] for i in range(0, len(sent), 64)]
        with pytest.raises(BudgetError):
            read(*pieces, budget=budget)
        assert budget.rows <= 10
        assert budget.row_bytes < 2_000


def test_sequence_numbers_wrap() -> None:
    rows: list[Row] = [(str(number).encode(),) for number in range(1000)]
    assert read(answer(columns(1), rows)).rows == rows


def test_no_rows() -> None:
    assert read(answer(columns(3), [])).rows == []


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(packets.MAX_PAYLOAD - 8, id="just-below-one-packet"),
        pytest.param(packets.MAX_PAYLOAD - 6, id="one-packet-and-an-empty-one"),
        pytest.param(packets.MAX_PAYLOAD, id="two-packets"),
        pytest.param(2 * packets.MAX_PAYLOAD + 5, id="three-packets"),
    ],
)
def test_rows_over_16_megabytes(size: int) -> None:
    rows: list[Row] = [(b"a", None), (b"b" * size, b"tail"), (b"c", b"d")]
    sent = answer(columns(2), rows)
    found = read(*[sent[at : at + 1_000_000] for at in range(0, len(sent), 1_000_000)])
    assert found.rows == rows


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (ColumnDefinition("a", FIELD_TYPE.TINY, packets.BINARY), Kind.INTEGER),
        (ColumnDefinition("a", FIELD_TYPE.LONGLONG, packets.BINARY), Kind.INTEGER),
        (ColumnDefinition("a", FIELD_TYPE.NEWDECIMAL, packets.BINARY), Kind.DECIMAL),
        (ColumnDefinition("a", FIELD_TYPE.DOUBLE, packets.BINARY), Kind.FLOAT),
        (ColumnDefinition("a", FIELD_TYPE.BIT, packets.BINARY), Kind.INTEGER),
        (ColumnDefinition("a", FIELD_TYPE.VAR_STRING, packets.UTF8), Kind.TEXT),
        (ColumnDefinition("a", FIELD_TYPE.BLOB, packets.UTF8), Kind.TEXT),
        (ColumnDefinition("a", FIELD_TYPE.BLOB, packets.BINARY), Kind.BYTES),
        (ColumnDefinition("a", FIELD_TYPE.VAR_STRING, packets.BINARY), Kind.BYTES),
        (ColumnDefinition("a", FIELD_TYPE.DATETIME, packets.BINARY), Kind.TEXT),
        (ColumnDefinition("a", FIELD_TYPE.JSON, packets.BINARY), Kind.TEXT),
        (ColumnDefinition("a", FIELD_TYPE.LONG, packets.BINARY, flags=0x40), Kind.INTEGER),
    ],
)
def test_kind_of_a_column(definition: ColumnDefinition, expected: Kind) -> None:
    assert read(answer([definition], [])).kinds == (expected,)


@pytest.mark.parametrize(
    ("code", "flags", "sent", "expected"),
    [
        pytest.param(FIELD_TYPE.LONG, 0x40, b"00042", b"42", id="zerofill"),
        pytest.param(FIELD_TYPE.LONG, 0x40, b"00000", b"0", id="zerofill-of-zero"),
        pytest.param(FIELD_TYPE.YEAR, 0x60, b"0000", b"0", id="year-zero"),
        pytest.param(FIELD_TYPE.YEAR, 0x60, b"2020", b"2020", id="year"),
        pytest.param(FIELD_TYPE.NEWDECIMAL, 0x40, b"000001.50", b"1.50", id="decimal"),
        pytest.param(FIELD_TYPE.NEWDECIMAL, 0x40, b"000000.05", b"0.05", id="small-decimal"),
        pytest.param(FIELD_TYPE.FLOAT, 0x40, b"0000000001.5", b"1.5", id="float"),
        pytest.param(FIELD_TYPE.BIT, 0x20, b"\x01\x01", b"257", id="bits"),
        pytest.param(FIELD_TYPE.BIT, 0x20, b"\x00", b"0", id="zero-bit"),
        pytest.param(FIELD_TYPE.VAR_STRING, 0, b"00042", b"00042", id="text"),
    ],
)
def test_a_number_has_one_text_however_its_column_displays_it(
    code: int, flags: int, sent: bytes, expected: bytes
) -> None:
    """What is shown, what a cursor holds and what leads to another table come from this text."""
    definition = ColumnDefinition("a", code, packets.BINARY, flags=flags)
    assert read(answer([definition], [(sent,), (None,)])).rows == [(expected,), (None,)]


def test_error_of_the_server_is_raised() -> None:
    with pytest.raises(pymysql.err.ProgrammingError, match="error in your SQL syntax"):
        read(framed([packets.ERROR]))


def test_error_between_rows_is_raised() -> None:
    """A time limit or a lost tablespace can end an answer in its middle."""
    head = [b"\x01", packets.definition(ColumnDefinition("a")), packets.EOF]
    killed = b"\xff\x25\x05#70100Query execution was interrupted"
    with pytest.raises(pymysql.err.OperationalError, match="interrupted"):
        read(framed([*head, packets.row([b"1"]), killed]))


@given(tables, st.data())
def test_cut_answer_is_a_lost_connection(table: tuple[int, list[Row]], data: st.DataObject) -> None:
    count, rows = table
    sent = answer(columns(count), rows)
    cut = data.draw(st.integers(0, len(sent) - 1))
    with pytest.raises(EOFError):
        read(sent[:cut])


HEAD = [b"\x01", packets.definition(ColumnDefinition("a")), packets.EOF]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(framed([b"\x00\x00\x00\x02\x00\x00\x00"]), id="ok-packet"),
        pytest.param(framed([b"\xfb/etc/passwd"]), id="asks-for-a-local-file"),
        pytest.param(framed([b"\x00"]), id="no-columns"),
        pytest.param(framed([b"\xfc\xff\xff"]), id="65535-columns"),
        pytest.param(framed([b"\xfc\x01"]), id="cut-column-count"),
        pytest.param(framed([b""]), id="empty-packet"),
        pytest.param(framed([b"\x01"], first=2), id="starts-out-of-order"),
        pytest.param(framed([b"\x01", b"\x03def", packets.EOF]), id="cut-definition"),
        pytest.param(framed([*HEAD[:2], packets.row([b"1"])]), id="definitions-without-end"),
        pytest.param(framed([*HEAD, b""]), id="empty-row"),
        pytest.param(framed([*HEAD, packets.row([b"1", b"2"]), packets.EOF]), id="value-too-many"),
        pytest.param(framed([*HEAD, b"\x05abc", packets.EOF]), id="value-over-the-end"),
        pytest.param(framed([*HEAD, b"\xfc\xff", packets.EOF]), id="length-over-the-end"),
        pytest.param(framed([*HEAD, b"\xff"]), id="error-without-code"),
        pytest.param(framed([*HEAD, packets.EOF]) + framed([b"more"]), id="bytes-after-the-end"),
        pytest.param(
            framed([*HEAD]) + framed([packets.row([b"1"])], first=9), id="row-out-of-order"
        ),
    ],
)
def test_garbage_is_refused(sent: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(sent)


@given(tables, st.data())
def test_changed_byte_never_gives_other_rows_silently_out_of_frame(
    table: tuple[int, list[Row]], data: st.DataObject
) -> None:
    """A changed header or length is noticed; only the bytes of a value itself may differ."""
    count, rows = table
    sent = bytearray(answer(columns(count), rows))
    at = data.draw(st.integers(0, len(sent) - 1))
    sent[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read(bytes(sent))
    except (ProtocolError, EOFError, pymysql.err.Error):
        return
    assert all(len(row) == count for row in found.rows)
    assert len(found.rows) <= len(rows)


@given(st.binary(max_size=400))
def test_random_bytes_never_give_rows(sent: bytes) -> None:
    with pytest.raises((ProtocolError, EOFError, pymysql.err.Error)):
        read(sent)
