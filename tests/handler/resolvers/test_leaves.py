"""What a resolver may give for a scalar or an enum."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from handler.resolvers.leaves import ResolvedValueError, serializer_of
from tests.handler.compiler.plans import Compiler

SCHEMA = Compiler.of(
    "type Query { a(id: ID!): A } type A { id: ID! e: E } enum E { ONE TWO } scalar Money"
).schema


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Int", 7, 7),
        ("Int", 7.0, 7),
        ("Int", True, 1),
        ("Int", -(2**31), -(2**31)),
        ("Float", 7, 7.0),
        ("Float", Decimal("1.5"), 1.5),
        ("String", "ä", "ä"),
        ("String", 1.5, "1.5"),
        ("String", True, "true"),
        ("ID", 42, "42"),
        ("ID", "x", "x"),
        ("Boolean", 0, False),
        ("DateTime", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "2026-11-23T09:30:00Z"),
        (
            "DateTime",
            datetime(2026, 11, 23, 9, 30, 0, 500000, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-23T08:30:00.500000Z",
        ),
        ("Date", date(2026, 11, 23), "2026-11-23"),
        ("Time", time(8, 5), "08:05:00"),
        ("Time", time(8, 5, 0, 250_000), "08:05:00.25"),
        ("Time", timedelta(hours=-120, microseconds=-1), "-120:00:00.000001"),
        ("Time", timedelta(hours=838, minutes=59, seconds=59), "838:59:59"),
        ("Time", "008:05:00", "08:05:00"),
        ("UUID", UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ("UUID", "0190B2C4-7A5E-7C3D-9F10-2B6E4D8A1C57", "0190b2c4-7a5e-7c3d-9f10-2b6e4d8a1c57"),
        ("Bytes", b"\x00\xff", "AP8="),
        ("Bytes", bytearray(b"\x00"), "AA=="),
        ("Bytes", "AP8=", "AP8="),
        ("Decimal", Decimal("1E+3"), "1000"),
        ("Decimal", "19.90", "19.90"),
        ("Decimal", 7, "7"),
        ("BigInt", 2**63 - 1, "9223372036854775807"),
        ("JSON", {"a": [1]}, {"a": [1]}),
        ("Money", "5 EUR", "5 EUR"),
        ("E", "ONE", "ONE"),
    ],
)
def test_value_goes_out(name: str, value: Any, expected: Any) -> None:
    found = serializer_of(SCHEMA, name)(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Int", "7"),
        ("Int", 7.5),
        ("Int", 2**31),
        ("Int", float("nan")),
        ("Float", "1.5"),
        ("Float", float("inf")),
        ("String", ["a"]),
        ("String", None),
        ("ID", 1.5),
        ("ID", True),
        ("Boolean", "yes"),
        ("DateTime", datetime(2026, 11, 23)),  # naive on purpose
        ("DateTime", date(2026, 11, 23)),
        ("Date", datetime(2026, 11, 23, tzinfo=UTC)),
        ("Time", timedelta(hours=839)),
        ("Time", time(8, 5, tzinfo=UTC)),
        ("Time", 805),
        ("UUID", 7),
        ("UUID", "7"),
        ("Bytes", "no"),
        ("Bytes", 7),
        ("Decimal", 1.5),
        ("Decimal", "much"),
        ("Decimal", Decimal("NaN")),
        ("BigInt", 1.5),
        ("E", "THREE"),
        ("E", 1),
        ("String", "a\ud800"),
        ("JSON", {"a": "\ud800"}),
        ("JSON", {"a": {1, 2}}),
        ("JSON", {1: 2}),
        ("JSON", 2**64),
    ],
)
def test_value_that_does_not_fit_is_an_error_without_the_value(name: str, value: Any) -> None:
    with pytest.raises(ResolvedValueError) as caught:
        serializer_of(SCHEMA, name)(value)
    assert str(caught.value) == f"{name} cannot represent the value that the resolver gave."
