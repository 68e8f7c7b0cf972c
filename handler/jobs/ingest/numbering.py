"""The number of a line within its order, for lines that have none.

It depends on the input alone, never on what the database holds: so a second run, also after a kill,
gives each line its number again.
"""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

from handler.jobs.ingest.report import IngestError

NUMBER_MAX = 2**32 - 1  # INT UNSIGNED
ORDERS_IN_MEMORY = 20_000
CACHE_KIB = 16_384  # of the orders beyond; the rest lies in an unnamed temporary file

_CREATE = "CREATE TABLE orders (id TEXT PRIMARY KEY, last INTEGER, given INTEGER) WITHOUT ROWID"
_SELECT = "SELECT last, given FROM orders WHERE id = ?"
_UPSERT = "INSERT OR REPLACE INTO orders VALUES (?, ?, ?)"


class NumberError(ValueError):
    """A line cannot have a number of its own."""


class LineNumbers:
    """Counts the lines of every order in bounded memory; a context manager.

    Lines of one order are mostly neighbours, so the orders of late are in a dict. Orders beyond
    go to a private SQLite file, which has no name and vanishes with the process. Raises
    ``IngestError`` where there is no room for it.
    """

    def __init__(self, *, orders_in_memory: int = ORDERS_IN_MEMORY) -> None:
        self._limit = orders_in_memory
        # order id -> highest number so far, and whether one was given to a line without
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

    def number(self, order_id: str, declared: int | None) -> int:
        """The declared number, or one more than the highest of the order so far.

        Raises ``NumberError`` if lines with and without numbers are mixed so that two would meet.
        """
        last, given = self._recent.get(order_id) or self._recall(order_id)
        if declared is None:
            if last >= NUMBER_MAX:
                raise NumberError(f"order {order_id} has the line number {last}: none is left")
            self._recent[order_id] = (last + 1, True)
            return last + 1
        if given and declared <= last:
            raise NumberError(
                f"line number {declared} of order {order_id} was given to an earlier line "
                f"that has none: give all lines of an order a number, or none"
            )
        self._recent[order_id] = (max(last, declared), given)
        return declared

    def _recall(self, order_id: str) -> tuple[int, bool]:
        try:
            if len(self._recent) >= self._limit:
                self._spill()
            if self._older is None:
                return 0, False
            found = self._older.execute(_SELECT, (order_id,)).fetchone()
        except sqlite3.Error as error:
            raise IngestError(
                f"the numbers of lines do not fit into the temporary folder: {error}. What is "
                f"loaded stays; make room or set TMPDIR, or split the input between two orders, "
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
