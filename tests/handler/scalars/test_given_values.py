"""Values of scalars, from JSON and from literals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from handler.errors import InputError
from handler.language.literals import read_literal
from handler.scalars import COLUMNS, INTEGER_ID, SCALARS
from handler.scalars.enum import Enum
from handler.scalars.labels import Labels
from handler.scalars.scalar import Scalar, describe
from handler.sql.operators import Operator
from handler.sql.statement import Sql
from tests.handler.language.reference import parse_value

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


FAR = (9007199254740992.0, 9007199254740993.0, 1e22)  # another number may have been written


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Int", 1, 1),
        ("Int", 1.0, 1),
        ("Int", -(2**31), -(2**31)),
        ("Float", 1, 1.0),
        ("Float", 1.5, 1.5),
        ("String", "", ""),
        ("Boolean", False, False),
        ("ID", "a", "a"),
        ("ID", 7, "7"),
        ("ID", 10**30, "1000000000000000000000000000000"),
        ("DateTime", "2026-11-23T12:00:00Z", NOON),
        ("DateTime", "2026-11-23t12:00:00.000000z", NOON),
        ("DateTime", "2026-11-23T14:30:00.5+02:30", NOON.replace(microsecond=500_000)),
        ("Date", "2024-02-29", date(2024, 2, 29)),
        ("Time", "08:05:00", "08:05:00"),
        ("Time", "008:05:00.500", "08:05:00.5"),
        ("Time", "-838:59:59.000000", "-838:59:59"),
        ("Time", "-00:00:00.0", "00:00:00"),
        ("UUID", "0190B2C4-7a5e-7c3d-9f10-2b6e4d8a1c57", "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57"),
        ("Decimal", "19.90", Decimal("19.90")),
        ("Decimal", 19.9, Decimal("19.9")),
        ("Decimal", -3, Decimal(-3)),
        ("Decimal", 1e-7, Decimal("0.0000001")),
        ("Decimal", 1.23456789012345, Decimal("1.23456789012345")),
        ("Decimal", "0" * 70 + "1", Decimal(1)),
        ("BigInt", "9223372036854775807", 2**63 - 1),
        ("BigInt", "18446744073709551615", 2**64 - 1),
        ("BigInt", -5, -5),
        ("BigInt", 9007199254740991.0, 2**53 - 1),
        ("BigInt", -9007199254740991.0, 1 - 2**53),
        ("ID", 9007199254740991.0, "9007199254740991"),
        ("Decimal", "-0001." + "50" + "0" * 40, Decimal("-1.5")),
        ("JSON", {"a": [1, None]}, {"a": [1, None]}),
        ("Bytes", "", b""),
        ("Bytes", "AP8=", b"\x00\xff"),
        ("Bytes", "+/+/", b"\xfb\xff\xbf"),
    ],
)
def test_takes_json(name: str, value: Any, expected: Any) -> None:
    found = SCALARS[name].parse(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, sign * number) for name in ("BigInt", "ID") for sign in (1, -1) for number in FAR),
        ("Int", "1"),
        ("Int", 1.5),
        ("Int", True),
        ("Int", 2**31),
        ("Int", None),
        ("Float", "1"),
        ("Float", True),
        ("Float", float("inf")),
        ("Float", 10**400),
        ("String", 1),
        ("Boolean", 0),
        ("ID", 1.5),
        ("ID", True),
        ("DateTime", "2026-11-23"),
        ("DateTime", "2026-11-23T12:00:00"),
        ("DateTime", "2026-11-23 12:00:00Z"),
        ("DateTime", "2026-13-23T12:00:00Z"),
        ("DateTime", "2026-11-23T12:00:60Z"),
        ("DateTime", "2026-11-23T12:00:00-00:00"),
        ("DateTime", "2026-11-23T12:00:00.1234567Z"),
        ("DateTime", "0001-01-01T00:00:00+01:00"),
        ("DateTime", "२०२६-11-23T12:00:00Z"),
        ("DateTime", 0),
        ("Date", "2023-02-29"),
        ("Date", "2026-11-23T00:00:00Z"),
        ("Time", "838:59:59.000001"),
        ("Time", "839:00:00"),
        ("Time", "8:05:00"),
        ("Time", "08:05"),
        ("Time", "08:05:00\n"),
        ("Time", "०८:05:00"),
        ("Time", 80500),
        ("UUID", "0190b2c47a5e7c3d9f102b6e4d8a1c57"),
        ("UUID", "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57\n"),
        ("UUID", "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c5g"),
        ("UUID", 7),
        ("Decimal", "1e5"),
        ("Decimal", "NaN"),
        ("Decimal", ".5"),
        ("Decimal", "1." + "1" * 31),
        ("Decimal", "9" * 66),
        ("Decimal", "9" * 36 + "." + "9" * 30),
        ("Decimal", 0.1234567890123456),
        ("Decimal", float("nan")),
        ("Decimal", True),
        ("BigInt", "18446744073709551616"),
        ("BigInt", 1e19),
        ("BigInt", "1.0"),
        ("BigInt", 1.5),
        ("BigInt", False),
        ("Bytes", "AP8"),  # without its padding
        ("Bytes", "AP9="),  # bits behind the last byte
        ("Bytes", "-_-_"),
        ("Bytes", "AP8=\n"),
        ("Bytes", "AP 8="),
        ("Bytes", "===="),
        ("Bytes", "ÄÄÄÄ"),
        ("Bytes", 7),
    ],
)
def test_refuses_json(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=name):
        SCALARS[name].parse(value)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Int", "-7", -7),
        ("Float", "7", 7.0),
        ("Float", "7.5e1", 75.0),
        ("String", '"a\\n"', "a\n"),
        ("String", '"""\n  a\n"""', "a"),
        ("Boolean", "true", True),
        ("ID", "7", "7"),
        ("ID", '"x"', "x"),
        ("DateTime", '"2026-11-23T12:00:00Z"', NOON),
        ("Time", '"08:05:00"', "08:05:00"),
        ("Bytes", '"AP8="', b"\x00\xff"),
        ("GeoJSON", '{type: "Point"}', {"type": "Point"}),
        ("Decimal", "19.90", Decimal("19.90")),
        ("Decimal", '"0.1234567890123456789"', Decimal("0.1234567890123456789")),
        ("BigInt", "18446744073709551615", 2**64 - 1),
        ("JSON", '{a: [1, 2.5, "x", true, null, WORD]}', {"a": [1, 2.5, "x", True, None, "WORD"]}),
    ],
)
def test_takes_literals(name: str, text: str, expected: Any) -> None:
    found = read_literal(name, parse_value(text))
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Int", "1.0"),
        ("Int", '"1"'),
        ("Int", "2147483648"),
        ("Int", "9" * 5_000),
        ("Float", "1e400"),
        ("Float", '"1"'),
        ("String", "1"),
        ("String", "WORD"),
        ("Boolean", '"true"'),
        ("ID", "1.5"),
        ("DateTime", "20261123"),
        ("Time", "80500"),
        ("UUID", "1"),
        ("Bytes", "1"),
        ("Bytes", '"a"'),
        ("Decimal", "1e5"),
        ("Decimal", "[1]"),
        ("BigInt", "1.5"),
        ("BigInt", "9" * 5_000),
        ("JSON", "9" * 5_000),
        ("JSON", "[1e400]"),
    ],
)
def test_refuses_literals(name: str, text: str) -> None:
    with pytest.raises(InputError):
        read_literal(name, parse_value(text))


def test_a_scalar_that_only_the_sdl_knows_takes_anything() -> None:
    assert SCALARS["Own"].parse([1]) == [1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('a"b', '"a\\"b"'),
        ({"a": [1, True, None]}, "{a: [1, true, null]}"),
        ([[[1]]], "[[[...]]]"),
        ("x" * 1_000, '"' + "x" * 99 + "..."),
    ],
)
def test_describes_values_in_few_characters(value: Any, shown: str) -> None:
    assert describe(value) == shown


@pytest.mark.parametrize(
    "scalar",
    [*SCALARS.values(), COLUMNS["Kind"], COLUMNS["[Kind!]"], INTEGER_ID],
    ids=lambda each: type(each).__name__,
)
def test_a_scalar_has_all_that_it_is_asked_for(scalar: Scalar) -> None:
    """Of enums and lists the schema says what a value is, ``COLUMNS`` what columns hold."""
    kind = type(scalar)
    wanted = {"encode"}
    if kind not in (Enum, Labels):
        wanted |= {"parse", "serialize"}
    if kind.compares_itself:
        wanted.add("compare")
    abstract = {"parse", "compare", "encode", "serialize"}
    found = {name for name in abstract if getattr(kind, name) is not getattr(Scalar, name)}
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-02-00", 20240200),
        ("1000-00-00", 10000000),
        ("0999-00-00", "0999-00-00"),  # as a number it would be of this century
        ("0001-00-00", "0001-00-00"),
        ("0000-05-00", "0000-05-00"),
        ("0000-00-05", "0000-00-05"),
        ("0000-00-00", 0),
    ],
)
def test_a_stored_day_without_a_month_or_a_day_is_a_parameter(text: str, expected: Any) -> None:
    assert COLUMNS["Date"].parameter_of_text(text) == expected


def test_no_json_is_in_an_empty_list() -> None:
    assert COLUMNS["JSON"].compare("c", Operator.IN, (), is_mariadb=True) == Sql("FALSE")
