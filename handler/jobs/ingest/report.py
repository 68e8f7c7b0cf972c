"""What a run says: progress on the way, the rejects file, the report at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from handler.errors import HandlerError

SHOWN_REJECTS = 5
REASONS = 20  # different ones that are counted
REJECTS_BYTES = 64 << 20  # packed input of one megabyte may hold a gigabyte of rejected lines


class IngestError(HandlerError):
    """The run cannot start or go on; says what to do. What is loaded stays loaded."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``bytes_total`` is absent for a stream."""

    lines: int
    rejected: int
    bytes_read: int
    bytes_total: int | None


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that was not loaded; ``line`` counts the input's physical lines from 1.

    ``masked``: the reason without anything that the line holds, for a log.
    """

    line: int
    reason: str
    text: str
    masked: str


@dataclass(slots=True)
class Tally:
    """Rows of one table."""

    new: int = 0
    changed: int = 0


@dataclass(slots=True)
class Report:
    """The result of a run. ``replaced`` counts, by name, lines that overruled an earlier value.

    ``reasons`` counts the rejects by their masked reasons, the first ``REASONS`` of them.
    """

    loaded: int = 0
    rejected: int = 0
    tables: dict[str, Tally] = field(default_factory=dict)
    replaced: Counter[str] = field(default_factory=Counter)
    first_rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    damaged: str | None = None  # why the input ended early
    seconds: float = 0.0
    source: str | None = None  # the name of the file
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """Lines with content."""
        return self.loaded + self.rejected

    @property
    def exit_status(self) -> int:
        """0: everything is loaded; 1: all but the rejected lines; 2: the input ended early."""
        return 2 if self.damaged else 1 if self.rejected else 0

    def __str__(self) -> str:
        """The summary for a person."""
        speed = f", {self.read / self.seconds:,.0f} lines/s" if self.seconds > 0 else ""
        lines = [
            f"{self.read:,} lines read in {self.seconds:.1f} s{speed}: "
            f"{self.loaded:,} loaded, {self.rejected:,} rejected"
        ]
        for name, tally in self.tables.items():
            lines.append(f"  {name:12}{tally.new:>12,} new{tally.changed:>12,} changed")
        if self.replaced:
            each = ", ".join(f"{name} {count:,}" for name, count in sorted(self.replaced.items()))
            lines.append(f"  a later line replaced what was known: {each}")
        for reject in self.first_rejects:
            named = f"{self.source}: " if self.source else ""
            lines.append(f"  {named}line {reject.line} rejected: {reject.reason}")
        if self.rejected > len(self.first_rejects):
            lines.append(f"  ... and {self.rejected - len(self.first_rejects):,} more")
        lines += [f"  note: {note}" for note in self.notes]
        if self.damaged:
            lines.append(f"  the input ended early: {self.damaged}")
        return "\n".join(lines)


class RejectsFile:
    """The lines that were not loaded, as JSON Lines of ``line``, ``reason`` and ``text``.

    It takes at most ``most_bytes``; what comes then is counted only, and the report says how many.
    A context manager. Raises ``IngestError`` if the file cannot be written.
    """

    def __init__(
        self, path: Path | None, report: Report, *, most_bytes: int = REJECTS_BYTES
    ) -> None:
        self._path = path
        self._report = report
        self._room_bytes = most_bytes
        self._most_bytes = most_bytes
        self._left_out = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            with self._written():
                self._file = self._path.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None:
            return
        if error is not None:  # which says more than a file that cannot be closed
            with suppress(OSError):
                self._file.close()
            return
        with self._written():
            self._file.close()

    def add(self, reject: Reject) -> None:
        """Count it, and write it if there is a file with room."""
        self._report.rejected += 1
        if reject.masked in self._report.reasons or len(self._report.reasons) < REASONS:
            self._report.reasons[reject.masked] += 1
        if len(self._report.first_rejects) < SHOWN_REJECTS:
            self._report.first_rejects.append(reject)
        if self._file is None:
            return
        entry = {"line": reject.line, "reason": reject.reason, "text": reject.text}
        line = json.dumps(entry, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
        if self._left_out or len(line) > self._room_bytes:
            self._left_out += 1
            return
        self._room_bytes -= len(line)
        with self._written():
            self._file.write(line)

    def flush(self) -> None:
        """Bring the file up to date with the batches."""
        if self._file is not None:
            with self._written():
                self._file.flush()

    def note_left_out(self) -> None:
        """Mention lines that did not fit."""
        if self._left_out:
            written = self._report.rejected - self._left_out
            self._report.notes.append(
                f"the file of rejects holds the first {written:,} rejected lines, because it may "
                f"have {self._most_bytes:,} bytes; {self._left_out:,} more are counted only"
            )

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise IngestError(
                f"{self._path}: {error.strerror or error}: the rejected lines cannot be written; "
                f"{self._report.loaded:,} lines are loaded and stay. Make room or name another "
                f"file, and run the same again"
            ) from error
