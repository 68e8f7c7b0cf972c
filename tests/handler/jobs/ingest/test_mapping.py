"""Mappings: what a file may say, and what a header must have."""

from __future__ import annotations

from pathlib import Path

import pytest

from handler.jobs.ingest.mapping import InputMapping, load_mapping
from handler.jobs.ingest.report import IngestError

SHIPPED = Path(__file__).parents[4] / "data" / "mappings"


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(
        'format = "csv"\nencoding = "cp1252"\ndelimiter = ";"\ndecimal_comma = true\n'
        'date_format = "%d.%m.%Y"\ntime_zone = "Europe/Berlin"\n'
        '[columns]\norderId = "Beleg"\n[defaults]\ncustomerId = "guest"\n'
    )
    assert load_mapping(file) == InputMapping(
        columns={"orderId": "Beleg"},
        defaults={"customerId": "guest"},
        format="csv",
        encoding="cp1252",
        delimiter=";",
        decimal_comma=True,
        date_format="%d.%m.%Y",
        time_zone="Europe/Berlin",
    )


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.toml")), ids=lambda file: file.stem)
def test_shipped_mappings_are_valid(file: Path) -> None:
    assert load_mapping(file).columns


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[columns]\norderNo = 'A'", "there is no field 'orderNo' to map to; known: orderId, "),
        ("[defaults]\nname = 'A'", "there is no field 'name'"),
        ("colums = 1", "there is no setting 'colums'; known: columns, defaults, format"),
        ("columns = 'orderId'", "columns must be a table of texts, got 'orderId'"),
        ("[columns]\norderId = 1", "columns must be a table of texts"),
        ("decimal_comma = 'yes'", "decimal_comma must be bool, got 'yes'"),
        ("format = 'xml'", "format must be jsonl or csv, got 'xml'"),
        ("delimiter = ';;'", "delimiter must be one character, got ';;'"),
        ("delimiter = '\"'", "delimiter must be one character"),
        ("encoding = 'klingon'", "there is no encoding 'klingon'; try latin-1"),
        ("encoding = 'utf-16'", "encoding utf-16 cannot be read"),
        ("encoding = 'base64'", "there is no encoding 'base64'"),
        ("time_zone = 'Mars/Base'", "there is no time zone 'Mars/Base'"),
        ("time_zone = '../etc'", "there is no time zone"),
        ("= 1", "is not TOML"),
    ],
)
def test_mistake_in_a_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(text)
    with pytest.raises(IngestError) as caught:
        load_mapping(file)
    assert str(caught.value).startswith(str(file))
    assert problem in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"none\.toml: No such file"):
        load_mapping(tmp_path / "none.toml")


def test_header_with_the_needed_columns_passes() -> None:
    InputMapping().check_header(["price", "productId", "more", "more", "customerId", "orderId"])
    InputMapping(columns={"orderId": "No"}, defaults={"customerId": "guest"}).check_header(
        ["No", "productId", "price"]
    )


@pytest.mark.parametrize(
    ("mapping", "header", "problem"),
    [
        pytest.param(
            InputMapping(),
            ["InvoiceNo", "productId", "price"],
            "the header has no column 'orderId' for orderId, 'customerId' for customerId; it has "
            "'InvoiceNo', 'productId', 'price'; say which column is meant: --map orderId=Column",
            id="needed",
        ),
        pytest.param(
            InputMapping(columns={"country": "Land"}),
            ["orderId", "customerId", "productId", "price"],
            "the header has no column 'Land' for country",
            id="mapped",
        ),
        pytest.param(
            InputMapping(columns={"country": "Land"}, defaults={"country": "DE"}),
            ["orderId", "customerId", "productId", "price"],
            "the header has no column 'Land' for country",
            id="mapped-with-a-default",
        ),
        pytest.param(
            InputMapping(),
            ["orderId", "customerId", "productId", "price", "price"],
            "the header has the column 'price' twice",
            id="twice",
        ),
    ],
)
def test_header_is_refused(mapping: InputMapping, header: list[str], problem: str) -> None:
    with pytest.raises(IngestError) as caught:
        mapping.check_header(header)
    assert str(caught.value).startswith(problem)
