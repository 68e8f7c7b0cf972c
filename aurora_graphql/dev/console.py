"""The local server's terminal: a line for each request, statements, what was reloaded.

With colours on a terminal, plain anywhere else; every line is made from the record of its request,
never from another line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

import orjson
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from aurora_graphql.dev.sql_text import WIDTH, format_sql
from aurora_graphql.gateway.gateway import bare_path
from aurora_graphql.gateway.proxy_event import Request, Response

_NAME_WIDTH: Final = 28
_CACHE_WIDTH: Final = 9
_SLOW_MS: Final = 200.0  # shown as such
_STYLES: Final = {2: "green", 3: "green", 4: "yellow", 5: "red"}
_QUIET: Final = "/graphiql/"  # files of the page, which nobody waits for a line of


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request that the gateway has answered. ``record``: of the function, if it ran it."""

    method: str
    path: str  # without the query, which may hold values
    status: int
    size: int  # bytes of the body
    ms: float
    record: Mapping[str, Any] | None = None


def exchange_of(
    request: Request, response: Response, took_s: float, record: Mapping[str, Any] | None = None
) -> Exchange:
    """Of what the gateway observes."""
    return Exchange(
        method=request.method,
        path=bare_path(request),
        status=response.status,
        size=len(response.body),
        ms=took_s * 1000,
        record=record,
    )


def plain_line(exchange: Exchange) -> str:
    """What is told of a request without a record."""
    return (
        f"{exchange.method} {exchange.path} {exchange.status} {exchange.size} B"
        f" {exchange.ms:.1f} ms"
    )


def request_line(exchange: Exchange) -> str:
    """Operation, status, what it took and where the answer was found, in columns."""
    record = exchange.record or {}
    rows, statements = record["rows"], record["statements"]
    name = record["operation"] or "(no name)"
    codes = ", ".join(record["codes"])
    return (
        f"{exchange.status}  {_cut(name):<{_NAME_WIDTH}}"
        f"{_count(rows, 'row'):>12}{_count(statements, 'statement'):>14}"
        f"{1000 * record['duration_s']:>10.1f} ms  {record['source']:<{_CACHE_WIDTH}}{codes}"
    ).rstrip()


class Terminal:
    """Prints. ``as_json``: one JSON object a line, for programs that read them."""

    def __init__(
        self,
        stream: TextIO,
        *,
        as_json: bool = False,
        with_sql: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._as_json = as_json
        self._with_sql = with_sql
        self._clock = clock

    def exchange(self, exchange: Exchange) -> None:
        """One request; with JSON the function has written its own line already."""
        if self._as_json:
            if exchange.record is None:
                self._json("gateway", text=plain_line(exchange))
            return
        is_file = exchange.path.startswith(_QUIET) and exchange.status < 400
        if exchange.record is None and is_file:
            return
        line = plain_line(exchange) if exchange.record is None else request_line(exchange)
        style = _STYLES.get(exchange.status // 100, "red")
        if exchange.record is None and style == "green":
            style = "dim"
        elif exchange.record is not None and exchange.record["codes"] and style == "green":
            style = "yellow"
        elif (
            style == "green" and exchange.record and 1000 * exchange.record["duration_s"] > _SLOW_MS
        ):
            style = "cyan"
        self._console.print(f"[dim]{self._time()}[/]  [{style}]{escape(line)}[/]")
        if self._with_sql and exchange.record is not None:
            for each in exchange.record.get("sql", ()):
                self._statement(each)

    def say(self, text: str, style: str = "") -> None:
        """A line that is about no request."""
        if self._as_json:
            self._json("dev", text=text)
        else:
            self._console.print(escape(text), style=style or None)

    def error(self, text: str) -> None:
        """What is wrong with the files, with file and line."""
        if self._as_json:
            self._json("dev", level="ERROR", text=text)
        else:
            self._console.print(f"[dim]{self._time()}[/]  [bold red]{escape(text)}[/]")

    def reloaded(self, what: str, seconds: float) -> None:
        """Something has taken over."""
        if self._as_json:
            self._json("reloaded", text=what, durationMs=round(seconds * 1000, 1))
        else:
            line = f"reloaded in {seconds:.2f} s: {escape(what)}"
            self._console.print(f"[dim]{self._time()}[/]  [bold]{line}[/]")

    def _statement(self, told: Mapping[str, Any]) -> None:
        came = told["failure"] or _count(told["rows"], "row")
        self._console.print(f"          [dim]{escape(came)} in {told['ms']:.1f} ms[/]")
        width = max(40, self._console.width - 12) if self._console.is_terminal else WIDTH
        text = "\n".join(
            f"          {line}" for line in format_sql(told["text"], width).split("\n")
        )
        if self._console.is_terminal:
            self._console.print(
                Syntax(text, "mysql", theme="ansi_dark", background_color="default")
            )
        else:
            self._console.print(text, markup=False)

    def _time(self) -> str:
        return time.strftime("%H:%M:%S", time.localtime(self._clock()))

    def _json(self, message: str, level: str = "INFO", **fields: object) -> None:
        line = {"level": level, "stage": "local", "message": message, **fields}
        self._console.file.write(orjson.dumps(line).decode() + "\n")
        self._console.file.flush()


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _cut(text: str) -> str:
    return text if len(text) < _NAME_WIDTH else text[: _NAME_WIDTH - 2] + "…"
