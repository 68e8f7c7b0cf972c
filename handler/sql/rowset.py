"""What a statement gave: rows, by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from handler.sql.stored_type import Kind

Row: TypeAlias = tuple[bytes | None, ...]


class RowSet(Struct, frozen=True):
    """What the server sent, by columns: text of each value, or None for NULL."""

    kinds: tuple[Kind, ...]
    columns: Sequence[Sequence[bytes | None]]  # all of the same length
    names: tuple[str, ...] = ()  # of the columns, as the statement calls them
    wire_bytes: int | None = None  # no column has more; None: not counted
    has_nulls: bool = True  # False: no value is NULL

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def rows(self) -> list[Row]:
        """The same by rows, made when asked for."""
        return list(zip(*self.columns, strict=True))
