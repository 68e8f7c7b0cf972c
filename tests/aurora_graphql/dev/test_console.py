"""The terminal of the local server: whole lines, made from records."""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aurora_graphql.dev.console import Exchange, Terminal

AT = 1_800_000_000.0
HEAD = time.strftime("%H:%M:%S", time.localtime(AT))


def exchange(record: dict[str, Any] | None = None, **more: Any) -> Exchange:
    given = {"method": "POST", "path": "/", "status": 200, "size": 40, "ms": 12.34, **more}
    return Exchange(**given, record=record)


def record(**more: Any) -> dict[str, Any]:
    found = {"operation": "OrderPage", "source": "miss", "statements": 3, "rows": 125}
    return {**found, "codes": [], "duration_s": 0.01204, **more}


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def terminal(stream: io.StringIO, **options: bool) -> Terminal:
    return Terminal(stream, clock=lambda: AT, **options)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param(
            exchange(record()),
            "200  OrderPage                       125 rows  3 statements      12.0 ms  miss",
            id="computed",
        ),
        pytest.param(
            exchange(record(source="hit", statements=0, rows=0, duration_s=0.0009)),
            "200  OrderPage                         0 rows  0 statements       0.9 ms  hit",
            id="cached",
        ),
        pytest.param(
            exchange(record(operation="", source="off", statements=1, rows=1)),
            "200  (no name)                          1 row   1 statement      12.0 ms  off",
            id="no-name-no-cache",
        ),
        pytest.param(
            exchange(record(codes=["BAD_USER_INPUT", "TIMEOUT"], statements=0, rows=0), status=400),
            "400  OrderPage                         0 rows  0 statements      12.0 ms  miss     "
            "BAD_USER_INPUT, TIMEOUT",
            id="refused",
        ),
        pytest.param(
            exchange(record(operation="AVeryLongNameOfAnOperation_" * 2)),
            "200  AVeryLongNameOfAnOperation…     125 rows  3 statements      12.0 ms  miss",
            id="a-long-name-is-cut",
        ),
        pytest.param(
            exchange(path="/health", method="GET"), "GET /health 200 40 B 12.3 ms", id="no-record"
        ),
    ],
)
def test_each_request_is_one_line(stream: io.StringIO, given: Exchange, line: str) -> None:
    terminal(stream).exchange(given)
    assert stream.getvalue() == f"{HEAD}  {line}\n"


def test_files_of_the_page_are_told_only_when_one_is_lacking(stream: io.StringIO) -> None:
    for status in (200, 304, 404):
        terminal(stream).exchange(exchange(path="/graphiql/x.js", method="GET", status=status))
    assert stream.getvalue() == f"{HEAD}  GET /graphiql/x.js 404 40 B 12.3 ms\n"


def test_statements_are_shown_when_asked_for(stream: io.StringIO) -> None:
    names = ", ".join(f"`column_{number}`" for number in range(10))
    sql = [
        {"text": "SELECT 1", "rows": 1, "ms": 0.51, "failure": ""},
        {"text": f"SELECT {names} FROM `t`", "rows": 0, "ms": 2.0, "failure": "the server is away"},
    ]
    terminal(stream).exchange(exchange(record(sql=sql)))
    assert len(stream.getvalue().splitlines()) == 1
    stream.truncate(0)
    stream.seek(0)
    terminal(stream, with_sql=True).exchange(exchange(record(sql=sql)))
    lines = stream.getvalue().splitlines()[1:]
    assert [each.strip() for each in lines] == [
        "1 row in 0.5 ms",
        "SELECT 1",
        "the server is away in 2.0 ms",
        "SELECT",
        *(f"`column_{number}`," for number in range(9)),
        "`column_9`",
        "FROM `t`",
    ]


def test_markup_of_others_is_text(stream: io.StringIO) -> None:
    terminal(stream).error("orders.graphql:3:4: no [red]type[/] Product")
    terminal(stream).say("0001_[bold].sql applied")
    assert stream.getvalue() == (
        f"{HEAD}  orders.graphql:3:4: no [red]type[/] Product\n0001_[bold].sql applied\n"
    )


def test_with_json_every_line_is_an_object(stream: io.StringIO) -> None:
    told = terminal(stream, as_json=True)
    told.exchange(exchange(record()))  # the function writes this one
    told.exchange(exchange(path="/nothing", status=404))
    told.say("stopping")
    told.error("orders.graphql:3:4: wrong")
    told.reloaded("sdl/orders.graphql", 0.2)
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {
            "level": "INFO",
            "stage": "local",
            "message": "gateway",
            "text": "POST /nothing 404 40 B 12.3 ms",
        },
        {"level": "INFO", "stage": "local", "message": "dev", "text": "stopping"},
        {
            "level": "ERROR",
            "stage": "local",
            "message": "dev",
            "text": "orders.graphql:3:4: wrong",
        },
        {
            "level": "INFO",
            "stage": "local",
            "message": "reloaded",
            "text": "sdl/orders.graphql",
            "durationMs": 200.0,
        },
    ]


@pytest.fixture
def terminal_file() -> Iterator[tuple[io.TextIOWrapper, int]]:
    """A real terminal, and what reads from it."""
    reader, writer = os.openpty()
    with os.fdopen(writer, "w") as stream:
        yield stream, reader
    os.close(reader)


def test_a_terminal_gets_colours(
    terminal_file: tuple[io.TextIOWrapper, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream, reader = terminal_file
    Terminal(stream, clock=lambda: AT).exchange(exchange(record()))
    shown = os.read(reader, 10_000).decode()
    assert "\x1b[32m" in shown  # green
    assert "OrderPage" in re.sub(r"\x1b\[[\d;]*m", "", shown)
