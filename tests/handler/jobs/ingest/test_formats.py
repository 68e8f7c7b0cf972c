"""How inputs write numbers and dates, and the format that is told where none of the lines fits."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest

from handler.jobs.ingest.formats import fitting_dates, fitting_numbers, read_number
from handler.jobs.ingest.line import LineError
from tests.handler.jobs.ingest.shop import mapping_of, reader_of

LEAST: dict[str, object] = {"orderId": 52, "customerId": 4567, "productId": "notebook", "price": 19}


@pytest.mark.parametrize(
    ("number_format", "text", "expected"),
    [
        ("1234.5", "1234.5", "1234.5"),
        ("1234,5", "1234,5", "1234.5"),
        ("1,234.5", "1,234,567.5", "1234567.5"),
        ("1,234.5", "1234.5", "1234.5"),
        ("1.234,5", "-1.234,5", "-1234.5"),
        ("1 234,5", "1 234,5", "1234.5"),
        ("1 234,5", "1\N{NO-BREAK SPACE}234,5", "1234.5"),
        ("1'234.5", "1'234.5", "1234.5"),
        ("1.234,5", "19,99", "19.99"),
    ],
)
def test_number_is_read_as_its_format_writes_it(
    number_format: str, text: str, expected: str
) -> None:
    assert read_number(text, number_format) == Decimal(expected)


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("1234.5", "1,234"),
        ("1234,5", "1.234"),
        ("1,234.5", "12,34"),
        ("1,234.5", "1,234,5"),
        ("1.234,5", "1.99"),
        ("1 234,5", "1.5"),
        ("1'234.5", "1,5"),
        ("1,234.5", "£5"),
    ],
)
def test_number_of_another_format_is_refused(number_format: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text, number_format)


@pytest.mark.parametrize(
    ("values", "wanted", "expected"),
    [
        (["12/1/10 8:26", "12/13/10 9:41"], "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M"),
        (["12/1/10 8:26"], "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M"),
        (["12/1/10 8:26"], "%d/%m/%Y %H:%M", "%d/%m/%y %H:%M"),
        (["23.11.2026"], "iso", "%d.%m.%Y"),
        (["2026-11-23T10:11:12Z"], "%d.%m.%Y", "iso"),
        (["1290000000"], "iso", "unix"),
        (["20261123"], "%d.%m.%Y", "iso"),
        (["3 Nov 2026", "14 Dec 2026"], "iso", "%d %b %Y"),
        (["11/23/2026 1:05 PM"], "iso", "%m/%d/%Y %I:%M %p"),
    ],
)
def test_date_format_is_guessed_from_all_values(
    values: list[object], wanted: str, expected: str
) -> None:
    assert fitting_dates(values, wanted)[0] == expected


def test_nothing_is_guessed_from_what_is_no_date_or_number() -> None:
    assert fitting_dates(["soon", "12/1/10"], "iso") == []
    assert fitting_numbers(["1,5", "n/a"]) == []
    assert fitting_numbers(["1,5", "12,25"]) == ["1234,5", "1.234,5", "1 234,5"]


def notes(columns: dict[str, list[object]], **dialect: Any) -> list[str]:
    reader = reader_of(mapping_of(**dialect))
    for at in range(len(next(iter(columns.values())))):
        with contextlib.suppress(LineError):
            reader.read(LEAST | {name: values[at] for name, values in columns.items()})
    return list(reader.notes())


def test_format_that_fits_no_line_is_told_with_one_that_would() -> None:
    days: list[object] = ["12/1/10 8:26", "12/13/10 9:41"]
    assert notes({"orderedAt": days}, date_format="%m/%d/%Y %H:%M") == [
        "orderedAt: no line fits %m/%d/%Y %H:%M; the first lines fit %m/%d/%y %H:%M: "
        'write date_format = "%m/%d/%y %H:%M"'
    ]
    assert notes({"quantity": ["1,0", "2,0"], "price": ["1,99", "1.000,5"]}) == [
        "productPrice or price: no line fits 1234.5; the first lines fit 1.234,5: "
        'write number_format = "1.234,5"'
    ]


def test_format_that_fits_one_line_is_not_doubted() -> None:
    days: list[object] = ["12/1/10 8:26", "12/13/2010 9:41"]
    assert notes({"orderedAt": days}, date_format="%m/%d/%Y %H:%M") == []
    assert notes({"orderedAt": ["soon"]}) == []
