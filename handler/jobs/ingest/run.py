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
from pymysql.constants import ER

from handler.jobs.ingest.catalog import fetch_types
from handler.jobs.ingest.facts import ReadLine
from handler.jobs.ingest.line import LineError, LineReader, build_layout
from handler.jobs.ingest.mapping import InputMapping
from handler.jobs.ingest.numbering import LineNumbers, NumberError
from handler.jobs.ingest.records import (
    KEPT_CHARACTERS,
    CsvReader,
    Record,
    detect_format,
    read_jsonl,
)
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
from handler.jobs.ingest.store import BatchResult, Store
from handler.stores.mysql.server_errors import describe
from handler.stores.mysql.session import Session, open_session
from handler.stores.url import DatabaseUrl

TellChanged: TypeAlias = Callable[[list[str]], Awaitable[bool]]

BATCH_LINES = 2_000
BATCH_LINES_MAX = 10_000
LOCK_WAIT_S = 10.0  # the server may still be busy with the last batch of a killed run
REFUSED_MOST = 1_000  # lines, where none was loaded: something else is wrong

_REFUSES_ROW = frozenset(  # beside what the driver calls an error of integrity or data
    {
        ER.TRUNCATED_WRONG_VALUE_FOR_FIELD,
        ER.WARN_DATA_TRUNCATED,
        3140,  # MySQL: invalid JSON
        3819,  # MySQL: a check constraint
        4025,  # MariaDB: a check constraint
    }
)


async def ingest(
    url: DatabaseUrl,
    source: Path | io.BufferedIOBase,
    mapping: InputMapping,
    *,
    rejects: Path | None = None,
    batch_lines: int = BATCH_LINES,
    progress: Callable[[Progress], None] = lambda _: None,
    tell_changed: TellChanged | None = None,
) -> Report:
    """Load an input into the tables of the mapping; the same input again changes nothing.

    ``progress`` is called after each batch. ``tell_changed`` gets the names of the tables after
    each commit that changed them, and of all tables at the start, for a run that was killed between
    the two; it gives False if it could not tell. Raises ``IngestError``, ``UpstreamError`` if the
    database cannot be reached, ``LockTakenError`` if another run is at work.
    """
    if not 1 <= batch_lines <= BATCH_LINES_MAX:
        raise IngestError(f"a batch has 1 to {BATCH_LINES_MAX} lines, got {batch_lines}")
    began = time.monotonic()
    report = Report(
        tables={name: Tally() for name in mapping.tables},
        source=source.name if isinstance(source, Path) else None,
    )
    with ExitStack() as stack:
        opened = stack.enter_context(open_source(source))
        _check_rejects(rejects, source)
        rejected = stack.enter_context(RejectsFile(rejects, report, most_bytes=REJECTS_BYTES))
        records = _records(opened, mapping, report)
        async with _session(url) as session:
            layout = build_layout(mapping, await fetch_types(session, mapping))
            reader = LineReader(layout, mapping)
            numbers = reader.numbers()
            if numbers is not None:
                stack.enter_context(numbers)
            lines = _lines(records, reader, numbers, rejected)
            loading = Loading(Store(session, layout.tables), report, rejected, tell_changed)
            await loading.tell(list(mapping.tables))
            while batch := list(islice(lines, batch_lines)):
                rejected.flush()
                await loading.load(batch)
                progress(Progress(report.loaded, report.rejected, opened.position(), opened.total))
        if report.read:
            written = mapping.file or "the mapping"
            report.notes += [
                f"{note} in {written}" if ": write " in note else note for note in reader.notes()
            ]
        rejected.note_left_out()
    report.seconds = time.monotonic() - began
    return report


def _records(source: Source, mapping: InputMapping, report: Report) -> Iterator[Record | Reject]:
    """The input as records, up to the place where it is cut or broken."""

    def undamaged(lines: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from lines
        except DAMAGED as error:
            report.damaged = str(error)

    physical = undamaged(source.lines())
    if (mapping.format or detect_format(source.head)) == "csv":
        table = CsvReader(physical, mapping.encoding, mapping.delimiter)
        mapping.check_header(table.header)
        return table.records()
    return read_jsonl(physical, mapping.encoding)


def _lines(
    records: Iterator[Record | Reject],
    reader: LineReader,
    numbers: LineNumbers | None,
    rejects: RejectsFile,
) -> Iterator[ReadLine]:
    """All usable lines, in order of the input; what cannot be used goes to the rejects."""
    for record in records:
        if isinstance(record, Reject):
            rejects.add(record)
            continue
        try:
            values = reader.read(record.values)
            if numbers is not None:
                reader.number(values, numbers)
        except LineError as error:
            _keep_number(record, reader, numbers)
            rejects.add(record.reject(str(error), error.masked))
        except NumberError as error:
            rejects.add(record.reject(str(error), "a number of a line is taken"))
        else:
            yield ReadLine(record.line, record.text[:KEPT_CHARACTERS], values)


def _keep_number(record: Record, reader: LineReader, numbers: LineNumbers | None) -> None:
    """A rejected line counts, so that its group's numbers stay when it is corrected."""
    if numbers is not None and (group := reader.unnumbered_group(record.values)) is not None:
        with suppress(NumberError):
            numbers.number(group, None)


class Loading:
    """Batches on their way into the database, and what is told of them."""

    def __init__(
        self, store: Store, report: Report, rejects: RejectsFile, tell: TellChanged | None
    ) -> None:
        self._store = store
        self._report = report
        self._rejects = rejects
        self._tell = tell
        self._refused = 0

    async def load(self, lines: list[ReadLine]) -> None:
        """Load a batch; a line that the database refuses is found by halves and rejected.

        Raises ``IngestError``.
        """
        refusal: pymysql.err.Error
        try:
            result = await self._store.load(lines)
        except (pymysql.err.Error, OSError) as error:
            if not isinstance(error, pymysql.err.Error) or not _refuses_row(error):
                raise self._failed(error) from error
            refusal = error
            await self._store.give_up()
        else:
            await self._count(len(lines), result)
            return
        if len(lines) > 1:
            half = len(lines) // 2
            await self.load(lines[:half])
            await self.load(lines[half:])
            return
        self._refused += 1
        told = f"the database refuses it: {describe(refusal)}"
        if self._refused >= REFUSED_MOST and not self._report.loaded:
            raise IngestError(f"no line could be loaded: {told}")
        self._rejects.add(Reject(lines[0].number, told, lines[0].text, told))

    async def tell(self, tables: list[str]) -> None:
        """Say that these tables may hold other rows than before."""
        note = "the cache could not be told: cached answers may be old until their time is over"
        told = self._tell is None or not tables or await self._tell(tables)
        if not told and note not in self._report.notes:
            self._report.notes.append(note)

    async def _count(self, lines: int, result: BatchResult) -> None:
        report = self._report
        report.loaded += lines
        report.replaced += result.replaced
        for name, tally in result.tallies.items():
            report.tables[name].new += tally.new
            report.tables[name].changed += tally.changed
        await self.tell([name for name, each in result.tallies.items() if each.new + each.changed])

    def _failed(self, error: Exception) -> IngestError:
        told = describe(error) if isinstance(error, pymysql.err.Error) else error
        return IngestError(
            f"the database failed after {self._report.loaded:,} loaded lines: "
            f"{told}. They stay; run the same again to load the rest"
        )


def _refuses_row(error: pymysql.err.Error) -> bool:
    return isinstance(error, pymysql.err.IntegrityError | pymysql.err.DataError) or (
        bool(error.args) and error.args[0] in _REFUSES_ROW
    )


@asynccontextmanager
async def _session(url: DatabaseUrl) -> AsyncIterator[Session]:
    async with open_session(url) as session, session.lock("ingest", wait_s=LOCK_WAIT_S):
        yield session


def _check_rejects(rejects: Path | None, source: Path | io.BufferedIOBase) -> None:
    if (
        rejects is not None
        and isinstance(source, Path)
        and rejects.exists()
        and rejects.samefile(source)
    ):
        raise IngestError(f"{rejects} is the input itself: name another file for the rejects")
