"""Relations: how the rows of one table lead to the rows of another."""

from __future__ import annotations

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.lists import RowsField
from handler.sql.names import quote


class Relation(Struct, frozen=True):
    """Rows that belong to a row: ``columns`` here equal ``references`` there."""

    columns: tuple[str, ...]
    references: tuple[str, ...]

    def on(self, there: str, here: str) -> str:
        """The condition of a join of two aliases."""
        return " AND ".join(
            f"{there}.{quote(reference)} = {here}.{quote(column)}"
            for column, reference in zip(self.columns, self.references, strict=True)
        )


class ToOne(Struct, frozen=True):
    field: str
    target: str
    relation: Relation
    is_nullable: bool
    origin: Origin


class ToMany(Struct, frozen=True):
    rows: RowsField
    relation: Relation

    @property
    def field(self) -> str:
        return self.rows.field
