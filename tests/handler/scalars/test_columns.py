"""Types of columns, and the scalars that show them."""

from __future__ import annotations

from collections import Counter

import pytest

from handler.scalars import COLUMNS, SCALARS, scalar_of
from handler.scalars.scalar import Scalar

EVERY = (*SCALARS.values(), COLUMNS["Kind"], COLUMNS["[Kind!]"])


@pytest.mark.parametrize(
    ("column_type", "expected"),
    [
        ("tinyint(1)", "Boolean"),
        ("tinyint(1) unsigned", "Int"),  # MySQL says ``tinyint unsigned``
        ("tinyint unsigned", "Int"),
        ("int(11)", "Int"),
        ("int(10) unsigned", "BigInt"),
        ("int(6) unsigned zerofill", "BigInt"),
        ("mediumint unsigned", "Int"),
        ("bigint unsigned", "BigInt"),
        ("decimal(10,2) unsigned", "Decimal"),
        ("float(7,2)", "Float"),
        ("double unsigned", "Float"),
        ("bit(1)", "Boolean"),
        ("bit(9)", "BigInt"),
        ("year(4)", "Int"),
        ("date", "Date"),
        ("datetime(6)", "DateTime"),
        ("timestamp", "DateTime"),
        ("time(3)", "Time"),
        ("char(36)", "String"),
        ("longtext", "String"),
        ("enum('a','b int unsigned')", "an enum"),
        ("set('a','b')", "a list of an enum or of String"),
        ("json", "JSON"),
        ("binary(16)", "UUID"),
        ("binary(15)", "Bytes"),
        ("varbinary(16)", "Bytes"),
        ("longblob", "Bytes"),
        ("point", "GeoJSON"),
        ("geomcollection", "GeoJSON"),
        ("uuid", "UUID"),
        ("inet6", "String"),
        ("vector(3)", None),
        ("", None),
    ],
)
def test_a_column_has_one_scalar_that_shows_it_best(column_type: str, expected: str | None) -> None:
    found = scalar_of(column_type)
    assert (found.name if found else None) == expected


def test_no_type_is_shown_best_by_two() -> None:
    counted = Counter(said for each in EVERY for said in each.preferred_by)
    assert [said for said, number in counted.items() if number > 1] == []


@pytest.mark.parametrize("scalar", EVERY, ids=lambda each: type(each).__name__)
def test_a_scalar_takes_what_it_shows_best(scalar: Scalar) -> None:
    assert [said for said in scalar.preferred_by if not scalar.takes(said, said)] == []
