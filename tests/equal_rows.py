"""Rows of a table by the values of columns, found without looking at each."""

from __future__ import annotations

from collections.abc import Sequence

from tests.domains.database import RawRow

_MOST = 500  # tables of callers who see other rows


class EqualRows:
    """Which rows of a table belong to a row by pairs of columns that have to be equal."""

    def __init__(self) -> None:
        self._known: dict[
            tuple[int, tuple[str, ...]],
            tuple[list[RawRow], dict[tuple[str | None, ...], list[RawRow]]],
        ] = {}

    def find(
        self, row: RawRow, table: list[RawRow], columns: Sequence[tuple[str, str]]
    ) -> Sequence[RawRow]:
        """The rows in their order; NULL equals nothing."""
        values = tuple(row[here] for here, _ in columns)
        return () if None in values else self._by(table, columns).get(values, ())

    def _by(
        self, table: list[RawRow], columns: Sequence[tuple[str, str]]
    ) -> dict[tuple[str | None, ...], list[RawRow]]:
        place = id(table), tuple(there for _, there in columns)
        known = self._known.get(place)
        if known is not None and known[0] is table:
            return known[1]
        found: dict[tuple[str | None, ...], list[RawRow]] = {}
        for other in table:
            found.setdefault(tuple(other[name] for name in place[1]), []).append(other)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[place] = table, found
        return found
