"""The report of what clients use: from files, standard input and CloudWatch; and the schema's diff
with it."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from aurora_graphql.schema.command import main as schema_main
from aurora_graphql.usage.command import main
from aurora_graphql.usage.counting import UNNAMED, Line, Usage
from aurora_graphql.usage.lines import UsageError, read_group, read_usage

SDL = """
type Query { orders(first: Int): [Order!]! old: Int @deprecated(reason: "ask orders") }
type Order @table(name: "orders") { id: ID! total: Int tax: Int @deprecated(reason: "in total") }
"""
A = {"message": "operation", "operationHash": "a", "fields": ["Query.orders", "Order.id"]}
B = {
    "message": "operation",
    "operationHash": "b",
    "fields": ["Query.orders", "Query.orders(first:)", "Order.tax"],
}


def request(digest: str, client: str = "") -> dict[str, Any]:
    named = {"client": client} if client else {}
    return {"message": "request", "operationHash": digest, "status": 200, **named}


LINES: list[dict[str, Any]] = [
    request("a", "web"),  # before the line that says what it uses, as when a log is cut
    A,
    A,  # of another environment
    request("a", "web"),
    request("a", "ios"),
    B,
    request("b"),
    request("c", "web"),  # nobody has said what it uses
    {"message": "request", "status": 400},  # refused before it was an operation
    {"message": "failure", "operationHash": "a"},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log"
    texts = [json.dumps(each) for each in LINES]
    texts[1] = f"2026-11-30T10:00:00.000Z {texts[1]}"  # as an export of CloudWatch writes it
    file.write_text("\n".join([*texts, "START RequestId: 1", "{broken", "[1]", ""]))
    return file


@pytest.fixture
def sdl(tmp_path: Path) -> Path:
    folder = tmp_path / "sdl"
    folder.mkdir()
    (folder / "a.graphql").write_text(SDL)
    return folder


def test_requests_count_for_what_their_operation_uses(log: Path) -> None:
    found = read_usage([str(log)])
    assert (found.requests, found.unknown) == (5, 1)
    assert found.calls == {
        "Query.orders": {"web": 2, "ios": 1, UNNAMED: 1},
        "Order.id": {"web": 2, "ios": 1},
        "Query.orders(first:)": {UNNAMED: 1},
        "Order.tax": {UNNAMED: 1},
    }
    assert found.last_ms == {}
    assert found.clients("Order.id") == [("web", 2), ("ios", 1)]


def test_files_are_read_together_and_a_report_can_be_saved(log: Path, tmp_path: Path) -> None:
    once = read_usage([str(log)])
    assert read_usage([str(log), str(log)]).total("Order.id") == 2 * once.total("Order.id")
    once.save(tmp_path / "usage.json")
    assert read_usage([str(tmp_path / "usage.json")]) == once


def test_the_report_names_calls_clients_and_what_is_deprecated(
    log: Path, sdl: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main([str(log), "--unused"], sdl) == 0
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert shown[:5] == [
        "coordinate calls clients last deprecated",
        "Query.orders 4 web 2, (unnamed) 1, ios 1",
        "Order.id 3 web 2, ios 1",
        "Order.tax 1 (unnamed) 1 in total",
        "Query.orders(first:) 1 (unnamed) 1",
    ]
    assert " ".join(shown[5:-4]) == (
        "5 requests 1 of them are of operations whose line `operation` is not among these lines:"
        " read those of an earlier time as well"
    )
    assert shown[-3:] == ["nobody asked for:", "Order.total", "Query.old"]
    assert main([str(log), "--deprecated"], sdl) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown[:2]] == ["coordinate", "Order.tax"]


def test_standard_input_is_read(
    log: Path, sdl: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(log.read_text()))
    assert main([], sdl) == 0
    assert "5 requests" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "says"), [("", "no line about a request"), ("{}\n", "no line")])
def test_a_file_that_is_no_log_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "log"
    file.write_text(text)
    with pytest.raises(UsageError, match=says):
        read_usage([str(file)])
    with pytest.raises(UsageError, match="No such file"):
        read_usage([str(tmp_path / "absent")])


def test_a_log_group_is_read_with_its_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
    ):
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("logs")
        client.create_log_group(logGroupName="/aws/lambda/shop")
        client.create_log_stream(logGroupName="/aws/lambda/shop", logStreamName="one")
        now_ms = int(time.time() * 1000)
        client.put_log_events(
            logGroupName="/aws/lambda/shop",
            logStreamName="one",
            logEvents=[
                {"timestamp": now_ms - 10 + at, "message": json.dumps(each)}
                for at, each in enumerate(LINES)
            ],
        )
        found = read_group(client, "/aws/lambda/shop", 1)
    assert (found.requests, found.unknown) == (5, 1)
    assert found.last_ms["Order.id"] == now_ms - 10 + 4
    assert found.last_ms["Order.tax"] == now_ms - 10 + 6


def test_a_diff_says_whom_a_change_meets(
    log: Path, sdl: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "a.graphql").write_text(SDL)
    (sdl / "a.graphql").write_text(
        SDL.replace(' tax: Int @deprecated(reason: "in total")', "")
        .replace("(first: Int)", "")
        .replace('old: Int @deprecated(reason: "ask orders")', "")
    )
    assert schema_main(["--sdl", str(sdl), "diff", str(old), "--usage", str(log)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "breaking: 3",
        "  Field Query.old was removed. [nobody asked for it]",
        "  Argument Query.orders(first:) was removed. [1 requests: (unnamed) 1]",
        "  Field Order.tax was removed. [1 requests: (unnamed) 1]",
    ]


def test_a_type_that_goes_meets_who_asks_for_its_fields(tmp_path: Path) -> None:
    from aurora_graphql.schema.command import report
    from aurora_graphql.schema.difference import Change, Difference, Severity

    usage = Usage.of([Line(A), Line(request("a", "web"))])
    change = Change(Severity.BREAKING, "Order was removed.", (), frozenset({"Order"}))
    assert [*report(Difference((change,)), usage)] == [
        "breaking: 1",
        "  Order was removed. [1 requests: web 1]",
    ]
