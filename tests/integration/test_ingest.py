"""What the ingest loads into a real database, and what it rejects."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from handler.jobs.ingest import IngestError, Progress, ingest, load_mapping
from handler.jobs.ingest.report import Tally
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.integration.loading import TABLES, dump, items, jsonl, load, order_line, shop
from tests.integration.servers import NORTHWIND, ORDERS, fetch_rows, run_script

__all__ = ["shop"]  # a fixture

ROOT = Path(__file__).parents[2]


def test_northwind_becomes_four_tables(shop: DatabaseUrl) -> None:
    seen: list[Progress] = []
    report = asyncio.run(ingest(shop, NORTHWIND, ORDERS, batch_lines=500, progress=seen.append))
    assert (report.loaded, report.rejected, report.exit_status) == (2155, 0, 0)
    assert report.tables == {
        "customers": Tally(89, 0),
        "products": Tally(77, report.tables["products"].changed),
        "orders": Tally(830, 0),
        "order_items": Tally(2155, 0),
    }
    assert report.replaced == {}
    assert [each.lines for each in seen] == [500, 1000, 1500, 2000, 2155]
    assert seen[-1].bytes_read == seen[-1].bytes_total == NORTHWIND.stat().st_size

    lines = [json.loads(text) for text in NORTHWIND.read_text().splitlines()]
    numbers: dict[int, int] = {}
    expected_items = []
    for line in lines:
        numbers[line["orderId"]] = numbers.get(line["orderId"], 0) + 1
        expected_items.append(
            (
                str(line["orderId"]),
                numbers[line["orderId"]],
                line["productId"],
                line["quantity"],
                Decimal(str(line["price"])).quantize(Decimal("0.0001")),
                Decimal(str(line["discount"])).quantize(Decimal("0.0001")),
            )
        )
    found = dump(shop)
    assert found["order_items"] == sorted(expected_items, key=repr)
    assert set(found["orders"]) == {
        (
            str(line["orderId"]),
            line["orderRef"],
            datetime.fromisoformat(line["orderedAt"]).replace(tzinfo=None),
            line["customerId"],
        )
        for line in lines
    }
    assert set(found["customers"]) == {
        (line["customerId"], line["customerName"], line["country"]) for line in lines
    }
    last_prices = {
        line["productId"]: (line["productName"], Decimal(str(line["price"]))) for line in lines
    }
    assert set(found["products"]) == {(key, *facts) for key, facts in last_prices.items()}


def test_same_file_again_leaves_the_same_rows(shop: DatabaseUrl) -> None:
    first = asyncio.run(ingest(shop, NORTHWIND, ORDERS))
    before = dump(shop)
    again = asyncio.run(ingest(shop, NORTHWIND, ORDERS, batch_lines=7))
    assert dump(shop) == before
    assert again.loaded == first.loaded
    assert [tally.new for tally in again.tables.values()] == [0, 0, 0, 0]
    assert again.tables["order_items"] == Tally(0, 0)


def test_memory_of_rows_changes_nothing(shop: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(ingest(shop, NORTHWIND, ORDERS, batch_lines=50))
    expected = dump(shop)
    for table in reversed(TABLES):
        run_script(shop, f"DELETE FROM {table}")
    monkeypatch.setattr("handler.jobs.ingest.store.ROWS_REMEMBERED", 0)
    asyncio.run(ingest(shop, NORTHWIND, ORDERS, batch_lines=50))
    assert dump(shop) == expected


def test_smallest_record_of_the_issue_loads(shop: DatabaseUrl) -> None:
    record = (
        b'{"orderRef":"123123","price":19.99,"orderId":52,"productId":"notebook",'
        b'"productName":"notebook_red","customerId":4567}'
    )
    asyncio.run(ingest(shop, io.BytesIO(record), ORDERS))
    assert dump(shop) == {
        "customers": [("4567", None, None)],
        "products": [("notebook", "notebook_red", Decimal("19.9900"))],
        "orders": [("52", "123123", None, "4567")],
        "order_items": [("52", 1, "notebook", 1, Decimal("19.9900"), Decimal("0.0000"))],
    }


def test_names_that_no_line_gives_are_the_keys(shop: DatabaseUrl) -> None:
    load(shop, [order_line(1)])
    assert dump(shop)["products"] == [("p", "p", Decimal(5))]
    assert dump(shop)["orders"] == [("1", "1", None, "c")]
    report = load(shop, [order_line(1, productName="Pen", orderRef="R1")])
    assert report.replaced == {}
    assert dump(shop)["products"] == [("p", "Pen", Decimal(5))]
    assert dump(shop)["orders"] == [("1", "R1", None, "c")]
    load(shop, [order_line(1)])
    assert dump(shop)["products"] == [("p", "Pen", Decimal(5))]


@pytest.mark.parametrize("batch_lines", [1, 2, 100])
def test_last_line_wins_across_batches(shop: DatabaseUrl, batch_lines: int) -> None:
    lines = [
        order_line(1, productName="Pen", customerName="Ann", country="FR", price=5),
        order_line(2, productName="Pencil", country="DE", price=4),
        order_line(1, customerId="d", orderedAt="2026-01-02"),
        order_line(1, orderedAt="2026-01-03", price=6),
    ]
    report = load(shop, lines, batch_lines=batch_lines)
    assert dump(shop)["customers"] == [("c", "Ann", "DE"), ("d", None, None)]
    assert dump(shop)["products"] == [("p", "Pencil", Decimal(6))]
    assert dump(shop)["orders"][0] == ("1", "1", datetime(2026, 1, 3), "c")
    assert report.replaced == {"productName": 1, "country": 1, "customerId": 2, "orderedAt": 1}


def test_price_of_the_product_and_of_the_line_are_kept_apart(shop: DatabaseUrl) -> None:
    first = order_line(1, price=4, productPrice="5.25")
    load(shop, [first, order_line(2, price=3, productPrice=5.5)])
    assert dump(shop)["products"] == [("p", "p", Decimal("5.5"))]
    assert fetch_rows(shop, "SELECT unit_price FROM order_items ORDER BY order_id") == [
        (Decimal(4),),
        (Decimal(3),),
    ]


def test_lines_of_scattered_orders_get_stable_numbers(shop: DatabaseUrl) -> None:
    lines = [order_line(order, f"p{at}") for at, order in enumerate([1, 2, 1, 3, 2, 1])]
    expected = [
        ("1", 1, "p0"),
        ("1", 2, "p2"),
        ("1", 3, "p5"),
        ("2", 1, "p1"),
        ("2", 2, "p4"),
        ("3", 1, "p3"),
    ]
    for batch_lines in (1, 2, 100):
        load(shop, lines, batch_lines=batch_lines)
        assert items(shop) == expected


def test_corrected_line_takes_the_number_that_was_kept_for_it(shop: DatabaseUrl) -> None:
    lines = [order_line(1, "a"), order_line(1, "b", price="?"), order_line(1, "c")]
    assert load(shop, lines).rejected == 1
    assert items(shop) == [("1", 1, "a"), ("1", 3, "c")]
    lines[1]["price"] = 7
    assert load(shop, lines).rejected == 0
    assert items(shop) == [("1", 1, "a"), ("1", 2, "b"), ("1", 3, "c")]


def test_declared_numbers_are_kept(shop: DatabaseUrl) -> None:
    lines = [
        order_line(1, "a", orderItemId=10),
        order_line(1, "b", orderItemId="2"),
        order_line(1, "c"),
        order_line(1, "d", orderItemId=11),
    ]
    report = load(shop, lines)
    assert items(shop) == [("1", 2, "b"), ("1", 10, "a"), ("1", 11, "c")]
    assert report.first_rejects[0].reason.startswith("order_item_id 11 of order_id 1 was given")


def test_identifiers_keep_capitals_apart_and_lose_blanks(shop: DatabaseUrl) -> None:
    load(shop, [order_line("A1", "x"), order_line("a1", "X"), order_line(" A1 ", "x ")])
    assert items(shop) == [("A1", 1, "x"), ("A1", 2, "x"), ("a1", 1, "X")]


def test_any_text_arrives_as_it_is(shop: DatabaseUrl) -> None:
    name = 'O\'Neil \\ "%s" %(x)s `;-- \n\t😀 ünï \0 \x1a'
    load(shop, [order_line("%s'\\", customerName=name)])
    assert dump(shop)["customers"] == [("c", name, None)]
    assert dump(shop)["orders"][0][0] == "%s'\\"


RETAIL = '''\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom
536365,71053,"WHITE METAL LANTERN, ""BIG""",6,12/1/2010 8:26,3.39,17850,United Kingdom
C536379,D,Discount,-1,12/1/2010 9:41,27.5,14527,EIRE
536414,22139,,56,12/1/2010 11:52,0,,United Kingdom
536365,85123A,CAFÉ \xa3,x,12/1/2010 8:26,2.55,17850,United Kingdom
536365,85123A,"WHITE HANGING
HEART",1,7/1/2011 8:26,2.95,17850,United Kingdom
'''.replace("\n", "\r\n")


def test_csv_of_another_shop_loads_with_a_mapping_file(shop: DatabaseUrl, tmp_path: Path) -> None:
    mapping = load_mapping(PROJECT / "data" / "mappings" / "online-retail.toml")
    rejects = tmp_path / "rejects.jsonl"
    source = io.BytesIO(RETAIL.encode("latin-1"))
    report = asyncio.run(ingest(shop, source, mapping, rejects=rejects))
    assert (report.loaded, report.rejected, report.exit_status) == (5, 1, 1)
    assert dump(shop) == {
        "customers": [
            ("14527", None, "EIRE"),
            ("17850", None, "United Kingdom"),
            ("guest", None, "United Kingdom"),
        ],
        "products": [
            ("22139", "22139", Decimal(0)),
            ("71053", 'WHITE METAL LANTERN, "BIG"', Decimal("3.39")),
            ("85123A", "WHITE HANGING\r\nHEART", Decimal("2.95")),
            ("D", "Discount", Decimal("27.5")),
        ],
        "orders": [
            ("536365", "536365", datetime(2011, 7, 1, 7, 26), "17850"),
            ("536414", "536414", datetime(2010, 12, 1, 11, 52), "guest"),
            ("C536379", "C536379", datetime(2010, 12, 1, 9, 41), "14527"),
        ],
        "order_items": [
            ("536365", 1, "85123A", 6, Decimal("2.55"), Decimal(0)),
            ("536365", 2, "71053", 6, Decimal("3.39"), Decimal(0)),
            ("536365", 4, "85123A", 1, Decimal("2.95"), Decimal(0)),
            ("536414", 1, "22139", 56, Decimal(0), Decimal(0)),
            ("C536379", 1, "D", -1, Decimal("27.5"), Decimal(0)),
        ],
    }
    (reject,) = map(json.loads, rejects.read_text().splitlines())
    assert reject == {
        "line": 6,
        "reason": "Quantity 'x' is not a number",
        "text": "536365,85123A,CAFÉ £,x,12/1/2010 8:26,2.55,17850,United Kingdom",
    }


def test_bad_lines_are_rejected_and_the_rest_loads(shop: DatabaseUrl, tmp_path: Path) -> None:
    good = json.dumps(order_line(1)).encode()
    content = b"\n".join(
        [
            good,
            b'{"orderId": 1, "customerId": "c", "price": 5}',
            b"{broken",
            json.dumps(order_line(-3)).encode(),
            b"",
            json.dumps(order_line(4, price="abc")).encode(),
            json.dumps(order_line("x" * 65)).encode(),
            b'{"orderId": "\xff"}',
            good,
        ]
    )
    rejects = tmp_path / "rejects.jsonl"
    report = asyncio.run(ingest(shop, io.BytesIO(content), ORDERS, rejects=rejects, batch_lines=1))
    assert (report.loaded, report.rejected, report.exit_status) == (2, 6, 1)
    assert items(shop) == [("1", 1, "p"), ("1", 3, "p")]
    written = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(each["line"], each["reason"]) for each in written] == [
        (2, "productId is missing"),
        (3, "broken JSON at column 2: Expecting property name enclosed in double quotes"),
        (4, "orderId -3 is negative"),
        (6, "price 'abc' is not a number"),
        (7, f"orderId '{'x' * 36}... is longer than 64 characters"),
        (8, "byte 14 of the line is not utf-8"),
    ]
    summary = str(report)
    assert "2 loaded, 6 rejected" in summary
    assert "line 2 rejected: productId is missing" in summary
    assert "... and 1 more" in summary
    asyncio.run(ingest(shop, io.BytesIO(good), ORDERS, rejects=rejects))
    assert rejects.read_text() == ""


def test_cut_gzip_loads_what_it_holds_and_says_so(shop: DatabaseUrl) -> None:
    packed = gzip.compress(NORTHWIND.read_bytes())
    report = asyncio.run(ingest(shop, io.BytesIO(packed[: len(packed) // 2]), ORDERS))
    assert report.exit_status == 2
    assert 0 < report.loaded < 2155
    assert "the input ended early: Compressed file ended" in str(report)
    whole = asyncio.run(ingest(shop, io.BytesIO(packed), ORDERS))
    assert (whole.loaded, whole.exit_status) == (2155, 0)


def test_mapped_column_that_never_comes_is_mentioned(shop: DatabaseUrl) -> None:
    report = load(
        shop, [order_line(1)], mapping=dataclasses.replace(ORDERS, columns={"country": "Land"})
    )
    assert report.notes == ["no line has the mapped column 'Land'"]


def test_columns_are_not_missed_where_no_line_could_be_read(shop: DatabaseUrl) -> None:
    report = asyncio.run(ingest(shop, io.BytesIO(b"{broken\n[1]\n"), ORDERS))
    assert (report.rejected, report.notes) == (2, [])


@pytest.mark.parametrize("batch_lines", [0, 10_001])
def test_batch_size_is_checked(shop: DatabaseUrl, batch_lines: int) -> None:
    with pytest.raises(IngestError, match="a batch has 1 to 10000 lines"):
        load(shop, [], batch_lines=batch_lines)


def test_largest_batch_fits_the_server(shop: DatabaseUrl) -> None:
    lines = (
        order_line(f"{at:05}" + "😀" * 59, f"{at:05}" + "p" * 59, productName="😀" * 255)
        for at in range(10_000)
    )
    assert load(shop, lines, batch_lines=10_000).tables["products"].new == 10_000


def test_packed_input_of_rejects_leaves_a_small_file(
    shop: DatabaseUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.jobs.ingest.run.REJECTS_BYTES", 1_000_000)
    line = json.dumps(order_line("x" * 9_000)).encode() + b"\n"
    packed = io.BytesIO(gzip.compress(line * 1_000 + jsonl([order_line(1)]).getvalue()))
    rejects = tmp_path / "rejects.jsonl"
    report = asyncio.run(ingest(shop, packed, ORDERS, rejects=rejects))
    assert (report.loaded, report.rejected) == (1, 1_000)
    assert 900_000 < rejects.stat().st_size <= 1_000_000
    kept = rejects.read_bytes().count(b"\n")
    assert report.notes == [
        f"the file of rejects holds the first {kept} rejected lines, because it may have 1,000,000 "
        f"bytes; {1_000 - kept} more are counted only"
    ]


def test_rejects_never_overwrite_the_input(shop: DatabaseUrl, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(jsonl([order_line(1)]).getvalue())
    with pytest.raises(IngestError, match="is the input itself"):
        asyncio.run(ingest(shop, file, ORDERS, rejects=file))
    assert file.read_bytes() == jsonl([order_line(1)]).getvalue()
