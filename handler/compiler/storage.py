"""What the database says of the columns behind fields, where values or comparisons depend on it.

The SDL names no column types: a ``Float`` may be a FLOAT, which MySQL shows rounded, a ``Date`` a
DATETIME, a ``String`` a TIME, and a text may be kept in a character set that lacks some characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from handler.model.column import Column
from handler.sql.stored_type import StoredType


class Storage(Struct, frozen=True):
    """The columns of some tables, by table and name, and the texts that some of them cannot hold.

    A column that is not known is taken for what its scalar suggests.
    """

    columns: Mapping[tuple[str, str], StoredType] = field(default_factory=dict)
    unfit: frozenset[tuple[str, str, str]] = frozenset()  # table, field, text
    unfit_keys: frozenset[tuple[str, str, str]] = frozenset()  # table, column, text of a parent
    is_mariadb: bool = False

    def of(self, column: Column) -> StoredType | None:
        """The type of a field's column; None for an expression and for what is not known."""
        name = column.stored_name
        return None if name is None else self.find(column.table, name)

    def find(self, table: str, name: str) -> StoredType | None:
        """The type of a stored column."""
        if not self.columns:
            return None
        name = name.lower()  # as MySQL compares the names of columns
        return self.columns.get((table, name)) or self.columns.get((table.lower(), name))

    def is_single(self, table: str, name: str) -> bool:
        """Whether a column is a FLOAT: the server rounds it to six digits unless it is computed."""
        found = self.find(table, name)
        return found is not None and found.data_type == "float"

    def lacks(self, column: Column, text: object) -> bool:
        """Whether a text has a character that the column cannot hold."""
        return bool(self.unfit) and (column.table, column.field, text) in self.unfit


UNKNOWN: Final = Storage()
