"""Cursors: what goes in comes out, and nothing else is taken."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.compiler.cursor import (
    MAX_VALUE_BYTES,
    VERSION,
    decode_cursor,
    encode_cursor,
    fingerprint,
)
from handler.errors import InputError
from handler.language.schema import BUILT_IN
from handler.model.column import Column, ColumnRef
from handler.model.lists import Order, OrderTerm
from handler.sql.statement import SqlValue


def order_of(*scalars: str, descending: bool = False, is_integer: bool = False) -> Order:
    return tuple(
        OrderTerm(
            Column(f"f{i}", scalar, True, (ColumnRef(f"f{i}"),), BUILT_IN, is_integer=is_integer),
            descending,
        )
        for i, scalar in enumerate(scalars)
    )


def forge(*parts: object) -> str:
    return urlsafe_b64encode(orjson.dumps(list(parts))).rstrip(b"=").decode()


TEXT = order_of("String", "ID")
PRINT = fingerprint("A", TEXT)

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.tuples(texts, texts))
def test_texts_and_nulls_come_back(values: tuple[str | None, str | None]) -> None:
    raw = tuple(None if value is None else value.encode() for value in values)
    cursor = encode_cursor(PRINT, raw)
    assert b"=" not in cursor
    assert decode_cursor(cursor.decode(), ["A"], TEXT) == values


@pytest.mark.parametrize(
    ("scalar", "raw", "expected"),
    [
        pytest.param("Int", "-5", -5, id="int"),
        pytest.param("BigInt", "9223372036854775807", 2**63 - 1, id="bigint"),
        pytest.param("Boolean", "1", 1, id="boolean"),
        pytest.param("Decimal", "19.9000", Decimal("19.9000"), id="decimal"),
        pytest.param("Float", "0.1", Decimal("0.1"), id="float"),
        pytest.param("Float", "1e300", 1e300, id="float-with-exponent"),
        pytest.param("DateTime", "1996-07-04 00:00:00.000000", None, id="instant"),
        pytest.param("Date", "1996-07-04", None, id="date"),
        pytest.param("Date", "0000-00-00", 0, id="no-date"),
        pytest.param("Date", "2020-05-00", 20200500, id="no-day"),
        pytest.param("DateTime", "2020-00-00 10:00:00", 20200000100000, id="no-month"),
        pytest.param(
            "DateTime",
            "2020-00-00 10:00:00.500000",
            Decimal("20200000100000.5"),
            id="no-month-and-a-fraction",
        ),
        pytest.param("Date", "0042-00-00", None, id="what-a-number-would-put-in-this-century"),
        pytest.param("String", "Queso Cabrales", None, id="text"),
        pytest.param("State", "o", None, id="enum"),
    ],
)
def test_value_becomes_a_parameter_of_its_type(scalar: str, raw: str, expected: SqlValue) -> None:
    order = order_of(scalar)
    cursor = encode_cursor(fingerprint("A", order), (raw.encode(),)).decode()
    (found,) = decode_cursor(cursor, ["A"], order)
    assert found == (raw if expected is None else expected)
    assert type(found) is type(raw if expected is None else expected)


def test_format_is_frozen() -> None:
    """Clients keep cursors; a change of the format needs a new version."""
    cursor = encode_cursor("00c0ffee", (b"a\xc3\xa9", None))
    assert urlsafe_b64decode(cursor + b"==") == '[1,"00c0ffee","aé",null]'.encode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("x", id="one-letter"),
        pytest.param("é", id="not-ascii"),
        pytest.param("🎉" * 10, id="emoji"),
        pytest.param("\ud800", id="half-a-pair"),
        pytest.param(" " * 10, id="blanks"),
        pytest.param("=" * 8, id="padding"),
        pytest.param("A" * 100_000, id="too-long"),
        pytest.param(
            forge(VERSION, PRINT, "a", "b" * (MAX_VALUE_BYTES + 1)), id="a-value-too-long"
        ),
        pytest.param(forge(), id="empty-list"),
        pytest.param(forge(VERSION, PRINT), id="no-values"),
        pytest.param(forge(VERSION, PRINT, "a"), id="too-few-values"),
        pytest.param(forge(VERSION, PRINT, "a", "b", "c"), id="too-many-values"),
        pytest.param(forge(VERSION, PRINT, "a", 1), id="a-number"),
        pytest.param(forge(VERSION, PRINT, "a", ["b"]), id="a-list"),
        pytest.param(forge(VERSION + 1, PRINT, "a", "b"), id="another-version"),
        pytest.param(forge(True, PRINT, "a", "b"), id="true-is-not-one"),
        pytest.param(forge(1.0, PRINT, "a", "b"), id="float-is-not-one"),
        pytest.param(forge(VERSION, "00000000", "a", "b"), id="another-order"),
        pytest.param(urlsafe_b64encode(b'{"a":1}').decode(), id="an-object"),
        pytest.param(urlsafe_b64encode(b"1").decode(), id="not-a-list"),
        pytest.param(urlsafe_b64encode(b"[1,").decode(), id="broken-json"),
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="the cursor is not one of this list") as caught:
        decode_cursor(text, ["A"], TEXT)
    assert caught.value.code == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("scalar", "raw"),
    [
        pytest.param("Int", "1 OR 1=1", id="int"),
        pytest.param("Int", "1.5", id="fraction"),
        pytest.param("Int", "٣", id="digits-of-another-script"),
        pytest.param("Int", "1" * 30, id="int-too-long"),
        pytest.param("Int", "1\n", id="line-end"),
        pytest.param("Decimal", "NaN", id="nan"),
        pytest.param("Decimal", "sNaN", id="signalling-nan"),
        pytest.param("Decimal", "Infinity", id="infinity"),
        pytest.param("Decimal", "x", id="no-number"),
        pytest.param("Decimal", "1e999999", id="huge-exponent"),
        pytest.param("Decimal", "1" * 200, id="more-digits-than-a-decimal-has"),
        pytest.param("Float", "1e999", id="float-overflow"),
        pytest.param("Float", "nan", id="float-nan"),
        pytest.param("Int", "18446744073709551616", id="over-64-bits"),
        pytest.param("DateTime", "yesterday", id="instant"),
        pytest.param("DateTime", "2023-02-29 00:00:00", id="day-that-never-was"),
        pytest.param("DateTime", "2023-13-01 00:00:00", id="month-13"),
        pytest.param("DateTime", "2023-01-01 24:00:00", id="hour-24"),
        pytest.param("Date", "2023-02-29", id="date-that-never-was"),
        pytest.param("Date", "0000-02-29", id="no-leap-year-zero"),
        pytest.param("Date", "2023-00-32", id="day-32-of-no-month"),
        pytest.param("Date", "1996-07-04 junk", id="date"),
    ],
)
def test_forged_value_that_no_column_holds_is_refused(scalar: str, raw: str) -> None:
    order = order_of(scalar)
    with pytest.raises(InputError):
        decode_cursor(forge(VERSION, fingerprint("A", order), raw), ["A"], order)


def test_id_over_whole_numbers_takes_whole_numbers_only() -> None:
    order = order_of("ID", is_integer=True)
    mark = fingerprint("A", order)
    assert decode_cursor(forge(VERSION, mark, "12"), ["A"], order) == (12,)
    with pytest.raises(InputError):
        decode_cursor(forge(VERSION, mark, "12a"), ["A"], order)


def test_cursor_of_the_longest_key_is_taken_back() -> None:
    longest = "🎉" * (MAX_VALUE_BYTES // 4)  # what VARCHAR(768) holds
    cursor = encode_cursor(PRINT, (longest.encode(), b"\x01" * MAX_VALUE_BYTES)).decode()
    assert decode_cursor(cursor, ["A"], TEXT) == (longest, "\x01" * MAX_VALUE_BYTES)


def test_cursor_that_could_not_be_sent_back_is_not_given() -> None:
    with pytest.raises(ValueError, match="too long for a cursor"):
        encode_cursor(PRINT, (b"a" * (MAX_VALUE_BYTES + 1), b"1"))


def test_cursor_is_one_of_its_list_alone() -> None:
    cursor = encode_cursor(fingerprint("Query.players", TEXT), (b"a", b"1")).decode()
    assert decode_cursor(cursor, ["Query.players", "Player"], TEXT) == ("a", "1")
    with pytest.raises(InputError, match="not one of this list"):
        decode_cursor(cursor, ["Club.players", "Player"], TEXT)


def test_position_of_a_row_in_no_list_serves_in_every_list_of_its_type() -> None:
    cursor = encode_cursor(fingerprint("Player", TEXT), (b"a", b"1")).decode()
    for field in ("Query.players", "Club.players"):
        assert decode_cursor(cursor, [field, "Player"], TEXT) == ("a", "1")


def test_fingerprint_tells_lists_apart() -> None:
    prints = {
        fingerprint(target, order)
        for target in ("A", "B")
        for order in (
            order_of("ID"),
            order_of("ID", descending=True),
            order_of("ID", "ID"),
            order_of("ID", "ID", descending=True),
        )
    }
    assert len(prints) == 8


@given(
    st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode())
)
def test_anything_is_taken_or_refused_and_never_breaks(text: str) -> None:
    for order in (TEXT, order_of("Int"), order_of("Decimal", "Float"), order_of("DateTime")):
        try:
            values = decode_cursor(text, ["A"], order)
        except InputError:
            continue
        assert len(values) == len(order)


@given(st.integers(0, 60), st.sampled_from(["Decimal", "Float", "Int", "DateTime"]), st.text())
def test_cut_or_changed_cursor_never_breaks(cut: int, scalar: str, raw: str) -> None:
    order = order_of(scalar)
    whole = forge(VERSION, fingerprint("A", order), raw.encode("utf-8", "replace").decode())
    for text in (whole, whole[:cut], whole[cut:]):
        try:
            decode_cursor(text, ["A"], order)
        except InputError:
            continue
