"""The report of what clients use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from aurora_graphql.usage.counting import Line, Usage
from aurora_graphql.usage.lines import (
    UsageError,
    group_lines,
    read_group,
    read_lines,
    read_usage,
)
from handler.language.schema import EnumType, InputObjectType, ObjectType, Schema
from handler.language.sdl import load_schema

MOST_CLIENTS = 4  # in one line of the report


def deprecations(schema: Schema) -> dict[str, str]:
    """The reasons, by coordinate."""
    return {name: reason for name, reason in _parts(schema) if reason is not None}


def unused(schema: Schema, usage: Usage) -> list[str]:
    """Fields of objects that nobody asked for."""
    return sorted(
        name
        for owner in schema.types.values()
        if isinstance(owner, ObjectType) and not owner.name.startswith("__")
        for name in (f"{owner.name}.{field}" for field in owner.fields)
        if not usage.total(name)
    )


def _parts(schema: Schema) -> Iterator[tuple[str, str | None]]:
    for owner in schema.types.values():
        if owner.name.startswith("__"):
            continue
        if isinstance(owner, ObjectType):
            for field in owner.fields.values():
                yield f"{owner.name}.{field.name}", field.deprecation_reason
                for argument in field.arguments.values():
                    coordinate = f"{owner.name}.{field.name}({argument.name}:)"
                    yield coordinate, argument.deprecation_reason
        elif isinstance(owner, InputObjectType):
            for member in owner.fields.values():
                yield f"{owner.name}.{member.name}", member.deprecation_reason
        elif isinstance(owner, EnumType):
            for value in owner.values.values():
                yield f"{owner.name}.{value.name}", value.deprecation_reason


def show(
    usage: Usage, reasons: Mapping[str, str], console: Console, *, deprecated_only: bool = False
) -> None:
    """The report for a person, the coordinates with most calls first."""
    table = Table("coordinate", "calls", "clients", "last", "deprecated", box=None)
    table.columns[1].justify = "right"
    table.columns[0].overflow = "fold"
    for name in sorted(usage.calls, key=lambda each: (-usage.total(each), each)):
        if deprecated_only and name not in reasons:
            continue
        last = usage.last_ms.get(name)
        table.add_row(
            name,
            f"{usage.total(name):,}",
            shown_clients(usage, name),
            datetime.fromtimestamp(last / 1000, UTC).date().isoformat() if last else "",
            reasons.get(name, ""),
        )
    if table.row_count:
        console.print(table)
    elif deprecated_only:
        console.print("nobody asks for what is deprecated")
    console.print(f"{usage.requests:,} requests", highlight=False)
    if usage.unknown:
        console.print(
            f"{usage.unknown:,} of them are of operations whose line `operation` is not among"
            f" these lines: read those of an earlier time as well",
            highlight=False,
        )


def shown_clients(usage: Usage, coordinate: str) -> str:
    """``web 1,203, ios 17``."""
    clients = usage.clients(coordinate)
    texts = [f"{name} {count:,}" for name, count in clients[:MOST_CLIENTS]]
    rest = clients[MOST_CLIENTS:]
    if rest:
        texts.append(f"{len(rest)} more {sum(count for _, count in rest):,}")
    return ", ".join(texts)


def main(arguments: Sequence[str], sdl: Path) -> int:
    """Run from the command line; the exit status. Raises ``UsageError`` and ``SchemaError``."""
    options = _parser().parse_args(arguments)
    client: Any = None
    if options.log_group:
        try:
            import boto3  # type: ignore[import-untyped]  # late: only for this, and it is large
        except ModuleNotFoundError as error:
            raise UsageError("a log group is read by boto3: pip install boto3") from error
        client = boto3.client("logs")
    files = options.files or ["-"]
    if options.format == "hive":
        lines = read_lines(files)
        if client is not None:
            lines = group_lines(client, options.log_group, options.hours)
        return _write_hive(lines, sdl)
    if client is not None:
        usage = read_group(client, options.log_group, options.hours)
    else:
        usage = read_usage(files)
    schema = load_schema(sdl) if sdl.is_dir() else None
    if options.save:
        usage.save(Path(options.save))
    console = Console(soft_wrap=False)
    reasons = deprecations(schema) if schema else {}
    show(usage, reasons, console, deprecated_only=options.deprecated)
    if options.unused and schema is not None:
        console.print("\nnobody asked for:")
        for name in unused(schema, usage):
            console.print(f"  {name}", highlight=False)
    return 0


def _write_hive(lines: Iterable[Line], sdl: Path) -> int:
    """One report a line on standard output; what is in none of them on standard error."""
    from aurora_graphql.usage import hive

    if not sdl.is_dir():
        raise UsageError(
            f"{sdl} is no folder; a report for Hive needs the SDL, and the saved operations in its"
            " folder operations"
        )
    saved = hive.saved_operations(sdl, load_schema(sdl))
    left = hive.Left()
    for report in hive.reports(lines, saved, left):
        print(msgspec.json.encode(report).decode())
    if left.unsaved:
        print(
            f"left out: {left.unsaved:,} requests of operations that are not saved in"
            f" {sdl / 'operations'}, because the log does not hold their text",
            file=sys.stderr,
        )
    if left.undated:
        print(
            f"left out: {left.undated:,} requests without a time; read them from CloudWatch by"
            " --log-group, or from a file with a time before each line",
            file=sys.stderr,
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aurora-graphql usage",
        description="Which fields and arguments clients use, by the log of the API.",
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="lines of the log; none or -: stdin"
    )
    parser.add_argument("--log-group", metavar="NAME", help="of CloudWatch, in place of files")
    parser.add_argument("--hours", type=float, default=24.0, help="back in the log group (24)")
    parser.add_argument("--deprecated", action="store_true", help="only what is deprecated")
    parser.add_argument("--unused", action="store_true", help="list fields that nobody asked for")
    parser.add_argument(
        "--format",
        choices=("table", "hive"),
        default="table",
        help="hive: usage reports for Hive, one a line, of the saved operations",
    )
    parser.add_argument("--save", metavar="FILE", help="for `schema diff --usage FILE`")
    return parser
