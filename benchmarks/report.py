"""Results: what they were measured with, as a table for people and as JSON for the next run."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import pymysql
from pymysql.cursors import Cursor

from handler.stores.url import DatabaseUrl

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
LIBRARIES = ("aiomysql", "PyMySQL", "orjson", "tartiflette", "graphql-core")


@contextmanager
def cursor_of(url: DatabaseUrl) -> Iterator[Cursor]:
    """A connection of the benchmark's own, to ask the server about itself."""
    connection = pymysql.connect(
        unix_socket=url.unix_socket, user=url.user, password=url.password, database=url.database
    )
    with connection, connection.cursor() as cursor:
        yield cursor


def surroundings(
    url: DatabaseUrl, processors: str, others: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Date, versions and machine: what numbers mean nothing without.

    ``others`` are versions of libraries that Python does not know.
    """
    with cursor_of(url) as cursor:
        cursor.execute("SELECT VERSION()")
        (server,) = cursor.fetchone() or ("unknown",)
    return {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "server": str(server).partition("-")[0],
        "libraries": {name: version(name) for name in LIBRARIES} | dict(others or {}),
        "machine": f"{os.cpu_count()} processors, {platform.machine()}",
        "processors": processors,
        "load_before": round(os.getloadavg()[0], 1),
    }


def caption(results: Mapping[str, Any]) -> str:
    """One line under a table: when, with what, on what."""
    server = f"{results.get('kind', 'MariaDB')} {results['server']}"
    libraries = ", ".join(f"{name} {number}" for name, number in results["libraries"].items())
    return (
        f"{results['date']}: Python {results['python']}, {server}, {libraries}; "
        f"{results['machine']}, {results['processors']}; load average before the start "
        f"{results['load_before']:.1f}; {results['rounds']} rounds."
    )


def format_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown that reads well as plain text, too; numbers to the right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    rule = ["-" * widths[0], *(("-" * (width - 1)) + ":" for width in widths[1:])]
    lines = []
    for first, *others in (head, rule, *rows):
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def save(name: str, results: Mapping[str, Any], table: str) -> None:
    """Write ``results/<name>.json``, and the table into the page of docs at its marks."""
    RESULTS.mkdir(exist_ok=True)
    data = orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (RESULTS / f"{name}.json").write_bytes(data)
    write_block(PAGE, name, f"{table}\n\n{caption(results)}")


def write_block(page: Path, name: str, text: str) -> None:
    """Write a text between the marks of a page, which must be there once."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    block = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    written, count = block.subn(lambda _: f"{begin}\n{text}\n\n{end}", page.read_text())
    if count != 1:
        raise SystemExit(f"{page.name} needs the marks {begin.strip()} and {end} exactly once")
    page.write_text(written)
