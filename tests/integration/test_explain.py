"""The command that shows plan, SQL and EXPLAIN of a document."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handler.stores.url import DatabaseUrl

ROOT = Path(__file__).parents[2]


def explain(url: DatabaseUrl, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aurora_graphql", "explain", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url.text()},
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
    assert "statement 1: 1 rows" in done.stdout
    assert "WHERE t0.`order_id` = '10248' LIMIT 1" in done.stdout
    assert "statement 2: 3 rows" in done.stdout
    assert "possible_keys" in done.stdout
    assert "PRIMARY" in done.stdout
    assert done.stdout.endswith(" bytes, 0 errors\n")


@pytest.mark.parametrize(
    ("customer", "rows"), [pytest.param("VINET", 1, id="own"), pytest.param("HANAR", 0, id="other")]
)
def test_shows_what_a_caller_is_limited_to(
    northwind_database: DatabaseUrl, customer: str, rows: int
) -> None:
    caller = ("--scopes", "orders:read", "--claim", f"customer_id={customer}")
    done = explain(northwind_database, DOCUMENT, "--variables", '{"id": "10248"}', *caller)
    assert (done.returncode, done.stderr) == (0, "")
    assert "one Order by orderId, where customerId = claim customer_id" in done.stdout
    assert f"statement 1: {rows} rows" in done.stdout
    assert f"t0.`customer_id` = '{customer}' AND CAST(" in done.stdout


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
