"""``@cursor``: a field that is the position of its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from handler.language.schema import AppliedDirective, FieldDef, Origin, RowsType, is_nullable
from handler.model.field import ModelField

if TYPE_CHECKING:
    from handler.model.builder import Builder
    from handler.model.tables import Table


class CursorField(ModelField, frozen=True):
    """The opaque position of a row in its list."""

    field: str
    is_nullable: bool
    origin: Origin

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        """Of the key, which a cursor holds."""
        return tables[owner].key_places


def read_cursor(
    builder: Builder, owner: RowsType, field_def: FieldDef, used: AppliedDirective
) -> CursorField:
    """The field."""
    return CursorField(field_def.name, is_nullable(field_def.type), field_def.origin)
