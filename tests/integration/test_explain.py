"""The command that shows plan, SQL and EXPLAIN of a document."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT

ROOT = Path(__file__).parents[2]


def explain(url: DatabaseUrl, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aurora_graphql", "explain", *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": url.text()},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


DOCUMENT = "query ($id: ID!) { order(orderId: $id) { items { quantity } note: orderRef } }"


def test_shows_plan_statements_and_what_the_server_makes_of_them(
    northwind_database: DatabaseUrl,
) -> None:
    done = explain(northwind_database, DOCUMENT, "--variables", '{"id": "10248"}')
    assert (done.returncode, done.stderr) == (0, "")
    assert "order = batch 0: one Order by orderId" in done.stdout
    assert "statement 1: 1 row in " in done.stdout
    assert "WHERE t0.`order_id` = '10248' LIMIT 1" in done.stdout
    assert "statement 2: 3 rows" in done.stdout
    assert "possible_keys" in done.stdout
    assert "PRIMARY" in done.stdout
    assert done.stdout.endswith(" bytes, 0 errors\n")


def test_a_program_gets_json(northwind_database: DatabaseUrl) -> None:
    asked = (DOCUMENT, "--variables", '{"id": "10248"}', "--json")
    done = explain(northwind_database, *asked)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert [(each["label"], each["batch"]) for each in told["plan"]] == [("order", 0)]
    assert [each["label"] for each in told["plan"][0]["children"]] == ["items", "note: orderRef"]
    first, second = told["statements"]
    assert first.pop("ms") > 0
    (row,) = first.pop("explain")
    assert (row["key"], row["rows"]) == ("PRIMARY", "1")
    assert first.pop("sql").endswith("WHERE t0.`order_id` = '10248' LIMIT 1")
    assert first == {"batch": 0, "rows": 1, "failure": "", "explainError": ""}
    assert (second["batch"], second["rows"]) == (1, 3)
    assert (told["bytes"], told["errors"]) == (86, 0)


def test_a_terminal_gets_a_tree_and_statements_of_several_lines(
    northwind_database: DatabaseUrl,
) -> None:
    ours, theirs = os.openpty()
    with open(ours, "rb", buffering=0) as terminal:
        done = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "aurora_graphql",
                "explain",
                DOCUMENT,
                "--variables",
                '{"id": 10248}',
            ],
            cwd=PROJECT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "DATABASE_URL": northwind_database.text(),
                "COLUMNS": "80",
                "TERM": "xterm",
            },
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = ""
        with contextlib.suppress(OSError):  # how the other end's close is told
            while part := terminal.read(65_536):
                shown += part.decode()
        assert done.wait(60) == 0, shown
    assert "\x1b[1m" in shown
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()]
    assert lines[:6] == [
        "query",
        "└── order = batch 0: one Order by orderId",
        "    ├── items = batch 1: list of OrderItem for each order_id, ordered by",
        "    │   orderId, orderItemId",
        "    │   └── quantity = t0.quantity as Int",
        "    └── note: orderRef = t0.order_ref as String",
    ]
    at = next(at for at, line in enumerate(lines) if line.startswith("statement 2: "))
    assert lines[at].endswith(" ms, batch 1")
    assert lines[at + 1] == "  SELECT t0.`order_id`, t0.`quantity`"
    assert lines[at + 2] == "  FROM `order_items` t0"
    names = next(line for line in lines[at:] if "possible_keys" in line)
    assert names.split() == ["table", "type", "possible_keys", "key", "rows", "Extra"]
    assert re.fullmatch(r"answer: \d+ bytes, 0 errors", lines[-1])


@pytest.mark.parametrize(
    ("customer", "rows"),
    [pytest.param("VINET", "1 row", id="own"), pytest.param("HANAR", "0 rows", id="other")],
)
def test_shows_what_a_caller_is_limited_to(
    northwind_database: DatabaseUrl, customer: str, rows: str
) -> None:
    caller = ("--scopes", "orders:read", "--claim", f"customer_id={customer}")
    done = explain(northwind_database, DOCUMENT, "--variables", '{"id": "10248"}', *caller)
    assert (done.returncode, done.stderr) == (0, "")
    assert "one Order by orderId, where customerId = claim customer_id" in done.stdout
    assert f"statement 1: {rows} in" in done.stdout
    assert re.search(rf"AND t0.`customer_id` = '{customer}'\n +AND CAST\(", done.stdout)


def test_a_claim_has_a_name_and_a_value(northwind_database: DatabaseUrl) -> None:
    done = explain(northwind_database, DOCUMENT, "--claim", "VINET")
    assert done.returncode == 2
    assert "a claim is NAME=VALUE, got 'VINET'" in done.stderr


def test_reads_the_document_from_standard_input(northwind_database: DatabaseUrl) -> None:
    done = explain(northwind_database, given="{ customers(first: 1) { totalCount } }")
    assert "totalCount = count" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["{ nope }"], 2, 'Cannot query field "nope" on type "Query".', id="invalid"),
        pytest.param(["{"], 2, "Syntax Error", id="syntax"),
        pytest.param([DOCUMENT], 2, 'Variable "$id" of required type', id="variable-missing"),
        pytest.param([DOCUMENT, "--variables", "{"], 2, "--variables is not JSON", id="no-json"),
    ],
)
def test_says_what_is_wrong(
    northwind_database: DatabaseUrl, arguments: list[str], status: int, said: str
) -> None:
    done = explain(northwind_database, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
