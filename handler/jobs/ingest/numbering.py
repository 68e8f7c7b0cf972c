"""The number of a line within its group, such as an order, for lines that have none.

A group is what the rest of the key names. The number depends on the input alone, never on what the
database holds: so a second run, also after a kill, gives each line its number again.
"""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

from handler.jobs.ingest.report import IngestError

GROUPS_IN_MEMORY = 20_000
CACHE_KIB = 16_384  # of the groups beyond; the rest lies in an unnamed temporary file

SEPARATOR = "\x1f"  # of the values of a group

_CREATE = "CREATE TABLE groups (id TEXT PRIMARY KEY, last INTEGER, given INTEGER) WITHOUT ROWID"
_SELECT = "SELECT last, given FROM groups WHERE id = ?"
_UPSERT = "INSERT OR REPLACE INTO groups VALUES (?, ?, ?)"


class NumberError(ValueError):
    """A line cannot have a number of its own."""


class LineNumbers:
    """Counts the lines of every group in bounded memory; a context manager.

    Lines of one group are mostly neighbours, so the groups of late are in a dict. Groups beyond
    go to a private SQLite file, which has no name and vanishes with the process. Raises
    ``IngestError`` where there is no room for it. ``column`` is what is numbered, ``within`` names
    the other columns of the key, ``most`` is the largest number.
    """

    def __init__(
        self, *, column: str, within: str, most: int, groups_in_memory: int = GROUPS_IN_MEMORY
    ) -> None:
        self._column = column
        self._within = within
        self._most = most
        self._limit = groups_in_memory
        # group -> highest number so far, and whether one was given to a line without
        self._recent: dict[str, tuple[int, bool]] = {}
        self._older: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._older is not None:
            self._older.close()
            self._older = None

    def number(self, group: str, declared: int | None) -> int:
        """The declared number, or one more than the highest of the group so far.

        Raises ``NumberError`` if lines with and without numbers are mixed so that two would meet.
        """
        last, given = self._recent.get(group) or self._recall(group)
        if declared is None:
            if last >= self._most:
                raise NumberError(f"{self._named(group)} has {self._column} {last}: none is left")
            self._recent[group] = (last + 1, True)
            return last + 1
        if given and declared <= last:
            raise NumberError(
                f"{self._column} {declared} of {self._named(group)} was given to an earlier line "
                f"that has none: give all lines of one {self._within or 'input'} a number, or none"
            )
        self._recent[group] = (max(last, declared), given)
        return declared

    def _named(self, group: str) -> str:
        return f"{self._within} {', '.join(group.split(SEPARATOR))}" if group else "the input"

    def _recall(self, group: str) -> tuple[int, bool]:
        try:
            if len(self._recent) >= self._limit:
                self._spill()
            if self._older is None:
                return 0, False
            found = self._older.execute(_SELECT, (group,)).fetchone()
        except sqlite3.Error as error:
            raise IngestError(
                f"the numbers of lines do not fit into the temporary folder: {error}. What is "
                f"loaded stays; make room or set TMPDIR, or split the input between two groups, "
                f"and run it again"
            ) from error
        return (found[0], bool(found[1])) if found else (0, False)

    def _spill(self) -> None:
        if self._older is None:
            self._older = sqlite3.connect("", isolation_level=None)
            for pragma in (f"cache_size = -{CACHE_KIB}", "journal_mode = OFF", "synchronous = OFF"):
                self._older.execute(f"PRAGMA {pragma}")
            self._older.execute(_CREATE)
        ordered = sorted(self._recent.items())  # neighbours in the tree: fewer pages to touch
        self._older.execute("BEGIN")
        self._older.executemany(_UPSERT, ((key, *state) for key, state in ordered))
        self._older.execute("COMMIT")
        self._recent.clear()
