"""Texts of columns as JSON: the rule for one value, and the fast way for a whole column."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler import scalars
from handler.fields.value import ESCAPED, MARKS
from handler.scalars import decode_value, output_value
from handler.scalars.dates import without_zeros
from handler.scalars.enum import decode_enum, encode_enums
from handler.scalars.labels import decode_names, encode_names
from handler.scalars.scalar import NotSureError, UnfitValueError
from handler.sql.stored_type import Kind

SCALARS = (*scalars.SCALARS, "[String!]")
A_UUID = UUID("0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57")


def encode_column(scalar: str, kind: Kind, column: Sequence[bytes]) -> list[bytes]:
    """JSON of each value, by the fast way."""
    found = scalars.SCALARS[scalar]
    return [b'"%b"' % each if found.is_quoted else each for each in found.encode(kind, column)]


@pytest.mark.parametrize(
    ("scalar", "kind", "value", "expected"),
    [
        pytest.param("ID", Kind.TEXT, b"VINET", "VINET", id="id"),
        pytest.param("ID", Kind.INTEGER, b"42", "42", id="id-of-a-number"),
        pytest.param("String", Kind.TEXT, "🎉 \"q\" \\ \x00".encode(), '🎉 "q" \\ \x00', id="text"),
        pytest.param("Int", Kind.INTEGER, b"-2147483648", -(2**31), id="smallest-int"),
        pytest.param("Int", Kind.INTEGER, b"2147483647", 2**31 - 1, id="largest-int"),
        pytest.param("Int", Kind.DECIMAL, b"12.000", 12, id="int-of-a-decimal"),
        pytest.param("Int", Kind.DECIMAL, b"00042", 42, id="int-with-zeros-in-front"),
        pytest.param("Int", Kind.FLOAT, b"1e3", 1000, id="int-of-a-float"),
        pytest.param("Float", Kind.FLOAT, b"0.1", 0.1, id="float"),
        pytest.param("Float", Kind.DECIMAL, b"19.9000", 19.9, id="float-of-a-decimal"),
        pytest.param("Float", Kind.INTEGER, b"3", 3.0, id="float-of-an-int"),
        pytest.param("Boolean", Kind.INTEGER, b"1", True, id="true"),
        pytest.param("Boolean", Kind.INTEGER, b"0", False, id="false"),
        pytest.param(
            "DateTime", Kind.TEXT, b"1996-07-04 00:00:00", "1996-07-04T00:00:00Z", id="instant"
        ),
        pytest.param(
            "DateTime", Kind.TEXT, b"1996-07-04 10:20:30.000000", "1996-07-04T10:20:30Z",
            id="instant-without-fraction",
        ),
        pytest.param(
            "DateTime", Kind.TEXT, b"1996-07-04 10:20:30.120000", "1996-07-04T10:20:30.12Z",
            id="instant-with-fraction",
        ),
        pytest.param("Date", Kind.TEXT, b"1996-07-04", "1996-07-04", id="date"),
        pytest.param("Date", Kind.TEXT, b"1996-07-04 10:20:30", "1996-07-04", id="its-date"),
        pytest.param("Time", Kind.TEXT, b"08:05:00", "08:05:00", id="time"),
        pytest.param("Time", Kind.TEXT, b"-838:59:59.120000", "-838:59:59.12", id="time-fraction"),
        pytest.param("Time", Kind.TEXT, b"08:00:00.000", "08:00:00", id="time-without-fraction"),
        pytest.param("UUID", Kind.TEXT, f"{A_UUID}".upper().encode(), str(A_UUID), id="uuid"),
        pytest.param("UUID", Kind.BYTES, A_UUID.bytes, str(A_UUID), id="uuid-of-bytes"),
        pytest.param("Bytes", Kind.BYTES, b"\x00\xffA", "AP9B", id="bytes"),
        pytest.param("Bytes", Kind.BYTES, b"", "", id="no-bytes"),
        pytest.param("Decimal", Kind.DECIMAL, b"-0.5000", "-0.5000", id="decimal"),
        pytest.param("Decimal", Kind.INTEGER, b"7", "7", id="decimal-of-an-int"),
        pytest.param("Decimal", Kind.TEXT, b"1.50", "1.50", id="decimal-of-a-text"),
        pytest.param("BigInt", Kind.INTEGER, b"18446744073709551615", "18446744073709551615",
                     id="unsigned"),
        pytest.param("BigInt", Kind.DECIMAL, b"9007199254740993.00", "9007199254740993",
                     id="bigint-of-a-decimal"),
        pytest.param("BigInt", Kind.INTEGER, b"0", "0", id="bigint-zero"),
        pytest.param("Decimal", Kind.FLOAT, b"1.5e3", "1500", id="decimal-of-a-float"),
        pytest.param("JSON", Kind.TEXT, b"[18446744073709551616, 1]", [2**64, 1], id="big-json"),
        pytest.param("JSON", Kind.TEXT, b'{"b": [1, null], "a": "\\u00e9"}',
                     {"b": [1, None], "a": "é"}, id="json"),
    ],
)  # fmt: skip
def test_value_is_decoded(scalar: str, kind: Kind, value: bytes, expected: Any) -> None:
    found = decode_value(scalar, kind, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("scalar", "kind", "value"),
    [
        pytest.param("Int", Kind.INTEGER, b"2147483648", id="over-32-bits"),
        pytest.param("Int", Kind.INTEGER, b"-2147483649", id="below-32-bits"),
        pytest.param("Int", Kind.DECIMAL, b"1.5", id="fraction"),
        pytest.param("Int", Kind.TEXT, b"seven", id="text-for-int"),
        pytest.param("BigInt", Kind.DECIMAL, b"9007199254740993.50", id="fraction-beyond-floats"),
        pytest.param("BigInt", Kind.DECIMAL, b"18446744073709551616", id="sum-over-64-bits"),
        pytest.param("Float", Kind.TEXT, b"nan", id="nan"),
        pytest.param("Float", Kind.TEXT, b"1e999", id="infinity"),
        pytest.param("Boolean", Kind.TEXT, b"yes", id="text-for-boolean"),
        pytest.param("DateTime", Kind.TEXT, b"0000-00-00 00:00:00", id="zero-instant"),
        pytest.param("DateTime", Kind.TEXT, b"1996-00-04 00:00:00", id="month-zero"),
        pytest.param("DateTime", Kind.TEXT, b"1996-07-04", id="date-for-instant"),
        pytest.param("DateTime", Kind.TEXT, b"1996-07-04 00:00:00\n", id="line-end"),
        pytest.param("Date", Kind.TEXT, b"0000-00-00", id="zero-date"),
        pytest.param("Date", Kind.TEXT, b"12:00:00", id="time-for-date"),
        pytest.param("Time", Kind.TEXT, b"2020-01-01 08:05:00", id="date-for-time"),
        pytest.param("Time", Kind.TEXT, b"08:05:00\n", id="time-and-line-end"),
        pytest.param("UUID", Kind.TEXT, A_UUID.hex.encode(), id="uuid-without-hyphens"),
        pytest.param("UUID", Kind.BYTES, A_UUID.bytes[1:], id="uuid-of-15-bytes"),
        pytest.param("UUID", Kind.BYTES, str(A_UUID).encode(), id="text-of-a-uuid-as-bytes"),
        pytest.param("Bytes", Kind.TEXT, b"AP9B", id="text-for-bytes"),
        pytest.param("GeoJSON", Kind.BYTES, b"\x00\x00\x00\x00\x01", id="a-geometry-itself"),
        pytest.param("Decimal", Kind.TEXT, b"12,5", id="comma"),
        pytest.param("Decimal", Kind.TEXT, b"Infinity", id="decimal-infinity"),
        pytest.param("Decimal", Kind.TEXT, b" 1_000 ", id="what-only-python-reads"),
        pytest.param("String", Kind.BYTES, b"\xff\xfe", id="no-utf8"),
        pytest.param("ID", Kind.BYTES, b"\x80", id="id-no-utf8"),
        pytest.param("JSON", Kind.TEXT, b"{", id="broken-json"),
        pytest.param("JSON", Kind.TEXT, b"", id="empty-json"),
        pytest.param("JSON", Kind.TEXT, b"NaN", id="json-of-python-alone"),
    ],
)
def test_value_that_does_not_fit_is_refused_without_being_told(
    scalar: str, kind: Kind, value: bytes
) -> None:
    with pytest.raises(UnfitValueError) as caught:
        decode_value(scalar, kind, value)
    assert str(caught.value) == f"{scalar} cannot represent the value that is stored"


def test_enum_has_a_name_for_the_stored_value() -> None:
    names = {"o": "OPEN", "PAID": "PAID"}
    assert decode_enum(names, b"o") == "OPEN"
    assert encode_enums(names, [b"PAID", b"o"]) == [b'"PAID"', b'"OPEN"']
    for unknown in (b"OPEN", b"\xff", b""):
        with pytest.raises(UnfitValueError):
            decode_enum(names, unknown)
        with pytest.raises(NotSureError):
            encode_enums(names, [b"o", unknown])


def test_a_list_of_an_enum_has_names_for_the_stored_labels() -> None:
    names = {"o": "OPEN", "PAID": "PAID", "": "NONE"}
    assert decode_names(names, b"o,PAID") == ["OPEN", "PAID"]
    assert decode_names(names, b"") == []
    assert encode_names(names, [b"PAID,o", b"", b",o"]) == [
        b'["PAID","OPEN"]', b"[]", b'["NONE","OPEN"]',
    ]  # fmt: skip
    for unknown in (b"OPEN", b"o,\xff", b"o,PAID,x"):
        with pytest.raises(UnfitValueError):
            decode_names(names, unknown)
        with pytest.raises(NotSureError):
            encode_names(names, [b"o", unknown])


numbers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.integers(-(2**31) - 2, 2**31 + 2).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.floats().map(repr),
    st.sampled_from(["0", "-0", "1e5", "00042", "-1.5e-7", "0.000", "1e400"]),
)
days = st.dates().map(str) | st.sampled_from(["0000-00-00", "2020-02-31", "1996-07-00", "x"])
times = st.times().map(lambda time: time.isoformat()) | st.sampled_from(
    ["", "10:20:30.100000", "24:00:00", "10:20:30.123456789"]
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
raw_values = st.one_of(
    numbers.map(str.encode),
    days.map(str.encode),
    st.tuples(days, times).map(lambda parts: " ".join(parts).encode()),
    texts.map(str.encode),
    st.uuids().map(lambda found: found.bytes),
    st.uuids().map(lambda found: str(found).upper().encode()),
    st.sampled_from([b"08:05:00", b"-838:59:59.120000", b"08:05:00.000", b"1:00:00", b"99:99:99"]),
    st.text('"\\\x00\x1f\x7f\u2028é🎉', max_size=10).map(str.encode),
    st.binary(max_size=10),
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    ).map(orjson.dumps),
)


def sent_by(kind: Kind, value: bytes) -> bool:
    """Whether a server can send this as a column of that kind."""
    try:
        if kind is Kind.INTEGER:
            return str(int(value)).encode() == value and -(2**63) <= int(value) < 2**64
        if kind is Kind.DECIMAL:
            return re.fullmatch(rb"-?\d+(\.\d+)?", value) is not None
        if kind is Kind.FLOAT:
            is_number = re.fullmatch(rb"-?\d+(\.\d+)?(e[+-]?\d+)?", value)
            return is_number is not None and math.isfinite(float(value))
        return kind is Kind.BYTES or value.decode() is not None
    except ValueError:
        return False


@pytest.mark.parametrize("scalar", SCALARS)
@given(st.sampled_from(Kind), st.lists(raw_values, min_size=1, max_size=4))
def test_fast_way_agrees_with_the_rule(scalar: str, kind: Kind, column: list[bytes]) -> None:
    column = [value for value in column if sent_by(kind, value)]
    if not column:
        return
    try:
        encoded = encode_column(scalar, kind, column)
    except NotSureError:
        return  # the rule decides then
    assert [json.loads(value) for value in encoded] == [  # by what keeps all digits of a number
        decode_value(scalar, kind, value) for value in column
    ]
    assert encoded == [orjson.dumps(output_value(scalar, kind, value)) for value in column]
    for text, value in zip(encoded, column, strict=True):  # the bound of an answer's size
        assert len(text) <= ESCAPED * len(value) + MARKS


@pytest.mark.parametrize(
    ("scalar", "kind", "column"),
    [
        ("ID", Kind.TEXT, [b"a", b'b"']),
        ("String", Kind.TEXT, [b"a", b'b"', b""]),
        ("Int", Kind.INTEGER, [b"1", b"-99999999"]),
        ("BigInt", Kind.INTEGER, [b"9223372036854775807"]),
        ("Int", Kind.INTEGER, [b"1764460800", b"-2147483648", b"2147483647"]),
        ("Int", Kind.DECIMAL, [b"2147483647"]),
        ("Float", Kind.DECIMAL, [b"1.50"]),
        ("Float", Kind.FLOAT, [b"1e15"]),
        ("Boolean", Kind.INTEGER, [b"0", b"1"]),
        ("DateTime", Kind.TEXT, [b"2020-01-02 03:04:05.000000"]),
        ("Date", Kind.TEXT, [b"2020-01-02"]),
        ("Time", Kind.TEXT, [b"08:05:00", b"-120:00:00"]),
        ("Time", Kind.TEXT, [b"08:05:00.500"]),
        ("UUID", Kind.TEXT, [str(A_UUID).encode()]),
        ("UUID", Kind.BYTES, [A_UUID.bytes]),
        ("Bytes", Kind.BYTES, [b"", b"\x00\xff"]),
        ("GeoJSON", Kind.TEXT, [b'{"type": "Point", "coordinates": [13.4050123456789, 52.52]}']),
        ("Decimal", Kind.DECIMAL, [b"1.50"]),
        ("[String!]", Kind.TEXT, [b"a,b", b"", b',"\xc3\xa9']),
        ("JSON", Kind.TEXT, [b'{"a": 1}']),
    ],
)
def test_fast_way_is_sure_of_usual_columns(scalar: str, kind: Kind, column: list[bytes]) -> None:
    assert len(encode_column(scalar, kind, column)) == len(column)


def test_json_goes_out_as_it_is_stored() -> None:
    """All digits of its numbers, which no float holds."""
    stored = b' {"n": 123456789012345678901234567890, "d":\n[0.10000000000000000555, " \\" \\\\"]}'
    shown = b'{"n":123456789012345678901234567890,"d":[0.10000000000000000555," \\" \\\\"]}'
    assert list(encode_column("JSON", Kind.TEXT, [stored])) == [shown]
    assert orjson.dumps(output_value("JSON", Kind.TEXT, stored)) == shown


def test_dates_without_a_year_a_month_or_a_day_are_null() -> None:
    real = [b"2020-01-01", b"0001-01-01 00:00:00", b"2000-10-10"]
    none = [
        None,
        b"0000-00-00",
        b"0000-01-01",
        b"2020-00-01",
        b"2020-01-00",
        b"2020-01-00 10:00:00",
    ]
    assert without_zeros([*real, *none]) == [*real, *[None] * 6]


def test_json_of_many_digits_that_is_broken_is_not_sure() -> None:
    with pytest.raises(NotSureError):
        encode_column("JSON", Kind.TEXT, [b'{"a": 12345678901234567890'])


def test_a_number_with_an_exponent_goes_out_as_it_is_stored() -> None:
    stored = [b'{"a": 1e2}', b"[2.50E+3]"]
    assert scalars.SCALARS["JSON"].encode(Kind.TEXT, stored) == [b'{"a":1e2}', b"[2.50E+3]"]


@pytest.mark.parametrize("digits", range(1, 7))
def test_a_fraction_of_zeros_is_none(digits: int) -> None:
    stored = b"2026-11-23 08:30:00." + b"0" * digits
    assert scalars.SCALARS["DateTime"].decode(Kind.TEXT, stored) == "2026-11-23T08:30:00Z"


INSTANT = b"1996-07-04 10:20:30"


@pytest.mark.parametrize("place", ["first", "between", "last", "alone"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"0000-07-04 10:20:30", id="year"),
        pytest.param(b"1996-00-04 10:20:30", id="month"),
        pytest.param(b"1996-07-00 10:20:30", id="day"),
        pytest.param(b"1996-07-04", id="no-time"),
        pytest.param(b"1996-07-04T10:20:30", id="written-already"),
        pytest.param(b"1996-07-04 10:20:30Z", id="with-a-zone"),
        pytest.param(INSTANT + b"," + INSTANT, id="two"),
        pytest.param(b"11996-07-04 10:20:30", id="longer"),
    ],
)
def test_what_is_no_instant_is_not_written_among_others(place: str, value: bytes) -> None:
    before = [INSTANT] if place in ("between", "last") else []
    after = [INSTANT] if place in ("first", "between") else []
    with pytest.raises(NotSureError):
        encode_column("DateTime", Kind.TEXT, [*before, value, *after])


@pytest.mark.parametrize("fraction", [b"", b".0", b".000", b".000000", b".5", b".123456", b".120"])
def test_instants_with_and_without_a_fraction_stand_side_by_side(fraction: bytes) -> None:
    column = [INSTANT, INSTANT + fraction, INSTANT + b".000000"]
    expected = [orjson.dumps(output_value("DateTime", Kind.TEXT, value)) for value in column]
    assert encode_column("DateTime", Kind.TEXT, column) == expected


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4), min_size=1))
def test_decimals_are_the_same_floats_alone_and_as_a_column(numbers: list[Decimal]) -> None:
    column = [f"{number:f}".encode() for number in numbers]
    expected = [orjson.dumps(float(text)) for text in column]
    assert encode_column("Float", Kind.DECIMAL, column) == expected


@pytest.mark.parametrize(
    "column",
    [
        pytest.param([b"00012.50", b"00001.00"], id="zeros-in-front"),
        pytest.param([b"12", b"1.50"], id="some-are-whole"),
        pytest.param([b"-0.00", b"0.10"], id="a-zero-below-zero"),
        pytest.param([b"9" * 35 + b"." + b"9" * 30], id="more-digits-than-a-float"),
    ],
)
def test_decimals_are_written_as_their_floats(column: list[bytes]) -> None:
    expected = [orjson.dumps(float(text)) for text in column]
    assert encode_column("Float", Kind.DECIMAL, column) == expected
