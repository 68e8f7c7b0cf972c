"""One run: records to lines to batches to rows, in one pass."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import pymysql.err

from handler.jobs.ingest.facts import NumberedLine
from handler.jobs.ingest.line import LineError, LineReader
from handler.jobs.ingest.mapping import InputMapping
from handler.jobs.ingest.numbering import LineNumbers, NumberError
from handler.jobs.ingest.records import CsvReader, Record, detect_format, read_jsonl
from handler.jobs.ingest.report import (
    REJECTS_BYTES,
    IngestError,
    Progress,
    Reject,
    RejectsFile,
    Report,
    Tally,
)
from handler.jobs.ingest.source import DAMAGED, Source, open_source
from handler.jobs.ingest.store import TABLES, BatchResult, Store
from handler.stores.mysql.server_errors import describe
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl

TellChanged: TypeAlias = Callable[[list[str]], Awaitable[bool]]

BATCH_LINES = 2_000
BATCH_LINES_MAX = 10_000
LOCK_WAIT_S = 10.0  # the server may still be busy with the last batch of a killed run


async def ingest(
    url: DatabaseUrl,
    source: Path | io.BufferedIOBase,
    mapping: InputMapping | None = None,
    *,
    rejects: Path | None = None,
    batch_lines: int = BATCH_LINES,
    progress: Callable[[Progress], None] = lambda _: None,
    tell_changed: TellChanged | None = None,
) -> Report:
    """Load an input into the four tables; the same input again changes nothing.

    ``progress`` is called after each batch. ``tell_changed`` gets the names of the tables after
    each commit that changed them, and of all tables at the start, for a run that was killed between
    the two; it gives False if it could not tell. Raises ``IngestError``, ``UpstreamError`` if the
    database cannot be reached, ``LockTakenError`` if another run is at work.
    """
    if not 1 <= batch_lines <= BATCH_LINES_MAX:
        raise IngestError(f"a batch has 1 to {BATCH_LINES_MAX} lines, got {batch_lines}")
    began = time.monotonic()
    report = Report(tables={table.name: Tally() for table in TABLES})
    with ExitStack() as stack:
        opened = stack.enter_context(open_source(source))
        _check_rejects(rejects, source)
        rejected = stack.enter_context(RejectsFile(rejects, report, most_bytes=REJECTS_BYTES))
        reading = Reading(opened, mapping or InputMapping(), report)
        numbers = stack.enter_context(LineNumbers())
        lines = reading.lines(numbers, rejected)
        async with _store(url) as store:
            await _tell(report, tell_changed, [table.name for table in TABLES])
            while batch := list(islice(lines, batch_lines)):
                rejected.flush()
                try:
                    result = await store.load(batch)
                except (pymysql.err.Error, OSError) as error:
                    told = describe(error) if isinstance(error, pymysql.err.Error) else error
                    raise IngestError(
                        f"the database failed after {report.loaded:,} loaded lines: "
                        f"{told}. They stay; run the same again to load the rest"
                    ) from error
                _count(report, len(batch), result)
                changed = [
                    name for name, tally in result.tallies.items() if tally.new + tally.changed
                ]
                await _tell(report, tell_changed, changed)
                progress(Progress(report.loaded, report.rejected, opened.position(), opened.total))
        reading.note_unseen_columns()
        rejected.note_left_out()
    report.seconds = time.monotonic() - began
    return report


class Reading:
    """The input as numbered lines; what cannot be used goes to the rejects on the way."""

    def __init__(self, source: Source, mapping: InputMapping, report: Report) -> None:
        self._report = report
        self._reader = LineReader(mapping)
        physical = self._undamaged(source.lines())
        if (mapping.format or detect_format(source.head)) == "csv":
            table = CsvReader(physical, mapping.encoding, mapping.delimiter)
            mapping.check_header(table.header)
            self._records = table.records()
        else:
            self._records = read_jsonl(physical, mapping.encoding)

    def lines(self, numbers: LineNumbers, rejects: RejectsFile) -> Iterator[NumberedLine]:
        """All usable lines, in order of the input."""
        for record in self._records:
            if isinstance(record, Reject):
                rejects.add(record)
                continue
            try:
                line = self._reader.read(record.values)
                number = numbers.number(line.order_id, line.order_item_id)
            except LineError as error:
                self._keep_number(record, numbers)
                rejects.add(record.reject(str(error)))
            except NumberError as error:
                rejects.add(record.reject(str(error)))
            else:
                yield NumberedLine(number, line)

    def note_unseen_columns(self) -> None:
        """Mention mapped columns that no record had: most likely a slip in the mapping."""
        if self._report.read:
            for column in sorted(self._reader.unseen):
                self._report.notes.append(f"no line has the mapped column {column!r}")

    def _keep_number(self, record: Record, numbers: LineNumbers) -> None:
        """A rejected line counts, so that its order's numbers stay when it is corrected."""
        order_id = self._reader.unnumbered_order(record.values)
        if order_id is not None:
            with suppress(NumberError):
                numbers.number(order_id, None)

    def _undamaged(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """The lines up to the place where the input is cut or broken."""
        try:
            yield from lines
        except DAMAGED as error:
            self._report.damaged = str(error)


@asynccontextmanager
async def _store(url: DatabaseUrl) -> AsyncIterator[Store]:
    async with open_session(url) as session, session.lock("ingest", wait_s=LOCK_WAIT_S):
        yield Store(session)


def _check_rejects(rejects: Path | None, source: Path | io.BufferedIOBase) -> None:
    if (
        rejects is not None
        and isinstance(source, Path)
        and rejects.exists()
        and rejects.samefile(source)
    ):
        raise IngestError(f"{rejects} is the input itself: name another file for the rejects")


async def _tell(report: Report, tell: TellChanged | None, tables: list[str]) -> None:
    note = "the cache could not be told: cached answers may be old until their time is over"
    if tell is not None and tables and not await tell(tables) and note not in report.notes:
        report.notes.append(note)


def _count(report: Report, lines: int, result: BatchResult) -> None:
    report.loaded += lines
    report.replaced += result.replaced
    for name, tally in result.tallies.items():
        report.tables[name].new += tally.new
        report.tables[name].changed += tally.changed
