"""Whole runs of the ingest on a real database: what loads, what is rejected, what a kill leaves."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from handler.jobs.ingest import IngestError, InputMapping, Progress, Report, ingest, load_mapping
from handler.jobs.ingest.report import Tally
from handler.jobs.migrate import migrate
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.integration.servers import MIGRATIONS, NORTHWIND, connect, fetch_rows, run_script

ROOT = Path(__file__).parents[2]
TABLES = ("customers", "products", "orders", "order_items")


@pytest.fixture
def shop(database: DatabaseUrl) -> DatabaseUrl:
    """The four tables, empty."""
    asyncio.run(migrate(database, MIGRATIONS))
    return database


def dump(url: DatabaseUrl) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the four tables."""
    return {table: sorted(fetch_rows(url, f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def order_line(order: int | str, product: str = "p", **values: object) -> dict[str, object]:
    return {"orderId": order, "customerId": "c", "productId": product, "price": 5} | values


def jsonl(records: Iterable[dict[str, object]]) -> io.BytesIO:
    return io.BytesIO("\n".join(map(json.dumps, records)).encode())


def load(url: DatabaseUrl, records: Iterable[dict[str, object]], **options: Any) -> Report:
    return asyncio.run(ingest(url, jsonl(records), **options))


def items(url: DatabaseUrl) -> list[tuple[object, ...]]:
    return fetch_rows(
        url, "SELECT order_id, order_item_id, product_id FROM order_items ORDER BY 1, 2"
    )


def command(url: DatabaseUrl, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "handler.jobs.ingest", *arguments]


def run_command(
    url: DatabaseUrl, *arguments: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(url, *arguments),
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url.text()},
        input=stdin,
        capture_output=True,
        check=False,
    )


def test_northwind_becomes_four_tables(shop: DatabaseUrl) -> None:
    seen: list[Progress] = []
    report = asyncio.run(ingest(shop, NORTHWIND, batch_lines=500, progress=seen.append))
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
    first = asyncio.run(ingest(shop, NORTHWIND))
    before = dump(shop)
    again = asyncio.run(ingest(shop, NORTHWIND, batch_lines=7))
    assert dump(shop) == before
    assert again.loaded == first.loaded
    assert [tally.new for tally in again.tables.values()] == [0, 0, 0, 0]
    assert again.tables["order_items"] == Tally(0, 0)


def test_memory_of_rows_changes_nothing(shop: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(ingest(shop, NORTHWIND, batch_lines=50))
    expected = dump(shop)
    for table in reversed(TABLES):
        run_script(shop, f"DELETE FROM {table}")
    monkeypatch.setattr("handler.jobs.ingest.store.ROWS_REMEMBERED", 0)
    asyncio.run(ingest(shop, NORTHWIND, batch_lines=50))
    assert dump(shop) == expected


def test_smallest_record_of_the_issue_loads(shop: DatabaseUrl) -> None:
    record = (
        b'{"orderRef":"123123","price":19.99,"orderId":52,"productId":"notebook",'
        b'"productName":"notebook_red","customerId":4567}'
    )
    asyncio.run(ingest(shop, io.BytesIO(record)))
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
    assert report.first_rejects[0].reason.startswith("line number 11 of order 1 was given")


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
    mapping = load_mapping(ROOT / "data" / "mappings" / "online-retail.toml")
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
    report = asyncio.run(ingest(shop, io.BytesIO(content), rejects=rejects, batch_lines=1))
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
    asyncio.run(ingest(shop, io.BytesIO(good), rejects=rejects))
    assert rejects.read_text() == ""


def test_cut_gzip_loads_what_it_holds_and_says_so(shop: DatabaseUrl) -> None:
    packed = gzip.compress(NORTHWIND.read_bytes())
    report = asyncio.run(ingest(shop, io.BytesIO(packed[: len(packed) // 2])))
    assert report.exit_status == 2
    assert 0 < report.loaded < 2155
    assert "the input ended early: Compressed file ended" in str(report)
    whole = asyncio.run(ingest(shop, io.BytesIO(packed)))
    assert (whole.loaded, whole.exit_status) == (2155, 0)


def test_mapped_column_that_never_comes_is_mentioned(shop: DatabaseUrl) -> None:
    report = load(shop, [order_line(1)], mapping=InputMapping(columns={"country": "Land"}))
    assert report.notes == ["no line has the mapped column 'Land'"]


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


def test_deadlock_is_tried_again(shop: DatabaseUrl) -> None:
    """Another transaction holds two products and then wants what the batch holds."""
    load(shop, [order_line(1, "a", customerName="x"), order_line(2, "b")])
    before = connect(shop)
    before.autocommit(False)
    with before, before.cursor() as cursor:
        # the batch writes customers first and then products: here the other way round
        cursor.execute("UPDATE products SET price = 1 WHERE product_id = 'a'")
        for at in range(200):  # InnoDB gives up the transaction that changed less
            cursor.execute("INSERT INTO products VALUES (%s, 'weight', 1)", (f"weight{at}",))

        def interfere() -> None:
            question = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
            deadline = time.monotonic() + 20
            while not fetch_rows(shop, question):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            cursor.execute("UPDATE customers SET country = 'DE' WHERE customer_id = 'c'")
            before.commit()

        async def both() -> Report:
            line = order_line(1, "a", customerName="y", price=9)
            report, _ = await asyncio.gather(
                ingest(shop, jsonl([line])), asyncio.to_thread(interfere)
            )
            return report

        report = asyncio.run(both())
    assert report.loaded == 1
    assert report.tables["customers"] == Tally(0, 1)
    assert dump(shop)["customers"] == [("c", "y", "DE")]
    assert fetch_rows(shop, "SELECT price FROM products WHERE product_id = 'a'") == [(Decimal(9),)]


async def test_two_runs_at_a_time_do_not_mix(database: DatabaseUrl) -> None:
    await migrate(database, MIGRATIONS)
    runs = (ingest(database, NORTHWIND, batch_lines=300) for _ in range(2))
    reports = await asyncio.gather(*runs)
    assert sorted(report.tables["order_items"].new for report in reports) == [0, 2155]


async def test_run_waits_no_longer_than_told(
    database: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.jobs.ingest.run.LOCK_WAIT_S", 0)
    async with open_session(database) as session, session.lock("ingest", wait_s=1):
        with pytest.raises(Exception, match="another ingest is at work"):
            await ingest(database, NORTHWIND)


def test_missing_tables_are_an_error_of_the_run(database: DatabaseUrl) -> None:
    with pytest.raises(IngestError, match=r"failed after 0 loaded lines: .*doesn't exist"):
        load(database, [order_line(1)])


def test_killed_run_leaves_whole_batches_and_the_next_one_finishes(
    shop: DatabaseUrl, tmp_path: Path
) -> None:
    """SIGKILL while it waits for more of a pipe, several times; the same rows in the end."""
    content = NORTHWIND.read_bytes()
    asyncio.run(ingest(shop, NORTHWIND))
    expected = dump(shop)
    for table in reversed(TABLES):
        run_script(shop, f"DELETE FROM {table}")
    for wanted in (130, 700, 1500):
        process = subprocess.Popen(
            command(shop, "-", "--batch", "64"),
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": shop.text()},
            stdin=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(b"".join(content.splitlines(keepends=True)[: wanted + 300]))
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while True:
            count = fetch_rows(shop, "SELECT COUNT(*) FROM order_items")[0][0]
            if isinstance(count, int) and count >= wanted:
                break
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.stdin.close()
        assert process.wait() == -signal.SIGKILL
        count = fetch_rows(shop, "SELECT COUNT(*) FROM order_items")[0][0]
        assert isinstance(count, int)
        assert count % 64 == 0
    finished = run_command(shop, str(NORTHWIND))
    assert finished.returncode == 0
    assert dump(shop) == expected


def test_command_takes_a_pipe_of_gzip_and_options(shop: DatabaseUrl, tmp_path: Path) -> None:
    content = "Beleg;Kunde;Artikel;Preis;Tag\n1;c;p;1,50;23.11.2026\n1;c;q;x;23.11.2026\n"
    rejects = tmp_path / "rejects.jsonl"
    done = run_command(
        shop,
        *("-", "--map", "orderId=Beleg", "--map", "customerId=Kunde", "--map", "productId=Artikel"),
        *("--map", "price=Preis", "--map", "orderedAt=Tag", "--date-format", "%d.%m.%Y"),
        *("--time-zone", "Europe/Berlin", "--decimal-comma", "--default", "country=DE"),
        *("--rejects", str(rejects), "--progress"),
        stdin=gzip.compress(content.encode()),
    )
    assert (done.returncode, done.stderr) == (1, b"\r\x1b[K1 lines, 1 rejected\n")
    assert b"1 loaded, 1 rejected" in done.stdout
    assert b"line 3 rejected: Preis 'x' is not a number" in done.stdout
    assert json.loads(rejects.read_text())["line"] == 3
    assert dump(shop)["orders"] == [("1", "1", datetime(2026, 11, 22, 23), "c")]
    assert dump(shop)["customers"] == [("c", None, "DE")]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(["none.jsonl"], "none.jsonl: No such file", id="no-file"),
        pytest.param(["-", "--map", "orderId"], "--map takes FIELD=..., got 'orderId'", id="map"),
        pytest.param(["-", "--map", "id=No"], "there is no field 'id'", id="field"),
        pytest.param(["-", "--mapping", "none.toml"], "none.toml: No such file", id="mapping"),
        pytest.param(["-", "--rejects", "/none/r"], "/none/r: No such file", id="rejects"),
        pytest.param(["-", "--batch", "0"], "a batch has 1 to 10000 lines, got 0", id="batch"),
        pytest.param(["-"], "the header has no column 'orderId'", id="header"),
    ],
)
def test_command_says_what_is_wrong(
    database: DatabaseUrl, arguments: list[str], problem: str
) -> None:
    done = run_command(database, *arguments, stdin=b"a,b\n1,2\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"ingest: {problem}")


def test_full_disk_ends_the_command_with_a_sentence(shop: DatabaseUrl) -> None:
    content = jsonl([order_line(1), order_line(2, price="x"), order_line(3)]).getvalue()
    done = run_command(shop, "-", "--rejects", "/dev/full", "--batch", "1", stdin=content)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == (
        "ingest: /dev/full: No space left on device: the rejected lines cannot be written; 1 lines "
        "are loaded and stay. Make room or name another file, and run the same again\n"
    )
    assert items(shop) == [("1", 1, "p")]


def test_packed_input_of_rejects_leaves_a_small_file(
    shop: DatabaseUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.jobs.ingest.run.REJECTS_BYTES", 1_000_000)
    line = json.dumps(order_line("x" * 9_000)).encode() + b"\n"
    packed = io.BytesIO(gzip.compress(line * 1_000 + jsonl([order_line(1)]).getvalue()))
    rejects = tmp_path / "rejects.jsonl"
    report = asyncio.run(ingest(shop, packed, rejects=rejects))
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
        asyncio.run(ingest(shop, file, rejects=file))
    assert file.read_bytes() == jsonl([order_line(1)]).getvalue()


def test_wrong_database_url_is_named_without_the_password() -> None:
    url = DatabaseUrl(user="u", password="hunter2", host="127.0.0.1", port=1, database="d")
    done = run_command(url, str(NORTHWIND))
    assert done.returncode == 2
    assert done.stderr.startswith(b"ingest: cannot connect to u@127.0.0.1:1/d: ")
    assert b"hunter2" not in done.stderr + done.stdout
