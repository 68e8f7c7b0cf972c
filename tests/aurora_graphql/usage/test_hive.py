"""Usage reports for Hive: by its published schema, of operations that are saved beside the SDL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aurora_graphql.usage import hive
from aurora_graphql.usage.command import main
from aurora_graphql.usage.counting import Line
from aurora_graphql.usage.lines import UsageError
from handler.language.document import DocumentCache
from handler.language.limits import Limits
from handler.language.sdl import load_schema

SDL = """
type Query { orders(first: Int, sort: Sort): [Order!]! old: Int }
enum Sort { UP DOWN }
type Order @table(name: "orders") { id: ID! total: Int }
"""
SAVED = "query Orders($n: Int) { orders(first: $n, sort: UP) { id total } }\n"
AT_MS = 1_796_000_000_000


# https://the-guild.dev/graphql/hive/docs/api-reference/usage-reports, its JSON schema
class Client(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    version: str = ""


class Metadata(msgspec.Struct, forbid_unknown_fields=True):
    client: Client | None = None


class Execution(msgspec.Struct, forbid_unknown_fields=True):
    ok: bool
    duration: int
    errorsTotal: int  # noqa: N815  # Hive's name


class Request(msgspec.Struct, forbid_unknown_fields=True):
    operationMapKey: str  # noqa: N815  # Hive's name
    timestamp: int
    execution: Execution
    metadata: Metadata | None = None


class Operation(msgspec.Struct, forbid_unknown_fields=True):
    operation: str
    fields: list[str]
    operationName: str = ""  # noqa: N815  # Hive's name


class Report(msgspec.Struct, forbid_unknown_fields=True):
    size: int
    map: dict[str, Operation]
    operations: list[Request]


@pytest.fixture
def sdl(tmp_path: Path) -> Path:
    folder = tmp_path / "sdl"
    (folder / "operations").mkdir(parents=True)
    (folder / "a.graphql").write_text(SDL)
    (folder / "operations" / "orders.graphql").write_text(SAVED)
    return folder


@pytest.fixture(params=["as-in-the-file", "without-its-line-feed"])
def digest(sdl: Path, request: pytest.FixtureRequest) -> str:
    """As the handler names the operation in the log."""
    text = SAVED if request.param == "as-in-the-file" else SAVED.strip()
    return DocumentCache(load_schema(sdl), Limits()).operation(text, None)[1].key


def line(digest: str | None, at_ms: int = AT_MS, **more: Any) -> Line:
    named = {"operationHash": digest} if digest else {}
    return Line({"message": "request", "durationMs": 12.5, **named, **more}, at_ms)


def test_a_request_is_reported_with_text_coordinates_time_and_client(
    sdl: Path, digest: str
) -> None:
    lines = [
        line(digest, client="web", clientVersion="7.1"),
        line(digest, codes=["INTERNAL"], errors=[{"code": "INTERNAL"}], client="app"),
        line(digest, codes=[]),
        line("other"),
        line(None),
        line(digest, at_ms=0),
        Line({"message": "operation", "operationHash": digest}, AT_MS),
    ]
    left = hive.Left()
    (report,) = hive.reports(lines, hive.saved_operations(sdl, load_schema(sdl)), left)
    assert (left.unsaved, left.undated) == (1, 1)
    assert report == {
        "size": 3,
        "map": {
            digest: {
                "operation": SAVED,
                "operationName": "Orders",
                "fields": [
                    "Order",
                    "Order.id",
                    "Order.total",
                    "Query",
                    "Query.orders",
                    "Query.orders.first",
                    "Query.orders.sort",
                    "Sort",
                    "Sort.UP",
                ],
            }
        },
        "operations": [
            {
                "operationMapKey": digest,
                "timestamp": AT_MS - 12,
                "execution": {"ok": True, "duration": 12_500_000, "errorsTotal": 0},
                "metadata": {"client": {"name": "web", "version": "7.1"}},
            },
            {
                "operationMapKey": digest,
                "timestamp": AT_MS - 12,
                "execution": {"ok": False, "duration": 12_500_000, "errorsTotal": 1},
                "metadata": {"client": {"name": "app"}},
            },
            {
                "operationMapKey": digest,
                "timestamp": AT_MS - 12,
                "execution": {"ok": True, "duration": 12_500_000, "errorsTotal": 0},
            },
        ],
    }
    assert msgspec.convert(report, Report).size == 3


def test_many_requests_are_several_reports(
    sdl: Path, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hive, "MOST_REQUESTS", 2)
    saved = hive.saved_operations(sdl, load_schema(sdl))
    found = list(hive.reports([line(digest)] * 5, saved, hive.Left()))
    assert [each["size"] for each in found] == [2, 2, 1]
    assert all(each["map"].keys() == {digest} for each in found)


def test_the_command_writes_reports_and_says_what_it_left_out(
    sdl: Path, digest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [line(digest), line("other"), line(digest)]
    texts = [json.dumps(each.fields) for each in told]
    texts[0] = f"2026-11-30T10:00:00.000Z {texts[0]}"
    log = tmp_path / "log"
    log.write_text("\n".join(texts))
    assert main([str(log), "--format", "hive"], sdl) == 0
    shown = capsys.readouterr()
    report = msgspec.json.decode(shown.out, type=Report)
    assert [each.timestamp for each in report.operations] == [1_796_032_800_000 - 12]
    assert shown.err.splitlines() == [
        f"left out: 1 requests of operations that are not saved in {sdl / 'operations'}, because"
        " the log does not hold their text",
        "left out: 1 requests without a time; read them from CloudWatch by --log-group, or from a"
        " file with a time before each line",
    ]


def test_without_an_sdl_there_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs the SDL"):
        main(["--format", "hive"], tmp_path / "absent")
