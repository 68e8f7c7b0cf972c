"""Relations: how the rows of one table lead to the rows of another."""

from __future__ import annotations

from handler.language.schema import Origin
from handler.model.lists import RowsField
from handler.records import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that belong to a row: ``columns`` here equal ``references`` there."""

    columns: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToOne:
    field: str
    target: str
    relation: Relation
    is_nullable: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class ToMany:
    rows: RowsField
    relation: Relation

    @property
    def field(self) -> str:
        return self.rows.field
