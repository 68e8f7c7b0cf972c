"""Values of a record: what each field takes, and what it says about the rest."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from handler.jobs.ingest.line import LineError
from handler.jobs.ingest.mapping import InputMapping
from handler.jobs.ingest.report import IngestError
from tests.handler.jobs.ingest.shop import mapping_of, reader_of
from tests.handler.jobs.ingest.shop import read as read_values
from tests.integration.servers import ORDERS

LEAST: dict[str, object] = {"orderId": 52, "customerId": 4567, "productId": "notebook", "price": 19}


def read(mapping: InputMapping = ORDERS, /, **values: object) -> dict[str, Any]:
    return read_values(mapping, **(LEAST | values))


def test_smallest_line_and_the_defaults() -> None:
    assert read() == {
        "orderId": "52",
        "orderRef": None,
        "orderedAt": None,
        "orderItemId": None,
        "customerId": "4567",
        "customerName": None,
        "country": None,
        "productId": "notebook",
        "productName": None,
        "price": Decimal("19.0000"),
        "today": Decimal("19.0000"),
        "quantity": 1,
        "discount": Decimal("0.0000"),
    }


def test_full_line() -> None:
    line = read(
        orderRef=" NW-52 ",
        orderedAt="1996-07-04T02:00:00.5+02:00",
        orderItemId="07",
        customerName="Käufer 😀",
        country="08022",
        productName="note\nbook",
        price=Decimal("19.99"),
        productPrice="21.5",
        quantity=-3,
        discount=Decimal("0.15"),
        extra={"ignored": True},
    )
    assert line == {
        "orderId": "52",
        "orderRef": "NW-52",
        "orderedAt": datetime(1996, 7, 4, 0, 0, 0, 500_000),
        "orderItemId": 7,
        "customerId": "4567",
        "customerName": "Käufer 😀",
        "country": "08022",
        "productId": "notebook",
        "productName": "note\nbook",
        "price": Decimal("19.9900"),
        "today": Decimal("21.5000"),
        "quantity": -3,
        "discount": Decimal("0.1500"),
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(52, "52", id="number"),
        pytest.param(0, "0", id="zero"),
        pytest.param(Decimal("52.0"), "52", id="whole-number-with-a-point"),
        pytest.param(" 85123A\t", "85123A", id="blanks-around"),
        pytest.param("007", "007", id="leading-zeros-stay"),
        pytest.param("a b-1", "a b-1", id="blank-and-minus-inside"),
        pytest.param("-", "-", id="only-a-minus"),
        pytest.param("x" * 64, "x" * 64, id="exactly-the-limit"),
        pytest.param("ид😀", "ид😀", id="any-script"),
        pytest.param(10**30, str(10**30), id="long-number"),
    ],
)
def test_identifier_accepts(value: object, expected: str) -> None:
    assert read(orderId=value)["orderId"] == expected


@pytest.mark.parametrize("field", ["orderId", "customerId", "productId"])
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param(None, "is missing", id="null"),
        pytest.param("", "is missing", id="empty"),
        pytest.param(" \t", "is missing", id="blank"),
        pytest.param(-52, "-52 is negative", id="negative-number"),
        pytest.param("-52", "'-52' is negative", id="negative-text"),
        pytest.param("-5.0", "'-5.0' is negative", id="negative-text-with-a-point"),
        pytest.param(True, "True is neither text nor a whole number", id="boolean"),
        pytest.param(Decimal("1.5"), "1.5 is neither text nor a whole number", id="fraction"),
        pytest.param(Decimal("1E+30"), "1E+30 is neither", id="exponent"),
        pytest.param(["a"], "['a'] is not a single value", id="list"),
        pytest.param({"a": 1}, "{'a': 1} is not a single value", id="object"),
        pytest.param("x" * 65, "is longer than 64 characters", id="too-long"),
        pytest.param("a\nb", "'a\\nb' holds a control character", id="line-end"),
        pytest.param("a\0", "holds a control character", id="nul"),
        pytest.param("\ud83d", "'\\ud83d' holds half of a surrogate pair", id="surrogate"),
    ],
)
def test_identifier_refuses(field: str, value: object, problem: str) -> None:
    with pytest.raises(LineError) as caught:
        read(**{field: value})
    assert str(caught.value).startswith(f"{field} ")
    assert problem in str(caught.value)


def test_missing_column_is_a_missing_value() -> None:
    with pytest.raises(LineError, match=r"^productPrice or price is missing$"):
        reader_of().read({key: LEAST[key] for key in LEAST if key != "price"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(19, "19.0000", id="whole"),
        pytest.param(Decimal("19.990000000000002"), "19.9900", id="noise-of-a-float"),
        pytest.param(" 19.9 ", "19.9000", id="text"),
        pytest.param("1e2", "100.0000", id="exponent"),
        pytest.param(".5", "0.5000", id="no-zero"),
        pytest.param("0.00005", "0.0001", id="half-up"),
        pytest.param("-5", "-5.0000", id="credit"),
        pytest.param(Decimal("1E-99999"), "0.0000", id="almost-nothing"),
        pytest.param("-0.00001", "0.0000", id="no-negative-zero"),
        pytest.param("999999999999999.9999", "999999999999999.9999", id="largest"),
    ],
)
def test_price_accepts(value: object, expected: str) -> None:
    assert str(read(price=value)["price"]) == expected


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("price", "abc", "price 'abc' is not a number"),
        ("price", "£5", "price '£5' is not a number"),
        ("price", "1,99", "price '1,99' is not a number"),
        ("price", "1_000", "price '1_000' is not a number"),
        ("price", "NaN", "price 'NaN' is not a number"),
        ("price", "١", "price '١' is not a number"),
        ("price", True, "price True is not a number"),
        ("price", 10**15, "price 1000000000000000 is too large"),
        ("price", Decimal("1E+99999999"), "price 1E+99999999 is too large"),
        ("price", [1], "price [1] is not a single value"),
        ("quantity", "2.5", "quantity '2.5' is not a whole number"),
        ("quantity", Decimal("1E-99999"), "quantity 1E-99999 is not a whole number"),
        ("quantity", 2**31, "quantity 2147483648 is too large"),
        ("orderItemId", -1, "orderItemId -1 is negative"),
        ("orderItemId", 2**32, "orderItemId 4294967296 is too large"),
        ("orderItemId", "a", "orderItemId 'a' is not a number"),
        ("discount", "1.01", "discount '1.01' is not from 0 to 1"),
        ("discount", "-0.1", "discount '-0.1' is not from 0 to 1"),
        ("orderRef", "x" * 65, "is longer than 64 characters"),
        ("customerName", "x" * 256, "is longer than 255 characters"),
        ("country", "x" * 101, "is longer than 100 characters"),
        ("productName", "x" * 256, "is longer than 255 characters"),
        ("productName", "a\udc00", "holds half of a surrogate pair"),
        ("productName", False, "productName False is not text"),
        ("orderedAt", "04.07.1996", "orderedAt '04.07.1996' is not an ISO 8601 date"),
        ("orderedAt", "1996-02-30", "is not an ISO 8601 date"),
        ("orderedAt", "0999-12-31", "is before the year 1000"),
        ("orderedAt", "0001-01-01T00:00:00+14:00", "is out of the range of dates"),
        ("orderedAt", 19960704, "orderedAt 19960704 is not an ISO 8601 date"),
    ],
)
def test_value_is_refused_with_its_column(field: str, value: object, problem: str) -> None:
    with pytest.raises(LineError) as caught:
        read(**{field: value})
    assert str(caught.value).startswith(f"{field} ")
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("date_format", "zone", "value", "expected"),
    [
        ("iso", "UTC", "2026-11-23", datetime(2026, 11, 23)),
        ("iso", "UTC", "2026-11-23 10:11:12.123456", datetime(2026, 11, 23, 10, 11, 12, 123456)),
        ("iso", "Europe/Berlin", "2026-07-01T00:30:00", datetime(2026, 6, 30, 22, 30)),
        ("iso", "Europe/Berlin", "2026-07-01T00:30:00Z", datetime(2026, 7, 1, 0, 30)),
        ("%m/%d/%Y %H:%M", "UTC", "12/1/2010 8:26", datetime(2010, 12, 1, 8, 26)),
        ("%d.%m.%Y", "Europe/London", "1.7.2010", datetime(2010, 6, 30, 23)),
        ("unix", "UTC", "1290000000.25", datetime(2010, 11, 17, 13, 20, 0, 250_000)),
        ("unix", "Europe/Berlin", 0, datetime(1970, 1, 1)),
        ("iso", "UTC", " ", None),
    ],
)
def test_dates_become_utc(
    date_format: str, zone: str, value: object, expected: datetime | None
) -> None:
    mapping = mapping_of(date_format=date_format, time_zone=zone)
    assert read(mapping, orderedAt=value)["orderedAt"] == expected


@pytest.mark.parametrize(
    ("date_format", "value"),
    [
        ("%d.%m.%Y", "2026-11-23"),
        ("unix", "today"),
        ("unix", 10**18),
        ("unix", Decimal("1E+999999999")),
    ],
)
def test_dates_in_another_format_are_refused(date_format: str, value: object) -> None:
    with pytest.raises(LineError, match=f"is not a date in the format {date_format}"):
        read(mapping_of(date_format=date_format), orderedAt=value)


def test_decimal_comma() -> None:
    mapping = mapping_of(number_format="1234,5")
    assert read(mapping, price="19,99")["price"] == Decimal("19.99")
    assert read(mapping, price=Decimal("19.99"))["price"] == Decimal("19.99")
    with pytest.raises(LineError, match=r"'1\.999,00' is not a number as 1234,5"):
        read(mapping, price="1.999,00")


def test_columns_and_defaults_of_a_mapping() -> None:
    mapping = mapping_of(
        columns={"orderId": "InvoiceNo", "productName": "Description"},
        defaults={"customerId": "guest", "quantity": "2"},
    )
    reader = reader_of(mapping)
    values: dict[str, Any] = {"InvoiceNo": "A1", "productId": "p", "price": 1, "customerId": " "}
    line = reader.read(values)
    assert [line[at] for at in (6, 0, 10)] == ["A1", "guest", 2]
    assert list(reader.unseen) == ["Description"]
    with pytest.raises(LineError, match=r"^InvoiceNo is missing"):
        reader.read(values | {"InvoiceNo": None})


def test_remembered_values_keep_their_types() -> None:
    reader = reader_of()
    assert reader.read(LEAST | {"orderId": 1, "quantity": 1})[6] == "1"
    with pytest.raises(LineError, match="orderId True"):
        reader.read(LEAST | {"orderId": True})
    with pytest.raises(LineError, match="quantity True"):
        reader.read(LEAST | {"quantity": True})
    assert reader.read(LEAST | {"orderRef": 1})[7] == "1"
    assert reader.read(LEAST | {"orderRef": Decimal("1.0")})[7] == "1.0"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"orderId": "52"}, "52"),
        ({"orderId": "52", "orderItemId": " "}, "52"),
        ({"orderId": "52", "orderItemId": 3}, None),
        ({"orderId": "-52"}, None),
        ({"orderId": ["52"]}, None),
        ({"orderId": ""}, None),
        ({}, None),
    ],
)
def test_order_of_an_unusable_line(values: dict[str, object], expected: str | None) -> None:
    assert reader_of().unnumbered_group(values) == expected


def test_default_that_cannot_be_used_is_refused_at_once() -> None:
    with pytest.raises(
        IngestError, match=r"the default of order_items\.quantity, 'some', is not a number"
    ):
        reader_of(mapping_of(defaults={"quantity": "some"}))


@pytest.mark.parametrize("text", ["1.5e899000", "-1.5e899000", "1e-899000", "0e899000"])
def test_no_number_is_written_out_before_its_range_is_known(text: str) -> None:
    """As an integer the largest of them has 899,001 digits, which takes half a minute."""
    reader = reader_of(mapping_of(date_format="unix"))
    started = time.process_time()
    for name in ("orderId", "orderedAt", "orderItemId", "productPrice", "quantity", "discount"):
        for value in (Decimal(text), text):
            with suppress(LineError):
                reader.read(LEAST | {name: value})
    assert time.process_time() - started < 2
