"""The command: ``python -m handler.jobs.ingest FILE``, with DATABASE_URL in the environment."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from handler.errors import HandlerError
from handler.jobs.ingest.formats import NUMBER_FORMATS
from handler.jobs.ingest.mapping import (
    FORMATS,
    InputMapping,
    find_mapping,
    load_mapping,
)
from handler.jobs.ingest.report import IngestError, Progress, Report
from handler.jobs.ingest.run import BATCH_LINES, ingest
from handler.settings import Settings
from handler.settings.stores import open_cache, open_writer
from handler.stores.mysql.waking import COMMAND_WAIT_S
from handler.stores.redis.versions import change_versions

REDRAW_S = 0.1
BAR_CHARACTERS = 30

EPILOG = """
A mapping file is TOML: it says which columns of the input feed which columns of which tables, see
docs/ingest.md. Without --mapping it is default.toml in the folder INGEST_MAPPINGS_DIR, which is
data/mappings unless it is set. Options win over the file.

exit status: 0 all lines are loaded; 1 all but the rejected ones; 2 stopped, the message says why.
Run again after any of them: the same input leaves the same rows.
"""


async def _ingest(
    settings: Settings,
    source: Path | io.BufferedIOBase,
    options: argparse.Namespace,
    bar: _Bar | None,
) -> Report:
    mapping = _mapping(options, Path(settings.ingest_mappings_dir))
    cache = open_cache(settings)

    async def tell_changed(tables: list[str]) -> bool:
        return cache is None or await change_versions(cache, settings.database_url.database, tables)

    try:
        return await open_writer(settings).run(
            lambda url: ingest(
                url,
                source,
                mapping,
                rejects=options.rejects,
                batch_lines=options.batch,
                progress=bar.show if bar else lambda _: None,
                tell_changed=tell_changed,
            ),
            wait_s=COMMAND_WAIT_S if settings.database.may_pause else 0.0,
        )
    finally:
        if cache is not None:
            await cache.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    bar = _Bar() if options.progress or sys.stderr.isatty() else None
    try:
        settings = Settings.from_environ(os.environ)
        source: Path | io.BufferedIOBase = (
            _standard_input() if options.file == "-" else Path(options.file)
        )
        report = asyncio.run(_ingest(settings, source, options, bar))
    except HandlerError as error:
        _say(f"ingest: {error}", bar)
        return 2
    except KeyboardInterrupt:
        _say("ingest: interrupted; what is loaded stays, run the same again to load the rest", bar)
        return 130
    _say("", bar)
    sys.stdout.write(f"{report}\n")
    if report.rejected and options.rejects:
        sys.stdout.write(f"  the rejected lines are in {options.rejects}\n")
    elif report.rejected:
        sys.stdout.write("  --rejects FILE writes down all rejected lines\n")
    return report.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handler.jobs.ingest",
        description="Load flat lines into the tables that a mapping names.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="JSON Lines or CSV, plain or gzip; - for standard input")
    add("--format", choices=FORMATS, help="default: by the first character")
    add("--mapping", metavar="TOML", help="a mapping file, or the name of one in that folder")
    add("--map", action="append", default=[], metavar="NAME=COLUMN", help="one name's column")
    add("--default", action="append", default=[], metavar="NAME=VALUE", help="where it is absent")
    add(
        "--date-format",
        metavar="FORMAT",
        help="iso, unix, or as of strptime: '%%d.%%m.%%Y %%H:%%M'",
    )
    add("--time-zone", metavar="NAME", help="of dates that name none; default: UTC")
    add("--encoding", metavar="NAME", help="such as latin-1 or cp1252; default: utf-8")
    add("--delimiter", metavar="CHARACTER", help="of CSV; default: the one that splits the header")
    add("--number-format", choices=NUMBER_FORMATS, help="numbers look like that; default: 1234.5")
    add(
        "--rejects",
        type=Path,
        metavar="FILE",
        help="where rejected lines go, as JSON Lines of 64 MiB at most",
    )
    add("--batch", type=int, default=BATCH_LINES, metavar="N", help="lines in one transaction")
    add("--progress", action="store_true", help="draw a bar even if this is no terminal")
    return parser


def _standard_input() -> io.BufferedIOBase:
    assert isinstance(sys.stdin.buffer, io.BufferedIOBase)  # typeshed promises less
    return sys.stdin.buffer


def _mapping(options: argparse.Namespace, folder: Path) -> InputMapping:
    named = options.mapping
    if named is None:
        mapping = find_mapping(folder)
    elif named.endswith(".toml") or Path(named).is_file():
        mapping = load_mapping(Path(named))
    else:
        mapping = find_mapping(folder, named)
    names = ("format", "date_format", "time_zone", "encoding", "delimiter", "number_format")
    chosen = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return mapping.with_options(
        columns=_pairs(options.map, "--map"),
        defaults=_pairs(options.default, "--default"),
        **chosen,
    )


def _pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not value:
            raise IngestError(f"{option} takes NAME=..., got {text!r}")
        pairs[name.strip()] = value.strip()
    return pairs


class _Bar:
    """A line on standard error that is drawn over and over."""

    def __init__(self) -> None:
        self._drawn_at = 0.0

    def show(self, progress: Progress) -> None:
        """Draw how far the run is."""
        now = time.monotonic()
        done = progress.bytes_read / progress.bytes_total if progress.bytes_total else None
        if now - self._drawn_at < REDRAW_S and done != 1:
            return
        self._drawn_at = now
        counts = f"{progress.lines:,} lines"
        if progress.rejected:
            counts += f", {progress.rejected:,} rejected"
        if done is not None:
            filled = round(done * BAR_CHARACTERS)
            counts = f"[{'#' * filled:.<{BAR_CHARACTERS}}] {done:4.0%} {counts}"
        sys.stderr.write(f"\r\x1b[K{counts}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line as it stands."""
        if self._drawn_at:
            sys.stderr.write("\n")


def _say(text: str, bar: _Bar | None) -> None:
    if bar:
        bar.end()
    if text:
        sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
