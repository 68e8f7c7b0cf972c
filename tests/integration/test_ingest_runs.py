"""Runs of the ingest that share a database, fail or are killed, and its command."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from handler.jobs.ingest import IngestError, Report, ingest
from handler.jobs.ingest.report import Tally
from handler.jobs.migrate import migrate
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.integration.loading import TABLES, dump, items, jsonl, load, order_line, shop
from tests.integration.servers import MIGRATIONS, NORTHWIND, ORDERS, connect, fetch_rows, run_script

__all__ = ["shop"]  # a fixture

ROOT = Path(__file__).parents[2]


def command(url: DatabaseUrl, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "handler.jobs.ingest", *arguments]


def run_command(
    url: DatabaseUrl, *arguments: str, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(url, *arguments),
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": url.text(), "PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        check=False,
    )


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
                ingest(shop, jsonl([line]), ORDERS), asyncio.to_thread(interfere)
            )
            return report

        report = asyncio.run(both())
    assert report.loaded == 1
    assert report.tables["customers"] == Tally(0, 1)
    assert dump(shop)["customers"] == [("c", "y", "DE")]
    assert fetch_rows(shop, "SELECT price FROM products WHERE product_id = 'a'") == [(Decimal(9),)]


async def test_two_runs_at_a_time_do_not_mix(database: DatabaseUrl) -> None:
    await migrate(database, MIGRATIONS)
    runs = (ingest(database, NORTHWIND, ORDERS, batch_lines=300) for _ in range(2))
    reports = await asyncio.gather(*runs)
    assert sorted(report.tables["order_items"].new for report in reports) == [0, 2155]


async def test_run_waits_no_longer_than_told(
    database: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.jobs.ingest.run.LOCK_WAIT_S", 0)
    async with open_session(database) as session, session.lock("ingest", wait_s=1):
        with pytest.raises(Exception, match="another ingest is at work"):
            await ingest(database, NORTHWIND, ORDERS)


def test_missing_tables_are_an_error_of_the_run(database: DatabaseUrl) -> None:
    with pytest.raises(
        IngestError,
        match=r"default\.toml: the database has no table 'customers', or the account may not",
    ):
        load(database, [order_line(1)])


def test_killed_run_leaves_whole_batches_and_the_next_one_finishes(
    shop: DatabaseUrl, tmp_path: Path
) -> None:
    """SIGKILL while it waits for more of a pipe, several times; the same rows in the end."""
    content = NORTHWIND.read_bytes()
    asyncio.run(ingest(shop, NORTHWIND, ORDERS))
    expected = dump(shop)
    for table in reversed(TABLES):
        run_script(shop, f"DELETE FROM {table}")
    for wanted in (130, 700, 1500):
        process = subprocess.Popen(
            command(shop, "-", "--batch", "64"),
            cwd=PROJECT,
            env=os.environ | {"DATABASE_URL": shop.text(), "PYTHONPATH": str(ROOT)},
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
        *("--time-zone", "Europe/Berlin", "--number-format", "1234,5", "--default", "country=DE"),
        *("--rejects", str(rejects), "--progress"),
        stdin=gzip.compress(content.encode()),
    )
    assert (done.returncode, done.stderr) == (1, b"\r\x1b[K1 lines, 1 rejected\n")
    assert b"1 loaded, 1 rejected" in done.stdout
    assert b"line 3 rejected: Preis 'x' is not a number as 1234,5" in done.stdout
    assert json.loads(rejects.read_text())["line"] == 3
    assert dump(shop)["orders"] == [("1", "1", datetime(2026, 11, 22, 23), "c")]
    assert dump(shop)["customers"] == [("c", None, "DE")]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(["none.jsonl"], "none.jsonl: No such file", id="no-file"),
        pytest.param(["-", "--map", "orderId"], "--map takes NAME=..., got 'orderId'", id="map"),
        pytest.param(["-", "--map", "id=No"], "no column of a table is fed from 'id'", id="field"),
        pytest.param(["-", "--mapping", "none.toml"], "none.toml: No such file", id="mapping"),
        pytest.param(["-", "--rejects", "/none/r"], "/none/r: No such file", id="rejects"),
        pytest.param(["-", "--batch", "0"], "a batch has 1 to 10000 lines, got 0", id="batch"),
        pytest.param(["-"], "the header has no column 'customerId'", id="header"),
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


def test_wrong_database_url_is_named_without_the_password() -> None:
    url = DatabaseUrl(user="u", password="hunter2", host="127.0.0.1", port=1, database="d")
    done = run_command(url, str(NORTHWIND))
    assert done.returncode == 2
    assert done.stderr.startswith(b"ingest: cannot connect to u@127.0.0.1:1/d: ")
    assert b"hunter2" not in done.stderr + done.stdout
