"""What the lines of one batch say about the rows of one table; pure.

Lines are taken in the order of the input, on top of what the database holds: the last one wins, an
absent value changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from handler.jobs.ingest.table import Identity, Row, Table

_IDENTITY = itemgetter(0)  # rows may hold None, which has no order


class ReadLine(NamedTuple):
    """A line that can be used, with what is told of it where the database refuses it."""

    number: int  # of the input, from 1
    text: str
    values: list[Any]


class Register:
    """The rows of one table that a batch touches, by what tells them apart."""

    def __init__(self, table: Table, stored: Mapping[Identity, Row]) -> None:
        self._table = table
        self._stored = stored
        self._padding = (None,) * len(table.reads)
        self.rows: dict[Identity, Row] = {}
        self.replaced: Counter[str] = Counter()

    def note(self, identity: Identity, values: Row) -> None:
        """Put the values of one line over what is known."""
        known = self.rows.get(identity)
        if known is None:
            known = self._stored.get(identity)
            if known is None:
                self.rows[identity] = values + self._padding
                return
        self.rows[identity] = (
            known
            if self._table.on_conflict == "keep" or known[: len(values)] == values
            else self._merged(known, values)
        )

    def _merged(self, known: Row, values: Row) -> Row:
        merged = list(known)
        fills = self._table.on_conflict == "fill"
        for at in range(self._table.key_columns, len(values)):
            value = values[at]
            if value is None or value == known[at] or (fills and known[at] is not None):
                continue
            merged[at] = value
            label = self._table.labels[at]
            if label is not None and known[at] is not None:
                self.replaced[label] += 1
        return tuple(merged)

    def different(self) -> tuple[list[Row], list[Row]]:
        """The rows to write, in order of what tells them apart: new ones, and known ones."""
        new, known = [], []
        for identity, row in sorted(self.rows.items(), key=_IDENTITY):
            stored = self._stored.get(identity)
            if stored is None:
                new.append(row)
            elif row != stored:
                known.append(row)
        return new, known
