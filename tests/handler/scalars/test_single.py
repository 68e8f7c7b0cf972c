"""The digits of a FLOAT."""

from __future__ import annotations

from struct import pack, unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.scalars.single import shorten, shortest

MOST = 3.4028234663852886e38  # of a FLOAT
singles = st.floats(allow_nan=False, allow_infinity=False, width=32)


def nearest(number: float) -> float:
    found: float = unpack("<f", pack("<f", number))[0]
    return found


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (0.10000000149011612, "0.1"),
        (11111.1103515625, "11111.11"),
        (16777216.0, "16777216"),
        (-0.3333333432674408, "-0.33333334"),
        (MOST, "3.4028235e+38"),
        (-MOST, "-3.4028235e+38"),
        (0.0, "0"),
        (1.401298464324817e-45, "1.4013e-45"),
    ],
)
def test_the_fewest_digits_that_lead_back(stored: float, expected: str) -> None:
    assert shortest(stored) == expected


@given(st.lists(singles | st.none(), max_size=20))
def test_every_value_of_a_column_leads_back(column: list[float | None]) -> None:
    texts = [None if number is None else repr(number).encode() for number in column]
    found = [None if text is None else nearest(float(text)) for text in shorten(texts)]
    assert found == column


@given(singles, singles)
def test_what_is_shown_is_in_the_order_of_what_is_stored(one: float, two: float) -> None:
    assert (float(shortest(one)) < float(shortest(two))) == (one < two)
